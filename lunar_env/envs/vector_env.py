"""A batch of landers as a Gymnasium vector environment, native in the kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from lunar_env.envs.actions import checked_actions
from lunar_env.envs.lookout import Lookout
from lunar_env.envs.options import autoreset, parse, row_seeds
from lunar_env.envs.settings import MissionLike, ScenarioLike, reject_unknown, resolve
from lunar_env.envs.spaces import box_of
from lunar_env.envs.values import whole
from lunar_env.envs.views import Views
from lunar_env.errors import ConfigError
from lunar_env.rendering import Renderer
from lunar_env.rendering.pygame_view import FRAME_SIZE, check_size
from lunar_env.sim.step import DISABLED, NEXT_STEP, SAME_STEP
from lunar_env.sim.world import NEEDS_RESET, OUTCOME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["LunarLandingVectorEnv"]

ObsArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]
_MODES = {
    AutoresetMode.DISABLED: DISABLED,
    AutoresetMode.NEXT_STEP: NEXT_STEP,
    AutoresetMode.SAME_STEP: SAME_STEP,
}


class LunarLandingVectorEnv(Views, VectorEnv[ObsArray, NDArray[np.float32], NDArray[Any]]):
    """Many landers in one call; row `i` of ``reset(seed=s)`` is the episode of seed ``s + i``.

    Results do not depend on `num_envs` or threads. Keywords are those of `LunarLandingEnv`, and:

    Parameters
    ----------
    num_envs : int
        Number of rows.
    num_threads : int, optional
        Threads for a step; by default all that Numba may use.
    autoreset_mode : AutoresetMode or str
        ``NEXT_STEP``, ``SAME_STEP`` (with ``final_obs`` and ``final_info``) or ``DISABLED`` (reset
        ended rows with ``reset(options={"reset_mask": mask})``).

    `events` has the samples of all rows that arrived in the step, (num_envs, n, 7), and how many.
    ``info`` has an array of one entry a row for each key of `LunarLandingEnv`, and its mask, as
    Gymnasium's own vector environments make them. Under ``SAME_STEP`` a row that ended reports its
    end in ``final_info``, in addition to the beginning of its next episode.
    `render` draws a picture of every row.
    A row keeps the scenario of its last `reset` through automatic resets.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 5}  # noqa: RUF012

    def __init__(
        self,
        num_envs: int = 1,
        mission: MissionLike = "hakuto-r-m2",
        scenario: ScenarioLike = "late-acquisition",
        control: str = "throttle",
        phase: str = "terminal",
        history: int = 1,
        reward: Mapping[str, float] | None = None,
        time_limit_s: float | None = None,
        render_mode: str | None = None,
        render_size: tuple[int, int] = FRAME_SIZE,
        num_threads: int | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        max_episode_steps: int | None = None,
        info: str = "full",
        **unknown: object,
    ) -> None:
        reject_unknown(self, unknown)
        num_envs = whole("num_envs", num_envs, 1)
        if render_mode not in (None, "rgb_array"):
            raise ConfigError(f"unknown render_mode {render_mode!r} (available: rgb_array)")
        check_size(*render_size)
        what = mission, scenario, control, phase, history, reward, time_limit_s, max_episode_steps
        settings = resolve(*what)
        self._set_up(settings, info, num_envs, num_threads)
        self.num_envs = num_envs
        self.render_mode = render_mode
        self.autoreset_mode = autoreset(autoreset_mode)
        self.metadata = {**type(self).metadata, "autoreset_mode": self.autoreset_mode}
        self.single_observation_space = box_of(settings.observation_fields)
        self.single_action_space = box_of(settings.action_fields)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._render_size = render_size
        self._renderer: Renderer | None = None
        self._lookouts: list[Lookout] = []

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[ObsArray, dict[str, Any]]:
        """Begin episodes in all rows, or in those of ``options["reset_mask"]``.

        Parameters
        ----------
        seed : int or sequence of int, optional
            Row `i` gets ``seed + i``, or its own; None continues from the row's last key.
        options : dict, optional
            ``reset_mask``, and those of `LunarLandingEnv`; ``episode_key`` takes one a row.

        Returns
        -------
        observation : ndarray of float32, shape (num_envs, n)
            Of all rows.
        info : dict
            As of a step, of the rows that were reset.

        Raises
        ------
        ConfigError
            Where an option is unknown or out of range.
        """
        parsed = parse(options, self.settings, self.num_envs, vector=True)
        seeds = row_seeds(seed, self.num_envs)
        super().reset(seed=seeds[0])
        self._begin(parsed, seeds, self.np_random)
        return self._observation(), self._report.begin_rows(parsed.mask)

    def step(
        self, actions: NDArray[np.float32]
    ) -> tuple[ObsArray, NDArray[Any], NDArray[Any], NDArray[Any], dict[str, Any]]:
        """Fly every row for one control period.

        Parameters
        ----------
        actions : ndarray of float32, shape (num_envs, n)
            Named by `action_fields` [-]; clipped to [-1, 1].

        Returns
        -------
        observations, rewards, terminated, truncated, infos
            As Gymnasium defines them for the autoreset mode.

        Raises
        ------
        ConfigError
            Where the actions have another shape, hold no numbers, or one is not finite.
        ResetNeeded
            Before the first `reset`, or for an ended row without automatic reset.
        """
        if not self._all_started:
            raise gym.error.ResetNeeded("call reset() before step()")
        given = checked_actions(actions, self.num_envs, len(self.settings.action_fields))
        sim, mode = self._simulator, _MODES[self.autoreset_mode]
        if mode == DISABLED and sim.ended.any():
            rows = np.flatnonzero(sim.ended)[:5].tolist()
            raise gym.error.ResetNeeded(f"rows {rows} have ended; reset them with 'reset_mask'")
        sim.step(given, mode)
        ended = sim.ended
        info = self._report.step_rows(ended, mode)
        if "final_info" in info:
            info |= self._final_observations(ended)
            # Reported above; the new episode has begun.
            sim.world.report[NEEDS_RESET, ended] = 0.0
            sim.world.report[OUTCOME, ended] = 0.0
        return self._observation(), sim.rewards, sim.terminated, sim.truncated, info

    def _final_observations(self, ended: BoolArray) -> dict[str, Any]:
        final = np.full(self.num_envs, None, dtype=object)
        for i in np.flatnonzero(ended):
            final[i] = self._simulator.world.final_observation[i].copy()
        return {"final_obs": final, "_final_obs": ended}

    def privileged_of(self, rows: BoolArray) -> NDArray[np.float64]:
        """Return `privileged` of some rows, at a share of the price.

        Parameters
        ----------
        rows : ndarray of bool, shape (num_envs,)
            Which.

        Returns
        -------
        ndarray of float64, shape (k, P)
            One line for each of them.
        """
        return self._simulator.reveal(rows)

    def glimpse(self, names: Sequence[str], rows: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """Return true quantities where the simulation keeps them, at next to no price.

        Parameters
        ----------
        names : sequence of str
            Record and field, such as ``state.mass`` [kg], ``episode.height`` [m],
            ``unit.dropout`` [-]; units and frames are those of the records.
        rows : ndarray of int, shape (k,)
            Which.

        Returns
        -------
        ndarray of float64, shape (k, len(names))
            At the end of the last step.

        Raises
        ------
        KeyError
            If there is no such record or field.
        """
        return self._simulator.glimpse(names, rows)

    def render(self) -> tuple[NDArray[np.uint8], ...] | None:
        """Draw every row as an image, in their order.

        Raises
        ------
        ResetNeeded
            Before the first `reset`.
        """
        if self.render_mode is None:
            gym.logger.warn("render() needs render_mode='rgb_array'")
            return None
        if not self._all_started:
            raise gym.error.ResetNeeded("call reset() before render()")
        self._renderer = self._renderer or Renderer(*self._render_size)
        self._lookouts = self._lookouts or [
            Lookout(self._simulator, row) for row in range(self.num_envs)
        ]
        shots = (
            lookout.snapshot(self.pilot, None if row else self.belief)
            for row, lookout in enumerate(self._lookouts)
        )
        return tuple(self._renderer.rgb_array(shot) for shot in shots)

    def close_extras(self, **_kwargs: Any) -> None:
        """Free the renderer."""
        self._renderer = None
