"""Terrains and features of missions: files, rules, and the ground that they make."""

import hashlib
import tomllib

import numpy as np
import pytest

from lunar_env.data import DATA_DIR
from lunar_env.errors import ConfigError
from lunar_env.specs.loader import load_terrain
from lunar_env.specs.quantity import CONFIDENCES
from lunar_env.specs.terrain import FeatureSpec, TerrainSpec, make_ground
from lunar_env.terrain import Crater, Hillside, build

NAMES = ("flat", "highland", "mare", "mare-chosen", "polar")
CRATER = {
    "kind": "crater",
    "east_m": 1000.0,
    "north_m": -500.0,
    "diameter_m": 1000.0,
    "depth_m": 80.0,
    "rim_height_m": 10.0,
}
HILLSIDE = {
    "kind": "hillside",
    "east_m": 0.0,
    "north_m": 0.0,
    "slope_deg": 12.0,
    "azimuth_deg": 200.0,
    "half_length_m": 500.0,
}


def test_the_package_has_its_terrains():
    assert {path.stem for path in (DATA_DIR / "terrains").glob("*.toml")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_terrains_round_trip_through_toml(name):
    spec = load_terrain(name)
    assert spec.name == name
    again = TerrainSpec.from_table(tomllib.loads(spec.to_toml()))
    assert again == spec
    assert again.digest == spec.digest
    assert again.relief.provenance == spec.relief.provenance


@pytest.mark.parametrize("name", NAMES)
def test_every_number_of_a_terrain_has_a_source(name):
    spec = load_terrain(name)
    sources = tomllib.loads((DATA_DIR / "sources.toml").read_text(encoding="utf-8"))
    for table in (spec, spec.relief, spec.craters, spec.rocks):
        for key, quantity in table.provenance.items():
            assert quantity.source in sources, key
            assert quantity.confidence in CONFIDENCES, key


def test_flat_terrain_is_flat():
    tiles, _ = make_ground(load_terrain("flat"), (), 0.0, 0.0)
    assert not tiles.any()


def test_highlands_are_rougher_than_a_chosen_polar_site_and_that_than_a_mare():
    slopes = [load_terrain(name).relief.rms_slope_deg for name in ("mare", "polar", "highland")]
    assert slopes == sorted(slopes)


def test_features_become_landforms():
    crater, hillside = FeatureSpec(**CRATER), FeatureSpec(**HILLSIDE)
    assert crater.landform == Crater(1000.0, -500.0, 1000.0, 80.0, 10.0, 0.0, 0.0)
    assert hillside.landform == Hillside(0.0, 0.0, 12.0, 200.0, 500.0)
    worn = FeatureSpec(**CRATER, degradation_frac=0.7, floor_frac=0.4)
    assert worn.landform == Crater(1000.0, -500.0, 1000.0, 80.0, 10.0, 0.7, 0.4)
    assert FeatureSpec.from_table(tomllib.loads(worn.to_toml())) == worn


def test_the_ground_of_a_mission_is_that_of_its_terrain_and_features():
    mare = load_terrain("mare")
    features = (FeatureSpec(**CRATER), FeatureSpec(**HILLSIDE))
    tiles, header = make_ground(mare, features, -85.0, 31.0)
    expected = build(mare.parameters, tuple(feature.landform for feature in features))
    assert tiles is expected[0]
    np.testing.assert_array_equal(header, expected[1])


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({**CRATER, "slope_deg": 3.0}, "a crater has no slope_deg"),
        ({**HILLSIDE, "diameter_m": 3.0}, "a hillside has no diameter_m"),
        ({k: v for k, v in CRATER.items() if k != "depth_m"}, "a crater needs depth_m"),
        ({k: v for k, v in HILLSIDE.items() if k != "azimuth_deg"}, "a hillside needs azimuth"),
        ({**CRATER, "kind": "valley"}, "must be one of crater, hillside"),
        ({**CRATER, "floor_frac": 1.0}, "floor_frac"),
        ({**HILLSIDE, "slope_deg": 50.0}, "slope_deg"),
    ],
)
def test_features_have_the_keys_of_their_kind(table, message):
    with pytest.raises(ConfigError, match=message):
        FeatureSpec(**table)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"relief": {"hurst_beyond": 0.8}}, "hurst_beyond = 0.8 must not exceed hurst = 0.76"),
        ({"relief": {"hurst": 1.0}}, "hurst"),
        ({"craters": {"depth_low_frac": 0.2}}, "depth_low_frac = 0.2 must not exceed"),
        ({"rocks": {"scale_m": 0.0}}, "scale_m"),
        ({"seed": -1}, "seed"),
        ({"dem": {"file": "a.tif", "sha256": "12", "cell_m": 20.0, "cells": 256}}, "sha256"),
        ({"dem": {"file": "a.tif", "sha256": "0" * 64, "cell_m": 20.0, "cells": 300}}, "cells"),
    ],
)
def test_inconsistent_numbers_of_a_terrain_are_rejected(change, message):
    with pytest.raises(ConfigError, match=message):
        load_terrain("mare").replace(**change)


def test_an_unknown_terrain_suggests_the_nearest():
    with pytest.raises(ConfigError, match="unknown terrain 'mares'; did you mean 'mare'"):
        load_terrain("mares")


def test_a_derived_terrain_may_have_its_own_elevation_model(tmp_path):
    grid = tmp_path / "maps" / "site.asc"
    grid.parent.mkdir()
    head = "ncols 64\nnrows 64\nxllcorner -4096\nyllcorner -4096\ncellsize 128\nNODATA_value -1\n"
    z = np.add.outer(np.linspace(64.0, 0.0, 64), np.zeros(64))
    grid.write_text(head + "\n".join(" ".join(map(str, row)) for row in z), encoding="ascii")
    sha256 = hashlib.sha256(grid.read_bytes()).hexdigest()
    path = tmp_path / "site.toml"
    path.write_text(
        'base = "polar"\nname = "site"\ntitle = "Site"\n'
        f'[dem]\nfile = "maps/site.asc"\nsha256 = "{sha256}"\ncell_m = 20.0\ncells = 256\n',
        encoding="utf-8",
    )
    spec = load_terrain(path)
    assert spec.relief == load_terrain("polar").relief
    assert spec.dem is not None
    assert spec.dem.file == str(grid)
    tiles, _ = make_ground(spec, (), -85.0, 31.0)
    # It rises toward the north by 64 m in 63 rows of 128 m.
    rise = (float(tiles[3, 30, 0]) - float(tiles[3, -30, 0])) / (60.0 * 20.0)
    assert rise == pytest.approx(64.0 / (63.0 * 128.0), rel=1e-4)
