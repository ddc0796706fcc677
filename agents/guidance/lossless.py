"""Powered descent as a convex program, for the optimum and for the `convex` law.

With ``z = ln m``, ``u = T / m`` and a slack ``s >= |u|`` the thrust band, which is not convex,
becomes a second-order cone that is tight at the optimum (lossless convexification). Thrust
acceleration is constant over each of N intervals, so the motion between nodes is exact::

    v' = v + dt (u + g)      r' = r + dt v + dt^2/2 (u + g)      z' = z - dt s / v_e
    T_min e^-z <= s <= T_max e^-z,     expanded about a reference z: 1 - d + d^2/2, and 1 - d

Acikmese and Ploen expand about the lightest mass that is possible at each time. Here the reference
is the mass of the last solution, so that the expansion is exact once that has converged; gravity
and the ground, which are not constant far from the target, are updated in the same way. The end is
constrained by an exact penalty instead of an equality: a time of flight that is too short then has
a cost too, and the search over it need not know where feasibility begins.

References
----------
Acikmese and Ploen, "Convex programming approach to powered descent guidance for Mars landing",
JGCD 30(5), 2007. Blackmore, Acikmese and Scharf, "Minimum-landing-error powered-descent guidance",
JGCD 33(4), 2010.
"""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from lunar_env.errors import MissingExtra

from ..base import X, Z

if TYPE_CHECKING:
    from ..base import Float64Array

__all__ = ["Descent", "Lossless", "Problem", "Reference", "shared_program"]

# Penalty of a miss at the end, in ln m per metre and per m/s. The multipliers of a landing are
# about 1e-6 per metre and 1/v_e = 3e-4 per m/s: far enough above, the penalty is exact.
_MISS_M: Final = 1e-3
_MISS_M_S: Final = 1e-2


class Problem(NamedTuple):
    """Start, end and lander; vectors of three, in the target's frame L."""

    r_m: Float64Array
    v_m_s: Float64Array
    end_m: Float64Array
    end_m_s: Float64Array
    place_free: bool  # the horizontal position of the end is free
    thrust_min_m_s2: float  # over the mass at the start
    thrust_max_m_s2: float
    v_e_m_s: float


class Reference(NamedTuple):
    """Reference of the linearisation, at the nodes of the N intervals."""

    log_mass: Float64Array  # (N + 1,), ln(m / m_0)
    g_m_s2: Float64Array  # (N, 3), in the middle of the intervals
    ground_m: Float64Array  # (N,), lowest z allowed at the nodes after the first


class Descent(NamedTuple):
    """A solution for one time of flight; N intervals of equal length."""

    cost: float  # -ln(m_end / m_0), plus the penalty of the miss; inf where the solver failed
    time_s: float
    thrust_m_s2: Float64Array  # (N, 3), thrust acceleration of each interval
    log_mass: Float64Array  # (N + 1,), ln(m / m_0)
    r_m: Float64Array  # (N + 1, 3)
    v_m_s: Float64Array  # (N + 1, 3)
    miss_m: float
    miss_m_s: float


