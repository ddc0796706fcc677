"""Lost starts: the proof against integrated flights, brute force, and the convex optimum."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from lunar_env import LunarLandingVectorEnv
from lunar_env.physics.rows import ENGINE, ENGINES
from tests.envs.flying import exact, level, local_motion, truth
from tests.reference.equations import GM, RADIUS

SURVIVED = 3.0  # m/s, of Series 1
LEVEL = level()
ATTITUDE_SHARE = 0.01  # of the engines' flow, that the bound allows attitude control


def started(rows, mission=LEVEL, scenario=None, seed=5, **start):
    env = LunarLandingVectorEnv(
        rows, mission=mission, scenario=scenario or exact("noisy"), num_threads=1
    )
    env.reset(seed=seed, options={"start": start})
    return env


def started_close(rows, mission=LEVEL, fall=60.0):
    """Starts at the height that the median lander needs for its stop."""
    motion = {"v_vertical_m_s": -fall}
    above = started(rows, mission, height_m=1500.0, **motion)
    return started(
        rows, mission, height_m=float(np.median(truth(above, "stop_height_m"))), **motion
    )


def engine(env, row, name):
    return env._simulator.world.memory[row, ENGINES + getattr(ENGINE, name)]


def stopped(env, row, share=ATTITUDE_SHARE):
    """Full thrust straight up from the start of a row until it is slow enough: altitude, time."""
    down, across = -local_motion(env)[0][row], local_motion(env)[1][row]
    thrust, lag = engine(env, row, "thrust_max"), engine(env, row, "lag_up")
    flow = engine(env, row, "flow") * (1.0 + share)
    momentum = (RADIUS + truth(env, "altitude_m")[row]) * across

    def rates(_, y):
        r, climb, mass, now = y
        g = GM / r**2 - (momentum / r) ** 2 / r
        return [climb, now / mass - g, -now * flow, (thrust - now) / lag]

    def slow(_, y):
        return y[1] + SURVIVED

    slow.terminal = True
    y0 = [RADIUS + truth(env, "altitude_m")[row], -down]
    y0 += [truth(env, "mass_kg")[row], truth(env, "thrust_N")[row]]
    found = solve_ivp(rates, (0.0, 300.0), y0, "DOP853", events=slow, rtol=1e-11, atol=1e-9)
    assert len(found.t_events[0]) == 1
    return found.y_events[0][0][0] - RADIUS, float(found.t_events[0][0])


@pytest.mark.parametrize("fall", [20.0, 60.0, 110.0])
def test_full_thrust_stops_no_higher_than_the_bound_says(fall):
    """Above the exact stop, by what is given away: at most 0.4 % of the height that it takes."""
    env = started(12, height_m=2900.0, v_vertical_m_s=-fall)
    height = truth(env, "altitude_m") - truth(env, "height_m")
    for row in range(12):
        exactly, _ = stopped(env, row)
        # The margin is that of the centre of mass, over level ground.
        given = truth(env, "stop_margin_m")[row] - exactly
        assert 0.0 <= given < 0.3 + 0.004 * (truth(env, "altitude_m")[row] - exactly)
        needed = truth(env, "stop_height_m")[row]
        assert truth(env, "height_m")[row] + height[row] - needed == pytest.approx(
            truth(env, "stop_margin_m")[row], abs=0.2
        )


def test_the_stop_height_counts_from_the_thrust_of_now():
    """An engine that was shut down builds up its thrust again, while the lander falls."""
    env = started(12, height_m=2000.0, v_vertical_m_s=-60.0)
    burning = truth(env, "stop_height_m")
    for _ in range(5):
        env.step(np.full((12, 1), -1.0, np.float32))
    assert (truth(env, "thrust_N") < 50.0).all()
    needed = truth(env, "stop_height_m")
    for row in range(12):
        drop = truth(env, "altitude_m")[row] - stopped(env, row)[0]
        assert 0.0 <= drop - needed[row] < 0.3 + 0.004 * drop
    # It is faster by 1.6 m/s, and its lag is 0.1 to 0.3 s at 60 m/s.
    assert (needed > burning + 5.0).all()


def test_a_start_is_lost_on_level_ground_exactly_where_full_thrust_meets_it():
    env = started_close(2000)
    margin, lost = truth(env, "stop_margin_m"), truth(env, "lost") > 0.0
    assert 0.2 < lost.mean() < 0.8
    # What is given away for centrifugal acceleration is centimetres at 20 m/s sideways.
    assert lost[margin < -0.1].all()
    assert not lost[margin > 0.0].any()
    env.step(np.full((2000, 1), -1.0, np.float32))
    assert ((truth(env, "lost") > 0.0) == lost).all()


def test_lost_starts_are_below_all_ground_in_reach():
    """Brute force over a square around the place of the stop, every 4 m."""
    env = started_close(600, "slim")
    lost = np.flatnonzero(truth(env, "lost") > 0.0)
    margin = truth(env, "stop_margin_m")
    spared = np.flatnonzero((truth(env, "lost") == 0.0) & (margin < 0.0))
    assert min(len(lost), len(spared)) > 20
    grid = 4.0 * np.arange(-150, 151)
    east, north = (axis.ravel() for axis in np.meshgrid(grid, grid))
    aside = np.hypot(east, north)
    state = env.privileged
    for row in lost[:15]:
        altitude, time = stopped(env, row, 0.0)
        v = state[row, 3:5] * time
        places = np.stack([state[row, 0] + v[0] + east, state[row, 1] + v[1] + north], axis=1)
        ground = env._simulator.ground(int(row), places, 0.0)
        down = -local_motion(env)[0][row]
        lift = altitude - truth(env, "altitude_m")[row] + down * time + 0.5 * 1.62 * time**2
        assert (ground > altitude - aside**2 / (2.0 * lift)).all()


@pytest.mark.parametrize(
    "start", [{"height_m": 200.0, "v_vertical_m_s": -80.0}, {"v_vertical_m_s": -300.0}]
)
def test_hopeless_starts_are_lost(start):
    env = started(4, **start)
    assert (truth(env, "lost") == 1.0).all()
    assert (truth(env, "stop_margin_m") < 0.0).all()


def test_a_lander_that_rises_or_falls_slowly_is_not_lost():
    for fall in (-20.0, 0.0, 2.9):
        env = started(20, height_m=30.0, v_vertical_m_s=-fall)
        assert (truth(env, "lost") == 0.0).all()
        assert (truth(env, "stop_height_m") == 0.0).all()


def test_lateral_speed_alone_is_lost_only_without_propellant():
    """At 300 m/s across, 292 m/s of propellant cannot stop it; at 100 m/s they can."""
    fast = started(20, height_m=3000.0, v_vertical_m_s=-5.0, v_lateral_m_s=300.0)
    slow = started(20, height_m=3000.0, v_vertical_m_s=-5.0, v_lateral_m_s=100.0)
    assert (truth(fast, "lost") == 1.0).all()
    assert (truth(slow, "lost") == 0.0).all()


def test_a_dead_engine_counts_from_the_start():
    """SLIM stops from 60 m/s on two engines within 1 km, on one only in more than twice that."""
    dead = {"engine": 1, "health_frac": 0.0, "at_time_s": 0.0}
    later = {**dead, "at_time_s": 5.0}
    heights = []
    for faults in ([], [dead], [later]):
        env = started(10, "slim", exact(faults=faults), height_m=1500.0, v_vertical_m_s=-60.0)
        heights.append(truth(env, "stop_height_m"))
    healthy, one, still = heights
    assert (one > 2.0 * healthy).all()
    assert (still == healthy).all()


@pytest.mark.parametrize(("height", "fall", "across"), [(2500.0, 60.0, 20.0), (1200.0, 30.0, 90.0)])
def test_no_start_that_the_optimum_lands_is_lost(height, fall, across):
    """With the propellant of the convex optimum it is never lost; with 0.7 of that it is."""
    pytest.importorskip("cvxpy")
    from agents.guidance.moon import Moon
    from agents.guidance.optimum import minimum_propellant

    start = {"height_m": height, "v_vertical_m_s": -fall, "v_lateral_m_s": across}
    lean = None
    for share in (1.0, 0.75, 0.6, 0.5, 0.4, 0.3):
        env = started(1, scenario=exact("ideal", propellant_frac=share), **start)
        state, mass = env.privileged[0], float(truth(env, "mass_kg")[0])
        least = minimum_propellant(
            state[:3],
            state[3:6],
            mass,
            engine(env, 0, "thrust_max"),
            1.0 / (engine(env, 0, "flow") * 9.80665),
            target_m_s=(0.0, 0.0, -SURVIVED),
            target_m=(0.0, 0.0, 0.0),
            place_free=True,
            moon=Moon(GM / RADIUS**2, RADIUS),
        ).propellant_kg
        lean = float(truth(env, "propellant_kg")[0]) / least
        lost = bool(truth(env, "lost")[0])
        assert not (lost and lean > 1.0)
        if lost:
            break
    assert lean > 0.7
