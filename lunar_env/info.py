"""Entries of `info`: the same finite numbers at every reset and step.

The table is the contract: the environments fill in these keys, recorders and reports read them. All
but the episode key and the reward terms are zero until an episode ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from lunar_env.sim.fields import REWARD_TERMS
from lunar_env.sim.world import TOUCHDOWN_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "INFO",
    "TERM_KEYS",
    "TOUCHDOWN_KEYS",
    "InfoKey",
    "signed",
    "touchdown_of",
    "unsigned",
]

_KEYS: Final = 2**64  # number of episode keys
_LIMITED: Final = TOUCHDOWN_NAMES[:4]
_TIERS: Final = {"": "survivable", "nominal_": "nominal"}


class InfoKey(NamedTuple):
    """One entry of `info`."""

    name: str
    kind: type[int] | type[float]
    unit: str
    doc: str


def _whole(name: str, doc: str) -> InfoKey:
    return InfoKey(name, int, "-", doc)


def _real(name: str, unit: str, doc: str) -> InfoKey:
    return InfoKey(name, float, unit, doc)


def _margins() -> tuple[InfoKey, ...]:
    units = ("m/s", "m/s", "deg", "deg/s")
    return tuple(
        _real(f"margin_{prefix}{name}", unit, f"{tier} limit minus {name}; negative where exceeded")
        for prefix, tier in _TIERS.items()
        for name, unit in zip(_LIMITED, units, strict=True)
    )


_TOUCHDOWN: Final = (
    _real("v_vertical_m_s", "m/s", "fastest contact: speed into the ground"),
    _real("v_lateral_m_s", "m/s", "fastest contact: speed along the ground"),
    _real("tilt_deg", "deg", "first contact: body axis from the normal of the ground"),
    _real("rate_deg_s", "deg/s", "first contact: body rate"),
    _real("miss_m", "m", "first contact: distance to the target"),
    _real("propellant_used_kg", "kg", "propellant used up to the first contact"),
    _real(
        "first_fix_height_m", "m", "height above the ground at the first valid range; -1 if none"
    ),
    _whole("at_rest", "1 if the lander came to rest before the end"),
    _real("rest_tilt_deg", "deg", "body axis from the normal of the ground, if `at_rest` is 1"),
    _whole("legs_broken", "broken legs, if `at_rest` is 1 or the outcome is TIPPED"),
    _real("stroke_m", "m", "longest stroke of a leg, if `at_rest` is 1 or the outcome is TIPPED"),
    *_margins(),
)
INFO: Final = (
    _whole("episode_key", "identifies the episode, see `reset`; a signed 64-bit integer"),
    _whole("is_success", "1 at the end of an episode with outcome LANDED"),
    _whole("outcome_code", "at the end, code of `lunar_env.Outcome`; 0 before"),
    *(_real(f"reward_{term}", "-", f"term {term!r} of the step's reward") for term in REWARD_TERMS),
    _whole("touched", "1 at an end after ground contact; if 0, all values below are 0"),
    *_TOUCHDOWN,
)
TERM_KEYS: Final = tuple(f"reward_{term}" for term in REWARD_TERMS)
TOUCHDOWN_KEYS: Final = tuple(key.name for key in _TOUCHDOWN)


def touchdown_of(info: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the part of a single environment's `info` that describes the touchdown.

    Parameters
    ----------
    info : mapping
        `info` of a step.

    Returns
    -------
    dict or None
        Entries of `TOUCHDOWN_KEYS`; None without contact, or before the end of the episode.
    """
    return {name: info[name] for name in TOUCHDOWN_KEYS} if info["touched"] else None


def signed(key: int) -> int:
    """Return an episode key as a signed 64-bit number, as in `info`.

    Examples
    --------
    >>> signed(2**64 - 1), signed(5), signed(signed(2**63))
    (-1, 5, -9223372036854775808)
    """
    return (int(key) + _KEYS // 2) % _KEYS - _KEYS // 2


def unsigned(key: int) -> int:
    """Return an episode key as an unsigned 64-bit number, as in files.

    Examples
    --------
    >>> unsigned(-1) == 2**64 - 1, unsigned(5)
    (True, 5)
    """
    return int(key) % _KEYS
