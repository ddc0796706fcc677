"""One lander as a Gymnasium environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from lunar_env.envs.actions import checked_action
from lunar_env.envs.options import checked_seed, parse
from lunar_env.envs.settings import MissionLike, ScenarioLike, reject_unknown, resolve
from lunar_env.envs.spaces import box_of, tables
from lunar_env.envs.views import Views
from lunar_env.errors import ConfigError
from lunar_env.rendering import Renderer
from lunar_env.rendering.window import require_screen
from lunar_env.sim.step import DISABLED
from lunar_env.sim.world import NEEDS_RESET, REWARD, TERMINATED, TERMS, TRUNCATED

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LunarLandingEnv"]

ObsArray = NDArray[np.float32]
_RENDER_MODES = ("human", "rgb_array")


class LunarLandingEnv(Views, gym.Env[ObsArray, NDArray[np.float32]]):
    """Land on the Moon with a rangefinder that may be late, silent or wrong.

    The lander has six degrees of freedom, a cluster of engines, attitude thrusters and legs, and
    flies over real relief. The observation holds what its computer knows, never the truth.

    Parameters
    ----------
    mission, scenario : str, path or spec
        A name (`lunar_env.list_missions`, `lunar_env.list_scenarios`), a TOML file or a spec.
    control : {"throttle", "thrust_vector", "actuators"}
        What the action commands, see below.
    phase : {"terminal", "approach", "powered"}
        Where episodes start; a mission offers some of them.
    history : int
        Frames that the observation stacks, the current one first.
    reward : mapping, optional
        Scales of `lunar_env.REWARD_TERMS`, and ``gamma`` of the shaping potential.
    time_limit_s : float, optional
        Longest episode; by default the phase's, or the mission's.
    render_mode : {"human", "rgb_array"}, optional
        A window that follows every step, or images from `render`. Gymnasium's ``RecordVideo`` needs
        moviepy as well, which no extra installs because it holds Pillow below version 12.
    max_episode_steps : int, optional
        Longest episode in steps; it ends by the clock after whichever limit comes first.
    info : {"full", "numeric"}
        With or without the name of the outcome at ends, for tools that stack infos.

    Notes
    -----
    **Control**: every action is in [-1, 1]; beyond is clipped. With ``throttle`` an autopilot
    holds the thrust against the velocity, and upright near the ground, by the lander's own
    estimate. With ``thrust_vector`` it slews to the commanded direction: the tilt from the local
    vertical is ``min(1, hypot(tilt_east, tilt_north))`` of the phase's largest. With ``actuators``
    there is no autopilot: each engine's throttle, the gimbals of those that have one, and the
    torque of the attitude thrusters. A throttle is the fraction u = (a + 1)/2 of installed thrust;
    below the band's floor it is off under half of it, else the floor; a pulsed engine's is its
    duty; an engine that cannot restart stays off.

    **Phases**: ``terminal`` starts in the last kilometres, ``approach`` some kilometres from the
    target, ``powered`` at the beginning of the powered descent, hundreds of kilometres away at
    orbital speed. The observation has the same layout in each, its scales follow the size.

    **Sensors**: the rangefinder, and the other sensors of the lander: Doppler velocimeter
    (``dvl_*``), radar altimeter (``ralt_*``), a camera for terrain-relative navigation (``cam_*``).
    The observation shows the last arrival of each; `events` lists, for estimators, every sample of
    every sensor that arrived in the step, with its stamp: (n, 7) numbers and how many rows count,
    see `lunar_env.envs.events.Events`.

    **Reward**: ``landed`` for a landing (0.3 of it for a hard one), minus ``impact`` by how far the
    limits were exceeded (in full for an end without contact), minus ``softness`` by the square of
    the worst touchdown ratio, minus ``propellant`` a kilogram, plus the ``shaping`` potential's
    difference; each in ``info`` as ``reward_<term>``.

    **Start**: the lander believes that it is on its mission's plan; the truth differs by its
    navigation error. ``reset(options=...)`` takes ``scenario``, ``phase`` (the environment's own),
    ``episode_key`` (with or without a sign) and ``start`` with any of ``height_m`` (above the level
    of the target: 1 m to three times the phase's highest start), ``v_vertical_m_s`` and
    ``v_lateral_m_s`` (-3000 to 3000) and ``nav_height_error_m`` (what is believed minus what is
    true: such that neither height leaves the range of the first).

    **Touchdown**: legs crush, stick, slide and break, and the lander may bounce or tip over. The
    episode does not end at the first contact but when the lander has come to rest, lies on its
    side, or is destroyed.

    **End**: `terminated` with ``LANDED`` at rest in the intended attitude, legs whole, the
    contacts within the survivable limits, or else ``HARD_LANDING``; with ``TIPPED`` fallen over
    or at rest at another tilt, ``CRASHED`` for a contact beyond the hard limits (``FUEL_OUT`` for
    both where the tanks were empty and it did not land), ``OUT_OF_BOUNDS`` above 1.5 times the
    start height or outside the phase's box, ``NUMERIC`` for a number that is not finite;
    `truncated` by the clock alone (``TIME_LIMIT``). Running dry ends nothing by itself.

    **Info**: a fresh flat dict with the same keys at every reset and step, listed below: Python's
    int or float, always finite, and all but ``episode_key`` and the reward terms zero until the
    episode ends. ``is_success`` is what trainers look for. At an end ``outcome`` is added, the name
    of the outcome, unless ``info="numeric"``. The touchdown gives the motion at first contact and
    the fastest of its bounces, and the margins to the limits.

    **Rendering**: any number of environments may have windows. Where there is no screen, ``human``
    is an error, unless ``SDL_VIDEODRIVER=dummy`` asks for an invisible window.

    **Version history**: v0, may change until version 0.1 of the package.

    Examples
    --------
    >>> import gymnasium as gym, lunar_env
    >>> env = gym.make("LunarEnv/ThrottleLanding-v0", scenario="ideal")
    >>> observation, info = env.reset(seed=1)
    >>> observation.shape == env.observation_space.shape
    True
    """

    metadata: dict[str, Any] = {"render_modes": list(_RENDER_MODES), "render_fps": 5}  # noqa: RUF012

    def __init__(
        self,
        mission: MissionLike = "hakuto-r-m2",
        scenario: ScenarioLike = "late-acquisition",
        control: str = "throttle",
        phase: str = "terminal",
        history: int = 1,
        reward: Mapping[str, float] | None = None,
        time_limit_s: float | None = None,
        render_mode: str | None = None,
        max_episode_steps: int | None = None,
        info: str = "full",
        **unknown: object,
    ) -> None:
        reject_unknown(self, unknown)
        if render_mode is not None and render_mode not in _RENDER_MODES:
            raise ConfigError(
                f"unknown render_mode {render_mode!r} (available: {', '.join(_RENDER_MODES)})"
            )
        what = mission, scenario, control, phase, history, reward, time_limit_s, max_episode_steps
        settings = resolve(*what)
        self._set_up(settings, info, rows=1, num_threads=1)
        self._simulator.world.report[NEEDS_RESET] = 1.0
        self.render_mode = render_mode
        self.observation_space = box_of(settings.observation_fields)
        self.action_space = box_of(settings.action_fields)
        self._action = np.zeros((1, len(settings.action_fields)))
        self._renderer: Renderer | None = None
        self.window_closed = False
        """Whether the user has closed the window; the flight continues without it."""

    def _shown(self, rows: NDArray[Any]) -> NDArray[Any]:
        first: NDArray[Any] = rows[0]
        return first

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[ObsArray, dict[str, Any]]:
        """Begin an episode.

        Parameters
        ----------
        seed : int, optional
            Names the episode; without it the next one follows from the last one's key.
        options : dict, optional
            See the class.

        Returns
        -------
        observation : ndarray of float32
            The first observation.
        info : dict
            See the class.

        Raises
        ------
        ConfigError
            Where an option is unknown or out of range.
        LunarEnvError
            Where a window cannot be opened, in ``human`` mode.
        """
        if self.render_mode == "human":
            require_screen()
        parsed = parse(options, self.settings, 1, vector=False)
        own = checked_seed(seed)
        super().reset(seed=own)
        self._begin(parsed, [own], self.np_random)
        if self.render_mode == "human":
            self.render()
        return self._observation(), self._report.begin()

    def step(
        self, action: NDArray[np.float32]
    ) -> tuple[ObsArray, float, bool, bool, dict[str, Any]]:
        """Fly for one control period.

        Parameters
        ----------
        action : ndarray of float32, shape (n,)
            Named by `action_fields` [-]; clipped to [-1, 1].

        Returns
        -------
        observation, reward, terminated, truncated, info
            As Gymnasium defines them.

        Raises
        ------
        ConfigError
            Where the action has another shape or is not finite.
        ResetNeeded
            Before the first `reset`, or after the end of the episode.
        """
        if self._simulator.world.report[NEEDS_RESET, 0] > 0.0:
            over = "the episode has ended: " if self._started[0] else ""
            raise gym.error.ResetNeeded(f"{over}call reset() before step()")
        self._action[0] = checked_action(action, self._action.shape[1])
        self._simulator.step(self._action, DISABLED)
        # For so few numbers Python is faster than NumPy.
        told = self._simulator.world.report[:, 0].tolist()
        terminated, truncated = told[TERMINATED] > 0.0, told[TRUNCATED] > 0.0
        info = self._report.step(told[TERMS:REWARD], ended=terminated or truncated)
        if self.render_mode == "human":
            self.render()
        return self._observation(), told[REWARD], terminated, truncated, info

    def render(self) -> NDArray[np.uint8] | None:
        """Draw the present instant: an image, or the window in ``human`` mode.

        Once the user has closed the window, `window_closed` is true and nothing is drawn.
        """
        if self.render_mode is None:
            gym.logger.warn("render() needs a render_mode: gym.make(id, render_mode='rgb_array')")
            return None
        if not self._started[0]:
            raise gym.error.ResetNeeded("call reset() before render()")
        if self.window_closed:
            return None
        self._renderer = self._renderer or Renderer()
        if self.render_mode == "rgb_array":
            return self._renderer.rgb_array(self.snapshot())
        if not self._renderer.show(self.snapshot(), self.metadata["render_fps"]):
            self.window_closed = True
            self.close()
        return None

    def close(self) -> None:
        """Close the window."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None


if LunarLandingEnv.__doc__ is not None:  # absent under python -OO
    LunarLandingEnv.__doc__ += tables()
