"""What missions are put together from, by name: landers, sensors, ground, planets, downlinks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lunar_env.errors import ConfigError, nearest
from lunar_env.specs.downlink import DownlinkSpec
from lunar_env.specs.files import names
from lunar_env.specs.inertial import InertialSpec
from lunar_env.specs.loader import load
from lunar_env.specs.planet import PlanetSpec
from lunar_env.specs.rangefinder import RangefinderSpec
from lunar_env.specs.sensors import CameraSpec, RadarSpec, VelocimeterSpec
from lunar_env.specs.terrain import TerrainSpec
from lunar_env.specs.vehicle import VehicleSpec

if TYPE_CHECKING:
    from pathlib import Path

    from lunar_env.specs.base import Spec

__all__ = ["PARTS", "list_parts", "load_part"]

PARTS: Final[dict[str, type[Spec]]] = {
    "vehicle": VehicleSpec,
    "rangefinder": RangefinderSpec,
    "velocimeter": VelocimeterSpec,
    "radar": RadarSpec,
    "camera": CameraSpec,
    "inertial": InertialSpec,
    "terrain": TerrainSpec,
    "planet": PlanetSpec,
    "downlink": DownlinkSpec,
}
"""Kinds of parts, as a mission's file calls them, and what they are; a downlink names missions."""


def list_parts(kind: str) -> list[str]:
    """Return the names of the parts of a kind that come with the package.

    Examples
    --------
    >>> list_parts("planet")
    ['mars-gaudet', 'moon']
    """
    if kind not in PARTS:
        raise ConfigError(
            f"kind = {kind!r}: must be one of {', '.join(PARTS)}" + nearest(kind, PARTS)
        )
    return names(kind)


def load_part(kind: str, part: str | Path) -> Spec:
    """Load a part of a mission by itself.

    Parameters
    ----------
    kind : str
        One of `PARTS`.
    part : str or Path
        Name of a part of the package, or path of a TOML file.

    Returns
    -------
    Spec
        The resolved and validated part, of the type that `PARTS` names.

    Raises
    ------
    ConfigError
        If there is no such part, or the file does not hold a valid one.
    """
    list_parts(kind)
    return load(kind, PARTS[kind], part)
