"""Snapshots that the tests of the pictures share."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lunar_env.rendering import Snapshot
from lunar_env.rendering.backdrop import backdrop_key
from lunar_env.rendering.scene import foreground

if TYPE_CHECKING:
    from lunar_env.rendering.primitives import Primitive

SIZE = (800, 544)

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
    elevation_m=12.0,
    ground=tuple((210.0 + x, 12.0 + 0.06 * x) for x in range(-6000, 6001, 250)),
    outcome="FLYING",
    mission="hakuto-r-m2",
    scenario="late-acquisition",
    pilot="hoverslam+kalman",
    vehicle_height_m=2.3,
    vehicle_width_m=2.6,
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
    elevation_m=-3.0,
    ground=tuple((0.5 * x, -3.0 + 0.4 * math.sin(0.7 * (0.5 * x + 4.0))) for x in range(-80, 81)),
    legs=3,
    engines=2,
)
"""Low over rough ground."""

LANDED = TRACKING._replace(
    height_m=0.0, throttle_frac=0.0, v_vertical_m_s=-1.42, outcome="LANDED", tilt_rad=-0.06
)

TIPPED = LANDED._replace(
    outcome="TIPPED", tilt_rad=1.5, believed_height_m=-3.0, beam_state="OFF", slant_range_m=math.inf
)

FAR = BLIND._replace(
    height_m=21_400.0,
    x_m=-412_000.0,
    downrange_m=412_000.0,
    v_lateral_m_s=1210.0,
    tilt_rad=-1.2,
    slant_range_m=math.inf,
    elevation_m=-800.0,
    ground=tuple((-412_000.0 + x, -800.0 + 0.02 * x) for x in range(-24_000, 24_001, 1_000)),
    trail=tuple((-713_000.0 + 3_000.0 * i, 30_000.0 - 90.0 * i) for i in range(100)),
    engines=4,
    legs=6,
)
"""In the middle of a powered descent, hundreds of kilometres from the target."""

ALL = {"blind": BLIND, "tracking": TRACKING, "landed": LANDED, "tipped": TIPPED, "far": FAR}


def front(snapshot: Snapshot) -> tuple[Primitive, ...]:
    """What is drawn over the backdrop."""
    return foreground(snapshot, backdrop_key(snapshot, *SIZE))
