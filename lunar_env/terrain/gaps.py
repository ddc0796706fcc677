"""Gaps in elevations: filled from what is around them, smoothly, so that no wall surrounds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from lunar_env.terrain.raster import Float64Array

__all__ = ["fill_gaps"]


def fill_gaps(heights: Float64Array) -> Float64Array:
    """Return elevations without gaps: each is filled from the finest means that are known there.

    Parameters
    ----------
    heights : ndarray, shape (n, n)
        Elevations, nan in gaps; `n` is a power of two and something is known.
    """
    known = np.isfinite(heights)
    if known.all():
        return heights
    half = len(heights) // 2
    count = known.reshape(half, 2, half, 2).sum(axis=(1, 3))
    total = np.where(known, heights, 0.0).reshape(half, 2, half, 2).sum(axis=(1, 3))
    coarse = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return np.where(known, heights, _refine(_refine(fill_gaps(coarse)).T).T)


def _refine(heights: Float64Array) -> Float64Array:
    """Return twice as many rows, each between the nearest and the next nearest."""
    above, below = np.vstack([heights[:1], heights[:-1]]), np.vstack([heights[1:], heights[-1:]])
    rows = np.stack([0.75 * heights + 0.25 * above, 0.75 * heights + 0.25 * below], axis=1)
    return rows.reshape(2 * len(heights), -1)
