"""Recording of landings while they are flown, in any rows of an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lunar_env import Outcome
from training.pilot_log import EstimateLog, ThrottleLog
from training.results import MARGINS, TOUCHDOWN, Landings
from training.truth import lost_share, step_truth, truth_column

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agents.navigation.types import Estimate
    from lunar_env import LunarLandingVectorEnv
    from training.missions.log import FlightLog

__all__ = ["LandingRecorder"]

OUTCOMES = np.array([outcome.name for outcome in Outcome], dtype=object)
# Steps of a landing between two reads of the privileged fields, which are expensive.
READ_EVERY = 5

HEIGHT = truth_column("height_m")
TIME = truth_column("time_s")
PROPELLANT = truth_column("propellant_kg")
HEIGHT_ERROR = truth_column("nav_height_error_m")
STOP_HEIGHT = truth_column("stop_height_m")
# Columns of the results that are privileged fields at the end of the episode.
AT_END = {
    "stop_margin_m": truth_column("stop_margin_m"),
    "first_fix_height_m": truth_column("first_fix_height_m"),
    "first_fix_speed_m_s": truth_column("first_fix_speed_m_s"),
    "signal_loss_dB": truth_column("signal_loss_dB"),
    "latency_s": truth_column("latency_s"),
    "duration_s": TIME,
}
_MORE = (
    *("speed_m_s", "propellant_used_kg", "propellant_left_kg", "first_fix_time_s"),
    *("fix_margin_m", "lost_share", "optimum_kg"),
)


class LandingRecorder:
    """Records the results of landings.

    Parameters
    ----------
    env : LunarLandingVectorEnv
        In ``NEXT_STEP`` mode, so that a row that has ended can still be read.
    landings : int
        Number of landings that will be flown.
    traces : int
        Number of landings, counted from the first, whose height trace is kept.
    log : FlightLog, optional
        Also records these landings.
    """

    def __init__(
        self, env: LunarLandingVectorEnv, landings: int, traces: int, log: FlightLog | None = None
    ) -> None:
        self._env, self._log = env, log
        numbers = (*AT_END, *TOUCHDOWN, *_MORE, *(f"margin_{name}" for name in MARGINS))
        self._columns = {name: np.full(landings, np.nan) for name in numbers}
        self._columns["episode_return"] = np.zeros(landings)
        self._columns["worst_height_error_m"] = np.zeros(landings)
        self._columns["episode_key"] = np.zeros(landings, dtype=np.uint64)
        for name in ("outcome", "cause"):
            self._columns[name] = np.full(landings, "", dtype=object)
        for name in ("landed", "contact", "lost"):
            self._columns[name] = np.zeros(landings, dtype=np.bool_)
        self._steps = np.zeros(landings, dtype=np.int64)
        self._start_kg = np.zeros(landings)
        self._has_fix = np.zeros(landings, dtype=np.bool_)
        self._ranges_arrived, self._flight_s = np.zeros(landings), np.zeros(landings)
        self._estimates, self._throttle = EstimateLog(landings), ThrottleLog(landings)
        mission = env.settings.mission
        self._period_s, unit = mission.control_period_s, mission.rangefinder
        self._sum_s = np.inf if unit is None else unit.integration_s
        names = [field.name for field in env.action_fields]
        self._throttles = [k for k, name in enumerate(names) if name.startswith("throttle")]
        self._traces: list[list[tuple[float, float]]] = [[] for _ in range(min(traces, landings))]

    def begin(self, rows: np.ndarray, at: np.ndarray, info: Mapping[str, Any]) -> None:
        """Record the start of landings.

        Parameters
        ----------
        rows, at : ndarray of int, shape (k,)
            Rows that have been reset, and the landings that they will fly.
        info : mapping
            The info of the reset.
        """
        truth = self._env.privileged_of(_mask(self._env.num_envs, rows))
        self._columns["episode_key"][at] = info["episode_key"][rows].view(np.uint64)
        self._columns["lost_share"][at] = lost_share(self._env, rows)
        self._columns["worst_height_error_m"][at] = np.abs(truth[:, HEIGHT_ERROR])
        self._start_kg[at] = truth[:, PROPELLANT]
        self._trace(at, truth)
        if self._log is not None:
            self._log.begin(rows, at)

    def decide(
        self,
        rows: np.ndarray,
        at: np.ndarray,
        action: np.ndarray,
        estimate: Estimate | None,
        program: np.ndarray | None = None,
    ) -> None:
        """Record estimate and command of the pilot, before the step.

        Parameters
        ----------
        rows, at : ndarray of int, shape (k,)
            Rows that fly, and their landings.
        action : ndarray, shape (num_envs, actions)
            In [-1, 1].
        estimate : Estimate or None
            Estimate for all rows; None if the pilot has no filter.
        program : ndarray of int, shape (num_envs,), or None
            Segment of the descent that each row flies; None if the pilot has no segments.
        """
        now = step_truth(self._env, rows)
        lowest = action[rows][:, self._throttles].min(axis=1)
        self._throttle.note(0.5 * (lowest.astype(np.float64) + 1.0), at, now.touched)
        if estimate is not None:
            self._estimates.note(estimate, rows, at, now, self._period_s)
        if self._log is not None:
            self._log.decide(rows, at, estimate, program)

    def step(
        self,
        rows: np.ndarray,
        at: np.ndarray,
        ended: np.ndarray,
        reward: np.ndarray,
        info: Mapping[str, Any],
    ) -> None:
        """Record one step.

        Parameters
        ----------
        rows, at : ndarray of int, shape (k,)
            Rows that flew the step, and their landings.
        ended : ndarray of bool, shape (num_envs,)
            Rows whose episode ended in the step.
        reward : ndarray, shape (num_envs,)
            Reward of the step.
        info : mapping
            The vector environment's info.
        """
        columns = self._columns
        columns["episode_return"][at] += reward[rows]
        self._steps[at] += 1
        if self._log is not None:
            self._log.step(rows, at, ended)
        now = step_truth(self._env, rows)
        fix, last = now.fixed & ~self._has_fix[at], ended[rows]
        self._has_fix[at] |= now.fixed
        self._ranges_arrived[at] += np.where(now.touched, 0.0, now.arrived)
        self._flight_s[at] = np.where(now.touched, self._flight_s[at], now.time_s)
        # Counted in steps of the landing, so that the result depends neither on row nor batch.
        due = fix | last | (self._steps[at] % READ_EVERY == 0)
        if not due.any():
            return
        rows, at, fix, last = rows[due], at[due], fix[due], last[due]
        truth = self._env.privileged_of(_mask(self._env.num_envs, rows))
        worst = columns["worst_height_error_m"]
        worst[at] = np.maximum(worst[at], np.abs(truth[:, HEIGHT_ERROR]))
        columns["first_fix_time_s"][at[fix]] = truth[fix, TIME]
        columns["fix_margin_m"][at[fix]] = truth[fix, HEIGHT] - truth[fix, STOP_HEIGHT]
        self._trace(at, truth, last | (self._steps[at] % READ_EVERY == 0))
        if last.any():
            self._end(rows[last], at[last], info, truth[last])

    def _end(
        self, rows: np.ndarray, at: np.ndarray, info: Mapping[str, Any], truth: np.ndarray
    ) -> None:
        columns = self._columns
        for name, column in AT_END.items():
            columns[name][at] = truth[:, column]
        left = truth[:, PROPELLANT]
        columns["propellant_left_kg"][at] = left
        columns["propellant_used_kg"][at] = self._start_kg[at] - left
        columns["lost"][at] = truth[:, truth_column("lost")] > 0.5
        columns["outcome"][at] = OUTCOMES[info["outcome_code"][rows]]
        columns["landed"][at] = info["is_success"][rows] > 0
        touched = info["touched"][rows] > 0
        self._touch(rows[touched], at[touched], info)

    def _touch(self, rows: np.ndarray, at: np.ndarray, info: Mapping[str, Any]) -> None:
        columns = self._columns
        columns["contact"][at] = True
        for name in (*TOUCHDOWN, *(f"margin_{limit}" for limit in MARGINS)):
            columns[name][at] = info[name][rows]
        at_rest = info["at_rest"][rows] > 0
        known = at_rest | (info["outcome_code"][rows] == Outcome.TIPPED)
        columns["rest_tilt_deg"][at[~at_rest]] = np.nan
        for name in ("legs_broken", "stroke_m"):
            columns[name][at[~known]] = np.nan
        columns["speed_m_s"][at] = np.hypot(
            columns["v_vertical_m_s"][at], columns["v_lateral_m_s"][at]
        )

    def _trace(self, at: np.ndarray, truth: np.ndarray, due: np.ndarray | None = None) -> None:
        for index in np.flatnonzero(at < len(self._traces)):
            if due is None or due[index]:
                point = float(truth[index, TIME]), float(truth[index, HEIGHT])
                self._traces[at[index]].append(point)

    def landings(self) -> Landings:
        """Return the recorded columns.

        Returns
        -------
        dict of ndarray
            One entry per landing; NaN for undefined values.
        """
        table = dict(self._columns)
        for name in ("first_fix_height_m", "first_fix_speed_m_s"):
            table[name] = np.where(table[name] < 0, np.nan, table[name])
        table["missed_share"] = self._missed()
        table["worst_estimate_error_m"] = self._estimates.worst_m
        table["lockout_s"] = self._estimates.lockout_s
        table["full_thrust_share"] = self._throttle.share()
        table["full_thrust_end_s"] = self._throttle.until_the_end(self._period_s)
        for index, name in enumerate(("trace_time_s", "trace_height_m")):
            column = np.full(len(table["landed"]), None, dtype=object)
            for row, trace in enumerate(self._traces):
                column[row] = np.array([point[index] for point in trace], dtype=np.float32)
            table[name] = column
        return table

    def _missed(self) -> np.ndarray:
        """Return the fraction of ranges after the first that never arrived; NaN if none was due."""
        due = (self._flight_s - self._columns["first_fix_time_s"]) / self._sum_s
        share = 1.0 - (self._ranges_arrived - 1.0) / np.where(due >= 1.0, due, np.nan)
        return np.asarray(np.clip(share, 0.0, 1.0))


def _mask(count: int, rows: np.ndarray) -> np.ndarray:
    mask = np.zeros(count, dtype=np.bool_)
    mask[rows] = True
    return mask
