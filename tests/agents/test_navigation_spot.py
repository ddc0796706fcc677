"""The ground that a range of the Kalman filter is of, and where it was taken."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest

from agents.navigation import KalmanFilter
from agents.navigation.axis import AXIS, CROSS
from agents.navigation.gains import KalmanGains
from agents.navigation.ground import rise2
from agents.navigation.history import (
    LENGTH,
    TURNING_PER_S,
    WIDTH,
    Past,
    look_back,
    remember,
    restart,
    turned_between,
)
from agents.navigation.memory import (
    CONSIDERED_UP,
    SLOPE_SIGMA,
    SPOT,
    UP,
    Spot,
    load_spot,
    store_spot,
)
from agents.navigation.spot import follow, height_of, place_of
from agents.sheet import sheet_of
from lunar_env.data.constants import R_MOON
from tests.agents.readings import ALL, NONE, ROWS, falling, ground_memory, ranged


def test_dead_reckoning_at_the_wrong_height_has_the_wrong_gravity():
    """300 m too high, gravity is taken 0.56 mm/s^2 too weak: 34 mm/s in a minute."""
    nil, memory, gravity = np.zeros(ROWS), None, 1.62
    for k in range(301):
        reading = falling(
            elapsed_s=nil + 0.2 * k,
            gravity_m_s2=nil + gravity,
            height_sigma_m=nil + 300.0,
            v_z_m_s=nil,
            sheet=sheet_of(ROWS, **NONE, imu_bias_sigma_m_s2=0.0, imu_scale_sigma_frac=0.0),
        )
        sample = ranged(reading, 700.0) if k == 0 else reading
        estimate, memory = KalmanFilter().update(sample, memory, ALL & (k == 0))
    gained = 2.0 * gravity / R_MOON * -300.0 * 60.0
    assert estimate.v_z_m_s == pytest.approx(gained, rel=0.02)
    # The sigma of the first height becomes one of the speed, too, in the same proportion.
    assert np.all(estimate.height_v_z_cov > 0.0)


def test_a_range_to_a_far_spot_is_over_the_curved_moon():
    """20 km at 80 degrees: a plain lies 111 m lower there than a flat one."""
    slant, tilt, height = 20_000.0, math.radians(80.0), 3400.0
    above = R_MOON + height
    spot = math.sqrt(above**2 + slant**2 - 2.0 * above * slant * math.cos(tilt))
    flat = slant * math.cos(tilt)
    assert flat - (above - spot) == pytest.approx(111.0, abs=1.0)
    curved = height_of(flat, slant * math.sin(tilt))
    assert curved == pytest.approx(above - spot, abs=0.5)


def spots(*leans):
    """Spots 1,000 m below a lander that stands still, with these leans to the east."""
    return [Spot(0.0, 0.0, 1000.0, lean, 0.0, 0.0) for lean in leans]


def at_spot(spot):
    """Memory of a row whose axis is the height at a spot, known to 1 m, and to 0.5 m/s."""
    m = ground_memory()
    store_spot(m, 0, SPOT, spot)
    m[0, UP + 3], m[0, UP + 6] = 1.0, 0.25
    return m


def test_the_axis_follows_the_spot_of_a_lander_that_tilts():
    """The variance of the height grows by the rise over 300 m, whatever the number of ranges."""
    once, often, gains = at_spot(*spots(0.0)), at_spot(*spots(0.0)), KalmanGains()
    assert follow(once, 0, *spots(0.3), gains) == pytest.approx(300.0)
    for lean in np.linspace(0.0, 0.3, 21)[1:]:
        follow(often, 0, *spots(lean), gains)
    lengths = (gains.slope_short_m, gains.slope_long_m)
    rise = sum(once[0, SLOPE_SIGMA + k] ** 2 * rise2(300.0, lengths[k]) for k in range(2))
    assert once[0, UP + 3] == pytest.approx(1.0 + rise, rel=1e-9)
    # All but the spot itself, and columns of the measurement in work.
    axis = slice(UP, UP + AXIS + CROSS * CONSIDERED_UP)
    assert often[0, axis] == pytest.approx(once[0, axis], rel=1e-9)


def test_a_better_height_is_no_way_of_the_spot():
    """At 45 degrees a correction by 100 m moves the spot of all ranges alike."""
    m, (spot,) = at_spot(*spots(1.0)), spots(1.0)
    m[0, UP] = -100.0
    assert follow(m, 0, spot, KalmanGains()) == 0.0
    assert m[0, UP + 3] == 1.0


def tilted_by(tilt, **changes):
    """A lander 1,000 m up that stands still, tilted by an angle [rad] to the east."""
    nil, half = np.zeros(ROWS), 0.5 * tilt
    return falling(sheet=sheet_of(ROWS, **NONE), **changes)._replace(
        q_w=nil + math.cos(half), q_y=nil + math.sin(half), v_z_m_s=nil
    )


def test_a_late_range_is_of_the_ground_at_its_time_stamp():
    """The beam swings by 87 m a second, then stops: a range 0.4 s old is of the way it swung."""
    nil, memory, nav = np.zeros(ROWS), None, KalmanFilter()
    tilts = [0.5, 0.45, 0.4, 0.35, 0.3, 0.3]
    for k, tilt in enumerate(tilts):
        reading, slant = tilted_by(tilt, elapsed_s=nil + 0.2 * k), None
        if k in (0, 5):
            slant = 1000.0 / math.cos(tilts[max(k - 2, 0)])
            reading = ranged(reading, slant, 0.4 if k else 0.0)
        _, memory = nav.update(reading, memory, ALL & (k == 0))
    spot = load_spot(memory[0], 0, SPOT)
    assert spot.time == pytest.approx(0.6)
    assert place_of(memory[0], 0, spot).x == pytest.approx(-1000.0 * math.tan(0.35), rel=0.01)


def test_between_two_attitudes_the_tilt_is_known_as_well_as_it_turns_evenly():
    """The cosine of a tilt that turns with a constant acceleration, against its chord."""
    old, new = np.zeros((1, LENGTH, WIDTH), np.float32), np.zeros((1, LENGTH, WIDTH), np.float32)

    def cosine(t):
        return math.cos(0.9 + 0.02 * t + 0.05 * t * t)

    for k in range(6):
        now = Past(0.2 * k, 0.0, 0.0, 1000.0, 0.0, 0.0, 0.0, cosine(0.2 * k), 0.0, 0.0)
        (restart if k == 0 else partial(remember, old))(new, 0, now)
        old, new = new.copy(), old
    for time in (0.5, 0.66, 0.9):  # between the third and the last
        chord = look_back(old, 0, time).cos_tilt
        error = abs(chord - cosine(time))
        assert turned_between(old, 0, time) == pytest.approx(error, rel=0.1)
    assert turned_between(old, 0, 0.6) == pytest.approx(0.0, abs=1e-6)
    assert turned_between(old, 0, 2.0) == 0.0
    turn = 0.2 * TURNING_PER_S  # before the first
    before = cosine(0.0) - math.cos(0.9 + turn)
    assert turned_between(old, 0, -0.2) == pytest.approx(before, rel=0.02)


def test_a_far_range_between_two_attitudes_is_less_certain_while_the_lander_turns():
    """10 km at 60 degrees, the tilt changes its rate by 0.1 deg in a step: metres of height."""
    nil, told = np.zeros(ROWS), {}
    for kink in (0.0, math.radians(0.1)):
        memory = None
        for k in range(4):
            tilt = math.radians(60.0) + (kink if k in (1, 2) else 0.0)
            reading = tilted_by(tilt, elapsed_s=nil + 0.2 * k)._replace(height_m=nil + 5000.0)
            if k == 3:
                reading = ranged(reading, 10_000.0, 0.3)
            estimate, memory = KalmanFilter().update(reading, memory, ALL & (k == 0))
        told[kink] = estimate.innovation_sigma_m[0]
    bend = math.radians(0.1) * math.sin(math.radians(60.0))
    expected = 10_000.0 * 0.5 * 0.25 * bend
    added = told[math.radians(0.1)] ** 2 - told[0.0] ** 2
    assert math.sqrt(added) == pytest.approx(expected, rel=0.1)
