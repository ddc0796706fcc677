"""What is measured of a flight while it is flown: the figures that missions publish.

Everything is true, read where the simulation keeps it, but for what the pilot believes. Names and
meanings of the figures are those of `lunar_env.specs.published`.
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
# The simulation stops burning when less than this is left.
_GONE_KG: Final = 1e-6


class _Now(NamedTuple):
    """Truth of the rows that are looked at; (k,) unless said."""

    time_s: Float64Array
    height_m: Float64Array  # of the pads above the ground
    fix_m: Float64Array  # height at the first valid range, -1 before
    fix_m_s: Float64Array
    touched: BoolArray
    propellant_kg: Float64Array
    burning: BoolArray
    place_m: Float64Array  # (k, 3), L
    up: Float64Array  # (k, 3), local vertical, L
    descent_m_s: Float64Array  # down
    lateral_m_s: Float64Array
    force_m_s2: Float64Array  # size of the mean specific force of the last step


class FlightLog:
    """Figures of landings.

    Parameters
    ----------
    env : LunarLandingVectorEnv
        In ``NEXT_STEP`` mode.
    landings : int
        How many will be flown.
    programs : sequence of str
        Segments that the pilot tells apart.
    passing_m : sequence of float
        Heights at whose passing the fall speed is noted.
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
        self._start_kg, self._lit_s = np.zeros(landings), np.full(landings, np.nan)
        self._delta_v, self._time_s = np.zeros(landings), np.zeros(landings)
        self._last_m, self._last_m_s = np.full(landings, np.nan), np.zeros(landings)
        self._program = np.full(landings, -1, dtype=np.int64)
        self._begun_s, self._begun = np.zeros(landings), np.zeros((landings, 3))

    def begin(self, rows: np.ndarray, at: np.ndarray) -> None:
        """Write down how landings begin.

        Parameters
        ----------
        rows, at : ndarray of int, shape (k,)
            Rows that have been reset, and the landings that they are going to fly.
        """
        self._start_kg[at] = self._look(rows).propellant_kg

    def decide(
        self,
        rows: np.ndarray,
        at: np.ndarray,
        estimate: Estimate | None,
        program: np.ndarray | None,
    ) -> None:
        """Write down what is true and believed before a step.

        Parameters
        ----------
        rows, at : ndarray of int, shape (k,)
            Rows that fly, and the landings that they fly.
        estimate : Estimate or None
            Of all rows, where the pilot has a filter.
        program : ndarray of int, shape (num_envs,), or None
            Number of the segment whose command is about to be flown.
        """
        now = self._look(rows)
        aloft = ~now.touched
        self._pass(at, now, aloft)
        self._first("dry", at, now, aloft & (now.propellant_kg <= _GONE_KG))
        if estimate is not None:
            self._believe(rows, at, now, aloft, estimate)
        if program is not None:
            self._change(at, now, aloft, np.asarray(program)[rows])

    def step(self, rows: np.ndarray, at: np.ndarray, ended: np.ndarray) -> None:
        """Write down what a step did.

        Parameters
        ----------
        rows, at : ndarray of int, shape (k,)
            Rows that flew it, and the landings that they fly.
        ended : ndarray of bool, shape (num_envs,)
            Rows whose episode it ended.
        """
        now, columns = self._look(rows), self._columns
        lit = now.burning & np.isnan(self._lit_s[at])
        self._lit_s[at] = np.where(lit, self._time_s[at], self._lit_s[at])
        down = now.touched & np.isnan(columns["descent_time_s"][at])
        columns["descent_time_s"][at[down]] = (now.time_s - self._lit_s[at])[down]
        aloft = ~now.touched
        flown_s = now.time_s - self._time_s[at]
        self._delta_v[at] += np.where(aloft, now.force_m_s2 * flown_s, 0.0)
        self._time_s[at] = now.time_s
        fixed = (now.fix_m >= 0.0) & np.isnan(columns["first_valid_time_s"][at])
        columns["first_valid_time_s"][at[fixed]] = now.time_s[fixed]
        columns["first_valid_height_m"][at[fixed]] = now.fix_m[fixed]
        columns["first_valid_speed_m_s"][at[fixed]] = now.fix_m_s[fixed]
        last = ended[rows]
        if last.any():
            self._end(at[last], _Now(*(part[last] for part in now)))

    def figures(self) -> Landings:
        """Return every figure, NaN where a flight has none.

        Returns
        -------
        dict of ndarray
            One entry per landing.
        """
        return dict(self._columns)

    def _look(self, rows: np.ndarray) -> _Now:
        seen = self._env.glimpse(_NAMES, rows)
        single, vectors = np.split(seen, [len(_SINGLE)], axis=1)
        time_s, height_m, fix_m, fix_m_s, contact, mass, dry, thrust = single.T
        r, v, force = np.split(vectors, len(_VECTORS), axis=1)
        centre = r + np.array([0.0, 0.0, self._radius_m])
        up = centre / np.linalg.norm(centre, axis=1, keepdims=True)
        climb = np.sum(v * up, axis=1)
        flat = np.linalg.norm(v - climb[:, np.newaxis] * up, axis=1)
        return _Now(
            *(time_s, height_m, fix_m, fix_m_s, contact > 0.0, mass - dry, thrust > 0.0, r, up),
            *(-climb, flat, np.linalg.norm(force, axis=1)),
        )

    def _pass(self, at: np.ndarray, now: _Now, aloft: BoolArray) -> None:
        """Fall speed where a height was passed since the last look, between the two."""
        before_m, before_m_s = self._last_m[at], self._last_m_s[at]
        for height in self._passing:
            speeds = self._columns[f"speed_at_{height:.0f}m_m_s"]
            passed = aloft & (before_m > height) & (now.height_m <= height) & np.isnan(speeds[at])
            share = (before_m - height)[passed] / (before_m - now.height_m)[passed]
            slowed = (now.descent_m_s - before_m_s)[passed]
            speeds[at[passed]] = before_m_s[passed] + share * slowed
        self._last_m[at], self._last_m_s[at] = now.height_m, now.descent_m_s

    def _first(self, name: str, at: np.ndarray, now: _Now, happens: BoolArray) -> None:
        """Height, speed and time, as far as asked, when something happens for the first time."""
        first = happens & np.isnan(self._columns[f"{name}_time_s"][at])
        for suffix, values in (
            ("height_m", now.height_m),
            ("speed_m_s", now.descent_m_s),
            ("time_s", now.time_s),
        ):
            if f"{name}_{suffix}" in self._columns:
                self._columns[f"{name}_{suffix}"][at[first]] = values[first]

    def _believe(
        self, rows: np.ndarray, at: np.ndarray, now: _Now, aloft: BoolArray, estimate: Estimate
    ) -> None:
        believed, columns = estimate.height_m[rows], self._columns
        self._first("believed_zero", at, now, aloft & (believed <= 0.0))
        # Each look aloft replaces the one before it; the last one stays.
        columns["touchdown_height_error_m"][at[aloft]] = (believed - now.height_m)[aloft]
        off = estimate.x_m[rows] - now.place_m[:, 0], estimate.y_m[rows] - now.place_m[:, 1]
        columns["touchdown_position_error_m"][at[aloft]] = np.hypot(*off)[aloft]

    def _change(self, at: np.ndarray, now: _Now, aloft: BoolArray, program: np.ndarray) -> None:
        """One segment ends where another begins."""
        before = self._program[at]
        changed = aloft & (program != before)
        for number in np.unique(before[changed & (before >= 0)]):
            over = changed & (before == number)
            self._over(self._programs[number], at[over], _Now(*(part[over] for part in now)))
        self._program[at[changed]] = program[changed]
        self._begun_s[at[changed]], self._begun[at[changed]] = now.time_s[changed], now.up[changed]

    def _over(self, name: str, at: np.ndarray, now: _Now) -> None:
        way = np.linalg.norm(np.cross(self._begun[at], now.up), axis=1)
        along = np.arctan2(way, np.sum(self._begun[at] * now.up, axis=1))
        values = {
            "time_s": now.time_s - self._begun_s[at],
            "end_time_s": now.time_s,
            "end_height_m": now.height_m,
            "end_speed_m_s": np.hypot(now.descent_m_s, now.lateral_m_s),
            "end_v_vertical_m_s": now.descent_m_s,
            "end_v_lateral_m_s": now.lateral_m_s,
            "downrange_m": self._radius_m * along,
        }
        for suffix, value in values.items():
            self._columns[f"{name}_{suffix}"][at] = value

    def _end(self, at: np.ndarray, now: _Now) -> None:
        columns = self._columns
        columns["miss_m"][at] = np.hypot(now.place_m[:, 0], now.place_m[:, 1])
        columns["delta_v_m_s"][at] = self._delta_v[at]
        columns["propellant_left_kg"][at] = now.propellant_kg
        columns["propellant_left_frac"][at] = now.propellant_kg / self._start_kg[at]
        for name in ("touchdown_height_error_m", "touchdown_position_error_m"):
            columns[name][at] = np.where(now.touched, columns[name][at], np.nan)
