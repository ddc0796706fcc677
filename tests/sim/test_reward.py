"""The potential along the path to the target, and that its differences add up to nothing."""

import math

import numpy as np
import pytest

from lunar_env.kernel.linalg import Quat, Vec3
from lunar_env.physics.types import MapPosition, State
from lunar_env.sim.reward import along_path
from lunar_env.sim.table import TASK, TaskScalars
from lunar_env.sim.world import EPISODE, NEEDS_RESET, REWARD, TERMINATED, TERMS
from tests.sim.lander_batch import LanderBatch, built, throttle

LANDERS = LanderBatch(phase="approach")
TASK_ROW = TaskScalars(*LANDERS.table[TASK : TASK + len(TaskScalars._fields)].tolist())
SHAPING = 4
ONLY_SHAPING = dict.fromkeys(("landed", "impact", "softness", "propellant"), 0.0)


def value(east, north, height, v):
    """Potential at a place and a velocity, the target's axes taken for the local ones."""
    state = State(
        *(Vec3(0.0, 0.0, 0.0), Vec3(*map(float, v)), Quat(1.0, 0.0, 0.0, 0.0)),
        *(Vec3(0.0, 0.0, 0.0), 400.0, 0.0),
    )
    place = MapPosition(float(east), float(north), float(height))
    return along_path(state, place, float(height), float(v[2]), TASK_ROW)


def wanted(east, north, height):
    """Velocity on the line to a point that lies a twentieth of the height short of the target."""
    reach = math.hypot(east, north)
    ahead = max(reach - 0.05 * height, 0.0)
    line = math.hypot(ahead, height)
    touchdown, deceleration = TASK_ROW.plan_touchdown_speed, TASK_ROW.plan_deceleration
    speed = math.sqrt(touchdown**2 + 2.0 * deceleration * line)
    out = np.array([east, north]) / reach if reach > 0.0 else np.zeros(2)
    return speed / line * np.array([*(-ahead * out), -height]) if line > 0.0 else [0, 0, -touchdown]


PLACES = [
    (-4000.0, 3000.0, 8000.0),
    (0.0, -500.0, 100.0),
    (3.0, 0.0, 100.0),  # within the cone above the target: straight down
    (0.0, 0.0, 20.0),
    (0.0, 0.0, 0.0),
]


@pytest.mark.parametrize("place", PLACES)
def test_the_potential_is_zero_on_the_plan_and_decreases_with_the_deviation(place):
    plan = np.array(wanted(*place), dtype=float)
    assert value(*place, plan) == pytest.approx(0.0, abs=1e-9)
    scale = np.linalg.norm(plan) + 3.0
    for direction in np.eye(3):
        for size in (1.0, 10.0, 1e4):
            off = size / scale
            expected = -off / (1.0 + off)
            found = value(*place, plan + size * direction)
            # A velocity across is measured level with the ground, whose axes are the target's.
            assert found == pytest.approx(expected, rel=1e-6)
            assert -1.0 < found < 0.0


def test_past_the_target_the_planned_velocity_points_back():
    place = (100.0, 0.0, 50.0)
    onward, back = wanted(*place) * np.array([-1.0, 1.0, 1.0]), wanted(*place)
    assert value(*place, back) > -1e-9 > value(*place, onward)


def fly(landers, actions):
    """Rewards and potentials of a flight; the first potential is the start's."""
    rewards, potentials = [], [float(landers.memory[0, EPISODE.potential])]
    for action in actions:
        landers.step(action)
        rewards.append(float(landers.world.report[REWARD, 0]))
        potentials.append(float(landers.memory[0, EPISODE.potential]))
        assert rewards[-1] == landers.world.report[TERMS + SHAPING, 0]
        if landers.world.report[NEEDS_RESET, 0] > 0.0:
            break
    return np.array(rewards), np.array(potentials)


@pytest.mark.parametrize("gamma", [1.0, 0.97])
@pytest.mark.parametrize("phase", ["terminal", "approach"])
def test_shaping_rewards_sum_to_the_initial_potential(phase, gamma):
    """An episode that terminates adds minus that, whatever was done meanwhile."""
    worth = {**ONLY_SHAPING, "shaping": 3.0, "gamma": gamma}
    rng = np.random.default_rng(5)
    for fraction in (0.1, 0.5):
        landers = LanderBatch(
            built("hakuto-r-m2"), phase=phase, reward=worth, control="thrust_vector"
        )
        landers.reset(height_m=400.0, v_vertical_m_s=-30.0)
        actions = rng.uniform(-0.1, 0.1, (1000, 3))
        actions[:, 2] += throttle(fraction)
        rewards, potentials = fly(landers, actions)
        assert landers.world.report[TERMINATED, 0] == 1.0
        assert potentials[-1] == 0.0
        assert (potentials[:-1] < 0.0).all()
        discounted = np.sum(rewards * gamma ** np.arange(rewards.size))
        assert discounted == pytest.approx(-3.0 * potentials[0], abs=1e-10)
