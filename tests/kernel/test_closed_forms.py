"""Analytic landings against published vectors and against numerical integration by SciPy."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from lunar_env.kernel.closed_forms import (
    burn_height,
    burn_time,
    gravity_turn,
    gravity_turn_speed,
    stop_height,
    stop_time,
    vertical_optimum,
)

G = 1.6242
V_E = 310.0 * 9.80665
THRUST, MASS = 4000.0, 1000.0

speeds = st.floats(1.0, 200.0)
ratios = st.floats(1.2, 6.0)  # thrust over weight


def burn(speed, mass, thrust, *, delay=0.0, lag=0.0):
    """Time, height and propellant of a fall that is stopped by full thrust, integrated."""

    def rates(t, y):
        on = t - delay
        level = 0.0 if on <= 0.0 else 1.0 if lag == 0.0 else -math.expm1(-on / lag)
        return [-y[1], G - level * thrust / y[2], -level * thrust / V_E]

    def stopped(t, y):
        return y[1] if t > delay else 1.0

    stopped.terminal = True
    start = [0.0, speed, mass]
    if delay > 0.0:  # a corner of the thrust: integrate up to it by hand
        start = [-speed * delay - 0.5 * G * delay**2, speed + G * delay, mass]
    done = solve_ivp(
        rates, (delay, 1e4), start, events=stopped, rtol=1e-11, atol=1e-9, method="DOP853"
    )
    height, _, left = done.y[:, -1]
    return done.t[-1], -height, mass - left


# (h0, v0): speed and height at ignition, time of burn, propellant, velocity budget.
VECTORS = {
    (2000.0, 40.0): (69.646, 999.35, 28.398, 37.366, 115.77),
    (1000.0, 20.0): (46.686, 452.17, 19.234, 25.307, 77.93),
}


@pytest.mark.parametrize("start", VECTORS)
def test_hoverslam_heights_agree_with_published_ones(start):
    found = vertical_optimum(*start, MASS, THRUST, V_E, G)
    budget = V_E * math.log(MASS / (MASS - found.propellant))
    assert (*found, budget) == pytest.approx(VECTORS[start], rel=1e-3)


@given(st.floats(50.0, 5000.0), st.floats(0.0, 60.0), ratios)
def test_the_optimum_lands_at_rest_on_the_ground(height, speed, ratio):
    thrust = ratio * MASS * G
    found = vertical_optimum(height, speed, MASS, thrust, V_E, G)
    if math.isnan(found.speed):  # even thrust at once is too late
        assert burn(speed, MASS, thrust)[1] > height
        return
    duration, needed, propellant = burn(found.speed, MASS, thrust)
    fallen = (found.speed**2 - speed**2) / (2.0 * G)
    assert fallen + needed == pytest.approx(height, rel=1e-6)
    assert found.height == pytest.approx(needed, rel=1e-6)
    assert found.duration == pytest.approx(duration, rel=1e-6)
    assert found.propellant == pytest.approx(propellant, rel=1e-6)


def test_burning_earlier_costs_more_propellant():
    """Thrust at once to a slow fall, then the last burn: worse the earlier it starts."""
    best = vertical_optimum(2000.0, 40.0, MASS, THRUST, V_E, G)
    for slowed in (39.0, 30.0, 10.0):
        first, used_height, used = burn(40.0, MASS, THRUST)
        _, height_left, saved = burn(slowed, MASS, THRUST)
        start = 2000.0 - (used_height - height_left)
        mass = MASS - (used - saved)
        rest = vertical_optimum(start, slowed, mass, THRUST, V_E, G)
        assert used - saved + rest.propellant > best.propellant
        assert first > 0.0


def test_heights_below_the_minimum_give_nan():
    assert math.isnan(vertical_optimum(100.0, 80.0, MASS, THRUST, V_E, G).speed)


@given(speeds, ratios)
def test_burn_time_and_height_agree_with_integration(speed, ratio):
    thrust = ratio * MASS * G
    duration, height, _ = burn(speed, MASS, thrust)
    assert burn_time(speed, MASS, thrust, V_E, G) == pytest.approx(duration, rel=1e-7)
    assert burn_height(speed, MASS, thrust, V_E, G) == pytest.approx(height, rel=1e-6)


@given(st.floats(1.0, 1700.0), st.floats(1.02, 8.0))
def test_burn_time_solves_its_equation(speed, ratio):
    thrust = ratio * MASS * G
    t = burn_time(speed, MASS, thrust, V_E, G)
    gained = V_E * math.log(MASS / (MASS - thrust / V_E * t))
    assert speed + G * t == pytest.approx(gained, rel=1e-9)


@pytest.mark.parametrize("ratio", [0.5, 1.0])
def test_an_engine_that_cannot_carry_the_lander_never_stops_it(ratio):
    assert burn_time(10.0, MASS, ratio * MASS * G, V_E, G) == math.inf
    assert burn_height(10.0, MASS, ratio * MASS * G, V_E, G) == math.inf
    assert stop_height(10.0, MASS, ratio * MASS * G, V_E, G, 1.0) == math.inf


@given(speeds, st.floats(1.5, 6.0), st.floats(0.0, 2.0))
def test_stop_height_is_fall_and_burn(speed, ratio, delay):
    thrust = ratio * MASS * G
    _, height, _ = burn(speed, MASS, thrust, delay=delay)
    assert stop_height(speed, MASS, thrust, V_E, G, delay) == pytest.approx(height, rel=1e-6)


@given(st.floats(20.0, 200.0), st.floats(1.5, 6.0), st.floats(0.05, 0.3))
def test_a_lag_costs_what_a_delay_costs(speed, ratio, lag):
    thrust = ratio * MASS * G
    _, height, _ = burn(speed, MASS, thrust, delay=1.0, lag=lag)
    closed = stop_height(speed, MASS, thrust, V_E, G, 1.0 + lag)
    # The difference is of second order: a lag's worth of the speed that the engine makes in it.
    assert closed == pytest.approx(height, abs=lag**2 * thrust / MASS + 1e-3 * height)


def test_a_rising_lander_needs_no_height():
    assert stop_height(-20.0, MASS, THRUST, V_E, G, 1.0) == 0.0


FLAT = 1e30  # m, radius of a Moon without curvature
RADIUS = 1.7374e6


@given(st.floats(0.1, 200.0), st.floats(1.02, 8.0))
def test_the_shortest_stop_of_a_straight_fall_is_the_vertical_burn(speed, ratio):
    thrust = ratio * MASS * G
    expected = burn_time(speed, MASS, thrust, V_E, G)
    assert stop_time(speed, 0.0, MASS, thrust, V_E, G, FLAT) == pytest.approx(expected, rel=1e-9)


@given(st.floats(-20.0, 150.0), st.floats(1.0, 1700.0), st.floats(1.1, 6.0))
def test_one_direction_stops_a_motion_down_and_across(down, across, ratio):
    """Fly that time at the one angle that kills the speed across: nothing is left, integrated."""
    thrust = ratio * MASS * G
    t = stop_time(down, across, MASS, thrust, V_E, G, FLAT)
    angle = math.asin(min(1.0, across / -(V_E * math.log1p(-thrust * t / (V_E * MASS)))))

    def rates(now, y):
        a = thrust / (MASS - thrust / V_E * now)
        return [-a * math.sin(angle), G - a * math.cos(angle)]

    left = solve_ivp(rates, (0.0, t), [across, down], rtol=1e-10, atol=1e-8).y[:, -1]
    assert left[0] == pytest.approx(0.0, abs=1e-4)
    # A lander that still rises when it has stopped across needs no more.
    assert left[1] == pytest.approx(0.0, abs=1e-4) or (down < 0.0 and left[1] < 0.0)


@given(speeds, st.floats(0.05, 1.5), ratios)
def test_no_gravity_turn_is_shorter(speed, angle, ratio):
    turn = gravity_turn(speed, angle, ratio, G).duration
    down, across = speed * math.cos(angle), speed * math.sin(angle)
    assert stop_time(down, across, 1.0, ratio * G, 1e6, G, FLAT) <= turn * (1.0 + 1e-6)


@pytest.mark.parametrize(("ratio", "ideal"), [(2.0, 1768), (2.5, 1748), (3.0, 1738), (4.0, 1727)])
def test_curvature_of_the_moon_reduces_propellant(ratio, ideal):
    """From 1,690 m/s in orbit; an ideal landing also goes down 15 km, which costs some 25 m/s."""
    thrust = ratio * MASS * G
    t = stop_time(0.0, 1690.0, MASS, thrust, V_E, G, RADIUS)
    budget = -V_E * math.log1p(-thrust * t / (V_E * MASS))
    assert ideal - 35.0 < budget < ideal - 15.0
    assert stop_time(0.0, 1690.0, MASS, thrust, V_E, G, FLAT) > 1.005 * t


def test_the_shortest_stop_is_zero_at_rest_and_infinite_if_too_heavy():
    assert stop_time(0.0, 0.0, MASS, THRUST, V_E, G, RADIUS) == 0.0
    assert stop_time(-30.0, 0.0, MASS, THRUST, V_E, G, RADIUS) == 0.0
    assert stop_time(1.0, 1.0, MASS, 0.9 * MASS * G, V_E, G, RADIUS) == math.inf


@pytest.mark.parametrize(
    ("ratio", "row"),
    [(1.5, (266, 584, 1025, 1589, 2748, 4020)), (4.0, (61, 122, 204, 307, 513, 737))],
)
def test_stopping_heights_agree_with_the_reference_table(ratio, row):
    """Constant thrust over weight: a heavy lander with a tiny flow. Reaction as in the table."""
    for speed, expected in zip((20.0, 30.0, 40.0, 50.0, 66.0, 80.0), row, strict=True):
        height = speed + burn_height(speed, 1.0, ratio * G, 1e6, G)
        assert height == pytest.approx(expected, abs=1.0)


def fly_gravity_turn(speed, angle, ratio):
    """Height, time and way of a gravity turn at constant thrust over weight, integrated."""

    def rates(t, y):
        v = math.hypot(y[2], y[3])
        pull = ratio * G / v
        return [y[2], y[3], -pull * y[2], G - pull * y[3]]

    def slow(t, y):
        return math.hypot(y[2], y[3]) - 1e-4 * speed

    slow.terminal = True
    start = [0.0, 0.0, speed * math.sin(angle), speed * math.cos(angle)]
    return solve_ivp(
        rates,
        (0.0, 1e5),
        start,
        events=slow,
        rtol=1e-10,
        atol=1e-8,
        method="DOP853",
        dense_output=True,
    )


@pytest.mark.parametrize("speed", [60.0, 400.0])
@pytest.mark.parametrize("degrees", [1.0, 30.0, 60.0, 85.0])
@pytest.mark.parametrize("ratio", [1.3, 2.0, 3.5])
def test_gravity_turns_agree_with_integration_to_four_digits(speed, degrees, ratio):
    angle = math.radians(degrees)
    flown = fly_gravity_turn(speed, angle, ratio)
    closed = gravity_turn(speed, angle, ratio, G)
    assert closed.height == pytest.approx(flown.y[1, -1], rel=1e-4)
    assert closed.downrange == pytest.approx(flown.y[0, -1], rel=1e-4)
    assert closed.duration == pytest.approx(flown.t[-1], rel=2e-4)
    for fraction in (0.2, 0.5, 0.8):
        v_x, v_down = flown.sol(fraction * flown.t[-1])[2:]
        now = math.atan2(v_x, v_down)
        expected = gravity_turn_speed(speed, angle, ratio, now)
        assert math.hypot(v_x, v_down) == pytest.approx(expected, rel=1e-5)


def test_a_vertical_gravity_turn_is_a_vertical_stop():
    closed = gravity_turn(50.0, 0.0, 2.5, G)
    assert closed.downrange == 0.0
    assert closed.height == pytest.approx(50.0**2 / (2.0 * G * 1.5))
    assert closed.height == pytest.approx(burn_height(50.0, 1.0, 2.5 * G, 1e6, G), rel=1e-4)
