"""What the difference between an accident and a landing is made of, loss by loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KINDS", "Landed", "kinds_of"]

KINDS: Final[Mapping[str, str]] = {
    "landed": "landed by its own pilot",
    "law": "another law lands it, with the same filter",
    "navigation": "another pilot lands it, but not with the filter that it flew with",
    "information": "its own law lands it with the true state, and no pilot without",
    "law and information": "another law lands it, but only with the true state",
    "open": "no pilot here lands it, though it is not proven lost",
    "physics": "lost from the start: no control whatever could have landed",
}
"""Kinds of flights, each with what it says; a flight is of the first kind that applies."""


class Landed(NamedTuple):
    """Which flights are landed, (n,) bool each."""

    own: np.ndarray  # by the lander's own pilot
    own_given_state: np.ndarray  # by that with the true state in place of its estimate
    onboard: np.ndarray  # by the best pilot that knows no more than the lander
    own_filter: np.ndarray  # by the best other law with the own pilot's filter
    truth: np.ndarray  # by the best pilot with the true state


def kinds_of(landed: Landed, lost: np.ndarray) -> np.ndarray:
    """Return the kind of each flight.

    Parameters
    ----------
    landed : Landed
        Which flights are landed.
    lost : ndarray of bool, shape (n,)
        Lost from the start.

    Returns
    -------
    ndarray of str, shape (n,)
        Keys of `KINDS`.
    """
    rules = {
        "landed": landed.own,
        "physics": lost,
        "law": landed.onboard & landed.own_filter,
        "navigation": landed.onboard,
        "information": landed.own_given_state,
        "law and information": landed.truth,
    }
    kinds: np.ndarray = np.select(list(rules.values()), list(rules), default="open")
    return kinds
