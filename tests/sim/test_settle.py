"""From the first touch to rest, through whole steps: the outcome, and the report of it."""

import math

import numpy as np
import pytest

from lunar_env.physics.rows import FRICTION, load_vehicle
from lunar_env.sim.fields import Outcome
from lunar_env.sim.world import (
    EPISODE,
    NEEDS_RESET,
    OUTCOME,
    TERMINATED,
    TOUCHDOWN,
    TOUCHDOWN_NAMES,
)
from lunar_env.terrain import inclined
from tests.sim.lander_batch import LanderBatch, built, throttle

G = 4.902800118e12 / 1.7374e6**2
HIGH = 0.4  # m, of the pads at the start
MASS = 13
EMPTY = "empty"
ABOVE = built("hakuto-r-m2", phases={"terminal": {"position_east_m": 0.0, "position_north_m": 0.0}})
JUDGED = ("v_vertical_m_s", "v_lateral_m_s", "tilt_deg", "rate_deg_s")


def drop(
    speed,
    *,
    lateral=0.0,
    lean=0.0,
    tanks="full",
    friction=0.6,
    fraction=0.0,
    mission=None,
    ground=None,
):
    """Fall freely onto the ground; the lander after its last step."""
    landers = LanderBatch(mission, ground=ground)
    start = math.sqrt(speed**2 - 2.0 * G * HIGH) if speed**2 > 2.0 * G * HIGH else 0.0
    landers.reset(height_m=HIGH, v_vertical_m_s=-start, v_lateral_m_s=lateral)
    half = 0.5 * math.radians(lean)
    landers.memory[:, 6:10] = math.cos(half), math.sin(half), 0.0, 0.0
    landers.memory[:, FRICTION] = friction
    landers.at_once()
    if tanks == EMPTY:
        landers.memory[:, MASS] = load_vehicle(landers.memory, 0).mass_dry
    steps = 0
    while landers.world.report[NEEDS_RESET, 0] == 0.0:
        landers.step(throttle(fraction))
        steps += 1
    assert landers.world.report[TERMINATED, 0] == 1.0
    return landers


def outcome(landers):
    return Outcome(int(landers.world.report[OUTCOME, 0])).name


@pytest.mark.parametrize(
    ("speed", "lateral", "tanks", "end"),
    [
        (1.2, 0.0, "full", "LANDED"),
        (2.9, 0.9, "full", "LANDED"),
        (3.1, 0.0, "full", "HARD_LANDING"),
        (2.0, 1.3, "full", "HARD_LANDING"),
        (4.1, 0.0, "full", "CRASHED"),
        (2.0, 3.1, "full", "CRASHED"),
        (60.0, 0.0, "full", "CRASHED"),
        (2.0, 0.0, EMPTY, "LANDED"),
        (3.1, 0.0, EMPTY, "FUEL_OUT"),
        (4.1, 0.0, EMPTY, "FUEL_OUT"),
    ],
)
def test_the_motion_at_contact_decides_the_outcome(speed, lateral, tanks, end):
    assert outcome(drop(speed, lateral=lateral, tanks=tanks)) == end


@pytest.mark.parametrize(
    ("speed", "lateral", "at_once"),
    [(1.2, 0.0, False), (2.9, 0.9, False), (4.0, 0.0, True), (1.2, 1.1, True)],
)
def test_a_slow_touch_of_a_steep_wall_is_left_to_the_motion(speed, lateral, at_once):
    """On 45 degrees a lander within the survivable speeds slides and rolls before it is judged.

    The wall reaches the uphill pads at the height of the start.
    """
    wall = inclined(math.radians(45.0), 0.0)
    landers = drop(speed, lateral=lateral, mission=ABOVE, ground=wall)
    assert landers.touchdown("tilt_deg")[0] == pytest.approx(45.0, abs=2.0)
    assert (landers.memory[0, EPISODE.time] < 0.1) == at_once
    assert outcome(landers) in (("CRASHED",) if at_once else ("CRASHED", "TIPPED"))


@pytest.mark.parametrize("tanks", ["full", EMPTY])
def test_pads_that_do_not_slide_tip_the_lander_over(tanks):
    """2.7 m/s on pads that cannot slide and legs that hold; empty tanks are no excuse."""
    stiff = {"crush_force_N": 1e5, "side_load_N": 1e6}
    mission = built("hakuto-r-m2", vehicle={"gear": stiff})
    landers = drop(1.2, lateral=2.7, friction=1e3, tanks=tanks, mission=mission)
    assert outcome(landers) == "TIPPED"
    assert landers.truth("tilt_rad")[0] > math.radians(20.0)


@pytest.mark.parametrize(
    ("name", "speed", "lean", "end", "rest"),
    [
        ("slim", 3.3, -8.0, "LANDED", 57.0),  # its top towards the slope: onto its pads, as planned
        ("slim", 1.2, 8.0, "TIPPED", 113.0),  # down the slope: over its widest part, onto its nose
        ("hakuto-r-m2", 1.2, 0.0, "HARD_LANDING", 0.0),
    ],
)
def test_a_lander_designed_to_lie_lands_on_its_side(name, speed, lean, end, rest):
    """SLIM on a slope falls over, Series 1 stands there, along the slope."""
    above = {"terminal": {"position_east_m": 0.0, "position_north_m": 0.0}}
    hillside = inclined(math.radians(16.0), 0.0)
    landers = drop(speed, lean=lean, mission=built(name, phases=above), ground=hillside)
    assert outcome(landers) == end
    assert landers.touchdown("rest_tilt_deg")[0] == pytest.approx(rest, abs=3.0)


