"""Gravity and the turning frame: orbits, altitude, and the Coriolis drift with its sign."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from lunar_env.kernel.linalg import Vec3
from lunar_env.physics.gravity import free_fall
from lunar_env.physics.integrate import advance
from lunar_env.physics.types import Site
from tests.physics.bodies import GM, LANDER, NO_TORQUE, OMEGA, RADIUS, SITE, STILL, at, lander

REST = Vec3(0.0, 0.0, 0.0)
CENTRE = (0.0, 0.0, RADIUS)  # from the Moon's centre to the target


def coast(state, site, seconds, tick=0.5):
    for _ in range(round(seconds / tick)):
        state = advance(state, 0.0, NO_TORQUE, LANDER, site, tick)
    return state


@pytest.mark.parametrize("height", [0.0, 3e3, 1e5])
def test_gravity_falls_off_with_the_square_of_the_distance(height):
    g = free_fall(Vec3(0.0, 0.0, height), REST, STILL)
    assert (g.x, g.y) == (0.0, 0.0)
    assert g.z == pytest.approx(-GM / (RADIUS + height) ** 2, rel=1e-14)


def test_gravity_points_to_the_centre_of_the_moon_from_beside_the_target():
    offset = 5e4
    g = np.array(free_fall(Vec3(offset, 0.0, 0.0), REST, STILL))
    towards = -np.array([offset, 0.0, RADIUS])
    assert np.linalg.norm(np.cross(g, towards)) < 1e-12 * np.linalg.norm(towards)
    assert np.linalg.norm(g) == pytest.approx(GM / (offset**2 + RADIUS**2), rel=1e-13)


coordinate = st.floats(-1e5, 1e5)
speed = st.floats(-2e3, 2e3)


@given(st.builds(Vec3, coordinate, coordinate, coordinate), st.builds(Vec3, speed, speed, speed))
def test_the_frame_terms_are_coriolis_and_centrifugal(r, v):
    site = Site(GM, RADIUS, 1e-3, 2e-3)
    omega, rho = np.array([0.0, 1e-3, 2e-3]), np.add(r, CENTRE)
    pull = -GM * rho / np.linalg.norm(rho) ** 3
    expected = pull - 2.0 * np.cross(omega, v) - np.cross(omega, np.cross(omega, rho))
    np.testing.assert_allclose(free_fall(r, v, site), expected, rtol=1e-11, atol=1e-11)


def test_a_body_at_rest_in_space_is_seen_to_turn_backwards():
    """Kinematics alone: without gravity a point fixed in space circles against the Moon."""
    site = Site(1e-30, RADIUS, SITE.omega_y, SITE.omega_z)
    omega = np.array([0.0, site.omega_y, site.omega_z])
    rho = np.array([0.0, 0.0, RADIUS])
    state = at(0.0, tuple((-np.cross(omega, rho)).tolist()))
    seconds = 3600.0
    state = coast(state, site, seconds, tick=5.0)
    seen = Rotation.from_rotvec(-omega * seconds).apply(rho) - rho
    np.testing.assert_allclose(state.r, seen, rtol=1e-9, atol=1e-6)


def test_a_falling_body_drifts_to_the_east():
    """``x = omega cos(latitude) g t^3 / 3`` for a body dropped from rest."""
    latitude = math.radians(30.0)
    site = Site(GM, RADIUS, OMEGA * math.cos(latitude), OMEGA * math.sin(latitude))
    height, seconds = 3000.0, 50.0
    state = coast(at(height), site, seconds)
    g = GM / (RADIUS + height) ** 2
    drift = OMEGA * math.cos(latitude) * g * seconds**3 / 3.0
    assert drift > 0.1
    assert state.r.x == pytest.approx(drift, rel=2e-3)


def test_moving_north_in_the_north_pulls_to_the_east():
    a = free_fall(Vec3(0.0, 0.0, 0.0), Vec3(0.0, 100.0, 0.0), SITE)
    assert a.x == pytest.approx(2.0 * SITE.omega_z * 100.0)
    assert a.x > 0.0


def test_a_circular_orbit_keeps_its_energy_and_radius():
    height = 1e5
    radius = RADIUS + height
    state = at(height, (math.sqrt(GM / radius), 0.0, 0.0))
    period = 2.0 * math.pi * math.sqrt(radius**3 / GM)
    start = 0.5 * sum(x * x for x in state.v) - GM / radius
    state = coast(state, STILL, 2000 * (period / 2000), tick=period / 2000)
    rho = np.add(state.r, CENTRE)
    assert np.linalg.norm(rho) == pytest.approx(radius, rel=1e-10)
    energy = 0.5 * sum(x * x for x in state.v) - GM / np.linalg.norm(rho)
    assert energy == pytest.approx(start, rel=1e-11)
    # Once around: the lander is back where it began.
    assert np.linalg.norm(np.array(state.r) - [0.0, 0.0, height]) < 1e-6 * radius


def test_an_orbit_in_the_turning_frame_is_the_same_orbit():
    """Jacobi's integral: energy less Omega times angular momentum."""
    omega = np.array([0.0, SITE.omega_y, SITE.omega_z])

    def jacobi(state):
        rho = np.add(state.r, CENTRE)
        spin = np.cross(omega, rho)
        return 0.5 * sum(x * x for x in state.v) - GM / np.linalg.norm(rho) - 0.5 * spin @ spin

    state = at(2e4, (900.0, 1200.0, 300.0))
    start = jacobi(state)
    assert jacobi(coast(state, SITE, 2000.0, tick=2.0)) == pytest.approx(start, rel=1e-11)


def test_free_fall_is_the_closed_form():
    """Radial fall of a point mass: time from one height to another by the conic's equation."""
    high, low = RADIUS + 5e4, RADIUS + 1e3
    angle = math.acos(math.sqrt(low / high))
    seconds = math.sqrt(high**3 / (2.0 * GM)) * (angle + 0.5 * math.sin(2.0 * angle))
    state = coast(at(5e4), STILL, seconds, tick=seconds / 1000)
    assert state.r.z == pytest.approx(1e3, abs=1e-6)
    assert -state.v.z == pytest.approx(math.sqrt(2.0 * GM * (1.0 / low - 1.0 / high)), rel=1e-10)


def test_without_thrust_attitude_and_design_do_not_move_the_fall():
    tumbling = at(2000.0, (1.0, 2.0, -50.0), omega=Vec3(0.3, -0.2, 0.5))
    plain = coast(at(2000.0, (1.0, 2.0, -50.0)), SITE, 10.0)
    other = lander(k2_z=0.1, arm=2.0, direction_x=0.01)
    state = tumbling
    for _ in range(20):
        state = advance(state, 0.0, NO_TORQUE, other, SITE, 0.5)
    assert state.r == plain.r
    assert state.v == plain.v
