"""Errors of the IMU: dead reckoning against an independent strapdown navigator."""

import math
from typing import NamedTuple

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from lunar_env.kernel.linalg import Quat, Vec3, from_rotation_vector
from lunar_env.physics.types import State
from lunar_env.sensors.inertial import dead_reckon, measured_force, measured_rate, propagate_errors
from lunar_env.sensors.rows import load_imu, load_nav, store_imu, store_nav
from lunar_env.sensors.types import ImuErrors, NavErrors
from tests.physics.landers import NOWHERE, TURNING_MOON, UPRIGHT, still
from tests.sensors.rangefinder_bench import bench
from tests.sensors.strapdown import Errors, Trajectory, fly_burn

G0, HOUR = 9.80665, 3600.0
ZERO = Vec3(0.0, 0.0, 0.0)
PERFECT = ImuErrors(ZERO, ZERO, ZERO, ZERO, ZERO, 0.0, 0.0)
NO_ERROR = NavErrors(ZERO, ZERO, UPRIGHT, ZERO, 0.0)
# One sigma of each error of a tactical IMU, and of a start.
TACTICAL = Errors(
    *(300.0, 0.5, math.radians(0.02), 300e-6 * G0, 300e-6),
    *(math.radians(1.0) / HOUR, 100e-6, math.radians(0.02)),
)
BURNS = {"braking": (700.0, True), "terminal": (60.0, False)}
component = st.floats(-500.0, 500.0)
vectors = st.builds(Vec3, component, component, component)


def turned(about, degrees):
    """Attitude after turns about axes of the upright lander."""
    q = Rotation.from_euler(about, degrees, degrees=True).as_quat(scalar_first=True)
    return Quat(*q.tolist())


def vec(a):
    return Vec3(*map(float, a))


def drawn(size=1.0, seed=1):
    """Errors of an episode, `size` times as large as a tactical IMU's."""
    rng = np.random.default_rng(seed)
    return Errors(*(size * sigma * rng.normal(size=3) for sigma in TACTICAL))


def start_of(errors):
    attitude = from_rotation_vector(vec(errors.turn))
    return NavErrors(vec(errors.r), vec(errors.v), attitude, ZERO, 0.0)


def imu_of(errors):
    return ImuErrors(*map(vec, errors[3:]), 0.0, 0.0)


@numba.njit
def _follow(flight, errors, imu, site, steps):
    q = flight.q
    for k in range(1, steps + 1):
        state = State(
            Vec3(flight.r[k, 0], flight.r[k, 1], flight.r[k, 2]),
            Vec3(flight.v[k, 0], flight.v[k, 1], flight.v[k, 2]),
            Quat(q[k, 0], q[k, 1], q[k, 2], q[k, 3]),
            Vec3(flight.omega[k, 0], flight.omega[k, 1], flight.omega[k, 2]),
            1.0,
            0.0,
        )
        mean_force = Vec3(flight.mean_force[k, 0], flight.mean_force[k, 1], flight.mean_force[k, 2])
        errors = propagate_errors(errors, imu, state, mean_force, flight.time[k], site)[0]
    return errors


def follow(flight, errors=NO_ERROR, imu=PERFECT, site=TURNING_MOON):
    """Errors of dead reckoning at the end of a flight."""
    return _follow(flight, errors, imu, site, len(flight.time) - 1)


class Distance(NamedTuple):
    """How far apart two beliefs are."""

    r: float  # m
    v: float  # m/s
    turn: float  # rad


def last(flight):
    return State(
        *(vec(flight.r[-1]), vec(flight.v[-1]), Quat(*flight.q[-1].tolist())),
        *(vec(flight.omega[-1]), 1.0, 0.0),
    )


def distance(burn, errors):
    """Between our belief after a burn and a strapdown computer's."""
    seconds, high = BURNS[burn]
    truth = fly_burn(seconds, TURNING_MOON, high=high)
    reference = fly_burn(seconds, TURNING_MOON, errors, high=high)
    ours = dead_reckon(last(truth), follow(truth, start_of(errors), imu_of(errors)), seconds)
    theirs = Rotation.from_quat(reference.q[-1], scalar_first=True)
    return Distance(
        float(np.linalg.norm(np.subtract(ours.r, reference.r[-1]))),
        float(np.linalg.norm(np.subtract(ours.v, reference.v[-1]))),
        float((theirs.inv() * Rotation.from_quat(ours.q, scalar_first=True)).magnitude()),
    )


@pytest.mark.parametrize("burn", BURNS)
def test_without_errors_the_estimate_equals_the_true_state_bit_for_bit(burn):
    seconds, high = BURNS[burn]
    errors = follow(fly_burn(seconds, TURNING_MOON, high=high))
    assert (errors.r, errors.v, errors.attitude) == (ZERO, ZERO, UPRIGHT)


@pytest.mark.parametrize("burn", BURNS)
@pytest.mark.parametrize("size", [0.1, 1.0])
def test_the_estimate_agrees_with_a_strapdown_integration(burn, size):
    """To 1e-6 of the Moon's radius, of orbital speed, of a radian."""
    off = distance(burn, drawn(size))
    assert off.r < 1.738
    assert off.v < 1.69e-3
    assert off.turn < 1e-6


def test_what_is_neglected_is_small_against_the_errors_themselves():
    """Also for errors ten times a tactical IMU's, of 12 km and 28 m/s."""
    off = distance("braking", drawn(10.0))
    assert off.r < 1.738
    assert off.v < 1.69e-3


