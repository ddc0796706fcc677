"""The camera with a map: its errors, and what it needs to find its place."""

import math

import numpy as np
import pytest

from lunar_env.physics.mass import com_height
from lunar_env.physics.rows import load_vehicle
from lunar_env.sensors.events import CAMERA
from tests.sensors.falling import MAP, fall, fitted

ALONE = {"velocimeter": None, "radar": None}
SURE = {"dropout_frac": 0.0, "latency_s": 0.0, "jitter_s": 0.0, "rate_Hz": 1.0}


def measured(sun=30.0, rows=8, steps=15, camera=None, **motion):
    mission = fitted(**ALONE, sun=sun, camera={**SURE, **(camera or {})})
    return fall(mission, rows=rows, steps=steps, **motion).of(CAMERA)


def test_the_position_error_of_the_camera_is_that_of_its_file():
    flight = measured(rows=128, height_m=3000.0, camera={"noise_height_m": 20.0})
    vehicle = load_vehicle(flight.landers.memory, 0)
    pads = flight.true(2) - [com_height(mass, vehicle) for mass in flight.true(13)]
    true = np.stack([flight.true(0), flight.true(1), pads], axis=1)
    error = flight.samples[:, 3:6] - true
    n = len(error)
    assert n == 128 * 3
    for k, sigma in enumerate((MAP.noise_horizontal_m, MAP.noise_horizontal_m, 20.0)):
        assert error[:, k].mean() == pytest.approx(0.0, abs=4.0 * sigma / math.sqrt(n))
        assert error[:, k].std() == pytest.approx(sigma, rel=3.0 / math.sqrt(n))
    assert np.abs(np.corrcoef(error.T) - np.eye(3)).max() < 4.0 / math.sqrt(n)


def test_the_camera_uses_the_dead_reckoned_height():
    flight = measured(camera={"noise_height_m": 0.0, "noise_horizontal_m": 0.0}, height_m=2000.0)
    landers, age = flight.landers, flight.landers.seen("cam_age_s")
    fallen = -landers.seen("dr_v_z_m_s") * age - 0.5 * 1.62 * age**2
    np.testing.assert_allclose(
        landers.seen("cam_z_m"), landers.seen("dr_height_m") + fallen, atol=0.05
    )
    np.testing.assert_allclose(
        landers.seen("cam_x_m"), landers.seen("dr_x_m") - 3.0 * age, atol=0.05
    )


@pytest.mark.parametrize(
    ("measures", "motion"),
    [
        (True, {"height_m": 8990.0}),
        (False, {"height_m": 9250.0}),
        (True, {"height_m": 640.0}),
        (False, {"height_m": 490.0}),
        (True, {"height_m": 2000.0, "tilt_deg": 59.0}),
        (False, {"height_m": 2000.0, "tilt_deg": 61.0}),
        (True, {"height_m": 2000.0, "sun": 3.0}),
        (False, {"height_m": 2000.0, "sun": 2.9}),
        (False, {"height_m": 2000.0, "sun": -20.0}),
    ],
)
def test_the_camera_needs_its_operating_conditions(measures, motion):
    flight = measured(**motion)
    assert len(flight.samples) == (8 * 3 if measures else 0)
    assert (flight.landers.seen("cam_valid") == float(measures)).all()


def test_a_fix_comes_a_second_or_two_late():
    flight = fall(fitted(**ALONE), rows=32, height_m=3000.0, steps=30).of(CAMERA)
    assert flight.waits.min() > 1.5
    assert flight.waits.max() < 2.5
