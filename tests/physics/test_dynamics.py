"""Equations of motion: against Newton and Euler written with matrices, and SciPy's rotations."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from lunar_env.kernel.linalg import Quat, Vec3
from lunar_env.physics.dynamics import accelerations, rates
from lunar_env.physics.types import Accelerations, Site
from tests.physics.landers import NOWHERE, two_bodies, uneven
from tests.reference import equations

LANDER = uneven()
LATITUDE = 0.7
FLATNESS = 1.5 * equations.J2 * equations.GM * equations.R_GRAVITY**2
HERE = Site(
    *(equations.GM, equations.RADIUS, FLATNESS, equations.RATE),
    *(math.cos(LATITUDE), math.sin(LATITUDE)),
)
ORIGIN = Vec3(0.0, 0.0, 0.0)

numbers = st.floats(-1.0, 1.0)
vectors = st.builds(Vec3, numbers, numbers, numbers)
turns = st.tuples(numbers, numbers, numbers).map(lambda v: 3.0 * np.array(v))


def quat(rotation):
    return Quat(*rotation.as_quat(scalar_first=True).tolist())


@given(vectors, vectors, vectors, st.floats(0.0, 900.0))
def test_a_force_off_the_centre_of_mass_turns_the_lander(where, force, torque, propellant):
    """``I alpha = (p - com) x F + tau`` for a force at a point of the structure."""
    mass = 400.0 + propellant
    com, tensor = two_bodies(propellant)
    moment = np.cross(where, force)
    push = accelerations(force, Vec3(*moment.tolist()), torque, mass, LANDER)
    np.testing.assert_allclose(push.a, np.array(force) / mass, rtol=1e-13)
    turning = np.cross(np.array(where) - com, force) + torque
    np.testing.assert_allclose(np.array(push.alpha) * np.diag(tensor), turning, atol=1e-12)


@given(vectors, vectors, st.floats(0.0, 900.0))
def test_torque_free_rotation_obeys_eulers_equations(omega, torque, propellant):
    """``I omega' + omega x (I omega) = tau``."""
    _, tensor = two_bodies(propellant)
    push = accelerations(ORIGIN, ORIGIN, torque, 400.0 + propellant, LANDER)
    found = rates(ORIGIN, ORIGIN, Quat(1.0, 0.0, 0.0, 0.0), omega, push, NOWHERE).omega
    left = tensor @ found + np.cross(omega, tensor @ omega)
    np.testing.assert_allclose(left, torque, atol=1e-10)


@given(turns, vectors)
def test_attitude_follows_the_body_rate_minus_the_rotation_of_the_moon(turn, omega):
    """The derivative of ``exp(-Omega t) q exp(omega t)`` by central differences."""
    q = Rotation.from_rotvec(turn)
    fast = HERE._replace(rate=0.3)  # the Moon's own rate would not show
    spin = 0.3 * np.array([0.0, math.cos(LATITUDE), math.sin(LATITUDE)])
    h = 1e-4

    def after(t):
        turned = Rotation.from_rotvec(-spin * t) * q * Rotation.from_rotvec(np.array(omega) * t)
        later = turned.as_quat(scalar_first=True)
        return later if later @ q.as_quat(scalar_first=True) > 0.0 else -later

    nothing = Accelerations(ORIGIN, ORIGIN, ORIGIN)
    found = rates(ORIGIN, ORIGIN, quat(q), omega, nothing, fast).q
    np.testing.assert_allclose(found, (after(h) - after(-h)) / (2.0 * h), atol=1e-7)


@given(turns, vectors, vectors, vectors)
def test_acceleration_is_the_sum_of_thrust_and_gravity(turn, r, v, force):
    q = Rotation.from_rotvec(turn)
    r = Vec3(3e5 * r.x, 3e5 * r.y, 2e4 * r.z)
    v = Vec3(1700.0 * v.x, 1700.0 * v.y, 100.0 * v.z)
    thrust = 5.0 * np.array(force)
    found = rates(
        r, v, quat(q), ORIGIN, Accelerations(Vec3(*thrust.tolist()), ORIGIN, ORIGIN), HERE
    )
    expected = q.apply(thrust) + equations.acceleration(r, v, LATITUDE)
    np.testing.assert_allclose(found.v, expected, atol=1e-12)
    assert found.r == v


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_torque_acts_on_its_own_axis(axis):
    torque = np.eye(3)[axis]
    alpha = accelerations(ORIGIN, ORIGIN, Vec3(*torque.tolist()), 400.0, LANDER).alpha
    assert np.flatnonzero(alpha).tolist() == [axis]
