"""Instants between those that were simulated, and films of any rate."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lunar_env import LunarLandingEnv
from lunar_env.rendering.attitude import between as turned
from lunar_env.rendering.attitude import quaternion, rotation
from lunar_env.rendering.between import between, follows
from lunar_env.rendering.pace import paced
from tests.rendering.snapshots import BLIND, LANDED, lean

if TYPE_CHECKING:
    from lunar_env.rendering.snapshot import Snapshot

LATER = BLIND._replace(
    time_s=12.6, height_m=2391.4, outcome="FLYING", attitude=lean(0.05), beam_state="TRACK"
)


def flown(control: str, phase: str, mission: str, steps: int = 13) -> list[Snapshot]:
    env = LunarLandingEnv(mission, "ideal", control, phase)
    env.reset(seed=1)
    action = np.zeros(env.action_space.shape, np.float32)
    shots = [env.snapshot()]
    for _ in range(steps - 1):
        env.step(action)
        shots.append(env.snapshot())
    return shots


@pytest.mark.parametrize(
    ("control", "phase", "mission"),
    [
        ("throttle", "terminal", "hakuto-r-m2"),
        ("thrust_vector", "approach", "blue-ghost-m1"),
        ("thrust_vector", "powered", "chandrayaan-3"),
    ],
)
def test_an_instant_between_is_where_the_lander_was(control: str, phase: str, mission: str) -> None:
    """Every second instant is left out and made from its neighbours."""
    shots = flown(control, phase, mission)
    for k in range(3, len(shots) - 1, 2):  # after the engine has started
        made, true = between(shots[k - 1], shots[k + 1], 0.5), shots[k]
        assert made.time_s == pytest.approx(true.time_s)
        assert made.height_m == pytest.approx(true.height_m, abs=0.05)
        assert made.x_m == pytest.approx(true.x_m, abs=0.05)
        assert np.dot(made.attitude, true.attitude) ** 2 > 1.0 - 1e-5


def test_the_ends_are_the_instants_themselves() -> None:
    assert between(BLIND, LATER, 0.0) is BLIND
    assert between(BLIND, LATER, 1.0) is LATER
    assert between(BLIND, LATER, 1.5) is LATER


def test_what_changes_in_steps_is_as_before() -> None:
    made = between(BLIND, LATER, 0.9)
    assert made.beam_state == "SEARCH"
    assert made.log == BLIND.log
    assert math.isnan(made.first_fix_height_m)
    assert made.time_s == pytest.approx(12.58)


@pytest.mark.parametrize("name", ["height_m", "x_m", "v_vertical_m_s", "believed_height_m", "y_m"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -1e30])
def test_numbers_that_are_none_make_no_trouble(name: str, value: float) -> None:
    between(BLIND._replace(**{name: value}), LATER, 0.3)
    between(BLIND, LATER._replace(**{name: value}), 0.3)


def test_only_instants_of_one_flight_follow_each_other() -> None:
    assert follows(BLIND, LATER)
    assert not follows(LATER, BLIND)
    assert not follows(BLIND, BLIND)
    assert not follows(LANDED, LANDED._replace(time_s=99.0))
    assert not follows(BLIND, LATER._replace(time_s=99.0))
    assert not follows(BLIND, LATER._replace(mission="another"))


def test_attitudes_take_the_shorter_way() -> None:
    a, b = lean(0.1), tuple(-part for part in lean(0.3))
    assert np.allclose(turned(a, b, 0.5), lean(0.2), atol=1e-4)


@pytest.mark.parametrize("seed", range(8))
def test_quaternions_and_matrices_agree(seed: int) -> None:
    q = np.random.default_rng(seed).normal(size=4)
    q /= np.linalg.norm(q)
    again = np.array(quaternion(rotation(*q)))
    assert abs(np.dot(q, again)) == pytest.approx(1.0)


@pytest.mark.parametrize("interval_s", [0.2, 0.05, 0.03, 0.33])
def test_a_film_has_even_intervals_and_ends_with_the_flight(interval_s: float) -> None:
    shots = [BLIND._replace(time_s=0.2 * k) for k in range(10)]
    shots.append(LANDED._replace(time_s=2.0))
    times = [shot.time_s for shot in paced(shots, interval_s)]
    assert times[0] == 0.0
    assert times[-1] == 2.0
    assert np.allclose(np.diff(times)[:-1], interval_s)
    assert 0.0 < times[-1] - times[-2] <= interval_s + 1e-9


def test_several_flights_follow_in_one_film() -> None:
    first = [BLIND._replace(time_s=0.0), LANDED._replace(time_s=0.2)]
    times = [shot.time_s for shot in paced([*first, *first], 0.1)]
    assert np.allclose(times, [0.0, 0.1, 0.2, 0.0, 0.1, 0.2])
