"""The last metres of a steered lander, and how a law that commands a throttle is pointed."""

import math

import numpy as np
import pytest

from agents.guidance.braking import Braking, braking_axis
from agents.guidance.final import (
    begins_m,
    final_cost,
    final_descent,
    flare_rate,
    is_captured,
    near_upright,
    raise_end,
)
from agents.guidance.flyer import fly_plan
from agents.guidance.moon import Moon
from agents.guidance.polynomial import Shape
from agents.guidance.search import SearchGains, find_times
from agents.guidance.stopping import (
    gravity_turn_distance,
    gravity_turn_height,
    gravity_turn_ratio,
    gravity_turn_time,
)
from agents.guidance.tip import Tip
from agents.guidance.types import TerminalGains, ThrottleInput, VectorInput
from agents.guidance.velocity_profile import turned
from agents.own import missions_with_own, tip_of
from lunar_env.pilots import resolve
from lunar_env.task import Task
from training.evaluate import evaluate
from training.seeds import Domain

G, THRUST = 1.62, 3.6
GAINS = TerminalGains()
UP = np.array([[0.0, 0.0, 1.0]])


def inputs_at(height, v, steered=True):
    one = np.ones(1)
    end = np.array([[0.0, 0.0, GAINS.handover_m]])
    rate = np.array([[0.0, 0.0, -GAINS.touchdown_m_s]])
    return VectorInput(
        r_m=np.array([[0.0, 0.0, height]]),
        v_m_s=np.array([v], dtype=float),
        end_m=end,
        end_m_s=rate,
        g_m_s2=-G * UP,
        thrust_m_s2=THRUST * one,
        throttle_min=0.1 * one,
        v_e_m_s=3000.0 * one,
        time_s=0.0 * one,
        steered=steered,
        moon=Moon(G),
    )


def lean_deg(thrust):
    return math.degrees(math.atan2(np.linalg.norm(thrust[0, :2]), thrust[0, 2]))


def test_a_steered_plan_ends_higher_and_faster():
    raised = raise_end(inputs_at(500.0, (0, 0, -20)), GAINS)
    assert raised.end_m[0, 2] == begins_m(GAINS) == 30.0
    assert raised.end_m_s[0, 2] == pytest.approx(-1.0 - (30.0 - 9.0) / 5.0)
    flat = inputs_at(500.0, (0, 0, -20), steered=False)
    assert raise_end(flat, GAINS) is flat


@pytest.mark.parametrize(("height", "rate"), [(29.0, 5.0), (19.0, 3.0), (9.0, 1.0), (2.0, 1.0)])
def test_a_lander_at_the_rate_of_its_height_only_bears_its_weight(height, rate):
    inputs = raise_end(inputs_at(height, (0, 0, -rate)), GAINS)
    assert final_descent(inputs, GAINS)[0] == pytest.approx([0.0, 0.0, G])


def test_a_lander_too_fast_along_the_ground_leans_as_far_as_it_can_hold_its_height():
    inputs = raise_end(inputs_at(20.0, (12.0, 0.0, 0.0)), GAINS)
    thrust = final_descent(inputs, GAINS)
    assert lean_deg(thrust) == pytest.approx(min(math.degrees(math.acos(G / 0.9 / THRUST)), 45.0))
    assert thrust[0, 0] < 0.0
    # It climbs towards 30 m: 0.2 of the 10 m below, 2 m/s at most, less what it would sink at most,
    # 20 m in twice the time that its brakes need.
    brakes_s = (12.0 - GAINS.sideways_m_s) / (G * math.tan(math.radians(45.0)))
    climb = 2.0 - 20.0 / (2.0 * brakes_s)
    assert thrust[0, 2] == pytest.approx(G + climb / GAINS.tau_s)


def test_a_slow_lander_stays_nearly_upright():
    inputs = raise_end(inputs_at(5.0, (0.4, 0.0, -1.0)), GAINS)
    assert lean_deg(final_descent(inputs, GAINS)) <= GAINS.lean_most_deg + 1e-9


def test_a_plan_may_not_lay_the_lander_on_its_side_at_its_end():
    inputs, steep = inputs_at(40.0, (8.0, 0.0, -4.0)), np.array([[-9.0, 0.0, 1.0]])
    assert lean_deg(near_upright(inputs, steep.copy(), np.array([0.0]))) == pytest.approx(40.0)
    assert lean_deg(near_upright(inputs, steep.copy(), np.array([5.0]))) == pytest.approx(60.0)
    assert near_upright(inputs, steep.copy(), np.array([20.0])) == pytest.approx(steep)


