"""Dead reckoning: the drawn errors, how they grow, and what the lander knows of them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from lunar_env.kernel.linalg import Quat, Vec3
from lunar_env.sensors.inertial import (
    NavErrors,
    dead_reckon,
    height_sigma,
    load_nav,
    speed_sigma,
    store_nav,
)
from tests.physics.landers import UPRIGHT, still
from tests.sensors.units import bench


def turned(about, degrees):
    """Attitude after turns about axes of the upright lander."""
    q = Rotation.from_euler(about, degrees, degrees=True).as_quat(scalar_first=True)
    return Quat(*q.tolist())


NO_ERROR = NavErrors(
    *(Vec3(0.0, 0.0, 0.0), Vec3(0.0, 0.0, 0.0), Vec3(0.0, 0.0, 0.0), UPRIGHT),
    *(250.0, 150.0, 0.3, 0.1, 0.003, 0.0017),
)
STATE = still(410.0, v=Vec3(1.0, -2.0, -50.0), q=turned("xyz", [5.0, 3.0, 10.0]))
seconds = st.floats(0.0, 120.0)
component = st.floats(-500.0, 500.0)
vectors = st.builds(Vec3, component, component, component)


@given(seconds)
def test_without_errors_the_lander_believes_the_truth(t):
    believed = dead_reckon(STATE, NO_ERROR, t)
    assert believed.r == STATE.r
    assert believed.v == STATE.v
    np.testing.assert_allclose(believed.q, STATE.q, atol=1e-15)


@given(vectors, vectors, vectors, seconds)
def test_errors_are_the_integral_of_a_constant_bias(r, v, bias, t):
    bias = Vec3(*(1e-4 * x for x in bias))
    believed = dead_reckon(STATE, NO_ERROR._replace(r=r, v=v, bias=bias), t)
    expected = np.array(r) + np.array(v) * t + 0.5 * np.array(bias) * t**2
    np.testing.assert_allclose(np.subtract(believed.r, STATE.r), expected, atol=1e-7)
    speed = np.array(v) + np.array(bias) * t
    np.testing.assert_allclose(np.subtract(believed.v, STATE.v), speed, atol=1e-9)


def test_the_attitude_error_is_a_turn_in_the_body():
    error = turned("x", 0.5)
    believed = dead_reckon(STATE, NO_ERROR._replace(attitude=error), 30.0)
    truth = Rotation.from_quat(STATE.q, scalar_first=True)
    expected = truth * Rotation.from_euler("x", 0.5, degrees=True)
    found = Rotation.from_quat(believed.q, scalar_first=True)
    assert (expected.inv() * found).magnitude() < 1e-12


def test_sigmas_grow_as_the_errors_they_stand_for():
    """Monte Carlo of height and speed errors after a minute."""
    rng = np.random.default_rng(3)
    t, count = 60.0, 4000
    draws = rng.normal(size=(count, 3)) * [150.0, 0.3, 0.003]
    height = draws[:, 0] + draws[:, 1] * t + 0.5 * draws[:, 2] * t**2
    speed = draws[:, 1] + draws[:, 2] * t
    assert height_sigma(NO_ERROR, t) == pytest.approx(height.std(), rel=0.05)
    assert speed_sigma(0.3, NO_ERROR, t) == pytest.approx(speed.std(), rel=0.05)
    assert height_sigma(NO_ERROR, 0.0) == 150.0
    assert speed_sigma(0.3, NO_ERROR, 0.0) == 0.3


def test_errors_survive_the_row():
    errors = NO_ERROR._replace(
        r=Vec3(1.0, 2.0, 3.0),
        v=Vec3(4.0, 5.0, 6.0),
        bias=Vec3(7.0, 8.0, 9.0),
        attitude=Quat(math.sqrt(0.5), 0.0, math.sqrt(0.5), 0.0),
    )
    memory, _ = bench()
    store_nav(memory, 0, errors)
    assert load_nav(memory, 0) == errors
