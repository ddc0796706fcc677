"""What the Kalman filter makes of single samples of every sensor."""

from __future__ import annotations

import math

import numpy as np
import pytest

from agents.navigation import KalmanFilter
from agents.navigation.begin import see_ground
from agents.navigation.gains import KalmanGains
from agents.navigation.ground import relief, rise2
from agents.navigation.history import (
    LENGTH,
    WIDTH,
    Past,
    look_back,
    remember,
    restart,
)
from agents.navigation.inputs import table_of
from agents.navigation.memory import (
    MAP_SIGMA,
    MEMORY,
    ON_MAP,
    SHEET,
    SLOPE_SIGMA,
)
from agents.sheet import SHEET_ROW, sheet_of
from lunar_env.terrain.fractal import deviation
from lunar_env.terrain.parameters import Relief
from tests.agents.readings import ALL, NONE, ROWS, falling, ground_memory, ranged


def believed(reading):
    return KalmanFilter().update(reading, None, ALL)[0]


def test_the_filter_memory_follows_a_fall():
    """Constant acceleration, remembered at 50 Hz: places between the entries to the millimetre."""
    old, new = np.zeros((1, LENGTH, WIDTH), np.float32), np.zeros((1, LENGTH, WIDTH), np.float32)
    for k in range(300):
        t = 0.02 * k
        now = Past(
            t, 3.0 * t, 0.0, 1000.0 - 40.0 * t + t * t, 3.0, 0.0, -40.0 + 2.0 * t, 1.0, 0.0, 0.0
        )
        if k == 0:
            restart(new, 0, now)
        else:
            remember(old, new, 0, now)
        old, new = new.copy(), old
    for age in (0.01, 0.13, 1.0, 2.345, 5.5):
        then = 0.02 * 299 - age
        past = look_back(old, 0, then)
        assert past.height == pytest.approx(1000.0 - 40.0 * then + then * then, abs=2e-3)
        assert past.v_z == pytest.approx(-40.0 + 2.0 * then, abs=1e-3)
        assert past.x == pytest.approx(3.0 * then, abs=1e-3)


def test_a_late_range_is_corrected_for_the_fall():
    now, late = (believed(ranged(falling(), r, age)) for r, age in ((990.0, 0.0), (1040.0, 1.0)))
    assert late.height_m == pytest.approx(now.height_m, abs=0.1)
    assert now.height_m == pytest.approx(990.0, abs=0.1)


def test_a_canted_beam_is_recognised_by_the_onboard_height():
    slant = 950.0 / math.cos(math.radians(22.5))
    told = believed(ranged(falling(est_height_m=np.full(ROWS, 950.0)), slant))
    assert told.height_m == pytest.approx(950.0, abs=5.0)
    straight = believed(ranged(falling(), slant))
    assert straight.height_m == pytest.approx(slant, abs=2.0)


def test_a_canted_beam_that_turns_has_the_direction_of_its_time_stamp():
    """Its cosine falls by 0.1 a second: that of now would make late ranges 33 m too short."""
    nav, memory, age = KalmanFilter(), None, 0.2
    for k in range(20):
        now, cosine = 0.2 * k, 0.7 - 0.02 * k
        height = 950.0 - 50.0 * now
        slant = (height + 50.0 * age) / (cosine + 0.1 * age)
        reading = falling(
            elapsed_s=np.full(ROWS, now),
            height_m=np.full(ROWS, height + 50.0),
            est_height_m=np.full(ROWS, slant * cosine - 50.0 * age),
        )
        estimate, memory = nav.update(ranged(reading, slant, age), memory, ALL & (k == 0))
    assert estimate.height_m == pytest.approx(height, abs=5.0)


def test_camera_and_velocimeter_correct_position_and_drift():
    place = believed(falling(cam_x_m=300.0, cam_y_m=-200.0, cam_z_m=1000.0, cam_new=True))
    assert place.x_m == pytest.approx(300.0, rel=0.01)
    assert place.y_m == pytest.approx(-200.0, rel=0.01)
    assert np.all(place.horizontal_sigma_m < 11.0)
    assert not place.seen.any()  # a map is no sight of the ground
    aids = {"dvl_v_x_m_s": 1.0, "dvl_v_z_m_s": -50.0, "dvl_new": True}
    drift = believed(falling(**aids))
    # Three beams canted by 0.4 rad: 2/3 of the variance of one, over the square of the sine.
    noise = (0.3**2 + (0.01 * 50.0) ** 2) / (1.5 * math.sin(0.4) ** 2)
    assert drift.v_x_m_s == pytest.approx(0.25 / (0.25 + noise), rel=1e-6)
    assert np.all(drift.v_lateral_sigma_m_s < 0.5)
    assert np.all(drift.v_z_sigma_m_s < 0.3)


