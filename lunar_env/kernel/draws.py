"""Draws from distributions that are packed into a table: stream, kind and parameters."""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.linalg import Vec3
from lunar_env.kernel.records import columns, table_record
from lunar_env.kernel.rng import Index, normal, uniform


class Distribution(NamedTuple):
    """A distribution in a flat table; further parameters follow."""

    stream: float  # stream of random numbers
    kind: float  # CONSTANT to CHOICE
    number: float  # [-], number of parameters
    first: float  # first parameter, in the unit of the quantity
    second: float  # second parameter


MAX_PARAMETERS: Final = 8
DISTRIBUTION: Final = columns(Distribution)
DRAW_WIDTH: Final = DISTRIBUTION.first + MAX_PARAMETERS
CONSTANT: Final = 0
UNIFORM: Final = 1
NORMAL: Final = 2
EXPONENTIAL: Final = 3
CHOICE: Final = 4
# Index of an axis; np.int64, because Numba compiles a function again for every Python integer.
X: Final = np.int64(0)
Y: Final = np.int64(1)
Z: Final = np.int64(2)
_FIRST: Final = np.int64(0)
_load_distribution = table_record(Distribution)[0]


@kernel
def draw(table: np.ndarray, at: Index, key: np.uint64) -> float:
    """Value, in the episode `key`, of the distribution that starts at ``table[at]``."""
    return draw_index(table, at, key, _FIRST)


@kernel
def draw_vector(table: np.ndarray, at: Index, key: np.uint64) -> Vec3:
    """Three independent values of one distribution, one for each axis."""
    x, y, z = 0.0, 0.0, 0.0
    for k in range(3):
        value = draw_index(table, at, key, k)
        x, y, z = y, z, value
    return Vec3(x, y, z)


@kernel
def draw_index(table: np.ndarray, at: Index, key: np.uint64, index: Index) -> float:
    """Value number `index` of a distribution in the episode `key`."""
    distribution = _load_distribution(table, at)
    stream, kind = int(distribution.stream), int(distribution.kind)
    first, second = distribution.first, distribution.second
    if kind == UNIFORM:
        return first + (second - first) * uniform(key, stream, index)
    if kind == NORMAL:
        return first + second * normal(key, stream, index)
    if kind == EXPONENTIAL:
        return -first * math.log(uniform(key, stream, index))
    if kind == CHOICE:
        chosen = int(distribution.number * uniform(key, stream, index))
        return table[at + DISTRIBUTION.first + chosen]
    return first


@kernel
def standard_deviation(table: np.ndarray, at: Index) -> float:
    """Standard deviation of a distribution, as onboard navigation assumes it for its errors."""
    distribution = _load_distribution(table, at)
    kind = int(distribution.kind)
    if kind == UNIFORM:
        return abs(distribution.second - distribution.first) / math.sqrt(12.0)
    if kind == NORMAL:
        return distribution.second
    if kind == EXPONENTIAL:
        return distribution.first
    if kind == CHOICE:
        return _choice_deviation(table, at + DISTRIBUTION.first, int(distribution.number))
    return 0.0


@kernel
def _choice_deviation(table: np.ndarray, at: Index, count: int) -> float:
    """Standard deviation of equally likely values."""
    mean, square = 0.0, 0.0
    for k in range(at, at + count):
        mean += table[k] / count
    for k in range(at, at + count):
        square += (table[k] - mean) ** 2 / count
    return math.sqrt(square)
