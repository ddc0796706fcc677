"""Several engines: forces and moments by hand, the rocket equation, what a row keeps of them."""

from __future__ import annotations

import math

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp

from lunar_env.kernel.linalg import Vec3
from lunar_env.physics.depletion import shut_down_engines
from lunar_env.physics.engine_forces import lane_force, lane_torque
from lunar_env.physics.engines import (
    load_lane_engine,
    store_lane_engine,
    sum_engines,
    sum_lane_engines,
)
from lunar_env.physics.lanes import (
    BURNED,
    COMMAND,
    COMMAND_DELAYED,
    FORCES,
    MOMENTS,
    SCRATCH,
    THRUST_END,
    TORQUE,
    N,
    load_lane,
    set_lane_vec,
)
from lunar_env.physics.rows import ENGINE_STATE, ENGINE_WIDTH, ENGINES
from tests.physics.cluster_flight import fly, row_of
from tests.physics.landers import G0, engine, ring, still, two_bodies, uneven, vehicle

LANE = 3  # any


@numba.njit(error_model="numpy")
def _sums(x, lane):
    found = np.zeros(21)
    for k in range(9):
        found[k], found[9 + k] = x[FORCES + N * k + lane], x[MOMENTS + N * k + lane]
    found[18], found[19] = x[BURNED + lane], x[BURNED + N + lane]
    found[20] = x[THRUST_END + lane]
    return found


@numba.njit(error_model="numpy")
def burned(memory, commands, tick, again, torque, times):
    """Sums over a tick, then over `again`; force and torque at `times`; sums after shutdown."""
    x, engines = np.zeros(SCRATCH), len(commands)
    load_lane(x, LANE, memory, 0, True)
    for e in range(engines):
        load_lane_engine(x, LANE, memory, 0, e, commands[e], tick)
        x[COMMAND_DELAYED + N * e + LANE] = x[COMMAND + N * e + LANE]
    set_lane_vec(x, TORQUE, LANE, Vec3(torque[0], torque[1], torque[2]))
    sum_engines(x, engines, N, tick)
    whole = _sums(x, LANE)
    moving = np.zeros((len(times), 6))
    for k in range(len(times)):
        push = lane_force(x, engines, LANE, times[k])
        turn = lane_torque(x, engines, LANE, times[k])
        moving[k, 0], moving[k, 1], moving[k, 2] = push.x, push.y, push.z
        moving[k, 3], moving[k, 4], moving[k, 5] = turn.x, turn.y, turn.z
    sum_lane_engines(x, engines, LANE, again)
    part = _sums(x, LANE)
    for e in range(engines):
        store_lane_engine(x, LANE, memory, 0, e)
    kept = memory.copy()
    shut_down_engines(x, engines, LANE)
    for e in range(engines):
        store_lane_engine(x, LANE, memory, 0, e)
    return whole, part, moving, _sums(x, LANE), kept


def sums_of(engines, commands, burning, tick=0.05, again=0.02, lander=None, times=(0.0,)):
    lander = uneven(engines) if lander is None else lander
    memory = row_of(lander, engines, still(700.0), burning=burning)
    torque = np.array([1.0, -2.0, 3.0])
    arguments = (np.array(commands, dtype=float), tick, again, torque, np.array(times))
    return (*burned(memory, *arguments), memory)


def test_a_canted_engine_off_the_axis_agrees_with_a_hand_computation():
    """At (0.5, 0, 0.2) m, leaning in by 30 degrees: F = T (-1/2, 0, sqrt(3)/2)."""
    one = engine(1000.0, (0.5, 0.0, 0.2), (-0.5, 0.0, math.sqrt(0.75)))
    whole, _, moving, _, _, _ = sums_of([one], [800.0], [800.0])
    force = np.array([-400.0, 0.0, 400.0 * math.sqrt(3.0)])
    np.testing.assert_allclose(whole[:9], np.tile(force, 3), rtol=1e-12)
    # p x F about the structure's origin: (0, z Fx - x Fz, 0).
    moment = [0.0, 0.2 * -400.0 - 0.5 * 400.0 * math.sqrt(3.0), 0.0]
    np.testing.assert_allclose(whole[9:18], np.tile(moment, 3), atol=1e-10)
    # About the centre of mass, at (0.02, -0.01, h): the arm is (0.48, 0.01, 0.2 - h).
    (_, _, h), _ = two_bodies(300.0)
    x, y, z = 0.48, 0.01, 0.2 - h
    about = [y * force[2], z * force[0] - x * force[2], -y * force[0]]
    np.testing.assert_allclose(moving[0], [*force, *np.add(about, [1.0, -2.0, 3.0])], rtol=1e-12)


