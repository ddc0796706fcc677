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
from lunar_env.rendering.camera import CameraName, View, aim
from lunar_env.rendering.layout import layout
from lunar_env.rendering.primitives import (
    Clip,
    Cloud,
    Color,
    Ellipse,
    Line,
    Polygon,
    Polyline,
    Primitive,
    Rect,
    Relief,
    Text,
    dashes,
)
from lunar_env.rendering.scene import foreground
from lunar_env.rendering.snapshot import Snapshot, tame
from tests.rendering.snapshots import (
    ALL,
    BLIND,
    CRASHED,
    FAR,
    LANDED,
    SIZE,
    TIPPED,
    TRACKING,
    Waves,
    front,
    plain,
)

ROOT = Path(__file__).parents[2]
NUMBERS = [name for name, value in BLIND._asdict().items() if isinstance(value, float)]


def texts(snapshot: Snapshot) -> list[str]:
    return [shape.text for shape in build(snapshot, *SIZE) if isinstance(shape, Text)]


def coordinates(shape: Primitive) -> list[float]:
    match shape:
        case Relief():
            return [*shape.area, *shape.columns, *shape.rows.ravel().tolist()]
        case Rect() | Ellipse() | Cloud():
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
    picture = plain(build(snapshot, *SIZE))
    assert picture == plain(build(again, *SIZE))
    key = backdrop_key(snapshot, *SIZE)
    assert picture == plain((*backdrop(key), *foreground(snapshot, key)))


