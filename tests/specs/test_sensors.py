"""The specs of the sensors beside the rangefinder: what they refuse, and how missions name them."""

import math

import pytest

from lunar_env.errors import ConfigError
from lunar_env.specs import list_missions, load_mission
from lunar_env.specs.pack_rangefinder import pack_rangefinder

SLIM = load_mission("slim")
CARRIED = {
    "apex-1": ("ndl", None, "slanted-map"),
    "apollo-11": ("apollo-radar", "apollo-radar", None),
    "blue-ghost-m1": (None, None, "slanted-map"),
    "chandrayaan-3": ("laser-doppler", "ka-band", "crater-map"),
    "change-5": ("laser-doppler", "ka-band", None),
    "gaudet-altimeter-1km": ("gaudet-altimeter", None, None),
    "hakuto-r-m1": (None, None, None),
    "hakuto-r-m2": (None, None, None),
    "im-1": ("ndl", None, "nova-c-optical"),
    "im-2": (None, None, "nova-c-optical-2"),
    "peregrine-1": ("ndl", None, "slanted-map"),
    "slim": ("slim-radar", "slim-pulse", "slim-camera"),
}
MINE = """
base = "hakuto-r-m2"
name = "mine"
title = "Mine"
"""


def test_missions_carry_their_sensors():
    assert set(CARRIED) == set(list_missions())
    for name, carried in CARRIED.items():
        mission = load_mission(name)
        sensors = mission.velocimeter, mission.radar, mission.camera
        assert tuple(s and s.name for s in sensors) == carried, name
        assert mission.sun_elevation_deg is not None


def test_the_sun_was_high_enough_for_the_camera_of_blue_ghost_but_not_of_im_2():
    ghost, athena = load_mission("blue-ghost-m1"), load_mission("im-2")
    needed = ghost.camera.sun_elevation_min_deg
    assert athena.sun_elevation_deg < needed <= ghost.sun_elevation_deg
    assert athena.sun_elevation_deg >= athena.camera.sun_elevation_min_deg  # made for it


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"velocimeter": {"rate_Hz": 30.0}}, r"velocimeter\.rate_Hz = 30.*<= 20"),
        ({"velocimeter": {"cant_deg": 0.0}}, r"velocimeter\.cant_deg = 0"),
        ({"velocimeter": {"noize_m_s": 0.1}}, r"noize_m_s.*noise_m_s"),
        ({"velocimeter": {"range_max_m": 5.0}}, r"range_min_m = 10 must be below range_max_m = 5"),
        ({"radar": {"latency_s": 0.5}}, r"more than 4 samples in flight at rate_Hz = 10"),
        ({"radar": {"range_min_m": 4e3}}, r"range_min_m = 4000 must be below range_max_m = 3500"),
        ({"radar": {"mount_offset_m": 2.0}}, r"radar\.mount_offset_m = 2 puts the sensor below"),
        ({"camera": {"height_min_m": 3e4}}, r"height_min_m = 30000 must be below"),
        ({"camera": {"dropout_frac": 1.5}}, r"camera\.dropout_frac = 1\.5"),
        ({"sun_elevation_deg": 100.0}, r"sun_elevation_deg = 100.*<= 90"),
        ({"vehicle": {"gauges": {"engine_switch_frac": 2.0}}}, r"must stay in \[0, 1\]"),
    ],
)
def test_invalid_sensors_are_rejected(changes, message):
    with pytest.raises(ConfigError, match=message):
        SLIM.replace(**changes)


def test_a_camera_needs_its_lighting_limits():
    table = SLIM.to_table()
    del table["sun_elevation_deg"]
    with pytest.raises(ConfigError, match="sun_elevation_deg: is missing"):
        type(SLIM).from_table(table)


def test_a_mission_names_its_sensors(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(f'{MINE}velocimeter = "ndl"\nradar = "slim-pulse"\ncamera = "slanted-map"\n')
    mission = load_mission(path)
    assert mission.radar == SLIM.radar
    assert mission.camera == load_mission("peregrine-1").camera
    assert mission.velocimeter == load_mission("peregrine-1").velocimeter
    assert type(mission).from_table(mission.to_table()) == mission


def test_a_part_of_a_sensor_may_be_changed(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(MINE.replace("hakuto-r-m2", "slim") + "[radar]\nrange_max_m = 5000.0\n")
    assert load_mission(path).radar == SLIM.radar.replace(range_max_m=5000.0)


def test_an_unknown_sensor_suggests_the_nearest(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(MINE + 'radar = "slim-puls"\n')
    with pytest.raises(ConfigError, match=r"unknown radar 'slim-puls'.*slim-pulse"):
        load_mission(path)


@pytest.mark.parametrize(
    ("tilt", "azimuth", "beam"),
    [
        (0.0, 0.0, (0.0, 0.0, -1.0)),
        (30.0, 0.0, (0.5, 0.0, -math.cos(math.radians(30.0)))),
        (30.0, 90.0, (0.0, 0.5, -math.cos(math.radians(30.0)))),
    ],
)
def test_a_mission_sets_the_direction_of_its_rangefinder(tilt, azimuth, beam):
    mounted = {"boresight_tilt_deg": tilt, "boresight_azimuth_deg": azimuth}
    lrf = pack_rangefinder(load_mission("hakuto-r-m1").replace(rangefinder=mounted))
    assert (lrf.beam_x1, lrf.beam_y1, lrf.beam_z1) == pytest.approx(beam, abs=1e-12)
