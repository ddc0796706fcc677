"""The limit that the error of the believed velocity sets."""

from __future__ import annotations

import numpy as np
import pytest

from lunar_env.errors import ConfigError
from lunar_env.pilots import resolve
from lunar_env.task import Task
from training.velocity_limit import VelocityLimit, velocity_limit

TASK = Task("hakuto-r-m2", "noisy", control="throttle", phase="terminal")


def limit_of(name):
    entry = resolve(name, TASK)
    return velocity_limit(entry.pilot, entry.task, 8, seed=1)


def test_the_share_counts_errors_that_the_legs_survive():
    assert VelocityLimit(np.array([0.2, 1.0, 1.2, 3.0]), 1.0).share == 0.5


def test_a_pilot_that_knows_the_true_state_is_not_limited():
    found = limit_of("hoverslam+oracle")
    assert found.survivable_m_s == 1.0
    assert found.error_m_s == pytest.approx(np.zeros(8), abs=1e-3)
    assert found.share == 1.0


def test_a_filter_without_a_velocimeter_has_the_error_of_its_dead_reckoning():
    # Two axes of some 0.1 to 0.5 m/s: the drawn error of the start and the inertial unit's.
    error = limit_of("hoverslam+kalman").error_m_s
    assert 0.02 < np.sqrt(np.mean(error**2)) < 1.0
    assert len(np.unique(error)) == 8


def test_a_pilot_without_a_filter_is_rejected_by_name():
    with pytest.raises(ConfigError, match=r"'ppo-m2-late-acquisition' has no .*give law\+filter"):
        limit_of("ppo-m2-late-acquisition")
