"""Ranges in the observation: their age, their order, the instant they stand for."""

import numpy as np
import pytest

from lunar_env import LunarLandingEnv, LunarLandingVectorEnv
from lunar_env.specs import load_mission
from tests.envs.flying import exact, hold_speed, level, seen, throttle, truth

BLIND = exact(signal_loss_dB=60.0)
LEVEL = level()
TICK = 0.05
BUS = 0.02


@pytest.fixture(scope="module")
def ticking():
    """The mission with a control period of one tick: every tick is seen."""
    return load_mission("hakuto-r-m2").replace(control_period_s=TICK, tick_s=TICK)


@pytest.mark.parametrize("latency", [0.0, 0.13, 0.67, 1.0])
def test_a_sample_arrives_its_latency_after_it_was_measured_to_one_tick(ticking, latency):
    scenario = exact(processing_s=0.4 * latency, extra_latency_s=0.6 * latency)
    env = LunarLandingEnv(mission=ticking, scenario=scenario)
    env.reset(seed=2, options={"start": {"height_m": 1500.0, "v_vertical_m_s": -60.0}})
    assert truth(env, "latency_s") == pytest.approx(0.25 + latency + 0.5 * BUS)
    measured = []
    for _ in range(300):
        observation = env.step(throttle(0.42))[0]
        if seen(observation, "lrf1_valid") == 0.0:
            assert seen(observation, "lrf_arrivals") == 0.0
            continue
        assert seen(observation, "lrf_arrivals") == 1.0
        age = seen(observation, "lrf1_age_s")
        assert -1e-5 <= age - (0.25 + latency) < TICK + BUS + 1e-5
        assert seen(observation, "lrf_last_age_s") == age
        measured.append(seen(observation, "elapsed_s") - age)
    assert len(measured) == pytest.approx(30, abs=1)
    np.testing.assert_allclose(np.diff(measured), 0.5, atol=1e-4)


def test_a_range_belongs_to_its_time_of_measurement():
    """Slant range from the sensor at the middle of the sum, not at arrival."""
    level = LEVEL.replace(control_period_s=TICK, rangefinder={"range_walk": False})
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


@pytest.mark.parametrize(("shots", "prf"), [(1, 20.0), (1, 25.0), (3, 40.0), (1, 50.0)])
def test_a_fast_unit_keeps_its_sample_rate(shots, prf):
    """Sums as short as a tick or shorter: none is skipped, none is measured late."""
    fast = LEVEL.replace(rangefinder={"accumulated_shots": shots, "prf_Hz": prf})
    env = LunarLandingEnv(mission=fast, scenario=exact())
    env.reset(seed=1, options={"start": {"height_m": 900.0}})
    arrived = 0
    for _ in range(40):
        observation = env.step(throttle(0.5))[0]
        arrived += round(float(seen(observation, "lrf_arrivals")))
        assert seen(observation, "lrf_last_age_s") < 0.5 * shots / prf + shots / prf + 1e-5
    assert arrived == pytest.approx(8.0 * prf / shots, abs=1)


def test_slots_contain_the_arrivals_of_a_step_in_order():
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
            newest = seen(observation[row], f"lrf{k}_range_m")
            assert newest == seen(observation[row], "lrf_last_range_m")
            ages = [seen(observation[row], f"lrf{j}_age_s") for j in range(1, k + 1)]
            overtaken += ages != sorted(ages, reverse=True)
    assert bunches > 50
    assert overtaken > 5


def test_missing_ranges_are_zero_with_the_largest_age():
    env = LunarLandingEnv(scenario=BLIND)
    observation, _ = env.reset(seed=1)
    for _ in range(5):
        assert seen(observation, "lrf_seen") == seen(observation, "lrf_last_range_m") == 0.0
        assert seen(observation, "lrf_last_age_s") == pytest.approx(20.0)
        assert seen(observation, "lrf_search") == 1.0
        assert seen(observation, "est_has_fix") == 0.0
        assert seen(observation, "est_height_m") == seen(observation, "dr_height_m")
        observation = env.step(throttle(0.5))[0]
    assert truth(env, "first_fix_height_m") == -1.0


def test_the_onboard_estimate_uses_ranges_at_their_time_stamps():
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
