"""Random numbers as a pure function of (key, stream, index).

A counter instead of a state: a further draw in one sensor changes no other, and results depend
neither on the number of environments nor on threads. The mixer is SplitMix64's finalizer (Steele,
Lea and Flood, OOPSLA 2014, doi:10.1145/2660193.2660195), applied once to the stream and once to the
index.
"""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel

# Numba accepts both; the alias keeps the signatures readable.
Index = int | np.int64
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_WEYL: Final = np.uint64(0xD1B54A32D192ED03)
_MIX_1: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2: Final = np.uint64(0x94D049BB133111EB)
_S30: Final = np.uint64(30)
_S27: Final = np.uint64(27)
_S31: Final = np.uint64(31)
_S12: Final = np.uint64(12)
_TWO_M52: Final = 1.0 / 4503599627370496.0

# Streams by purpose; none is ever reused. np.int64, because Numba compiles a function again for
# every Python integer that it is called with. The distributions of the data files have separate
# streams, counted from STREAM_MISSION, STREAM_SCENARIO and STREAM_INERTIAL.
STREAM_EPISODE: Final = np.int64(1)
STREAM_PHASE: Final = np.int64(2)  # of the rangefinder's integration window at the start
STREAM_DETECTION: Final = np.int64(3)
STREAM_RANGE_NOISE: Final = np.int64(4)
STREAM_LATENCY: Final = np.int64(5)
STREAM_DROPOUT: Final = np.int64(6)
STREAM_TERRAIN: Final = np.int64(7)  # placement of the bands of relief
STREAM_SECOND_ECHO: Final = np.int64(8)
STREAM_DUST_ECHO: Final = np.int64(9)
STREAM_ALARM: Final = np.int64(10)  # false alarms of the rangefinder
STREAM_OUTLIER: Final = np.int64(11)
STREAM_BURST: Final = np.int64(12)
STREAM_FROZEN: Final = np.int64(13)
STREAM_STAMP: Final = np.int64(14)
STREAM_LATE: Final = np.int64(15)
STREAM_REPEATED: Final = np.int64(16)
STREAM_DEAD: Final = np.int64(17)  # whether the rangefinder works at all
STREAM_FAULT: Final = np.int64(18)  # when each engine fault occurs
STREAM_FAULT_ENGINE: Final = np.int64(19)  # which engine it strikes
STREAM_ANGLE_WALK: Final = np.int64(20)  # of the gyroscopes
STREAM_VELOCITY_WALK: Final = np.int64(21)  # of the accelerometers
STREAM_GHOST: Final = np.int64(22)  # false echoes of clutter
STREAM_MISSION: Final = 100
STREAM_SCENARIO: Final = 200
STREAM_CHANNEL: Final = 300  # eight for each sensor with a channel, see sensors/channel.py
STREAM_INERTIAL: Final = 400
_FIRST: Final = np.int64(0)


@inline_kernel
def mix(z: np.uint64) -> np.uint64:
    """Scramble 64 bits so that each output bit depends on every input bit."""
    z = (z ^ (z >> _S30)) * _MIX_1
    z = (z ^ (z >> _S27)) * _MIX_2
    return z ^ (z >> _S31)


@inline_kernel
def bits(key: np.uint64, stream: Index, index: Index) -> np.uint64:
    """64 random bits: draw number `index` of a stream of the episode `key`."""
    return mix(mix(key + np.uint64(stream) * _GOLDEN) + np.uint64(index) * _WEYL)


@inline_kernel
def next_key(key: np.uint64) -> np.uint64:
    """Key of the episode that follows `key` in the same row."""
    return bits(key, STREAM_EPISODE, _FIRST)


@kernel
def uniform(key: np.uint64, stream: Index, index: Index) -> float:
    """Uniform in the open interval (0, 1), from 52 bits: with 53, the largest would round to 1."""
    return (float(bits(key, stream, index) >> _S12) + 0.5) * _TWO_M52


@kernel
def normal(key: np.uint64, stream: Index, index: Index) -> float:
    """Standard normal by inversion: one draw for each index, as of `uniform`."""
    return normal_quantile(uniform(key, stream, index))


@kernel
def normal_quantile(p: float) -> float:
    """Quantile of the standard normal distribution (Wichura 1988, AS 241 PPND16, error 1e-16)."""
    q = p - 0.5
    if abs(q) <= 0.425:
        return q * _central_ratio(0.180625 - q * q)
    r = math.sqrt(-math.log(min(p, 1.0 - p)))
    value = _middle_ratio(r - 1.6) if r <= 5.0 else _tail_ratio(r - 5.0)
    return value if q > 0.0 else -value


@inline_kernel
def _central_ratio(r: float) -> float:
    n = 2509.0809287301226727
    n = n * r + 33430.575583588128105
    n = n * r + 67265.770927008700853
    n = n * r + 45921.953931549871457
    n = n * r + 13731.693765509461125
    n = n * r + 1971.5909503065514427
    n = n * r + 133.14166789178437745
    n = n * r + 3.387132872796366608
    d = 5226.495278852545925
    d = d * r + 28729.085735721942674
    d = d * r + 39307.89580009271061
    d = d * r + 21213.794301586595867
    d = d * r + 5394.1960214247511077
    d = d * r + 687.1870074920579083
    d = d * r + 42.313330701600911252
    return n / (d * r + 1.0)


@inline_kernel
def _middle_ratio(r: float) -> float:
    n = 7.7454501427834140764e-4
    n = n * r + 0.0227238449892691845833
    n = n * r + 0.24178072517745061177
    n = n * r + 1.27045825245236838258
    n = n * r + 3.64784832476320460504
    n = n * r + 5.7694972214606914055
    n = n * r + 4.6303378461565452959
    n = n * r + 1.42343711074968357734
    d = 1.05075007164441684324e-9
    d = d * r + 5.475938084995344946e-4
    d = d * r + 0.0151986665636164571966
    d = d * r + 0.14810397642748007459
    d = d * r + 0.68976733498510000455
    d = d * r + 1.6763848301838038494
    d = d * r + 2.05319162663775882187
    return n / (d * r + 1.0)


@inline_kernel
def _tail_ratio(r: float) -> float:
    n = 2.01033439929228813265e-7
    n = n * r + 2.71155556874348757815e-5
    n = n * r + 0.0012426609473880784386
    n = n * r + 0.026532189526576123093
    n = n * r + 0.29656057182850489123
    n = n * r + 1.7848265399172913358
    n = n * r + 5.4637849111641143699
    n = n * r + 6.6579046435011037772
    d = 2.04426310338993978564e-15
    d = d * r + 1.4215117583164458887e-7
    d = d * r + 1.8463183175100546818e-5
    d = d * r + 7.868691311456132591e-4
    d = d * r + 0.0148753612908506148525
    d = d * r + 0.13692988092273580531
    d = d * r + 0.59983220655588793769
    return n / (d * r + 1.0)
