"""One engine: its band, and thrust and burned mass over a tick against quadrature and SciPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp

from lunar_env.physics.engines import achievable_throttle, lag_of
from lunar_env.physics.thrust import thrust_over_tick
from lunar_env.physics.types import FlowCurve, Transient
from tests.physics.cluster_flight import fly, row_of
from tests.physics.landers import G0, TICK, engine, still, vehicle

T_MAX = 1600.0
FLOW, RISE = 1.0 / (311.0 * G0), 1.0 / (285.0 * G0) - 1.0 / (311.0 * G0)

CURVE = FlowCurve(FLOW, RISE, T_MAX)


def flow_of(thrust, flow=FLOW, rise=RISE):
    """Mass flow where 1/Isp is linear in the thrust, from its values at full and at no thrust."""
    full, none = 1.0 / (flow * G0), 1.0 / ((flow + rise) * G0)
    isp = 1.0 / (thrust / T_MAX / full + (1.0 - thrust / T_MAX) / none)
    return thrust / (isp * G0)


thrusts = st.floats(0.0, T_MAX)
lags = st.floats(0.005, 2.0)


@given(thrusts, thrusts, lags, st.floats(0.001, 0.2))
def test_thrust_and_burned_mass_agree_with_quadrature(thrust, command, lag, tick):
    def now(t):
        return command + (thrust - command) * math.exp(-t / lag)

    half = 0.5 * tick
    response = Transient(thrust, command, lag, math.exp(-half / lag))
    after = thrust_over_tick(response, CURVE, half)
    assert after.end == pytest.approx(now(tick), abs=1e-9)
    impulse, _ = quad(now, 0.0, tick, epsabs=1e-12, epsrel=1e-12)
    simpson = tick / 6.0 * (thrust + 4.0 * after.middle + after.end)
    assert simpson == pytest.approx(impulse, rel=1e-9, abs=1e-9)
    # That middle is the thrust there, to the fourth order in tick/lag.
    near = abs(thrust - command) * (tick / lag) ** 4 / 2880.0 * 1.5
    assert after.middle == pytest.approx(now(half), abs=near + 1e-9)
    for burned, end in ((after.burned_middle, half), (after.burned_end, tick)):
        expected, _ = quad(lambda t: flow_of(now(t)), 0.0, end, epsabs=1e-14, epsrel=1e-12)
        assert burned == pytest.approx(expected, rel=1e-9, abs=1e-13)


@pytest.mark.parametrize(("thrust", "command"), [(200.0, 1500.0), (1500.0, 200.0), (0.0, 0.0)])
def test_thrust_and_burned_mass_agree_with_the_differential_equation(thrust, command):
    lag, tick = 0.15, 0.05
    response = Transient(thrust, command, lag, math.exp(-0.5 * tick / lag))
    after = thrust_over_tick(response, CURVE, 0.5 * tick)
    done = solve_ivp(
        lambda _, y: [(command - y[0]) / lag, y[0], flow_of(y[0])],
        *((0.0, tick), [thrust, 0.0, 0.0]),
        **{"method": "DOP853", "rtol": 1e-12, "atol": 1e-14, "t_eval": [0.5 * tick, tick]},
    )
    simpson = tick / 6.0 * (thrust + 4.0 * after.middle + after.end)
    found = [after.end, simpson, after.burned_end]
    np.testing.assert_allclose(found, done.y[:, 1], rtol=1e-9, atol=1e-13)
    assert after.burned_middle == pytest.approx(done.y[2, 0], rel=1e-9)


def test_an_engine_without_lag_gives_the_commanded_thrust():
    at_once = Transient(0.0, 800.0, lag=0.0, decay=0.0)  # exp(-tick/0)
    after = thrust_over_tick(at_once, CURVE, 0.025)
    assert after.start == 0.0
    assert after.end == 800.0
    # The integrator's weights: 1/6 of the thrust before it, 4/6 of the middle, 1/6 of the end.
    assert (4.0 * after.middle + after.end) / 6.0 == pytest.approx(800.0, rel=1e-14)
    assert after.burned_end == pytest.approx(0.05 * flow_of(800.0), rel=1e-12)


def test_the_time_constant_depends_on_the_direction_of_the_change():
    assert lag_of(100.0, 500.0, 0.2, 0.7) == 0.2
    assert lag_of(500.0, 100.0, 0.2, 0.7) == 0.7


@pytest.mark.parametrize("share", [0.25, 0.6, 1.0])
def test_specific_impulse_at_constant_throttle_is_that_of_the_engine(share):
    """An Apollo-like engine: 311 s at full thrust, less below, by the mass that it burns."""
    one = engine(T_MAX, isp=311.0, isp_floor=285.0)
    memory = row_of(vehicle([one]), [one], still(900.0), burning=[share * T_MAX])
    path = fly(memory, [share * T_MAX], 20.0)
    isp = share * T_MAX * 20.0 / (G0 * (900.0 - path.mass[-1]))
    assert isp == pytest.approx(1.0 / (share / 311.0 + (1.0 - share) / 285.0), rel=1e-9)


# Bands of engines: floor, forbidden zone.
PLAIN = (0.0, 1.0, 1.0)
APOLLO = (0.1, 0.65, 0.925)
ON_OFF = (1.0, 1.0, 1.0)
PULSED = (0.1, 1.0, 1.0)  # 20 ms in a control period of 0.2 s


@pytest.mark.parametrize(
    ("band", "throttle", "expected"),
    [
        *[(PLAIN, x, x) for x in (0.0, 0.013, 0.5, 1.0)],
        (PLAIN, 1.2, 1.0),
        (PLAIN, -0.1, 0.0),
        *[(APOLLO, *x) for x in ((0.0, 0.0), (0.049, 0.0), (0.05, 0.1), (0.1, 0.1), (0.4, 0.4))],
        *[(APOLLO, *x) for x in ((0.65, 0.65), (0.78, 0.65), (0.79, 0.925), (0.93, 0.93))],
        *[(ON_OFF, *x) for x in ((0.0, 0.0), (0.49, 0.0), (0.5, 1.0), (0.99, 1.0), (1.0, 1.0))],
        *[(PULSED, *x) for x in ((0.0, 0.0), (0.049, 0.0), (0.06, 0.1), (0.1, 0.1), (0.33, 0.33))],
    ],
)
def test_throttles_are_limited_to_their_bands(band, throttle, expected):
    assert achievable_throttle(throttle, *band) == pytest.approx(expected, abs=1e-15)


@given(st.floats(-1.0, 2.0), st.floats(0.0, 0.6), st.floats(0.6, 0.8), st.floats(0.8, 1.0))
def test_an_engine_uses_the_nearest_throttle_in_its_bands(throttle, floor, low, high):
    found = achievable_throttle(throttle, floor, low, high)
    assert found == 0.0 or floor <= found <= low or high <= found <= 1.0
    assert achievable_throttle(found, floor, low, high) == found
    allowed = [0.0, *np.linspace(floor, low, 200), *np.linspace(high, 1.0, 200)]
    nearest = min(abs(throttle - x) for x in allowed)
    assert abs(throttle - found) <= nearest + 1e-12


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_achieved_throttle_is_monotonic_in_the_command(one, other):
    low, high = sorted((one, other))
    assert achievable_throttle(low, *APOLLO) <= achievable_throttle(high, *APOLLO)


@pytest.mark.parametrize(("start", "command", "lag"), [(200.0, 1500.0, 0.1), (1500.0, 0.0, 0.3)])
def test_rising_and_falling_thrust_have_separate_time_constants(start, command, lag):
    one = engine(T_MAX, lag_up=0.1, lag_down=0.3)
    memory = row_of(vehicle([one]), [one], still(900.0), burning=[start])
    path = fly(memory, [command], 0.6)
    t = TICK * np.arange(1, 13)
    expected = command + (start - command) * np.exp(-t / lag)
    np.testing.assert_allclose(path.engines[:, 0], expected, rtol=1e-12)


@pytest.mark.parametrize("dead", [0, 1, 2, 3, 4])
def test_dead_time_is_exact_to_the_tick(dead):
    """A step up and a step down; steps of one tick and of four: the same, `dead` ticks later."""
    one = engine(T_MAX, dead_ticks=dead)
    prompt = engine(T_MAX)
    commands = np.repeat([[1000.0], [300.0], [0.0]], 4, axis=0)

    def thrusts(kind, per):
        memory = row_of(vehicle([kind]), [kind], still(900.0))
        return fly(memory, commands[::per], 0.6, per=per).engines[:, 0]

    at_once = thrusts(prompt, 1)
    for per in (1, 4):
        late = thrusts(one, per)
        assert np.all(late[:dead] == 0.0)
        np.testing.assert_array_equal(late[dead:], at_once[: len(late) - dead])
    assert at_once[0] == pytest.approx(1000.0 * (1.0 - math.exp(-TICK / 0.15)), rel=1e-12)


def test_a_pulsed_engine_gives_the_mean_thrust():
    """A duty of 30 %: the impulse and the propellant of 0.3 of the time at full thrust."""
    duty = achievable_throttle(0.3, *PULSED)
    one = engine(T_MAX, isp=300.0)
    memory = row_of(vehicle([one]), [one], still(900.0), burning=[duty * T_MAX])
    path = fly(memory, [duty * T_MAX], 10.0)
    burned = 0.3 * 10.0 * T_MAX / (300.0 * G0)
    assert 900.0 - path.mass[-1] == pytest.approx(burned, rel=1e-10)
    speed = 300.0 * G0 * math.log(900.0 / (900.0 - burned))
    assert path.v[-1, 2] == pytest.approx(speed, rel=1e-10)