@pytest.mark.parametrize("kind", Errors._fields)
def test_every_kind_of_error_changes_the_estimate(kind):
    """Each alone: what is left out of the difference is under a thousandth of what it does."""
    none = Errors()
    alone = none._replace(**{kind: getattr(drawn(), kind)})
    seconds, high = BURNS["braking"]
    truth = fly_burn(seconds, TURNING_MOON, high=high)
    error = follow(truth, start_of(alone), imu_of(alone))
    off = distance("braking", alone)
    assert np.linalg.norm(error.r) > 5.0
    assert off.r < 1e-3 * np.linalg.norm(error.r)
    assert off.v < 1e-3 * np.linalg.norm(error.v)


@given(vectors, vectors, st.floats(0.0, 0.2))
def test_within_a_step_the_position_is_propagated_with_the_velocity(r, v, since):
    state = still(410.0, v=Vec3(1.0, -2.0, -50.0), q=turned("xyz", [5.0, 3.0, 10.0]))
    believed = dead_reckon(state, NavErrors(r, v, UPRIGHT, ZERO, 7.0), 7.0 + since)
    expected = np.array(r) + np.array(v) * since
    np.testing.assert_allclose(np.subtract(believed.r, state.r), expected, atol=1e-9)
    np.testing.assert_allclose(np.subtract(believed.v, state.v), v, atol=1e-12)


def test_the_attitude_error_is_a_rotation_in_the_site_frame():
    state = still(410.0, q=turned("xyz", [5.0, 3.0, 10.0]))
    believed = dead_reckon(state, NO_ERROR._replace(attitude=turned("x", 0.5)), 0.0)
    truth = Rotation.from_quat(state.q, scalar_first=True)
    expected = Rotation.from_euler("x", 0.5, degrees=True) * truth
    found = Rotation.from_quat(believed.q, scalar_first=True)
    assert (expected.inv() * found).magnitude() < 1e-12


def hovering(seconds, force=3.0):
    """A lander under a constant specific force, without gravity."""
    n = round(seconds / 0.2) + 1
    zero = np.zeros((n, 3))
    q = np.tile([1.0, 0.0, 0.0, 0.0], (n, 1))
    return Trajectory(0.2 * np.arange(n), zero, zero, q, zero, np.tile([0.0, 0.0, force], (n, 1)))


def test_a_bias_of_300_micro_g_gives_763_m_and_2_1_m_s_after_720_s():
    bias = Vec3(300e-6 * G0, 0.0, 0.0)
    errors = follow(hovering(720.0), imu=PERFECT._replace(accel_bias=bias), site=NOWHERE)
    assert errors.r.x == pytest.approx(763.0, abs=0.5)
    assert errors.v.x == pytest.approx(2.1, abs=0.05)


def test_a_tilt_error_rotates_the_thrust_and_a_drift_increases_it():
    """0.1 deg at 3 m/s^2 is 5 mm/s^2; 1 deg/h for 600 s ends at 1/6 deg."""
    tilted = NO_ERROR._replace(attitude=turned("x", 0.1))
    assert follow(hovering(100.0), tilted, site=NOWHERE).v.y / 100.0 == pytest.approx(
        -3.0 * math.sin(math.radians(0.1)), rel=1e-6
    )
    drift = math.radians(1.0) / HOUR
    drifting = PERFECT._replace(gyro_bias=Vec3(drift, 0.0, 0.0))
    errors = follow(hovering(600.0), imu=drifting, site=NOWHERE)
    assert 2.0 * errors.attitude.x == pytest.approx(math.radians(1.0 / 6.0), rel=1e-5)
    assert errors.v.y == pytest.approx(-3.0 * drift * 600.0**2 / 2.0, rel=1e-5)
    assert errors.r.y == pytest.approx(-3.0 * drift * 600.0**3 / 6.0, rel=1e-4)


def test_height_errors_grow_and_horizontal_errors_oscillate():
    """Gravity at the wrong place: cosh(sqrt(2) n t) up, cos(n t) across, n^2 = mu/r^3."""
    moon = TURNING_MOON._replace(rate=0.0, j2=0.0)
    rate = math.sqrt(moon.mu / moon.radius**3)
    flight = hovering(700.0, force=moon.mu / moon.radius**2)
    errors = follow(flight, NO_ERROR._replace(r=Vec3(10.0, 0.0, 10.0)), site=moon)
    assert errors.r.z == pytest.approx(10.0 * math.cosh(math.sqrt(2.0) * rate * 700.0), rel=1e-3)
    assert errors.r.x == pytest.approx(10.0 * math.cos(rate * 700.0), rel=1e-3)


def test_inertial_readings_have_their_errors():
    imu = ImuErrors(
        *(vec([0.1, 0.2, 0.3]), vec([0.01, 0.02, 0.03]), vec([1e-3, 2e-3, 3e-3])),
        *(vec([0.1, 0.2, 0.3]), vec([0.0, 0.001, 0.0]), 0.0, 0.0),
    )
    np.testing.assert_allclose(measured_force(imu, vec([1.0, 2.0, 3.0])), [1.113, 2.24, 3.389])
    np.testing.assert_allclose(measured_rate(imu, vec([0.1, 0.0, 0.0])), [0.111, 2e-3, 2.9e-3])


def test_errors_and_unit_are_read_back_from_the_row():
    memory, _ = bench()
    errors = NavErrors(
        vec([1, 2, 3]),
        vec([4, 5, 6]),
        Quat(math.sqrt(0.5), 0.0, math.sqrt(0.5), 0.0),
        vec([7, 8, 9]),
        10.0,
    )
    imu = ImuErrors(*(vec(3 * k + np.arange(3.0)) for k in range(5)), 15.0, 16.0)
    store_nav(memory, 0, errors)
    store_imu(memory, 0, imu)
    assert load_nav(memory, 0) == errors
    assert load_imu(memory, 0) == imu
