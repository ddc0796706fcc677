"""From the action to the engines: allocation of thrust, limits, cut-off."""

import math

import numpy as np
import pytest

from lunar_env.physics.mass import inertia
from lunar_env.physics.rows import CONTACT, ENGINE_STATE, load_vehicle
from lunar_env.sim.table import CUT_NEVER, TASK, TaskScalars
from lunar_env.sim.world import EPISODE
from tests.sim.lander_batch import LanderBatch, built, throttle, thrusts_after

MASS = 13
FOUR = "chandrayaan-3"  # 4 x 800 N, floor 40 %; the second pair is cut below 45 % of them all
FIVE = "blue-ghost-m1"  # 1,200 N on or off, cut below 57 %, and 4 x 400 N pulsed


def fleet(name, rows=1, **options):
    landers = LanderBatch(built(name), rows=rows, **options)
    landers.reset(height_m=500.0)
    landers.at_once()
    return landers


@pytest.mark.parametrize(
    ("name", "fraction", "thrusts"),
    [
        (FOUR, 0.6, [480.0] * 4),
        (FOUR, 0.46, [368.0] * 4),
        (FOUR, 0.44, [704.0, 704.0, 0.0, 0.0]),
        (FOUR, 0.11, [320.0, 320.0, 0.0, 0.0]),  # 22 % of two engines: over half of their floor
        (FOUR, 0.09, [0.0] * 4),
        (FOUR, 1.0, [800.0] * 4),
        (FIVE, 1.0, [1200.0, 400.0, 400.0, 400.0, 400.0]),
        (FIVE, 0.7, [1200.0, 190.0, 190.0, 190.0, 190.0]),
        (FIVE, 0.56, [0.0, 392.0, 392.0, 392.0, 392.0]),
        (FIVE, 0.25, [0.0, 175.0, 175.0, 175.0, 175.0]),
    ],
)
def test_commanded_thrust_is_divided_among_the_engines(name, fraction, thrusts):
    found = thrusts_after(fleet(name), fraction)
    np.testing.assert_allclose(found, thrusts, atol=1e-6)


def test_an_on_off_engine_gets_no_partial_throttle():
    """Where the fixed one alone is too much, the others are off and it burns in full."""
    landers = fleet(FIVE)
    landers.engine("cut_below")[:] = 0.0
    np.testing.assert_allclose(thrusts_after(landers, 0.3), [1200.0, 0.0, 0.0, 0.0, 0.0], atol=1e-6)


@pytest.mark.parametrize(("fraction", "burns"), [(0.49, 0.0), (0.51, 1.0)])
def test_without_throttleable_engines_the_nearer_of_on_and_off_is_used(fraction, burns):
    landers = fleet(FIVE)
    landers.engine("throttle_min")[:] = 1.0
    landers.engine("cut_below")[:] = 0.0
    expected = burns * landers.engine("thrust_max")[0]
    np.testing.assert_allclose(thrusts_after(landers, fraction), expected, atol=1e-6)


def test_remaining_engines_compensate_for_a_dead_engine_within_their_limits():
    landers = fleet(FIVE)
    landers.engine(ENGINE_STATE.health)[:, 1] = 0.0
    third = 0.4 * 2800.0 / 3.0
    np.testing.assert_allclose(thrusts_after(landers, 0.4), [0.0, 0.0, third, third, third])
    np.testing.assert_allclose(thrusts_after(landers, 0.5), [0.0, 0.0, 400.0, 400.0, 400.0])
    landers.engine(ENGINE_STATE.health)[:, 1] = (
        0.5  # of 1,400 N that throttle four fifths are asked for
    )
    np.testing.assert_allclose(thrusts_after(landers, 0.4), [0.0, 160.0, 320.0, 320.0, 320.0])
    landers.engine(ENGINE_STATE.health)[:, 0] = (
        0.0  # the fixed one dead: the others provide all of its thrust
    )
    np.testing.assert_allclose(thrusts_after(landers, 0.6), [0.0, 200.0, 400.0, 400.0, 400.0])


