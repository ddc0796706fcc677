"""Flights in six degrees of freedom against SciPy's DOP853 on equations written anew.

What was commanded in a flight of the package (`tests.reference.descents`) is integrated again, in
an inertial frame, by `tests.reference.lander`.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from lunar_env.kernel.linalg import Quat, Vec3
from lunar_env.physics.types import State
from lunar_env.specs import list_missions, load_mission
from lunar_env.specs.pack_vehicle import pack_engines, pack_vehicle
from tests.physics.cluster_flight import fly, row_of
from tests.reference import lander as reference
from tests.reference.descents import (
    FILES,
    SECONDS,
    SITE,
    TICK,
    End,
    descend,
    errors,
    packed,
    schedule,
    seen_from_space,
    unit_of,
)

QUICK = ("nova-c", "blue-ghost")  # one gimballed engine; an engine on or off with four pulsed ones
OF_THE_AUTOPILOT = ("throttle_min", "lag", "rate_max", "steering", "authority")
OF_COMMANDS = ("throttle_min", "gap_low", "gap_high", "restartable", "cut_below")
OF_COMMANDS += ("steer_x", "steer_y", "stick")
TUMBLING = (Quat(0.8, 0.36, -0.48, 0.0), Vec3(0.4, -0.3, 0.2))


@pytest.mark.parametrize("mission", list_missions())
def test_package_files_have_the_reference_landers(mission):
    spec = load_mission(mission)
    unit = reference.read(next(path for path in FILES if path.stem == spec.vehicle.name))
    body, engines = packed(unit, spec.tick_s)
    ours = pack_vehicle(spec.vehicle)
    alike = [k for k in body._fields if k not in OF_THE_AUTOPILOT]
    np.testing.assert_allclose([getattr(ours, k) for k in alike], [getattr(body, k) for k in alike])
    table = pack_engines(spec).reshape(-1, len(engines[0]))[: len(engines)]
    for row, engine in zip(table, engines, strict=True):
        for name, value in zip(engine._fields, row.tolist(), strict=True):
            if name not in OF_COMMANDS:
                assert getattr(engine, name) == pytest.approx(value, rel=1e-12, abs=1e-15), name


SHORT = ("gaudet-2000",)  # its tanks are for one kilometre
NAMES = [
    pytest.param(path.stem, marks=() if path.stem in QUICK else pytest.mark.slow)
    for path in FILES
    if path.stem not in SHORT
]


@pytest.mark.parametrize("name", NAMES)
def test_a_powered_descent_of_700_s_agrees_with_dop853(name):
    unit = unit_of(name)
    start, thrust, end, log = descend(unit)
    assert end.mass > unit.mass_dry
    assert np.linalg.norm(end.v) < 900.0  # it brakes: attitude and throttle are under control
    y = seen_from_space(start, thrust)
    y = reference.integrate(unit, y, *schedule(unit, thrust, log), TICK)
    r, v, angle, rate, mass, force = errors(end, y, SECONDS)
    assert r < 1e-6 * 1.738e6
    assert v < 1e-6 * 1690.0
    assert angle < 1e-6
    assert rate < 1e-7
    assert mass < 1e-10 * start.mass
    assert force < 1e-9 * unit.thrust.sum()


def test_exhaustion_inside_a_tick_agrees_with_dop853():
    """Full thrust from rest until the propellant is gone, then free fall; no thrusters."""
    unit = unit_of("blue-ghost")
    thrust = np.zeros(len(unit.thrust))
    slow = State(Vec3(0.0, 0.0, 2e3), Vec3(30.0, 0.0, -50.0), *TUMBLING, unit.mass_dry + 2.98, 0.0)
    seconds, still = 8.0, np.zeros(3)
    flown = fly(row_of(*packed(unit), slow, thrust), unit.thrust, seconds, torque=still, site=SITE)
    end = End(*(part[-1] for part in (flown.r, flown.v, flown.q, flown.omega, flown.mass)), thrust)

    def empty(t, y):
        return y[18] - unit.mass_dry

    empty.terminal = True
    wait = float(unit.dead.max())
    y = reference.integrate(
        *(unit, seen_from_space(slow, thrust), np.zeros((1, 5)), np.zeros((1, 5, 2))),
        *(np.zeros((1, 3)), wait),
    )
    options = {"method": "DOP853", "rtol": 1e-11, "atol": 1e-11}
    full = reference.Arc(unit, unit.thrust, unit.direction, still)
    burned = solve_ivp(full.derivatives, (wait, seconds), y, events=empty, **options)
    dry, y = burned.t[-1], burned.y[:, -1]
    assert 1.0 < dry < seconds - 1.0
    assert 0.05 < dry / TICK % 1.0 < 0.95
    y[18], y[19:] = unit.mass_dry, 0.0
    off = reference.Arc(unit, thrust, unit.direction, still)
    y = solve_ivp(off.derivatives, (dry, seconds), y, **options).y[:, -1]

    r, v, angle, rate, _, _ = errors(end, y, seconds)
    assert end.mass == unit.mass_dry
    assert flown.thrust[-1] == 0.0
    assert np.all(np.diff(flown.mass) <= 0.0)
    assert r < 1e-3
    assert v < 1e-4
    assert angle < 1e-5
    assert rate < 2e-6


def test_the_order_of_convergence_is_four():
    """Slopes of the errors against the tick, while tumbling, with engines that start and stop."""
    unit = unit_of("vikram")
    unit.dead[:], unit.rcs["impulse_bit_N_m_s"] = 0.0, 0.0
    unit.lag_up, unit.lag_down = 4.0 * unit.lag_up, 3.0 * unit.lag_down
    full, torque = unit.thrust, np.array([20.0, -10.0, 5.0])
    start = State(
        Vec3(0.0, 0.0, 2e3), Vec3(30.0, 0.0, -50.0), *TUMBLING, unit.mass_dry + 400.0, full.sum()
    )
    shares = np.array([[0.4, 0.6, 0.5, 1.0], [1.0, 0.9, 0.8, 0.4], [0.0, 0.0, 0.7, 0.7]])
    ticks = np.array([0.1, 0.2, 0.4])
    commands = np.repeat(shares * full, 4, axis=0)  # of 0.4 s each
    flat = np.zeros((len(commands), 4, 2))
    torques = np.tile(torque, (len(commands), 1))
    y = seen_from_space(start, full)
    y = reference.integrate(unit, y, commands, flat, torques, 0.4, precision=1e-12)
    table = []
    for tick in ticks.tolist():
        per = round(0.4 / tick)
        memory = row_of(*packed(unit, tick), start, full)
        options = {"torque": torque, "site": SITE, "tick": tick, "per": per}
        path = fly(memory, commands[:, None], 4.8, **options)
        last = (path.r, path.v, path.q, path.omega, path.mass, path.engines)
        table.append(errors(End(*(part[-1] for part in last)), y, 4.8)[:4])
    slopes = np.polyfit(np.log(ticks), np.log(table), 1)[0]
    assert np.all(slopes > 3.6)
    assert np.all(slopes[:3] < 5.0)
