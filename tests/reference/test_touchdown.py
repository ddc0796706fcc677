"""Landings that are known: textbook limits of stability, and two landings that were flown.

The trip speed is that of a lander whose leading pads are stopped dead: it turns about the line
through them with its angular momentum, and goes over if that lifts the centre of mass above the
line. Chang'e-5 and IM-1 are in missions.md with their sources; crush force, stroke and side load
are fitted, and nothing about them is published.
"""

import math

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from lunar_env.physics.rows import CONTACT, POINT
from tests.physics.stands import G, at, lander, normal, run, slope, upright_on

FLAT = slope(0.0)
FALLEN = math.cos(math.radians(60.0))
# Radius of the pads, height of the centre of mass, radius of gyration, legs.
LANDERS = [(1.5, 1.2, 0.8, 4), (1.3, 1.0, 0.62, 4), (2.3, 1.7, 1.22, 6), (1.2, 0.9, 0.8, 5)]


def threshold(fails, low, high, width):
    """Where something begins to fail, by bisection."""
    assert not fails(low)
    assert fails(high)
    while high - low > width:
        middle = 0.5 * (low + high)
        low, high = (low, middle) if fails(middle) else (middle, high)
    return 0.5 * (low + high)


def build(radius, height, k, legs):
    return lander(legs=legs, pad_radius=radius, com=height, k=(k, k, k))


@pytest.mark.parametrize("toward", ["edge", "corner"])
@pytest.mark.parametrize("design", LANDERS)
def test_the_static_tip_angle_is_where_the_cg_passes_the_pads(design, toward):
    """``atan(d/h)``: d to the line between two pads, or to a pad."""
    who, (radius, height, _, legs) = build(*design), design
    # The slope falls toward the middle between the last and the first pad, or toward the first.
    downhill = 0.0 if toward == "edge" else 180.0 / legs
    azimuth = (270.0 - downhill) % 360.0

    def falls(degrees):
        start = at(who, attitude=upright_on(degrees, azimuth))
        trace = run(who, start, slope(degrees, azimuth), 15.0, friction=30.0, every=50)
        return (trace.axis @ normal(degrees, azimuth)).min() < FALLEN

    reach = radius * (math.cos(math.pi / legs) if toward == "edge" else 1.0)
    expected = math.degrees(math.atan(reach / height))
    assert threshold(falls, 20.0, 70.0, 0.2) == pytest.approx(expected, abs=1.0)


def falls_over(who, speed, friction):
    trace = run(who, at(who, v=(speed, 0.0, 0.0)), FLAT, 8.0, friction=friction, every=20)
    return trace.axis[:, 2].min() < FALLEN


def trip_speed(radius, height, k, legs):
    d2 = (radius * math.cos(math.pi / legs)) ** 2 + height**2
    return math.sqrt(2.0 * G * (math.sqrt(d2) - height) * (d2 + k * k)) / height


@pytest.mark.parametrize("design", LANDERS)
def test_pads_that_cannot_slide_trip_a_lander(design):
    who = build(*design)
    found = threshold(lambda speed: falls_over(who, speed, 1e6), 0.5, 5.0, 0.02)
    assert found == pytest.approx(trip_speed(*design), rel=0.03)


def test_the_trip_speed_of_the_reference_lander():
    assert trip_speed(*LANDERS[0]) == pytest.approx(1.70, abs=0.01)


@pytest.mark.parametrize("speed", [1.9, 3.0])
def test_with_friction_it_slides_and_stays_up(speed):
    who = build(*LANDERS[0])
    assert falls_over(who, speed, 1e6)
    assert not falls_over(who, speed, 0.6)


IM1_MASS = 780.0
IM1_WEIGHT = IM1_MASS * G
# Fitted: legs that give way at 15 m/s^2 together, break after 0.4 m or at so many lunar weights.
IM1_CRUSH = IM1_MASS * 15.0 / 6.0


def odysseus(stroke, weights):
    """IM-1 at landing (missions.md 6), with the fitted legs."""
    return lander(
        *(IM1_MASS, 6, 2.3, 1.7, (1.22, 1.22, 0.56)),
        **{"crush_force": IM1_CRUSH, "stroke": stroke, "side_load": weights * IM1_WEIGHT},
        **{"hull_radius": 0.785, "hull_bottom": 0.6, "hull_top": 4.0},
    )


def landings_on_a_hillside(who, draws):
    """IM-1's touchdown: 3 m/s down and 2 m/s in a drawn direction, on 12 degrees."""
    rng, ground, up = np.random.default_rng(2024), slope(12.0), normal(12.0)
    above = 2.3 * math.tan(math.radians(12.0)) + 0.02
    tilts, broken = [], []
    for _ in range(draws):
        heading, yaw = rng.uniform(0.0, 2.0 * math.pi, 2)
        v = (2.0 * math.cos(heading), 2.0 * math.sin(heading), -3.0)
        start = at(who, above, v, Rotation.from_euler("z", yaw))
        trace = run(who, start, ground, 10.0, friction=rng.uniform(0.4, 0.8), every=500)
        tilts.append(math.degrees(math.acos(min(1.0, trace.axis[-1] @ up))))
        broken.append(trace.record(CONTACT.broken_legs)[-1])
    return np.array(tilts), np.array(broken)


@pytest.mark.parametrize("weights", [2.0, 4.0])
def test_odysseus_breaks_legs_and_tips_over(weights):
    tilts, broken = landings_on_a_hillside(odysseus(0.4, weights), 200)
    tipped = tilts > 20.0
    assert tipped.mean() > 0.7
    assert (broken[tipped] > 0.0).all()


def test_odysseus_with_unbreakable_legs_stays_upright():
    tilts, broken = landings_on_a_hillside(odysseus(1e9, 1e9), 200)
    assert (tilts > 20.0).mean() < 0.12
    assert not broken.any()


def test_change_5_lands_and_stays_upright():
    """1.99 m/s down, 0.01 m/s across, level ground (missions.md 10)."""
    who = lander(
        *(1200.0, 4, 2.4, 1.2, (0.76, 0.76, 0.85)),
        **{"crush_force": 3000.0, "stroke": 0.5, "side_load": 4.0 * 1200.0 * G},
        **{"hull_radius": 1.2, "hull_bottom": 0.6, "hull_top": 2.2},
    )
    rng = np.random.default_rng(5)
    for _ in range(100):
        heading, yaw = rng.uniform(0.0, 2.0 * math.pi, 2)
        v = (0.01 * math.cos(heading), 0.01 * math.sin(heading), -1.99)
        lean = Rotation.from_rotvec([*rng.normal(0.0, math.radians(0.5), 2), 0.0])
        start = at(who, 0.06, v, lean * Rotation.from_euler("z", yaw))
        trace = run(who, start, FLAT, 4.0, friction=rng.uniform(0.4, 0.8), every=100)
        assert trace.axis[-1, 2] > math.cos(math.radians(2.0))
        assert trace.record(CONTACT.still)[-1] > 0.3
        assert trace.record(CONTACT.broken_legs)[-1] == 0.0
        assert not trace.record(CONTACT.hull_touching).any()
        strokes = [trace.point(leg, POINT.crushed)[-1] for leg in range(4)]
        expected = 1.99**2 / (2.0 * (10.0 - G))
        assert np.mean(strokes) == pytest.approx(expected, rel=0.1)
        assert trace.record(CONTACT.touching)[-1] >= 3.0