def test_the_cost_of_the_last_metres_is_the_weight_over_their_time():
    inputs, step = raise_end(inputs_at(500.0, (0, 0, -20)), GAINS), 1e-3
    height, time = begins_m(GAINS), 0.0
    while height > 0.0:
        height -= step * (GAINS.touchdown_m_s + flare_rate(height, GAINS))
        time += step
    assert final_cost(inputs, GAINS)[0] == pytest.approx(G * time, rel=1e-3)


def test_a_plan_near_the_ground_that_cannot_be_met_is_given_up_instead_of_climbing():
    # 45 m over its end, 4 m/s across, 4 s before its end: no plan stops there in that time.
    inputs = inputs_at(75.0, (4.0, 0.0, -9.0))
    gains, shape = SearchGains(), Shape(1.0, 2.0)
    memory = np.array([4.0]), np.array([-2.0]), np.array([False])
    thrust, (end, _, _) = fly_plan(inputs, memory, shape, gains, GAINS)
    assert find_times(raise_end(inputs, GAINS), shape, gains).t_go_s[0] > 6.0
    assert end[0] == -np.inf
    assert thrust[0] == pytest.approx(final_descent(raise_end(inputs, GAINS), GAINS)[0])
    later = inputs._replace(time_s=np.array([0.2]))
    assert fly_plan(later, (end, *memory[1:]), shape, gains, GAINS)[1][0][0] == -np.inf
    high = later._replace(r_m=np.array([[0.0, 0.0, 400.0]]))  # the ground is far below after all
    assert fly_plan(high, (end, *memory[1:]), shape, gains, GAINS)[1][0][0] > 0.0


@pytest.mark.parametrize("height", [950.0, 300.0])
def test_a_plan_is_searched_again_at_once_when_the_height_changes(height):
    """A range shows the ground far below the end of the plan, or so near that all thrust is due."""
    shape, gains = Shape(0.0, 1.0), SearchGains()
    inputs = inputs_at(height, (0.0, 0.0, -40.0), steered=False)
    memory = np.array([18.0]), np.array([-0.2]), np.array([False])  # was 400 m above the ground
    _, (end, searched, _) = fly_plan(inputs, memory, shape, gains, GAINS)
    assert searched[0] == 0.0
    assert end[0] == find_times(inputs, shape, gains).t_go_s[0]
    usual = inputs_at(400.0, (0.0, 0.0, -40.0), steered=False)
    _, (end, searched, _) = fly_plan(usual, memory, shape, gains, GAINS)
    assert (end[0], searched[0]) == (18.0, -0.2)


@pytest.mark.parametrize(
    ("height", "v", "captured"),
    [
        (90.0, (0.0, 0.0, -15.0), True),
        (90.0, (0.0, 0.0, -30.0), False),  # needs 7.1 m/s2 of 3.2
        (90.0, (9.0, 0.0, -15.0), False),  # across
        (140.0, (0.0, 0.0, -5.0), False),  # high
    ],
)
def test_the_last_metres_may_begin_where_they_can_stop_the_lander(height, v, captured):
    assert is_captured(raise_end(inputs_at(height, v), GAINS), GAINS)[0] == captured


def test_a_plan_that_the_propellant_does_not_allow_is_given_up_for_a_cheaper_one():
    # Peregrine's approach: the thrust limit alone is kept only by a plan of four minutes.
    motion = inputs_at(2900.0, (229.0, 0.0, -44.0))
    motion = motion._replace(r_m=np.array([[-5400.0, 0.0, 2900.0]]), thrust_m_s2=np.array([5.8]))
    rich, poor = (
        find_times(motion._replace(dv_left_m_s=np.array([left])), Shape(1.0, 2.0), SearchGains())
        for left in (2000.0, 440.0)
    )
    assert rich.feasible[0]
    assert rich.cost_m_s[0] > 440.0
    assert poor.t_go_s[0] < 0.5 * rich.t_go_s[0]
    assert poor.cost_m_s[0] < SearchGains().spend_frac * 440.0


def braking(v, height, target=None):
    """A lander over the origin, whose target is below, or where its gravity turn ends."""
    one, v = np.ones(1), np.array([v], dtype=float)
    place = np.zeros((1, 3)) if target is None else np.array([[*target, 0.0]])
    return Braking(v, UP, height * one, one, G * one, THRUST * one, place)


def turn_of(v, height):
    """Speed, tangent of half its angle and thrust over weight of a turn over a height."""
    speed, lateral = np.linalg.norm(v), np.hypot(v[0], v[1])
    tan_half = lateral / (speed - v[2])
    rows = np.array([height]), np.array([speed]), np.array([tan_half])
    return rows[1], rows[2], gravity_turn_ratio(*rows, np.ones(1), G)


