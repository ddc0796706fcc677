"""The picture of a flight as the ground could draw it: an earlier instant, without the truth."""

from __future__ import annotations

import bisect
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lunar_env.rendering import Snapshot
    from lunar_env.telemetry.downlink import GroundView

__all__ = ["GroundScreen"]

_SLACK_S = 1e-6  # of sums of control periods


class GroundScreen:
    """Keeps the snapshots of a flight until the ground may see what the lander knew in them.

    Draw what `at` returns without the truth (``View(follow="belief", truth=False)``): of the true
    state it holds what the snapshot of the frame's time does.
    """

    def __init__(self) -> None:
        self._times: list[float] = []
        self._snapshots: list[Snapshot] = []

    def add(self, snapshot: Snapshot) -> None:
        """Keep the present instant; in the order of time, from the start of an episode."""
        if self._times and snapshot.time_s < self._times[-1]:
            self._times.clear()
            self._snapshots.clear()
        self._times.append(snapshot.time_s)
        self._snapshots.append(snapshot)

    def at(self, view: GroundView) -> Snapshot | None:
        """Return what the ground draws; None before the first frame.

        Parameters
        ----------
        view : GroundView
            Of `Downlink.at`.

        Returns
        -------
        Snapshot or None
            As at the time of the latest frame, with the height and speeds that the public picture
            shows, and no outcome: the ground learns of the end by silence.
        """
        frame = view.frame
        if frame is None or not self._times:
            return None
        k = bisect.bisect_right(self._times, frame.time_s + _SLACK_S) - 1
        return self._snapshots[max(k, 0)]._replace(
            believed_height_m=view.height_m,
            believed_sigma_m=frame.height_sigma_m,
            believed_v_vertical_m_s=frame.v_vertical_m_s,
            believed_v_lateral_m_s=frame.v_lateral_m_s,
            dead_reckoned_height_m=frame.dead_reckoned_height_m,
            outcome="FLYING",
        )
