"""Bounds in flight: never out of reach of ground that is met, and the exact clearance."""

import math

import numba
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from lunar_env import list_missions, load_mission
from lunar_env.kernel.linalg import Quat, Vec3
from lunar_env.physics.clearance import (
    _FREE_FALL,
    ground_clearance,
    out_of_reach,
    stays_out_of_reach,
    update_ground_bound,
)
from lunar_env.physics.relief import place_terrain
from lunar_env.physics.rows import (
    HULL_POINTS,
    POINT,
    POINT_WIDTH,
    POINTS,
    Lander,
    load_gear,
    load_vehicle,
)
from lunar_env.physics.types import State
from lunar_env.terrain import build
from tests.physics.stands import (
    MAX_LEGS,
    RADIUS,
    ROW,
    SITE,
    at,
    lander,
    normal,
    places,
    row,
    slope,
    upright_on,
)
from tests.terrain.grounds import HIGHLAND

WHO = lander(hull_bottom=0.3)
# With a nose, and with pads that reach farther than anything else.
ODD = lander(
    pad_radius=0.3,
    **{"hull_bottom": 0.3, "hull_top": 1.5, "hull_nose": 3.0, "hull_points": float(HULL_POINTS)},
    **{"side_x": -1.0, "side_y": 2.0, "side_height": 0.8, "side_half": 0.8, "hull_reach": 2.4},
)


@numba.njit(error_model="numpy")
def look(here, then, now, ahead):
    """Whether all is out of reach by an earlier look at the ground, and what is left in fact."""
    update_ground_bound(here, then, SITE)
    gear, vehicle = load_gear(here.memory, here.i), load_vehicle(here.memory, here.i)
    free = out_of_reach(here, now, gear, vehicle, ahead)
    return free, ground_clearance(here, now, SITE)


def state_at(r, v, turn, omega):
    q = Rotation.from_rotvec(turn).as_quat(scalar_first=True)
    parts = Vec3(*map(float, r)), Vec3(*map(float, v)), Quat(*map(float, q))
    return State(*parts, Vec3(*map(float, omega)), WHO.vehicle.mass_dry, 0.0)


def later(state, seconds):
    """Straight on, turning on."""
    q = Rotation.from_quat(state.q, scalar_first=True)
    q = (q * Rotation.from_rotvec(np.array(state.omega) * seconds)).as_quat(scalar_first=True)
    r = np.array(state.r) + seconds * np.array(state.v)
    return state._replace(r=Vec3(*map(float, r)), q=Quat(*map(float, q)))


def flights(rng, memory, ground, count, who=WHO):
    """Pairs of states within a quarter of a second, low over the ground at some distance."""
    away, bearing = 10.0 ** rng.uniform(0.0, 5.8), rng.uniform(0.0, 2.0 * math.pi)
    up = Rotation.from_euler("zy", [0.0, away / RADIUS]).apply([0.0, 0.0, 1.0])
    up = Rotation.from_euler("z", bearing).apply(up)
    for _ in range(count):
        height = 10.0 ** rng.uniform(-0.5, 2.0)
        v, omega = rng.normal(0.0, 10.0 ** rng.uniform(-1.0, 1.5), 3), rng.normal(0.0, 0.2, 3)
        turn = rng.normal(0.0, rng.choice([0.2, 1.0]), 3)
        r = up * RADIUS - [0.0, 0.0, RADIUS]
        state = state_at(r, v, turn, omega)
        below = ground_clearance(Lander(memory, *ground, ROW), state, SITE)
        state = state_at(r + (height - below) * up, v, turn, omega)
        yield state, later(state, rng.uniform(0.0, 0.25))


@pytest.mark.parametrize("who", [WHO, ODD], ids=["plain", "nose and pads"])
@pytest.mark.parametrize("seed", range(6))
def test_no_touching_point_is_out_of_reach(seed, who):
    """On rough ground, up to 600 km away, after a quarter of a second of any motion."""
    rng, ground, memory = np.random.default_rng(seed), build(HIGHLAND), row(who, 0.5)
    passed = 0
    for episode in range(12):
        place_terrain(Lander(memory, *ground, ROW), np.uint64(100 * seed + episode))
        for then, now in flights(rng, memory, ground, 40, who):
            free, left = look(Lander(memory, *ground, ROW), then, now, 0.0)
            assert left > 0.0 or not free
            passed += free
    assert passed > 100  # else a test that always says no would do


def test_the_reach_check_covers_the_motion_until_the_next_check():
    rng, ground, memory = np.random.default_rng(0), build(HIGHLAND), row(WHO, 0.5)
    place_terrain(Lander(memory, *ground, ROW), np.uint64(7))
    passed = 0
    for then, _ in flights(rng, memory, ground, 300):
        free, _ = look(Lander(memory, *ground, ROW), then, then, 0.1)
        _, left = look(Lander(memory, *ground, ROW), then, later(then, 0.1), 0.0)
        assert left > 0.0 or not free
        passed += free
    assert passed > 50


@numba.njit(error_model="numpy")
def look_once(here, then, ahead):
    """Whether a step's one test says that all is out of reach until its end."""
    gear, vehicle = load_gear(here.memory, here.i), load_vehicle(here.memory, here.i)
    return stays_out_of_reach(here, then, gear, vehicle, ahead)


@numba.njit(error_model="numpy")
def is_out_of_reach(here, now):
    gear, vehicle = load_gear(here.memory, here.i), load_vehicle(here.memory, here.i)
    return out_of_reach(here, now, gear, vehicle, 0.0)


