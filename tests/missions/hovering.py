"""Whether a lander can hover: said by its data file, and found by flying it."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from lunar_env import LunarLandingVectorEnv, MissionSpec, VehicleSpec
from lunar_env.data.constants import GM_MOON, R_MOON
from tests.envs.flying import TRUE, exact, level, throttle

HEIGHT_M = 800.0
BEGIN_S, END_S = 2.0, 6.0  # transients of engines and attitude are over by then
NO_ERRORS = {
    **dict.fromkeys(("thrust_frac", "isp_frac", "mass_frac", "lag_frac"), 0.0),
    **dict.fromkeys(("thrust_direction_deg", "com_offset_m", "inertia_frac"), 0.0),
}


class Band(NamedTuple):
    """Shares of the installed thrust that a pilot can have, all in between included."""

    low: float
    high: float


def bands(vehicle: VehicleSpec, control_period_s: float) -> list[Band]:
    """Shares between which thrust follows the throttle: one band for each set of burning engines.

    Engines that are cut below a share join at it. Those on or off then burn in full, and each of
    the others takes the same part of its own thrust, from its floor, around its gap.
    """
    steps = sorted({ring.cut_below_frac for ring in vehicle.engines} | {0.0, 1.0})
    found = []
    for cut, following in pairwise(steps):
        rings = [ring for ring in vehicle.engines if ring.cut_below_frac <= cut]
        able = [ring for ring in rings if ring.kind != "on_off"]
        fixed = sum(r.count * r.thrust_N for r in rings if r.kind == "on_off")
        moved = sum(r.count * r.thrust_N for r in able)
        if not able:
            continue
        floor = max(
            ring.min_on_s / control_period_s if ring.kind == "pulsed" else ring.throttle_min_frac
            for ring in able
        )
        gap = max(r.gap_low_frac for r in able), max(r.gap_high_frac for r in able)
        for low, high in ((floor, gap[0]), (gap[1], 1.0)):
            ends = ((fixed + part * moved) / vehicle.thrust_max_N for part in (low, high))
            band = Band(*np.clip(list(ends), cut, following).tolist())
            found += [band] if band.high > band.low else []
    return found


def needed_share(vehicle: VehicleSpec, mass_kg: float, height_m: float) -> float:
    """Weight over what the installed engines push along the axis: ``m g / T_max``."""
    along = sum(engine.spec.thrust_N * engine.direction[2] for engine in vehicle.engine_list)
    return mass_kg * GM_MOON / (R_MOON + height_m) ** 2 / along


def why_not(vehicle: VehicleSpec, control_period_s: float, share: float) -> str:
    """Why a lander cannot hover at a share of its installed thrust; empty where it can."""
    able = bands(vehicle, control_period_s)
    if share > 1.0:
        return "heavier than its thrust"
    if not able:
        return "its engines are only on or off"
    if any(low <= share <= high for low, high in able):
        return ""
    lowest = min(band.low for band in able)
    return "below the floor of its throttle" if share < lowest else "in a gap of its throttle"


class Flights(NamedTuple):
    """One flight a throttle, all from the same start at rest."""

    acceleration: np.ndarray  # m/s2, mean, up
    mass: np.ndarray  # kg, in the middle of the time
    height: np.ndarray  # m, also there


def bench(name: str, **changes: Any) -> MissionSpec:
    """A mission over level ground with a lander exactly as specified, upright at the start."""
    still = dict.fromkeys(("tilt_deg", "downrange_m", "v_forward_m_s"), 0.0)
    terminal = {**still, **changes.pop("terminal", {})}
    vehicle = {"dispersion": NO_ERRORS, **changes.pop("vehicle", {})}
    return level(name).replace(vehicle=vehicle, phases={"terminal": terminal}, **changes)


def fly(mission: MissionSpec, shares: np.ndarray) -> Flights:
    """Let go at rest with each throttle held, and measure after the transients."""
    rows = len(shares)
    env = LunarLandingVectorEnv(rows, mission, scenario=exact(), num_threads=1)
    start = {"height_m": HEIGHT_M, "v_vertical_m_s": 0.0, "v_lateral_m_s": 0.0}
    env.reset(seed=[3] * rows, options={"start": start})
    seen = []
    for k in range(round(END_S / mission.control_period_s)):
        if math.isclose(k * mission.control_period_s, BEGIN_S):
            seen.append(env.privileged)
        _, _, terminated, truncated, _ = env.step(throttle(shares)[:, None])
        assert not (terminated | truncated).any()
    (before, after), span = (seen[0], env.privileged), END_S - BEGIN_S
    gained, mean = after - before, 0.5 * (before + after)
    columns = mean[:, TRUE["mass_kg"]], mean[:, TRUE["height_m"]]
    return Flights(gained[:, TRUE["v_z_m_s"]] / span, *columns)


class Hover(NamedTuple):
    """What flying found."""

    share: float  # of the installed thrust; nan where nothing lifts it
    residual: float  # m/s2, of the flight at that share
    mass: float  # kg
    height: float  # m


def find_hover(mission: MissionSpec, rounds: int = 3, rows: int = 33) -> Hover:
    """Throttle at which the vertical speed stays as it is, by dividing the range ever further."""
    low, high = 0.0, 1.0
    for _ in range(rounds):
        shares = np.linspace(low, high, rows)
        flown = fly(mission, shares)
        rising = np.flatnonzero(flown.acceleration >= 0.0)
        if not len(rising):
            return Hover(math.nan, float(flown.acceleration[-1]), flown.mass[-1], HEIGHT_M)
        k = int(rising[0])
        low, high = shares[max(0, k - 1)], shares[k]
    best = int(np.argmin(np.abs(flown.acceleration[max(0, k - 1) : k + 1]))) + max(0, k - 1)
    numbers = shares[best], flown.acceleration[best], flown.mass[best], flown.height[best]
    return Hover(*map(float, numbers))
