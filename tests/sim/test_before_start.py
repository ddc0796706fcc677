"""Ranges of the seconds before the start: each arrives in its order, none is lost on its way."""

import numpy as np
import pytest

from lunar_env.sensors.rows import EVENT_COUNT, LRF
from lunar_env.specs import load_scenario
from tests.sim.lander_batch import LanderBatch, built

ROWS = 200
HEIGHT = 800.0  # m, where every sum is detected and valid from the fourth on
SUMS, FIRST_VALID = 10, 3


@pytest.fixture(scope="module", params=["ideal", "noisy"])
def begun(request):
    """Landers at the start, their events, and those of the first steps."""
    quiet = load_scenario(request.param).replace(dropout_frac=0.0)
    landers = LanderBatch(built("hakuto-r-m2"), scenario=quiet, rows=ROWS)
    landers.reset(height_m=HEIGHT, v_vertical_m_s=-40.0)
    flown = []
    for step in range(8):
        if step:
            landers.step([0.5])
        for row, number in enumerate(landers.memory[:, EVENT_COUNT].astype(int)):
            flown += [(row, step, *event) for event in landers.world.events[row, :number]]
        if step == 0:
            start = {name: landers.seen(name) for name in ("lrf_last_age_s", "lrf_arrivals")}
            slots = np.stack([landers.seen(f"lrf{k}_age_s") for k in range(1, 5)], axis=1)
            ends = landers.memory[:, LRF.window_end].copy()
    return np.array(flown), start, slots, ends


def test_every_valid_sum_of_the_time_before_the_start_arrives(begun):
    events, _, _, running = begun
    for row in range(ROWS):
        stamps = np.sort(events[events[:, 0] == row, 3])
        end = running[row] - 0.5  # of the last window before the start
        expected = end - 0.25 - 0.5 * np.arange(SUMS - FIRST_VALID)[::-1]
        before = stamps[stamps < expected[-1] + 0.1]
        np.testing.assert_allclose(before, expected, atol=1e-9)


def test_they_are_read_in_the_order_of_their_arrival(begun):
    events, start, slots, _ = begun
    for row in range(ROWS):
        mine = events[(events[:, 0] == row) & (events[:, 1] == 0)]
        assert (np.diff(mine[:, 4]) >= 0.0).all()
        assert (mine[:, 4] <= 1e-9).all()
        assert start["lrf_arrivals"][row] == len(mine)
        assert start["lrf_last_age_s"][row] == pytest.approx(-mine[-1, 3], abs=1e-5)
        # Slots hold the last four.
        np.testing.assert_allclose(slots[row], -mine[-4:, 3], atol=1e-5)
