"""Pilots that are given one part of the truth, or the drawn parameters alone."""

from __future__ import annotations

import numpy as np
import pytest

from agents import make_pilot
from agents.navigation.informed import corrected
from agents.observation import ObservationReader
from agents.sheet import SHEET_ROW
from agents.substitution import PARTS, substituted
from lunar_env import PRIVILEGED_FIELDS, ConfigError, LunarLandingVectorEnv
from tests.envs.flying import exact

TRUTH = {field.name: k for k, field in enumerate(PRIVILEGED_FIELDS)}
BIASED = {"range_bias_m": 5.0, "range_scale": 0.01, "stamp_bias_s": -0.3}


def shown(scenario, mission="hakuto-r-m2", steps=4, **start):
    env = LunarLandingVectorEnv(8, mission=mission, scenario=scenario, num_threads=1)
    observation, _ = env.reset(seed=3, options={"start": start} if start else None)
    for _ in range(steps):
        observation, *_ = env.step(np.zeros((8, 1), np.float32))
    fields = (*env.observation_fields, *PRIVILEGED_FIELDS)
    both = np.concatenate([observation, env.privileged], axis=1, dtype=np.float32)
    return env, fields, observation, both


@pytest.mark.parametrize("part", ["height", "velocity", "lateral", "place", "state"])
def test_a_part_of_the_estimate_is_the_truth_and_the_others_are_not(part):
    env, fields, observation, both = shown("late-acquisition")
    pilot = make_pilot("hoverslam+kalman", env.observation_fields)
    usual = pilot.estimate(observation)
    given = substituted(pilot, fields, part).estimate(both)
    truth = env.privileged
    parts = {
        "height": {"height_m": "height_m"},
        "velocity": {"v_z_m_s": "v_z_m_s"},
        "lateral": {name: name for name in ("v_x_m_s", "v_y_m_s")},
        "place": {"x_m": "r_x_m", "y_m": "r_y_m"},
    }
    for name, columns in parts.items():
        for column, true in columns.items():
            found = getattr(given, column)
            if part in (name, "state") or (part, name) == ("velocity", "lateral"):
                assert found == pytest.approx(truth[:, TRUTH[true]], rel=1e-5, abs=1e-3)
            else:
                assert (found == getattr(usual, column)).all()
                assert (np.abs(found - truth[:, TRUTH[true]]) > 1e-3).any()


def test_the_uncertainty_is_the_error_of_the_estimate():
    env, fields, observation, both = shown("late-acquisition")
    pilot = make_pilot("hoverslam+kalman", env.observation_fields)
    usual, given = pilot.estimate(observation), substituted(pilot, fields, "uncertainty")
    believed = given.estimate(both)
    assert (believed.height_m == usual.height_m).all()
    error = np.abs(usual.height_m - env.privileged[:, TRUTH["height_m"]])
    assert believed.height_sigma_m == pytest.approx(error, abs=1e-3)


def test_the_thrust_of_the_engines_that_work_replaces_that_of_the_design():
    dead = {"engine": 1, "health_frac": 0.0, "at_time_s": 0.0}
    env, fields, observation, both = shown(exact(faults=[dead]), "slim")
    pilot = make_pilot("hoverslam+kalman", env.observation_fields)
    design = pilot._reader.read(observation).thrust_to_weight
    known = substituted(pilot, fields, "engines")._reader.read(both).thrust_to_weight
    # One of two engines of 500 N is left, dispersed by a per cent.
    assert known / design == pytest.approx(np.full(8, 0.5), abs=0.05)


def test_an_unknown_part_and_a_pilot_without_filter_are_rejected():
    env, fields, _, _ = shown("ideal", steps=0)
    pilot = make_pilot("hoverslam+kalman", env.observation_fields)
    with pytest.raises(ConfigError, match=r"unknown part 'heigth'.* 'height'"):
        substituted(pilot, fields, "heigth")
    learned = make_pilot("ppo-m2-late-acquisition", env.observation_fields)
    with pytest.raises(ConfigError, match="has no navigation filter"):
        substituted(learned, fields, "height")
    assert set(PARTS) == {
        *("height", "velocity", "lateral", "place", "state", "engines", "uncertainty")
    }


def test_the_informed_filter_reads_ranges_without_their_constant_errors():
    """A range is that at its stamp, plus a bias and 1 % of it; the stamp is 0.3 s too early."""
    low = {"height_m": 600.0, "v_vertical_m_s": -20.0}
    _, fields, _, clean = shown(exact(), **low)
    _, _, _, wrong = shown(exact(**BIASED), **low)
    reader = ObservationReader(fields, truth=True)
    right, read = reader.read(clean), reader.read(wrong)
    given = corrected(read)
    valid = right.ranges.valid & read.ranges.valid
    assert valid.any()
    assert (np.abs(read.ranges.range_m - right.ranges.range_m)[valid] > 5.0).all()
    assert given.ranges.range_m[valid] == pytest.approx(right.ranges.range_m[valid], abs=0.05)
    known = ("lrf_bias_sigma_m", "lrf_scale_sigma_frac", "lrf_stamp_sigma_s")
    assert not given.sheet.rows()[:, [SHEET_ROW[name] for name in known]].any()
    others = [k for name, k in SHEET_ROW.items() if name not in known]
    assert (given.sheet.rows()[:, others] == read.sheet.rows()[:, others]).all()
    assert given.ranges.age_s[valid] == pytest.approx(right.ranges.age_s[valid], abs=1e-3)


def test_the_informed_filter_reads_no_state():
    env, fields, _, both = shown("everything", steps=10)
    pilot = make_pilot("hoverslam+informed", fields)
    drawn = ("range_bias_m", "range_scale_frac", "stamp_bias_s", "height_spread_frac")
    other = both.copy()
    first = len(fields) - len(PRIVILEGED_FIELDS)
    for name, k in TRUTH.items():
        if name not in drawn:
            other[:, first + k] += 100.0
    assert (pilot.predict(both)[0] == pilot.predict(other)[0]).all()
    assert (env.privileged[:, TRUTH["stamp_bias_s"]] != 0.0).any()
