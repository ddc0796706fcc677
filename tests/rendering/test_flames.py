"""The flames in the picture: how many, how long, whereto."""

from __future__ import annotations

import math

import pytest

from lunar_env.rendering import Snapshot, palette
from lunar_env.rendering.layout import layout
from lunar_env.rendering.primitives import Polygon
from lunar_env.rendering.solids import model_of
from lunar_env.specs import load_mission
from tests.rendering.snapshots import BLIND, LANDED, SIZE, TRACKING, front, lean


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
    snapshot = LANDED._replace(throttle_frac=1.0, ground=None, attitude=lean(0.0))
    ground_y = layout(*SIZE).ground_y
    for shape in front(snapshot):
        if isinstance(shape, Polygon) and shape.color == palette.FLAME_OUTER:
            assert max(y for _, y in shape.points) <= ground_y + 1.0


FLOWN = ("hakuto-r-m2", "apollo-11", "chandrayaan-3", "blue-ghost-m1", "slim", "peregrine-1")
NOZZLES = (7, 1, 4, 9, 2, 5)


def flames_of(snapshot: Snapshot) -> list[Polygon]:
    shapes = front(snapshot)
    return [s for s in shapes if isinstance(s, Polygon) and s.color == palette.FLAME_OUTER]


@pytest.mark.parametrize(("mission", "nozzles"), list(zip(FLOWN, NOZZLES, strict=True)))
def test_every_nozzle_has_a_flame(mission: str, nozzles: int) -> None:
    model = model_of(load_mission(mission).vehicle)
    assert len(flames_of(BLIND._replace(model=model))) == len(model.nozzles) == nozzles


def test_an_engine_that_does_not_burn_has_no_flame() -> None:
    vikram = BLIND._replace(model=TRACKING.model)
    assert len(flames_of(vikram._replace(throttles=(0.5, 0.5, 0.0, 0.0)))) == 2
    long, short = (
        max(y for flame in flames_of(vikram._replace(throttles=(u,) * 4)) for _, y in flame.points)
        for u in (1.0, 0.4)
    )
    assert long > short + 5.0


def test_the_flame_points_along_the_thrust() -> None:
    one = model_of(load_mission("apollo-11").vehicle)
    for tilt in (-1.0, 0.0, 0.6):
        (flame,) = flames_of(BLIND._replace(attitude=lean(tilt), model=one, ground=None))
        (x0, y0), (x1, y1) = flame.points[0], flame.points[1]
        (tip_x, tip_y) = flame.points[3]
        along = math.atan2(0.5 * (x0 + x1) - tip_x, tip_y - 0.5 * (y0 + y1))
        assert along == pytest.approx(tilt, abs=0.02)  # seen from slightly above