@pytest.mark.parametrize("gravity", [1.63, 3.72], ids=["Moon", "Mars"])
@pytest.mark.parametrize("who", [WHO, ODD], ids=["plain", "nose and pads"])
def test_one_test_a_step_takes_the_place_of_those_of_its_ticks(who, gravity):
    """Full thrust in any direction, any attitude at the end, heights around the bound."""
    rng, ground, memory = np.random.default_rng(3), build(HIGHLAND), row(who, 0.5)
    here, period = Lander(memory, *ground, ROW), 0.2
    place_terrain(here, np.uint64(7))
    push = who.vehicle.thrust_max / who.vehicle.mass_dry
    passed = 0
    for then, _ in flights(rng, memory, ground, 300, who):
        look(here, then, then, 0.0)
        r, v = np.array(then.r), np.array(then.v)
        r[2] += rng.uniform(0.0, 200.0)
        start = then._replace(r=Vec3(*map(float, r)))
        t, a = rng.uniform(0.0, period), rng.normal(size=3)
        a = push * a / np.linalg.norm(a) - [0.0, 0.0, gravity]
        end = state_at(r + t * v + 0.5 * t * t * a, v + t * a, rng.normal(0.0, 2.0, 3), then.omega)
        far = look_once(here, start, period)
        assert is_out_of_reach(here, end) or not far
        passed += far
    assert 50 < passed < 290


@pytest.mark.parametrize("name", list_missions())
def test_the_acceleration_assumed_in_a_step_is_at_least_that_of_each_planet(name):
    planet = load_mission(name).planet
    centrifugal = planet.rotation_rad_s**2 * planet.radius_m
    assert planet.surface_gravity_m_s2 + centrifugal < _FREE_FALL


def test_over_level_ground_the_bound_is_tight():
    """An upright lander is within reach a hand's breadth above the ground, not before."""
    memory, ground = row(WHO, 0.5), slope(0.0)
    for height, expected in ((0.05, True), (-0.001, False)):
        state = at(WHO, height)
        free, left = look(Lander(memory, *ground, ROW), state, state, 0.0)
        assert left == pytest.approx(height, abs=1e-5)
        assert free == expected
    falling = at(WHO, 0.5, (0.0, 0.0, -4.0))
    assert look(Lander(memory, *ground, ROW), falling, falling, 0.05)[0]
    assert not look(Lander(memory, *ground, ROW), falling, falling, 0.2)[0]


def test_noses_and_pads_are_within_the_bound_in_any_attitude():
    """Over level ground there is no slack for slopes: a bound that is short would be seen."""
    rng, ground, memory = np.random.default_rng(5), slope(0.0), row(ODD, 0.5)
    passed = 0
    for _ in range(2000):
        turn = Rotation.random(random_state=rng)
        clear = ground_clearance(Lander(memory, *ground, ROW), at(ODD, 5.0, attitude=turn), SITE)
        left = rng.uniform(-0.3, 2.0)
        state = at(ODD, 5.0 - clear + left, attitude=turn)
        free, _ = look(Lander(memory, *ground, ROW), state, state, 0.0)
        assert left > 0.0 or not free
        passed += free
    assert passed > 100


@pytest.mark.parametrize("degrees", [0.0, 12.0])
def test_the_clearance_is_that_of_the_lowest_point(degrees):
    rng, ground, memory = np.random.default_rng(3), slope(degrees), row(WHO, 0.5)
    up = normal(degrees)
    for _ in range(30):
        turn = Rotation.from_rotvec(rng.normal(0.0, 1.0, 3))
        state = at(WHO, 5.0, attitude=turn)
        com = [0.0, 0.0, WHO.vehicle.com_z_dry]
        points = [
            turn.apply(place - com) + np.array(state.r) for place in places(WHO.gear).values()
        ]
        expected = min(point @ up / up[2] for point in points)
        found = ground_clearance(Lander(memory, *ground, ROW), state, SITE)
        assert found == pytest.approx(expected, abs=1e-4)


def test_crushed_legs_reach_less_far_and_broken_ones_not_at_all():
    memory, ground = row(WHO, 0.5), slope(0.0)
    state = at(WHO, 0.5)
    assert ground_clearance(Lander(memory, *ground, ROW), state, SITE) == pytest.approx(
        0.5, abs=1e-5
    )
    for leg in range(4):
        memory[0, POINTS + leg * POINT_WIDTH + POINT.crushed] = 0.1 + 0.05 * leg
    assert ground_clearance(Lander(memory, *ground, ROW), state, SITE) == pytest.approx(
        0.6, abs=1e-5
    )
    memory[0, POINTS + POINT.broken] = 1.0
    assert ground_clearance(Lander(memory, *ground, ROW), state, SITE) == pytest.approx(
        0.65, abs=1e-5
    )
    for leg in range(4):
        memory[0, POINTS + leg * POINT_WIDTH + POINT.broken] = 1.0
    assert ground_clearance(Lander(memory, *ground, ROW), state, SITE) == pytest.approx(
        0.8, abs=1e-5
    )
    assert MAX_LEGS >= 4


def test_before_the_first_check_everything_is_within_reach():
    here = Lander(row(WHO, 0.5), *slope(0.0), ROW)
    state = at(WHO, 1000.0)
    assert not out_of_reach(here, state, WHO.gear, WHO.vehicle, 0.0)
    lying = at(WHO, 3.0, attitude=upright_on(80.0))
    update_ground_bound(here, lying, SITE)
    assert out_of_reach(here, state, WHO.gear, WHO.vehicle, 0.0)