class Lossless:
    """One parametrised program, built once and solved for any start and time of flight.

    Internally, lengths are in units of the distance to go and times in units of the time of flight,
    so that all numbers are about one.
    """

    def __init__(self, intervals: int) -> None:
        try:
            import cvxpy as cp
        except ImportError as error:
            raise MissingExtra("guidance", "convex guidance") from error
        self.intervals = n = intervals
        self._error = cp.error.SolverError
        shapes = ((n, 3), n, (n + 1, 3), (n + 1, 3), n + 1, 3, 3)
        variables: list[Any] = [cp.Variable(shape) for shape in shapes]
        self._u, self._s, self._r, self._v, self._d, self._miss_r, self._miss_v = variables
        free: dict[str, Any] = {
            "r0": 3,
            "v0": 3,
            "r1": 3,
            "v1": 3,
            "g": (n, 3),
            "ground": n,
            "mass_change": n,
        }
        positive: dict[str, Any] = {
            "lowest": n,
            "highest": n,
            "flow": (),
            "penalty_r": 3,
            "penalty_v": (),
        }
        self._p = {name: cp.Parameter(shape) for name, shape in free.items()}
        self._p |= {name: cp.Parameter(shape, nonneg=True) for name, shape in positive.items()}
        self._problem: Any = cp.Problem(cp.Minimize(self._cost(cp)), self._constraints(cp))

    def _cost(self, cp: Any) -> Any:
        p = self._p
        miss = cp.norm1(cp.multiply(p["penalty_r"], self._miss_r))
        return p["flow"] * cp.sum(self._s) + miss + p["penalty_v"] * cp.norm1(self._miss_v)

    def _constraints(self, cp: Any) -> list[Any]:
        p, n, dt = self._p, self.intervals, 1.0 / self.intervals
        u, s, r, v, d = self._u, self._s, self._r, self._v, self._d
        acceleration = u + p["g"]
        return [
            r[0] == p["r0"],
            v[0] == p["v0"],
            d[0] == 0.0,
            v[1:] == v[:-1] + dt * acceleration,
            r[1:] == r[:-1] + dt * v[:-1] + 0.5 * dt * dt * acceleration,
            d[1:] == d[:-1] - p["flow"] * s - p["mass_change"],  # d is ln m less its reference
            cp.SOC(s, u, axis=1),
            s <= p["highest"] - cp.multiply(p["highest"], d[:n]),
            s >= cp.multiply(p["lowest"], 1.0 - d[:n] + 0.5 * cp.square(d[:n])),
            r[1:, Z] >= p["ground"],
            self._miss_r == r[-1] - p["r1"],
            self._miss_v == v[-1] - p["v1"],
        ]

    def solve(self, problem: Problem, time_s: float, reference: Reference) -> Descent:
        """Descent of least propellant in a given time.

        Parameters
        ----------
        problem : Problem
            Start, end and lander.
        time_s : float
            Time of flight [s].
        reference : Reference
            Reference of the linearisation, from the last solution.

        Returns
        -------
        Descent
            Its miss is zero, to the accuracy of the solver, where the end can be reached.
        """
        n, t = self.intervals, time_s
        size = max(float(np.linalg.norm(problem.r_m - problem.end_m)), 10.0)
        speed, acceleration = size / t, size / (t * t)
        mass_scale = np.exp(-reference.log_mass[:n]) / acceleration
        penalty = np.array([0.0, 0.0, 1.0]) if problem.place_free else np.ones(3)
        values = {
            "r0": problem.r_m / size,
            "v0": problem.v_m_s / speed,
            "r1": problem.end_m / size,
            "v1": problem.end_m_s / speed,
            "g": reference.g_m_s2 / acceleration,
            "ground": reference.ground_m / size,
            "mass_change": np.diff(reference.log_mass),
            "lowest": problem.thrust_min_m_s2 * mass_scale,
            "highest": problem.thrust_max_m_s2 * mass_scale,
            "flow": speed / (n * problem.v_e_m_s),
            "penalty_r": _MISS_M * size * penalty,
            "penalty_v": _MISS_M_S * speed,
        }
        for name, value in values.items():
            self._p[name].value = value
        try:
            with warnings.catch_warnings():
                # A warning of inaccuracy: the miss of the end is checked by the caller.
                warnings.simplefilter("ignore", UserWarning)
                # A solver that is reused keeps the scaling of its first problem: the result would
                # depend, in its last digits, on what this process solved before.
                self._problem.solve(solver="CLARABEL", warm_start=False)
        except self._error:
            return _failed(time_s, n)
        if self._u.value is None:
            return _failed(time_s, n)
        return self._descent(problem, time_s, size)

    def _descent(self, problem: Problem, time_s: float, size: float) -> Descent:
        speed = size / time_s
        flow = speed / (self.intervals * problem.v_e_m_s)
        r, v = self._r.value * size, self._v.value * speed
        miss_r = np.linalg.norm((r[-1] - problem.end_m)[Z if problem.place_free else X :])
        return Descent(
            cost=float(self._problem.value),
            time_s=time_s,
            thrust_m_s2=self._u.value * speed / time_s,
            log_mass=np.concatenate(([0.0], -np.cumsum(flow * self._s.value))),
            r_m=r,
            v_m_s=v,
            miss_m=float(miss_r),
            miss_m_s=float(np.linalg.norm(v[-1] - problem.end_m_s)),
        )


def _failed(time_s: float, n: int) -> Descent:
    missing, inf = np.full((n + 1, 3), np.nan), float("inf")
    return Descent(inf, time_s, missing[1:], np.zeros(n + 1), missing, missing, inf, inf)


@lru_cache(maxsize=4)
def shared_program(intervals: int) -> Lossless:
    """Program with a number of intervals, built (0.2 s) on the first call and shared."""
    return Lossless(intervals)
