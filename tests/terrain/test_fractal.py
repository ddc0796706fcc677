"""Roughness of made ground against the law that it was made to, as the kernels see it."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import j0

from lunar_env.specs.loader import load_terrain
from lunar_env.terrain import build
from lunar_env.terrain.fractal import deviation, roughen, spectrum
from tests.terrain.grounds import HIGHLAND, MARE, elevations, rows

BASELINES = np.array([1.0, 2.0, 4.0, 8.0, 17.0, 34.0, 57.0, 100.0, 225.0, 560.0, 1000.0])
# Median slopes over 17 m that were measured (Rosenburg et al. 2011), as recalled.
MEDIAN_DEG = {"mare": 2.0, "highland": 7.5}
SHIPPED = ("mare", "highland", "polar")


def parameters(name):
    return load_terrain(name).parameters


def slopes(ground, baseline, count=60_000, seed=0):
    """Slopes over a baseline toward the east and the north, anywhere in 64 episodes."""
    memory = rows(ground, 64)
    rng = np.random.default_rng(seed)
    east, north = rng.uniform(-2e5, 2e5, (2, count))
    here = elevations(*ground, memory, east, north, 0.0)
    there = (
        elevations(*ground, memory, east + baseline, north, 0.0),
        elevations(*ground, memory, east, north + baseline, 0.0),
    )
    return np.subtract(there, here) / baseline


@pytest.mark.parametrize("name", SHIPPED)
def test_rms_slope_follows_the_law_from_a_metre_to_a_kilometre(name):
    made = parameters(name)
    ground = build(made)
    law = deviation(made.relief, BASELINES) / BASELINES
    found = np.array([np.sqrt(np.mean(slopes(ground, b) ** 2)) for b in BASELINES])
    np.testing.assert_allclose(found, law, rtol=0.12)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_hurst_exponent_is_that_of_the_law(name):
    made = parameters(name)
    ground = build(made)
    baselines = np.geomspace(1.0, 300.0, 12)
    rise = [b * np.sqrt(np.mean(slopes(ground, b, 30_000) ** 2)) for b in baselines]
    fitted = np.polyfit(np.log(baselines), np.log(rise), 1)[0]
    assert fitted == pytest.approx(made.relief.hurst, abs=0.05)


@pytest.mark.parametrize("name", MEDIAN_DEG)
def test_the_median_slope_is_the_measured_one(name):
    """The laws are in RMS; what was published is the median of two-dimensional slopes."""
    east, north = slopes(build(parameters(name)), 17.0)
    median = math.degrees(math.atan(np.median(np.hypot(east, north))))
    assert median == pytest.approx(MEDIAN_DEG[name], rel=0.15)


@pytest.mark.parametrize("made", [MARE, HIGHLAND], ids=["mare", "highland"])
def test_ground_follows_the_law_for_any_seed(made):
    for seed in (11, 12, 13):
        ground = build(replace(made, seed=seed))
        for baseline in (2.0, 200.0):
            law = deviation(made.relief, np.array(baseline)) / baseline
            found = np.sqrt(np.mean(slopes(ground, baseline, 30_000) ** 2))
            assert found == pytest.approx(law, rel=0.3)


def test_roughness_saturates_beyond_the_break():
    """Ten times the baseline beyond the break: far less than ten to the Hurst exponent."""
    ground = build(HIGHLAND)
    rise = [b * np.sqrt(np.mean(slopes(ground, b) ** 2)) for b in (3e3, 3e4)]
    assert math.log10(rise[1] / rise[0]) == pytest.approx(HIGHLAND.relief.hurst_beyond, abs=0.15)


def test_ground_is_as_rough_in_every_direction():
    east, north = slopes(build(HIGHLAND), 50.0)
    assert east.std() == pytest.approx(north.std(), rel=0.05)
    assert abs(east.mean()) < 0.02 * east.std()


@pytest.mark.parametrize("relief", [MARE.relief, HIGHLAND.relief], ids=["mare", "highland"])
def test_the_spectrum_reproduces_the_slope_law(relief):
    """Structure function of the spectrum by quadrature, with SciPy's Bessel function."""
    k = np.geomspace(2 * np.pi / 262144, 2 * np.pi / 0.5, 20_000)
    for baseline in (1.0, 17.0, 300.0, 2e3, 2e4):
        integrand = 4 * np.pi * spectrum(relief, k) * (1.0 - j0(k * baseline)) * k**2
        found = np.sqrt(np.trapezoid(integrand, np.log(k)))
        assert found == pytest.approx(float(deviation(relief, np.array(baseline))), rel=0.05)


def test_the_law_passes_through_its_slope_and_bends_at_the_break():
    relief = MARE.relief
    nu = deviation(relief, np.array([17.0, 1.0, 10.0, 1e5, 1e6]))
    assert math.degrees(math.atan(nu[0] / 17.0)) == pytest.approx(2.5)
    assert nu[2] / nu[1] == pytest.approx(10**0.76, rel=1e-3)
    assert nu[4] / nu[3] == pytest.approx(10**0.3, rel=1e-3)


def test_roughness_has_only_the_requested_wavelengths():
    rng = np.random.default_rng(0)
    tile = roughen(np.zeros((256, 256)), MARE.relief, 4.0, (16.0, 256.0), rng)
    power = np.abs(np.fft.fft2(tile)) ** 2
    mode = np.hypot(np.fft.fftfreq(256, 1 / 256)[:, None], np.fft.fftfreq(256, 1 / 256)[None, :])
    outside = (mode <= 4.0) | (mode > 64.0)
    assert power[outside].max() < 1e-18 * power.max()
    assert (power[~outside] > 0.0).all()
