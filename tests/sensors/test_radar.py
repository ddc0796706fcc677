"""The radar altimeter: the nearest ground in a wide beam, its errors and its limits."""

import math

import numpy as np
import pytest

from lunar_env.sensors.events import RADAR
from lunar_env.specs import load_terrain
from lunar_env.specs.terrain import FeatureSpec, make_ground
from tests.sensors.falling import PULSE, fall, fitted

ALONE = {"velocimeter": None, "camera": None}
CLEAN = {"noise_m": 0.0, "noise_frac": 0.0, "scale_sigma_frac": 0.0, "dropout_frac": 0.0}
HALF_WIDTH = math.radians(PULSE.beam_half_width_deg)


def measured(radar=None, **motion):
    return fall(fitted(**ALONE, radar={**CLEAN, **(radar or {})}), **motion).of(RADAR)


@pytest.mark.parametrize("tilt_deg", [0.0, 10.0, 19.0])
def test_within_its_beam_the_radar_measures_height(tilt_deg):
    flight = measured(tilt_deg=tilt_deg)
    offset = PULSE.mount_offset_m * math.cos(math.radians(tilt_deg))
    np.testing.assert_allclose(flight.samples[:, 3], flight.true(2) - offset, atol=0.06)


def test_beyond_its_beam_width_the_radar_measures_along_the_beam_edge():
    flight = measured(tilt_deg=40.0)
    offset = PULSE.mount_offset_m * math.cos(math.radians(40.0))
    slant = (flight.true(2) - offset) / math.cos(math.radians(40.0) - HALF_WIDTH)
    np.testing.assert_allclose(flight.samples[:, 3], slant, rtol=3e-3)


@pytest.mark.parametrize(("slope_deg", "nearest_deg"), [(15.0, 15.0), (30.0, 20.0)])
def test_over_a_slope_the_radar_measures_the_nearest_ground_in_its_beam(slope_deg, nearest_deg):
    hill = FeatureSpec(
        kind="hillside",
        **{"east_m": 0.0, "north_m": 0.0, "azimuth_deg": 0.0},
        slope_deg=slope_deg,
        half_length_m=1e5,
    )
    ground = make_ground(load_terrain("flat"), [hill], 0.0, 0.0)
    flight = fall(
        fitted(**ALONE, radar=CLEAN),
        velocity=(0.0, 0.0, -40.0),
        rows=2,
        steps=5,
        ground=ground,
    ).of(RADAR)
    height = flight.true(2) - PULSE.mount_offset_m
    slope, ray = math.radians(slope_deg), math.radians(nearest_deg)
    nearest = height * math.cos(slope) / math.cos(slope - ray)
    np.testing.assert_allclose(flight.samples[:, 3], nearest, rtol=2e-3)


def test_radar_noise_differs_by_sample_and_scale_error_by_unit():
    radar = {"noise_m": 1.0, "noise_frac": 0.03, "scale_sigma_frac": 0.04}
    flight = measured(radar, rows=128)
    reach = flight.true(2) - PULSE.mount_offset_m
    fraction = flight.samples[:, 3] / reach - 1.0
    units = np.array([fraction[flight.rows == row].mean() for row in range(128)])
    sigma = math.hypot(0.04, 0.03 / math.sqrt(50.0))
    assert units.std() == pytest.approx(sigma, rel=0.2)
    assert units.mean() == pytest.approx(0.0, abs=4.0 * sigma / math.sqrt(128.0))
    stated = np.hypot(1.0, 0.03 * reach)
    np.testing.assert_allclose(flight.samples[:, 6], stated, rtol=1e-4)
    noise = (fraction - units[flight.rows]) * reach / stated
    assert noise.std() == pytest.approx(math.sqrt(1.0 - 1.0 / 50.0), rel=0.03)


def test_the_radar_has_its_limits():
    for height, measures in ((3480.0, True), (3520.0, False), (12.0, True), (9.0, False)):
        flight = measured(height_m=height, velocity=(0.0, 0.0, 0.0), steps=4, rows=4)
        assert (len(flight.samples) > 0) == measures
        assert (flight.landers.seen("ralt_valid") == float(measures)).all()
    assert len(measured(tilt_deg=115.0, steps=4).samples) == 0
