"""What the lander is told and what it is not, and its past frames."""

import numpy as np
import pytest

from lunar_env import LunarLandingEnv, LunarLandingVectorEnv
from tests.envs.flying import (
    FRAME,
    PERFECT_GAUGES,
    SEEN,
    TRUE,
    bumpy_actions,
    exact,
    level,
    seen,
    throttle,
    truth,
)

BLIND = exact(signal_loss_dB=60.0)
LEVEL = level()


def test_without_measurements_two_true_states_with_one_estimate_give_equal_observations():
    """150 m higher or lower: only the ground tells, gravity hardly."""
    flights = []
    for error in (0.0, 150.0):
        env = LunarLandingEnv(mission=LEVEL, scenario=BLIND)
        start = {"height_m": 1500.0 - error, "nav_height_error_m": error, "v_vertical_m_s": -60.0}
        frames = [env.reset(seed=4, options={"start": start})[0]]
        truths = [truth(env, "height_m")]
        for step in bumpy_actions(80, 1)[:, 0]:
            frames.append(env.step(step)[0])
            truths.append(truth(env, "height_m"))
        flights.append((np.array(frames), np.array(truths)))
    (a, high), (b, low) = flights
    assert (high - low > 149.0).all()
    assert np.array_equal(a[0], b[0])
    # Weaker gravity 150 m up moves the true speed by some mm/s, and with it what is reckoned.
    assert np.abs(a - b).max() < 2e-3


@pytest.mark.parametrize("name", ["lost", "signal_loss_dB", "latency_s"])
def test_no_element_of_the_first_observation_is_a_true_value(name):
    """Of a thousand starts no element of the observation tells these numbers."""
    env = LunarLandingVectorEnv(1000, scenario="late-acquisition", num_threads=1)
    observation, _ = env.reset(seed=0)
    hidden = truth(env, name)
    if np.ptp(hidden) == 0.0:
        return
    for k, column in enumerate(observation.T):
        if np.ptp(column) > 0.0:
            correlation = abs(np.corrcoef(column, hidden)[0, 1])
            assert correlation < 0.75, env.observation_fields[k].name


def test_no_element_is_the_true_height():
    env = LunarLandingVectorEnv(
        1000, scenario=BLIND.replace(nav_height_error_m={"normal": [0.0, 300.0]})
    )
    observation, _ = env.reset(seed=0)
    error = truth(env, "height_m") - truth(env, "height_m").mean()
    for k in range(FRAME):
        if np.ptp(observation[:, k]) > 0.0:
            assert abs(np.corrcoef(observation[:, k], error)[0, 1]) < 0.45


def test_dead_reckoning_is_the_true_state_plus_its_error():
    env = LunarLandingEnv(LEVEL, scenario="late-acquisition")
    observation, _ = env.reset(seed=6)
    for step in bumpy_actions(60, 1)[:, 0]:
        believed = seen(observation, "dr_height_m")
        error = truth(env, "nav_height_error_m")
        assert believed == pytest.approx(truth(env, "height_m") + error, abs=2e-3)
        observation = env.step(step)[0]
    assert abs(error) > 1.0


def test_without_errors_the_estimate_is_the_true_state():
    mission = LEVEL.replace(vehicle={"gauges": PERFECT_GAUGES})
    env = LunarLandingEnv(scenario=exact(), mission=mission)
    observation, _ = env.reset(seed=6)
    for step in bumpy_actions(60, 1)[:, 0]:
        for ours, true in (
            *(("dr_x_m", "r_x_m"), ("dr_y_m", "r_y_m"), ("dr_height_m", "height_m")),
            *(("dr_v_x_m_s", "v_x_m_s"), ("dr_v_z_m_s", "v_z_m_s"), ("q_x", "q_x")),
            *(("omega_y_rad_s", "omega_y_rad_s"), ("propellant_kg", "propellant_kg")),
            ("elapsed_s", "time_s"),
        ):
            assert seen(observation, ours) == pytest.approx(truth(env, true), rel=1e-6, abs=1e-4)
        observation = env.step(step)[0]


def test_the_sigma_of_the_height_is_that_of_the_errors():
    env = LunarLandingVectorEnv(2000, scenario="late-acquisition", num_threads=1)
    observation, _ = env.reset(seed=0)
    error = truth(env, "nav_height_error_m")
    assert seen(observation, "dr_height_sigma_m")[0] == pytest.approx(300.0)
    # Beside the drawn error the ground under the start lies off the target's.
    assert error.std() == pytest.approx(300.0, rel=0.06)


@pytest.mark.parametrize("history", [2, 4])
def test_older_frames_are_the_observations_of_the_past(history):
    plain, stacked = LunarLandingEnv(), LunarLandingEnv(history=history)
    frames = [plain.reset(seed=3)[0]]
    observation = stacked.reset(seed=3)[0]
    # At the start the past is the present.
    assert all(np.array_equal(part, frames[0]) for part in observation.reshape(history, FRAME))
    for step in bumpy_actions(30, 1)[:, 0]:
        frames.insert(0, plain.step(step)[0])
        observation = stacked.step(step)[0]
        for k, part in enumerate(observation.reshape(history, FRAME)):
            expected = frames[min(k, len(frames) - 1)]
            assert np.array_equal(part, expected)


def test_history_does_not_contain_the_previous_episode():
    env = LunarLandingVectorEnv(1, history=3, time_limit_s=2.0, num_threads=1)
    env.reset(seed=3)
    for _ in range(11):  # ten steps and the automatic reset
        observation = env.step(np.zeros((1, 1), np.float32))[0]
    now, *past = observation[0].reshape(3, FRAME)
    assert now[SEEN["elapsed_s"]] == 0.0
    assert all(np.array_equal(part, now) for part in past)


def test_privileged_is_the_state_of_the_simulation():
    env = LunarLandingEnv()
    env.reset(seed=3)
    env.step(throttle(0.8))
    row = env._simulator.world.memory[0]
    assert np.array_equal(env.privileged[:14], row[:14])
    assert env.privileged[TRUE["thrust_N"]] == row[14]
    assert env.privileged.dtype == np.float64
