"""One lander as a Gymnasium environment."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from lunar_env.envs.options import parse
from lunar_env.envs.report import end_info, term_info
from lunar_env.envs.settings import MissionLike, ScenarioLike, reject_unknown, resolve
from lunar_env.envs.simulator import Simulator, key_of_seed
from lunar_env.envs.snapshot import take_snapshot
from lunar_env.envs.spaces import box_of, table_of
from lunar_env.errors import ConfigError
from lunar_env.kernel.rng import next_key
from lunar_env.rendering import Renderer
from lunar_env.sim.batch import DISABLED
from lunar_env.sim.fields import ACTION_FIELDS, OBSERVATION_FIELDS, PRIVILEGED_FIELDS, Field
from lunar_env.sim.world import OUTCOME, REWARD, TERMINATED, TRUNCATED

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LunarLandingEnv"]

ObsArray = NDArray[np.float32]
_RENDER_MODES = ("human", "rgb_array")


class LunarLandingEnv(gym.Env[ObsArray, NDArray[np.float32]]):
    """Land on the Moon with a rangefinder that may be late, silent or wrong.

    The action is the throttle of a six-degree-of-freedom lander; an attitude autopilot holds the
    thrust against the velocity and stands upright near the ground, on the lander's own estimate.
    The observation holds what a lander's computer knows, never the truth.

    Parameters
    ----------
    mission, scenario : str, path or spec
        A name (`lunar_env.list_missions`, `lunar_env.list_scenarios`), a TOML file or a spec.
    control : {"throttle"}
        What the action commands.
    phase : {"terminal"}
        Where episodes start.
    history : int
        Frames that the observation stacks, the current one first.
    reward : mapping, optional
        Scales of `lunar_env.REWARD_TERMS`, and ``gamma`` of the shaping potential.
    time_limit_s : float, optional
        Longest episode; the mission's by default.
    render_mode : {"human", "rgb_array"}, optional
        A window that follows every step, or images from `render`.

    Notes
    -----
    **Reward**: ``landed`` for a landing (0.3 of it for a hard one), minus ``impact`` by how far the
    limits were exceeded (in full for an end without contact), minus ``softness`` by the square of
    the worst touchdown ratio, minus ``propellant`` a kilogram, plus the ``shaping`` potential's
    difference; each in ``info["reward_terms"]``.

    **Start**: the lander believes that it is on its mission's plan; the truth differs by its
    navigation error. ``reset(options=...)`` takes ``scenario``, ``phase``, ``episode_key`` and
    ``start`` with any of ``height_m, v_vertical_m_s, v_lateral_m_s, nav_height_error_m``.

    **End**: `terminated` at the first contact of a pad, out of bounds (above 1.5 times the start
    height or outside the mission's box) or with a number that is not finite; `truncated` by the
    clock. ``info["outcome"]`` names the end; ``info["touchdown"]`` reports the contact, or is None.
    Running dry ends nothing by itself.

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
        **unknown: object,
    ) -> None:
        reject_unknown(unknown)
        if render_mode is not None and render_mode not in _RENDER_MODES:
            raise ConfigError(
                f"unknown render_mode {render_mode!r} (available: {', '.join(_RENDER_MODES)})"
            )
        self.settings = resolve(mission, scenario, control, phase, history, reward, time_limit_s)
        self.render_mode = render_mode
        self.observation_space = box_of(self.settings.observation_fields)
        self.action_space = box_of(self.settings.action_fields)
        self.pilot = ""
        """Name shown in the picture."""
        self._simulator = Simulator(self.settings, rows=1)
        self._action = np.zeros((1, 1))
        self._started = False
        self._renderer: Renderer | None = None
        self._trail: list[tuple[float, float]] = []

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
            ``episode_key``: what flies this episode again, 64 bits without sign.

        Raises
        ------
        ConfigError
            Where an option is unknown or out of range.
        """
        super().reset(seed=seed)
        parsed = parse(options, self.settings, 1, vector=False)
        world = self._simulator.world
        if parsed.keys is not None:
            world.key[0] = parsed.keys[0]
        elif seed is not None:
            world.key[0] = key_of_seed(seed)
        elif self._started:
            world.key[0] = next_key(world.key[0])
        else:
            world.key[0] = self.np_random.integers(2**64, dtype=np.uint64)
        index = self._simulator.scenario_index(parsed.scenario)
        self._simulator.reset(parsed.mask, index, parsed.start)
        self._started = True
        self._trail.clear()
        if self.render_mode == "human":
            self.render()
        return self._observation(), {"episode_key": self._simulator.world.key[0]}

    def step(
        self, action: NDArray[np.float32]
    ) -> tuple[ObsArray, float, bool, bool, dict[str, Any]]:
        """Fly for one control period.

        Parameters
        ----------
        action : ndarray of float32, shape (1,)
            Throttle [-]; clipped to [-1, 1].

        Returns
        -------
        observation, reward, terminated, truncated, info
            As Gymnasium defines them.

        Raises
        ------
        ConfigError
            Where the action has another shape or is not finite.
        ResetNeeded
            Before the first `reset`.
        """
        if not self._started:
            raise gym.error.ResetNeeded("call reset() before step()")
        given = np.asarray(action)
        if given.shape != (1,):
            raise ConfigError(f"action has shape {given.shape}, must be (1,)")
        throttle = float(given[0])
        if not math.isfinite(throttle):
            raise ConfigError(f"action = {throttle} must be finite")
        self._action[0, 0] = throttle
        self._simulator.step(self._action, DISABLED)
        row = self._simulator.world.memory[0]
        terminated, truncated = bool(row[TERMINATED]), bool(row[TRUNCATED])
        info: dict[str, Any] = end_info(self._simulator) if terminated or truncated else {}
        info["reward_terms"] = term_info(self._simulator)
        if self.render_mode == "human":
            self.render()
        return self._observation(), float(row[REWARD]), terminated, truncated, info

    def _observation(self) -> ObsArray:
        return np.array(self._simulator.world.observation[0])

    @property
    def privileged(self) -> NDArray[np.float64]:
        """True state, named by `lunar_env.PRIVILEGED_FIELDS`; for critics and evaluation."""
        truth: NDArray[np.float64] = self._simulator.reveal()[0]
        truth[-1] = self._simulator.world.memory[0, OUTCOME]
        return truth

    @property
    def final_privileged(self) -> NDArray[np.float64]:
        """True state at the last end."""
        return np.array(self._simulator.world.final_privileged[0])

    @property
    def observation_fields(self) -> tuple[Field, ...]:
        """Every element of the observation, past frames included."""
        return self.settings.observation_fields

    @property
    def action_fields(self) -> tuple[Field, ...]:
        """Every element of the action."""
        return self.settings.action_fields

    def render(self) -> NDArray[np.uint8] | None:
        """Draw the present instant: an image, or the window in ``human`` mode."""
        if self.render_mode is None:
            gym.logger.warn("render() needs a render_mode: gym.make(id, render_mode='rgb_array')")
            return None
        if not self._started:
            raise gym.error.ResetNeeded("call reset() before render()")
        self._renderer = self._renderer or Renderer()
        snapshot = take_snapshot(self._simulator, self._trail, self.pilot)
        if self.render_mode == "rgb_array":
            return self._renderer.rgb_array(snapshot)
        self._renderer.show(snapshot, self.metadata["render_fps"])
        return None

    def close(self) -> None:
        """Close the window."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None


if LunarLandingEnv.__doc__ is not None:  # absent under python -OO
    LunarLandingEnv.__doc__ += (
        f"\n    Action\n    ------\n{table_of(ACTION_FIELDS)}\n"
        f"\n    Observation (one frame)\n    -----------\n{table_of(OBSERVATION_FIELDS)}\n"
        f"\n    Privileged\n    ----------\n{table_of(PRIVILEGED_FIELDS)}\n"
    )
