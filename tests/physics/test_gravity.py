"""Gravity and the turning frame: against the potential, and in the orbits that follow from it."""

from __future__ import annotations

import math

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from lunar_env.data import constants
from lunar_env.kernel.linalg import Quat, Vec3
from lunar_env.physics.gravity import free_fall
from lunar_env.physics.integrate import rk4
from lunar_env.physics.types import Accelerations, Site, State, TickAccelerations
from tests.reference import equations
from tests.reference.equations import GM, J2, R_GRAVITY, RADIUS, RATE, axes

LATITUDE = math.radians(60.5)
FLATNESS = 1.5 * J2 * GM * R_GRAVITY**2
CENTRE = np.array([0.0, 0.0, RADIUS])  # from the Moon's centre to the target
REST = Vec3(0.0, 0.0, 0.0)


def site(latitude=LATITUDE, mu=GM, j2=FLATNESS, rate=RATE):
    return Site(mu, RADIUS, j2, rate, math.cos(latitude), math.sin(latitude))


FULL = site()
ROUND = site(j2=0.0)
PLAIN = site(j2=0.0, rate=0.0)


@numba.njit
def coast(state, engines_off, where, dt, steps):
    """Position and velocity of a free fall at every step."""
    path = np.empty((steps + 1, 6))
    for k in range(steps + 1):
        path[k, :3], path[k, 3:] = state.r, state.v
        state = rk4(state, engines_off, where, dt)
    return path


def fall(r, v, where, seconds, dt=2.0):
    """Where a body goes: times, positions from the Moon's centre and velocities, in L."""
    steps = round(seconds / dt)
    r, v = Vec3(*map(float, r)), Vec3(*map(float, v))
    state = State(r, v, Quat(1.0, 0.0, 0.0, 0.0), REST, 400.0, 0.0)
    nothing = Accelerations(REST, REST, REST)
    engines_off = TickAccelerations(nothing, nothing, nothing, 400.0, 0.0)
    path = coast(state, engines_off, where, seconds / steps, steps)
    return np.linspace(0.0, seconds, steps + 1), path[:, :3] + CENTRE, path[:, 3:]


def axis(where):
    return np.array([0.0, where.pole_y, where.pole_z])


coordinate = st.floats(-8e5, 8e5)
speed = st.floats(-2e3, 2e3)
latitudes = st.floats(-1.57, 1.57)


@given(
    st.builds(Vec3, coordinate, coordinate, coordinate),
    st.builds(Vec3, speed, speed, speed),
    latitudes,
    st.sampled_from([0.0, RATE, 1e-3]),
)
def test_gravity_is_the_gradient_of_the_potential_in_the_rotating_frame(r, v, latitude, rate):
    where = site(latitude, rate=rate)
    expected = equations.acceleration(r, v, latitude, rate=rate)
    # The strength of the terms that cancel sets the rounding, not their sum.
    size = np.abs(expected).max() + 2e6 * rate**2
    np.testing.assert_allclose(free_fall(r, v, where), expected, rtol=0.0, atol=4e-15 * size)


def test_the_constants_of_the_package_are_those_of_the_reference():
    assert pytest.approx(J2, rel=1e-9) == constants.J2_MOON
    assert constants.R_GRAVITY == R_GRAVITY
    # The field without the permanent tide: normalised C20 = -9.0880835e-5 (Konopliv et al. 2013).
    tide_free = 9.0880835e-5 * math.sqrt(5.0)
    assert abs(constants.J2_MOON - tide_free) <= 1.01 * constants.CONSTANTS["J2_MOON"].uncertainty


@pytest.mark.parametrize("height", [0.0, 3e3, 1e5])
def test_gravity_of_a_spherical_moon_follows_the_inverse_square(height):
    g = free_fall(Vec3(0.0, 0.0, height), REST, PLAIN)
    assert (g.x, g.y) == (0.0, 0.0)
    assert g.z == pytest.approx(-GM / (RADIUS + height) ** 2, rel=1e-14)


@pytest.mark.parametrize(("latitude", "factor"), [(0.0, 1.0), (math.pi / 2.0, -2.0)])
def test_gravity_of_an_oblate_moon_is_larger_at_the_equator_than_at_the_pole(latitude, factor):
    """At equal distance: by 3/2 J2 more there, by 3 J2 less here."""
    g = free_fall(Vec3(0.0, 0.0, 0.0), REST, site(latitude, rate=0.0))
    more = factor * 1.5 * J2 * (R_GRAVITY / RADIUS) ** 2
    assert -g.z / (GM / RADIUS**2) - 1.0 == pytest.approx(more, rel=1e-9)


def test_gravity_of_an_oblate_moon_has_a_component_towards_the_equator():
    north = free_fall(REST, REST, site(math.radians(45.0), rate=0.0))
    south = free_fall(REST, REST, site(math.radians(-45.0), rate=0.0))
    assert north.y == pytest.approx(-1.5 * J2 * GM * R_GRAVITY**2 / RADIUS**4, rel=1e-9)
    assert south.y == -north.y


def test_a_body_at_rest_in_inertial_space_rotates_backwards_in_the_site_frame():
    """Kinematics alone: without gravity a point fixed in space circles against the Moon."""
    where = site(mu=1e-30, j2=0.0)
    omega = RATE * axis(where)
    times, rho, _ = fall(REST, -np.cross(omega, CENTRE), where, 3600.0, dt=5.0)
    seen = Rotation.from_rotvec(-omega * times[-1]).apply(CENTRE)
    np.testing.assert_allclose(rho[-1], seen, rtol=1e-12, atol=1e-6)


