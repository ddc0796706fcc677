"""The zoom of the view and the altitude scale."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunar_env.rendering.layout import (
    aim,
    layout,
    scale_top_m,
    scale_y,
    view_height_m,
)
from lunar_env.rendering.panel import number
from tests.rendering.snapshots import BLIND

HEIGHTS = st.floats(0.0, 1e6)


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
    level = BLIND._replace(x_m=0.0, elevation_m=0.0, ground=())
    ys = [aim(level._replace(height_m=h), place).at(0.0, h)[1] for h in heights]
    assert ys == sorted(ys)
    assert 60.0 < ys[0] < 150.0
    assert ys[-1] == place.ground_y


@given(st.floats(-1e7, 1e7), st.floats(-1e7, 1e7))
def test_altitude_scale_is_monotone_and_stays_in_the_picture(a: float, b: float) -> None:
    place = layout(800, 544)
    low, high = sorted((a, b))
    y_low, y_high = scale_y(low, 5e3, place), scale_y(high, 5e3, place)
    assert y_high <= y_low
    assert y_high > 0.0
    assert y_low < place.height


def test_altitude_scale_reads_both_3_km_and_20_m() -> None:
    place = layout(800, 544)
    assert scale_y(0.0, 5e3, place) == place.ground_y
    assert scale_y(5e3, 5e3, place) == pytest.approx(place.tape_top)
    assert scale_y(10.0, 5e3, place) - scale_y(20.0, 5e3, place) > 20.0
    assert scale_y(2000.0, 5e3, place) - scale_y(3000.0, 5e3, place) > 20.0


def test_altitude_scale_grows_with_the_flight() -> None:
    assert [scale_top_m(h) for h in (0.0, 5e3, 5.1e3, 3e4, 1e9)] == [5e3, 5e3, 2e4, 5e4, 1e7]


def test_the_ground_line_is_the_profile_seen_from_the_lander() -> None:
    place = layout(800, 544)
    profile = tuple((x, 0.1 * x) for x in (-200.0, -100.0, 0.0, 100.0, 200.0))
    seen = BLIND._replace(x_m=50.0, height_m=100.0, elevation_m=5.0, ground=profile)
    camera = aim(seen, place)
    for x_m, elevation in ((50.0, 5.0), (100.0, 10.0), (-130.0, -13.0)):
        x, y = camera.at(x_m, elevation - 5.0)
        assert camera.ground_at(x) == pytest.approx(y)
    assert camera.ground_at(camera.at(50.0, 0.0)[0]) == pytest.approx(place.ground_y)
    beyond, _ = camera.at(1000.0, 0.0)  # level beyond what is known
    assert camera.ground_at(beyond) == camera.at(0.0, 15.0)[1]


def test_without_a_profile_the_ground_is_level() -> None:
    place = layout(800, 544)
    camera = aim(BLIND._replace(ground=()), place)
    assert {camera.ground_at(x) for x in (0.0, 300.0, 800.0)} == {float(place.ground_y)}


@pytest.mark.parametrize("angle", [-1.2, -0.4, 0.0, 0.3, 1.2])
def test_a_ray_ends_at_its_first_intersection_with_the_ground(angle: float) -> None:
    place = layout(800, 544)
    hills = tuple((4.0 * k, 30.0 * math.sin(0.8 * k)) for k in range(-100, 101))
    camera = aim(BLIND._replace(x_m=0.0, height_m=120.0, elevation_m=0.0, ground=hills), place)
    start, (ux, uy) = camera.at(0.0, 120.0), (math.sin(angle), math.cos(angle))
    reach = camera.reach(start, ux, uy)
    x, y = start[0] + reach * ux, start[1] + reach * uy
    assert y == pytest.approx(camera.ground_at(x), abs=1e-6)
    for share in np.linspace(0.0, 0.999, 400):
        x, y = start[0] + share * reach * ux, start[1] + share * reach * uy
        assert y < camera.ground_at(x) + 1e-6


def test_a_ray_upwards_or_from_below_has_no_intersection() -> None:
    camera = aim(BLIND._replace(ground=()), layout(800, 544))
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
