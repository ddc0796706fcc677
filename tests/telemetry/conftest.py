"""Short flights that were recorded."""

from __future__ import annotations

import numpy as np
import pytest

from lunar_env import LunarLandingEnv
from lunar_env.telemetry import Recorder


def fly(recorder, *, most=10_000, **reset):
    """Fly random actions until the end, or for so many steps."""
    generator = np.random.default_rng(7)
    recorder.reset(**reset)
    (width,) = recorder.action_space.shape
    for _ in range(most):
        *_, terminated, truncated, _ = recorder.step(generator.uniform(-1.2, 1.2, width))
        if terminated or truncated:
            break
    return recorder.flight


@pytest.fixture(name="fly")
def fly_fixture():
    return fly


@pytest.fixture(scope="session")
def flight():
    return fly(Recorder(LunarLandingEnv(scenario="noisy")), seed=3)
