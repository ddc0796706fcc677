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
from tests.sim.hangar import Hangar

ROWS = 4
REPORT = slice(TOUCHDOWN, TOUCHDOWN + len(TOUCHDOWN_NAMES))
ENDED = np.array([True, False, True, False])


@pytest.fixture
def hangar():
    """Rows 0 and 2 have crashed, the others fly on."""
    hangar = Hangar(rows=ROWS)
    hangar.reset(mask=~ENDED)
    hangar.reset(mask=ENDED, height_m=3.0, v_vertical_m_s=-20.0, v_lateral_m_s=0.0)
    hangar.memory[ENDED, SCENARIO] = 0.0
    hangar.step(0.0)
    assert (hangar.world.report[TERMINATED] == ENDED).all()
    return hangar


@pytest.mark.parametrize("mode", [DISABLED, NEXT_STEP, SAME_STEP])
def test_only_the_rows_of_the_mask_are_reset(hangar, mode):
    before, frames = hangar.memory.copy(), hangar.world.observation.copy()
    hangar.reset(mode, mask=ENDED)
    assert np.array_equal(hangar.memory[~ENDED], before[~ENDED], equal_nan=True)
    assert np.array_equal(hangar.world.observation[~ENDED], frames[~ENDED])
    assert (hangar.memory[ENDED, EPISODE.steps] == 0.0).all()
    assert (hangar.memory[ENDED, EPISODE.time] == 0.0).all()
    assert not (hangar.world.observation[ENDED] == frames[ENDED]).all(axis=1).any()


def test_a_masked_reset_keeps_the_episode_keys(hangar):
    keys = hangar.world.key.copy()
    hangar.reset(DISABLED, mask=ENDED)
    assert np.array_equal(hangar.world.key, keys)
    first = hangar.memory.copy()
    hangar.step(0.5)
    hangar.reset(DISABLED, mask=ENDED)
    assert np.array_equal(hangar.memory[ENDED], first[ENDED], equal_nan=True)


@pytest.mark.parametrize("mode", [NEXT_STEP, SAME_STEP])
def test_an_automatic_reset_uses_the_next_keys(hangar, mode):
    keys = hangar.world.key.copy()
    hangar.reset(mode, mask=ENDED)
    expected = [next_key(key) if ended else key for key, ended in zip(keys, ENDED, strict=True)]
    assert hangar.world.key.tolist() == [int(key) for key in expected]
    # The episode is that of the key, however it came about.
    row = hangar.memory[0].copy()
    hangar.reset(DISABLED, mask=ENDED)
    flown = slice(0, SCENARIO)
    assert np.array_equal(hangar.memory[0, flown], row[flown], equal_nan=True)


@pytest.mark.parametrize("mode", [DISABLED, NEXT_STEP])
def test_the_report_of_the_last_step_is_cleared(hangar, mode):
    hangar.reset(mode, mask=ENDED)
    for column in (REWARD, TERMINATED, OUTCOME, NEEDS_RESET, WAITING):
        assert (hangar.world.report[column, ENDED] == 0.0).all()
    assert not hangar.world.report[TERMS:REWARD, ENDED].any()


def test_a_reset_within_the_step_keeps_its_report_and_its_last_observation(hangar):
    touchdown, frames = hangar.memory[:, REPORT].copy(), hangar.world.observation.copy()
    report = hangar.world.report.copy()
    hangar.reset(SAME_STEP, mask=ENDED)
    assert np.array_equal(hangar.memory[:, REPORT], touchdown, equal_nan=True)
    assert np.array_equal(hangar.world.report, report)
    assert (hangar.world.report[OUTCOME, ENDED] == Outcome.CRASHED).all()
    assert (hangar.world.report[TERMS:REWARD, ENDED] != 0.0).any(axis=0).all()
    assert np.array_equal(hangar.world.final_observation[ENDED], frames[ENDED])
    assert not hangar.world.final_observation[~ENDED].any()


def test_a_row_that_waits_for_its_reset_does_not_change(hangar):
    before = hangar.memory[:, :15].copy()
    steps = hangar.memory[:, EPISODE.steps].copy()
    hangar.step(0.5, NEXT_STEP)
    assert (hangar.world.report[WAITING] == ENDED).all()
    assert np.array_equal(hangar.memory[ENDED, :15], before[ENDED])
    assert (hangar.memory[:, EPISODE.steps] - steps == ~ENDED).all()