places = st.tuples(*[st.floats(-2.0, 2.0)] * 3)
leans = st.tuples(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5), st.just(1.0))
levels = st.lists(st.floats(0.0, 1000.0), min_size=8, max_size=8)


@given(st.lists(st.tuples(places, leans), min_size=8, max_size=8), levels, levels)
def test_forces_and_moments_of_eight_engines_add_up(mounts, burning, commands):
    engines = [
        engine(1000.0, *mount, lag_up=0.1 + 0.02 * k, lag_down=0.3 - 0.02 * k, isp_floor=280.0)
        for k, mount in enumerate(mounts)
    ]
    times = (0.0, 0.025, 0.05)
    whole, part, moving, _, _, _ = sums_of(engines, commands, burning, times=times)
    at = np.array([[e.x, e.y, e.z] for e in engines])
    aims = np.array([[e.direction_x, e.direction_y, e.direction_z] for e in engines])
    com, _ = two_bodies(300.0)

    def now(k, t):
        lag = engines[k].lag_up if commands[k] > burning[k] else engines[k].lag_down
        return commands[k] + (burning[k] - commands[k]) * math.exp(-t / lag)

    def middle(k, tick):
        """Such that Simpson's rule gives the impulse."""
        lag = engines[k].lag_up if commands[k] > burning[k] else engines[k].lag_down
        impulse = commands[k] * tick
        impulse -= (commands[k] - burning[k]) * lag * -math.expm1(-tick / lag)
        return 0.25 * (6.0 / tick * impulse - burning[k] - now(k, tick))

    for found, ends in ((whole, times), (part, (0.0, 0.01, 0.02))):
        for j, t in enumerate(ends):
            thrust = [middle(k, 2.0 * t) if j == 1 else now(k, t) for k in range(8)]
            forces = np.array(thrust)[:, None] * aims
            moment = np.cross(at, forces).sum(axis=0)
            np.testing.assert_allclose(found[3 * j : 3 * j + 3], forces.sum(axis=0), atol=1e-8)
            np.testing.assert_allclose(found[9 + 3 * j : 12 + 3 * j], moment, atol=1e-8)
            forces = np.array([now(k, t) for k in range(8)])[:, None] * aims
            about = np.cross(at - com, forces).sum(axis=0) + np.array([1.0, -2.0, 3.0])
            if ends is times:
                expected = [*forces.sum(axis=0), *about]
                np.testing.assert_allclose(moving[j], expected, atol=1e-8)
        assert found[20] == pytest.approx(sum(now(k, ends[2]) for k in range(8)), abs=1e-9)


def test_burned_mass_is_the_sum_over_the_engines():
    engines = [engine(1000.0, isp=310.0), engine(500.0, isp=220.0, isp_floor=200.0, lag_up=0.3)]
    whole, part, *_ = sums_of(engines, [200.0, 500.0], [900.0, 100.0])
    for found, end in ((whole[18], 0.025), (whole[19], 0.05), (part[18], 0.01), (part[19], 0.02)):
        total = 0.0
        for e, start, command, lag in (
            (engines[0], 900.0, 200.0, 0.15),
            (engines[1], 100.0, 500.0, 0.3),
        ):

            def flow(t, e=e, start=start, command=command, lag=lag):
                thrust = command + (start - command) * math.exp(-t / lag)
                return thrust * (e.flow + e.flow_rise * (1.0 - thrust / e.thrust_max))

            total += quad(flow, 0.0, end, epsabs=1e-15)[0]
        assert found == pytest.approx(total, rel=1e-10)


