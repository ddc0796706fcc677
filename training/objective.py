"""The objective of gain tuning: losses, then hard touchdowns, then propellant.

It is one number, with weights so far apart that the terms are compared in this order (`RULE`).
Starts that are lost count for nothing: no control could land from them, whatever the gains.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from training.statistics import order_statistic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.results import Landings

__all__ = ["RULE", "Score", "score", "total"]

RULE: Final = (
    "per scenario 1000 failed + excess / (excess + 1 m/s) + 0.1 used, the mean over scenarios, to"
    " be small. failed: share of the starts that are not lost from which it did not land; excess:"
    " their 99.7 % touchdown speed over what the mission's nominal tier allows, 0 below it; used:"
    " mean propellant of the landings over what was in the tanks"
)
_FAILED: Final = 1000.0
_USED: Final = 0.1
_SCALE_M_S: Final = 1.0
# The largest value of the speed term, for the case that none of them touched down.
_NO_SPEED: Final = 1.0


class Score(NamedTuple):
    """The score of a pilot in one scenario."""

    scenario: str
    value: float  # `RULE`
    landings: int
    failed_of_all: int  # starts that ended in anything but a landing
    not_lost: int  # starts that are not lost
    failed: int  # those of them that ended in anything but a landing
    speed_p997_m_s: float  # their 99.7 % touchdown speed
    propellant_used_kg: float  # mean of the successful landings


def score(landings: Landings) -> Score:
    """Score the landings of one pilot in one scenario.

    Parameters
    ----------
    landings : dict of ndarray
        Columns of the results, of at least one landing.

    Returns
    -------
    Score
        Smaller is better.
    """
    landed, possible = landings["landed"], ~landings["lost"]
    failed = int(np.sum(possible & ~landed))
    speed = order_statistic(landings["speed_m_s"][possible], 0.997)
    used = landings["propellant_used_kg"]
    tanks = used + landings["propellant_left_kg"]
    burnt = float(np.mean(used[landed])) if landed.any() else float(np.mean(tanks))
    speed_term = _speed_term(speed, _allowed_m_s(landings))
    losses = _FAILED * failed / max(int(possible.sum()), 1)
    return Score(
        scenario=str(landings["scenario"][0]),
        value=losses + speed_term + _USED * burnt / float(tanks[0]),
        landings=len(landed),
        failed_of_all=int(np.sum(~landed)),
        not_lost=int(possible.sum()),
        failed=failed,
        speed_p997_m_s=speed,
        propellant_used_kg=burnt,
    )


def total(scores: Sequence[Score]) -> float:
    """Return the mean over the scenarios, which the study minimises."""
    return float(np.mean([entry.value for entry in scores]))


def _allowed_m_s(landings: Landings) -> float:
    """Vertical speed limit of the nominal tier [m/s]; NaN if no landing touched the ground."""
    limits = landings["v_vertical_m_s"] + landings["margin_nominal_v_vertical_m_s"]
    known = limits[~np.isnan(limits)]
    return float(known[0]) if known.size else np.nan


def _speed_term(speed_m_s: float, allowed_m_s: float) -> float:
    excess = max(speed_m_s - allowed_m_s, 0.0)
    return _NO_SPEED if np.isnan(speed_m_s) else excess / (excess + _SCALE_M_S)
