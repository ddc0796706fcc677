"""Pilots with one part of what they believe replaced by the truth: what a loss is made of.

A landing that such a pilot saves, flown again in the same episode, was lost for want of that part.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lunar_env.errors import ConfigError, nearest

from .classical import ClassicalPilot
from .learned import LearnedPilot
from .navigation.types import NavigationFilter
from .observation import ObservationReader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .base import BoolArray, FieldLike, Float32Array, Pilot, PilotState
    from .navigation.types import Estimate
    from .observation import Reading, Truth

__all__ = ["PARTS", "substituted"]

PARTS: Final = {
    "height": "the height above the ground",
    "velocity": "the velocity",
    "lateral": "the horizontal velocity",
    "place": "the position over the ground",
    "state": "height, velocity and position",
    "engines": "the thrust of the engines that work",
    "uncertainty": "how wrong its own estimate is, but not in which direction",
}


def substituted(
    pilot: Pilot, fields: Sequence[FieldLike], part: str
) -> ClassicalPilot | LearnedPilot:
    """Return a copy of a pilot whose filter is given one part of the truth.

    Parameters
    ----------
    pilot : Pilot
        A classical pilot, or a policy with a guide.
    fields : sequence of Field
        Observation fields with `lunar_env.PRIVILEGED_FIELDS` appended.
    part : str
        A key of `PARTS`.

    Returns
    -------
    ClassicalPilot or LearnedPilot
        Its observations must have ``env.privileged`` appended.

    Raises
    ------
    ConfigError
        If there is no such part, or the pilot has no filter.
    """
    if part not in PARTS:
        raise ConfigError(f"unknown part {part!r}{nearest(part, PARTS)}")
    if isinstance(pilot, LearnedPilot) and pilot.guide is not None:
        return pilot.with_guide(_substituted(pilot.guide, fields, part))
    if not isinstance(pilot, ClassicalPilot):
        raise ConfigError(f"{pilot.name} has no navigation filter: nothing can be substituted")
    return _substituted(pilot, fields, part)


def _substituted(pilot: ClassicalPilot, fields: Sequence[FieldLike], part: str) -> ClassicalPilot:
    copied: Any = copy.copy(pilot)
    reader = ObservationReader(fields, truth=True)
    copied._reader = _TrueThrustReader(reader) if part == "engines" else reader
    copied.navigation = _SubstitutingFilter(pilot.navigation, part)
    known: ClassicalPilot = copied
    return known


class _TrueThrustReader:
    """Reads the thrust to weight of the engines that work, instead of that of the design."""

    def __init__(self, reader: ObservationReader) -> None:
        self._reader = reader
        self.width = reader.width

    def read(self, observation: Float32Array) -> Reading:
        """Convert observations to SI units; see `ObservationReader.read`."""
        reading = self._reader.read(observation)
        true = _truth_of(reading)
        weight = true.mass_kg * reading.gravity_m_s2
        ratio = true.thrust_available_N / np.maximum(weight, 1e-9)
        return reading._replace(thrust_to_weight=np.maximum(ratio, 1e-3))


@dataclass(frozen=True, slots=True)
class _SubstitutingFilter:
    """A filter whose estimate has one part of the truth."""

    navigation: NavigationFilter
    part: str
    needs_truth: bool = True

    @property
    def name(self) -> str:
        """Name of the filter and the part."""
        return f"{self.navigation.name}, {self.part}"

    def update(
        self, reading: Reading, memory: PilotState | None, starts: BoolArray
    ) -> tuple[Estimate, PilotState]:
        """Use one observation; see `NavigationFilter.update`."""
        estimate, memory = self.navigation.update(reading, memory, starts)
        return _with_part(estimate, _truth_of(reading), self.part), memory


def _with_part(e: Estimate, true: Truth, part: str) -> Estimate:
    none = np.zeros_like(true.height_m)
    if part == "state":
        for each in ("height", "velocity", "place"):
            e = _with_part(e, true, each)
    elif part == "height":
        sure = np.ones_like(e.seen)
        return e._replace(
            height_m=true.height_m, height_sigma_m=none, height_v_z_cov=none, seen=sure
        )
    elif part == "velocity":
        e = _with_part(e, true, "lateral")
        return e._replace(v_z_m_s=true.v_z_m_s, v_z_sigma_m_s=none, height_v_z_cov=none)
    elif part == "lateral":
        return e._replace(v_x_m_s=true.v_x_m_s, v_y_m_s=true.v_y_m_s, v_lateral_sigma_m_s=none)
    elif part == "place":
        return e._replace(x_m=true.x_m, y_m=true.y_m, horizontal_sigma_m=none)
    elif part == "uncertainty":
        return e._replace(
            height_sigma_m=np.abs(e.height_m - true.height_m),
            v_z_sigma_m_s=np.abs(e.v_z_m_s - true.v_z_m_s),
            horizontal_sigma_m=np.hypot(e.x_m - true.x_m, e.y_m - true.y_m),
            v_lateral_sigma_m_s=np.hypot(e.v_x_m_s - true.v_x_m_s, e.v_y_m_s - true.v_y_m_s),
            height_v_z_cov=none,
        )
    return e


def _truth_of(reading: Reading) -> Truth:
    if reading.truth is None:
        raise ConfigError("a substituting pilot was given a reading without the truth")
    return reading.truth