def test_scene_needs_no_pygame() -> None:
    code = (
        "import sys; sys.modules['pygame'] = None\n"
        "from tests.rendering.snapshots import BLIND\n"
        "from lunar_env.rendering import build\n"
        "assert build(BLIND, 800, 544)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def beams(snapshot: Snapshot, colors: set[Color]) -> list[Line]:
    """Lines of some colours in the view; the panel has others."""
    right = layout(*SIZE).panel_left
    lines = [shape for shape in front(snapshot) if isinstance(shape, Line)]
    return [line for line in lines if line.color in colors and line.start[0] < right]


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
    lines = beams(BLIND._replace(beam_state=state), {color})
    assert len(lines) > 5 if dashed else len(lines) == 1


def test_no_beam_while_off() -> None:
    colors = {color for color in palette.BEAM.values() if color is not None}
    assert beams(BLIND._replace(beam_state="OFF"), colors) == []


@pytest.mark.parametrize("angle", [-0.3, 0.0, 0.3])
def test_tracking_beam_ends_on_the_rough_ground(angle: float) -> None:
    snapshot = TRACKING._replace(beam_angle_rad=angle, tilt_rad=-angle, planned_path=())
    (beam,) = [s for s in front(snapshot) if isinstance(s, Line) and s.color == palette.GREEN]
    camera = aim(tame(snapshot), layout(*SIZE), View())
    x, y = beam.end
    assert y == pytest.approx(camera.ground_at(x), abs=1.0)
    assert np.ptp([camera.ground_at(x) for x in range(200, 600, 5)]) > 5.0
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
    assert "believed, 2.7 m too low" in texts(TIPPED)


def test_the_panel_shows_true_and_estimated_values() -> None:
    shown = texts(TRACKING)
    for text in ("18.2 m", "18.9 m", "94.6", "94.4", "98.0", "33.1 kg", "19.3 m", "0.21 s", "41.0"):
        assert text in shown
    assert {"TRACK", "40 %"} <= set(shown)
    assert {"hakuto-r-m2", "late-acquisition", "hoverslam+kalman"} <= set(shown)


def test_stop_height_and_first_fix_are_marked() -> None:
    assert {"STOP", "FIX"} <= set(texts(TRACKING))
    assert "FIX" not in texts(BLIND)
    assert "STOP" not in texts(LANDED)


def test_lander_below_the_stop_height_is_shown_in_red() -> None:
    late = BLIND._replace(stop_height_m=2500.0)
    assert Text in {type(s) for s in front(late) if getattr(s, "text", "") == "\u221289.7 m"}
    (margin,) = [s for s in front(late) if isinstance(s, Text) and s.text == "\u221289.7 m"]
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


class Odd:
    """A ground of no sense."""

    def elevations(self, along_m: np.ndarray, aside_m: np.ndarray, spacing_m: float) -> np.ndarray:
        odd = (math.nan, math.inf, -math.inf, 1e30, -1e30, 0.0, 2000.0)
        return np.array([random.Random(int(x)).choice(odd) for x in along_m])


def test_extreme_ground_is_drawn_within_bounds() -> None:
    for snapshot in ALL.values():
        for shape in build(snapshot._replace(ground=Odd()), *SIZE):
            assert all(abs(number) < 2.0**15 for number in coordinates(shape)), shape


def ground_of(snapshot: Snapshot) -> Relief:
    (relief,) = [shape for shape in front(snapshot) if isinstance(shape, Relief)]
    return relief


def test_level_ground_ends_at_the_horizon() -> None:
    place = layout(*SIZE)
    relief = ground_of(TRACKING._replace(ground=None))
    assert relief.rows[0].min() > place.height
    assert (np.diff(relief.rows[:, 40]) < 0.0).all()
    assert place.horizon_y <= relief.rows[-1].min() < place.horizon_y + 5.0


def test_slopes_towards_the_sun_are_brighter() -> None:
    """The Sun is on the left; ground that rises to the right faces it."""
    towards, level, away = (
        ground_of(TRACKING._replace(ground=Waves(slope), elevation_m=-4.0 * slope)).grey.mean()
        for slope in (0.1, 0.0, -0.1)
    )
    assert towards > level + 10.0
    assert away < level - 10.0


def test_shadows_are_longer_under_a_lower_sun() -> None:
    def dark(sun_deg: float) -> float:
        hills = TRACKING._replace(ground=Waves(0.0, 0.4, 1.4), sun_elevation_deg=sun_deg)
        relief = ground_of(hills)
        return float((relief.grey < 0.35 * np.median(relief.grey)).mean())

    assert dark(60.0) == 0.0
    assert dark(3.0) > dark(12.0) > 0.05


def test_as_many_legs_are_drawn_as_the_lander_has() -> None:
    def struts(snapshot: Snapshot) -> int:
        near = snapshot._replace(height_m=1.0)
        return sum(isinstance(s, Line) and s.color == palette.STRUT for s in front(near))

    for snapshot in (TRACKING, FAR._replace(x_m=0.0, trail=()), BLIND):
        assert struts(snapshot) == len(snapshot.model.legs)
    assert {len(s.model.legs) for s in (TRACKING, FAR)} == {4, 6}


def test_a_destroyed_lander_is_not_drawn_intact() -> None:
    """In its place are a crater and debris; a slow crash leaves a lander with broken legs."""
    shapes = front(CRASHED)
    assert not [s for s in shapes if getattr(s, "color", None) == palette.STRUT]
    assert [s for s in shapes if isinstance(s, Ellipse) and s.color == palette.SCORCH]
    assert sum(isinstance(s, Polygon) for s in shapes) > 40
    slow = front(CRASHED._replace(v_vertical_m_s=-5.0))
    assert [s for s in slow if getattr(s, "color", None) == palette.STRUT]
    assert [s for s in slow if isinstance(s, Ellipse) and s.color == palette.SCORCH]
    assert not [s for s in front(LANDED) if getattr(s, "color", None) == palette.SCORCH]


def test_a_broken_leg_is_drawn_otherwise() -> None:
    whole = front(TIPPED._replace(legs=()))
    broken = front(TIPPED)
    braces = [sum(getattr(s, "color", None) == palette.BRACE for s in p) for p in (whole, broken)]
    assert braces[1] == braces[0] - 1


def test_dust_rises_near_the_ground_and_hides_it() -> None:
    def clouds(height_m: float, throttle: float = 0.6) -> list[Cloud]:
        shapes = front(TRACKING._replace(height_m=height_m, throttle_frac=throttle))
        return [s for s in shapes if isinstance(s, Cloud) and s.color == palette.DUST]

    assert clouds(200.0) == []
    assert clouds(1.0, 0.0) == []
    low, lower = (max(cloud.share for cloud in clouds(h)) for h in (8.0, 1.0))
    assert lower > low > 0.0


def test_a_long_flight_has_an_inset_and_a_short_one_none() -> None:
    assert {"713.0 km", "30.0 km high"} <= set(texts(FAR))
    for snapshot in (BLIND, TRACKING, LANDED):
        assert not [text for text in texts(snapshot) if text.endswith("km high")]


def test_the_whole_descent_is_a_chart_with_round_distances() -> None:
    shown = {shape.text for shape in build(FAR, *SIZE, View("descent")) if isinstance(shape, Text)}
    assert {"-600 km", "0 m", "20 km"} <= shown


@pytest.mark.parametrize("camera", ["chase", "descent", "ground"])
@pytest.mark.parametrize("snapshot", ALL.values(), ids=ALL)
def test_the_truth_can_be_hidden(camera: CameraName, snapshot: Snapshot) -> None:
    """Then the picture is the same whatever is true."""
    view = View(camera, "belief", truth=False)
    other = snapshot._replace(
        height_m=snapshot.height_m + 300.0, v_vertical_m_s=-3.0, stop_height_m=17.0, trail=()
    )
    assert other.outcome != "FLYING" or plain(front(snapshot, view)) == plain(front(other, view))


def test_following_the_belief_draws_the_truth_as_ghost() -> None:
    lines = [s for s in front(BLIND, View(follow="belief")) if isinstance(s, Polyline)]
    assert [s for s in lines if s.color == palette.TRUE]
    assert not [s for s in lines if s.color == palette.BELIEVED]
    assert "truth, 412 m below" in {
        s.text for s in front(BLIND, View(follow="belief")) if isinstance(s, Text)
    }


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
