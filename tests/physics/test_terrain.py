"""The map and the relief under it, against closed forms."""

import math

import numpy as np
import pytest

from lunar_env.physics.relief import FADE_FROM, FADE_TO, elevation, patch
from lunar_env.physics.rows import BAND_EAST, BAND_NORTH, BAND_TURN, DATUM, Lander
from lunar_env.physics.site import ground_normal, map_position, vertical
from lunar_env.physics.terrain import max_slope
from lunar_env.terrain import Crater, Hillside, build
from lunar_env.terrain.build import CELLS_M
from tests.terrain.grounds import (
    FLAT,
    HIGHLAND,
    MARE,
    RADIUS,
    RIM,
    ROW,
    SITE,
    above_map,
    elevations,
    rows,
)


@pytest.mark.parametrize("arc", [0.0, 1.0, 3e4, 34.7e3, 34.8e3, 1e5, 7.5e5, 2.5e6, 5.4e6])
@pytest.mark.parametrize("altitude", [0.0, 30.0, 2e4])
def test_a_place_on_the_map_is_arc_bearing_and_altitude(arc, altitude):
    east, north = arc * math.sin(0.7), arc * math.cos(0.7)
    place = map_position(above_map(east, north, altitude), SITE)
    np.testing.assert_allclose(place, (east, north, altitude), rtol=1e-12, atol=3e-9 + 1e-14 * arc)


def test_the_vertical_points_away_from_the_centre():
    up = vertical(above_map(5e5, -3e5, 1e4), SITE)
    angle = math.hypot(5e5, 3e5) / RADIUS
    assert math.acos(up.z) == pytest.approx(angle, rel=1e-12)
    assert up.x / up.y == pytest.approx(-5.0 / 3.0)


@pytest.mark.parametrize("place", [(0.0, 0.0), (20.0, -5.0), (2e4, 1e4), (6e5, -4.5e5)])
@pytest.mark.parametrize("slopes", [(0.0, 0.0), (0.3, -0.2), (-0.05, 0.4)])
def test_a_normal_is_at_right_angles_to_the_ground(place, slopes):
    """Differences of points on the ground whose elevation is linear on the map."""

    def on_ground(east, north):
        rise = slopes[0] * (east - place[0]) + slopes[1] * (north - place[1])
        return np.array(above_map(east, north, rise))

    step = 1.0
    along = on_ground(place[0] + step, place[1]) - on_ground(place[0] - step, place[1])
    across = on_ground(place[0], place[1] + step) - on_ground(place[0], place[1] - step)
    normal = np.array(ground_normal(above_map(*place, 0.0), *slopes, SITE))
    expected = np.cross(along, across)
    np.testing.assert_allclose(normal, expected / np.linalg.norm(expected), atol=2e-7)


@pytest.mark.parametrize("first", [0, 2**62])
def test_the_target_is_at_elevation_zero_in_every_episode(first):
    ground = build(MARE, RIM)
    memory = rows(ground, 500, first)
    here = elevations(*ground, memory, np.zeros(500), np.zeros(500), 0.0)
    assert not here.any()
    assert np.ptp(memory[:, DATUM]) > 10.0


def test_the_ground_depends_on_the_episode_key():
    ground = build(MARE)
    memory = rows(ground, 50)
    there = [elevation(Lander(memory, *ground, np.int64(i)), 100.0, 50.0, 0.0) for i in range(50)]
    assert len(set(there)) == 50
    assert there == [
        elevation(Lander(rows(ground, first=i), *ground, ROW), 100.0, 50.0, 0.0) for i in range(50)
    ]


def test_orientations_and_shifts_of_bands_are_uniform():
    ground = build(MARE)
    memory = rows(ground, 4000)
    for band, cell in enumerate(CELLS_M):
        turns = np.bincount(memory[:, BAND_TURN + band].astype(int), minlength=8)
        assert turns.size == 8
        assert np.abs(turns - 500).max() < 5 * math.sqrt(500)
        for shift in (memory[:, BAND_EAST + band], memory[:, BAND_NORTH + band]):
            assert shift.min() >= 0.0
            assert shift.max() < 256 * cell
            assert shift.mean() == pytest.approx(128 * cell, rel=0.03)


@pytest.mark.parametrize("turn", range(8))
def test_a_band_is_its_tile_shifted_turned_and_interpolated(turn):
    ground = build(MARE)
    memory = rows(ground)
    tiles = np.zeros_like(ground[0])
    tiles[1] = ground[0][1]
    memory[0, BAND_EAST + 1], memory[0, BAND_NORTH + 1] = 40.0, -1200.0
    memory[0, BAND_TURN + 1] = turn
    memory[0, DATUM] = 0.5
    u, v = (130.0 + 40.0) / 4.0, (77.0 - 1200.0) / 4.0
    u, v = (v, u) if turn & 1 else (u, v)
    u, v = (-u if turn & 2 else u), (-v if turn & 4 else v)
    column, row = math.floor(u), math.floor(v)
    corners = [float(tiles[1, (row + j) % 256, (column + i) % 256]) for j in (0, 1) for i in (0, 1)]
    a, b = u - column, v - row
    weights = [(1 - a) * (1 - b), a * (1 - b), (1 - a) * b, a * b]
    expected = sum(w * z for w, z in zip(weights, corners, strict=True)) - 0.5
    found = elevation(Lander(memory, tiles, ground[1], ROW), 130.0, 77.0, 0.0)
    assert found == pytest.approx(expected, abs=1e-6)


