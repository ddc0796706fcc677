"""The figures of a flight that missions publish, recorded while it is flown.

They come from the true state in the memory of the simulation, except for the estimates of the
pilot. Names and meanings of the figures are in `lunar_env.specs.published`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lunar_env.specs.published import FIGURES, SEGMENT_FIGURES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agents.base import BoolArray, Float64Array
    from agents.navigation.types import Estimate
    from lunar_env import LunarLandingVectorEnv
    from training.results import Landings

__all__ = ["FlightLog"]

_SINGLE: Final = (
    *("episode.time", "episode.height", "episode.fix_height", "episode.fix_speed"),
    *("contact.made", "state.mass", "vehicle.mass_dry", "state.thrust"),
)
_VECTORS: Final = ("state.r", "state.v", "episode.force")
_NAMES: Final = (*_SINGLE, *(f"{name}.{axis}" for name in _VECTORS for axis in "xyz"))
# Below this mass of propellant the tanks count as empty in the simulation.
_EMPTY_KG: Final = 1e-6


class _State(NamedTuple):
    """True state of k rows; arrays of shape (k,) unless noted."""

    time_s: Float64Array
    height_m: Float64Array  # of the pads above the ground
    fix_m: Float64Array  # height at the first valid range, -1 before
    fix_m_s: Float64Array
    touched: BoolArray
    propellant_kg: Float64Array
    burning: BoolArray
    place_m: Float64Array  # (k, 3), in L
    up: Float64Array  # (k, 3), local vertical, in L
    descent_m_s: Float64Array  # positive downwards
    lateral_m_s: Float64Array
    force_m_s2: Float64Array  # magnitude of the mean specific force in the last step


class FlightLog:
    """Records the figures of landings.

    Parameters
    ----------
    env : LunarLandingVectorEnv
        In ``NEXT_STEP`` mode.
    landings : int
        Number of landings that will be flown.
    programs : sequence of str
        Segments of the descent that the pilot distinguishes.
    passing_m : sequence of float
        Heights at which the descent speed is recorded [m].
    """

    def __init__(
        self,
        env: LunarLandingVectorEnv,
        landings: int,
        programs: Sequence[str] = (),
        passing_m: Sequence[float] = (),
    ) -> None:
        self._env, self._passing = env, tuple(passing_m)
        self._radius_m = env.settings.mission.planet.radius_m
        self._programs = tuple(name.lower() for name in programs)
        names = [
            *FIGURES,
            *(f"speed_at_{height:.0f}m_m_s" for height in passing_m),
            *(f"{name}_{figure}" for name in self._programs for figure in SEGMENT_FIGURES),
        ]
        self._columns = {name: np.full(landings, np.nan) for name in names}
        self._start_kg, self._ignition_s = np.zeros(landings), np.full(landings, np.nan)
        self._delta_v, self._time_s = np.zeros(landings), np.zeros(landings)
        self._last_m, self._last_m_s = np.full(landings, np.nan), np.zeros(landings)
        self._program = np.full(landings, -1, dtype=np.int64)
        self._segment_start_s, self._segment_up = np.zeros(landings), np.zeros((landings, 3))

    def begin(self, rows: np.ndarray, at: np.ndarray) -> None:
        """Record the start of landings.

        Parameters
        ----------
        rows, at : ndarray of int, shape (k,)
            Rows that have been reset, and the landings that they will fly.
        """
        self._start_kg[at] = self._read(rows).propellant_kg

    def decide(
        self,
        rows: np.ndarray,
        at: np.ndarray,
        estimate: Estimate | None,
        program: np.ndarray | None,
    ) -> None:
        """Record true state and estimates before a step.

        Parameters
        ----------
        rows, at : ndarray of int, shape (k,)
            Rows that fly, and their landings.
        estimate : Estimate or None
            Estimates for all rows; None if the pilot has no filter.
        program : ndarray of int, shape (num_envs,), or None
            Index of the segment whose command is flown next; None for a pilot without segments.
        """
        now = self._read(rows)
        in_flight = ~now.touched
        self._record_passing(at, now, in_flight)
        self._record_first("dry", at, now, in_flight & (now.propellant_kg <= _EMPTY_KG))
        if estimate is not None:
            self._record_estimate(rows, at, now, in_flight, estimate)
        if program is not None:
            self._change_segment(at, now, in_flight, np.asarray(program)[rows])

    def step(self, rows: np.ndarray, at: np.ndarray, ended: np.ndarray) -> None:
        """Record the result of a step.

        Parameters
        ----------
        rows, at : ndarray of int, shape (k,)
            Rows that flew the step, and their landings.
        ended : ndarray of bool, shape (num_envs,)
            Rows whose episode ended in the step.
        """
        now, columns = self._read(rows), self._columns
        ignited = now.burning & np.isnan(self._ignition_s[at])
        self._ignition_s[at] = np.where(ignited, self._time_s[at], self._ignition_s[at])
        down = now.touched & np.isnan(columns["descent_time_s"][at])
        columns["descent_time_s"][at[down]] = (now.time_s - self._ignition_s[at])[down]
        in_flight = ~now.touched
        flown_s = now.time_s - self._time_s[at]
        self._delta_v[at] += np.where(in_flight, now.force_m_s2 * flown_s, 0.0)
        self._time_s[at] = now.time_s
        fixed = (now.fix_m >= 0.0) & np.isnan(columns["first_valid_time_s"][at])
        columns["first_valid_time_s"][at[fixed]] = now.time_s[fixed]
        columns["first_valid_height_m"][at[fixed]] = now.fix_m[fixed]
        columns["first_valid_speed_m_s"][at[fixed]] = now.fix_m_s[fixed]
        last = ended[rows]
        if last.any():
            self._end(at[last], _State(*(part[last] for part in now)))

    def figures(self) -> Landings:
        """Return every figure; NaN for flights that do not have it.

        Returns
        -------
        dict of ndarray
            One entry per landing.
        """
        return dict(self._columns)

    def _read(self, rows: np.ndarray) -> _State:
        seen = self._env.glimpse(_NAMES, rows)
        single, vectors = np.split(seen, [len(_SINGLE)], axis=1)
        time_s, height_m, fix_m, fix_m_s, contact, mass, dry, thrust = single.T
        r, v, force = np.split(vectors, len(_VECTORS), axis=1)
        centre = r + np.array([0.0, 0.0, self._radius_m])
        up = centre / np.linalg.norm(centre, axis=1, keepdims=True)
        climb = np.sum(v * up, axis=1)
        flat = np.linalg.norm(v - climb[:, np.newaxis] * up, axis=1)
        return _State(
            time_s,
            height_m,
            fix_m,
            fix_m_s,
            contact > 0.0,
            mass - dry,
            thrust > 0.0,
            r,
            up,
            -climb,
            flat,
            np.linalg.norm(force, axis=1),
        )

    def _record_passing(self, at: np.ndarray, now: _State, in_flight: BoolArray) -> None:
        """Record the descent speed at heights passed since the last step, by interpolation."""
        before_m, before_m_s = self._last_m[at], self._last_m_s[at]
        for height in self._passing:
            speeds = self._columns[f"speed_at_{height:.0f}m_m_s"]
            passed = (
                in_flight & (before_m > height) & (now.height_m <= height) & np.isnan(speeds[at])
            )
            share = (before_m - height)[passed] / (before_m - now.height_m)[passed]
            change = (now.descent_m_s - before_m_s)[passed]
            speeds[at[passed]] = before_m_s[passed] + share * change
        self._last_m[at], self._last_m_s[at] = now.height_m, now.descent_m_s

    def _record_first(self, name: str, at: np.ndarray, now: _State, occurs: BoolArray) -> None:
        """Record height, speed and time when an event first occurs, if they are figures."""
        first = occurs & np.isnan(self._columns[f"{name}_time_s"][at])
        for suffix, values in (
            ("height_m", now.height_m),
            ("speed_m_s", now.descent_m_s),
            ("time_s", now.time_s),
        ):
            if f"{name}_{suffix}" in self._columns:
                self._columns[f"{name}_{suffix}"][at[first]] = values[first]

    def _record_estimate(
        self,
        rows: np.ndarray,
        at: np.ndarray,
        now: _State,
        in_flight: BoolArray,
        estimate: Estimate,
    ) -> None:
        believed, columns = estimate.height_m[rows], self._columns
        self._record_first("believed_zero", at, now, in_flight & (believed <= 0.0))
        # Overwritten in every step before contact, so that the last values remain.
        columns["touchdown_height_error_m"][at[in_flight]] = (believed - now.height_m)[in_flight]
        error = estimate.x_m[rows] - now.place_m[:, 0], estimate.y_m[rows] - now.place_m[:, 1]
        columns["touchdown_position_error_m"][at[in_flight]] = np.hypot(*error)[in_flight]

    def _change_segment(
        self, at: np.ndarray, now: _State, in_flight: BoolArray, program: np.ndarray
    ) -> None:
        """Record the end of segments where another one starts."""
        before = self._program[at]
        changed = in_flight & (program != before)
        for number in np.unique(before[changed & (before >= 0)]):
            ended = changed & (before == number)
            self._end_segment(
                self._programs[number], at[ended], _State(*(part[ended] for part in now))
            )
        self._program[at[changed]] = program[changed]
        self._segment_start_s[at[changed]], self._segment_up[at[changed]] = (
            now.time_s[changed],
            now.up[changed],
        )

    def _end_segment(self, name: str, at: np.ndarray, now: _State) -> None:
        across = np.linalg.norm(np.cross(self._segment_up[at], now.up), axis=1)
        along = np.arctan2(across, np.sum(self._segment_up[at] * now.up, axis=1))
        values = {
            "time_s": now.time_s - self._segment_start_s[at],
            "end_time_s": now.time_s,
            "end_height_m": now.height_m,
            "end_speed_m_s": np.hypot(now.descent_m_s, now.lateral_m_s),
            "end_v_vertical_m_s": now.descent_m_s,
            "end_v_lateral_m_s": now.lateral_m_s,
            "downrange_m": self._radius_m * along,
        }
        for suffix, value in values.items():
            self._columns[f"{name}_{suffix}"][at] = value

    def _end(self, at: np.ndarray, now: _State) -> None:
        columns = self._columns
        columns["miss_m"][at] = np.hypot(now.place_m[:, 0], now.place_m[:, 1])
        columns["delta_v_m_s"][at] = self._delta_v[at]
        columns["propellant_left_kg"][at] = now.propellant_kg
        columns["propellant_left_frac"][at] = now.propellant_kg / self._start_kg[at]
        for name in ("touchdown_height_error_m", "touchdown_position_error_m"):
            columns[name][at] = np.where(now.touched, columns[name][at], np.nan)
