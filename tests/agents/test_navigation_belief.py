"""The wrapper that shows what a filter believes, in every autoreset mode."""

from __future__ import annotations

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from agents import make_pilot
from agents.navigation import KalmanFilter, OracleFilter
from agents.navigation.belief import BeliefVectorWrapper
from agents.observation import ObservationReader
from lunar_env import ConfigError, LunarLandingVectorEnv

ROWS = 8


def wrapped(mode, history=1):
    env = LunarLandingVectorEnv(
        *(ROWS, "hakuto-r-m2", "latency"), history=history, autoreset_mode=mode, num_threads=1
    )
    return BeliefVectorWrapper(env)


def columns(env):
    return {field.name: i for i, field in enumerate(env.observation_fields)}


def action(falling):
    """Half of the rows fall, so that they end early and at different times."""
    return np.where(falling[:, np.newaxis], -1.0, 0.3).astype(np.float32)


def test_the_wrapper_observes_the_estimate_of_the_filter():
    env = wrapped(AutoresetMode.NEXT_STEP, history=2)
    plain = env.env
    at, reader, filter_ = columns(env), ObservationReader(plain.observation_fields), KalmanFilter()
    shown, _ = env.reset(seed=3)
    assert env.observation_space.shape == shown.shape
    memory, starts = None, np.ones(ROWS, bool)
    for _ in range(60):
        seen = shown[:, : len(plain.observation_fields)]
        belief, memory = filter_.update(reader.read(seen), memory, starts)
        scale = env.observation_fields[at["belief_height_m"]].scale
        told = shown[:, at["belief_height_m"]] * scale
        assert told == pytest.approx(belief.height_m, abs=1e-3)
        root = shown[:, at["root_height_m"]] * env.observation_fields[at["root_height_m"]].scale
        cross, alone = shown[:, at["root_cross_m_s"]], shown[:, at["root_v_z_m_s"]]
        assert root == pytest.approx(belief.height_sigma_m, rel=1e-5)
        assert root * cross == pytest.approx(belief.height_v_z_cov, rel=1e-3, abs=1e-4)
        assert np.hypot(cross, alone) == pytest.approx(belief.v_z_sigma_m_s, rel=1e-4)
        assert env.observation_space.contains(shown)
        (
            shown,
            *_,
        ) = env.step(action(np.zeros(ROWS, bool)))
        starts = np.zeros(ROWS, bool)
    assert shown[:, at["belief_sighted"]].all()
    assert np.any(shown[:, at["innovation_sigmas"]] != 0.0)


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_the_estimate_is_reset_with_an_episode(mode):
    """The belief of a new episode is that of a filter that has seen nothing else."""
    env = wrapped(mode)
    at, width = columns(env), len(env.env.observation_fields)
    reader = ObservationReader(env.env.observation_fields)
    env.reset(seed=5)
    falling = np.arange(ROWS) % 2 == 0
    fresh = np.zeros(ROWS, bool)
    finals = begun = 0
    for _ in range(300):
        shown, _, terminated, truncated, info = env.step(action(falling))
        ended = terminated | truncated
        starts = ended if mode == AutoresetMode.SAME_STEP else fresh
        new = shown[starts]
        begun += len(new)
        reading = reader.read(new[:, :width])
        first, _ = KalmanFilter().update(reading, None, np.ones(len(new), bool))
        assert new[:, at["belief_height_m"]] * 1e3 == pytest.approx(first.height_m, abs=1e-3)
        assert np.array_equal(new[:, at["belief_sighted"]] > 0.5, first.seen)
        if mode == AutoresetMode.SAME_STEP:
            for row in np.flatnonzero(ended):
                final = info["final_obs"][row]
                finals += 1
                assert final.shape == shown[row].shape
                assert final[at["belief_sighted"]] == 1.0
                assert abs(final[at["belief_height_m"]] * 1e3) < 60.0  # half a step before impact
        fresh = ended
    assert begun >= ROWS // 2
    assert finals == (begun if mode == AutoresetMode.SAME_STEP else 0)


def test_rows_reset_with_a_mask_restart_and_others_continue():
    env = wrapped(AutoresetMode.DISABLED)
    at = columns(env)
    env.reset(seed=7)
    for _ in range(50):
        before, *_ = env.step(action(np.zeros(ROWS, bool)))
    assert before[:, at["belief_sighted"]].all()
    mask = np.arange(ROWS) < 3
    shown, _ = env.reset(options={"reset_mask": mask})
    assert np.all(shown[mask, at["belief_height_m"]] > 2.0)
    assert np.all(shown[mask, at["root_height_m"]] > shown[~mask, at["root_height_m"]].max())
    assert shown[~mask, at["belief_height_m"]] == pytest.approx(
        before[~mask, at["belief_height_m"]], abs=1e-3
    )


def test_the_wrapper_does_not_expose_the_true_state():
    env = LunarLandingVectorEnv(2, num_threads=1)
    with pytest.raises(ConfigError, match="reads the truth"):
        BeliefVectorWrapper(env, OracleFilter())


def test_classical_pilots_can_fly_the_wrapped_environment():
    env = wrapped(AutoresetMode.NEXT_STEP)
    shown, _ = env.reset(seed=9)
    pilot = make_pilot("hoverslam+kalman", env.observation_fields)
    told, _ = pilot.predict(shown)
    plain, _ = make_pilot("hoverslam+kalman", env.env.observation_fields).predict(
        shown[:, : len(env.env.observation_fields)]
    )
    assert np.array_equal(told, plain)
