"""Shipped policies load from their files and fly."""

from __future__ import annotations

import numpy as np
import pytest

from agents import LearnedPilot, list_pilots, make_pilot
from lunar_env import LunarLandingEnv


@pytest.mark.parametrize("name", [name for name in list_pilots() if "+" not in name])
def test_shipped_policies_load_and_fly(name):
    pilot = make_pilot(name)
    assert isinstance(pilot, LearnedPilot)
    env = LunarLandingEnv(history=pilot.card.history)
    observation, _ = env.reset(seed=0)
    action, _ = pilot.predict(observation[np.newaxis])
    assert env.action_space.contains(action[0])
