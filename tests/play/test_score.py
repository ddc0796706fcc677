"""Which of two landings went better."""

from __future__ import annotations

import math
from itertools import combinations

import pytest

from lunar_env.play.score import Score, better

NAN = math.nan
FROM_BEST = [
    Score("a", "LANDED", 1.5, 0.1, 1.0, 20.0, 60.0, lost=False),
    Score("b", "LANDED", 0.5, 0.1, 1.0, 21.0, 60.0, lost=False),
    Score("c", "HARD_LANDING", 2.4, 0.1, 1.0, 20.0, 60.0, lost=False),
    Score("d", "TIPPED", 1.5, 2.0, 80.0, 20.0, 60.0, lost=False),
    Score("e", "CRASHED", 4.0, 0.0, 1.0, 20.0, 60.0, lost=False),
    Score("f", "FUEL_OUT", 30.0, 0.0, 1.0, 40.0, 60.0, lost=True),
    Score("g", "TIME_LIMIT", NAN, NAN, NAN, 40.0, 60.0, lost=False),
]


@pytest.mark.parametrize(("a", "b"), [*combinations(FROM_BEST, 2)])
def test_outcome_then_propellant_or_speed(a, b):
    assert (better(a, b), better(b, a)) == (1, -1)


def test_equal_ones_are_equal():
    assert all(better(each, each) == 0 for each in FROM_BEST)