def test_a_falling_body_drifts_to_the_east():
    """``x = omega cos(latitude) g t^3 / 3`` for a body dropped from rest."""
    latitude, height, seconds = math.radians(30.0), 3000.0, 50.0
    _, rho, _ = fall((0.0, 0.0, height), REST, site(latitude, j2=0.0), seconds)
    g = GM / (RADIUS + height) ** 2
    drift = RATE * math.cos(latitude) * g * seconds**3 / 3.0
    assert drift > 0.1
    assert rho[-1, 0] == pytest.approx(drift, rel=2e-3)


def test_moving_north_in_the_northern_hemisphere_deflects_to_the_east():
    a = free_fall(REST, Vec3(0.0, 100.0, 0.0), ROUND)
    assert a.x == pytest.approx(2.0 * RATE * math.sin(LATITUDE) * 100.0)


def test_free_fall_agrees_with_the_closed_form():
    """Radial fall of a point mass: time from one height to another by the conic's equation."""
    high, low = RADIUS + 5e4, RADIUS + 1e3
    angle = math.acos(math.sqrt(low / high))
    seconds = math.sqrt(high**3 / (2.0 * GM)) * (angle + 0.5 * math.sin(2.0 * angle))
    _, rho, v = fall((0.0, 0.0, 5e4), REST, PLAIN, seconds, dt=seconds / 1000)
    assert rho[-1, 2] - RADIUS == pytest.approx(1e3, abs=1e-6)
    assert -v[-1, 2] == pytest.approx(math.sqrt(2.0 * GM * (1.0 / low - 1.0 / high)), rel=1e-10)


def test_a_circular_orbit_at_100_km_has_its_period():
    """Round Moon, in the turning frame: once around in space, by the angle that is left."""
    radius = RADIUS + 1e5
    period = 2.0 * math.pi * math.sqrt(radius**3 / GM)
    along = np.array([math.sqrt(GM / radius), 0.0, 0.0])
    omega = RATE * axis(ROUND)
    _, rho, v = fall(
        (0.0, 0.0, 1e5), along - np.cross(omega, [0.0, 0.0, radius]), ROUND, period, dt=5.0
    )
    in_space = Rotation.from_rotvec(omega * period).apply(np.array([rho[-1], v[-1]]))
    assert np.linalg.norm(rho[-1]) == pytest.approx(radius, rel=1e-9)
    # An angle ahead or behind is a period too short or too long.
    late = -in_space[0, 0] / along[0]
    assert abs(late) < 1e-6 * period
    assert abs(in_space[0, 1]) < 1e-6 * radius


def drift_of(values):
    """Largest change of a quantity along a flight, relative to its size."""
    return np.max(np.linalg.norm(values - values[0], axis=-1)) / np.linalg.norm(values[0])


START = ((3e4, -4e4, 5e4), (900.0, 1200.0, 300.0))


def test_energy_and_angular_momentum_are_conserved_in_inertial_space():
    _, rho, v = fall(*START, PLAIN, 7000.0)
    energy = 0.5 * np.sum(v * v, axis=1) - GM / np.linalg.norm(rho, axis=1)
    assert drift_of(energy[:, None]) < 1e-9
    assert drift_of(np.cross(rho, v)) < 1e-9


def test_the_rotating_frame_conserves_the_jacobi_integral():
    """Oblate and turning: the energy in space less Omega times the axial angular momentum."""
    _, rho, v = fall(*START, FULL, 7000.0)
    dcm_ML = axes(LATITUDE)
    x, y, z = (rho @ dcm_ML.T).T
    jacobi = 0.5 * np.sum(v * v, axis=1) - equations.potential(x, y, z)
    jacobi -= 0.5 * RATE**2 * (x * x + y * y)
    assert drift_of(jacobi[:, None]) < 1e-9
    v_space = v + np.cross(RATE * axis(FULL), rho)
    assert drift_of((np.cross(rho, v_space) @ axis(FULL))[:, None]) < 1e-9


@pytest.mark.parametrize("degrees", [30.0, 75.0, 120.0])
def test_an_oblate_moon_makes_the_nodes_of_an_orbit_precess(degrees):
    """``-3/2 J2 n (R/a)^2 cos i`` (Vallado, secular J2), taken from one ascending node to others.

    Between nodes the orbit's plane moves unevenly, twice a revolution.
    """
    radius, inclination = RADIUS + 1e5, math.radians(degrees)
    mean_motion = math.sqrt(GM / radius**3)
    where = site(rate=0.0)
    dcm_ML = axes(LATITUDE)
    swing = Rotation.from_euler("x", inclination).apply([0.0, math.sqrt(GM / radius), 0.0])
    start = dcm_ML.T @ [radius, 0.0, 0.0] - CENTRE
    seconds = 6.5 * 2.0 * math.pi / mean_motion
    times, rho, v = fall(start, dcm_ML.T @ swing, where, seconds, dt=10.0)
    rho, v = rho @ dcm_ML.T, v @ dcm_ML.T
    crossings = np.flatnonzero((rho[:-1, 2] < 0.0) & (rho[1:, 2] >= 0.0))[-6:]
    # The plane stands still while the orbit crosses the equator, so the step before will do.
    spin = np.cross(rho[crossings], v[crossings])
    nodes = np.unwrap(np.arctan2(spin[:, 0], -spin[:, 1]))
    rate = (nodes[-1] - nodes[0]) / (times[crossings[-1]] - times[crossings[0]])
    assert times[crossings[-1]] - times[crossings[0]] > 4.9 * 2.0 * math.pi / mean_motion
    expected = -1.5 * J2 * mean_motion * (R_GRAVITY / radius) ** 2 * math.cos(inclination)
    assert rate == pytest.approx(expected, rel=1e-2)