def test_radar_weight_is_limited_by_its_scale_error():
    seen = believed(falling(ralt_range_m=960.0, ralt_new=True))
    assert np.all((seen.height_m < 1000.0) & (seen.height_m > 960.0))
    assert seen.seen.all()
    # The scale error of 4 % of 960 m is in every sample: together they weigh no more than one
    # without noise, against 5 m and the relief of 1.5 m over 100 m to the place at 200 m.
    known = 5.0**2 + (1.5 * 2.0**0.76) ** 2
    least = 1000.0 - 39.5 * known / (known + (0.04 * 960.0) ** 2)
    sure = falling(ralt_range_m=960.0, ralt_new=True, height_sigma_m=np.full(ROWS, 5.0))
    memory, starts = None, ALL
    for _ in range(100):
        estimate, memory = KalmanFilter().update(sure, memory, starts)
        starts = ~ALL
    assert np.all(estimate.height_m > least)
    assert np.all(estimate.height_m < 999.5)


def test_relief_increases_the_uncertainty_of_map_heights():
    """The same camera, steeper ground: its altitude says less of the height over the ground."""
    reading = falling(cam_x_m=800.0, cam_z_m=1100.0, cam_new=True)
    level = believed(reading._replace(sheet=sheet_of(ROWS, ground_relief_m=0.0)))
    steep = believed(reading._replace(sheet=sheet_of(ROWS, ground_relief_m=20.0)))
    assert np.all(level.height_sigma_m < 0.5 * steep.height_sigma_m)


@pytest.mark.parametrize("distance", [20.0, 300.0, 1000.0, 4000.0])
def test_relief_over_a_distance_is_that_of_the_generated_ground(distance):
    memory = np.zeros((1, MEMORY))
    memory[0, SHEET:] = sheet_of(1, ground_relief_m=5.6, ground_hurst=0.95).rows()[0]
    slope = math.degrees(math.atan(5.6 / 100.0))
    ground = Relief(slope, 100.0, 0.95, 1000.0, 0.3)
    sigma = math.sqrt(relief(memory, 0, distance, KalmanGains()))
    assert sigma == pytest.approx(float(deviation(ground, np.array(distance))), rel=0.01)


def test_a_bias_of_the_stamps_is_an_error_that_is_known_to_grow_with_speed():
    """Ranges at 50 m/s with stamps off by 0.05 s: 2.5 m that no number of them averages out."""
    told = {"lrf_stamp_sigma_s": 0.05, "lrf_bias_sigma_m": 0.3, "ground_relief_m": 0.0}
    reading = ranged(falling(), 990.0)._replace(sheet=sheet_of(ROWS, **told))
    memory, starts = None, ALL
    for _ in range(200):
        estimate, memory = KalmanFilter().update(reading, memory, starts)
        starts = ~ALL
    constant = 2.5**2 + 0.3**2 + (990.0 * 1e-4) ** 2
    sigma = math.sqrt(constant * 50.0**2 / (constant + 50.0**2))
    assert estimate.height_sigma_m == pytest.approx(sigma, rel=0.01)


@pytest.mark.parametrize("distance", [10.0, 20.0, 60.0, 200.0, 600.0, 2000.0])
def test_the_slope_of_the_ground_has_the_relief_over_every_distance(distance):
    """Two processes whose variances are set at 20 and 200 m: within a third from 10 m to 2 km."""
    m, gains = ground_memory(), KalmanGains()
    lengths = (gains.slope_short_m, gains.slope_long_m)
    rise = sum(m[0, SLOPE_SIGMA + k] ** 2 * rise2(distance, lengths[k]) for k in range(2))
    exact = distance in lengths
    tolerance = 1e-9 if exact else 0.35
    assert rise == pytest.approx(relief(m, 0, distance, gains), rel=tolerance)


def test_ground_of_a_walking_slope_rises_as_its_closed_form():
    """Mean square over 20,000 walks of a first-order process with a length of 20 m, over 60 m."""
    rng, kept = np.random.default_rng(3), math.exp(-0.5 / 20.0)
    slope, rise = rng.standard_normal(20_000), np.zeros(20_000)
    for _ in range(120):
        rise += 0.5 * slope
        slope = kept * slope + math.sqrt(1.0 - kept * kept) * rng.standard_normal(20_000)
    assert np.mean(rise**2) == pytest.approx(rise2(60.0, 20.0), rel=0.05)


def test_a_tilted_lander_knows_less_of_the_ground_below_it():
    """Range 1,000 m at 30 degrees: the ground 500 m away differs by its relief over that."""
    half = math.radians(15.0)
    level = falling(sheet=sheet_of(ROWS))
    tilted = level._replace(q_w=np.full(ROWS, math.cos(half)), q_y=np.full(ROWS, math.sin(half)))
    upright = believed(ranged(level, 1000.0)).height_sigma_m[0]
    told = believed(ranged(tilted, 1000.0 / math.cos(2.0 * half))).height_sigma_m[0]
    away = 1000.0 * math.tan(2.0 * half)
    expected = relief(ground_memory(), 0, away, KalmanGains())
    assert told**2 - upright**2 == pytest.approx(expected, rel=0.2)