def test_a_row_keeps_its_thrust_until_the_engines_are_shut_down():
    engines = ring(3, 0.5, thrust=500.0, dead_ticks=2)
    _, part, _, after, kept, memory = sums_of(engines, [400.0] * 3, [100.0, 200.0, 300.0])
    rows = ENGINES + ENGINE_WIDTH * np.arange(3)
    assert kept[0, rows + ENGINE_STATE.thrust].sum() == pytest.approx(part[20], rel=1e-14)
    assert np.all(kept[0, rows + ENGINE_STATE.burning] == 1.0)
    assert not after.any()
    for offset in (
        ENGINE_STATE.thrust,
        ENGINE_STATE.burning,
        *range(ENGINE_STATE.thrust + 5, ENGINE_WIDTH),
    ):
        assert not memory[0, rows + offset].any()
    assert np.all(memory[0, rows + ENGINE_STATE.health] == 1.0)


def test_engines_with_different_exhaust_speeds_follow_the_rocket_equation():
    """Steady thrusts: the exhaust velocity of all together is force over mass flow."""
    engines = [engine(1000.0, isp=311.0, isp_floor=290.0), engine(400.0, isp=230.0)]
    commands = [600.0, 400.0]
    memory = row_of(vehicle(engines), engines, still(900.0), burning=commands)
    path = fly(memory, commands, 100.0)
    isp = 1.0 / (0.6 / 311.0 + 0.4 / 290.0)
    mdot = 600.0 / (isp * G0) + 400.0 / (230.0 * G0)
    assert path.mass[-1] == pytest.approx(900.0 - 100.0 * mdot, rel=1e-12)
    assert path.v[-1, 2] == pytest.approx(1000.0 / mdot * math.log(900.0 / path.mass[-1]), rel=1e-9)


def test_an_engine_off_the_axis_rotates_and_translates_the_lander():
    """Angular acceleration ``I^-1 (p - com) x F`` over a short while, from the flight itself."""
    one = engine(1000.0, (0.5, -0.2, 0.2), (-0.3, 0.1, 1.0), isp=1e9)
    memory = row_of(uneven([one]), [one], still(700.0), burning=[1000.0])
    path = fly(memory, [1000.0], 0.001, torque=(0.0, 0.0, 0.0), tick=0.001)
    com, tensor = two_bodies(300.0)
    force = 1000.0 * np.array([one.direction_x, one.direction_y, one.direction_z])
    turning = np.linalg.solve(tensor, np.cross(np.array([0.5, -0.2, 0.2]) - com, force))
    np.testing.assert_allclose(path.omega[-1], 0.001 * turning, rtol=1e-6)
    np.testing.assert_allclose(path.v[-1], 0.001 * force / 700.0, rtol=1e-5, atol=1e-9)


def test_a_lander_rotates_faster_as_its_tanks_empty():
    """The same torque, from full to nearly dry: moments and arm move with the propellant.

    The gold standard integrates ``omega' = torque(m) / I(m)`` about one axis.
    """
    one = engine(1000.0, (0.3, -0.01, 0.2), isp=60.0)
    memory = row_of(uneven([one]), [one], still(700.0), burning=[1000.0])
    path = fly(memory, [1000.0], 150.0, torque=(0.0, 0.0, 0.0))
    mdot = 1000.0 / (60.0 * G0)

    def slope(t, omega):
        _, tensor = two_bodies(300.0 - mdot * t)
        return [-(0.3 - 0.02) * 1000.0 / tensor[1, 1]]

    ends = np.array([50.0, 100.0, 150.0])
    gold = solve_ivp(slope, (0.0, 150.0), [0.0], t_eval=ends, rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(path.omega[[999, 1999, 2999], 1], gold.y[0], rtol=1e-8)
    first, last = (two_bodies(left)[1][1, 1] for left in (300.0, 300.0 - 150.0 * mdot))
    assert first > 1.4 * last
