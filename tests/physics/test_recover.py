"""Can it still be saved: the closed form against a brute flight of the full simulation."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lunar_env.physics.integrate import advance
from lunar_env.physics.recover import height_to_stop
from tests.physics.bodies import LANDER, NO_TORQUE, SITE, at, lander

TICK = 0.02


def fall_and_burn(speed, mass, vehicle, reaction=1.0, height=0.0):
    """Height lost while the engine is off for `reaction` seconds, then full until it stops."""
    state = at(height, (0.0, 0.0, -speed), mass=mass)
    for _ in range(round(reaction / TICK)):
        state = advance(state, 0.0, NO_TORQUE, vehicle, SITE, TICK)
    while state.v.z < 0.0 and state.mass > vehicle.mass_dry:
        state = advance(state, vehicle.thrust_max, NO_TORQUE, vehicle, SITE, TICK)
    return (math.inf if state.v.z < 0.0 else height - state.r.z), state.mass


@given(
    st.floats(5.0, 120.0),
    st.floats(380.0, 420.0),
    st.floats(1400.0, 1800.0),
    st.floats(0.1, 0.3),
)
def test_it_is_the_height_that_full_thrust_really_needs(speed, mass, thrust, lag):
    vehicle = lander(thrust_max=thrust, lag=lag, mass_dry=300.0)
    flown, _ = fall_and_burn(speed, mass, vehicle, height=1000.0)
    closed = height_to_stop(at(1000.0, (0.0, 0.0, -speed), mass=mass), vehicle, SITE, 1.0)
    # Gravity at height is a little weaker than at the site; the lag counts to second order.
    assert closed == pytest.approx(flown, abs=2.0, rel=2e-3)


@given(st.floats(20.0, 120.0), st.floats(0.2, 60.0))
def test_it_is_infinite_where_the_propellant_is_too_little(speed, propellant):
    mass = LANDER.mass_dry + propellant
    _, left = fall_and_burn(speed, mass, lander(mass_dry=100.0), height=1500.0)
    needed = mass - left
    assume(abs(needed - propellant) > 0.01 * needed)
    closed = height_to_stop(at(1500.0, (0.0, 0.0, -speed), mass=mass), LANDER, SITE, 1.0)
    assert (closed == math.inf) is (needed > propellant)


@pytest.mark.parametrize(("propellant", "stops"), [(3.0, False), (40.0, True)])
def test_a_fall_at_106_metres_a_second(propellant, stops):
    state = at(3000.0, (0.0, 0.0, -106.0), mass=LANDER.mass_dry + propellant)
    assert (height_to_stop(state, LANDER, SITE, 1.0) < math.inf) is stops


def test_an_engine_that_is_too_weak_stops_nothing():
    weak = lander(thrust_max=600.0)
    assert height_to_stop(at(1000.0, (0.0, 0.0, -5.0)), weak, SITE, 1.0) == math.inf


def test_a_lander_that_rises_needs_nothing():
    assert height_to_stop(at(1000.0, (0.0, 0.0, 30.0)), LANDER, SITE, 1.0) == 0.0
    empty = at(1000.0, (0.0, 0.0, 30.0), mass=LANDER.mass_dry)
    assert height_to_stop(empty, LANDER, SITE, 1.0) == 0.0


@given(st.floats(1.0, 119.0))
def test_it_grows_with_speed_reaction_and_mass(speed):
    def needs(fall, reaction, mass):
        return height_to_stop(at(1000.0, (0.0, 0.0, -fall), mass=mass), LANDER, SITE, reaction)

    base = needs(speed, 1.0, 410.0)
    assert needs(speed + 1.0, 1.0, 410.0) > base
    assert needs(speed, 1.1, 410.0) > base
    assert needs(speed, 1.0, 411.0) > base
