"""Legs and hull: where they are, how they give way, how they break."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from lunar_env.kernel.linalg import Quat, Vec3
from lunar_env.physics.gear import (
    YIELD_STROKE,
    body_axes,
    contact_springs,
    first_direction,
    hull_point_position,
    next_direction,
    pad_position,
    to_site_frame,
)
from lunar_env.physics.rows import CONTACT, MAX_LEGS, POINT, POINTS
from lunar_env.physics.touchdown import max_stroke
from tests.physics.stands import ROW, G, at, lander, places, row, run, slope, upright_on

COM = Vec3(0.02, -0.01, 1.2)
FLAT = slope(0.0)


@pytest.mark.parametrize("legs", [3, 4, 5, 6, 8])
def test_pads_and_rims_are_at_their_drawn_positions(legs):
    gear = lander(legs=legs).gear
    direction = first_direction(legs)
    for k, place in places(gear).items():
        if k < MAX_LEGS:
            found = pad_position(direction, 0.25, COM, gear)
            direction = next_direction(direction, legs)
            place[2] = 0.25  # crushing pushes the pad up
        else:
            found = hull_point_position(np.int64(k - MAX_LEGS), COM, gear)
        np.testing.assert_allclose(found, place - np.array(COM), atol=1e-14)


@given(st.lists(st.floats(-3.0, 3.0), min_size=3, max_size=3))
def test_body_axes_are_the_columns_of_the_rotation_matrix(vector):
    turn = Rotation.from_rotvec(vector)
    found = body_axes(Quat(*turn.as_quat(scalar_first=True).tolist()))
    np.testing.assert_allclose(np.array(found).T, turn.as_matrix(), atol=1e-14)
    a = Vec3(0.3, -1.2, 0.7)
    np.testing.assert_allclose(to_site_frame(found, a), turn.apply(a), atol=1e-14)


def test_a_leg_crushes_after_2_mm():
    pad = contact_springs(*lander(crush_force=1200.0)).pad
    assert pad.stiffness * YIELD_STROKE == pytest.approx(1200.0)


def spectral_radius(who, dt):
    """Of the linear map that a tick is, for a lander whose pads all touch and stick."""
    vehicle, gear = who
    spring = contact_springs(vehicle, gear).pad
    stiffness, damping = np.zeros((2, 6, 6))
    for k, place in places(gear).items():
        if k < MAX_LEGS:
            x, y, z = place - [0.0, 0.0, vehicle.com_z_dry]
            arm = np.array([[0.0, z, -y], [-z, 0.0, x], [y, -x, 0.0]])
            moved = np.hstack([np.eye(3), arm])  # of the pad, by a shift and a small turn
            stiffness += (
                moved.T
                @ np.diag([spring.friction_stiffness, spring.friction_stiffness, spring.stiffness])
                @ moved
            )
            damping += (
                moved.T
                @ np.diag([spring.friction_damping, spring.friction_damping, spring.damping])
                @ moved
            )
    mass = vehicle.mass_dry * np.array([1.0, 1.0, 1.0, vehicle.k2_x, vehicle.k2_y, vehicle.k2_z])
    push = -dt * stiffness / mass[:, None], np.eye(6) - dt * damping / mass[:, None]
    tick = np.block([[np.eye(6) + dt * push[0], dt * push[1]], [push[0], push[1]]])
    return np.abs(np.linalg.eigvals(tick)).max()


@given(
    st.floats(50.0, 20e3),
    st.integers(3, 8),
    st.floats(0.5, 5.0),
    st.floats(0.3, 4.0),
    st.tuples(st.floats(0.3, 2.0), st.floats(0.3, 2.0), st.floats(0.3, 2.0)),
    st.floats(2.0, 1e6),
)
def test_a_tick_of_1_ms_is_stable_for_any_lander(mass, legs, radius, com, k, crush):
    """Twice as long still is, so that a stiff lander is damped and not just bounded."""
    who = lander(mass, legs, radius, com, k, crush_force=mass * crush / legs)
    assert spectral_radius(who, 1e-3) < 1.0
    assert spectral_radius(who, 2e-3) < 1.0


@pytest.mark.parametrize("deceleration", [9.0, 14.0])
@pytest.mark.parametrize("speed", [1.0, 2.0, 3.0])
def test_a_drop_crushes_the_legs_according_to_its_energy(speed, deceleration):
    """``v^2/(2 a)`` with ``a = F/m - g``."""
    who = lander(800.0, crush_force=800.0 * deceleration / 4.0, hull_bottom=1.0)
    trace = run(who, at(who, v=(0.0, 0.0, -speed)), FLAT, 1.5)
    expected = speed * speed / (2.0 * (deceleration - G))
    for leg in range(4):
        assert trace.point(leg, POINT.crushed)[-1] == pytest.approx(expected, rel=0.05)
    # It stands as much lower, less what the elastic part still gives.
    assert trace.r[-1, 2] == pytest.approx(1.2 - expected, abs=0.1 * expected + 0.002)
    assert trace.record(CONTACT.broken_legs)[-1] == 0.0


def test_the_longest_stroke_is_that_of_the_most_crushed_leg():
    who = lander(crush_force=1200.0)
    memory = row(who, 0.6)
    state = at(who, 0.1, (0.0, 0.0, -2.0), Rotation.from_euler("xy", [8.0, 5.0], degrees=True))
    trace = run(who, state, FLAT, 1.0, memory=memory)
    strokes = [trace.point(leg, POINT.crushed)[-1] for leg in range(4)]
    assert max_stroke(memory, ROW, who.gear) == max(strokes)
    assert min(strokes) < 0.8 * max(strokes)


@pytest.mark.parametrize(("room", "breaks"), [(1.1, False), (0.9, True)])
def test_a_leg_breaks_at_the_end_of_its_stroke(room, breaks):
    expected = 2.0**2 / (2.0 * (12.0 - G))
    who = lander(800.0, crush_force=2400.0, stroke=room * expected)
    trace = run(who, at(who, v=(0.0, 0.0, -2.0)), FLAT, 2.0)
    assert trace.record(CONTACT.broken_legs)[-1] == (4.0 if breaks else 0.0)
    # On broken legs it comes down on its hull.
    landed_on = 1.2 - (0.6 if breaks else expected)
    assert trace.r[-1, 2] == pytest.approx(landed_on, abs=0.01)


@pytest.mark.parametrize(("share", "breaks"), [(1.1, False), (0.9, True)])
def test_a_leg_breaks_under_its_lateral_load_limit(share, breaks):
    """A lander that slides on crushing legs is braked by friction times the crush force."""
    who = lander(800.0, com=0.6, hull_top=1.0, crush_force=2400.0, side_load=share * 0.5 * 2400.0)
    trace = run(who, at(who, v=(2.5, 0.0, -1.5)), FLAT, 0.1, friction=0.5)
    assert (trace.record(CONTACT.broken_legs)[-1] > 0.0) == breaks


def test_a_broken_leg_bears_no_load():
    """Over the gap that one of four legs leaves, the lander leans until the hull touches.

    It turns about the line through the two pads beside the gap, the rim being as far from that
    line as its height and its distance from the axis say.
    """
    who = lander(com=0.8, hull_bottom=0.25, hull_radius=1.0)
    memory = row(who, 0.9)
    memory[0, POINTS + POINT.broken] = 1.0
    trace = run(who, at(who, omega=(-0.02, 0.02, 0.0)), FLAT, 15.0, memory=memory)
    tilt = math.degrees(math.acos(trace.axis[-1, 2]))
    edge = math.cos(math.pi / 4.0)
    assert tilt == pytest.approx(math.degrees(math.atan(0.25 / edge)), abs=1.0)
    assert trace.axis[-1, 0] == pytest.approx(trace.axis[-1, 1], abs=0.02)
    assert np.abs(trace.v[-1]).max() < 1e-3
    assert trace.record(CONTACT.touching)[-1] >= 3.0


def test_a_leg_under_lateral_load_does_not_crush():
    """On its side, pads take load across their legs."""
    who = lander(crush_force=200.0, hull_radius=0.3)
    trace = run(who, at(who, 1.2, attitude=upright_on(89.0)), FLAT, 1.0)
    pads = range(4)
    assert max(trace.point(leg, POINT.crushed)[-1] for leg in pads) < 0.01
    assert trace.record(CONTACT.touching).max() >= 2.0
