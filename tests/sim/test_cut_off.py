"""The cut-off by height: ranges vote, dead reckoning carries, contact is the reserve."""

import numpy as np
import pytest

from lunar_env.physics.rows import CONTACT
from lunar_env.sim.cut_off import CONSISTENT, update_cut_off, vote
from lunar_env.sim.table import CUT_CONTACT, CUT_HEIGHT, CUT_NEVER, TASK, TaskScalars
from lunar_env.sim.world import EPISODE
from tests.sim.lander_batch import LanderBatch, built

LANDERS = LanderBatch(built("change-5"))
BY_HEIGHT = TaskScalars(*LANDERS.table[TASK : TASK + len(TaskScalars._fields)].tolist())
ALTITUDE = 100.0


@pytest.fixture
def memory():
    return np.zeros_like(LANDERS.memory)


def hear(memory, offsets):
    """Let ranges arrive, each with a stamp of its own."""
    for n, offset in enumerate(offsets):
        vote(memory, 0, offset, memory[0, EPISODE.vote_stamp] + 0.5 + n)


def cut(memory, altitude=ALTITUDE, task=BY_HEIGHT):
    return update_cut_off(memory, 0, altitude, task)


def test_four_ranges_that_agree_are_needed(memory):
    assert CONSISTENT == 4.0
    assert (BY_HEIGHT.cut_off, BY_HEIGHT.cut_height) == (CUT_HEIGHT, pytest.approx(1.35))
    hear(memory, [-99.0, -99.2, -99.0])
    assert not cut(memory)
    hear(memory, [-98.9])
    assert cut(memory)
    assert cut(memory, 500.0)  # for good


@pytest.mark.parametrize("false", [-99.5, -400.0, 300.0])
def test_a_false_range_changes_nothing(memory, false):
    hear(memory, [0.0, 0.1, -0.1, 0.0, false, false + 2.0, 0.1, 0.0])
    assert memory[0, EPISODE.held_offset] == pytest.approx(0.0, abs=0.11)
    assert not cut(memory)


def test_a_repeated_range_has_one_vote(memory):
    for _ in range(10):
        vote(memory, 0, -99.5, 7.0)
    assert not cut(memory)


def test_ranges_that_contradict_the_held_height_need_twice_as_many(memory):
    hear(memory, [0.0] * 4)
    hear(memory, [-99.5] * 7)
    assert not cut(memory)
    hear(memory, [-99.5])
    assert cut(memory)


def test_dead_reckoning_carries_the_height_on(memory):
    hear(memory, [-90.0, -90.3, -90.2, -90.0])
    assert not cut(memory, 91.5)
    assert cut(memory, 91.3)


def test_contact_cuts_as_well_and_nothing_does_where_no_cut_off_is(memory):
    memory[0, CONTACT.made] = 1.0
    assert cut(memory)
    assert cut(memory, task=BY_HEIGHT._replace(cut_off=float(CUT_CONTACT)))
    memory[0, EPISODE.cut_off] = 0.0
    assert not cut(memory, task=BY_HEIGHT._replace(cut_off=float(CUT_NEVER)))


def test_false_ranges_of_dust_seldom_cut_early(memory):
    """Monte Carlo of a descent at 2 m/s from 30 m, every third range an echo of dust.

    These are uniform between 0.3 and 0.9 of the height. Of a million such descents with one raw
    range nearly all are cut above 2.5 m; with the vote less than a twentieth.
    """
    rng = np.random.default_rng(1)
    early = raw = 0
    for _ in range(300):
        memory[:] = 0.0
        drift, first = 0.2 * rng.normal(), True
        for n in range(150):
            height = 30.0 - 0.2 * n
            seen = height + 0.1 * rng.normal()
            if rng.random() < 0.3 and height < 15.0:
                seen = height * rng.uniform(0.3, 0.9)
            vote(memory, 0, seen - (height + 0.1 * n * drift), float(n))
            first = first and not (seen < 1.35 and height > 2.5)
            if cut(memory, height + 0.1 * n * drift):
                early += height > 2.5
                break
        raw += not first
    assert raw > 100
    assert early < 0.05 * 300
