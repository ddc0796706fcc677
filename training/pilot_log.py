"""Estimates and commands of a pilot, recorded while it flies.

A classical pilot calls its navigation filter once per step. `RecordingFilter` wraps that filter,
returns its estimates unchanged and keeps the latest one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from agents import LearnedPilot
from agents.classical import ClassicalPilot

if TYPE_CHECKING:
    from agents import Pilot
    from agents.base import BoolArray, PilotState
    from agents.navigation.types import Estimate, NavigationFilter
    from agents.observation import Reading
    from training.truth import StepTruth

__all__ = ["EstimateLog", "RecordingFilter", "ThrottleLog", "program_of", "with_recording_filter"]

# Commands above FULL count as full thrust, those below OFF as none (fractions of installed thrust).
FULL = 0.99
OFF = 0.01


class RecordingFilter:
    """Wraps a navigation filter and keeps its latest estimate.

    Parameters
    ----------
    navigation : NavigationFilter
        The wrapped filter.

    Attributes
    ----------
    latest : Estimate or None
        Returned by the latest update.
    """

    def __init__(self, navigation: NavigationFilter) -> None:
        self.latest: Estimate | None = None
        self._navigation = navigation

    @property
    def name(self) -> str:
        """Name of the wrapped filter."""
        return self._navigation.name

    @property
    def needs_truth(self) -> bool:
        """Whether the wrapped filter needs the true state."""
        return self._navigation.needs_truth

    def update(
        self, reading: Reading, memory: PilotState | None, starts: BoolArray
    ) -> tuple[Estimate, PilotState]:
        """Process one observation; see `agents.navigation.types.NavigationFilter`."""
        self.latest, memory = self._navigation.update(reading, memory, starts)
        return self.latest, memory


def with_recording_filter(pilot: Pilot) -> tuple[Pilot, RecordingFilter | None]:
    """Return a copy of a pilot whose navigation filter is recorded.

    Parameters
    ----------
    pilot : Pilot
        The pilot.

    Returns
    -------
    pilot : Pilot
        The copy, or the pilot itself if it has no filter.
    recording_filter : RecordingFilter or None
        None if the pilot has no filter.
    """
    flown = pilot.guide if isinstance(pilot, LearnedPilot) else pilot
    if not isinstance(flown, ClassicalPilot):
        return pilot, None
    recording_filter = RecordingFilter(flown.navigation)
    recorded = flown.with_navigation(recording_filter)
    if isinstance(pilot, LearnedPilot):
        return pilot.with_guide(recorded), recording_filter
    return recorded, recording_filter


def program_of(pilot: Pilot, state: PilotState | None) -> np.ndarray | None:
    """Return the segment of the descent that a pilot flies.

    Parameters
    ----------
    pilot : Pilot
        The pilot.
    state : tuple of ndarray or None
        Memory of the pilot, after the command.

    Returns
    -------
    ndarray of int, shape (n,), or None
        Index in ``pilot.programs``; None for a pilot without segments.
    """
    segmented: Any = pilot
    if state is None or not getattr(segmented, "programs", ()):
        return None
    return np.asarray(segmented.program(state))


class EstimateLog:
    """Height error of a filter, and how long it rejected measurements.

    Parameters
    ----------
    landings : int
        Number of landings that are recorded.
    """

    def __init__(self, landings: int) -> None:
        self.worst_m = np.full(landings, np.nan)  # |estimated - true height| after the first range
        self.lockout_s = np.full(landings, np.nan)  # longest uninterrupted rejection
        self._rejecting_s = np.zeros(landings)

    def note(
        self, estimate: Estimate, rows: np.ndarray, at: np.ndarray, now: StepTruth, period_s: float
    ) -> None:
        """Record the estimates before a step.

        Parameters
        ----------
        estimate : Estimate
            Estimates for all rows of the environment.
        rows, at : ndarray of int, shape (k,)
            Rows that fly, and their landings.
        now : StepTruth
            True state of these rows at the same time.
        period_s : float
            Time until the next call [s].
        """
        in_flight = ~now.touched
        error = np.abs(estimate.height_m[rows] - now.height_m)
        known = in_flight & estimate.seen[rows]
        self.worst_m[at[known]] = np.fmax(self.worst_m[at[known]], error[known])
        rejecting_s = np.where(
            in_flight & estimate.rejected[rows], self._rejecting_s[at] + period_s, 0.0
        )
        self._rejecting_s[at] = rejecting_s
        self.lockout_s[at] = np.fmax(self.lockout_s[at], rejecting_s)


class ThrottleLog:
    """Time at full thrust in the last burn.

    Parameters
    ----------
    landings : int
        Number of landings that are recorded.
    """

    def __init__(self, landings: int) -> None:
        self._burn = np.zeros(landings)
        self._full = np.zeros(landings)
        self._full_now = np.zeros(landings)

    def note(self, throttle: np.ndarray, at: np.ndarray, touched: np.ndarray) -> None:
        """Record the commands before a step.

        Parameters
        ----------
        throttle : ndarray, shape (k,)
            Lowest commanded thrust as a fraction of the installed thrust.
        at : ndarray of int, shape (k,)
            The landings.
        touched : ndarray of bool, shape (k,)
            Landings after ground contact, which are not recorded.
        """
        at, throttle = at[~touched], throttle[~touched]
        burning, full = throttle > OFF, throttle >= FULL
        self._burn[at] = np.where(burning, self._burn[at] + 1.0, 0.0)
        self._full[at] = np.where(burning, self._full[at] + full, 0.0)
        self._full_now[at] = np.where(full, self._full_now[at] + 1.0, 0.0)

    def share(self) -> np.ndarray:
        """Return the fraction of the last burn at full thrust, by landing; NaN without a burn."""
        burnt = self._burn > 0.0
        return np.where(burnt, self._full / np.where(burnt, self._burn, 1.0), np.nan)

    def until_the_end(self, period_s: float) -> np.ndarray:
        """Return the time at full thrust up to the end of the flight [s], by landing."""
        return self._full_now * period_s
