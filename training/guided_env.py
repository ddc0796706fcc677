"""An environment whose observations are what a guided policy sees, and its actions what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import gymnasium as gym
import numpy as np
from stable_baselines3.common.vec_env import VecEnvWrapper

from agents.gains import all_gains
from agents.guide import Guidance, Residual
from agents.guided import Guided
from agents.making import bounds, classical_pilot, control_of
from agents.policy_inputs import BELIEF_INPUTS, LAW_INPUTS
from lunar_env.envs.restoring import check_arrays
from lunar_env.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stable_baselines3.common.vec_env.base_vec_env import VecEnvStepReturn

    from agents.base import PilotState
    from agents.guided import Seen
    from lunar_env.adapters.sb3 import Sb3VecEnv
    from lunar_env.task import Task
    from training.config import PolicyConfig

__all__ = ["GuidedVecEnv", "guidance_of", "guided"]

_GUIDE: Final = "guide."
_RAW, _STARTS = f"{_GUIDE}observation", f"{_GUIDE}starts"


def guidance_of(policy: PolicyConfig, control: str) -> Guidance | None:
    """Return the guide of a run's policy, as its card has it; None for one without a guide.

    Parameters
    ----------
    policy : PolicyConfig
        What the network sees and says.
    control : str
        What is commanded: throttle or thrust_vector.

    Returns
    -------
    Guidance or None
        With the gains that the guide has now.
    """
    if policy.inputs == "observation":
        return None
    gains, missions = all_gains(policy.guide, control)
    residual, inputs = None, BELIEF_INPUTS
    if policy.output == "residual":
        residual = Residual(policy.residual_throttle, policy.residual_tilt_deg)
        inputs = (*BELIEF_INPUTS, *LAW_INPUTS)
    return Guidance(
        pilot=policy.guide, gains=gains, missions=missions, inputs=inputs, residual=residual
    )


def guided(policy: PolicyConfig, task: Task) -> Guided | None:
    """Return what a policy sees and says in a task; None for one that sees the observation.

    Raises
    ------
    ConfigError
        If there is no such guide, or it cannot fly the task.
    """
    settings = task.settings()
    fields, mission = settings.frame_fields, settings.mission
    guidance = guidance_of(policy, control_of(fields))
    if guidance is None:
        return None
    if task.history != 1:
        raise ConfigError(
            f"task.history = {task.history} must be 1 with policy.inputs = {policy.inputs!r}: the"
            " guide's filter remembers the past"
        )
    if policy.guide in bounds():
        raise ConfigError(
            f"policy.guide = {policy.guide!r} is given what no lander can observe; a guide must fly"
            " on observations alone, as velocity-profile+kalman does"
        )
    guide = classical_pilot(
        guidance.pilot,
        fields,
        guidance.gains_for(mission.name),
        mission.phases.named(settings.phase).tilt_max_deg,
        mission.name,
    )
    return Guided(guide, guidance.inputs, guidance.residual)


class GuidedVecEnv(VecEnvWrapper):
    """Shows what a guided policy sees, and turns what it says into commands.

    Parameters
    ----------
    env : Sb3VecEnv
        The landers of one world.
    eyes : Guided
        The guide in this world, and what the network has to do with it.

    Attributes
    ----------
    raw : ndarray of float32, shape (num_envs, obs_dim)
        The latest observations of `env`.
    """

    venv: Sb3VecEnv

    def __init__(self, env: Sb3VecEnv, eyes: Guided) -> None:
        count = len(eyes.names)
        space = gym.spaces.Box(-np.inf, np.inf, (count,), np.float32)
        super().__init__(env, space, env.action_space)
        self._eyes = eyes
        self.raw = np.zeros((env.num_envs, 1), np.float32)
        # The memory before the latest observation, from which `_seen` can be computed again.
        self._before: PilotState = ()
        self._starts = np.ones(env.num_envs, dtype=np.bool_)
        self._seen: Seen | None = None

    def reset(self) -> np.ndarray:
        """Begin an episode in every row; see `Sb3VecEnv.reset`."""
        if any(seed is not None for seed in self._seeds):
            self.venv._seeds = self._seeds
        self.venv._options = self._options
        self.raw = self.venv.reset()
        self.reset_infos = self.venv.reset_infos
        self._reset_seeds()
        self._reset_options()
        self._starts = np.ones(self.num_envs, dtype=np.bool_)
        self._seen = self._eyes.see(self.raw, None, self._starts)
        self._before = self._seen.memory
        return self._seen.inputs

    def step_async(self, actions: np.ndarray) -> None:
        """Keep what the policy says, one line per row, for `step_wait`."""
        assert self._seen is not None
        clipped = np.clip(actions, np.float32(-1.0), np.float32(1.0))
        self.venv.step_async(self._eyes.command(self._seen, clipped))

    def step_wait(self) -> VecEnvStepReturn:
        """Fly one control period; see `Sb3VecEnv.step_wait`."""
        assert self._seen is not None
        memory = self._seen.memory
        observation, rewards, dones, infos = self.venv.step_wait()
        self.raw = np.asarray(observation)
        ended = np.flatnonzero(dones)
        if ended.size:
            self._show_last(infos, ended, memory)
        self._before, self._starts = memory, dones
        self._seen = self._eyes.see(self.raw, memory, dones)
        return self._seen.inputs, rewards, dones, infos

    def _show_last(
        self, infos: list[dict[str, Any]], ended: np.ndarray, memory: PilotState
    ) -> None:
        """Replace last observations of episodes by what the policy sees of them."""
        last = np.stack([infos[row]["terminal_observation"] for row in ended])
        rows = tuple(array[ended] for array in memory)
        seen = self._eyes.see(last, rows, np.zeros(len(ended), dtype=np.bool_))
        for row, inputs in zip(ended, seen.inputs, strict=True):
            infos[row]["terminal_observation"] = inputs

    def outputs(self, command: np.ndarray) -> np.ndarray:
        """Return what the policy would have to say now for commands, see `Guided.outputs`."""
        assert self._seen is not None
        return self._eyes.outputs(self._seen, command)

    def state_arrays(self) -> dict[str, np.ndarray]:
        """Return the complete state of all rows, see `Sb3VecEnv.state_arrays`."""
        memory = {f"{_GUIDE}{k}": array.copy() for k, array in enumerate(self._before)}
        mine = {_RAW: self.raw.copy(), _STARTS: self._starts.copy()}
        return self.venv.state_arrays() | memory | mine

    def check_state_arrays(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Check what `load_state_arrays` is to be given; see `Sb3VecEnv.check_state_arrays`."""
        mine = {name: array for name, array in self.state_arrays().items() if _is_mine(name)}
        check_arrays({n: a for n, a in arrays.items() if _is_mine(n)}, mine)
        if not np.isfinite(arrays[_RAW]).all():
            raise ConfigError(f"array {_RAW!r} has values that are not finite")
        self.venv.check_state_arrays({n: a for n, a in arrays.items() if not _is_mine(n)})

    def load_state_arrays(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Put all rows back into a saved state; see `Sb3VecEnv.load_state_arrays`."""
        self.venv.load_state_arrays({n: a for n, a in arrays.items() if not _is_mine(n)})
        count = sum(name.startswith(_GUIDE) for name in arrays) - 2
        self._before = tuple(arrays[f"{_GUIDE}{k}"].copy() for k in range(count))
        self.raw, self._starts = arrays[_RAW].copy(), arrays[_STARTS].copy()
        self._seen = self._eyes.see(self.raw, self._before, self._starts)


def _is_mine(name: str) -> bool:
    return name.startswith(_GUIDE)
