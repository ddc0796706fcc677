"""Draws from packed distributions: a few numbers say which law, with what parameters and stream."""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import cold_kernel
from lunar_env.kernel.linalg import Vec3
from lunar_env.kernel.rng import Index, normal, uniform

# A distribution at rest, anywhere in a flat table: [stream, kind, number of parameters, up to 8].
DRAW_WIDTH: Final = 11
CONSTANT: Final = 0
UNIFORM: Final = 1
NORMAL: Final = 2
EXPONENTIAL: Final = 3
CHOICE: Final = 4
_ONCE: Final = np.int64(0)


@cold_kernel
def draw(table: np.ndarray, at: Index, key: np.uint64) -> float:
    """The episode's value of the distribution that starts at ``table[at]``."""
    return draw_index(table, at, key, _ONCE)


@cold_kernel
def draw_vector(table: np.ndarray, at: Index, key: np.uint64) -> Vec3:
    """Three independent values of one distribution, an axis each."""
    x, y, z = 0.0, 0.0, 0.0
    for k in range(3):
        value = draw_index(table, at, key, k)
        x, y, z = y, z, value
    return Vec3(x, y, z)


@cold_kernel
def draw_index(table: np.ndarray, at: Index, key: np.uint64, index: Index) -> float:
    """Value number `index` of a distribution in an episode."""
    stream = int(table[at])
    kind = int(table[at + 1])
    first = table[at + 3]
    if kind == UNIFORM:
        return first + (table[at + 4] - first) * uniform(key, stream, index)
    if kind == NORMAL:
        return first + table[at + 4] * normal(key, stream, index)
    if kind == EXPONENTIAL:
        return -first * math.log(uniform(key, stream, index))
    if kind == CHOICE:
        return table[at + 3 + int(table[at + 2] * uniform(key, stream, index))]
    return first


@cold_kernel
def standard_deviation(table: np.ndarray, at: Index) -> float:
    """One sigma of a distribution, which a lander's computer knows of its own errors."""
    kind = int(table[at + 1])
    if kind == UNIFORM:
        return abs(table[at + 4] - table[at + 3]) / math.sqrt(12.0)
    if kind == NORMAL:
        return table[at + 4]
    if kind == EXPONENTIAL:
        return table[at + 3]
    if kind == CHOICE:
        return _spread(table, at + 3, int(table[at + 2]))
    return 0.0


@cold_kernel
def _spread(table: np.ndarray, at: Index, count: int) -> float:
    """Root mean square distance of equally likely values from their mean."""
    mean, square = 0.0, 0.0
    for k in range(at, at + count):
        mean += table[k] / count
    for k in range(at, at + count):
        square += (table[k] - mean) ** 2 / count
    return math.sqrt(square)
