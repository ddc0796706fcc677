"""Shipped policies load from their files and fly what their cards say."""

from __future__ import annotations

import numpy as np
import pytest

from agents import LearnedPilot, list_pilots
from agents.registry import WEIGHTS
from lunar_env import LunarLandingEnv, LunarLandingVectorEnv
from lunar_env.pilots import choose, resolve
from lunar_env.task import Task

NAMES = [name for name in list_pilots() if "+" not in name]
MOST_BYTES = 2_000_000


@pytest.mark.parametrize("name", NAMES)
def test_shipped_policies_load_and_fly(name):
    _, task = choose(name)
    entry = resolve(name, task)
    assert isinstance(entry.pilot, LearnedPilot)
    env = LunarLandingEnv(**entry.task.keywords())
    observation, _ = env.reset(seed=0)
    action, _ = entry.pilot.predict(observation[np.newaxis])
    assert env.action_space.contains(action[0])


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_policy_is_small_and_says_how_it_was_made(name):
    for suffix in (".safetensors", ".json"):
        assert (WEIGHTS / f"{name}{suffix}").stat().st_size < MOST_BYTES
    _, task = choose(name)
    card = resolve(name, task).pilot.card
    assert card.training["command"].startswith("python -m training train")
    assert card.scores["bench"]["landings"] >= 1000
    if card.guidance is not None:
        assert card.training["seconds"] > 0


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("throttle-m2", Task("hakuto-r-m2", "noisy")),
        (
            "vector-general",
            Task("blue-ghost-m1", "noisy", control="thrust_vector", phase="approach"),
        ),
        ("vector-general", Task("hakuto-r-m2", "noisy", control="thrust_vector")),
    ],
)
def test_a_shipped_policy_lands_a_healthy_lander(name, task):
    entry = resolve(name, task)
    env = LunarLandingVectorEnv(16, **entry.task.keywords())
    observation, _ = env.reset(seed=1)
    over, landed, state = np.zeros(16, dtype=np.bool_), np.zeros(16, dtype=np.bool_), None
    starts = np.ones(16, dtype=np.bool_)
    while not over.all():
        action, state = entry.pilot.predict(observation, state, starts)
        observation, _, terminated, truncated, info = env.step(action)
        ended = terminated | truncated
        landed |= ended & ~over & (info["is_success"] > 0)
        starts, over = np.zeros(16, dtype=np.bool_), over | ended
    assert landed.sum() >= 15
