"""The rangefinder: when it detects the ground, and the range that it measures."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import brentq

from lunar_env.sensors import rows
from lunar_env.sensors.acquisition import OFF, SEARCH, TRACK, WARMUP
from lunar_env.sensors.link import (
    detection_probability,
    echo_snr,
    single_shot_snr,
    summed_snr,
)
from lunar_env.sensors.rangefinder import Gate, complete_window, detect, measured_range
from lunar_env.sensors.smear import detected_snr
from tests.sensors.rangefinder_bench import (
    CLEAR,
    HEALTHY,
    REFERENCE,
    bench,
    design,
    drawn,
    run_at_range,
)


def snr_at(distance, lrf=REFERENCE, *, cosine=1.0, closing=0.0, fitted=HEALTHY):
    echo = CLEAR._replace(range=float(distance), cosine=cosine, closing=closing)
    return echo_snr(echo.range, echo.near_fraction, echo, fitted, lrf)


def measured_at(true_range, fitted):
    """Measured range of an echo with an infinite signal."""
    echo = CLEAR._replace(range=true_range)
    return measured_range(np.uint64(1), 0, echo, 1e9, fitted, REFERENCE)


def test_nothing_is_detected_beyond_the_gate_or_the_incidence_limit():
    assert snr_at(7999.0) > 0.0
    assert snr_at(8001.0) == 0.0
    assert snr_at(math.inf) == 0.0
    assert snr_at(0.0) == 0.0
    steepest = math.cos(math.radians(70.0))
    assert snr_at(100.0, cosine=steepest + 1e-6) > 0.0
    assert snr_at(100.0, cosine=steepest - 1e-6) == 0.0


def test_the_gate_holds_even_for_a_bright_target():
    samples, modes = run_at_range(8100.0, 100, drawn(reflected=1e3))
    assert samples.window.size == 0
    assert (modes == SEARCH).all()


@pytest.mark.parametrize(("low", "seen"), [(10.0, 40.0), (60.0, 100.0)])
def test_dust_is_detected_only_inside_the_gate(low, seen):
    echo = CLEAR._replace(range=100.0, dust=40.0)
    dusty = drawn(dust_return=1.0)
    assert detect(np.uint64(1), 0, echo, dusty, design(pick=0.0), Gate(low, 200.0)).range == seen


def test_weaker_signals_are_detected_less_often():
    reflected = [HEALTHY.reflected * 10.0 ** (-0.1 * loss) for loss in (0.0, 3.0, 6.0, 14.0)]
    seen = [snr_at(3000.0, fitted=drawn(reflected=r)) for r in reflected]
    assert seen == sorted(seen, reverse=True)
    tilted = [snr_at(3000.0, cosine=math.cos(math.radians(a))) for a in (0.0, 20.0, 40.0, 60.0)]
    assert tilted == sorted(tilted, reverse=True)


def test_shot_noise_and_amplifier_noise_set_the_two_ends_of_the_link():
    """Bright echoes: the root of the photo-electrons; faint ones: in proportion to them."""
    bright = single_shot_snr(4e8, REFERENCE) / single_shot_snr(1e8, REFERENCE)
    faint = single_shot_snr(4e-2, REFERENCE) / single_shot_snr(1e-2, REFERENCE)
    assert bright == pytest.approx(2.0, rel=1e-3)
    assert faint == pytest.approx(4.0, rel=1e-3)


def test_accumulation_helps_until_range_walk_exceeds_the_bins():
    still = REFERENCE.range_bin / REFERENCE.integration  # m/s: one bin within a window
    for closing in (0.0, 0.5 * still, -still):
        assert summed_snr(2.0, closing, REFERENCE) == pytest.approx(2.0 * math.sqrt(10.0))
    assert summed_snr(2.0, 4.0 * still, REFERENCE) == pytest.approx(math.sqrt(10.0))
    assert summed_snr(2.0, -4.0 * still, REFERENCE) == pytest.approx(math.sqrt(10.0))
    assert summed_snr(2.0, 400.0, design(range_walk=0.0)) == pytest.approx(2.0 * math.sqrt(10.0))


def test_detection_is_a_normal_threshold():
    for snr in (0.0, 4.0, 5.5, 7.0, 12.0):
        expected = stats.norm.cdf(snr - 5.5)
        assert detection_probability(snr, 5.5) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("distance", [5200.0, 5700.0, 6300.0])
def test_the_detection_rate_agrees_with_the_link_budget(distance):
    """With one-of-one acquisition and no loss after misses every detection is a sample."""
    lrf = design(acquire_m=1.0, acquire_n=1.0, lost_after=1e9, range_walk=0.0)
    chance = detection_probability(snr_at(distance, lrf), lrf.threshold)
    samples, _ = run_at_range(distance, 4000, lrf=lrf)
    assert stats.binomtest(samples.window.size, 4000, chance).pvalue > 0.001


def test_a_clear_echo_is_acquired_at_the_fourth_accumulation():
    samples, modes = run_at_range(1000.0, 20)
    assert samples.window.tolist() == list(range(3, 20))
    assert modes.tolist() == [SEARCH] * 3 + [TRACK] * 17


@pytest.mark.parametrize("mode", [OFF, WARMUP])
def test_a_unit_that_does_not_search_sends_nothing_but_keeps_time(mode):
    memory, line = bench()
    memory[0, rows.LRF.mode] = mode
    memory[0, rows.LRF.ready_at] = math.inf
    rows.store_echo(memory, 0, CLEAR._replace(range=100.0))
    for _ in range(8):
        complete_window(memory, line, 0, np.uint64(1), REFERENCE)
    assert memory[0, rows.LRF.mode] == mode
    assert memory[0, rows.NEXT_ARRIVAL] == math.inf
    assert memory[0, rows.LRF.windows] == 8.0
    assert memory[0, rows.LRF.window_end] == pytest.approx(9 * REFERENCE.integration)


def test_a_sample_arrives_its_latency_after_the_end_of_its_sum():
    samples, _ = run_at_range(1000.0, 200, drawn(latency=0.37))
    ends = (samples.window + 1.0) * REFERENCE.integration
    np.testing.assert_allclose(samples.measured, ends - 0.5 * REFERENCE.integration)
    np.testing.assert_allclose(samples.arrives, ends + 0.37)


def test_jitter_is_exponential_beyond_the_latency():
    samples, _ = run_at_range(1000.0, 5000, drawn(latency=0.2, jitter=0.05))
    wait = samples.arrives - samples.measured - 0.5 * REFERENCE.integration - 0.2
    assert (wait > 0.0).all()
    assert stats.kstest(wait, stats.expon(scale=0.05).cdf).pvalue > 1e-3
    assert abs(np.corrcoef(wait[:-1], wait[1:])[0, 1]) < 4.0 / wait.size**0.5


@pytest.mark.parametrize("dropout", [0.0, 0.01, 0.2])
def test_dropouts_have_the_specified_rate(dropout):
    samples, modes = run_at_range(1000.0, 5003, drawn(dropout=dropout))
    low, high = stats.binom.interval(0.99, 5000, 1.0 - dropout)
    assert low <= samples.window.size <= high
    assert (modes[3:] == TRACK).all()  # the ground was detected: only the range is lost


def test_sample_errors_follow_their_distributions():
    """Bias, scale and noise, each as drawn."""
    samples, _ = run_at_range(2000.0, 5003, drawn(noise=0.2, bias=0.5, scale=2e-4))
    error = samples.range - 2000.0
    sigma = math.hypot(0.2, REFERENCE.pulse / snr_at(2000.0))
    assert error.mean() == pytest.approx(0.5 + 0.4, abs=4.0 * sigma / 5000**0.5)
    assert error.std() == pytest.approx(sigma, rel=0.05)
    assert stats.kstest((error - 0.9) / sigma, "norm").pvalue > 1e-3
    assert abs(np.corrcoef(error[:-1], error[1:])[0, 1]) < 4.0 / error.size**0.5


def test_noise_dropout_and_detection_are_independent():
    """Where half of the windows have a detection, these are neither nearer nor lost more often."""
    lrf = design(acquire_m=1.0, acquire_n=1.0, lost_after=1e9, range_walk=0.0)
    faint = drawn(reflected=0.1, noise=1.0, dropout=0.25)
    distance = brentq(lambda d: snr_at(d, lrf, fitted=faint) - lrf.threshold, 1000.0, 8000.0)
    samples, _ = run_at_range(distance, 8000, faint, lrf)
    sigma = math.hypot(1.0, lrf.pulse / detected_snr(lrf.threshold, lrf.threshold))
    assert stats.binomtest(samples.window.size, 8000, 0.5 * 0.75).pvalue > 1e-3
    assert stats.kstest((samples.range - distance) / sigma, "norm").pvalue > 1e-3


def test_noise_does_not_move_detection_dropout_or_latency():
    """A stream for each purpose: more noise leaves the rest of the episode alone."""
    quiet, _ = run_at_range(4000.0, 500, drawn(dropout=0.1, jitter=0.05))
    noisy, _ = run_at_range(4000.0, 500, drawn(dropout=0.1, jitter=0.05, noise=0.3, bias=2.0))
    assert np.array_equal(quiet.window, noisy.window)
    assert np.array_equal(quiet.arrives, noisy.arrives)
    assert (quiet.range != noisy.range).all()


def test_resolution_rounds_to_the_nearest():
    samples, _ = run_at_range(1234.567, 500, drawn(noise=0.3, quantum=0.1))
    steps = samples.range / 0.1
    np.testing.assert_allclose(steps, np.round(steps), atol=1e-6)
    assert measured_at(10.26, drawn(quantum=0.5)) == pytest.approx(10.5)
    assert measured_at(10.24, drawn(quantum=0.5)) == pytest.approx(10.0)


def test_a_range_is_never_negative():
    assert measured_at(0.1, drawn(bias=-3.0)) == 0.0


def test_quality_is_the_logarithm_of_the_summed_ratio():
    samples, _ = run_at_range(1500.0, 10)
    assert samples.quality == pytest.approx(math.log10(snr_at(1500.0)))
