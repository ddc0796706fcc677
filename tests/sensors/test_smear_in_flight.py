"""Errors of the ranges of landers in free fall: bias and noise by speed, from what is observed."""

import math

import numpy as np
import pytest
from scipy import stats

from lunar_env.sensors.events import RANGEFINDER
from lunar_env.specs import load_mission
from tests.envs.flying import exact
from tests.sensors.falling import fall, fitted

UNIT = load_mission("hakuto-r-m2").rangefinder
NOTHING = dict.fromkeys(("velocimeter", "radar", "camera"))


@pytest.mark.parametrize(("fall_m_s", "height_m"), [(4.0, 400.0), (40.0, 1000.0), (90.0, 2000.0)])
def test_a_filter_can_know_bias_and_noise_of_every_range(fall_m_s, height_m):
    """With speed, quality and the three observed numbers of the design, errors are N(0, 1)."""
    flight = fall(
        fitted(**NOTHING),
        **{"height_m": height_m, "velocity": (0.0, 0.0, -fall_m_s), "rows": 400, "steps": 30},
        scenario=exact(range_noise_m=0.2),
    )
    landers, mine = flight.landers, flight.of(RANGEFINDER)
    keep = (mine.stamps > 0.0) & (mine.stamps < 5.5)
    smear_s, shot_s = landers.seen("lrf_smear_s")[0], landers.seen("lrf_shot_s")[0]
    threshold = 10.0 ** landers.seen("lrf_threshold_log")[0]
    assert (smear_s, shot_s) == pytest.approx((0.5, 0.05), rel=1e-5)
    assert threshold == pytest.approx(UNIT.threshold_snr, rel=1e-5)
    ratio, closing = 10.0 ** mine.samples[keep, 6], -mine.true(5)[keep]
    smear, spacing = closing * smear_s, closing * shot_s
    pulse = 0.5 * 299792458.0 * UNIT.pulse_ns * 1e-9 / (2.0 * math.sqrt(2.0 * math.log(2.0)))
    steps = np.maximum(0.0, spacing**2 - UNIT.range_bin_m**2) / 12.0
    sigma = np.sqrt(0.04 + (pulse**2 + smear**2) / ratio**2 + steps)
    true = mine.true(2)[keep] - UNIT.mount_offset_m
    error = mine.samples[keep, 3] - true - smear * (threshold / ratio - 0.5)
    assert keep.sum() > 1500
    assert stats.kstest(error / sigma, "norm").pvalue > 1e-4
    assert (error / sigma).std() == pytest.approx(1.0, abs=4.0 / math.sqrt(2.0 * keep.sum()))


def test_the_autopilot_removes_the_bias_that_its_data_sheet_states():
    """Ranges of a fall at 90 m/s read up to 20 m short; its height is right to the noise."""
    flight = fall(
        fitted(**NOTHING),
        **{"height_m": 2000.0, "velocity": (0.0, 0.0, -90.0), "rows": 50, "steps": 45},
        scenario=exact(range_noise_m=0.0),
    )
    landers, mine = flight.landers, flight.of(RANGEFINDER)
    late = mine.stamps > 8.0  # found again after it was placed
    assert len(set(mine.rows[late])) == 50
    short = mine.true(2) - UNIT.mount_offset_m - mine.samples[:, 3]
    assert short[late].min() > 15.0
    error = landers.seen("est_height_m") - landers.truth("height_m")
    np.testing.assert_allclose(error, 0.0, atol=0.4)
