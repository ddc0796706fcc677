"""The picture as a pure function: what is drawn where, and that nothing upsets it."""

from __future__ import annotations

import math
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lunar_env.rendering import build, palette
from lunar_env.rendering.backdrop import backdrop, backdrop_key
from lunar_env.rendering.primitives import (
    Clip,
    Color,
    Ellipse,
    Line,
    Polygon,
    Polyline,
    Primitive,
    Rect,
    Text,
    dashes,
)
from lunar_env.rendering.scene import foreground
from lunar_env.rendering.snapshot import Snapshot
from tests.rendering.snapshots import ALL, BLIND, FAR, LANDED, SIZE, TIPPED, TRACKING, front

ROOT = Path(__file__).parents[2]
NUMBERS = [name for name, value in BLIND._asdict().items() if isinstance(value, float)]


def texts(snapshot: Snapshot) -> list[str]:
    return [shape.text for shape in build(snapshot, *SIZE) if isinstance(shape, Text)]


def coordinates(shape: Primitive) -> list[float]:
    match shape:
        case Rect() | Ellipse():
            return [shape.x, shape.y, shape.width, shape.height]
        case Line():
            return [*shape.start, *shape.end]
        case Polyline() | Polygon():
            return [value for point in shape.points for value in point]
        case Text():
            return [shape.x, shape.y]
        case Clip():
            return list(shape.area or ())


@pytest.mark.parametrize("snapshot", ALL.values(), ids=ALL)
def test_equal_snapshots_give_equal_pictures(snapshot: Snapshot) -> None:
    again = Snapshot(*snapshot)
    assert build(snapshot, *SIZE) == build(again, *SIZE)
    key = backdrop_key(snapshot, *SIZE)
    assert build(snapshot, *SIZE) == (*backdrop(key), *foreground(snapshot, key))


def test_scene_needs_no_pygame() -> None:
    code = (
        "import sys; sys.modules['pygame'] = None\n"
        "from tests.rendering.snapshots import BLIND\n"
        "from lunar_env.rendering import build\n"
        "assert build(BLIND, 800, 544)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


@pytest.mark.parametrize(
    ("state", "color", "dashed"),
    [
        ("SEARCH", palette.AMBER, True),
        ("TRACK", palette.GREEN, False),
        ("LOST", palette.RED, True),
        ("WARMUP", palette.GREY, False),
    ],
)
def test_beam_is_coloured_by_its_state(state: str, color: Color, dashed: bool) -> None:
    lines = [
        shape
        for shape in front(BLIND._replace(beam_state=state))
        if isinstance(shape, Line) and shape.color == color
    ]
    assert len(lines) > 5 if dashed else len(lines) == 1


def test_no_beam_while_off() -> None:
    beams = {color for color in palette.BEAM.values() if color is not None}
    shapes = front(BLIND._replace(beam_state="OFF"))
    assert not [shape for shape in shapes if isinstance(shape, Line) and shape.color in beams]


@pytest.mark.parametrize("angle", [-0.3, 0.0, 0.3])
def test_tracking_beam_ends_on_the_rough_ground(angle: float) -> None:
    snapshot = TRACKING._replace(beam_angle_rad=angle, tilt_rad=-angle)
    shapes = front(snapshot)
    (beam,) = [s for s in shapes if isinstance(s, Line) and s.color == palette.GREEN]
    rim = next(s for s in shapes if isinstance(s, Polyline) and s.color == palette.GROUND_RIM)
    xs, ys = zip(*rim.points, strict=True)
    x, y = beam.end
    assert y == pytest.approx(np.interp(x, xs, ys), abs=1.0)
    assert max(ys) - min(ys) > 5.0
    assert math.atan2(x - beam.start[0], y - beam.start[1]) == pytest.approx(angle)


def test_the_ghost_is_drawn_at_the_estimated_height() -> None:
    def ghosts(snapshot: Snapshot) -> list[Polyline]:
        return [
            shape
            for shape in front(snapshot)
            if isinstance(shape, Polyline) and shape.color == palette.BELIEVED
        ]

    (ghost,) = ghosts(BLIND)
    (higher,) = ghosts(BLIND._replace(believed_height_m=2900.0))
    assert max(y for _, y in higher.points) < max(y for _, y in ghost.points)
    assert ghosts(BLIND._replace(believed_height_m=BLIND.height_m)) == []
    assert "believed, 412 m too high" in texts(BLIND)
    assert "believed, 3.0 m too low" in texts(TIPPED)


def test_the_panel_shows_true_and_estimated_values() -> None:
    shown = texts(TRACKING)
    for text in ("18.2", "18.9", "\u221294.6", "\u221294.4", "33.1", "19.3", "0.21", "TRACK", "40"):
        assert text in shown
    assert {"hakuto-r-m2", "late-acquisition", "hoverslam+kalman"} <= set(shown)


def test_stop_height_and_first_fix_are_marked() -> None:
    assert {"STOP", "FIX"} <= set(texts(TRACKING))
    assert "FIX" not in texts(BLIND)
    assert "STOP" not in texts(LANDED)


def test_lander_below_the_stop_height_is_shown_in_red() -> None:
    late = BLIND._replace(stop_height_m=2500.0)
    assert Text in {type(s) for s in front(late) if getattr(s, "text", "") == "\u221289.7"}
    (margin,) = [s for s in front(late) if isinstance(s, Text) and s.text == "\u221289.7"]
    assert margin.color == palette.STOP


@pytest.mark.parametrize(
    ("outcome", "color"),
    [
        ("LANDED", palette.GREEN),
        ("HARD_LANDING", palette.AMBER),
        ("CRASHED", palette.RED),
        ("TIPPED", palette.RED),
        ("FUEL_OUT", palette.RED),
        ("OUT_OF_BOUNDS", palette.AMBER),
        ("NUMERIC", palette.RED),
        ("TIME_LIMIT", palette.AMBER),
    ],
)
def test_the_banner_shows_the_outcome(outcome: str, color: Color) -> None:
    words = outcome.replace("_", " ")
    (banner,) = [
        shape
        for shape in front(LANDED._replace(outcome=outcome))
        if isinstance(shape, Text) and shape.text == words
    ]
    assert banner.color == color
    assert words not in texts(BLIND)


def test_the_banner_shows_the_touchdown_and_not_the_state_at_rest():
    assert "1.42 m/s down" in " ".join(texts(LANDED))
    met = {"touchdown_v_lateral_m_s": 0.31, "touchdown_tilt_rad": math.radians(2.0)}
    at_rest = LANDED._replace(v_vertical_m_s=0.0, touchdown_v_vertical_m_s=-1.56, **met)
    (told,) = (text for text in texts(at_rest) if "m/s down" in text)
    assert told == "1.56 m/s down  ·  0.31 m/s across  ·  2.0 deg tilt"


def test_earlier_points_of_the_trail_do_not_move() -> None:
    longer = BLIND._replace(trail=(*BLIND.trail, (213.0, 2400.0)))

    def path(snapshot: Snapshot) -> set[tuple[float, float]]:
        colors = (palette.TRAIL_NEW, palette.TRAIL_OLD)
        lines = [s for s in front(snapshot) if isinstance(s, Polyline) and s.color in colors]
        return {point for line in lines for point in line.points}

    assert path(BLIND) < path(longer)  # only the new point came to it


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e30, -1e30, 0.0])
@pytest.mark.parametrize("name", NUMBERS)
def test_extreme_numbers_are_drawn_within_bounds(name: str, value: float) -> None:
    for snapshot in ALL.values():
        for shape in build(Snapshot(**{**snapshot._asdict(), name: value}), *SIZE):
            assert all(abs(number) < 2.0**15 for number in coordinates(shape)), shape


