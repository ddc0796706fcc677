"""Causes of losses: the first rule that applies to a lost landing gives its cause.

The rules are ordered from root causes to consequences. A lander that never received a range and
therefore used up its propellant counts as lost without a range, not as out of fuel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CAUSES", "LOCKOUT_S", "SATURATED_S", "causes"]

# A filter that recovers accepts ranges again within ten samples of a 2 Hz rangefinder.
LOCKOUT_S: Final = 5.0
# Longer than a flare: a burn that ends with this time at full thrust started too late.
SATURATED_S: Final = 3.0

CAUSES: Final = {
    "doomed": "lost from the start: no control whatever could have landed",
    "clock": "the time limit ended the flight",
    "tipped": "it fell over, though every contact was within the survivable limits of speed",
    "leaning": "slow enough, but with too much tilt or body rate at contact",
    "never saw": "no range ever arrived",
    "lock-out": f"its filter rejected the ranges for more than {LOCKOUT_S:g} s without a break",
    "saw too late": "at the first range full thrust could no longer have stopped it",
    "fuel": "the tanks ran dry",
    "out of bounds": "it left the region of the mission",
    "saturated": f"full thrust for the last {SATURATED_S:g} s or more, and still too fast",
    "sideways": "too fast sideways, not downwards",
    "too fast": "too fast downwards, with thrust to spare",
    "hard": "within the speed limits, but damaged at rest",
    "numeric": "the simulation failed",
}


def causes(landings: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the cause of each loss.

    Parameters
    ----------
    landings : mapping of ndarray
        Columns of the results; comparisons with NaN are false, so that unknown values are no cause.

    Returns
    -------
    ndarray of object, shape (n,)
        Keys of `CAUSES`; empty where the lander landed.
    """
    outcome = landings["outcome"]
    down, aside = landings["margin_v_vertical_m_s"], landings["margin_v_lateral_m_s"]
    fast, slow = (down < 0) | (aside < 0), (down >= 0) & (aside >= 0)
    leaning = (landings["margin_tilt_deg"] < 0) | (landings["margin_rate_deg_s"] < 0)
    rules = {
        "numeric": outcome == "NUMERIC",
        "doomed": landings["lost"],
        "clock": outcome == "TIME_LIMIT",
        "tipped": slow & (outcome == "TIPPED"),
        "leaning": slow & leaning,
        "never saw": ~slow & np.isnan(landings["first_fix_height_m"]),
        "lock-out": ~slow & (landings["lockout_s"] > LOCKOUT_S),
        "saw too late": ~slow & (landings["fix_margin_m"] < 0),
        "fuel": (outcome == "FUEL_OUT") | (landings["propellant_left_kg"] <= 0),
        "out of bounds": outcome == "OUT_OF_BOUNDS",
        "saturated": fast & (landings["full_thrust_end_s"] >= SATURATED_S),
        "sideways": fast & (down >= 0),
        "too fast": fast,
    }
    chosen = np.select(list(rules.values()), list(rules), default="hard")
    cause: np.ndarray = np.where(outcome == "LANDED", "", chosen).astype(object)
    return cause
