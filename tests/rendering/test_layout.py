"""The zoom of the view and the altitude scale."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunar_env.rendering.layout import (
    aim,
    layout,
    plain_slope,
    scale_top_m,
    scale_y,
    view_height_m,
)
from lunar_env.rendering.panel import number

HEIGHTS = st.floats(0.0, 1e6)


@given(HEIGHTS, HEIGHTS, st.floats(0.5, 10.0))
def test_view_widens_with_height_and_holds_the_lander(a: float, b: float, size: float) -> None:
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


def test_lander_sinks_in_the_picture_as_it_descends() -> None:
    place = layout(800, 544)
    heights = (3000.0, 1000.0, 300.0, 100.0, 20.0, 5.0, 0.0)
    ys = [aim(h, 0.0, 0.0, 2.3, place).at(0.0, h)[1] for h in heights]
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


def test_slopes_are_rounded_finely_and_kept_drawable() -> None:
    assert plain_slope(0.06) == pytest.approx(math.tan(0.06), abs=1e-3)
    assert plain_slope(math.nan) == 0.0
    assert abs(plain_slope(math.pi / 2)) <= 2.5


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
