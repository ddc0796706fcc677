"""What a page shows, as one JSON object in SI units with units in its names."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from lunar_env.page.ground import grids_of
from lunar_env.page.places import places_of
from lunar_env.page.shape import SIDES, flames, lander_shape
from lunar_env.telemetry.course import course_of
from lunar_env.telemetry.frame import BEAM_STATES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lunar_env.page.ground import Elevations, Grid
    from lunar_env.page.places import Places
    from lunar_env.page.shape import Shape
    from lunar_env.specs import MissionSpec
    from lunar_env.telemetry import Flight
    from lunar_env.telemetry.course import Course

    Numbers = NDArray[np.float64]

__all__ = ["content_of"]

MOST_INSTANTS = 6000
"""A longer flight is shown at every second instant, or third, ..."""
DIGITS = 7
SUN_DEG = 20.0  # where a mission does not say


def content_of(flight: Flight, elevations: Elevations) -> dict[str, Any]:
    """Return the content of the page of a flight.

    Parameters
    ----------
    flight : Flight
        The record.
    elevations : callable
        Looks the ground of its episode up.
    """
    course, places = course_of(flight), places_of(flight)
    sun = flight.mission.sun_elevation_deg
    return {
        "mission": flight.mission.title,
        "outcome": flight.outcome,
        "events": [
            {"time_s": _number(e.time_s), "height_m": _number(e.height_m), "name": e.name}
            for e in flight.events
        ],
        "instants": _instants(flight, course, places),
        "ranges": _ranges(course),
        "radar_ranges": _radar_ranges(flight),
        "beam_states": list(BEAM_STATES),
        "ground": [_grid(grid) for grid in grids_of(places, elevations)],
        "sun_elevation_deg": SUN_DEG if sun is None else max(sun, 0.0),
        "lander": _lander(flight.mission),
    }


def _instants(flight: Flight, course: Course, places: Places) -> dict[str, list[Any]]:
    """Return columns over time."""
    rows = len(course.time_s)
    kept = np.arange(0, rows, math.ceil(rows / MOST_INSTANTS))
    if kept[-1] != rows - 1:
        kept = np.append(kept, rows - 1)
    columns = {
        "time_s": course.time_s,
        "east_m": places.east_m,
        "north_m": places.north_m,
        "altitude_m": places.altitude_m,
        "com_height_m": flight.quantity("observations", "com_height_m"),
        "attitude": places.attitude,
        "believed_attitude": places.believed_attitude,
        "height_m": course.height_m,
        "believed_height_m": course.believed_height_m,
        "believed_sigma_m": course.believed_sigma_m,
        "dead_reckoned_height_m": course.dead_reckoned_height_m,
        "descent_m_s": course.descent_m_s,
        "believed_descent_m_s": course.believed_descent_m_s,
        "lateral_m_s": course.lateral_m_s,
        "thrust_frac": course.thrust_frac,
        "propellant_kg": course.propellant_kg,
        "slant_range_m": _slant_range(flight),
    }
    states = [BEAM_STATES.index(course.beam[k]) for k in kept]
    return {**{name: _list(column[kept]) for name, column in columns.items()}, "beam": states}


def _slant_range(flight: Flight) -> Numbers:
    """Return the true range along the boresight; NaN where there is none."""
    slant = flight.quantity("privileged", "slant_range_m")
    fitted = flight.mission.rangefinder is not None
    return np.where((slant >= 0.0) & fitted, slant, np.nan)


def _ranges(course: Course) -> dict[str, list[Any]]:
    """Return the ranges as the lander received them, each at the time of its arrival."""
    last = course.last_range_m
    # Two equal ranges in a row do not occur; an older one that is late does not count.
    new = np.flatnonzero(np.concatenate([[~np.isnan(last[0])], _changed(last)]))
    return {"time_s": _list(course.time_s[new]), "range_m": _list(last[new])}


def _radar_ranges(flight: Flight) -> dict[str, list[Any]]:
    """Return the distances to the ground that a radar altimeter measured, likewise."""
    new = flight.quantity("observations", "ralt_new") > 0.5
    ranges = flight.quantity("observations", "ralt_range_m")
    times = flight.quantity("privileged", "time_s")
    return {"time_s": _list(times[new]), "range_m": _list(ranges[new])}


def _changed(last: Numbers) -> NDArray[np.bool_]:
    return np.asarray(~np.isnan(last[1:]) & (last[1:] != last[:-1]))


def _grid(grid: Grid) -> dict[str, list[Any]]:
    return {name: _list(values, 6) for name, values in grid._asdict().items()}


def _lander(mission: MissionSpec) -> dict[str, Any]:
    vehicle, unit = mission.vehicle, mission.rangefinder
    return {
        "size_m": max(vehicle.height_m, vehicle.width_m),
        "hull": _surfaces(lander_shape(vehicle)),
        "flame": _surfaces(flames(vehicle)),
        "flame_sides": SIDES,
        "sensor_offset_m": 0.0 if unit is None else unit.mount_offset_m,
        "boresight": None if unit is None else _boresight(mission),
    }


def _boresight(mission: MissionSpec) -> list[Any]:
    """Return the axis of the rangefinder, a unit vector in body axes."""
    unit = mission.rangefinder
    assert unit is not None
    tilt, azimuth = math.radians(unit.boresight_tilt_deg), math.radians(unit.boresight_azimuth_deg)
    aside = math.sin(tilt)
    return _list(np.array([aside * math.cos(azimuth), aside * math.sin(azimuth), -math.cos(tilt)]))


def _surfaces(shape: Shape) -> dict[str, list[Any]]:
    return {
        "corners_m": _list(np.array(shape.corners_m), 4),
        "triangles": [list(three) for three in shape.triangles],
        "colors": [f"rgb{color}" for color in shape.colors],
    }


def _list(values: Numbers, digits: int = DIGITS) -> list[Any]:
    """Return numbers of so many digits, None where they are not finite."""
    if values.ndim > 1:
        return [_list(row, digits) for row in values]
    return [_number(value, digits) for value in values.tolist()]


def _number(value: float, digits: int = DIGITS) -> float | int | None:
    if not math.isfinite(value):
        return None
    rounded = float(f"{value:.{digits}g}")
    return int(rounded) if rounded.is_integer() else rounded
