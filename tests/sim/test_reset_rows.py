"""The entry that begins episodes: which rows, of which keys, and what is kept of the last."""

import numpy as np
import pytest

from lunar_env.kernel.rng import next_key
from lunar_env.sim.fields import Outcome
from lunar_env.sim.step import DISABLED, NEXT_STEP, SAME_STEP
from lunar_env.sim.world import (
    EPISODE,
    NEEDS_RESET,
    OUTCOME,
    REWARD,
    SCENARIO,
    TERMINATED,
    TERMS,
    TOUCHDOWN,
    TOUCHDOWN_NAMES,
    WAITING,
)
from tests.sim.lander_batch import LanderBatch

ROWS = 4
REPORT = slice(TOUCHDOWN, TOUCHDOWN + len(TOUCHDOWN_NAMES))
ENDED = np.array([True, False, True, False])


@pytest.fixture
def landers():
    """Rows 0 and 2 have crashed, the others fly on."""
    landers = LanderBatch(rows=ROWS)
    landers.reset(mask=~ENDED)
    landers.reset(mask=ENDED, height_m=3.0, v_vertical_m_s=-20.0, v_lateral_m_s=0.0)
    landers.memory[ENDED, SCENARIO] = 0.0
    landers.step(0.0)
    assert (landers.world.report[TERMINATED] == ENDED).all()
    return landers


@pytest.mark.parametrize("mode", [DISABLED, NEXT_STEP, SAME_STEP])
def test_only_the_rows_of_the_mask_are_reset(landers, mode):
    before, frames = landers.memory.copy(), landers.world.observation.copy()
    landers.reset(mode, mask=ENDED)
    assert np.array_equal(landers.memory[~ENDED], before[~ENDED], equal_nan=True)
    assert np.array_equal(landers.world.observation[~ENDED], frames[~ENDED])
    assert (landers.memory[ENDED, EPISODE.steps] == 0.0).all()
    assert (landers.memory[ENDED, EPISODE.time] == 0.0).all()
    assert not (landers.world.observation[ENDED] == frames[ENDED]).all(axis=1).any()


def test_a_masked_reset_keeps_the_episode_keys(landers):
    keys = landers.world.key.copy()
    landers.reset(DISABLED, mask=ENDED)
    assert np.array_equal(landers.world.key, keys)
    first = landers.memory.copy()
    landers.step(0.5)
    landers.reset(DISABLED, mask=ENDED)
    assert np.array_equal(landers.memory[ENDED], first[ENDED], equal_nan=True)


@pytest.mark.parametrize("mode", [NEXT_STEP, SAME_STEP])
def test_an_automatic_reset_uses_the_next_keys(landers, mode):
    keys = landers.world.key.copy()
    landers.reset(mode, mask=ENDED)
    expected = [next_key(key) if ended else key for key, ended in zip(keys, ENDED, strict=True)]
    assert landers.world.key.tolist() == [int(key) for key in expected]
    # The episode is that of the key, however it came about.
    row = landers.memory[0].copy()
    landers.reset(DISABLED, mask=ENDED)
    flown = slice(0, SCENARIO)
    assert np.array_equal(landers.memory[0, flown], row[flown], equal_nan=True)


@pytest.mark.parametrize("mode", [DISABLED, NEXT_STEP])
def test_the_report_of_the_last_step_is_cleared(landers, mode):
    landers.reset(mode, mask=ENDED)
    for column in (REWARD, TERMINATED, OUTCOME, NEEDS_RESET, WAITING):
        assert (landers.world.report[column, ENDED] == 0.0).all()
    assert not landers.world.report[TERMS:REWARD, ENDED].any()


def test_a_reset_within_the_step_keeps_its_report_and_its_last_observation(landers):
    touchdown, frames = landers.memory[:, REPORT].copy(), landers.world.observation.copy()
    report = landers.world.report.copy()
    landers.reset(SAME_STEP, mask=ENDED)
    assert np.array_equal(landers.memory[:, REPORT], touchdown, equal_nan=True)
    assert np.array_equal(landers.world.report, report)
    assert (landers.world.report[OUTCOME, ENDED] == Outcome.CRASHED).all()
    assert (landers.world.report[TERMS:REWARD, ENDED] != 0.0).any(axis=0).all()
    assert np.array_equal(landers.world.final_observation[ENDED], frames[ENDED])
    assert not landers.world.final_observation[~ENDED].any()


def test_a_row_that_waits_for_its_reset_does_not_change(landers):
    before = landers.memory[:, :15].copy()
    steps = landers.memory[:, EPISODE.steps].copy()
    landers.step(0.5, NEXT_STEP)
    assert (landers.world.report[WAITING] == ENDED).all()
    assert np.array_equal(landers.memory[ENDED, :15], before[ENDED])
    assert (landers.memory[:, EPISODE.steps] - steps == ~ENDED).all()
