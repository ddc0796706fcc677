"""The counter-based generator: independent streams, exact quantiles, no forbidden values."""

import math

import numba
import numpy as np
import pytest
from scipy import special, stats

from lunar_env.kernel import rng

MASK = 2**64 - 1
KEYS = [0, 1, 2, 12345, 2**63, MASK]


@numba.njit
def uniforms(key, stream, count):
    out = np.empty(count)
    for k in range(count):
        out[k] = rng.uniform(key, stream, k)
    return out


@numba.njit
def uniforms_of_keys(first, stream, count):
    out = np.empty(count)
    for k in range(count):
        out[k] = rng.uniform(first + np.uint64(k), stream, 0)
    return out


@numba.njit
def normals(key, stream, count):
    out = np.empty(count)
    for k in range(count):
        out[k] = rng.normal(key, stream, k)
    return out


@numba.njit
def quantiles(p):
    out = np.empty(p.size)
    for k in range(p.size):
        out[k] = rng.normal_quantile(p[k])
    return out


@numba.njit
def chain(key, count):
    out = np.empty(count, np.uint64)
    for k in range(count):
        out[k] = key
        key = rng.next_key(key)
    return out


def mix(z):
    """SplitMix64's finalizer in Python's integers."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def unmix(z):
    """The inverse of `mix`."""
    z ^= (z >> 31) ^ (z >> 62)
    z = (z * pow(0x94D049BB133111EB, -1, 2**64)) & MASK
    z ^= (z >> 27) ^ (z >> 54)
    z = (z * pow(0xBF58476D1CE4E5B9, -1, 2**64)) & MASK
    return z ^ (z >> 30) ^ (z >> 60)


def key_with_bits(wanted, stream, index):
    """Key whose draw number `index` of `stream` has exactly these bits."""
    inner = (unmix(wanted) - index * 0xD1B54A32D192ED03) & MASK
    return (unmix(inner) - stream * 0x9E3779B97F4A7C15) & MASK


@pytest.mark.parametrize(("key", "stream", "index"), [(0, 1, 0), (7, 3, 5), (MASK, 200, 10**6)])
def test_bits_agree_with_the_published_generator(key, stream, index):
    inner = mix((key + stream * 0x9E3779B97F4A7C15) & MASK)
    expected = mix((inner + index * 0xD1B54A32D192ED03) & MASK)
    assert int(rng.bits(np.uint64(key), np.int64(stream), np.int64(index))) == expected


@pytest.mark.parametrize("wanted", [0, 1, 2**63, MASK - 2**11, MASK])
def test_uniform_never_reaches_its_limits(wanted):
    key = np.uint64(key_with_bits(wanted, 7, 3))
    assert int(rng.bits(key, np.int64(7), np.int64(3))) == wanted
    assert 0.0 < rng.uniform(key, np.int64(7), np.int64(3)) < 1.0
    assert math.isfinite(rng.normal(key, np.int64(7), np.int64(3)))


@pytest.mark.parametrize("key", KEYS)
def test_uniform_is_uniform(key):
    sample = uniforms(np.uint64(key), 3, 100_000)
    assert stats.kstest(sample, "uniform").pvalue > 1e-3
    cells = np.histogram2d(sample[:-1], sample[1:], bins=16)[0].ravel()
    assert stats.chisquare(cells).pvalue > 1e-3


def test_first_draws_of_consecutive_keys_are_uniform():
    assert stats.kstest(uniforms_of_keys(np.uint64(0), 1, 100_000), "uniform").pvalue > 1e-3


@pytest.mark.parametrize(
    ("one", "other"),
    [((5, 3), (5, 4)), ((5, 3), (6, 3)), ((5, 100), (5, 200)), ((0, 1), (1, 0)), ((5, 4), (6, 3))],
)
def test_streams_and_keys_are_independent(one, other):
    a = uniforms(np.uint64(one[0]), one[1], 100_000)
    b = uniforms(np.uint64(other[0]), other[1], 100_000)
    for shift in range(3):
        x, y = a[shift:], b[: b.size - shift]
        assert abs(np.corrcoef(x, y)[0, 1]) < 4.0 / math.sqrt(x.size)
        cells = np.histogram2d(x, y, bins=16)[0].ravel()
        assert stats.chisquare(cells).pvalue > 1e-3
    assert np.intersect1d(a, b).size == 0


def test_a_draw_depends_on_its_index_alone():
    assert np.array_equal(uniforms(np.uint64(9), 4, 1000), uniforms(np.uint64(9), 4, 5000)[:1000])


def test_normal_has_the_moments_and_shape_of_a_normal():
    sample = normals(np.uint64(42), 6, 200_000)
    assert abs(sample.mean()) < 4.0 / math.sqrt(sample.size)
    assert abs(sample.std() - 1.0) < 4.0 / math.sqrt(2.0 * sample.size)
    assert abs(stats.skew(sample)) < 4.0 * math.sqrt(6.0 / sample.size)
    assert abs(stats.kurtosis(sample)) < 4.0 * math.sqrt(24.0 / sample.size)
    assert stats.kstest(sample, "norm").pvalue > 1e-3


def test_normal_quantile_agrees_with_scipy():
    middle = np.linspace(1e-4, 1.0 - 1e-4, 20_001)
    tail = np.logspace(-300, -4, 2_000)
    near_one = 1.0 - np.logspace(-16, -4, 500)
    p = np.concatenate([middle, tail, near_one[near_one < 1.0], [0.075, 0.925, 0.5]])
    np.testing.assert_allclose(quantiles(p), special.ndtri(p), rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(quantiles(p), stats.norm.ppf(p), rtol=1e-14, atol=1e-15)


def test_episode_keys_of_a_row_do_not_repeat():
    keys = np.concatenate([chain(np.uint64(k), 20_000) for k in KEYS])
    assert np.unique(keys).size == keys.size


def test_streams_of_different_purposes_differ():
    streams = [name for name in vars(rng) if name.startswith("STREAM_")]
    values = [int(getattr(rng, name)) for name in streams]
    assert len(set(values)) == len(values) >= 8
    # Each distribution of a mission or scenario counts on from its base.
    names = ("MISSION", "SCENARIO", "CHANNEL", "INERTIAL")
    bases = {int(getattr(rng, f"STREAM_{name}")) for name in names}
    assert np.diff(sorted(bases)).min() >= 50
    assert max(set(values) - bases) < min(bases)
