"""A scripted vector environment, and made-up landings with known statistics."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from training.results import MARGINS, SCHEMA


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


def landings_table(pilot, scenario, landed, *, recoverable=None, speed=None, traces=0):
    """Make up a table of landings; columns that are not given hold 1."""
    count = len(landed)
    landed = np.array(landed, dtype=np.bool_)
    table: dict[str, np.ndarray] = {field.name: np.ones(count) for field in SCHEMA}
    columns: dict[str, np.ndarray] = {
        "pilot": np.full(count, pilot, dtype=object),
        "mission": np.full(count, "hakuto-r-m2", dtype=object),
        "scenario": np.full(count, scenario, dtype=object),
        "outcome": np.where(landed, "LANDED", "CRASHED").astype(object),
        "cause": np.where(landed, "", "too fast").astype(object),
        "landing": np.arange(count),
        "seed": np.arange(count) + 100,
        "episode_key": np.arange(count, dtype=np.uint64) + 2**63,
        "landed": landed,
        "contact": np.ones(count, dtype=np.bool_),
        "recoverable": np.ones(count, np.bool_) if recoverable is None else np.array(recoverable),
        "speed_m_s": np.where(landed, 1.0, 20.0) if speed is None else np.array(speed, float),
    }
    table |= columns
    table["v_vertical_m_s"] = table["speed_m_s"].copy()
    for name in MARGINS:
        table[f"margin_{name}"] = 3.0 - table["speed_m_s"]
    for name, values in (("trace_time_s", [0, 30, 60]), ("trace_height_m", [3000, 900, 0])):
        column = np.full(count, None, dtype=object)
        for row in range(traces):
            column[row] = np.array(values, dtype=np.float32)
        table[name] = column
    return table


@pytest.fixture
def make_landings():
    return landings_table
