"""Error of a summed range: the closed forms against a unit simulated bin by bin, and the bench."""

import math

import numpy as np
import pytest
from scipy import stats

from lunar_env.sensors.link import cluttered_snr, smear_length, summed_snr
from lunar_env.sensors.smear import detected_snr, smear_bias, smear_variance
from tests.sensors.rangefinder_bench import HEALTHY, REFERENCE, design, drawn, run_at_range
from tests.sensors.summed_waveforms import sum_waveforms
from tests.sensors.test_rangefinder import snr_at

THRESHOLD = REFERENCE.threshold
SINGLE_BINS = design(walk_loss=1.0)
PLAIN = design(acquire_m=1.0, acquire_n=1.0, lost_after=1e9)


def shot_of(summed, closing, lrf=REFERENCE):
    """Signal-to-noise ratio of a single shot whose sum has this one."""
    return summed / summed_snr(1.0, closing, lrf)


@pytest.mark.parametrize("closing", [33.0, 66.0, 106.0])
@pytest.mark.parametrize("ratio", [8.0, 11.0, 20.0, 50.0])
def test_bias_and_noise_of_a_smeared_sum_are_those_of_its_waveform(closing, ratio):
    """Leading edge of a moving sum: near end if strong, far end if just detected."""
    smear = smear_length(closing, REFERENCE)
    found = sum_waveforms(smear, shot_of(ratio, closing), REFERENCE)
    expected = detected_snr(ratio, THRESHOLD)
    sigma = math.sqrt(smear_variance(closing, expected, REFERENCE))
    bias = smear_bias(closing, expected, THRESHOLD, REFERENCE)
    # The edges of the echoes and of the moving sum are known to a bin.
    assert found.errors.mean() == pytest.approx(bias, abs=0.7 * REFERENCE.range_bin)
    assert found.errors.std() == pytest.approx(sigma, rel=0.2)
    assert found.output == pytest.approx(ratio, rel=0.05)


def test_a_sum_that_is_only_just_detected_reads_towards_the_far_end():
    smear = smear_length(66.0, REFERENCE)
    found = sum_waveforms(smear, shot_of(6.0, 66.0), REFERENCE)
    bias = smear_bias(66.0, detected_snr(6.0, THRESHOLD), THRESHOLD, REFERENCE)
    assert 10.0 < bias < 12.5
    assert found.errors.mean() == pytest.approx(bias, abs=1.0)
    assert smear_bias(66.0, 1.0, THRESHOLD, REFERENCE) == pytest.approx(16.5)  # never further
    assert smear_bias(66.0, 1e9, THRESHOLD, REFERENCE) == pytest.approx(-16.5)


def test_moving_sums_lose_the_root_of_the_bins_and_single_bins_all_of_them():
    """With many shots, the echoes fill the bins evenly."""
    for lrf, length in ((design(shots=400.0), None), (design(shots=400.0, walk_loss=1.0), 1)):
        closing = 60.0  # 20 bins
        strong = shot_of(40.0, closing, lrf)
        found = sum_waveforms(smear_length(closing, lrf), strong, lrf, length=length)
        assert found.output == pytest.approx(40.0, rel=0.08)
    loss = summed_snr(1.0, 66.0, SINGLE_BINS) / summed_snr(1.0, 66.0, REFERENCE)
    assert loss == pytest.approx(22.0**-0.5)


def test_a_unit_that_looks_at_single_bins_reads_the_near_end():
    lrf = design(shots=400.0, walk_loss=1.0)
    found = sum_waveforms(30.0, shot_of(50.0, 60.0, lrf), lrf, length=1)
    bias = smear_bias(60.0, 50.0, lrf.threshold, lrf)
    assert bias == pytest.approx(-15.0 + 1.5 * 5.5 / 50.0)
    assert found.errors.mean() == pytest.approx(bias, abs=1.5)
    assert found.errors.std() < 1.0


