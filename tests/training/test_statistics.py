"""Statistics against values from the literature and by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lunar_env.proportion import wilson
from training.statistics import mcnemar, order_statistic


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    # Newcombe (1998), Statistics in Medicine 17, table I, method 3.
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_interval_matches_newcombe(successes, trials, low, high):
    share = wilson(successes, trials)
    assert share.value == successes / trials
    assert share.low == pytest.approx(low, abs=5e-5)
    assert share.high == pytest.approx(high, abs=5e-5)


def test_wilson_is_exact_at_the_ends():
    assert wilson(0, 50).low == 0.0
    assert wilson(50, 50).high == 1.0


def test_wilson_without_trials_is_nan():
    share = wilson(0, 0)
    assert math.isnan(share.value)
    assert (share.low, share.high) == (0.0, 1.0)


def test_wilson_rejects_more_successes_than_trials():
    with pytest.raises(ValueError, match="successes = 3"):
        wilson(3, 2)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_interval_contains_the_proportion_and_agrees_with_scipy(counts):
    share = wilson(*counts)
    assert 0 <= share.low <= share.value <= share.high <= 1
    expected = stats.binomtest(*counts).proportion_ci(method="wilson")
    assert (share.low, share.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_order_statistic_is_an_observed_value():
    sample = np.arange(1, 1001)
    assert order_statistic(sample, 0.5) == 500
    assert order_statistic(sample, 0.95) == 950
    assert order_statistic(sample, 0.997) == 997
    assert order_statistic(sample, 1.0) == 1000


def test_order_statistic_ignores_missing_values():
    assert order_statistic([math.nan, 2.0, 1.0], 1.0) == 2.0
    assert math.isnan(order_statistic([math.nan], 0.5))


def test_mcnemar_agrees_with_a_hand_computation():
    # Five discordant episodes, all for the first: p = 2 / 2**5.
    first = [True] * 5 + [True, False, False]
    second = [False] * 5 + [True, False, False]
    result = mcnemar(first, second)
    assert (result.only_first, result.only_second) == (5, 0)
    assert result.p_value == pytest.approx(0.0625)


def test_mcnemar_of_equal_pilots_is_one():
    assert mcnemar([True, False], [True, False]).p_value == 1.0
    assert mcnemar([True, False], [False, True]).p_value == 1.0


def test_mcnemar_agrees_with_the_binomial_test():
    # Agresti (2013), Categorical Data Analysis, table 11.1: 150 and 86 discordant answers.
    first = [True] * 150 + [False] * 86
    result = mcnemar(first, [not answer for answer in first])
    assert result[:2] == (150, 86)
    assert result.p_value == pytest.approx(stats.binomtest(86, 236).pvalue, rel=1e-9)
    assert result.p_value < 1e-4


def test_mcnemar_needs_pairs():
    with pytest.raises(ValueError, match="differ in length"):
        mcnemar([True], [True, False])
