"""The engine: Tsiolkovsky, lag, throttle band, and the moment the tanks run dry."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from lunar_env.kernel.linalg import Vec3
from lunar_env.physics.integrate import advance
from lunar_env.physics.propulsion import (
    burned_mass,
    commanded_thrust,
    lagged_thrust,
    time_to_exhaustion,
)
from tests.physics.bodies import LANDER, NO_TORQUE, NOWHERE, SITE, at, lander

G0 = 9.80665


def burn(state, command, vehicle, seconds, tick=0.05, site=NOWHERE):
    for _ in range(round(seconds / tick)):
        state = advance(state, command, NO_TORQUE, vehicle, site, tick)
    return state


@pytest.mark.parametrize("command", [400.0, 1600.0])
@pytest.mark.parametrize("isp", [290.0, 450.0])
def test_tsiolkovsky(command, isp):
    """Without gravity and rotation, speed gained is exhaust velocity times the log of masses."""
    vehicle = lander(v_e=isp * G0)
    state = burn(at(thrust=command, mass=1000.0), command, vehicle, 60.0)
    assert state.mass < 1000.0 - 5.0
    assert state.v.z == pytest.approx(isp * G0 * math.log(1000.0 / state.mass), rel=1e-9)


def test_tsiolkovsky_to_the_last_drop():
    state = burn(at(thrust=1600.0), 1600.0, LANDER, 120.0)
    assert state.mass == LANDER.mass_dry
    assert state.thrust == 0.0
    assert state.v.z == pytest.approx(LANDER.v_e * math.log(410.0 / LANDER.mass_dry), rel=1e-9)


def test_constant_thrust_burns_at_the_rate_of_the_exhaust_velocity():
    state = burn(at(thrust=800.0), 800.0, LANDER, 10.0)
    assert 410.0 - state.mass == pytest.approx(10.0 * 800.0 / LANDER.v_e, rel=1e-12)


@pytest.mark.parametrize("lag", [0.05, 0.15, 0.3])
def test_the_lag_is_first_order(lag):
    vehicle = lander(lag=lag)
    start, command, seconds = 200.0, 1500.0, 0.4
    state = burn(at(thrust=start), command, vehicle, seconds)
    decay = math.exp(-seconds / lag)
    assert state.thrust == pytest.approx(command + (start - command) * decay, rel=1e-12)
    impulse = command * seconds + (start - command) * lag * (1.0 - decay)
    assert 410.0 - state.mass == pytest.approx(impulse / vehicle.v_e, rel=1e-12)
    assert lagged_thrust(start, command, decay) == pytest.approx(state.thrust, rel=1e-12)
    assert burned_mass(start, command, seconds, decay, vehicle) == pytest.approx(
        impulse / vehicle.v_e, rel=1e-12
    )


def test_the_lag_is_seen_inside_the_tick():
    """One long tick equals many short ones: thrust is not held over a tick."""
    one = burn(at(), 1600.0, LANDER, 0.05, tick=0.05, site=SITE)
    many = burn(at(), 1600.0, LANDER, 0.05, tick=0.0005, site=SITE)
    assert one.v.z == pytest.approx(many.v.z, rel=2e-5)
    held = one.v.z + SITE.mu / SITE.radius**2 * 0.05 - 0.05 * 1600.0 / 410.0
    assert abs(held) > 100.0 * abs(one.v.z - many.v.z)


def run_dry(propellant, thrust, command, seconds):
    """Height and speed gained until the tanks are empty and after, by DOP853 with an event."""

    def rates(t, y):
        now = command + (thrust - command) * math.exp(-t / LANDER.lag)
        return [y[1], now / y[2], -now / LANDER.v_e]

    def empty(t, y):
        return y[2] - LANDER.mass_dry

    empty.terminal = True
    start = [0.0, 0.0, LANDER.mass_dry + propellant]
    done = solve_ivp(
        rates, (0.0, seconds), start, events=empty, method="DOP853", rtol=1e-12, atol=1e-14
    )
    at_end = done.t[-1]
    z, v, _ = done.y[:, -1]
    return at_end, z + v * (seconds - at_end), v


@pytest.mark.parametrize("share", [0.01, 0.3, 0.77, 0.999])
@pytest.mark.parametrize("thrust", [0.0, 600.0, 1600.0])
def test_exhaustion_is_found_inside_the_tick(share, thrust):
    command, tick = 1600.0, 0.05
    full = burned_mass(thrust, command, tick, math.exp(-tick / LANDER.lag), LANDER)
    propellant = share * full
    instant, height, speed = run_dry(propellant, thrust, command, tick)
    state = at(0.0, thrust=thrust, mass=LANDER.mass_dry + propellant)
    state = advance(state, command, NO_TORQUE, LANDER, NOWHERE, tick)
    assert (state.mass, state.thrust) == (LANDER.mass_dry, 0.0)
    assert time_to_exhaustion(thrust, command, tick, propellant, LANDER) == pytest.approx(
        instant, rel=1e-9
    )
    assert state.v.z == pytest.approx(speed, rel=1e-4)  # of RK4 at a third of the lag
    assert state.r.z == pytest.approx(height, rel=1e-3)


def test_a_tick_that_just_does_not_empty_the_tanks_keeps_the_thrust():
    """The quick bound says it might run dry, the exact one that it does not."""
    burned = burned_mass(0.0, 1600.0, 0.05, math.exp(-0.05 / LANDER.lag), LANDER)
    assert 1600.0 * 0.05 / LANDER.v_e > 1.001 * burned
    state = advance(
        at(mass=LANDER.mass_dry + 1.001 * burned), 1600.0, NO_TORQUE, LANDER, NOWHERE, 0.05
    )
    assert state.thrust > 400.0
    assert state.mass == pytest.approx(LANDER.mass_dry + 0.001 * burned, rel=1e-9)


def test_an_empty_lander_falls_on():
    state = at(1000.0, (0.0, 0.0, -10.0), mass=LANDER.mass_dry)
    dry = advance(state, 1600.0, NO_TORQUE, LANDER, SITE, 0.05)
    free = advance(state, 0.0, NO_TORQUE, LANDER, SITE, 0.05)
    assert dry.v.z == pytest.approx(free.v.z, rel=1e-14)
    assert (dry.mass, dry.thrust) == (LANDER.mass_dry, 0.0)


def test_an_empty_lander_still_turns():
    state = at(mass=LANDER.mass_dry, omega=Vec3(0.0, 0.0, 0.0))
    turning = advance(state, 1600.0, Vec3(10.0, 0.0, 0.0), LANDER, NOWHERE, 0.05)
    expected = 10.0 * 0.05 / (LANDER.mass_dry * LANDER.k2_xy)
    assert turning.omega.x == pytest.approx(expected, rel=1e-9)


@given(st.floats(0.0, 1.0))
def test_throttle_is_the_fraction_of_installed_thrust(throttle):
    assert commanded_thrust(throttle, True, LANDER) == pytest.approx(1600.0 * throttle)


@pytest.mark.parametrize(
    ("throttle", "thrust"),
    [(0.0, 0.0), (0.19, 0.0), (0.2, 640.0), (0.39, 640.0), (0.4, 640.0), (0.7, 1120.0)],
)
def test_below_the_floor_of_the_band(throttle, thrust):
    """Off under half of the floor, else the floor."""
    band = lander(throttle_min=0.4)
    assert commanded_thrust(throttle, True, band) == pytest.approx(thrust)


def test_an_engine_that_cannot_restart_stays_off():
    once = lander(restartable=0.0)
    assert commanded_thrust(1.0, True, once) == 1600.0
    assert commanded_thrust(1.0, False, once) == 0.0
    assert commanded_thrust(1.0, False, LANDER) == 1600.0


def test_thrust_off_the_axis_pushes_and_turns():
    tilt = math.radians(2.0)
    vehicle = lander(direction_x=math.sin(tilt), direction_z=math.cos(tilt))
    state = advance(at(thrust=1000.0), 1000.0, NO_TORQUE, vehicle, NOWHERE, 0.01)
    assert state.v.x / state.v.z == pytest.approx(math.tan(tilt), rel=1e-3)
    # The engine hangs below the centre of mass: a push to +x there turns the body about -y.
    expected = -0.9 * 1000.0 * math.sin(tilt) / (410.0 * LANDER.k2_xy) * 0.01
    assert state.omega.y == pytest.approx(expected, rel=1e-4)
    assert np.allclose([state.omega.x, state.omega.z], 0.0)
