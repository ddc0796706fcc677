"""The contact tick before the ground acts: it falls, tumbles and is pushed, up to the touch."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.spatial.transform import Rotation

from lunar_env.kernel.linalg import Vec3
from lunar_env.physics.contact import fly_in_contact
from lunar_env.physics.rows import CONTACT, Lander
from tests.physics.stands import (
    FLAT,
    NOWHERE,
    ROW,
    SITE,
    TICK,
    UNDRIVEN,
    G,
    at,
    lander,
    row,
    run,
)


def test_a_lander_without_contact_is_in_free_fall():
    who = lander()
    trace = run(who, at(who, 100.0, (3.0, -2.0, 1.0)), FLAT, 2.0)
    t = np.arange(len(trace.r)) * TICK
    expected = [3.0, -2.0, 1.0] * t[:, None]
    # Symplectic Euler is ahead by half a tick.
    expected[:, 2] += 101.2 - 0.5 * G * t * (t + TICK)
    np.testing.assert_allclose(trace.r, expected, atol=5e-4)
    assert not trace.record(CONTACT.made).any()


def test_a_lander_without_contact_obeys_eulers_equations():
    """Against DOP853 on Euler's equations and the kinematics of the quaternion."""
    who, start = lander(k=(0.6, 0.9, 1.3)), [0.7, -0.9, 0.4]
    x, y, z = who.vehicle.k2_x, who.vehicle.k2_y, who.vehicle.k2_z

    def rates(_, s):
        (w, i, j, k), (a, b, c) = s[:4], s[4:]
        spin = np.array(
            [
                -i * a - j * b - k * c,
                w * a + j * c - k * b,
                w * b + k * a - i * c,
                w * c + i * b - j * a,
            ]
        )
        euler = [(y - z) / x * b * c, (z - x) / y * c * a, (x - y) / z * a * b]
        return [*(0.5 * spin), *euler]

    gold = solve_ivp(rates, (0.0, 8.0), [1.0, 0.0, 0.0, 0.0, *start], "DOP853", rtol=1e-11)
    trace = run(who, at(who, 100.0, omega=tuple(start)), FLAT, 8.0, site=NOWHERE)
    np.testing.assert_allclose(trace.omega[-1], gold.y[4:, -1], atol=1e-4)
    expected = Rotation.from_quat(gold.y[:4, -1], scalar_first=True)
    assert (trace.attitude[-1] * expected.inv()).magnitude() < 3e-3  # first order: half a tick
    rotating = np.array([x, y, z]) * trace.omega
    assert np.ptp(np.sum(rotating * trace.omega, axis=1)) < 1e-6
    assert np.abs(np.linalg.norm(trace.states[:, 6:10], axis=1) - 1.0).max() < 1e-14


def test_engines_and_thrusters_push_in_the_body_frame():
    who = lander()
    state = at(who, 100.0, attitude=Rotation.from_euler("y", 90.0, degrees=True))
    trace = run(who, state, FLAT, 1.0, push=Vec3(0.0, 0.0, 800.0), site=NOWHERE)
    np.testing.assert_allclose(trace.v[-1], [2.0, 0.0, 0.0], atol=1e-9)
    trace = run(who, state, FLAT, 1.0, torque=Vec3(0.0, 0.0, 64.0), site=NOWHERE)
    np.testing.assert_allclose(trace.omega[-1], [0.0, 0.0, 0.25], atol=1e-9)


def test_free_fall_ends_at_the_first_contact():
    who, memory = lander(), row(lander(), 0.6)
    state = at(who, 0.5, (0.4, 0.0, -1.0))
    stay = fly_in_contact(Lander(memory, *FLAT, ROW), state, UNDRIVEN, SITE, TICK, np.int64(5000))
    speed = math.sqrt(1.0 + 2.0 * G * 0.5)
    assert -stay.state.v.z == pytest.approx(speed, abs=2e-3)
    assert stay.state.v.x == pytest.approx(0.4, abs=1e-6)
    assert 0.0 <= 1.2 - stay.state.r.z < speed * TICK
    assert stay.ticks == pytest.approx((speed - 1.0) / G / TICK, abs=2.0)
    assert memory[0, CONTACT.made] == 1.0
    assert memory[0, CONTACT.touching] == 4.0
