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
from lunar_env.rendering.pygame_view import FRAME_SIZE, check_size
from lunar_env.rendering.viewer import Viewer
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

    The lander has six degrees of freedom, one or several engines, attitude thrusters and legs, and
    flies over rough ground. The observation holds what its computer knows, never the true state.

    Parameters
    ----------
    mission, scenario : str, path or spec
        A name (`lunar_env.list_missions`, `lunar_env.list_scenarios`), a TOML file or a spec.
    control : {"throttle", "thrust_vector", "actuators"}
        What the action commands; see the notes.
    phase : {"terminal", "approach", "powered"}
        Where episodes start; a mission may offer only some of these.
    history : int
        Number of frames that the observation stacks, the current one first.
    reward : mapping, optional
        Scales of `lunar_env.REWARD_TERMS`, and the discount ``gamma`` of the shaping potential.
    time_limit_s : float, optional
        Duration after which an episode is truncated [s]; by default the phase's, or the mission's.
    render_mode : {"human", "rgb_array"}, optional
        A window, in real time and with controls (key H), or images from `render`. Gymnasium's
        ``RecordVideo`` also needs moviepy, which no extra installs because it requires Pillow below
        version 12.
    render_size : tuple of int, optional
        Width and height of window or images [pixels]; the window can be resized.
    max_episode_steps : int, optional
        The same limit in steps; the one that is reached first applies.
    info : {"full", "numeric"}
        With the name of the outcome at the end of an episode, or without, for tools that stack
        infos.

    Notes
    -----
    **Control**: actions are clipped to [-1, 1]. With ``throttle`` an autopilot points the thrust
    against the velocity, and upwards near the ground, on the lander's own estimate. With
    ``thrust_vector`` it turns to the commanded direction; the tilt from the local vertical is
    ``min(1, hypot(tilt_east, tilt_north))`` times the largest tilt of the phase. With ``actuators``
    there is no autopilot: the action is the throttle of each engine, the angles of the gimbals and
    the torque of the attitude thrusters. A throttle a is the fraction u = (a + 1)/2 of installed
    thrust. If u is below the lowest throttle of the engine, the engine is off for u under half of
    that, and at its lowest throttle otherwise. For a pulsed engine u is the duty cycle. An engine
    that cannot restart stays off once it is off.

    **Phases**: ``terminal`` starts in the last kilometres, ``approach`` some kilometres from the
    target, ``powered`` at the beginning of the powered descent, hundreds of kilometres away at
    orbital speed. The observation has the same layout in each; some scales differ.

    **Sensors**: the rangefinder, and the other sensors of the lander: Doppler velocimeter
    (``dvl_*``), radar altimeter (``ralt_*``), a camera for terrain-relative navigation (``cam_*``).
    The observation holds the latest sample of each; `events` lists, for estimators, every sample of
    every sensor that arrived during the step, with its time stamp: an array of shape (n, 7) and the
    number of rows in use, see `lunar_env.envs.events.Events`.

    **Reward**: the sum of five terms, each times its scale: plus ``landed`` for a landing (0.3 for
    a hard one); minus ``impact`` for any other end, from 0 at the touchdown limits to 1 at twenty
    times the limits, on a logarithmic scale (1 without ground contact); minus ``softness`` for a
    landing, the square of the largest ratio of a touchdown quantity to its limit; minus
    ``propellant``, the kilograms used; plus ``shaping``, the change of a potential. ``info`` holds
    each as ``reward_<term>``.

    **Start**: the lander estimates that it is on the planned trajectory; the true state differs by
    the navigation error. ``reset(options=...)`` takes ``scenario``, ``phase`` (the environment's
    own), ``episode_key`` (with or without a sign) and ``start`` with any of ``height_m`` (above the
    level of the target: 1 m to three times the phase's highest start), ``v_vertical_m_s`` and
    ``v_lateral_m_s`` (-3000 to 3000) and ``nav_height_error_m`` (estimated minus true; both heights
    must stay in the range of ``height_m``).

    **Touchdown**: legs crush, stick, slide and break, and the lander may bounce or tip over. The
    episode ends not at the first contact but once the lander is at rest, on its side or destroyed.

    **End**: an episode is `terminated` with ``LANDED`` if the lander is at rest in the intended
    attitude, no leg is broken and every contact was within the survivable limits; with
    ``HARD_LANDING`` if only the last two fail; with ``TIPPED`` if it fell over or rests at another
    tilt; with ``CRASHED`` if a contact was beyond the hard limits (``FUEL_OUT`` instead of these
    two if the tanks were empty); with ``OUT_OF_BOUNDS`` above 1.5 times the start height or outside
    the box of the phase; with ``NUMERIC`` if a number is not finite. It is `truncated` only by the
    time limit (``TIME_LIMIT``). Empty tanks alone do not end an episode.

    **Info**: a new flat dict with the same keys at every reset and step, listed below. Values are
    Python ints or floats, always finite; all but ``episode_key`` and the reward terms are zero
    until the episode ends. Training libraries read ``is_success``. At the end ``outcome``, the name
    of the outcome, is added unless ``info="numeric"``. The touchdown quantities are those of the
    first or the fastest contact, with the margins to the limits.

    **Rendering**: any number of environments may have windows. Without a screen ``human`` is an
    error, unless ``SDL_VIDEODRIVER=dummy`` requests an invisible window.

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
        render_size: tuple[int, int] = FRAME_SIZE,
        max_episode_steps: int | None = None,
        info: str = "full",
        **unknown: object,
    ) -> None:
        reject_unknown(self, unknown)
        if render_mode is not None and render_mode not in _RENDER_MODES:
            raise ConfigError(
                f"unknown render_mode {render_mode!r} (available: {', '.join(_RENDER_MODES)})"
            )
        check_size(*render_size)
        what = mission, scenario, control, phase, history, reward, time_limit_s, max_episode_steps
        settings = resolve(*what)
        self._set_up(settings, info, rows=1, num_threads=1)
        self._simulator.world.report[NEEDS_RESET] = 1.0
        self.render_mode = render_mode
        self.observation_space = box_of(settings.observation_fields)
        self.action_space = box_of(settings.action_fields)
        self._action = np.zeros((1, len(settings.action_fields)))
        self._render_size = render_size
        self._renderer: Renderer | None = None
        self._viewer: Viewer | None = None
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
        if self.render_mode == "rgb_array":
            self._renderer = self._renderer or Renderer(*self._render_size)
            return self._renderer.rgb_array(self.snapshot())
        self._viewer = self._viewer or Viewer(*self._render_size)
        rate = self.metadata["render_fps"] * self.settings.mission.control_period_s
        if not self._viewer.show(self.snapshot(), rate):
            self.window_closed = True
            self.close()
        return None

    def close(self) -> None:
        """Close the window."""
        if self._viewer is not None:
            self._viewer.close()
            self._viewer = None


if LunarLandingEnv.__doc__ is not None:  # absent under python -OO
    LunarLandingEnv.__doc__ += tables()
