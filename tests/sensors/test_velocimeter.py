"""The Doppler velocimeter: noise by axis, where its beams reach, the attitude that turns it."""

import math

import numpy as np
import pytest

from lunar_env.kernel.linalg import Quat, Vec3, rotate
from lunar_env.sensors.events import VELOCIMETER
from tests.envs.flying import exact
from tests.sensors.falling import NDL, fall, fitted

ALONE = {"radar": None, "camera": None}
CANT = math.radians(NDL.cant_deg)
UP_MARGIN = 0.999


def measured(mission=None, **motion):
    return fall(mission or fitted(**ALONE), **motion).of(VELOCIMETER)


def count(height_m, tilt_deg=0.0, velocity=(0.0, 0.0, 0.0), **changes):
    """Samples of four landers in a second, 40 at most, at rest or with a given velocity."""
    mission = fitted(
        **ALONE, velocimeter={"dropout_frac": 0.0, "latency_s": 0.0, "jitter_s": 0.0, **changes}
    )
    motion = {"height_m": height_m, "tilt_deg": tilt_deg, "velocity": velocity}
    return len(measured(mission, rows=4, steps=5, **motion).samples)


@pytest.mark.parametrize("tilt_deg", [0.0, 25.0])
def test_the_noise_of_each_axis_is_that_of_three_beams(tilt_deg):
    flight = measured(rows=64, tilt_deg=tilt_deg)
    true = np.stack([flight.true(k) for k in (3, 4, 5)], axis=1)
    # The lander leans about x and does not turn: B to L is one rotation.
    half = math.radians(0.5 * tilt_deg)
    q = Quat(math.cos(half), -math.sin(half), 0.0, 0.0)
    error = flight.samples[:, 3:6] - np.array([rotate(q, Vec3(*v)) for v in true])
    across = NDL.noise_m_s * math.sqrt(2.0 / 3.0) / math.sin(CANT)
    along = NDL.noise_m_s / math.sqrt(3.0) / math.cos(CANT)
    n = len(error)
    for k, sigma in enumerate((across, across, along)):
        assert error[:, k].mean() == pytest.approx(0.0, abs=4.0 * sigma / math.sqrt(n) + 2e-4)
        assert error[:, k].std() == pytest.approx(sigma, rel=3.0 / math.sqrt(n))
    assert (flight.samples[:, 6] == NDL.noise_m_s).all()


def test_velocimeter_noise_grows_with_speed():
    mission = fitted(**ALONE, velocimeter={"noise_m_s": 0.0, "noise_frac": 0.05})
    flight = measured(mission, rows=64, velocity=(0.0, 0.0, -50.0), steps=3)
    sigma = 0.05 / math.sqrt(3.0)  # each beam measures the descent rate times cos(cant)
    fraction = flight.samples[:, 5] / flight.true(5) - 1.0
    assert fraction.std() == pytest.approx(sigma, rel=0.15)
    np.testing.assert_allclose(
        flight.samples[:, 6], -0.05 * math.cos(CANT) * flight.true(5), rtol=5e-3
    )


def test_an_ideal_velocimeter_gives_the_velocity():
    mission = fitted(**ALONE, velocimeter={"noise_m_s": 0.0})
    flight = measured(mission, velocity=(12.0, -7.0, -60.0))
    for k in range(3):
        np.testing.assert_allclose(flight.samples[:, 3 + k], flight.true(3 + k), atol=1e-3)


def test_the_velocimeter_has_the_range_of_its_beams():
    reach = NDL.range_max_m * math.cos(CANT)
    assert count(reach * UP_MARGIN) == 40
    assert count(reach / UP_MARGIN + 2.0) == 0
    # One beam of three beyond its range is enough to lose the sample.
    assert count(3500.0) == 40
    assert count(3500.0, tilt_deg=20.0) == 0


def test_the_velocimeter_has_limits_of_range_incidence_and_speed():
    assert count(100.0, range_min_m=100.0) == 40
    assert count(80.0, range_min_m=100.0) == 0
    # The incidence of the beam on the low side is the tilt of the lander plus the cant.
    assert count(500.0, tilt_deg=30.0, incidence_cut_deg=55.0) == 40
    assert count(500.0, tilt_deg=35.0, incidence_cut_deg=55.0) == 0
    assert count(2000.0, velocity=(0.0, 0.0, -80.0), speed_max_m_s=80.0) == 40
    assert count(2000.0, velocity=(0.0, 0.0, -90.0), speed_max_m_s=80.0) == 0


def test_the_observed_velocity_is_rotated_by_the_estimated_attitude():
    mission = fitted(**ALONE, velocimeter={"noise_m_s": 0.0, "dropout_frac": 0.0})
    scenario = exact(attitude_error_deg={"normal": [0.0, 3.0]})
    flight = measured(mission, scenario=scenario, velocity=(0.0, 0.0, -50.0))
    landers = flight.landers
    q = [landers.seen(f"q_{axis}") for axis in "wxyz"]
    shown = np.stack([landers.seen(f"dvl_v_{axis}_m_s") for axis in "xyz"], axis=1)
    for row in range(8):
        last = flight.samples[flight.rows == row][-1, 3:6]
        believed = rotate(Quat(*(float(part[row]) for part in q)), Vec3(*last))
        np.testing.assert_allclose(shown[row], believed, atol=1e-3)
        # In B it is the truth; degrees of attitude turn the fall into a drift.
        np.testing.assert_allclose(last[:2], 0.0, atol=1e-2)
        assert np.hypot(*shown[row, :2]) > 0.1