def test_slopes_agree_with_differences_of_elevation_and_their_bound():
    ground = build(HIGHLAND, RIM)
    memory = rows(ground, 64)
    rng = np.random.default_rng(1)
    places = rng.uniform(-3000.0, 3000.0, (3000, 2))
    step, worst = 1e-4, 0.0
    for k, (east, north) in enumerate(places):
        i = np.int64(k % 64)
        p = patch(Lander(memory, *ground, i), east, north, 0.0)
        assert p.elevation == elevation(Lander(memory, *ground, i), east, north, 0.0)
        cell = 0.25
        corner = [
            ((x + memory[i, j]) / cell) % 1.0 for x, j in ((east, BAND_EAST), (north, BAND_NORTH))
        ]
        if min(corner) > 0.01 and max(corner) < 0.99:
            rise = [
                elevation(Lander(memory, *ground, i), east + x, north + y, 0.0) - p.elevation
                for x, y in ((step, 0.0), (0.0, step))
            ]
            np.testing.assert_allclose(
                (p.slope_east, p.slope_north), np.divide(rise, step), atol=2e-4
            )
        worst = max(worst, math.hypot(p.slope_east, p.slope_north))
    assert worst < max_slope(Lander(memory, *ground, ROW))
    assert worst > 0.5  # the bound is not idle: there are steep places


def test_elevation_is_continuous_in_the_footprint():
    """Between two footprints it moves by less than their difference, about a tenth of it."""
    ground = build(HIGHLAND)
    memory = rows(ground, 20)
    footprints = np.geomspace(0.01, 1e5, 4000)
    for i in range(20):
        seen = [
            elevation(Lander(memory, *ground, np.int64(i)), 300.0, -70.0, f) for f in footprints
        ]
        change = np.abs(np.diff(seen)) / np.diff(footprints)
        assert change.max() < 0.3
    # All in, and all out but the datum.
    assert seen[0] == elevation(Lander(memory, *ground, np.int64(19)), 300.0, -70.0, 0.0)
    assert seen[-1] == -memory[19, DATUM]


@pytest.mark.parametrize("band", range(4))
def test_a_footprint_filters_out_smaller_features(band):
    ground = build(MARE)
    memory = rows(ground)
    without = (ground[0].copy(), ground[1])
    without[0][: band + 1] = 0.0
    cell = CELLS_M[band]
    here, at = Lander(memory, *ground, ROW), (900.0, 400.0)
    beyond = Lander(memory, *without, ROW)
    out = elevation(here, *at, FADE_TO * cell)
    assert out == pytest.approx(elevation(beyond, *at, FADE_TO * cell), abs=1e-9)
    whole = elevation(here, *at, FADE_FROM * cell)
    assert abs(whole - elevation(beyond, *at, FADE_FROM * cell)) > 1e-4


@pytest.mark.parametrize("degradation", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("floor", [0.0, 0.7])
def test_a_crater_has_its_depth_rim_and_diameter(degradation, floor):
    crater = Crater(5e3, -2e3, 3000.0, 600.0, 110.0, degradation, floor)
    tiles, terrain = FLAT[0], build(MARE, (crater,))[1]
    memory = rows(FLAT)
    x = np.linspace(0.0, 4.5 * 1500.0, 3001)
    z = elevations(tiles, terrain, memory, 5e3 + 0.6 * x, -2e3 + 0.8 * x, 0.0)
    assert x[np.argmax(z)] == pytest.approx(1500.0, abs=3.0)
    assert z.max() == pytest.approx(110.0, rel=0.01)
    assert z.max() - z.min() == pytest.approx(600.0, rel=0.01)
    assert np.ptp(z[x < floor * 1500.0]) == 0.0 if floor else z[0] == z.min()
    assert z[-1] == 0.0
    assert np.abs(np.diff(z)).max() < 0.01 * 600.0  # no step anywhere
    assert np.abs(np.gradient(z, x)).max() < crater.steepest


@pytest.mark.parametrize("azimuth", [0.0, 77.0, 250.0])
def test_a_hillside_rises_towards_its_azimuth_and_levels_out(azimuth):
    hill = Hillside(100.0, 200.0, 12.0, azimuth, 500.0)
    tiles, terrain = FLAT[0], build(MARE, (hill,))[1]
    memory = rows(FLAT)
    p = patch(Lander(memory, tiles, terrain, ROW), 100.0, 200.0, 0.0)
    assert math.degrees(math.atan2(p.slope_east, p.slope_north)) % 360.0 == pytest.approx(azimuth)
    rise = math.tan(math.radians(12.0))
    assert math.hypot(p.slope_east, p.slope_north) == pytest.approx(rise)
    assert hill.steepest == pytest.approx(rise)
    a = math.radians(azimuth)
    far = elevation(
        Lander(memory, tiles, terrain, ROW),
        100.0 + 9e3 * math.sin(a),
        200.0 + 9e3 * math.cos(a),
        0.0,
    )
    assert far - p.elevation == pytest.approx(rise * 500.0)
