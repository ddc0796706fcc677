"""A step of the batch against the kernels it is made of, called one by one."""

import numpy as np
import pytest

from lunar_env import LunarLandingVectorEnv
from lunar_env.kernel.linalg import conjugate, multiply
from lunar_env.physics.attitude import retrograde_axis
from lunar_env.physics.mass import com_height
from lunar_env.physics.rows import STATE, VEHICLE, load_state, load_vehicle
from lunar_env.physics.site import map_position, vertical
from lunar_env.physics.types import Site
from lunar_env.sensors.inertial import dead_reckon
from lunar_env.sensors.rows import load_nav
from lunar_env.sim.table import TASK, TaskScalars
from lunar_env.sim.world import EPISODE
from tests.envs.flying import TRUE, bumpy_actions, truth
from tests.physics.cluster_flight import fly_rows
from tests.sim.lander_batch import LanderBatch

ROWS = 11  # a full block of lanes and a part of one
LANES = 8
FLOWN = slice(STATE.r.x, VEHICLE.mass_dry)


@pytest.fixture
def env():
    env = LunarLandingVectorEnv(ROWS, scenario="noisy", num_threads=1, autoreset_mode="DISABLED")
    env.reset(seed=3)
    return env


def by_hand(env, first, actions):
    """States of up to eight rows after a control step without contact."""
    world = env._simulator.world
    memory = world.memory[first : first + LANES].copy()
    task = TaskScalars(
        *env._simulator.shared.table[TASK : TASK + len(TaskScalars._fields)].tolist()
    )
    site = Site(task.mu, task.radius, task.j2, task.rate, task.pole_y, task.pole_z)
    axes, errors, commands = [], [], []
    for i in range(len(memory)):
        state, vehicle, nav = load_state(memory, i), load_vehicle(memory, i), load_nav(memory, i)
        believed = dead_reckon(state, nav, float(truth(env, "time_s")[first + i]))
        altitude = map_position(believed.r, site).altitude
        height = (
            altitude - com_height(believed.mass, vehicle) + float(memory[i, EPISODE.est_offset])
        )
        axes.append(retrograde_axis(believed.v, vertical(believed.r, site), height))
        errors.append(multiply(conjugate(state.q), believed.q))
        fraction = 0.5 * (min(1.0, max(-1.0, float(actions[first + i, 0]))) + 1.0)
        wet = state.mass > vehicle.mass_dry
        commands.append([fraction * vehicle.thrust_max * wet])
    ticks = int(task.ticks)
    fly_rows(
        *(memory, np.array([commands]), ticks * task.tick),
        axis=np.array([axes]),
        error=np.array([errors]),
        site=site,
        tick=task.tick,
        per=ticks,
    )
    return memory[:, FLOWN]


@pytest.mark.parametrize("propellant", [40.0, 0.06, 0.0])
def test_a_step_equals_the_sequence_of_its_kernels(env, propellant):
    """Also where the tanks run dry inside the step, in some lanes and not in others."""
    memory = env._simulator.world.memory
    memory[::2, TRUE["mass_kg"]] += propellant - truth(env, "propellant_kg")[::2]
    for actions in bumpy_actions(6, ROWS, seed=5):
        expected = np.concatenate([by_hand(env, first, actions) for first in (0, LANES)])
        env.step(actions)
        np.testing.assert_allclose(memory[:, FLOWN], expected, rtol=1e-11, atol=1e-11)
    assert (truth(env, "propellant_kg")[::2] == 0.0).all() == (propellant < 1.0)
    assert (truth(env, "propellant_kg")[1::2] > 38.0).all()


def test_time_advances_by_the_control_period(env):
    for k in range(1, 8):
        observation = env.step(np.zeros((ROWS, 1), np.float32))[0]
        np.testing.assert_allclose(truth(env, "time_s"), 0.2 * k, rtol=1e-14)
    assert observation.shape[0] == ROWS


@pytest.mark.parametrize("start", [{}, {"height_m": 15.0, "v_vertical_m_s": -4.0}])
def test_a_lander_flies_the_same_in_any_batch(start):
    """To the bit, in flight and on the ground: alone, or as the last of eleven."""
    many, one = LanderBatch(rows=ROWS), LanderBatch()
    one.world.key[:] = many.world.key[-1]
    many.reset(**start)
    one.reset(**start)
    for actions in bumpy_actions(40, ROWS, seed=7):
        many.step(np.clip(actions, -1.0, 1.0))
        one.step(np.clip(actions[-1], -1.0, 1.0))
        assert np.array_equal(many.memory[-1], one.memory[0], equal_nan=True)
        assert np.array_equal(many.world.observation[-1], one.world.observation[0])
