"""Self-affine relief: its law, its spectrum, and a periodic tile that follows it.

The law gives the RMS difference of elevation between points a baseline L apart, ``nu(L)``, and the
RMS slope ``nu(L)/L``: ``L^H`` up to a break, beyond which roughness saturates. For an isotropic
random surface with spectral density P per unit of wavenumber squared,

    nu(L)^2 = 4 pi * integral of P(k) (1 - J0(k L)) k dk.

A pure power law has ``P ~ k^-(2H + 2)``. One that breaks has not: with H near 1 every octave of
longer waves adds the same slope to a short baseline, so what is missing beyond the break would be
missing everywhere. The spectrum is therefore solved for.

References
----------
Shepard et al. 2001, "The roughness of natural terrain", J. Geophys. Res. 106(E12).
Richardson 1972, "Bayesian-based iterative method of image restoration", J. Opt. Soc. Am. 62.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from lunar_env.terrain.parameters import Relief

__all__ = ["deviation", "roughen", "spectrum"]

Float64Array = NDArray[np.float64]
# Craters and rocks may take all but this share of the roughness at a wavelength.
_LEAST_SHARE = 0.1
# The spectrum is solved for in bins of wavelength, a few to the octave.
_SHORTEST_M = 0.5
_LONGEST_M = 262144.0
_BINS_PER_OCTAVE = 3
_ROUNDS = 400


def deviation(relief: Relief, baseline_m: Float64Array) -> Float64Array:
    """Return the RMS difference of elevation [m] over a baseline [m].

    ``a L^H (1 + (L/break)^2)^((beyond - H)/2)``: a surface made of waves cannot bend sharper.
    """
    rise = math.tan(math.radians(relief.rms_slope_deg)) * relief.baseline_m
    bend = 0.5 * (relief.hurst_beyond - relief.hurst)
    start, share = relief.baseline_m / relief.break_m, np.asarray(baseline_m) / relief.break_m
    law = (share / start) ** relief.hurst
    return rise * law * ((1.0 + share**2) / (1.0 + start**2)) ** bend


def spectrum(relief: Relief, wavenumber: Float64Array) -> Float64Array:
    """Return the spectral density [m^4] at a wavenumber [rad/m]; zero at zero."""
    log_k, log_power = _solved(relief)
    k = np.maximum(wavenumber, 1e-30)
    power = np.exp(np.interp(np.log(k), log_k, log_power))
    return np.where(wavenumber > 0.0, power, 0.0)


@lru_cache(maxsize=32)
def _solved(relief: Relief) -> tuple[Float64Array, Float64Array]:
    """Return wavenumber and spectral density, logarithms, whose deviation follows the law.

    Richardson's iteration keeps every bin positive and ends where the law is met as nearly as a
    positive spectrum can.
    """
    octaves = math.log2(_LONGEST_M / _SHORTEST_M)
    count = round(octaves * _BINS_PER_OCTAVE)
    edges = 2.0 * math.pi / np.geomspace(_LONGEST_M, _SHORTEST_M, count + 1)
    inside = (np.arange(8) + 0.5) / 8.0
    k = edges[:-1, None] * (edges[1:] / edges[:-1])[:, None] ** inside
    baselines = np.geomspace(_SHORTEST_M, 0.25 * _LONGEST_M, 2 * count)
    wanted = deviation(relief, baselines) ** 2
    seen = 2.0 * (1.0 - _bessel_j0(baselines[:, None, None] * k).mean(axis=2))
    middle = np.sqrt(edges[1:] * edges[:-1])
    variance = deviation(relief, 2.0 * math.pi / middle) ** 2
    for _ in range(_ROUNDS):
        variance *= (seen.T @ (wanted / (seen @ variance))) / seen.sum(axis=0)
    area = math.pi * (edges[1:] ** 2 - edges[:-1] ** 2)
    return np.log(middle), np.log(variance / area)


def _bessel_j0(x: Float64Array) -> Float64Array:
    """Return Bessel's J0 by its integral; zero beyond 64, where the bins average it away."""
    angle = (np.arange(64) + 0.5) * (math.pi / 128.0)
    small = np.minimum(x, 64.0)
    value = np.mean([np.cos(small * math.sin(a)) for a in angle.tolist()], axis=0)
    return np.where(x < 64.0, value, 0.0)


def roughen(
    tile: Float64Array,
    relief: Relief,
    cell_m: float,
    waves_m: tuple[float, float],
    rng: np.random.Generator,
) -> Float64Array:
    """Add what a tile of craters and rocks lacks of the law, at wavelengths within `waves_m`.

    Random phases on the grid of wavenumbers make it periodic without a seam. Power that
    interpolation between the points takes away is added beforehand.
    """
    if relief.rms_slope_deg == 0.0:
        return tile
    n = tile.shape[0]
    step = 2.0 * math.pi / (n * cell_m)
    mode_y = np.fft.fftfreq(n, 1.0 / n)[:, None]
    mode_x = np.fft.rfftfreq(n, 1.0 / n)[None, :]
    mode = np.hypot(mode_x, mode_y)
    wanted = spectrum(relief, mode * step) * step**2
    present = _radial_mean(np.abs(np.fft.rfft2(tile)) ** 2 / float(n) ** 4, mode)
    missing = np.maximum(wanted - present, _LEAST_SHARE * wanted)
    # The longest wave is the shortest of the next coarser band; there is none of infinite length.
    lowest, highest = n * cell_m / waves_m[1], n * cell_m / waves_m[0]
    kept = (mode > lowest * (1.0 + 1e-9)) & (mode <= highest * (1.0 + 1e-9))
    smoothed = _after_interpolation(mode_x, n) * _after_interpolation(mode_y, n)
    gain = np.sqrt(np.where(kept, missing / smoothed, 0.0)) * n
    noise = np.fft.rfft2(rng.standard_normal((n, n)))
    return tile + np.fft.irfft2(noise * gain, s=(n, n))


def _after_interpolation(mode: Float64Array, n: int) -> Float64Array:
    """Return the share of a wave's power that linear interpolation between points keeps."""
    return (2.0 + np.cos(2.0 * math.pi * mode / n)) / 3.0


def _radial_mean(power: Float64Array, mode: Float64Array) -> Float64Array:
    """Average over rings of half an octave: few craters make a ragged spectrum."""
    ring = np.maximum(0, np.rint(2.0 * np.log2(np.maximum(mode, 1.0)))).astype(np.intp)
    total = np.bincount(ring.ravel(), power.ravel())
    count = np.bincount(ring.ravel())
    return (total / np.maximum(count, 1))[ring]
