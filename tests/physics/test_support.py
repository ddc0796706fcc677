"""A stable equilibrium: the vertical through the centre of mass passes inside the support."""

import math

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from lunar_env.physics.contact_ground import update_planes
from lunar_env.physics.rows import CONTACT, POINT, POINT_WIDTH, POINTS, Lander
from lunar_env.physics.support import is_supported
from tests.physics.stands import FLAT, ROW, SITE, at, lander, row, run, slope, upright_on

# Pads at 45 degrees to the axes: the edges of the square are 1.5 cos(45) = 1.06 m from the axis.
WHO = lander()
EDGE = 1.5 * math.cos(math.pi / 4.0)


def stands(state, ground=FLAT, broken=()):
    """Whether it is supported, with the ground known under all points."""
    memory = row(WHO, 0.6)
    here = Lander(memory, *ground, ROW)
    update_planes(here, state, SITE, 12, 0.04)
    for leg in broken:
        memory[0, POINTS + POINT_WIDTH * leg + POINT.broken] = 1.0
    return is_supported(here, state, SITE)


def test_four_legs_on_level_ground_support_a_lander():
    assert stands(at(WHO))
    # Opposite legs: the centre of mass is above the line between them, so on an edge.
    assert not stands(at(WHO), broken=(0, 2))
    assert not stands(at(WHO), broken=(0, 1))
    assert not stands(at(WHO, height=0.02))


@pytest.mark.parametrize(("beyond", "stable"), [(-1.0, True), (1.0, False)])
def test_the_slope_of_static_stability_is_that_of_the_geometry(beyond, stable):
    """It stands up to ``atan(edge/height)``, whatever the direction of the slope."""
    limit = math.degrees(math.atan(EDGE / WHO.vehicle.com_z_dry))
    ground = slope(limit + beyond)
    assert stands(at(WHO, attitude=upright_on(limit + beyond)), ground) == stable


@pytest.mark.parametrize(("share", "stable"), [(0.7, True), (1.4, False)])
def test_motion_that_could_carry_it_over_an_edge_is_no_rest(share, stable):
    """A quarter of the energy to the top, which is ``g (sqrt(h^2 + d^2) - h)``."""
    height = WHO.vehicle.com_z_dry
    energy = 0.25 * (math.hypot(height, EDGE) - height) * SITE.mu / SITE.radius**2
    assert stands(at(WHO, v=(math.sqrt(2.0 * share * energy), 0.0, 0.0))) == stable
    turning = math.sqrt(2.0 * share * energy / WHO.vehicle.k2_x)
    assert stands(at(WHO, omega=(turning, 0.0, 0.0))) == stable


def balanced(off_deg):
    """On two legs, its centre of mass above the line between them, but for an angle."""
    lean = math.atan(EDGE / WHO.vehicle.com_z_dry) + math.radians(off_deg)
    attitude = Rotation.from_rotvec([0.0, lean, 0.0])
    lowest = min(attitude.apply([EDGE, s * EDGE, 0.0])[2] for s in (-1.0, 1.0))
    return math.degrees(lean), at(WHO, -lowest - 1e-4, attitude=attitude)


@pytest.mark.parametrize(("off", "end"), [(0.05, 90.0), (-0.05, 0.0)])
def test_a_lander_balanced_on_two_legs_falls_before_it_rests(off, end):
    lean, start = balanced(off)
    assert lean == pytest.approx(41.4, abs=0.2)
    trace = run(WHO, start, FLAT, 20.0, friction=0.9, every=10)
    tilt = np.degrees(np.arccos(np.clip(trace.axis[:, 2], -1.0, 1.0)))
    still = trace.record(CONTACT.still) >= 0.15
    assert abs(tilt[: np.argmax(np.abs(tilt - lean) > 3.0)] - lean).max() < 3.1
    assert not still[np.abs(tilt - lean) < 3.0].any()
    assert still[-1]
    assert (tilt[-1] > 60.0) == (end > 60.0)


def test_no_drop_comes_to_rest_outside_of_its_support():
    """Where it rests it stays: a kick of a centimetre a second does not turn it over."""
    rng = np.random.default_rng(5)
    for _ in range(12):
        turn = 0.8 * rng.uniform(-1.0, 1.0, 3)
        memory = row(WHO, 0.7)
        start = at(WHO, 1.2, (*rng.uniform(-1.0, 1.0, 2), -0.5), Rotation.from_rotvec(turn))
        trace = run(WHO, start, FLAT, 25.0, memory=memory, every=10, dt=2e-3)
        rest = np.argmax(trace.record(CONTACT.still) >= 0.15)
        assert rest > 0
        moved = trace.axis[rest:] @ trace.axis[rest]
        assert np.degrees(np.arccos(np.clip(moved, -1.0, 1.0))).max() < 1.5
