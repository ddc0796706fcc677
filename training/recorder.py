"""What is written down while a batch of landings is flown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from training.results import MARGINS, TOUCHDOWN, Landings
from training.task import truth_column

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LandingRecorder"]

TRACE_EVERY_S = 1.0

HEIGHT = truth_column("height_m")
TIME = truth_column("time_s")
PROPELLANT = truth_column("propellant_kg")
FIX_HEIGHT = truth_column("first_fix_alt_m")
HEIGHT_ERROR = truth_column("nav_height_error_m")
# Columns of the results that are the truth at the end of the episode.
AT_END = {
    "recover_margin_m": truth_column("recover_margin_m"),
    "first_fix_alt_m": FIX_HEIGHT,
    "first_fix_speed_m_s": truth_column("first_fix_speed_m_s"),
    "signal_loss_dB": truth_column("signal_loss_dB"),
    "latency_s": truth_column("latency_s"),
    "duration_s": TIME,
}


class LandingRecorder:
    """Collects the result of the first episode of every row.

    Parameters
    ----------
    info : mapping
        The vector environment's info at reset.
    truth : ndarray of float64, shape (n, P)
        Its ``privileged`` at reset.
    traces : int
        Of how many rows, from the first, the height over time is kept.
    """

    def __init__(self, info: Mapping[str, Any], truth: np.ndarray, traces: int) -> None:
        rows = len(truth)
        numbers = (*AT_END, *TOUCHDOWN, "speed_m_s", "propellant_used_kg", "propellant_left_kg")
        margins = tuple(f"margin_{name}" for name in MARGINS)
        self._columns = {name: np.full(rows, np.nan) for name in (*numbers, *margins)}
        self._columns["first_fix_time_s"] = np.full(rows, np.nan)
        self._columns["episode_return"] = np.zeros(rows)
        self._columns["worst_height_error_m"] = np.abs(truth[:, HEIGHT_ERROR])
        self._columns["episode_key"] = np.array(info["episode_key"], dtype=np.uint64)
        self._columns["outcome"] = np.full(rows, "", dtype=object)
        for name in ("landed", "contact", "recoverable"):
            self._columns[name] = np.zeros(rows, dtype=np.bool_)
        self._propellant_kg = truth[:, PROPELLANT].copy()
        self._traces: list[list[tuple[float, float]]] = [[] for _ in range(min(traces, rows))]
        self._trace(np.ones(rows, dtype=np.bool_), truth)

    def step(
        self,
        flying: np.ndarray,
        ended: np.ndarray,
        reward: np.ndarray,
        info: Mapping[str, Any],
        truth: tuple[np.ndarray, np.ndarray],
    ) -> None:
        """Write down one step.

        Parameters
        ----------
        flying : ndarray of bool, shape (n,)
            Rows that flew it.
        ended : ndarray of bool, shape (n,)
            Those whose episode it ended.
        reward : ndarray, shape (n,)
            Reward of the step.
        info : mapping
            The vector environment's info.
        truth : tuple of ndarray, each of shape (n, P)
            ``privileged`` and ``final_privileged``.
        """
        running, final = truth
        now = np.where(ended[:, np.newaxis], final, running)
        columns = self._columns
        columns["episode_return"][flying] += reward[flying]
        error = np.abs(now[:, HEIGHT_ERROR])
        worst = columns["worst_height_error_m"]
        np.maximum(worst, error, out=worst, where=flying)
        first = flying & (now[:, FIX_HEIGHT] >= 0) & np.isnan(columns["first_fix_time_s"])
        columns["first_fix_time_s"][first] = now[first, TIME]
        self._trace(flying, now, ended)
        if ended.any():
            self._end(np.flatnonzero(ended), info, now)

    def _end(self, rows: np.ndarray, info: Mapping[str, Any], truth: np.ndarray) -> None:
        columns = self._columns
        for name, column in AT_END.items():
            columns[name][rows] = truth[rows, column]
        left = truth[rows, PROPELLANT]
        columns["propellant_left_kg"][rows] = left
        columns["propellant_used_kg"][rows] = self._propellant_kg[rows] - left
        columns["recoverable"][rows] = truth[rows, truth_column("recoverable")] > 0.5
        columns["outcome"][rows] = info["outcome"][rows]
        columns["landed"][rows] = columns["outcome"][rows] == "LANDED"
        if "touchdown" in info:
            touched = rows[np.asarray(info["_touchdown"])[rows]]
            self._touch(touched, info["touchdown"])

    def _touch(self, rows: np.ndarray, touchdown: Mapping[str, Any]) -> None:
        columns = self._columns
        columns["contact"][rows] = True
        for name in TOUCHDOWN:
            columns[name][rows] = touchdown[name][rows]
        for name in MARGINS:
            columns[f"margin_{name}"][rows] = touchdown["margins"][name][rows]
        columns["speed_m_s"][rows] = np.hypot(
            columns["v_vertical_m_s"][rows], columns["v_lateral_m_s"][rows]
        )

    def _trace(
        self, flying: np.ndarray, truth: np.ndarray, ended: np.ndarray | None = None
    ) -> None:
        for row, trace in enumerate(self._traces):
            if not flying[row]:
                continue
            time_s = float(truth[row, TIME])
            last = ended is not None and bool(ended[row])
            if last or not trace or time_s - trace[-1][0] >= TRACE_EVERY_S - 1e-6:
                trace.append((time_s, float(truth[row, HEIGHT])))

    def landings(self) -> Landings:
        """Return the columns that were observed.

        Returns
        -------
        dict of ndarray
            One entry per row; NaN where there is nothing to say.
        """
        table = dict(self._columns)
        for name in ("first_fix_alt_m", "first_fix_speed_m_s"):
            table[name] = np.where(table[name] < 0, np.nan, table[name])
        for index, name in enumerate(("trace_time_s", "trace_height_m")):
            column = np.full(len(table["landed"]), None, dtype=object)
            for row, trace in enumerate(self._traces):
                column[row] = np.array([point[index] for point in trace], dtype=np.float32)
            table[name] = column
        return table
