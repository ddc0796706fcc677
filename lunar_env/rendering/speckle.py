"""Fixed pseudo-random numbers for the positions of stars, ridges and craters."""

from __future__ import annotations

__all__ = ["speckle"]

MASK_64 = (1 << 64) - 1


def speckle(*numbers: int) -> float:
    """Return a number in [0, 1) that depends on `numbers` alone.

    Notes
    -----
    The finalizer of SplitMix64 over the running mix (Steele, Lea and Flood, 2014, OOPSLA).
    """
    z = 0x9E3779B97F4A7C15
    for number in numbers:
        z = (z ^ (number & MASK_64)) * 0xBF58476D1CE4E5B9 & MASK_64
        z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK_64
        z ^= z >> 31
    return z / 2.0**64
