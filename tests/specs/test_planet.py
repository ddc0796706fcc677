"""The planet as data: the Moon unless a mission says otherwise, and what a file may not say."""

import math

import pytest

from lunar_env.data import constants
from lunar_env.errors import ConfigError
from lunar_env.specs import MissionSpec, PlanetSpec, load_mission
from lunar_env.specs.pack import pack_task

MOON = load_mission("hakuto-r-m2").planet
STUDY = load_mission("gaudet-altimeter-1km")
MINE = """
base = "hakuto-r-m2"
name = "mine"
title = "Mine"
"""


def test_the_moon_of_the_missions_is_that_of_the_constants():
    """To the last bit: what is packed must not change."""
    task = pack_task(load_mission("hakuto-r-m2"), "terminal", "throttle", 200.0)
    assert (task.mu, task.radius) == (constants.GM_MOON, constants.R_MOON)
    assert task.rate == constants.OMEGA_MOON
    assert task.j2 == 1.5 * constants.J2_MOON * constants.GM_MOON * constants.R_GRAVITY**2
    assert MOON.surface_gravity_m_s2 == constants.G_MOON


def test_gravity_in_the_study_is_uniform():
    task = pack_task(STUDY, "approach", "thrust_vector", 200.0)
    assert task.mu / task.radius**2 == pytest.approx(3.7114, rel=1e-12)
    assert (task.j2, task.rate) == (0.0, 0.0)
    phase = STUDY.phases.approach
    highest = 1.5 * phase.height_m.support[1]
    weaker = 1.0 - (task.radius / (task.radius + highest)) ** 2
    sideways = math.sin(2000.0 / task.radius)
    assert weaker < 1e-6
    assert sideways < 1e-6


def test_a_mission_may_name_another_planet_or_change_one(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(MINE + 'planet = "mars-gaudet"\n')
    assert load_mission(path).planet == STUDY.planet
    path.write_text(MINE + '[planet]\nbase = "moon"\nname = "m"\ntitle = "M"\nj2 = 0.0\n')
    still = load_mission(path).planet
    assert (still.j2, still.mu) == (0.0, MOON.mu)
    path.write_text(MINE)
    assert load_mission(path).planet == MOON
    path.write_text(MINE + 'planet = "mars-gaudit"\n')
    with pytest.raises(ConfigError, match=r"'mars-gaudit'; did you mean 'mars-gaudet'"):
        load_mission(path)


def test_the_digest_of_a_mission_depends_on_its_planet():
    other = load_mission("hakuto-r-m2").replace(planet={"j2": 0.0})
    assert other.digest != load_mission("hakuto-r-m2").digest
    assert MissionSpec.from_table(other.to_table()).digest == other.digest


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"gravity_m_s2": 1.6}, "one of gm_m3_s2 and gravity_m_s2, has both"),
        ({"gm_m3_s2": None}, "one of gm_m3_s2 and gravity_m_s2, has neither"),
        ({"gm_m3_s2": -1.0}, r"gm_m3_s2 = -1"),
        ({"radius_m": 0.0}, r"radius_m = 0"),
        ({"j2": 0.2}, r"j2 = 0\.2.*<= 0\.1"),
        ({"rotation_rad_s": 1.0}, r"rotation_rad_s = 1"),
        ({"j3": 0.0}, r"unknown key 'j3'; did you mean 'j2'"),
    ],
)
def test_invalid_planets_are_rejected(changes, message):
    with pytest.raises(ConfigError, match=message):
        PlanetSpec.from_table({**MOON.to_table(), **changes})


def test_the_oblateness_refers_to_the_radius_by_default():
    table = {key: value for key, value in MOON.to_table().items() if key != "j2_radius_m"}
    plain = PlanetSpec.from_table(table)
    assert plain.j2_term == 1.5 * plain.j2 * plain.mu * plain.radius_m**2


def test_maps_of_the_moon_are_rejected_on_another_planet():
    dem = {"file": "x.asc", "sha256": "0" * 64, "cell_m": 4.0, "cells": 256}
    on_the_moon = load_mission("hakuto-r-m2").replace(terrain={"dem": dem})
    with pytest.raises(ConfigError, match=r"planet\.radius_m = 1e\+10 must be 1\.7374e\+06"):
        on_the_moon.replace(planet={"radius_m": 1e10})