def test_an_engine_that_cannot_restart_stays_off():
    landers = fleet(FOUR)
    landers.engine("restartable")[:, :2] = 0.0
    assert (thrusts_after(landers, 0.6) > 0.0).all()
    assert (thrusts_after(landers, 0.0) < 1e-6).all()
    assert thrusts_after(landers, 0.8).tolist() == pytest.approx([0.0, 0.0, 640.0, 640.0], abs=1e-6)


def test_an_engine_that_cannot_restart_may_wait_for_its_first_ignition():
    landers = fleet(FOUR, phase="powered")
    landers.engine("restartable")[:] = 0.0
    for fraction, thrust in ((0.0, 0.0), (0.0, 0.0), (0.6, 480.0), (0.0, 0.0), (0.6, 0.0)):
        assert thrusts_after(landers, fraction).tolist() == pytest.approx([thrust] * 4, abs=1e-6)


def test_no_engine_burns_without_propellant():
    landers = fleet(FOUR)
    landers.memory[:, MASS] = load_vehicle(landers.memory, 0).mass_dry
    assert not thrusts_after(landers, 1.0).any()


# By hand.


def test_under_actuator_control_each_engine_has_its_own_throttle():
    landers = fleet("slim", control="actuators")
    assert [field.name for field in landers.actions][:2] == ["throttle1", "throttle2"]
    landers.step([throttle(0.8), throttle(0.3), 0.0, 0.0, 0.0])
    np.testing.assert_allclose(landers.thrusts()[0], [400.0, 150.0], rtol=1e-9)
    landers.step([throttle(0.06), throttle(0.04), 0.0, 0.0, 0.0])
    # The shortest pulse in a period is a tenth; what is over half of it gets one.
    np.testing.assert_allclose(landers.thrusts()[0], [50.0, 0.0], atol=1e-6)


@pytest.mark.parametrize(("axis", "most"), [("x", 70.0), ("y", 70.0), ("z", 35.0)])
def test_under_actuator_control_the_torque_is_that_of_the_action(axis, most):
    landers = fleet("slim", control="actuators")
    names = [field.name for field in landers.actions]
    action = np.array([-1.0, -1.0, 0.0, 0.0, 0.0])
    action[names.index(f"torque_{axis}")] = -0.5
    before = landers.truth(f"omega_{axis}_rad_s")[0]
    moment = inertia(float(landers.memory[0, MASS]), load_vehicle(landers.memory, 0))
    landers.step(action)
    turned = landers.truth(f"omega_{axis}_rad_s")[0] - before
    assert turned == pytest.approx(-0.5 * most * 0.2 / getattr(moment, axis), rel=1e-3)


def test_under_actuator_control_the_gimbal_slews_to_the_commanded_angle():
    landers = fleet("im-1", control="actuators")
    names = [field.name for field in landers.actions]
    assert names == ["throttle1", "gimbal_x1", "gimbal_y1", "torque_x", "torque_y", "torque_z"]
    most, rate = landers.engine("gimbal_max")[0, 0], landers.engine("gimbal_rate")[0, 0]
    wanted = np.array([0.5 * most, -0.25 * most])
    angles = [np.zeros(2)]
    for _ in range(20):
        landers.step([0.0, 0.5, -0.25, 0.0, 0.0, 0.0])
        angles.append(np.array([landers.engine(ENGINE_STATE.gimbal_x + k)[0, 0] for k in range(2)]))
    np.testing.assert_allclose(angles[-1], wanted, rtol=1e-12)
    np.testing.assert_allclose(angles[1], np.sign(wanted) * np.minimum(abs(wanted), 0.2 * rate))


