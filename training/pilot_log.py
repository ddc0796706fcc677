"""What a pilot believed and commanded while it flew, without asking it twice.

A classical pilot calls its filter once in every step. The watcher stands between the two, hands
every estimate on as it is, and remembers the last one.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from agents import Pilot
    from agents.base import BoolArray, PilotState
    from agents.navigation.types import Estimate, NavigationFilter
    from agents.observation import Reading
    from training.truth import Glimpse

__all__ = ["BeliefLog", "ThrottleLog", "Watcher", "program_of", "watched"]

# Commands above are full thrust, and below they are none, as a share of the installed thrust.
FULL = 0.99
OFF = 0.01


class Watcher:
    """A navigation filter that lets another one work and remembers what it said.

    Parameters
    ----------
    navigation : NavigationFilter
        Who works.
    """

    def __init__(self, navigation: NavigationFilter) -> None:
        self.latest: Estimate | None = None
        self._navigation = navigation

    @property
    def name(self) -> str:
        """Name of the filter that works."""
        return self._navigation.name

    @property
    def needs_truth(self) -> bool:
        """Whether the filter that works reads the truth."""
        return self._navigation.needs_truth

    def update(
        self, reading: Reading, memory: PilotState | None, starts: BoolArray
    ) -> tuple[Estimate, PilotState]:
        """Use one observation; see `agents.navigation.types.NavigationFilter`."""
        self.latest, memory = self._navigation.update(reading, memory, starts)
        return self.latest, memory


def watched(pilot: Pilot) -> tuple[Pilot, Watcher | None]:
    """Return a copy of a pilot whose filter is watched.

    Parameters
    ----------
    pilot : Pilot
        Who flies.

    Returns
    -------
    pilot : Pilot
        A copy; the pilot itself where it has no `navigation`.
    watcher : Watcher or None
        None where there is no filter to watch.
    """
    navigation = getattr(pilot, "navigation", None)
    if navigation is None:
        return pilot, None
    watcher = Watcher(navigation)
    twin: Any = copy.copy(pilot)
    twin.navigation = watcher
    return twin, watcher


def program_of(pilot: Pilot, state: PilotState | None) -> np.ndarray | None:
    """Return which part of its descent a pilot flies.

    Parameters
    ----------
    pilot : Pilot
        Who flies.
    state : tuple of ndarray or None
        Its memory, after the command.

    Returns
    -------
    ndarray of int, shape (n,), or None
        Number of the part; None for a pilot that tells none apart.
    """
    told: Any = pilot
    if state is None or not getattr(told, "programs", ()):
        return None
    return np.asarray(told.program(state))


class BeliefLog:
    """How wrong a filter was about the height, and how long it refused what it was shown.

    Parameters
    ----------
    landings : int
        How many are recorded.
    """

    def __init__(self, landings: int) -> None:
        self.worst_m = np.full(landings, np.nan)  # |believed - true height|, once it has seen
        self.lockout_s = np.full(landings, np.nan)  # longest time without a break
        self._refused_s = np.zeros(landings)

    def note(
        self, estimate: Estimate, rows: np.ndarray, at: np.ndarray, now: Glimpse, period_s: float
    ) -> None:
        """Write down what was believed before a step.

        Parameters
        ----------
        estimate : Estimate
            Of all rows of the environment.
        rows, at : ndarray of int, shape (k,)
            Rows that fly, and the landings that they fly.
        now : Glimpse
            The truth about these rows at the same instant.
        period_s : float
            Until the next look.
        """
        aloft = ~now.touched
        error = np.abs(estimate.height_m[rows] - now.height_m)
        told = aloft & estimate.seen[rows]
        self.worst_m[at[told]] = np.fmax(self.worst_m[at[told]], error[told])
        refused = np.where(aloft & estimate.rejected[rows], self._refused_s[at] + period_s, 0.0)
        self._refused_s[at] = refused
        self.lockout_s[at] = np.fmax(self.lockout_s[at], refused)


class ThrottleLog:
    """How much of the last burn was flown at full thrust.

    Parameters
    ----------
    landings : int
        How many are recorded.
    """

    def __init__(self, landings: int) -> None:
        self._burn = np.zeros(landings)
        self._full = np.zeros(landings)
        self._full_now = np.zeros(landings)

    def note(self, throttle: np.ndarray, at: np.ndarray, touched: np.ndarray) -> None:
        """Write down what was commanded before a step.

        Parameters
        ----------
        throttle : ndarray, shape (k,)
            Least of the commanded shares of installed thrust.
        at : ndarray of int, shape (k,)
            Landings.
        touched : ndarray of bool, shape (k,)
            Those that have touched the ground: their last burn is over.
        """
        at, u = at[~touched], throttle[~touched]
        burns, full = u > OFF, u >= FULL
        self._burn[at] = np.where(burns, self._burn[at] + 1.0, 0.0)
        self._full[at] = np.where(burns, self._full[at] + full, 0.0)
        self._full_now[at] = np.where(full, self._full_now[at] + 1.0, 0.0)

    def share(self) -> np.ndarray:
        """Return the share of the last burn at full thrust; NaN without one."""
        burnt = self._burn > 0.0
        return np.where(burnt, self._full / np.where(burnt, self._burn, 1.0), np.nan)

    def until_the_end(self, period_s: float) -> np.ndarray:
        """Return for how long [s] full thrust was commanded without a break before the end."""
        return self._full_now * period_s
