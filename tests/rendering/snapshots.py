"""Snapshots that the tests of the pictures share."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lunar_env.rendering import Snapshot
from lunar_env.rendering.backdrop import backdrop_key
from lunar_env.rendering.camera import View
from lunar_env.rendering.scene import foreground
from lunar_env.rendering.snapshot import LegState, LogEntry
from lunar_env.rendering.solids import model_of
from lunar_env.specs import load_mission

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lunar_env.rendering.primitives import Primitive

SIZE = (800, 544)


class Waves:
    """A ground that rises and falls along the plane of the flight, and with the depth."""

    def __init__(self, slope: float, high_m: float = 0.0, long_m: float = 1.0) -> None:
        self.slope, self.high_m, self.long_m = slope, high_m, long_m

    def elevations(
        self,
        along_m: np.ndarray,
        aside_m: np.ndarray,
        spacing_m: float,
    ) -> np.ndarray:
        wave = np.sin(along_m / self.long_m) * np.cos(aside_m / self.long_m)
        return self.slope * along_m + self.high_m * wave


def lean(angle: float) -> tuple[float, float, float, float]:
    """Attitude of a lander whose top leans to the right."""
    return math.cos(0.5 * angle), 0.0, math.sin(0.5 * angle), 0.0


BLIND = Snapshot(
    time_s=12.4,
    height_m=2410.3,
    x_m=210.0,
    y_m=-80.0,
    downrange_m=225.0,
    v_vertical_m_s=-94.6,
    v_lateral_m_s=2.3,
    tilt_rad=0.035,
    throttle_frac=0.4,
    propellant_kg=33.1,
    propellant_start_kg=40.0,
    believed_height_m=2822.1,
    believed_sigma_m=300.0,
    believed_v_vertical_m_s=-94.4,
    slant_range_m=2411.0,
    beam_state="SEARCH",
    beam_angle_rad=-0.035,
    last_range_m=math.nan,
    last_range_age_s=math.nan,
    first_fix_height_m=math.nan,
    stop_height_m=1810.0,
    elevation_m=12.6,
    ground=Waves(0.06),
    outcome="FLYING",
    mission="hakuto-r-m2",
    scenario="late-acquisition",
    pilot="hoverslam+kalman",
    model=model_of(load_mission("hakuto-r-m2").vehicle),
    attitude=lean(0.035),
    planned_height_m=2100.0,
    planned_v_vertical_m_s=-98.0,
    planned_path=((0.0, 3000.0), (0.0, 0.0)),
    snr_threshold=6.0,
    log=(LogEntry(0.0, 3012.0, "beam searches"), LogEntry(0.2, 3000.0, "engine on")),
    trail=tuple((210.0 + 0.05 * i, 3012.0 - 10.0 * i) for i in range(60)),
)
"""High up, still searching, believing itself 412 m too high, over a slope."""

TRACKING = BLIND._replace(
    time_s=58.8,
    height_m=18.2,
    believed_height_m=18.9,
    believed_sigma_m=0.6,
    slant_range_m=18.5,
    beam_state="TRACK",
    last_range_m=19.3,
    last_range_age_s=0.21,
    first_fix_height_m=1180.0,
    stop_height_m=6.2,
    x_m=-4.0,
    elevation_m=0.4 * math.sin(-4.0 / 1.4) * math.cos(-80.0 / 1.4),
    ground=Waves(0.0, 0.4, 1.4),
    model=model_of(load_mission("chandrayaan-3").vehicle),
    range_snr=41.0,
)
"""Low over rough ground."""

LANDED = TRACKING._replace(
    height_m=0.0,
    throttle_frac=0.0,
    v_vertical_m_s=-1.42,
    outcome="LANDED",
    tilt_rad=-0.06,
    attitude=lean(-0.06),
)

TIPPED = LANDED._replace(
    outcome="TIPPED",
    tilt_rad=1.5,
    attitude=lean(1.5),
    height_m=-0.3,
    believed_height_m=-3.0,
    beam_state="OFF",
    slant_range_m=math.inf,
    legs=(LegState(0.1, False), LegState(0.4, True), LegState(0.0, False), LegState(0.0, False)),
)

CRASHED = LANDED._replace(outcome="CRASHED", v_vertical_m_s=-41.0, beam_state="LOST")

FAR = BLIND._replace(
    height_m=21_400.0,
    x_m=-412_000.0,
    downrange_m=412_000.0,
    v_lateral_m_s=1210.0,
    tilt_rad=-1.2,
    slant_range_m=math.inf,
    elevation_m=-800.0,
    ground=Waves(0.0, 300.0, 6_000.0),
    attitude=lean(-1.2),
    trail=tuple((-713_000.0 + 3_000.0 * i, 30_000.0 - 90.0 * i) for i in range(100)),
    model=model_of(load_mission("im-1").vehicle),
)
"""In the middle of a powered descent, hundreds of kilometres from the target."""

ALL = {
    "blind": BLIND,
    "tracking": TRACKING,
    "landed": LANDED,
    "tipped": TIPPED,
    "crashed": CRASHED,
    "far": FAR,
}


def front(snapshot: Snapshot, view: View = View()) -> tuple[Primitive, ...]:  # noqa: B008
    """What is drawn over the backdrop."""
    return foreground(snapshot, backdrop_key(snapshot, *SIZE), view)


def plain(shapes: Iterable[Primitive]) -> list[object]:
    """Shapes that can be compared: arrays as lists."""
    return [
        tuple(part.tolist() if isinstance(part, np.ndarray) else part for part in shape)
        for shape in shapes
    ]