FALSE = {  # samples, and a slant range [m]
    "range": ({}, 3000.0),
    "radar": ({"ralt_range_m": 3000.0, "ralt_new": True}, None),
    "fix": ({"cam_x_m": 5000.0, "cam_y_m": 5000.0, "cam_z_m": 3000.0, "cam_new": True}, None),
}


@pytest.mark.parametrize("sensor", FALSE)
def test_a_rejected_first_sample_leaves_the_lander_to_dead_reckoning(sensor):
    """2,000 m off at a sigma of 50; then dead reckoning tells 120 m, and 300 m to the side."""
    nil, (sample, slant) = np.zeros(ROWS), FALSE[sensor]
    false = falling(sheet=sheet_of(ROWS), **sample)
    first, memory = KalmanFilter().update(ranged(false, slant) if slant else false, None, ALL)
    assert not first.seen.any()
    assert first.height_m == pytest.approx(1000.0)
    worse = {"height_sigma_m": nil + 120.0, "horizontal_sigma_m": nil + 300.0}
    told, _ = KalmanFilter().update(
        falling(elapsed_s=nil + 1.0, v_z_sigma_m_s=nil + 0.7, **worse), memory, ~ALL
    )
    ground = relief(ground_memory(), 0, 300.0, KalmanGains())
    assert told.height_sigma_m == pytest.approx(math.sqrt(120.0**2 + ground), rel=1e-9)
    assert told.v_z_sigma_m_s == pytest.approx(0.7, rel=1e-9)
    assert told.horizontal_sigma_m == pytest.approx(300.0, rel=1e-9)
    assert not told.seen.any()


def test_the_ground_joins_the_error_of_the_map_without_changing_other_covariances():
    """Of the map's error in metres: that with the height falls by the ground, others stay."""
    m = ground_memory()
    m[0, SHEET + SHEET_ROW["cam_bias_height_sigma_m"]] = 6.0
    m[0, ON_MAP : ON_MAP + 3] = -3.0, 0.2, 0.01
    see_ground(table_of(falling()), m, 0, KalmanGains())
    ground = relief(m, 0, 200.0, KalmanGains())
    assert m[0, MAP_SIGMA] == pytest.approx(math.sqrt(6.0**2 + ground))
    in_metres = m[0, MAP_SIGMA] * m[0, ON_MAP : ON_MAP + 3]
    assert in_metres == pytest.approx([6.0 * -3.0 - ground, 6.0 * 0.2, 6.0 * 0.01])


def test_on_a_hillside_the_place_is_part_of_the_height():
    """A rise of 0.27 and 200 m of horizontal sigma: 54 m, until a range has been used."""
    steep = sheet_of(ROWS, ground_slope_north_frac=0.27, ground_slope_reach_m=300.0)
    ground = relief(ground_memory(), 0, 200.0, KalmanGains())
    variance = 50.0**2 + ground + (0.27 * 200.0) ** 2
    told = believed(falling(sheet=steep))
    assert told.height_sigma_m == pytest.approx(math.sqrt(variance), rel=1e-9)
    seen = believed(ranged(falling(sheet=steep), 990.0))
    assert seen.innovation_sigma_m == pytest.approx(math.sqrt(variance), rel=1e-3)
    assert np.all(seen.height_sigma_m < 2.0)


def test_a_velocimeter_without_noise_has_the_error_of_the_attitude():
    """0.01 rad at 100 m/s is 1 m/s, against 0.3 m/s that was known."""
    nil = np.zeros(ROWS)
    reading = falling(dvl_v_x_m_s=100.0, dvl_v_z_m_s=-50.0, dvl_new=True)._replace(
        v_x_m_s=nil + 100.0,
        attitude_sigma_rad=nil + 0.01,
        sheet=sheet_of(ROWS, **(NONE | {"dvl_cant_rad": 0.4})),
    )
    told = believed(reading)
    assert told.v_z_sigma_m_s == pytest.approx(0.3 / math.sqrt(1.0 + 0.3**2), rel=1e-3)


def test_a_camera_without_noise_says_little_of_the_ground_far_from_its_map():
    """The ground 1,000 m from the target differs by 8 m, a range knows it to half a metre."""
    nil, sheet = np.zeros(ROWS), sheet_of(ROWS, **NONE)
    reading = falling(sheet=sheet)._replace(x_m=nil + 1000.0)
    before, memory = KalmanFilter().update(ranged(reading, 990.0), None, ALL)
    fix = falling(cam_x_m=1000.0, cam_z_m=990.0, cam_new=True, sheet=sheet)
    after, _ = KalmanFilter().update(fix._replace(x_m=nil + 1000.0), memory, ~ALL)
    assert np.all(before.height_sigma_m < 0.7)
    assert after.height_sigma_m == pytest.approx(before.height_sigma_m, rel=0.02)
