"""What the lander is told and what it is not; times of its samples; past frames."""

import numpy as np
import pytest

from lunar_env import LunarLandingEnv, LunarLandingVectorEnv
from lunar_env.specs import load_mission
from tests.envs.flying import (
    FRAME,
    SEEN,
    TRUE,
    bumpy_actions,
    exact,
    hold_speed,
    seen,
    throttle,
    truth,
)

BLIND = exact(signal_loss_dB=60.0)
LEVEL = load_mission("hakuto-r-m2").replace(slope_deg=0.0)
TICK = 0.05


@pytest.fixture(scope="module")
def ticking():
    """The mission with a control period of one tick: every tick is seen."""
    return load_mission("hakuto-r-m2").replace(control_period_s=TICK, tick_s=TICK)


def test_two_truths_with_one_belief_look_the_same_to_a_blind_lander():
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


@pytest.mark.parametrize("name", ["recoverable", "signal_loss_dB", "latency_s"])
def test_no_element_of_the_first_observation_is_a_truth(name):
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


def test_dead_reckoning_is_the_truth_plus_its_error():
    env = LunarLandingEnv(scenario="late-acquisition")
    observation, _ = env.reset(seed=6)
    for step in bumpy_actions(60, 1)[:, 0]:
        believed = seen(observation, "dr_height_m")
        error = truth(env, "nav_height_error_m")
        assert believed == pytest.approx(truth(env, "height_m") + error, abs=2e-3)
        observation = env.step(step)[0]
    assert abs(error) > 1.0


def test_without_errors_the_lander_knows_itself():
    env = LunarLandingEnv(
        scenario=exact(), mission=load_mission("hakuto-r-m2").replace(slope_deg=0.0)
    )
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


@pytest.mark.parametrize("latency", [0.0, 0.13, 0.67, 1.0])
def test_a_sample_arrives_its_latency_after_it_was_measured_to_one_tick(ticking, latency):
    scenario = exact(processing_s=0.4 * latency, extra_latency_s=0.6 * latency)
    env = LunarLandingEnv(mission=ticking, scenario=scenario)
    env.reset(seed=2, options={"start": {"height_m": 1500.0, "v_vertical_m_s": -60.0}})
    assert truth(env, "latency_s") == pytest.approx(0.25 + latency)
    measured = []
    for _ in range(300):
        observation = env.step(throttle(0.42))[0]
        if seen(observation, "lrf1_valid") == 0.0:
            assert seen(observation, "lrf_arrivals") == 0.0
            continue
        assert seen(observation, "lrf_arrivals") == 1.0
        age = seen(observation, "lrf1_age_s")
        assert -1e-5 <= age - (0.25 + latency) < TICK + 1e-5
        assert seen(observation, "lrf_last_age_s") == age
        measured.append(seen(observation, "elapsed_s") - age)
    assert len(measured) == pytest.approx(30, abs=1)
    np.testing.assert_allclose(np.diff(measured), 0.5, atol=1e-4)


def test_a_range_is_that_of_the_time_of_its_measurement():
    """Slant range from the sensor at the middle of the sum, not at arrival."""
    level = LEVEL.replace(control_period_s=TICK)
    env = LunarLandingEnv(mission=level, scenario=exact(extra_latency_s=0.8))
    env.reset(seed=2, options={"start": {"height_m": 1500.0, "v_vertical_m_s": -70.0}})
    times, ranges = [0.0], [truth(env, "slant_range_m")]
    checked = 0
    for _ in range(200):
        observation = env.step(throttle(0.42))[0]
        times.append(truth(env, "time_s"))
        ranges.append(truth(env, "slant_range_m"))
        when = seen(observation, "elapsed_s") - seen(observation, "lrf1_age_s")
        if seen(observation, "lrf1_valid") > 0.0 and when > 0.0:
            expected = np.interp(when, times, ranges)
            assert seen(observation, "lrf1_range_m") == pytest.approx(expected, abs=0.02)
            assert abs(expected - ranges[-1]) > 50.0
            checked += 1
    assert checked > 10


def test_slots_hold_the_arrivals_of_the_step_in_order():
    """With a jitter of a second samples overtake each other and come in bunches."""
    env = LunarLandingVectorEnv(50, scenario=exact(jitter_s=1.0), num_threads=1)
    env.reset(seed=1, options={"start": {"height_m": 1200.0}})
    bunches, overtaken = 0, 0
    for _ in range(100):
        observation = env.step(hold_speed(env, 20.0))[0]
        arrivals = seen(observation, "lrf_arrivals").round()
        for k in range(1, 5):
            valid = seen(observation, f"lrf{k}_valid") > 0.0
            assert (valid == (arrivals >= k)).all()
            for part in ("range_m", "age_s", "quality"):
                assert (seen(observation, f"lrf{k}_{part}")[~valid] == 0.0).all()
        last = np.maximum(arrivals, 1).astype(int)
        for row in np.flatnonzero(arrivals >= 2):
            bunches += 1
            k = last[row]
            assert (
                observation[row, SEEN[f"lrf{k}_range_m"]]
                == observation[row, SEEN["lrf_last_range_m"]]
            )
            ages = [seen(observation[row], f"lrf{j}_age_s") for j in range(1, k + 1)]
            overtaken += ages != sorted(ages, reverse=True)
    assert bunches > 50
    assert overtaken > 5


def test_what_was_never_seen_is_old_and_zero():
    env = LunarLandingEnv(scenario=BLIND)
    observation, _ = env.reset(seed=1)
    for _ in range(5):
        assert seen(observation, "lrf_seen") == seen(observation, "lrf_last_range_m") == 0.0
        assert seen(observation, "lrf_last_age_s") == pytest.approx(20.0)
        assert seen(observation, "lrf_search") == 1.0
        assert seen(observation, "est_has_fix") == 0.0
        assert seen(observation, "est_height_m") == seen(observation, "dr_height_m")
        observation = env.step(throttle(0.5))[0]
    assert truth(env, "first_fix_alt_m") == -1.0


def test_the_own_estimate_takes_the_range_at_its_stamp():
    """Half a second old at 60 m/s: 30 m off if it were taken for new."""
    env = LunarLandingEnv(mission=LEVEL, scenario=exact(extra_latency_s=0.5))
    start = {"height_m": 1500.0, "nav_height_error_m": 200.0, "v_vertical_m_s": -60.0}
    env.reset(seed=1, options={"start": start})
    for _ in range(40):
        observation = env.step(throttle(0.5))[0]
    assert seen(observation, "est_has_fix") == 1.0
    assert seen(observation, "dr_height_m") - truth(env, "height_m") == pytest.approx(
        200.0, abs=1.0
    )
    assert seen(observation, "est_height_m") == pytest.approx(truth(env, "height_m"), abs=1.0)


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


def test_history_does_not_reach_into_the_last_episode():
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
