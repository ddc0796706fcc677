"""A scripted vector environment."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space


class ScriptedVectorEnv(VectorEnv):
    """Row i ends after `lengths[i]` steps, by the clock where `by_clock[i]`.

    The observation is (row, episode, step), the reward the step number.
    """

    def __init__(self, lengths, by_clock, mode=AutoresetMode.SAME_STEP):
        self.num_envs = len(lengths)
        self.metadata = {"autoreset_mode": mode}
        self.single_observation_space = spaces.Box(-100, 100, (3,), np.float32)
        self.single_action_space = spaces.Box(-1, 1, (1,), np.float32)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self.lengths, self.by_clock = np.array(lengths), np.array(by_clock)
        self.reset_arguments: list[tuple[Any, Any]] = []
        self.scale = 1.0

    def _observe(self):
        rows = np.arange(self.num_envs)
        return np.stack([rows, self.episode, self.steps], axis=1).astype(np.float32)

    def reset(self, *, seed=None, options=None):
        self.reset_arguments.append((seed, options))
        self.episode = np.zeros(self.num_envs, np.int64)
        self.steps = np.zeros(self.num_envs, np.int64)
        return self._observe(), {"episode_key": np.arange(self.num_envs, dtype=np.uint64)}

    def step(self, actions):
        self.steps += 1
        reward = self.scale * self.steps.astype(np.float64)
        done = self.steps >= self.lengths
        info: dict[str, Any] = {}
        if done.any():
            final = np.full(self.num_envs, None, dtype=object)
            for row in np.flatnonzero(done):
                final[row] = self._observe()[row]
            landed = done & ~self.by_clock
            info = {
                "final_obs": final,
                "_final_obs": done,
                "final_info": {
                    "is_success": landed.astype(np.int64),
                    "_is_success": done,
                    "v_vertical_m_s": np.where(landed, 1.5, 0.0),
                    "_v_vertical_m_s": done,
                },
                "_final_info": done,
            }
            self.episode[done] += 1
            self.steps[done] = 0
        return self._observe(), reward, done & ~self.by_clock, done & self.by_clock, info

    def double(self):
        return 2 * np.arange(self.num_envs)


@pytest.fixture
def scripted_env():
    return ScriptedVectorEnv
