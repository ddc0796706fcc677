"""Who reads the truth: the oracle, and nobody else."""

from __future__ import annotations

import numpy as np
import pytest

from agents import list_pilots, make_pilot
from lunar_env import (
    OBSERVATION_FIELDS,
    PRIVILEGED_FIELDS,
    ConfigError,
    LunarLandingVectorEnv,
)

TRUTH = {field.name: i for i, field in enumerate(PRIVILEGED_FIELDS)}
WITH_TRUTH = (*OBSERVATION_FIELDS, *PRIVILEGED_FIELDS)
ROWS = 4


def flight(steps=40):
    """Observations and truths of some landers that fall."""
    env = LunarLandingVectorEnv(ROWS, scenario="everything", num_threads=1)
    shown, _ = env.reset(seed=11)
    for _ in range(steps):
        yield shown, env.privileged
        shown, *_ = env.step(np.full((ROWS, 1), -0.5, np.float32))


# The convex law takes its time for every row and second: it flies on one filter.
PILOTS = [name for name in list_pilots() if "+" in name and not name.startswith("convex")]


@pytest.mark.parametrize("name", [*PILOTS, "convex+kalman"])
def test_no_pilot_uses_the_true_state(name):
    """The same observations with another truth behind them: the same actions, to the bit."""
    pilot, told = make_pilot(name), make_pilot(name, WITH_TRUTH)
    rng = np.random.default_rng(0)
    plain = true = wrong = None
    for shown, truth in flight(3 if name.startswith("convex") else 40):
        other = truth + rng.normal(0.0, 100.0, truth.shape)
        expected, plain = pilot.predict(shown, plain)
        for state, behind in ((true, truth), (wrong, other)):
            action, after = told.predict(np.hstack([shown, behind]), state)
            assert np.array_equal(action, expected)
            if behind is truth:
                true = after
            else:
                wrong = after


def test_the_oracle_uses_the_true_state():
    pilot = make_pilot("hoverslam+oracle", WITH_TRUTH)
    assert pilot.needs_truth
    for shown, truth in flight(steps=5):
        believed = pilot.estimate(np.hstack([shown, truth]))
        assert believed.height_m == pytest.approx(truth[:, TRUTH["height_m"]], abs=1e-3)
        assert believed.x_m == pytest.approx(truth[:, TRUTH["r_x_m"]], abs=1e-3)
        assert believed.v_z_m_s == pytest.approx(truth[:, TRUTH["v_z_m_s"]], abs=1e-4)
        assert not believed.height_sigma_m.any()


def test_the_oracle_needs_the_true_state():
    with pytest.raises(ConfigError, match="filter for bounds, made with observation_fields"):
        make_pilot("hoverslam+oracle", OBSERVATION_FIELDS)


def test_upper_bounds_are_listed_separately():
    bounds = list_pilots(bounds=True)
    assert "hoverslam+oracle" in bounds
    assert not set(bounds) & set(list_pilots())
    assert {name.partition("+")[2] for name in bounds} == {"oracle", "informed"}
