"""Filters against a one-dimensional fall whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from agents.classical import ClassicalPilot
from agents.guidance import VelocityProfileLaw
from agents.navigation import ApolloFilter, KalmanFilter, NaiveFilter, latched_filter
from agents.observation import ObservationReader
from lunar_env.errors import ConfigError
from tests.agents.vertical import FIELDS, PERIOD_S, Fall


def falls(n=50, seed=0, sigma=150.0, **settings):
    rng = np.random.default_rng(seed)
    believed = rng.uniform(2900.0, 3100.0, n)
    error = rng.normal(0.0, sigma, n)
    speed = np.sqrt(0.36 + 2.0 * 1.87 * believed)
    return Fall(believed - error, speed, error, rng.normal(0.0, 0.3, n), sigma, **settings)


def errors_in_flight(navigation, fall, seconds=40.0):
    """Estimate minus truth at every step: height, vertical velocity, fall speed and sigma."""
    pilot = ClassicalPilot(VelocityProfileLaw(), navigation, FIELDS)
    state, rows = None, []
    while fall.time < seconds:
        observation = fall.observe()
        estimate = pilot.estimate(observation, state)
        action, state = pilot.predict(observation, state)
        rows.append(
            (
                estimate.height_m - fall.height,
                estimate.v_z_m_s + fall.speed,
                fall.speed.copy(),
                estimate.height_sigma_m,
            )
        )
        fall.step(action)
    return np.array(rows).transpose(1, 0, 2)


def test_kalman_filter_removes_the_latency():
    def mean_error(navigation):
        height, _, speed, _ = errors_in_flight(navigation, falls(latency=0.8, sight=1e4))
        settled = (np.arange(len(speed)) * PERIOD_S > 3.0)[:, np.newaxis] & (speed >= 50.0)
        return np.abs(height[settled]).mean()

    naive, aware = mean_error(NaiveFilter()), mean_error(KalmanFilter())
    assert naive > 40.0  # 0.8 s at 50 to 100 m/s
    assert aware < 0.5
    assert naive > 10.0 * aware


def test_the_naive_filter_is_accurate_without_latency():
    """Without latency it is as good as its dead reckoning, and it knows geometry."""
    height, _, _, _ = errors_in_flight(NaiveFilter(), falls(latency=0.0, range_period=PERIOD_S))
    assert np.abs(height[-50:]).max() < 0.3


def test_the_filter_estimates_the_vertical_velocity_error():
    _, v_z, _, _ = errors_in_flight(KalmanFilter(), falls(latency=0.5))
    assert np.abs(v_z[0]).mean() > 0.15
    assert np.abs(v_z[-1]).max() < 0.1


def test_sigma_covers_the_error_before_and_after_the_fix():
    height, _, _, sigma = errors_in_flight(KalmanFilter(), falls(n=200, sight=2000.0))
    for step in (1, -1):
        share = np.mean(np.abs(height[step]) < 3.0 * sigma[step])
        assert share > 0.97


def test_a_single_outlier_is_rejected():
    clean, _, _, _ = errors_in_flight(KalmanFilter(), falls())
    hit, _, _, _ = errors_in_flight(KalmanFilter(), falls(bogus={20: 900.0}))
    assert np.abs(hit[60:] - clean[60:]).max() < 0.5


def test_the_gate_reopens_when_the_ground_has_changed():
    step = dict.fromkeys(range(20, 200), -400.0)
    height, _, _, _ = errors_in_flight(KalmanFilter(), falls(n=5, bogus=step), seconds=25.0)
    assert np.abs(height[-1] + 400.0).max() < 10.0  # it follows the new ground


def test_samples_out_of_order_do_not_increase_the_error():
    fall = falls(latency=np.linspace(0.1, 1.5, 50))
    pilot = ClassicalPilot(VelocityProfileLaw(), KalmanFilter(), FIELDS)
    rng, state = np.random.default_rng(1), None
    while fall.time < 30.0:
        fall.latency = rng.uniform(0.1, 1.6, 50)
        observation = fall.observe()
        estimate = pilot.estimate(observation, state)
        action, state = pilot.predict(observation, state)
        fall.step(action)
    assert np.abs(estimate.height_m - (fall.height + 0.0)).max() < 25.0
    truth_before = fall.height + fall.speed * PERIOD_S  # the estimate is one step old
    assert np.abs(estimate.height_m - truth_before).max() < 1.0


def test_the_latched_gate_never_reopens():
    step = dict.fromkeys(range(20, 200), -400.0)
    height, _, _, _ = errors_in_flight(latched_filter(), falls(n=5, bogus=step), seconds=25.0)
    assert np.abs(height[-1]).max() < 10.0  # it holds on to the ground of before


def test_latched_filter_differs_in_the_gate_alone():
    kalman, _, _, _ = errors_in_flight(KalmanFilter(), falls(bogus={20: 900.0}))
    latched, _, _, _ = errors_in_flight(latched_filter(), falls(bogus={20: 900.0}))
    assert np.array_equal(kalman, latched)


def test_apollo_rule_closes_on_the_height():
    """A share of 0.28 every two seconds leaves 1 % after 28 s."""
    height, _, _, _ = errors_in_flight(ApolloFilter(), falls(range_period=0.2))
    assert np.abs(height[0]).mean() > 90.0
    after = np.abs(height[round(28.0 / PERIOD_S)]).mean()
    assert after < 0.05 * np.abs(height[0]).mean()
    assert after > 0.001 * np.abs(height[0]).mean()


def test_the_apollo_rule_rejects_unreasonable_ranges_only_after_high_gate():
    """600 m too high on the range, once above high gate and once far below."""
    clean, _, _, _ = errors_in_flight(ApolloFilter(), falls(range_period=0.2))
    early, _, _, _ = errors_in_flight(
        ApolloFilter(), falls(range_period=0.2, bogus=dict.fromkeys(range(10, 21), 600.0))
    )
    late, _, _, _ = errors_in_flight(
        ApolloFilter(), falls(range_period=0.2, bogus=dict.fromkeys(range(150, 161), 600.0))
    )
    assert np.abs(early[21] - clean[21]).max() > 100.0
    assert np.abs(late - clean).max() < 20.0


def test_the_apollo_altitude_lamp_turns_on_and_off():
    step = dict.fromkeys(range(120, 161), 600.0)
    fall = falls(n=5, range_period=0.2, bogus=step)
    pilot = ClassicalPilot(VelocityProfileLaw(), ApolloFilter(), FIELDS)
    state, lamp = None, []
    while fall.time < 45.0:
        observation = fall.observe()
        lamp.append(pilot.estimate(observation, state).rejected.all())
        action, state = pilot.predict(observation, state)
        fall.step(action)
    lit = np.flatnonzero(lamp) * PERIOD_S
    assert lit.min() == pytest.approx(26.0, abs=2.1)  # two bad of four, two seconds apart
    assert lit.max() < 40.0
    assert not lamp[-1]


def test_missing_field_is_named():
    with pytest.raises(ConfigError, match="lrf4_valid"):
        ObservationReader(FIELDS[:-1])