def test_distance_and_time_of_a_gravity_turn_are_those_of_its_integral():
    speed, lateral, fall, n, step = 150.0, 120.0, 90.0, 2.2, 2e-4
    now = np.array([speed]), np.array([lateral / (speed + fall)]), np.array([n])
    vx, vz, x, t = lateral, fall, 0.0, 0.0
    while math.hypot(vx, vz) > 0.05:
        v = math.hypot(vx, vz)
        vx, vz = vx - step * n * G * vx / v, vz + step * G * (1.0 - n * vz / v)
        x, t = x + step * vx, t + step
    assert gravity_turn_distance(*now, G)[0] == pytest.approx(x, rel=1e-3)
    assert gravity_turn_time(*now, G)[0] == pytest.approx(t, rel=2e-3)


def test_a_gravity_turn_leans_towards_its_target_and_not_where_it_ends_there():
    v, height = np.array([90.0, 0.0, -60.0]), 3000.0
    ends = gravity_turn_distance(*turn_of(v, height), G)[0]
    there = braking_axis(braking(v, height, (ends, 0.0)))[0]
    assert there == pytest.approx(-v / np.linalg.norm(v))
    assert braking_axis(braking(v, height, (ends + 300.0, 0.0)))[0, 0] > there[0]
    assert braking_axis(braking(v, height, (ends - 300.0, 0.0)))[0, 0] < there[0]
    assert braking_axis(braking(v, height, (ends, 300.0)))[0, 1] > 0.01


def test_a_high_lander_brakes_against_its_velocity():
    v = np.array([360.0, -180.0, -80.0])  # so fast that it does not steer
    assert braking_axis(braking(v, 40e3))[0] == pytest.approx(-v / np.linalg.norm(v))


def test_a_low_fast_lander_lifts_its_thrust_until_its_descent_ends_with_its_height():
    axis = braking_axis(braking((440.0, 0.0, -60.0), 6800.0))[0]
    needed = G + (60.0**2 - 1.0) / (2.0 * 6800.0)
    assert axis[2] * 0.9 * THRUST == pytest.approx(needed)
    assert axis[0] == pytest.approx(-math.sqrt(1.0 - axis[2] ** 2))


def test_the_profile_of_a_gravity_turn_has_its_closed_form():
    descent, lateral, brake = np.array([50.0, 50.0]), np.array([0.0, 80.0]), np.array([1.4, 1.4])
    speed = np.hypot(descent, lateral)
    none = np.zeros(2)
    now = ThrottleInput(none, descent, lateral, none, none, none, none, none, np.full(2, G))
    turn = turned(speed, now, brake)
    assert turn[0] == 1.0
    tan_half = lateral / (speed + descent)
    height = gravity_turn_height(speed, tan_half, 1.0 + brake / G, G)
    assert 2.0 * brake * turn * height == pytest.approx(speed**2)


def test_a_lander_that_does_not_stand_is_cut_low_and_slow_and_leans_to_its_side():
    tip = tip_of("slim")
    assert isinstance(tip, Tip)
    assert [name for name in missions_with_own() if tip_of(name)] == ["slim"]
    thrust = np.full((3, 3), 1.0)
    v = np.array([[0.2, 0.0, -1.0], [0.2, 0.0, -1.0], [0.8, 0.0, -1.0]])
    height = np.array([tip.below_m - 0.1, tip.below_m + 0.1, tip.below_m - 0.1])
    cut = tip.cut(thrust, v, np.repeat(UP, 3, axis=0), height)
    assert np.linalg.norm(cut[0]) < 0.01
    assert lean_deg(cut) == pytest.approx(tip.fall.lean_deg)
    assert cut[0, 1] > 0.0  # its slope rises to the north
    assert cut[1:] == pytest.approx(thrust[1:])


@pytest.mark.parametrize(
    ("pilot", "mission"),
    [
        ("hoverslam+kalman", "chandrayaan-3"),
        ("velocity-profile+kalman", "apollo-11"),
        ("hoverslam+oracle", "slim"),
    ],
)
def test_laws_that_command_a_throttle_land_from_approaches_that_they_crashed_or_tipped(
    pilot, mission
):
    task = Task(mission, "noisy", control="thrust_vector", phase="approach")
    flown = resolve(pilot, task)
    landings = evaluate(flown.pilot, flown.task, 8, 3, label=pilot, domain=Domain.TUNE)
    assert landings["landed"].all()