def test_extreme_ground_is_drawn_within_bounds() -> None:
    odd = (math.nan, math.inf, -math.inf, 1e30, -1e30, 0.0, 2000.0)
    points = [(x, h) for x in odd for h in odd]
    random.Random(2).shuffle(points)
    for snapshot in ALL.values():
        for shape in build(snapshot._replace(ground=tuple(points)), *SIZE):
            assert all(abs(number) < 2.0**15 for number in coordinates(shape)), shape


def test_hills_rise_above_the_level_ground_and_valleys_sink_into_it() -> None:
    def filled(color: Color, elevation: float) -> list[Polygon]:
        hump = tuple((x, elevation * math.cos(0.1 * x)) for x in np.arange(-15.7, 15.7, 0.5))
        snapshot = TRACKING._replace(x_m=-15.7, elevation_m=0.0, ground=hump)
        return [s for s in front(snapshot) if isinstance(s, Polygon) and s.color == color]

    ground_y = round(SIZE[1] * 0.81)
    (hill,) = filled(palette.GROUND, 3.0)
    assert min(y for _, y in hill.points) < ground_y - 20.0
    assert max(y for _, y in hill.points) <= ground_y
    assert filled(palette.HILL_NEAR, 3.0) == []
    (valley,) = filled(palette.HILL_NEAR, -3.0)
    assert max(y for _, y in valley.points) > ground_y + 20.0
    assert filled(palette.GROUND, -3.0) == []


def test_as_many_legs_are_drawn_as_the_lander_has() -> None:
    counts = [len(front(TRACKING._replace(legs=legs))) for legs in (4, 3, 5, 6)]
    assert counts[1] > counts[0]
    assert counts[2] == counts[3] > counts[1]


def test_a_long_flight_has_a_chart_and_a_short_one_none() -> None:
    assert {"713 km", "30 km high"} <= set(texts(FAR))
    for snapshot in (BLIND, TRACKING, LANDED):
        assert not [text for text in texts(snapshot) if text.endswith(" km")]


def test_extreme_trails_are_drawn_within_bounds() -> None:
    odd = (math.nan, math.inf, -math.inf, 1e30, -1e30, 0.0, 2000.0)
    points = [(x, h) for x in odd for h in odd]
    random.Random(1).shuffle(points)
    for shape in build(BLIND._replace(trail=tuple(points)), *SIZE):
        assert all(abs(number) < 2.0**15 for number in coordinates(shape)), shape


def test_dashes_cover_a_line_in_order() -> None:
    cut = list(dashes((0.0, 0.0), (100.0, 0.0), 10.0, 10.0, 5.0, palette.AMBER))
    assert cut[0].start == (5.0, 0.0)
    assert [dash.start[0] for dash in cut] == [5.0, 25.0, 45.0, 65.0, 85.0]
    assert all(dash.end[0] - dash.start[0] == pytest.approx(10.0) for dash in cut)
    assert list(dashes((1.0, 1.0), (1.0, 1.0), 10.0, 10.0, 0.0, palette.AMBER)) == []