@pytest.mark.parametrize("closing", [-30.0, 0.0, 2.0, 30.0, 66.0, 106.0])
def test_the_bench_has_the_bias_and_noise_of_the_closed_form_at_every_speed(closing):
    where = 2000.0
    samples, _ = run_at_range(where, 4000, drawn(noise=0.2, bias=0.1), PLAIN, closing=closing)
    seen = detected_snr(snr_at(where, PLAIN, closing=closing), THRESHOLD)
    smear = abs(closing) * 0.5
    jitter, steps = smear / seen, max(0.0, (smear / 10.0) ** 2 - 1.5**2) / 12.0
    sigma = math.sqrt(0.04 + steps + jitter**2 + (PLAIN.pulse / seen) ** 2)
    error = samples.range - where - 0.1 - smear * (THRESHOLD / seen - 0.5)
    assert error.mean() == pytest.approx(0.0, abs=4.0 * sigma / 4000**0.5)
    assert error.std() == pytest.approx(sigma, rel=0.05)
    assert stats.kstest(error / sigma, "norm").pvalue > 1e-3


def test_faster_is_noisier():
    sigma = [
        math.sqrt(smear_variance(v, snr_at(1500.0, closing=v), REFERENCE)) for v in (0, 20, 66)
    ]
    assert sigma[0] == 0.0
    assert 0.0 < 3.0 * sigma[1] < sigma[2]


def test_a_unit_without_smear_has_no_error_by_motion():
    single = design(range_walk=0.0)
    assert smear_bias(66.0, 20.0, THRESHOLD, single) == 0.0
    assert smear_variance(66.0, 20.0, single) == 0.0


def test_quality_is_the_mean_ratio_of_detected_sums():
    """The mean of S + n over those where it exceeds the threshold."""
    noise = np.random.default_rng(2).normal(size=200_000)
    for snr in (3.5, 5.5, 7.0, 20.0):
        ratios = snr + noise
        found = ratios[ratios > THRESHOLD]
        assert detected_snr(snr, THRESHOLD) == pytest.approx(found.mean(), abs=0.02)
    assert detected_snr(-40.0, THRESHOLD) == THRESHOLD


def test_noise_that_keeps_pace_with_the_signal_limits_the_ratio():
    assert cluttered_snr(30.0, 0.0) == 30.0
    assert cluttered_snr(3.0, 0.25) == pytest.approx(3.0 / 1.25)
    assert cluttered_snr(1e6, 0.125) == pytest.approx(8.0)
    near, far = (snr_at(r, fitted=drawn(clutter=0.125)) for r in (100.0, 1000.0))
    assert near == pytest.approx(8.0, rel=1e-3)
    assert near > far > 7.9
    faint = HEALTHY._replace(reflected=0.01)
    assert snr_at(4000.0, fitted=faint._replace(clutter=0.125)) == pytest.approx(
        snr_at(4000.0, fitted=faint), rel=0.01
    )


def test_false_echoes_come_with_the_share_of_clutter_in_the_noise():
    """With the probability `ghost` where all noise is clutter, and in proportion elsewhere."""
    lrf = PLAIN._replace(gate_track=math.inf, pick=0.0)
    for where, clutter in ((500.0, 0.1), (2000.0, 0.01)):
        fitted = drawn(clutter=clutter, ghost=0.5)
        signal = snr_at(where, lrf)
        share = (clutter * signal) ** 2 / (1.0 + (clutter * signal) ** 2)
        samples, _ = run_at_range(where, 4000, fitted, lrf)
        ghosts = np.abs(samples.range - where) > 1.0
        # The first echo is reported: those beyond the ground are hidden by it.
        hits = 0.5 * share * where / lrf.gate_max
        assert stats.binomtest(int(ghosts.sum()), samples.window.size, hits).pvalue > 1e-3
        assert samples.range[ghosts].max() < where
    clean, _ = run_at_range(500.0, 100, drawn(ghost=0.5), lrf)
    assert (np.abs(clean.range - 500.0) < 1.0).all()
