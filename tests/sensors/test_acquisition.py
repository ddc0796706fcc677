"""The rangefinder's state machine: when a range is valid, and the gate of the receiver."""

import itertools
import math

import numba
import numpy as np
import pytest
from scipy import stats

from lunar_env.sensors import rows
from lunar_env.sensors.acquisition import (
    LOST,
    SEARCH,
    TRACK,
    WARMUP,
    gate_high,
    gate_low,
    update_acquisition,
    update_mode,
)
from tests.sensors.rangefinder_bench import REFERENCE, bench, design, drawn, run_at_range


class Reference:
    """The acquisition logic again, over lists."""

    def __init__(self, m, n, lost_after):
        self.m, self.n, self.lost_after = m, n, lost_after
        self.mode, self.seen, self.misses = SEARCH, [], 0

    def step(self, detected):
        self.seen = [*self.seen, detected][-self.n :]
        if self.mode == TRACK:
            self.misses = 0 if detected else self.misses + 1
            if self.misses == self.lost_after:
                self.mode, self.seen = LOST, []
            return detected
        self.mode = SEARCH
        if detected and sum(self.seen) >= self.m:
            self.mode, self.misses = TRACK, 0
            return True
        return False


@numba.njit
def step(memory, k, detected, lrf):
    update_mode(memory, 0, 0.5 * k)
    return update_acquisition(memory, 0, 1000.0 if detected else 0.0, 0.5 * k, 0.0, lrf)


@numba.njit
def track_all(memory, sequences, lrf):
    valid = np.empty(sequences.shape, np.bool_)
    modes = np.empty(sequences.shape)
    for row in range(sequences.shape[0]):
        memory[0, rows.LRF.mode] = SEARCH
        memory[0, rows.LRF.history] = 0.0
        memory[0, rows.LRF.misses] = 0.0
        memory[0, rows.LRF.last_range] = 0.0
        for k in range(sequences.shape[1]):
            valid[row, k] = step(memory, k, sequences[row, k], lrf)
            modes[row, k] = memory[0, rows.LRF.mode]
    return valid, modes


@pytest.mark.parametrize(("m", "n", "lost_after"), [(4, 6, 5), (1, 1, 1), (2, 3, 2), (6, 6, 3)])
def test_acquisition_follows_its_rule_for_every_sequence_of_hits_and_misses(m, n, lost_after):
    sequences = np.array(list(itertools.product([False, True], repeat=13)))
    lrf = design(acquire_m=float(m), acquire_n=float(n), lost_after=float(lost_after))
    valid, modes = track_all(bench().memory, sequences, lrf)
    for row, sequence in enumerate(sequences):
        logic = Reference(m, n, lost_after)
        for k, detected in enumerate(sequence):
            assert (logic.step(bool(detected)), logic.mode) == (valid[row, k], modes[row, k])


def test_the_reference_unit_needs_four_of_six_and_loses_after_five():
    hits = np.array([[1, 0, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1]], dtype=bool)
    valid, modes = track_all(bench().memory, hits, REFERENCE)
    assert np.flatnonzero(valid[0]).tolist() == [5, 15]
    assert modes[0].tolist() == [SEARCH] * 5 + [TRACK] * 5 + [LOST] + [SEARCH] * 4 + [TRACK]


def test_a_detection_outside_the_gate_restarts_the_count():
    """Three at 1,000 m, then three at 2,000 m: nothing is consistent four times."""
    memory = bench().memory
    entries = [1000.0] * 3 + [2000.0] * 4
    valid = [
        update_acquisition(memory, 0, r, 0.5 * k, 0.0, REFERENCE) for k, r in enumerate(entries)
    ]
    assert valid == [False] * 6 + [True]


@pytest.mark.parametrize(("closing", "valid"), [(0.0, False), (40.0, True)])
def test_the_gate_allows_three_times_the_closing_distance(closing, valid):
    """20 m between windows of half a second: consistent at 40 m/s, not at rest."""
    memory = bench().memory
    found = [
        update_acquisition(memory, 0, 2000.0 - 20.0 * k, 0.5 * k, closing, REFERENCE)
        for k in range(8)
    ]
    assert any(found) == valid


def test_the_gate_moves_with_the_predicted_range():
    """At 106 m/s the range changes by 53 m in a window: a fixed gate would lose the ground."""
    samples, modes = run_at_range(
        3000.0, 50, fall=106.0, closing=106.0, lrf=design(gate_track=20.0)
    )
    assert (modes[4:] == TRACK).all()
    assert samples.window.size == 47
    _, standing = run_at_range(3000.0, 8, fall=106.0, closing=0.0, lrf=design(gate_track=20.0))
    assert (standing == SEARCH).all()  # without a closing speed nothing is consistent


def test_a_tracking_unit_listens_near_its_prediction_and_a_searching_one_everywhere():
    memory = bench().memory
    ends = lambda t: (gate_low(memory, 0, t, REFERENCE), gate_high(memory, 0, t, REFERENCE))  # noqa: E731
    assert ends(0.0) == (0.0, 8000.0)
    memory[0, rows.LRF.mode] = TRACK
    memory[0, rows.LRF.last_range], memory[0, rows.LRF.last_time] = 2000.0, 1.0
    memory[0, rows.LRF.closing_rate] = 60.0
    assert ends(1.5) == (1870.0, 2070.0)
    memory[0, rows.LRF.last_range] = 50.0
    assert ends(1.0) == (0.0, 150.0)


def test_ground_that_leaves_the_gate_is_lost_and_reacquired():
    memory = bench().memory
    for k in range(6):
        update_acquisition(memory, 0, 1000.0, 0.5 * k, 0.0, REFERENCE)
    assert memory[0, rows.LRF.mode] == TRACK
    modes = []
    for k in range(6, 20):  # the ground is 300 m further: outside the gate until it is lost
        update_mode(memory, 0, 0.5 * k)
        heard = gate_low(memory, 0, 0.5 * k, REFERENCE) <= 1300.0
        heard &= gate_high(memory, 0, 0.5 * k, REFERENCE) >= 1300.0
        update_acquisition(memory, 0, 1300.0 if heard else 0.0, 0.5 * k, 0.0, REFERENCE)
        modes.append(int(memory[0, rows.LRF.mode]))
    assert modes == [TRACK] * 4 + [LOST] + [SEARCH] * 3 + [TRACK] * 6


def test_warming_up_takes_its_time():
    memory = bench().memory
    memory[0, rows.LRF.mode], memory[0, rows.LRF.ready_at] = WARMUP, 3.0
    assert [update_mode(memory, 0, t) for t in (0.5, 2.9, 3.0)] == [False, False, True]
    assert memory[0, rows.LRF.mode] == SEARCH


def test_noise_alone_crosses_the_threshold_as_often_as_rice_says():
    """In the dark: the whole gate is open, and every alarm is a range anywhere in it."""
    lrf = design(alarms=2e-6, acquire_m=1.0, acquire_n=1.0, lost_after=1.0, gate_track=math.inf)
    samples, _ = run_at_range(7000.0, 40_000, drawn(reflected=1e-9), lrf)
    assert stats.binomtest(samples.window.size, 40_000, 2e-6 * 8000.0).pvalue > 1e-3
    assert stats.kstest(samples.range / 8000.0, "uniform").pvalue > 1e-3


def test_false_alarms_rarely_lead_to_acquisition():
    """Four of six must be consistent: 16 false alarms in a thousand windows give no range."""
    samples, _ = run_at_range(7000.0, 20_000, drawn(reflected=1e-9), design(alarms=2e-6))
    assert samples.window.size <= 1
