"""The flames in the picture: how many, how long, whereto."""

from __future__ import annotations

import math

import pytest

from lunar_env.rendering import palette
from lunar_env.rendering.primitives import (
    Polygon,
)
from tests.rendering.snapshots import BLIND, LANDED, SIZE, front


def test_flame_grows_with_the_throttle() -> None:
    def reach(throttle: float) -> float:
        flames = [
            shape
            for shape in front(BLIND._replace(throttle_frac=throttle))
            if isinstance(shape, Polygon) and shape.color == palette.FLAME_OUTER
        ]
        ys = [y for shape in flames for _, y in shape.points]
        return max(ys) - min(ys) if ys else 0.0

    reaches = [reach(throttle) for throttle in (0.0, 0.1, 0.5, 1.0)]
    assert reaches[0] == 0.0
    assert reaches == sorted(reaches)
    assert reaches[-1] > 2.0 * reaches[1]


def test_flame_does_not_burn_into_the_ground() -> None:
    snapshot = LANDED._replace(throttle_frac=1.0, ground=(), tilt_rad=0.0)
    ground_y = round(SIZE[1] * 0.81)
    for shape in front(snapshot):
        if isinstance(shape, Polygon) and shape.color == palette.FLAME_OUTER:
            assert max(y for _, y in shape.points) <= ground_y + 1.0


@pytest.mark.parametrize(("engines", "nozzles"), [(1, 1), (2, 2), (4, 4), (7, 4)])
def test_every_nozzle_has_a_flame(engines: int, nozzles: int) -> None:
    shapes = front(BLIND._replace(engines=engines))
    for color in (palette.NOZZLE, palette.FLAME_OUTER):
        drawn = [s for s in shapes if isinstance(s, Polygon) and s.color == color]
        assert len(drawn) == nozzles


def test_the_flame_points_along_the_thrust() -> None:
    for tilt in (-1.0, 0.0, 0.6):
        shapes = front(BLIND._replace(tilt_rad=tilt, engines=1, ground=()))
        (flame,) = [s for s in shapes if isinstance(s, Polygon) and s.color == palette.FLAME_OUTER]
        (x0, y0), (x1, y1) = flame.points[0], flame.points[1]
        (tip_x, tip_y) = flame.points[3]
        along = math.atan2(0.5 * (x0 + x1) - tip_x, tip_y - 0.5 * (y0 + y1))
        assert along == pytest.approx(tilt, abs=1e-6)