def test_a_thrust_vector_tilts_towards_the_action():
    """Of the largest tilt, from the vertical, toward east and north; beyond the circle no more."""
    landers = LanderBatch(control="thrust_vector", rows=3)
    landers.reset(height_m=3000.0, v_vertical_m_s=-20.0, v_lateral_m_s=0.0)
    held = np.array([[0.3, 0.0, 0.0], [0.0, -0.2, 0.0], [-0.8, 0.8, 0.0]])
    for _ in range(40):
        landers.step(held)
    q = [landers.truth(f"q_{k}") for k in "wxyz"]
    axis = np.array([2.0 * (q[1] * q[3] + q[0] * q[2]), 2.0 * (q[2] * q[3] - q[0] * q[1])]).T
    most = TaskScalars(*landers.table[TASK : TASK + len(TaskScalars._fields)]).tilt_max
    angles = most * np.array([[0.3, 0.0], [0.0, -0.2], [-math.sqrt(0.5), math.sqrt(0.5)]])
    size = np.linalg.norm(angles, axis=1)[:, None]
    np.testing.assert_allclose(axis, angles / size * np.sin(size), atol=0.01)


# Cut-off.


def test_contact_cuts_the_engines_permanently():
    landers = fleet(FOUR)
    assert thrusts_after(landers, 0.6).all()
    landers.memory[:, CONTACT.made] = 1.0
    assert (thrusts_after(landers, 0.6) < 1e-6).all()
    landers.memory[:, CONTACT.made] = 0.0
    assert (thrusts_after(landers, 0.6) < 1e-6).all()
    assert landers.memory[0, EPISODE.cut_off] == 1.0


def test_without_a_cut_off_the_engines_keep_burning():
    landers = fleet(FOUR)
    landers.table[TASK + TaskScalars._fields.index("cut_off")] = CUT_NEVER
    landers.memory[:, CONTACT.made] = 1.0
    assert thrusts_after(landers, 0.6).all()


@pytest.mark.parametrize(("true", "error", "cut"), [(5.0, -2.5, True), (2.5, 2.5, False)])
def test_the_cut_off_by_height_uses_the_held_estimate(true, error, cut):
    """Dead reckoning and what the ranges added to it, neither the truth nor the latest range."""
    landers = LanderBatch(built("slim", cutoff="height", cutoff_height_m=3.0))
    landers.reset(height_m=true, v_vertical_m_s=-0.5, v_lateral_m_s=0.0, nav_height_error_m=error)
    landers.at_once()
    landers.memory[:, EPISODE.est_offset] = 0.0 if not cut else 50.0
    landers.memory[:, EPISODE.holds], landers.memory[:, EPISODE.held_offset] = 1.0, 0.0
    assert (landers.memory[0, EPISODE.height] < 3.0) != cut
    assert (thrusts_after(landers, 0.5).max() < 1e-6) == cut


# At the start.


@pytest.mark.parametrize(
    ("name", "phase"),
    [("blue-ghost-m1", "approach"), ("blue-ghost-m1", "terminal"), ("chandrayaan-3", "terminal")],
)
def test_the_engines_burn_at_the_start_as_the_plan_would_command_them(name, phase):
    """Weight and the plan's deceleration, allocated to the engines like a command."""
    landers = LanderBatch(built(name), phase=phase)
    landers.reset()
    task = TaskScalars(*landers.table[TASK : TASK + len(TaskScalars._fields)].tolist())
    gravity = task.mu / task.radius**2
    wanted = landers.truth("mass_kg")[0] * (gravity + task.plan_deceleration)
    wanted = min(wanted, landers.engine("thrust_max")[0].sum())
    burning = landers.thrusts()[0]
    assert burning.sum() == pytest.approx(wanted, rel=1e-9)
    landers.at_once()
    fraction = wanted / landers.engine("thrust_max")[0].sum()
    np.testing.assert_allclose(thrusts_after(landers, fraction), burning, rtol=1e-6, atol=1e-6)


def test_before_a_powered_descent_no_engine_burns():
    landers = LanderBatch(built("chandrayaan-3"), phase="powered")
    landers.reset()
    assert not landers.thrusts().any()
