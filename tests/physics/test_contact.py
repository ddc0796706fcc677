"""The contact tick: friction, energy, symmetry, order, rest."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from lunar_env.kernel.linalg import Vec3
from lunar_env.physics.clearance import ground_clearance
from lunar_env.physics.contact import REST_TIME, fly_in_contact, reset_contact
from lunar_env.physics.relief import place_terrain
from lunar_env.physics.rows import CONTACT, GROUND_BOUND, MAX_LEGS, POINT, POINTS, ROW_WIDTH, Lander
from lunar_env.terrain import build
from tests.physics.energies import energy, growth
from tests.physics.stands import (
    FLAT,
    ROW,
    SITE,
    TICK,
    UNDRIVEN,
    G,
    at,
    lander,
    last,
    normal,
    places,
    row,
    run,
    slope,
    upright_on,
)
from tests.terrain.grounds import HIGHLAND

TRIPLE = (1.0, 1.0, 0.6)
turns = st.lists(st.floats(-1.0, 1.0), min_size=3, max_size=3)
speeds = st.tuples(st.floats(-2.0, 2.0), st.floats(-2.0, 2.0), st.floats(-3.0, -0.5))


def above(who, ground, height, v, turn, omega, memory):
    """A start with the lowest point at a height over the ground."""
    state = at(who, 20.0, v, Rotation.from_rotvec(turn), omega)
    gap = ground_clearance(Lander(memory, *ground, ROW), state, SITE)
    return state._replace(r=Vec3(state.r.x, state.r.y, state.r.z - gap + height))


def test_contact_ends_when_the_lander_is_at_rest():
    who = lander(crush_force=1500.0)
    memory = row(who, 0.6)
    trace = run(who, at(who, 0.0, (0.3, 0.1, -1.5)), FLAT, 0.01, memory=memory)
    stay = fly_in_contact(
        Lander(memory, *FLAT, ROW), last(trace), UNDRIVEN, SITE, TICK, np.int64(20_000)
    )
    assert 300 < stay.ticks < 3000
    assert memory[0, CONTACT.still] == pytest.approx(REST_TIME, abs=2e-3)
    assert np.linalg.norm(stay.state.v) < 0.02
    reset_contact(memory, ROW)
    for block in (slice(CONTACT.made, CONTACT.still + 1), slice(POINTS, ROW_WIDTH)):
        assert not memory[0, block].any()
    assert memory[0, GROUND_BOUND.elevation] == math.inf


def test_rest_needs_contact_and_motion_restarts_its_clock():
    who = lander()
    trace = run(who, at(who, 0.3, attitude=upright_on(6.0, 45.0)), FLAT, 4.0)
    still, feet = trace.record(CONTACT.still), trace.record(CONTACT.touching)
    assert not still[feet == 0.0].any()
    assert not still[np.linalg.norm(trace.v, axis=1) > 0.05].any()
    assert not still[np.linalg.norm(trace.omega, axis=1) > 0.05].any()
    assert still[-1] > 0.0


@pytest.mark.parametrize(("degrees", "friction"), [(20.0, 0.2), (25.0, 0.35)])
def test_a_lander_slides_down_if_friction_is_too_low(degrees, friction):
    """With ``g (sin - mu cos)``."""
    who, angle = lander(com=0.6), math.radians(degrees)
    trace = run(who, at(who, attitude=upright_on(degrees)), slope(degrees), 3.0, friction=friction)
    downhill = np.array([-math.cos(angle), 0.0, -math.sin(angle)])
    v = trace.v @ downhill
    found = (v[-1] - v[1000]) / 2.0
    expected = G * (math.sin(angle) - friction * math.cos(angle))
    assert found == pytest.approx(expected, rel=0.01)
    assert np.abs(trace.v[-1] - v[-1] * downhill).max() < 1e-3


@given(st.floats(0.3, 1.0), st.floats(0.5, 2.5))
def test_a_sliding_lander_stops_after_the_distance_of_a_block(friction, speed):
    """``v^2/(2 mu g)``; it is so low that it does not lean."""
    who = lander(com=0.3, hull_bottom=0.25)
    trace = run(who, at(who, v=(speed, 0.0, 0.0)), FLAT, 6.0, friction=friction, every=100)
    expected = speed * speed / (2.0 * friction * G)
    assert trace.r[-1, 0] == pytest.approx(expected, rel=0.02)
    assert abs(trace.r[-1, 1]) < 1e-9


@pytest.mark.parametrize("legs", [4, 6])
def test_a_lander_at_rest_on_a_slope_stays_for_a_minute(legs):
    who = lander(780.0, legs, 2.3, 1.7, (1.22, 1.22, 0.56), crush_force=1950.0)
    start = at(who, 1.0, (0.2, 0.1, -1.0), upright_on(10.0))
    trace = run(who, start, slope(10.0), 66.0, friction=0.4, every=100)
    settled = trace.r[60:]
    assert trace.record(CONTACT.still)[60] > REST_TIME
    assert np.abs(settled - settled[0]).max() < 1e-6  # the promise is a centimetre
    start = at(who, attitude=upright_on(10.0))
    trace = run(who, start, slope(10.0), 60.0, friction=0.4, every=100)
    assert np.linalg.norm(trace.r - trace.r[0], axis=1).max() < 0.004  # the springs' own give


@pytest.mark.parametrize("crush", [1e9, 1500.0])
@pytest.mark.parametrize("degrees", [0.0, 10.0, 25.0])
@settings(max_examples=30)
@given(st.floats(0.2, 1.5), speeds, turns, turns, st.sampled_from([0.1, 0.6, 2.5]), st.booleans())
def test_contact_does_not_increase_energy(degrees, crush, friction, v, turn, omega, wild, six):
    """It bounces, slides, tumbles: but for 1 % of the energy of motion that it arrives with.

    A point gets a tick's way into the ground before any force acts on it, and the spring then
    holds energy that nothing put in: stiffness times tick squared over mass, at most.
    """
    who = lander(legs=6 if six else 4, k=TRIPLE if six else (0.8, 0.8, 0.8), crush_force=crush)
    memory, ground = row(who, friction), slope(degrees)
    state = above(who, ground, 0.1, v, wild * np.array(turn), tuple(omega), memory)
    trace = run(who, state, ground, 4.0, memory=memory)
    kinetic = 0.5 * 400.0 * np.sum(trace.v[:1000] ** 2, axis=1).max()
    assert growth(energy(who, trace)[2:]) < 0.01 * kinetic
    assert trace.record(CONTACT.made)[-1] == 1.0


@pytest.mark.parametrize("seed", range(12))
def test_contact_on_rough_ground_does_not_increase_energy(seed):
    """Nor where every stride brings another slope."""
    who = lander(k=TRIPLE, crush_force=1200.0 if seed % 2 else 1e9, hull_bottom=0.5)
    ground, rng = build(HIGHLAND), np.random.default_rng(seed)
    memory = row(who, rng.uniform(0.3, 0.9))
    place_terrain(Lander(memory, *ground, ROW), np.uint64(seed))
    turn = rng.normal(0.0, 1.0 if seed % 3 == 0 else 0.1, 3)
    v = (rng.normal(), rng.normal(), -1.5)
    state = above(who, ground, 0.1, v, turn, tuple(rng.normal(0.0, 0.2, 3)), memory)
    trace = run(who, state, ground, 5.0, memory=memory)
    kinetic = 0.5 * 400.0 * np.sum(trace.v**2, axis=1).max()
    assert growth(energy(who, trace)[2:]) < 0.005 * kinetic


def test_contact_has_convergence_order_one():
    """Of a lander that rocks on its legs without leaving the ground or slipping."""
    who = lander(k=TRIPLE, crush_force=1500.0)
    memory = row(who, 50.0)
    still = last(run(who, at(who), FLAT, 3.0, memory=memory))
    kicked = still._replace(v=Vec3(1e-3, 5e-4, -2e-3), omega=Vec3(5e-4, -1e-3, 1e-3))

    def end(dt):
        trace = run(who, kicked, FLAT, 0.064, dt=dt, memory=memory.copy())
        assert (trace.record(CONTACT.touching) == 4.0).all()
        return trace.states[-1, :13]

    gold = end(0.001 / 128.0)
    steps = np.array([0.001, 0.0005, 0.00025, 0.000125])
    errors = [np.abs(end(dt) - gold).max() for dt in steps]
    order = np.polyfit(np.log(steps), np.log(errors), 1)[0]
    assert order == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize("legs", [3, 4, 6])
def test_a_symmetric_drop_stays_symmetric(legs):
    who = lander(legs=legs, crush_force=1500.0)
    trace = run(who, at(who, 0.2, (0.0, 0.0, -2.0)), FLAT, 3.0)
    assert np.abs(trace.r[:, :2]).max() < 1e-12
    assert np.abs(trace.omega).max() < 1e-12
    # Along the slope and across it: no drift to the side.
    trace = run(who, at(who, 0.5, (-0.5, 0.0, -1.0), upright_on(8.0)), slope(8.0), 3.0)
    if legs != 3:  # a mirror image of itself in the plane of the fall line
        assert np.abs(trace.r[:, 1]).max() < 1e-9
        assert np.abs(trace.r[-1, 0] - trace.r[0, 0]) > 0.05


@given(st.floats(0.0, 360.0), speeds, turns)
def test_contact_on_level_ground_is_isotropic(heading, v, turn):
    """The same fall, turned about the vertical: the same outcome, turned."""
    who = lander(legs=5, k=TRIPLE, crush_force=1500.0)
    about = Rotation.from_euler("z", heading, degrees=True)
    tilted = Rotation.from_rotvec(0.3 * np.array(turn))
    start = at(who, 0.6, v, tilted, (0.1, 0.0, -0.1))
    # Before chance has multiplied the rounding: over the first touches.
    one = run(who, start, FLAT, 1.0)
    turned = at(who, 0.6, tuple(about.apply(v)), about * tilted, (0.1, 0.0, -0.1))
    two = run(who, turned, FLAT, 1.0)
    np.testing.assert_allclose(two.r, about.apply(one.r), atol=1e-6)
    np.testing.assert_allclose(two.v, about.apply(one.v), atol=1e-4)
    assert one.record(CONTACT.touching).any()


def test_the_hull_supports_a_lander_that_lies_on_it():
    who = lander(legs=4, pad_radius=1.0, hull_radius=0.8, hull_bottom=0.3, hull_top=2.4)
    start = at(who, 1.2, attitude=upright_on(95.0, 45.0))
    trace = run(who, start, FLAT, 10.0, friction=0.8)
    assert trace.record(CONTACT.hull_touching)[-1] >= 2.0
    assert trace.record(CONTACT.still)[-1] > REST_TIME
    assert abs(trace.axis[-1, 2]) < 0.5
    assert trace.r[-1, 2] > 0.3


@given(speeds, turns, turns, st.sampled_from([0.1, 0.6, 2.5]), st.floats(0.3, 1.5))
def test_no_point_sinks_into_the_ground(v, turn, omega, wild, width):
    """Whatever falls on whatever side, be the hull wider than the stance or not."""
    who = lander(pad_radius=1.0, hull_radius=width, hull_bottom=0.3, hull_top=2.0)
    memory = row(who, 0.6)
    state = above(who, FLAT, 0.1, v, wild * np.array(turn), tuple(omega), memory)
    trace = run(who, state, FLAT, 4.0, memory=memory, every=10)
    for place in places(who.gear).values():
        point = trace.r + trace.attitude.apply(place - [0.0, 0.0, who.vehicle.com_z_dry])
        assert point[:, 2].min() > -0.08


def test_rims_are_computed_only_where_they_may_touch():
    who = lander(crush_force=1500.0)
    trace = run(who, at(who, 0.1, (0.0, 0.0, -1.0)), FLAT, 1.0)
    for point in range(MAX_LEGS, MAX_LEGS + 8):
        assert not trace.point(point, POINT.known).any()
    assert trace.point(0, POINT.known)[-1] == 1.0


def test_the_ground_is_a_plane_with_the_requested_slope():
    """Standing upright on it, all legs share the load: nothing leans."""
    who = lander(crush_force=1500.0)
    for azimuth in (0.0, 90.0, 200.0):
        start = at(who, 0.05, attitude=upright_on(5.0, azimuth))
        trace = run(who, start, slope(5.0, azimuth), 3.0, friction=0.9)
        lean = math.acos(min(1.0, trace.axis[-1] @ normal(5.0, azimuth)))
        assert math.degrees(lean) < 0.6
        assert trace.record(CONTACT.touching)[-1] >= 3.0
