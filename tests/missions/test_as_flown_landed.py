"""The landers that landed, or would have: their days, their health, and the way between phases."""

import numpy as np
import pytest

from lunar_env import load_mission
from tests.missions.mission_flights import PASSED, box_of, flown, middle_of, on_the_way, outside
from training.missions.cases import as_flown_of

pytestmark = pytest.mark.slow

LANDED = ("chandrayaan-3", "blue-ghost-m1", "apex-1", "change-5", "apollo-11")
OWN = (*LANDED, "peregrine-1")
ROWS = 200


@pytest.mark.parametrize("mission", LANDED)
def test_a_healthy_lander_lands_as_published(mission):
    figures = flown(mission, "as-flown", ROWS)
    assert np.mean(figures["outcome"] == "LANDED") >= 0.9
    assert outside(figures, mission) == {}


@pytest.mark.parametrize("mission", OWN)
def test_with_full_tanks_and_healthy_sensors_it_lands(mission):
    figures = flown(mission, "noisy", ROWS)
    assert np.mean(figures["outcome"] == "LANDED") >= 0.95
    # Of Apollo's propellant, which is published, as much was left as is seen here.
    low, high = (0.04, 0.08) if mission == "apollo-11" else (0.02, 0.04)
    assert low < np.nanmedian(figures["propellant_left_frac"]) < high


def test_peregrine_cannot_land_on_what_its_leak_left():
    figures = flown("peregrine-1", "as-flown", ROWS)
    assert set(figures["outcome"]) <= set(as_flown_of("peregrine-1").ends)
    assert np.nanmedian(figures["dry_height_m"]) > 1000.0
    assert np.nanmedian(figures["touchdown_v_vertical_m_s"]) > 50.0


@pytest.mark.parametrize("mission", OWN)
def test_powered_descent_passes_the_starts_of_later_phases(mission):
    phases = load_mission(mission).phases
    starts = {name: phases.named(name) for name in ("approach", "terminal")}
    passed = on_the_way(mission, {name: middle_of(start) for name, start in starts.items()}, 32)
    for name, start in starts.items():
        lows, highs = np.percentile(passed[name], [5.0, 95.0], axis=0)
        for quantity, low, high in zip(PASSED, lows, highs, strict=True):
            first, last = box_of(start)[quantity]
            assert max(first, low) <= min(last, high), f"{name}: {quantity}: {low:g} to {high:g}"