def test_broken_legs_make_a_hard_landing():
    """Pads that hold fast at 1.5 m/s break legs that take little across them."""
    weak = built("hakuto-r-m2", vehicle={"gear": {"side_load_N": 800.0}})
    landers = drop(1.2, lateral=0.9, friction=1.0, mission=weak)
    assert outcome(landers) == "HARD_LANDING"
    assert landers.touchdown("legs_broken")[0] == landers.truth("broken_legs")[0] > 0.0
    assert outcome(drop(1.2, lateral=0.9, friction=1.0)) == "LANDED"


def test_the_report_has_the_first_contact_and_the_state_at_rest():
    landers = drop(2.0)
    found = {name: landers.touchdown(name)[0] for name in TOUCHDOWN_NAMES}
    assert found["v_vertical_m_s"] == pytest.approx(2.0, abs=0.01)
    assert found["v_lateral_m_s"] < 0.02
    assert found["tilt_deg"] < 0.1
    assert found["rate_deg_s"] < 0.5
    assert found["miss_m"] == pytest.approx(landers.truth("downrange_m")[0], abs=0.1)
    assert 0.0 <= found["propellant_used_kg"] < 0.1
    assert found["first_fix_height_m"] == landers.truth("first_fix_height_m")[0]
    assert found["rest_tilt_deg"] < 0.5
    assert found["legs_broken"] == 0.0
    # What the absorbers take off the fall: m v^2/2 on the way that they give.
    mass = landers.truth("mass_kg")[0]
    expected = 0.5 * 2.0**2 / (4.0 * 1730.0 / mass - G)
    assert found["stroke_m"] == pytest.approx(expected, rel=0.1)
    assert landers.truth("broken_legs")[0] == 0.0
    assert landers.truth("touching")[0] >= 3.0


def test_the_report_has_lateral_motion_and_tilt():
    landers = drop(1.2, lateral=0.5, lean=6.0)
    assert landers.touchdown("v_lateral_m_s")[0] == pytest.approx(0.5, abs=0.05)
    assert landers.touchdown("tilt_deg")[0] == pytest.approx(6.0, abs=1.5)
    assert landers.touchdown("rate_deg_s")[0] > 1.0  # it is on its way to be upright


def test_a_crash_ends_at_contact_and_not_at_rest():
    landers = drop(30.0)
    start = math.sqrt(30.0**2 - 2.0 * G * HIGH)
    assert landers.memory[0, EPISODE.time] == pytest.approx((30.0 - start) / G, abs=1.5e-3)
    assert landers.touchdown("v_vertical_m_s")[0] == pytest.approx(30.0, abs=0.01)
    for name in ("rest_tilt_deg", "legs_broken", "stroke_m"):
        assert math.isnan(landers.touchdown(name)[0])


def test_a_landing_lasts_until_the_lander_stands_still():
    """A third of a second of rest at least, after the fall."""
    landers = drop(1.2)
    fall = (1.2 - math.sqrt(1.2**2 - 2.0 * G * HIGH)) / G
    assert fall + 0.3 < landers.memory[0, EPISODE.time] < fall + 4.0
    speed = np.linalg.norm([landers.truth(f"v_{k}_m_s")[0] for k in "xyz"])
    assert speed < 0.02


def test_engines_are_cut_at_contact_and_the_lander_stays_down():
    landers = drop(1.5, fraction=0.3)
    assert outcome(landers) == "LANDED"
    assert landers.thrusts()[0, 0] < 1e-6


def test_in_flight_there_is_no_report():
    landers = LanderBatch()
    landers.reset(height_m=100.0, v_vertical_m_s=-5.0, v_lateral_m_s=0.0)
    for _ in range(600):
        landers.step(throttle(1.0))  # away, until it is out of bounds
        if landers.world.report[TERMINATED, 0] > 0.0:
            break
    assert outcome(landers) == "OUT_OF_BOUNDS"
    report = landers.memory[0, TOUCHDOWN : TOUCHDOWN + len(TOUCHDOWN_NAMES)]
    assert np.isnan(report).all()


@pytest.mark.parametrize("name", JUDGED)
def test_the_next_episode_has_no_contact_of_the_last_one(name):
    landers = drop(2.0, lateral=0.5)
    before = landers.touchdown(name)[0]
    landers.reset(height_m=HIGH, v_vertical_m_s=-0.3, v_lateral_m_s=0.0)
    landers.memory[:, 6:10] = 1.0, 0.0, 0.0, 0.0
    while landers.world.report[NEEDS_RESET, 0] == 0.0:
        landers.step(throttle(0.0))
    after = landers.touchdown(name)[0]
    assert after != before
    if name.startswith("v_"):
        assert after < before


@pytest.mark.parametrize(("speed", "lateral"), [(12.0, 1500.0), (300.0, 400.0), (600.0, 0.0)])
def test_no_speed_takes_a_lander_through_the_ground(speed, lateral):
    """At orbital speed it crosses metres of ground between two evaluations of the terrain."""
    landers = LanderBatch(built("hakuto-r-m2"), phase="powered")
    landers.reset(height_m=20.0, v_vertical_m_s=-speed, v_lateral_m_s=lateral)
    landers.at_once()
    for _ in range(60):
        landers.step(throttle(0.0))
        if landers.world.report[NEEDS_RESET, 0] > 0.0:
            break
    assert outcome(landers) == "CRASHED"
    assert landers.truth("height_m")[0] > -2.0
