"""What ground is made of: plain values, hashable, so that equal ground is made only once."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Craters", "Relief", "Rocks", "TerrainParameters"]


@dataclass(frozen=True, slots=True)
class Relief:
    """Self-affine roughness: RMS slope against baseline is a broken power law."""

    rms_slope_deg: float
    """RMS slope along a profile ..."""
    baseline_m: float
    """... over this baseline."""
    hurst: float
    """Hurst exponent up to the break."""
    break_m: float
    """Baseline at which roughness begins to saturate."""
    hurst_beyond: float
    """Hurst exponent beyond the break."""


@dataclass(frozen=True, slots=True)
class Craters:
    """Size-frequency and shape of craters."""

    density: float
    """Share of geometric saturation, ``N(>D) = density 1.54 / D^2``."""
    production_from_m: float
    """Diameter from which they are as many as were produced, not as many as survive."""
    production_slope: float
    """Cumulative slope of the larger ones, positive."""
    largest_m: float
    """Largest diameter."""
    depth_low: float
    """Depth over diameter of the most worn ..."""
    depth_high: float
    """... and of the freshest."""
    rim_height: float
    """Height of the rim over diameter of the freshest; worn ones have less in proportion."""


@dataclass(frozen=True, slots=True)
class Rocks:
    """Cumulative share of the area under rocks, ``F(D) = area exp(-decay D)``."""

    area: float
    """Share of the area under rocks of any size."""
    decay_per_m: float
    """How fast it falls with diameter."""
    smallest_m: float
    """Smaller ones are left to the roughness."""
    height: float
    """Height of a rock over its diameter."""


@dataclass(frozen=True, slots=True)
class TerrainParameters:
    """All that the tiles of a terrain follow from."""

    seed: int
    relief: Relief
    craters: Craters
    rocks: Rocks
