"""The reference unit against published and earlier computed ranges of the same link budget."""

import itertools
import math

import pytest
from scipy.optimize import brentq

from lunar_env.sensors.link import (
    detection_probability,
    photo_electrons,
    single_shot_snr,
    summed_snr,
)
from tests.sensors.rangefinder_bench import ALBEDO, REFERENCE, design

DISTANCES = (900.0, 1500.0, 2000.0, 3000.0, 4000.0, 5000.0, 6000.0)
# Albedo 0.12 in place of 0.25, 60 % of the energy, 40 degrees of incidence.
DEGRADED = 0.12 * 0.6
SLANT = math.cos(math.radians(40.0))


def shot(distance, reflected=ALBEDO, cosine=1.0, lrf=REFERENCE):
    return single_shot_snr(photo_electrons(distance, cosine, reflected, lrf), lrf)


def seen(snr, lrf):
    return detection_probability(snr, lrf.threshold)


def half_range(snr_at):
    """Distance at which every second sum is detected."""
    return brentq(lambda distance: snr_at(distance) - REFERENCE.threshold, 100.0, 20_000.0)


def accumulated(closing, reflected=ALBEDO, cosine=1.0, lrf=REFERENCE):
    return half_range(lambda d: summed_snr(shot(d, reflected, cosine, lrf), closing, lrf))


def test_a_single_shot_reaches_four_point_seven_kilometres():
    assert half_range(shot) == pytest.approx(4710.0, rel=0.05)


@pytest.mark.parametrize(
    ("closing", "kilometres"),
    [(3.0, 8.5), (10.0, 6.3), (30.0, 4.71), (44.0, 4.26), (66.0, 3.83), (106.0, 3.37)],
)
def test_the_accumulated_range_decreases_with_descent_speed(closing, kilometres):
    assert accumulated(closing) == pytest.approx(1000.0 * kilometres, rel=0.05)


def test_the_first_fix_height_decreases_with_speed_without_limit():
    ranges = [accumulated(float(v)) for v in range(3, 300, 3)]
    assert all(a > b for a, b in itertools.pairwise(ranges))


def test_nominal_signal_and_detection_agree_with_the_reference():
    snr = (82.9, 40.7, 25.8, 12.8, 7.5, 4.9, 3.5)
    chance = (1.0, 1.0, 1.0, 1.0, 0.98, 0.28, 0.02)
    for k, distance in enumerate(DISTANCES):
        found = shot(distance)
        assert found == pytest.approx(snr[k], abs=0.07)
        assert seen(found, REFERENCE) == pytest.approx(chance[k], abs=0.006)


def test_degraded_detection_on_lambertian_ground_agrees_with_the_reference():
    """As tabulated: exponent one, and a sum whose smear is compensated."""
    lambertian = design(lambert_k=1.0, range_walk=0.0)
    snr = (27.7, 11.4, 6.7, 3.1, 1.7, 1.1, 0.8)
    single = (1.0, 1.0, 0.88, 0.007, 1e-4, 0.0, 0.0)
    summed = (1.0, 1.0, 1.0, 1.0, 0.5, 0.03, 0.001)
    for k, distance in enumerate(DISTANCES):
        found = shot(distance, DEGRADED, SLANT, lambertian)
        ten = summed_snr(found, 66.0, lambertian)
        assert found == pytest.approx(snr[k], abs=0.07)
        assert seen(found, lambertian) == pytest.approx(single[k], abs=0.006)
        assert seen(ten, lambertian) == pytest.approx(summed[k], abs=0.015)


def test_degraded_detection_with_the_lunar_exponent_agrees_with_the_reference():
    unsmeared = design(range_walk=0.0)
    assert shot(900.0, DEGRADED, SLANT) == pytest.approx(29.6, abs=0.06)
    chance = seen(shot(2000.0, DEGRADED, SLANT), REFERENCE)
    assert chance == pytest.approx(0.955, abs=0.006)
    ten = summed_snr(shot(4000.0, DEGRADED, SLANT), 0.0, unsmeared)
    assert seen(ten, unsmeared) == pytest.approx(0.67, abs=0.01)


def test_another_six_decibels_reduce_the_single_shot_range_to_a_kilometre():
    faint = DEGRADED * 10.0**-0.6
    assert half_range(lambda d: shot(d, faint, SLANT)) == pytest.approx(1100.0, rel=0.07)
    assert accumulated(66.0, faint, SLANT) == pytest.approx(900.0, rel=0.07)
    # The walk over the bins costs a third of the single shot's ratio at 66 m/s.
    assert summed_snr(1.0, 66.0, REFERENCE) == pytest.approx(0.67, abs=0.01)


def test_with_single_bins_the_healthy_unit_would_miss_its_requirement():
    """The other exponent of the loss: 1.56 km at 66 m/s, where 3 km were required."""
    single = design(walk_loss=1.0)
    assert accumulated(66.0, lrf=single) == pytest.approx(1560.0, rel=0.01)
    assert accumulated(106.0, lrf=single) < 1200.0
