"""What happens to a valid range on its way: stamps, rates of bad habits, bursts of losses."""

import numpy as np
import pytest
from scipy import stats

from tests.sensors.rangefinder_bench import REFERENCE, design, drawn, run_at_range

COUNT = 100_000
HALF = 0.5 * REFERENCE.integration


def within(count, total, rate):
    """Whether a count lies in the 99 % interval of a rate."""
    low, high = stats.binom.interval(0.99, total, rate)
    return low <= count <= high


def test_samples_arrive_out_of_order_at_the_specified_rate():
    samples, _ = run_at_range(1000.0, COUNT, drawn(late=0.01))
    # In order of arrival, one is out of order where a later stamp came before it.
    stamps = samples.measured[np.argsort(samples.arrives, kind="stable")]
    overtaken = stamps < np.maximum.accumulate(stamps)
    assert within(int(overtaken.sum()), samples.window.size, 0.01 * 0.99)


def test_samples_are_repeated_at_the_specified_rate():
    samples, _ = run_at_range(1000.0, COUNT, drawn(repeated=0.01, noise=0.2))
    again = np.diff(samples.window) == 0.0
    assert within(int(again.sum()), COUNT - 3, 0.01)
    first = np.flatnonzero(again)
    assert np.array_equal(samples.range[first], samples.range[first + 1])
    assert np.array_equal(samples.measured[first], samples.measured[first + 1])
    assert (samples.arrives[first + 1] > samples.arrives[first]).all()


def test_frozen_ranges_have_new_stamps_at_the_specified_rate():
    samples, _ = run_at_range(1000.0, COUNT, drawn(frozen=0.002, noise=0.2))
    frozen = np.diff(samples.range) == 0.0
    assert within(int(frozen.sum()), COUNT - 4, 0.002)
    assert (np.diff(samples.measured) > 0.0).all()


def test_losses_come_in_bursts_of_geometric_length():
    begin, end = 0.02, 0.2
    samples, _ = run_at_range(1000.0, COUNT, drawn(burst_begin=begin, burst_end=end))
    gaps = np.diff(samples.window) - 1.0
    lengths = gaps[gaps > 0.0]
    assert lengths.mean() == pytest.approx(1.0 / end, rel=0.1)
    expected = stats.geom(end)
    edges = np.arange(1, 16)
    observed = np.array([*(np.sum(lengths == k) for k in edges), np.sum(lengths > edges[-1])])
    shares = np.array([*expected.pmf(edges), expected.sf(edges[-1])])
    assert stats.chisquare(observed, shares * lengths.size).pvalue > 1e-3
    # In the long run begin/(begin + end) of the samples are lost.
    lost = 1.0 - samples.window.size / (COUNT - 3)
    assert lost == pytest.approx(begin / (begin + end), rel=0.1)


@pytest.mark.parametrize("bias", [0.0, 0.05, -0.1])
def test_a_biased_stamp_looks_like_a_height_in_proportion_to_the_speed(bias):
    """Range minus true range at the stamp: zero on average with exact stamps, else speed x bias."""
    fall, start = 60.0, 2500.0
    lrf = design(acquire_m=1.0, acquire_n=1.0, range_walk=0.0)
    samples, _ = run_at_range(
        start, 60, drawn(noise=0.2, stamp_bias=bias), lrf, fall=fall, closing=fall
    )
    error = samples.range - (start - fall * samples.measured)
    assert samples.window.size > 50
    assert error.mean() == pytest.approx(fall * bias, abs=max(0.05 * fall * abs(bias), 0.15))


def test_stamps_scatter_about_the_time_of_measurement():
    samples, _ = run_at_range(1000.0, 5003, drawn(stamp_jitter=0.02))
    off = samples.measured - ((samples.window + 1.0) * REFERENCE.integration - HALF)
    assert stats.kstest(off / 0.02, "norm").pvalue > 1e-3


def test_the_bus_carries_results_at_its_period():
    samples, _ = run_at_range(1000.0, 500, drawn(latency=0.123, jitter=0.05), design(bus=0.02))
    periods = samples.arrives / 0.02
    np.testing.assert_allclose(periods, np.round(periods), atol=1e-6)
    waited = samples.arrives - samples.measured - HALF
    assert (waited >= 0.123 - 1e-9).all()


def test_outliers_are_uniform_in_the_gate_at_the_specified_rate():
    samples, _ = run_at_range(1000.0, 20_000, drawn(outlier=0.02), design(gate_track=100.0))
    out = np.abs(samples.range - 1000.0) > 1e-6
    assert within(int(out.sum()), samples.window.size, 0.02)
    assert stats.kstest((samples.range[out] - 900.0) / 200.0, "uniform").pvalue > 1e-3


@pytest.mark.parametrize(
    "fault",
    [
        {"late": 0.3},
        {"repeated": 0.3},
        {"frozen": 0.3},
        {"outlier": 0.3},
        {"stamp_jitter": 0.1},
        {"burst_begin": 0.1, "burst_end": 0.3},
    ],
)
def test_one_delivery_fault_does_not_change_the_draws_of_another(fault):
    """Bitwise: what a sample still shares with its twin is the same number."""
    usual = {"noise": 0.2, "jitter": 0.05, "dropout": 0.1}
    plain, modes = run_at_range(3000.0, 800, drawn(**usual))
    other, same = run_at_range(3000.0, 800, drawn(**usual, **fault))
    assert np.array_equal(modes, same)
    kept = np.isin(other.window, plain.window)
    assert kept.all()
    first = np.unique(other.window, return_index=True)[1]
    twins = np.searchsorted(plain.window, other.window[first])
    if "frozen" not in fault and "outlier" not in fault:
        assert np.array_equal(other.range[first], plain.range[twins])
    if "late" not in fault:
        assert np.array_equal(other.arrives[first], plain.arrives[twins])
    if "stamp_jitter" not in fault:
        assert np.array_equal(other.measured[first], plain.measured[twins])
