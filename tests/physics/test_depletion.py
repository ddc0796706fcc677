"""The tick in which the tanks run dry: its instant, its impulse, and what is left after it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from lunar_env.kernel.linalg import Vec3
from lunar_env.physics.rows import ENGINE_STATE, ENGINE_WIDTH, ENGINES
from tests.physics.cluster_flight import fly, row_of
from tests.physics.landers import (
    G0,
    TICK,
    TURNING_MOON,
    engine,
    still,
    uneven,
    vehicle,
)

ONE = [engine(1600.0, isp=290.0)]
V_E = 290.0 * G0
REST = (0.0, 0.0, 0.0)


def burned_by(t, thrust, command, lag):
    """Propellant [kg] of one engine without a change of Isp after `t` of a constant command."""
    return (command * t + (thrust - command) * lag * (1.0 - math.exp(-t / lag))) / V_E


@pytest.mark.parametrize("share", [1e-6, 0.01, 0.3, 0.77, 0.999])
@pytest.mark.parametrize("thrust", [0.0, 600.0, 1600.0])
def test_the_tanks_run_dry_inside_the_tick(share, thrust):
    """The instant, the speed and the height, against the closed form and DOP853."""
    lag = ONE[0].lag_up
    propellant = share * burned_by(TICK, thrust, 1600.0, lag)
    memory = row_of(vehicle(ONE), ONE, still(400.0 + propellant, r=REST), burning=[thrust])
    path = fly(memory, [1600.0], TICK)
    instant = brentq(
        lambda t: burned_by(t, thrust, 1600.0, lag) - propellant, 0.0, TICK, xtol=1e-15
    )
    done = solve_ivp(
        lambda t, y: [
            y[1],
            (1600.0 + (thrust - 1600.0) * math.exp(-t / lag))
            / (400.0 + propellant - burned_by(t, thrust, 1600.0, lag)),
        ],
        *((0.0, instant), [0.0, 0.0]),
        **{"method": "DOP853", "rtol": 1e-12, "atol": 1e-18},
    )
    z, v = done.y[:, -1]
    assert (path.mass[-1], path.thrust[-1], path.engines[-1, 0]) == (400.0, 0.0, 0.0)
    assert path.v[-1, 2] == pytest.approx(v, rel=1e-5)  # of RK4 at a third of the lag
    assert path.v[-1, 2] == pytest.approx(V_E * math.log((400.0 + propellant) / 400.0), rel=1e-5)
    # Height is what tells the instant: z = z1 + v (tick - t1).
    assert TICK - (path.r[-1, 2] - z) / path.v[-1, 2] == pytest.approx(instant, abs=2e-5)


@pytest.mark.parametrize("share", [0.013, 0.4, 0.9])
def test_the_instant_of_exhaustion_is_exact(share):
    """At steady thrust all is closed form, and RK4 exact to a nanosecond of coasting."""
    mdot = 1600.0 / V_E
    instant = share * TICK
    start = 400.0 + mdot * instant
    memory = row_of(vehicle(ONE), ONE, still(start, r=REST), burning=[1600.0])
    path = fly(memory, [1600.0], TICK)
    logarithm = math.log1p(mdot * instant / 400.0)
    speed = V_E * logarithm
    assert path.v[-1, 2] == pytest.approx(speed, rel=1e-9)
    height = V_E * (instant - 400.0 / mdot * logarithm)
    coasting = (path.r[-1, 2] - height) / speed
    assert TICK - coasting == pytest.approx(instant, abs=1e-9)


def test_total_impulse_agrees_at_exhaustion():
    """Several engines of different Isp: their common exhaust velocity times ln of the masses."""
    engines = [engine(1000.0, isp=311.0), engine(300.0, isp=220.0), engine(300.0, isp=220.0)]
    commands = [e.thrust_max for e in engines]
    memory = row_of(vehicle(engines), engines, still(450.0), burning=commands)
    path = fly(memory, commands, 120.0, per=4)
    v_e = 1600.0 / (1000.0 / (311.0 * G0) + 600.0 / (220.0 * G0))
    assert path.mass.min() == path.mass[-1] == 400.0
    assert path.v[-1, 2] == pytest.approx(v_e * math.log(450.0 / 400.0), rel=1e-9)
    assert not path.engines[-1].any()


def test_exhaustion_does_not_depend_on_the_tick():
    """Lag, throttling and exhaustion in ticks of 50 ms and of 1 ms."""
    ends = []
    for tick in (0.05, 0.001):
        memory = row_of(uneven(ONE), ONE, still(400.6, omega=Vec3(0.1, 0.0, 0.0)))
        path = fly(memory, [1500.0], 3.0, torque=(0.0, 5.0, 0.0), site=TURNING_MOON, tick=tick)
        ends.append(path.motion[-1])
    assert ends[0][13] == 400.0
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-6, atol=2e-6)


def test_a_tick_that_almost_empties_the_tanks_keeps_the_thrust():
    burned = burned_by(TICK, 0.0, 1600.0, 0.15)
    memory = row_of(vehicle(ONE), ONE, still(400.0 + 1.001 * burned))
    path = fly(memory, [1600.0], TICK)
    assert path.thrust[-1] > 400.0
    assert path.mass[-1] - 400.0 == pytest.approx(0.001 * burned, rel=1e-9)


def test_an_empty_lander_is_in_free_fall():
    """Commanded in vain, step after step; and its accelerometers feel nothing."""
    stone, empty = still(400.0, v=Vec3(3.0, 0.0, -10.0)), {"site": TURNING_MOON, "per": 4}
    dry = fly(row_of(uneven(ONE), ONE, stone), [1600.0], 10.0, torque=REST, **empty)
    free = fly(row_of(uneven(ONE), ONE, stone), [0.0], 10.0, torque=REST, **empty)
    np.testing.assert_array_equal(dry.motion, free.motion)
    assert not dry.specific_force.any()
    assert np.all(dry.mass == 400.0)


def test_an_engine_that_ran_dry_stays_off():
    """Nothing is left in its lines, and it counts as shut down."""
    late = [ONE[0]._replace(dead_ticks=3.0)]
    memory = row_of(vehicle(late), late, still(400.2), burning=[1600.0])
    fly(memory, [1600.0], 2.0, per=40)
    assert memory[0, ENGINES + ENGINE_STATE.burning] == 0.0
    assert not memory[0, ENGINES + ENGINE_STATE.thrust : ENGINES + ENGINE_STATE.thrust + 3].any()
    assert not memory[0, ENGINES + ENGINE_STATE.thrust + 5 : ENGINES + ENGINE_WIDTH].any()


@pytest.mark.parametrize("per", [1, 4])
def test_the_integrated_specific_force_is_the_velocity_change(per):
    """What an accelerometer sums, with a tick that empties the tanks in it."""
    memory = row_of(vehicle(ONE), ONE, still(401.0))
    path = fly(memory, [1600.0], 4.0, per=per)
    steps = path.specific_force[per - 1 :: per, 2]
    assert path.mass[-1] == 400.0
    assert steps.sum() * TICK == pytest.approx(path.v[-1, 2], rel=1e-12)
