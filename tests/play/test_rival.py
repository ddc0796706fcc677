"""The pilot that a player is compared with."""

from __future__ import annotations

import pytest

pytest.importorskip("pygame")

from lunar_env.pilots import list_names
from lunar_env.play import LEVELS, Rival, level_named
from lunar_env.play.rival import best
from lunar_env.task import Task

SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    ("level", "mission", "phase", "pilot"),
    [
        ("throttle", "hakuto-r-m2", "terminal", "throttle-m2"),
        ("throttle", "slim", "terminal", "velocity-profile+kalman"),
        ("vector", "blue-ghost-m1", "approach", "vector-general"),
        ("hand", "hakuto-r-m2", "terminal", "vector-general"),
        pytest.param("vector", "chandrayaan-3", "powered", "fp2dg+kalman", marks=SLOW),
    ],
)
def test_the_best_pilot_of_what_is_flown(level, mission, phase, pilot):
    task = Task(mission, "ideal", phase=phase)
    chosen = level_named(level)
    assert best(chosen, task) == pilot
    assert pilot in list_names("pilots")
    flight = Rival().fly(chosen, task, 12345)
    assert not isinstance(flight, str), flight
    assert flight.pilot == pilot
    assert flight.outcome == "LANDED"
    assert flight.episode_key == 12345


def test_a_pilot_of_the_throttle_flies_at_every_level():
    task = Task("hakuto-r-m2", "ideal", phase="terminal")
    for level in LEVELS:
        flight = Rival("throttle-m2").fly(level, task, 12345)
        assert not isinstance(flight, str)
        assert flight.control == "throttle"


def test_who_cannot_fly_says_why():
    flight = Rival("hoverslamm+kalman").fly(LEVELS[0], Task("hakuto-r-m2", "ideal"), 1)
    assert isinstance(flight, str)
    assert "did you mean" in flight
