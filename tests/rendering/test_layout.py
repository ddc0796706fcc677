"""The zoom of the view and the altitude scale."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunar_env.rendering.camera import View, aim, view_height_m
from lunar_env.rendering.layout import (
    HEIGHT_KNEE_M,
    HEIGHT_TOPS_M,
    Layout,
    layout,
    scale_top,
    scale_y,
)
from lunar_env.rendering.numbers import length, number
from tests.rendering.snapshots import BLIND, Waves

HEIGHTS = st.floats(0.0, 1e6)


def height_y(height_m: float, top_m: float, place: Layout) -> float:
    return scale_y(height_m, top_m, HEIGHT_KNEE_M, place)


@given(HEIGHTS, HEIGHTS, st.floats(0.5, 10.0))
def test_the_view_widens_with_height_and_contains_the_lander(
    a: float, b: float, size: float
) -> None:
    low, high = sorted((a, b))
    assert view_height_m(low, size) <= view_height_m(high, size) * (1.0 + 1e-12)
    assert view_height_m(high, size) >= high / 0.821
    assert 4.0 * size < view_height_m(0.0, size) < 7.0 * size


def test_view_zooms_smoothly() -> None:
    heights = [0.01 * 1.01**i for i in range(1300)]
    views = [view_height_m(height, 2.3) for height in heights]
    steps = [after / before for before, after in itertools.pairwise(views)]
    assert max(steps) < 1.0101
    assert min(steps) >= 1.0


def test_the_lander_moves_down_in_the_picture_as_it_descends() -> None:
    place = layout(800, 544)
    heights = (3000.0, 1000.0, 300.0, 100.0, 20.0, 5.0, 0.0)
    level = BLIND._replace(x_m=0.0, elevation_m=0.0, ground=None)
    ys = [aim(level._replace(height_m=h), place, View()).at(0.0, h)[1] for h in heights]
    assert ys == sorted(ys)
    assert 60.0 < ys[0] < 150.0
    assert ys[-1] == place.ground_y


@given(st.floats(-1e7, 1e7), st.floats(-1e7, 1e7))
def test_altitude_scale_is_monotone_and_stays_in_the_picture(a: float, b: float) -> None:
    place = layout(800, 544)
    low, high = sorted((a, b))
    y_low, y_high = height_y(low, 5e3, place), height_y(high, 5e3, place)
    assert y_high <= y_low
    assert y_high > 0.0
    assert y_low < place.height


def test_altitude_scale_reads_both_3_km_and_20_m() -> None:
    place = layout(800, 544)
    assert height_y(0.0, 5e3, place) == place.ground_y
    assert height_y(5e3, 5e3, place) == pytest.approx(place.tape_top)
    assert height_y(10.0, 5e3, place) - height_y(20.0, 5e3, place) > 20.0
    assert height_y(2000.0, 5e3, place) - height_y(3000.0, 5e3, place) > 20.0


def test_altitude_scale_grows_with_the_flight() -> None:
    assert [scale_top(h, HEIGHT_TOPS_M) for h in (0.0, 5e3, 5.1e3, 3e4, 1e9)] == [
        5e3,
        5e3,
        2e4,
        5e4,
        1e7,
    ]


def test_the_ground_line_is_the_profile_seen_from_the_lander() -> None:
    place = layout(800, 544)
    seen = BLIND._replace(x_m=50.0, height_m=100.0, elevation_m=5.0, ground=Waves(0.1))
    camera = aim(seen, place, View())
    for x_m, elevation in ((50.0, 5.0), (100.0, 10.0), (-130.0, -13.0)):
        x, y = camera.at(x_m, elevation - 5.0)
        assert camera.ground_at(x) == pytest.approx(y)
    assert camera.ground_at(camera.at(50.0, 0.0)[0]) == pytest.approx(place.ground_y)


def test_without_a_profile_the_ground_is_level() -> None:
    place = layout(800, 544)
    camera = aim(BLIND._replace(ground=None), place, View())
    assert {camera.ground_at(x) for x in (0.0, 300.0, 800.0)} == {float(place.ground_y)}


@pytest.mark.parametrize("angle", [-1.2, -0.4, 0.0, 0.3, 1.2])
def test_a_ray_ends_at_its_first_intersection_with_the_ground(angle: float) -> None:
    place = layout(800, 544)
    hills = Waves(0.0, 30.0, 5.0)
    seen = BLIND._replace(x_m=0.0, y_m=0.0, height_m=120.0, elevation_m=0.0, ground=hills)
    camera = aim(seen, place, View())
    start, (ux, uy) = camera.at(0.0, 120.0), (math.sin(angle), math.cos(angle))
    reach = camera.reach(start, ux, uy)
    x, y = start[0] + reach * ux, start[1] + reach * uy
    assert y == pytest.approx(camera.ground_at(x), abs=1e-6)
    for share in np.linspace(0.0, 0.999, 400):
        x, y = start[0] + share * reach * ux, start[1] + share * reach * uy
        assert y < camera.ground_at(x) + 1e-6


def test_a_ray_upwards_or_from_below_has_no_intersection() -> None:
    camera = aim(BLIND._replace(ground=None), layout(800, 544), View())
    assert camera.reach((300.0, 100.0), 0.0, -1.0) == math.inf
    assert camera.reach((300.0, 540.0), 0.0, 1.0) < 0.0


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0.0, 1, "0.0"),
        (-0.04, 1, "0.0"),
        (-94.62, 1, "\u221294.6"),
        (999.94, 1, "999.9"),
        (999.96, 1, "1000"),
        (2410.3, 1, "2410"),
        (0.214, 2, "0.21"),
        (1e9, 1, "1.0e+09"),
        (math.nan, 1, "\u2014"),
        (-math.inf, 1, "\u2014"),
    ],
)
def test_numbers_are_short_and_signed(value: float, decimals: int, text: str) -> None:
    assert number(value, decimals) == text


@pytest.mark.parametrize(
    ("metres", "text"),
    [
        (18.24, "18.2 m"),
        (9_999.0, "9999 m"),
        (9_999.6, "10.0 km"),
        (-21_400.0, "\u221221.4 km"),
        (412_345.0, "412.3 km"),
        (math.nan, "\u2014 m"),
    ],
)
def test_lengths_are_kilometres_where_metres_are_too_many(metres: float, text: str) -> None:
    assert length(metres) == text


def test_small_pictures_leave_out_what_has_no_room() -> None:
    assert layout(1280, 800).has_panel
    assert layout(1280, 800).speed_right > 0
    assert not layout(500, 400).has_panel
    assert layout(500, 400).speed_right > 0
    assert layout(320, 240).speed_right == 0


def test_the_ground_camera_does_not_zoom() -> None:
    place, view = layout(800, 544), View("ground")
    scales = {aim(BLIND._replace(height_m=h), place, view).scale for h in (1.0, 50.0, 2000.0)}
    assert len(scales) == 1
