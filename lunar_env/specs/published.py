"""Published figures of a mission, for comparison with simulated ones.

A figure is named after what is measured, with its unit as suffix; `FIGURES` and `SEGMENT_FIGURES`
list what ``python -m training missions`` measures from the true state.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator

from lunar_env.errors import ConfigError, nearest
from lunar_env.specs.base import Spec
from lunar_env.specs.quantity import Interval, unit_of

__all__ = ["FIGURES", "SEGMENT_FIGURES", "PublishedFigure", "meaning_of", "passing_height_m"]

FIGURES: Final = {
    "first_valid_height_m": "height at the first valid range",
    "first_valid_speed_m_s": "descent speed at the first valid range",
    "first_valid_time_s": "time of the first valid range since the start",
    "believed_zero_height_m": "height when the pilot's estimate first was zero",
    "believed_zero_time_s": "time of this since the start",
    "dry_height_m": "height when the propellant was exhausted",
    "dry_speed_m_s": "descent speed when the propellant was exhausted",
    "dry_time_s": "time of this since the start",
    "touchdown_v_vertical_m_s": "largest vertical speed of a contact",
    "touchdown_v_lateral_m_s": "largest lateral speed of a contact",
    "touchdown_tilt_deg": "tilt at the first contact",
    "touchdown_rate_deg_s": "angular rate at the first contact",
    "touchdown_height_error_m": "the pilot's height minus the true one before the first contact",
    "touchdown_position_error_m": "error of the pilot's position before the first contact",
    "rest_tilt_deg": "tilt at rest",
    "legs_broken": "number of broken legs",
    "miss_m": "distance to the target at the end",
    "descent_time_s": "from the first thrust to the first contact",
    "delta_v_m_s": "integral of the thrust's acceleration until the first contact",
    "propellant_left_kg": "remaining propellant at the end",
    "propellant_left_frac": "remaining share of the initial propellant",
}
"""Figures of every flight and their meaning; heights are true unless stated."""

SEGMENT_FIGURES: Final = {
    "time_s": "duration of the segment",
    "end_time_s": "time since the start at its end",
    "end_height_m": "height at its end",
    "end_speed_m_s": "speed at its end",
    "end_v_vertical_m_s": "descent speed at its end",
    "end_v_lateral_m_s": "speed along the ground at its end",
    "downrange_m": "distance over the ground from its start to its end",
}
"""Figures of every segment of a pilot's schedule: ``<segment>_<name>``."""

_PASSING: Final = re.compile(r"speed_at_([1-9][0-9]*)m_m_s")
_SEGMENT: Final = re.compile(rf"([a-z0-9][a-z0-9-]*)_({'|'.join(SEGMENT_FIGURES)})")


def passing_height_m(name: str) -> float | None:
    """Return the height at which a figure gives the speed, or None for another figure.

    Examples
    --------
    >>> passing_height_m("speed_at_192m_m_s")
    192.0
    """
    found = _PASSING.fullmatch(name)
    return float(found[1]) if found else None


def meaning_of(name: str) -> str:
    """Return what a figure measures.

    Parameters
    ----------
    name : str
        Of a figure: one of `FIGURES`, ``speed_at_<H>m_m_s`` or ``<segment>_<name>``.

    Returns
    -------
    str
        A phrase.

    Raises
    ------
    ConfigError
        If nothing of that name is measured.

    Examples
    --------
    >>> meaning_of("rough-braking_time_s")
    'rough-braking: duration of the segment'
    """
    if name in FIGURES:
        return FIGURES[name]
    height = passing_height_m(name)
    if height is not None:
        return f"descent speed at a height of {height:g} m"
    segment = _SEGMENT.fullmatch(name)
    if segment is None:
        raise ConfigError(
            f"unknown figure {name!r}{nearest(name, FIGURES)} (available: {', '.join(FIGURES)},"
            f" speed_at_<H>m_m_s, and of a segment {', '.join(SEGMENT_FIGURES)})"
        )
    return f"{segment[1]}: {SEGMENT_FIGURES[segment[2]]}"


def _known(name: str) -> str:
    meaning_of(name)
    return name


class PublishedFigure(Spec):
    """One published figure, and the interval that counts as reproduced."""

    name: Annotated[str, AfterValidator(_known)]
    """What is measured; the unit is its suffix."""
    value: float
    """The figure as published."""
    band: Interval | None = None
    """Lowest and highest median that count as reproduced; None if it is only displayed."""

    def _unit_of(self, name: str) -> str:
        return unit_of(self.name) if name == "value" else super()._unit_of(name)
