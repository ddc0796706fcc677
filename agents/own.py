"""The pilot that each mission flew with: law, filter and schedule as far as published.

``lunar_env/data/guidance/<mission>.toml`` holds it: ``law`` ("schedule", or "apollo" for one with
targets of its own), ``filter``, ``trusting``, ``gains`` as in `gains.py`, and ``segments``:
of a schedule all, of Apollo's what its crew flew by hand, with ``by_hand`` for where it began.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from lunar_env.data import DATA_DIR
from lunar_env.errors import ConfigError, nearest
from lunar_env.reading import read_toml

from .guidance.segments import Segment, read_segment, without_source

__all__ = ["OWN", "OwnPilot", "missions_with_own", "read_own"]

OWN: Final = "own"
_FOLDER: Final = DATA_DIR / "guidance"
LAWS: Final = ("schedule", "apollo")


class OwnPilot(NamedTuple):
    """What a mission's file says."""

    law: str
    navigation: str
    trusting: bool
    gains: dict[str, dict[str, object]]
    segments: tuple[Segment, ...]
    by_hand: dict[str, float]


def missions_with_own() -> list[str]:
    """Names of the missions that come with a pilot of their own."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


@lru_cache(maxsize=16)
def read_own(mission: str | None) -> OwnPilot:
    """Read a mission's own pilot.

    Raises
    ------
    ConfigError
        If the mission has none, or its file is wrong.
    """
    known = missions_with_own()
    if mission not in known:
        hint = nearest(mission or "", known)
        raise ConfigError(
            f"pilot {OWN!r} is a mission's own pilot; {mission!r} has none{hint}"
            f" (missions that have one: {', '.join(known)})"
        )
    path = _FOLDER / f"{mission}.toml"
    table = read_toml(path)
    law = table.get("law", LAWS[0])
    if law not in LAWS:
        raise ConfigError(f"{path}: law = {law!r} must be one of {', '.join(LAWS)}")
    segments = tuple(
        read_segment(one, f"{path}: segments, {number}")
        for number, one in enumerate(table.get("segments", ()), start=1)
    )
    if law == LAWS[0] and (not segments or segments[-1].kind not in ("sink", "fall")):
        raise ConfigError(f"{path}: the last of segments must be a sink or a fall, to the ground")
    gains = {
        group: {name: without_source(value) for name, value in values.items()}
        for group, values in table.get("gains", {}).items()
    }
    trusting = bool(table.get("trusting", False))
    by_hand = {name: float(without_source(raw)) for name, raw in table.get("by_hand", {}).items()}
    navigation = str(table.get("filter", "kalman"))
    return OwnPilot(law, navigation, trusting, gains, segments, by_hand)
