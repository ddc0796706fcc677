"""Gains of a classical pilot that a study may change, and their ranges.

They are few, those that trade safety for propellant: a study of some dozen trials converges in six
dimensions, not in twenty. Their ranges are wide: a gain whose best value is out of reach makes a
weak pilot. The numbers of a filter are the error budget of its sensors: a study
would only fit them to its own landings, so none is listed. The values that a gain may have at all
are in `gains.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from lunar_env.errors import ConfigError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Range", "tunable"]


class Range(NamedTuple):
    """Range of a study, ends included."""

    low: float
    high: float


# Of the last metres. Faster touchdowns reach the nominal limits. A plan of a steered lander may end
# anywhere from where it must be nearly upright to where the turn costs more than it saves.
_TERMINAL: Final = {
    "terminal.touchdown_m_s": Range(0.6, 1.6),
    "terminal.handover_m": Range(3.0, 30.0),
    "terminal.upright_m": Range(5.0, 60.0),
}
# Before the first range: margin of the estimated height. An estimate can be worse than it says by a
# factor of four, so that 10 of its standard deviations are 2.5 true ones.
_BLIND: Final = {
    "blind.sigmas": Range(1.5, 10.0),
    # Descent rate once that height is used up: the propellant decides how fast it has to be. The
    # lowest is `slowest_m_s`.
    "blind.fastest_m_s": Range(8.0, 60.0),
}
# Of a searched plan: the margin of thrust for errors, and the price of its last lean.
_SEARCH: Final = {"law.peak_frac": Range(0.6, 1.0), "law.lean_price_frac": Range(0.0, 1.0)}
_LAWS: Final[Mapping[str, Mapping[str, Range]]] = {
    "velocity-profile": {
        "law.brake_frac": Range(0.2, 0.95),
        "law.gain_per_s": Range(0.3, 1.2),
    },
    "hoverslam": {
        # The ranges do not overlap: a burn interrupted above its planned share would chatter.
        "law.use_frac": Range(0.77, 0.97),
        "law.resume_frac": Range(0.3, 0.76),
        "law.margin_m": Range(0.0, 10.0),
    },
    "e-guidance": _SEARCH,
    "apollo": {**_SEARCH, "law.a_end_m_s2": Range(-0.1, 1.2)},
    # Its powers define the law; only the end is free.
    "fp2dg": {**_SEARCH, "law.a_end_m_s2": Range(-0.1, 1.2)},
    "convex": {"law.peak_frac": _SEARCH["law.peak_frac"]},
}
_TRUSTING: Final = "-trusting"


def tunable(pilot: str) -> dict[str, Range]:
    """Return the gains that a study of a pilot may change.

    Parameters
    ----------
    pilot : str
        ``law+filter``; the ``-trusting`` variant has no gains of the descent before the first
        range.

    Returns
    -------
    dict of str to Range
        Range by ``group.gain``.

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
