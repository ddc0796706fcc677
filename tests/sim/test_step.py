"""A step of the batch against the kernels it is made of, called one by one."""

import numpy as np
import pytest

from lunar_env import LunarLandingVectorEnv
from lunar_env.kernel.linalg import multiply
from lunar_env.physics.attitude import pointing_torque, retrograde_axis
from lunar_env.physics.contact import pad_clearance
from lunar_env.physics.integrate import advance
from lunar_env.physics.propulsion import commanded_thrust
from lunar_env.physics.rows import load_ground, load_state, load_vehicle
from lunar_env.physics.types import Site
from lunar_env.sensors.inertial import dead_reckon, load_nav
from lunar_env.sim.world import EST_OFFSET, TASK, Task
from tests.envs.flying import TRUE, bumpy_actions, truth

ROWS = 11  # a full block of lanes and a part of one
STATE_WIDTH = 15


@pytest.fixture
def env():
    env = LunarLandingVectorEnv(ROWS, scenario="noisy", num_threads=1, autoreset_mode="DISABLED")
    env.reset(seed=3)
    return env


def flat(state):
    return np.array([*state.r, *state.v, *state.q, *state.omega, state.mass, state.thrust])


def by_hand(env, row, action):
    """State of a row after a control step without contact."""
    memory = env._simulator.world.memory
    task = Task(*env._simulator.table[TASK : TASK + len(Task._fields)].tolist())
    site = Site(task.mu, task.radius, task.omega_y, task.omega_z)
    state, vehicle = load_state(memory, row), load_vehicle(memory, row)
    nav = load_nav(memory, row)
    believed = dead_reckon(state, nav, float(truth(env, "time_s")[row]))
    height = believed.r.z - vehicle.cg_height + float(memory[row, EST_OFFSET])
    axis = retrograde_axis(believed.v, height)
    command = commanded_thrust(0.5 * (float(action) + 1.0), True, vehicle)
    for _ in range(int(task.ticks)):
        seen = multiply(state.q, nav.attitude)
        torque = pointing_torque(seen, state.omega, axis, state.mass, vehicle)
        state = advance(state, command, torque, vehicle, site, task.tick)
    return flat(state)


@pytest.mark.parametrize("propellant", [40.0, 0.06, 0.0])
def test_a_step_is_its_kernels(env, propellant):
    """Also where the tanks run dry inside the step, in some lanes and not in others."""
    memory = env._simulator.world.memory
    memory[::2, TRUE["mass_kg"]] += propellant - truth(env, "propellant_kg")[::2]
    for actions in bumpy_actions(6, ROWS, seed=5):
        clipped = np.clip(actions[:, 0], -1.0, 1.0)
        expected = np.array([by_hand(env, row, clipped[row]) for row in range(ROWS)])
        env.step(actions)
        np.testing.assert_allclose(memory[:, :STATE_WIDTH], expected, rtol=1e-12, atol=1e-12)
    assert (truth(env, "propellant_kg")[::2] == 0.0).all() == (propellant < 1.0)
    assert (truth(env, "propellant_kg")[1::2] > 38.0).all()


def test_time_goes_on_by_the_control_period(env):
    for k in range(1, 8):
        observation = env.step(np.zeros((ROWS, 1), np.float32))[0]
        np.testing.assert_allclose(truth(env, "time_s"), 0.2 * k, rtol=1e-14)
    assert observation.shape[0] == ROWS


def test_every_contact_ends_with_a_pad_on_the_ground():
    """To a micrometre, whatever the speed, slope and tick; the other rows fly on."""
    env = LunarLandingVectorEnv(64, scenario="noisy", num_threads=1, autoreset_mode="DISABLED")
    env.reset(seed=3)
    memory = env._simulator.world.memory
    start = {"height_m": 60.0, "v_lateral_m_s": 3.0}
    mask = np.arange(64) % 3 != 0
    env.reset(seed=3, options={"start": start, "reset_mask": mask})
    landed = np.zeros(64, bool)
    for actions in bumpy_actions(400, 64, seed=6):
        _, _, terminated, truncated, info = env.step(actions)
        for row in np.flatnonzero(terminated & info.get("_touchdown", False)):
            state, vehicle = load_state(memory, row), load_vehicle(memory, row)
            assert abs(pad_clearance(state, load_ground(memory, row), vehicle)) < 1e-6
            fall = info["touchdown"]["v_vertical_m_s"][row]
            assert fall == pytest.approx(-truth(env, "v_z_m_s")[row])
            landed[row] = True
        ended = terminated | truncated
        if ended.any():
            env.reset(options={"reset_mask": ended})
    assert landed.sum() > 60
