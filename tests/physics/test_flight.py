"""The flight as a whole: thrusters, direct control, conservation, and impossible states."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lunar_env.kernel.linalg import Quat, Vec3
from tests.physics.cluster_flight import fly, row_of
from tests.physics.landers import (
    G0,
    NOWHERE,
    POINT_MOON,
    TICK,
    TURNING_MOON,
    G,
    engine,
    leaning,
    ring,
    steered,
    still,
    two_bodies,
    uneven,
    vehicle,
)

ONE = [engine(1600.0, isp=290.0)]
V_E = 290.0 * G0
REST = (0.0, 0.0, 0.0)


def test_the_specific_force_is_in_body_axes():
    crooked = [engine(1000.0, direction=(0.1, -0.2, 1.0), isp=1e9)]
    state = still(500.0, q=leaning(40.0))
    memory = row_of(vehicle(crooked, mass_dry=499.0), crooked, state, burning=[1000.0])
    path = fly(memory, [1000.0], 0.2, per=4, torque=REST, site=POINT_MOON)
    force = 1000.0 * np.array([*crooked[0][3:6]])
    np.testing.assert_allclose(path.specific_force[-1], 4.0 * force / 500.0, rtol=1e-9)


# Attitude thrusters.


def test_thruster_propellant_is_proportional_to_angular_impulse():
    """``m = sum |tau| t / (arm Isp g0)``, from the same tanks, and nothing when they are empty."""
    flow = 1.0 / (1.2 * 220.0 * G0)
    lander = vehicle(ONE, rcs_flow=flow)
    memory = row_of(lander, ONE, still(500.0))
    path = fly(memory, [0.0], 10.0, torque=(30.0, -20.0, 10.0))
    assert path.mass[-1] == pytest.approx(500.0 - 60.0 * 10.0 * flow, rel=1e-12)
    memory = row_of(lander, ONE, still(400.1))
    path = fly(memory, [0.0], 10.0, torque=(30.0, -20.0, 10.0))
    lasts = 0.1 / (60.0 * flow)
    empty = path.mass == 400.0
    assert np.argmax(empty) == math.floor(lasts / TICK)
    assert np.all(empty[np.argmax(empty) :])


def test_engines_and_thrusters_empty_the_tanks_together():
    flow = 1.0 / (1.2 * 220.0 * G0)
    lander = vehicle(ONE, rcs_flow=flow)
    memory = row_of(lander, ONE, still(400.5), burning=[1600.0])
    path = fly(memory, [1600.0], 2.0, torque=(0.0, 0.0, 50.0))
    lasts = 0.5 / (1600.0 / V_E + 50.0 * flow)
    assert np.argmax(path.mass == 400.0) == math.floor(lasts / TICK)
    speed = 1600.0 / (1600.0 / V_E + 50.0 * flow) * math.log(400.5 / 400.0)
    assert path.v[-1, 2] == pytest.approx(speed, rel=1e-9)


@pytest.mark.parametrize(
    ("asked", "given_torque"),
    [
        ((7.9, -7.9, 7.9), (0.0, 0.0, 0.0)),
        ((8.0, -8.0, 8.0), (8.0, -8.0, 8.0)),
        ((60.0, -170.0, 200.0), (60.0, -100.0, 50.0)),
    ],
)
def test_thrusters_have_a_minimum_impulse_and_a_torque_limit(asked, given_torque):
    """0.4 N m s in a tick of 50 ms is 8 N m: anything less is nothing."""
    lander = vehicle(ONE, impulse_bit=0.4)
    path = fly(row_of(lander, ONE, still(600.0)), [0.0], TICK, torque=asked)
    np.testing.assert_array_equal(path.torque[0], given_torque)
    inertia = np.array([400.0 * 0.45 + 80.0, 400.0 * 0.45 + 80.0, 400.0 * 0.4 + 80.0])
    np.testing.assert_allclose(path.omega[0], TICK * np.array(given_torque) / inertia, atol=1e-4)


def test_a_minimum_impulse_gives_a_small_limit_cycle():
    """The lander goes to and fro within what one impulse does, and now and then fires."""
    lean = math.radians(0.3)
    crooked = [engine(1600.0, direction=(math.sin(lean), 0.0, math.cos(lean)), isp=1e5)]
    lander = vehicle(crooked, impulse_bit=1.0)
    path = fly(row_of(lander, crooked, still()), [1600.0], 120.0)
    late = path.torque[1200:, 1]
    assert set(np.abs(late[late != 0.0]) >= 20.0) == {True}
    assert np.mean(late == 0.0) > 0.3
    assert late.mean() == pytest.approx(1600.0 * math.sin(lean), rel=0.05)
    step = 1.0 / (600.0 * 0.45)
    assert np.abs(path.omega[1200:, 1]).max() < 4.0 * step


# By hand.


def test_under_actuator_control_the_autopilot_is_off():
    """A leaning, turning lander goes on turning; a commanded torque alone changes that."""
    state = still(600.0, q=leaning(30.0), omega=Vec3(0.1, 0.0, 0.0))
    free = fly(row_of(vehicle(ONE), ONE, state), [0.0], 5.0, torque=REST)
    np.testing.assert_allclose(free.omega, np.tile([0.1, 0.0, 0.0], (100, 1)), atol=1e-15)
    assert not free.torque.any()
    assert not free.trim.any()
    turned = fly(row_of(vehicle(ONE), ONE, state), [0.0], 5.0, torque=(-5.2, 0.0, 0.0))
    assert turned.omega[-1, 0] == pytest.approx(0.1 - 5.2 * 5.0 / 260.0, rel=1e-9)
    held = fly(row_of(vehicle(ONE), ONE, state), [0.0], 5.0)
    assert np.abs(held.torque).max() > 10.0


# Free fall and hover of the whole.


def test_free_fall_keeps_energy_and_angular_momentum():
    """700 s above a point Moon: 1e-9 of both."""
    state = still(600.0, (2e5, -1e5, 3e4), v=Vec3(900.0, 300.0, 200.0), omega=Vec3(0.1, 0.2, 0.3))
    path = fly(row_of(uneven(ONE), ONE, state), [0.0], 700.0, torque=REST, site=POINT_MOON)
    rho = path.r + np.array([0.0, 0.0, POINT_MOON.radius])
    energy = 0.5 * (path.v**2).sum(axis=1) - POINT_MOON.mu / np.linalg.norm(rho, axis=1)
    momentum = np.cross(rho, path.v)
    assert np.ptp(energy) < 1e-9 * abs(energy[0])
    assert np.ptp(momentum, axis=0).max() < 1e-9 * np.linalg.norm(momentum[0])
    _, tensor = two_bodies(200.0)
    spin = 0.5 * np.einsum("ti,ij,tj->t", path.omega, tensor, path.omega)
    assert np.ptp(spin) < 1e-6 * spin[0]


def test_thrust_equal_to_the_weight_hovers():
    engines = [engine(1000.0, (0.0, 0.0, 0.3), isp=1e9)]
    weight = 600.0 * POINT_MOON.mu / (POINT_MOON.radius + 1000.0) ** 2
    memory = row_of(vehicle(engines), engines, still(600.0), burning=[weight])
    path = fly(memory, [weight], 20.0, site=POINT_MOON)
    np.testing.assert_allclose(path.r[-1], [0.0, 0.0, 1000.0], atol=1e-4)
    assert weight == pytest.approx(600.0 * G, rel=2e-3)


# What must never be.

five = st.lists(st.floats(0.0, 1.0), min_size=5, max_size=5)
turns = st.tuples(*[st.floats(-1.0, 1.0)] * 3)


@settings(max_examples=40)
@given(
    st.lists(five, min_size=3, max_size=3),
    st.lists(turns, min_size=3, max_size=3),
    st.tuples(*[st.floats(-1.0, 1.0)] * 4).filter(lambda q: np.linalg.norm(q) > 0.1),
    st.tuples(*[st.floats(-20.0, 20.0)] * 3),
    st.floats(0.0, 30.0),
    st.booleans(),
    st.sampled_from([NOWHERE, TURNING_MOON]),
)
def test_random_commands_keep_the_state_finite_and_physical(
    throttles, inputs, q, omega, propellant, by_hand, site
):
    """Any commands, any attitude and spin, nearly dry or not: 300 ticks, five engines."""
    middle = engine(1500.0, gimbal_max=0.1, gimbal_rate=0.2, dead_ticks=2, isp_floor=200.0)
    around = steered(ring(4, 0.8, azimuth=20.0, thrust=400.0, throttle_min=0.1, cant=5.0))
    engines = [middle, *around]
    lander = uneven(engines, steering=1.0, rcs_flow=1e-3, impulse_bit=0.3)
    attitude = Quat(*(np.array(q) / np.linalg.norm(q)).tolist())
    state = still(400.0 + propellant, q=attitude, omega=Vec3(*omega))
    commands = np.array(throttles) * [e.thrust_max for e in engines]
    axis = np.array(inputs)[:, None] + [0.0, 0.0, 1e-3]
    axis /= np.maximum(np.linalg.norm(axis, axis=-1, keepdims=True), 1e-9)
    options = {"axis": axis}
    if by_hand:
        angles = np.tile(0.2 * np.array(inputs)[:, None, None, :2], (1, 1, 5, 1))
        options = {"torque": 200.0 * np.array(inputs)[:, None], "angles": angles}
    memory = row_of(lander, engines, state)
    path = fly(memory, commands[:, None], 15.0, per=100, site=site, **options)
    assert np.isfinite(memory).all()
    assert np.isfinite(path.motion).all()
    np.testing.assert_allclose(np.linalg.norm(path.q, axis=1), 1.0, atol=1e-12)
    assert np.all(np.diff(path.mass, prepend=state.mass) <= 0.0)
    assert path.mass.min() >= 400.0
    assert np.all(path.engines >= 0.0)
    assert np.all(path.engines <= [e.thrust_max for e in engines])
    assert np.abs(path.gimbals[:, 0]).max() <= 0.1
    assert np.all(np.abs(path.torque) <= [100.0, 100.0, 50.0])
