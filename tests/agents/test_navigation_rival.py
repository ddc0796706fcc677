"""What the Kalman filter believes where some or most of the ranges are false."""

from __future__ import annotations

import numpy as np
import pytest

from agents.navigation import KalmanFilter
from tests.agents.readings import ALL, ROWS, falling

PERIOD_S = 0.5
START_M, FALL_M_S = 2900.0, 20.0
SIGMA_M = 50.0  # told


def heights(ranges, wrong_m=0.0, at=(START_M, FALL_M_S)):
    """Believed less true heights (steps, rows) of a lander that falls evenly.

    `ranges` are the slant ranges less the true height, (steps, rows); nan without one. By dead
    reckoning it is `wrong_m` too high.
    """
    nav, memory, errors, (start, speed) = KalmanFilter(), None, [], at
    for k, offset in enumerate(ranges):
        now = PERIOD_S * k
        height = start - speed * now
        valid = np.isfinite(offset)
        slant, slots = np.zeros((ROWS, 4)), np.zeros((ROWS, 4), bool)
        slant[valid, 0], slots[:, 0] = np.maximum(height + offset[valid], 0.0), valid
        reading = falling(
            elapsed_s=np.full(ROWS, now),
            height_m=np.full(ROWS, height + wrong_m),
            v_z_m_s=np.full(ROWS, -speed),
            height_sigma_m=np.full(ROWS, SIGMA_M),
        )
        ranges_ = reading.ranges._replace(range_m=slant, age_s=0.0 * slant, valid=slots)
        estimate, memory = nav.update(
            reading._replace(ranges=ranges_), memory, ALL if k == 0 else ~ALL
        )
        errors.append(estimate.height_m - height)
    return np.array(errors)


def true_ranges(steps, seed=0):
    return np.random.default_rng(seed).normal(0.0, 0.3, (steps, ROWS))


@pytest.mark.parametrize("half_width", [100.0, 2000.0])
def test_the_filter_follows_the_truth_where_half_of_the_ranges_are_false(half_width):
    """Of the first too: false ones are anywhere in a tracking gate, or in that of a search."""
    rng, ranges = np.random.default_rng(5), true_ranges(240)
    false = rng.random(ranges.shape) < 0.5
    ranges[false] = rng.uniform(-half_width, half_width, false.sum())
    errors = np.abs(heights(ranges, wrong_m=40.0))
    assert np.mean(errors[60:] < 5.0) > 0.99
    assert np.all(errors[-1] < 5.0)


@pytest.mark.parametrize(("sigmas", "needed"), [(3.5, 1), (6.0, 2), (16.0, 3), (600.0, 5)])
def test_a_far_height_is_believed_once_enough_ranges_agree(sigmas, needed):
    """The farther from dead reckoning, the more; none is too far."""
    errors = np.abs(heights(true_ranges(8), wrong_m=sigmas * SIGMA_M))
    assert np.all(errors[needed - 1 :] < 5.0)
    assert np.all(errors[: needed - 1] > 0.9 * sigmas * SIGMA_M)


def test_false_ranges_far_away_are_never_believed():
    """For two minutes the rangefinder tracks noise 30 km away, anywhere within 100 m."""
    ranges = true_ranges(240)
    ranges[10:] = np.random.default_rng(7).uniform(29_900.0, 30_100.0, ranges[10:].shape)
    assert np.abs(heights(ranges)).max() < 50.0


def test_ground_that_has_changed_is_believed_after_five_ranges():
    """Or after four; up to then the filter keeps to the ground of before."""
    ranges = true_ranges(40)
    ranges[20:] -= 400.0
    errors = heights(ranges)
    assert np.all(np.abs(errors[20:23]) < 5.0)
    assert np.all(np.abs(errors[24:] + 400.0) < 5.0)


def test_false_ranges_between_do_not_keep_the_filter_from_its_rival():
    """Half of the ranges from changed ground are false: it is believed all the same."""
    ranges, rng = true_ranges(80), np.random.default_rng(9)
    ranges[20:] -= 400.0
    false = rng.random(ranges.shape) < 0.5
    false[:20] = False
    ranges[false] = rng.uniform(-2000.0, 2000.0, false.sum())
    errors = heights(ranges)
    assert np.all(np.abs(errors[-1] + 400.0) < 5.0)


def test_a_false_height_that_was_believed_is_left_after_two_true_ranges():
    """Six ranges agree on a height 200 m too low; then true ones come again."""
    ranges = true_ranges(40)
    ranges[20:26] -= 200.0
    errors = np.abs(heights(ranges))
    assert np.all(errors[25] > 190.0)
    assert np.all(errors[27:] < 5.0)


def test_what_false_heights_told_of_the_velocity_is_forgotten():
    """They fall by 0.9 m/s faster than the lander, as far as its 0.3 m/s let the filter follow."""
    ranges = true_ranges(80)
    ranges[5:30] -= 0.9 * PERIOD_S * np.arange(25)[:, np.newaxis]
    errors = heights(ranges)
    drift = np.abs(errors[44:] - errors[43:-1]).max() / PERIOD_S
    assert np.all(np.abs(errors[40:]) < 3.0)
    assert drift < 2.0


def test_the_innovation_of_a_range_that_is_used_is_within_the_gate():
    """Of the rival's first too: it is reported as it was used, not against what was given up."""
    nav, memory, changed = KalmanFilter(), None, 0
    before = np.full(ROWS, START_M)
    for k in range(40):
        now, ground = PERIOD_S * k, 0.0 if k < 20 else -400.0
        height = START_M - FALL_M_S * now
        slant, slots = np.zeros((ROWS, 4)), np.zeros((ROWS, 4), bool)
        slant[:, 0], slots[:, 0] = height + ground, True
        reading = falling(
            elapsed_s=np.full(ROWS, now),
            height_m=np.full(ROWS, height),
            v_z_m_s=np.full(ROWS, -FALL_M_S),
            height_sigma_m=np.full(ROWS, SIGMA_M),
        )
        ranges = reading.ranges._replace(range_m=slant, age_s=0.0 * slant, valid=slots)
        starts = np.full(ROWS, k == 0)
        estimate, memory = nav.update(reading._replace(ranges=ranges), memory, starts)
        used = ~estimate.rejected
        within = np.abs(estimate.innovation_m) <= 4.0 * estimate.innovation_sigma_m
        assert np.all(within[used])
        changed += int(np.sum(used & (np.abs(estimate.height_m - before) > 300.0)))
        before = estimate.height_m
    assert changed == ROWS
