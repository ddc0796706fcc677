"""Where the told sigmas are those drawn, the Kalman filter's own sigmas are right."""

from __future__ import annotations

import numpy as np
import pytest

from tests.reference.consistency import NAMES, consistency

PILOT = "e-guidance+kalman"
MISSIONS = ("hakuto-r-m2", "chandrayaan-3", "blue-ghost-m1", "im-1", "slim", "peregrine-1")
TERMINAL = ("noisy", "everything", "bad-stamps", "latency", "dropouts", "late-acquisition")
CASES = [
    *[("hakuto-r-m2", "terminal", scenario) for scenario in TERMINAL],
    *[(mission, "approach", "noisy") for mission in MISSIONS],
]
CRATERED = ("chandrayaan-3", "im-1", "peregrine-1")
# Largest shares of errors beyond ten sigma, of what the lander is not told: false echoes and steps
# of the ground, and craters that the beam of an approach crosses.
WILD_SHARES = {
    ("hakuto-r-m2", "terminal", "everything"): 1e-3,
    # Five sites of 2,000 have craters kilometres wide; without craters no error is as large.
    ("hakuto-r-m2", "approach", "noisy"): 3e-4,
    **{(mission, "approach", "noisy"): 1e-4 for mission in CRATERED},
}


def check(case: tuple[str, str, str], flights: int, slack: float) -> None:
    """Check means over all heights and in each band, and the share within two sigma.

    Of the states and of the innovations of accepted samples alike. Errors beyond ten sigma are left
    out of the means (see `Tally`), and no more than `WILD_SHARES`, of other cases none.
    """
    tallies, _ = consistency(*case, flights, 52_000, PILOT)
    wrong = []
    for name, tally in tallies.items():
        if not np.isfinite(tally.mean[-1]):
            assert name not in NAMES
            continue  # a sensor that is not fitted
        *bands, mean = tally.mean
        # The errors of a flight are much the same from step to step: one sample of each, or more.
        enough = np.isfinite(bands) & (tally.number[:-1] >= flights)
        within, covered = np.array(bands)[enough], tally.covered[-1]
        right = 0.8 / slack <= mean <= 1.25 * slack
        right &= within.size > 0 and 0.5 / slack <= within.min() and within.max() <= 2.0 * slack
        right &= 0.9 - 0.03 * (slack - 1.0) <= covered <= 0.98 + 0.03 * (slack - 1.0)
        right &= tally.wild <= WILD_SHARES.get(case, 0.0) * tally.number[-1]
        if not right:
            wrong.append((name, tally.mean.round(2), covered.round(3), tally.wild))
    assert not wrong, wrong


@pytest.mark.parametrize("scenario", ["noisy", "bad-stamps"])
def test_sigmas_are_right_in_a_hundred_landings(scenario):
    check(("hakuto-r-m2", "terminal", scenario), 100, 1.4)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=":".join)
def test_sigmas_are_right_in_two_thousand_flights(case):
    check(case, 2000, 1.0)
