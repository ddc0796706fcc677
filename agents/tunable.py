"""Which gains of a classical pilot a study may change, and between which values.

Few, and those that trade safety for propellant: a study of some dozen trials finds its way in five
dimensions, not in twenty. The numbers of a filter are its sensors' error budget and no preference:
a study would only teach them the luck of its landings, so none is listed. What a gain may be at all
is wider, see `gains.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from lunar_env.errors import ConfigError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Range", "tunable"]


class Range(NamedTuple):
    """Where a study looks, ends included."""

    low: float
    high: float


# Of the last metres. Faster would touch the nominal limits, slower or higher only burns. Handed
# over at 4.8 m one landing in 1000 was lost more: too few for a study to notice.
_TERMINAL: Final = {
    "terminal.touchdown_m_s": Range(0.6, 1.3),
    "terminal.handover_m": Range(6.0, 15.0),
}
# Before the first range: how low the ground is taken to lie, how slowly it is looked for.
_BLIND: Final = {"blind.sigmas": Range(1.5, 3.5)}
# Of a searched plan: what is left to errors.
_SEARCH: Final = {"law.peak_frac": Range(0.75, 1.0)}
_LAWS: Final[Mapping[str, Mapping[str, Range]]] = {
    "velocity-profile": {
        "law.brake_frac": Range(0.6, 0.95),
        "law.gain_per_s": Range(0.3, 1.2),
    },
    "hoverslam": {
        # Apart: a burn that is broken off above the share it was planned with would chatter.
        "law.use_frac": Range(0.8, 0.97),
        "law.resume_frac": Range(0.5, 0.76),
        "law.margin_m": Range(0.0, 10.0),
    },
    "e-guidance": _SEARCH,
    "apollo": {**_SEARCH, "law.a_end_m_s2": Range(-0.1, 0.6)},
    # Its powers are what the law is known by; only the end is free.
    "fp2dg": {**_SEARCH, "law.a_end_m_s2": Range(-0.1, 0.6)},
    "convex": _SEARCH,
}
_TRUSTING: Final = "-trusting"


def tunable(pilot: str) -> dict[str, Range]:
    """Return what a study of a pilot may change.

    Parameters
    ----------
    pilot : str
        ``law+filter``; the variant that trusts its dead reckoning has no gains before the first
        range.

    Returns
    -------
    dict of str to Range
        By ``group.gain``.

    Raises
    ------
    ConfigError
        If the pilot is not a classical one.

    Examples
    --------
    >>> tunable("velocity-profile+kalman")["law.gain_per_s"]
    Range(low=0.3, high=1.2)
    """
    law, plus, _ = pilot.partition("+")
    trusting = law.endswith(_TRUSTING)
    law = law.removesuffix(_TRUSTING)
    if not plus or law not in _LAWS:
        hint = nearest(law, _LAWS)
        raise ConfigError(f"{pilot!r} has no gains to tune: it is not law+filter{hint}")
    return {**_LAWS[law], **_TERMINAL, **({} if trusting else _BLIND)}
