"""Draws from packed distributions: each law, its spread, and independence of axes and streams."""

import numba
import numpy as np
import pytest
from scipy import stats

from lunar_env.kernel import draws

KINDS = {
    "constant": (draws.CONSTANT, (2.5,)),
    "uniform": (draws.UNIFORM, (-2.0, 6.0)),
    "normal": (draws.NORMAL, (3.0, 0.5)),
    "exponential": (draws.EXPONENTIAL, (0.7,)),
    "choice": (draws.CHOICE, (1.0, 2.0, 5.0, -4.0)),
}
COUNT = 50_000


def packed(kind, *, stream=17, before=0):
    """A table that holds one distribution after some other numbers."""
    code, parameters = KINDS[kind]
    row = [stream, code, len(parameters), *parameters]
    table = np.full(before + draws.DRAW_WIDTH, np.nan)
    table[before : before + len(row)] = row
    return table


@numba.njit
def over_keys(table, at, count):
    out = np.empty(count)
    for k in range(count):
        out[k] = draws.draw(table, at, np.uint64(k))
    return out


@numba.njit
def over_indexes(table, at, key, count):
    out = np.empty(count)
    for k in range(count):
        out[k] = draws.draw_index(table, at, key, k)
    return out


@numba.njit
def vectors(table, at, count):
    out = np.empty((count, 3))
    for k in range(count):
        v = draws.draw_vector(table, at, np.uint64(k))
        out[k, 0], out[k, 1], out[k, 2] = v.x, v.y, v.z
    return out


LAWS = {
    "uniform": stats.uniform(-2.0, 8.0),
    "normal": stats.norm(3.0, 0.5),
    "exponential": stats.expon(scale=0.7),
}


@pytest.mark.parametrize("kind", LAWS)
def test_draws_follow_their_distribution(kind):
    for sample in (
        over_keys(packed(kind), 0, COUNT),
        over_indexes(packed(kind), 0, np.uint64(8), COUNT),
    ):
        assert stats.kstest(sample, LAWS[kind].cdf).pvalue > 1e-3


def test_a_constant_is_constant():
    assert (over_keys(packed("constant"), 0, 100) == 2.5).all()


@pytest.mark.parametrize("count", [1, 3, 8])
def test_every_choice_is_equally_likely(count):
    table = packed("constant")
    table[1:3] = draws.CHOICE, count
    table[3 : 3 + count] = np.arange(count)
    values, frequency = np.unique(over_keys(table, 0, COUNT), return_counts=True)
    assert values.tolist() == list(range(count))
    if count > 1:
        assert stats.chisquare(frequency).pvalue > 1e-3


@pytest.mark.parametrize("kind", KINDS)
def test_the_position_in_the_table_does_not_change_draws(kind):
    first = over_keys(packed(kind), 0, 100)
    assert np.array_equal(first, over_keys(packed(kind, before=30), 30, 100))


def test_distributions_on_their_own_streams_are_independent():
    one = over_keys(packed("normal", stream=100), 0, COUNT)
    other = over_keys(packed("normal", stream=101), 0, COUNT)
    assert abs(np.corrcoef(one, other)[0, 1]) < 4.0 / COUNT**0.5


def test_the_axes_of_a_vector_are_independent_draws():
    sample = vectors(packed("normal"), 0, COUNT)
    assert np.array_equal(sample[:, 0], over_keys(packed("normal"), 0, COUNT))
    off_diagonal = np.corrcoef(sample.T) - np.eye(3)
    assert np.abs(off_diagonal).max() < 4.5 / COUNT**0.5
    for axis in sample.T:
        assert stats.kstest(axis, LAWS["normal"].cdf).pvalue > 1e-3


@pytest.mark.parametrize("kind", KINDS)
def test_the_standard_deviation_agrees_with_the_draws(kind):
    sample = over_keys(packed(kind), 0, COUNT)
    expected = draws.standard_deviation(packed(kind), 0)
    assert expected == pytest.approx(sample.std(), rel=0.03, abs=1e-12)
