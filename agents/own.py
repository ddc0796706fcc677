"""The pilot of each mission: law, filter and schedule as far as they are published.

It is in ``lunar_env/data/guidance/<mission>.toml``: ``law`` ("schedule", or "apollo" for one with
targets), ``filter``, ``trusting``, ``gains`` as in `gains.py`, and ``segments``: for "schedule" the
whole descent, for "apollo" the manual flight of the crew, whose start is in ``by_hand``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from lunar_env.data import DATA_DIR
from lunar_env.errors import ConfigError, nearest
from lunar_env.reading import read_toml

from .guidance.segments import Segment, read_segment, without_source
from .guidance.tip import Tip

__all__ = ["OWN", "OwnPilot", "missions_with_own", "read_own", "tip_of"]

OWN: Final = "own"
_FOLDER: Final = DATA_DIR / "guidance"
LAWS: Final = ("schedule", "apollo")


class OwnPilot(NamedTuple):
    """Content of a mission's file."""

    law: str
    navigation: str
    trusting: bool
    gains: dict[str, dict[str, object]]
    segments: tuple[Segment, ...]
    by_hand: dict[str, float]


def missions_with_own() -> list[str]:
    """Names of the missions for which there is such a pilot."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


@lru_cache(maxsize=16)
def read_own(mission: str | None) -> OwnPilot:
    """Read the pilot of a mission.

    Raises
    ------
    ConfigError
        If the mission has none, or its file is wrong.
    """
    known = missions_with_own()
    if mission not in known:
        hint = nearest(mission or "", known)
        raise ConfigError(
            (
                f"pilot {OWN!r} needs a mission"
                if mission is None
                else f"mission {mission!r} has no pilot {OWN!r}{hint}"
            )
            + f" (missions with one: {', '.join(known)})"
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


def tip_of(mission: str | None) -> Tip | None:
    """Return how the lander of a mission falls onto its side; None for one that stands.

    It belongs to the lander, as its legs do: each pilot that flies it has to do the same.
    """
    if mission not in missions_with_own():
        return None
    segments = read_own(mission).segments
    if not segments or segments[-1].kind != "fall":
        return None
    return Tip(segments[-2].end_height_m, segments[-1])
