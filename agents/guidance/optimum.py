"""Minimum propellant of a landing, as the bound with which pilots are compared.

The optimum has the true state, any attitude at once and no lag: a bound, not a pilot. Everything
but the time of flight is solved by `lossless.py`; the cost is unimodal in that time, which is
bracketed by steps of constant ratio and refined by golden-section search.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lunar_env.data.constants import G0
from lunar_env.errors import ConfigError

from ..base import Z
from .lossless import Descent, Problem, Reference, shared_program
from .moon import Moon
from .polynomial import Shape
from .search import SearchGains, find_times
from .types import VectorInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from .lossless import Lossless

__all__ = ["Optimum", "best_descent", "bracket_time", "first_guess", "minimum_propellant"]

_GOLDEN: Final = 0.5 * (math.sqrt(5.0) - 1.0)
_MAX_STEPS: Final = 20
# The time is first searched with few intervals, which costs half as much, then with all.
_COARSE: Final = 12
_RATIO: Final = 1.06  # from one time of flight to the next, until the cost rises
_COARSE_WIDTH: Final = 0.01
# A free fall with one burn has a corner at its shortest time: an error of 0.3 % costs 0.2 %.
_FINE_RATIOS: Final = (1.003, 1.0007)
# A smaller miss is the tolerance of the solver.
_REACHED_M: Final = 0.5
_REACHED_M_S: Final = 0.1


class Optimum(NamedTuple):
    """The cheapest descent."""

    propellant_kg: float  # nan where the target cannot be reached
    time_s: float
    delta_v_m_s: float
    miss_m: float
    miss_m_s: float


def minimum_propellant(
    r_m: ArrayLike,
    v_m_s: ArrayLike,
    mass_kg: float,
    thrust_max_N: float,
    isp_s: float,
    *,
    thrust_min_N: float = 0.0,
    target_m: ArrayLike = (0.0, 0.0, 6.0),
    target_m_s: ArrayLike = (0.0, 0.0, -1.0),
    place_free: bool = False,
    moon: Moon | None = None,
    intervals: int = 40,
) -> Optimum:
    """Minimum propellant from a state to the target, without lag, errors or attitude dynamics.

    Parameters
    ----------
    r_m, v_m_s : array_like, shape (3,)
        Position of the footpads [m] and velocity [m/s] in the target's frame L (east, north, up).
    mass_kg : float
        Mass at the start [kg].
    thrust_max_N, thrust_min_N : float
        Throttle band while burning [N]. A minimum of zero is for engines that can be shut down.
    isp_s : float
        Specific impulse [s].
    target_m, target_m_s : array_like, shape (3,), optional
        Position [m, L] and velocity [m/s, L] at the end: by default those from which the last
        metres are flown at a constant rate.
    place_free : bool, optional
        Only height and velocity of the target count, as for pilots that command a throttle.
    moon : Moon, optional
        Gravity; by default that of the mean surface, constant. For starts tens of
        kilometres away give ``Moon(radius_m=R_MOON)``.
    intervals : int, optional
        Intervals of constant thrust; 40 are good to 0.1 %.

    Returns
    -------
    Optimum
        0.1 to 0.3 s of work; the first call builds the program, half a second more.

    Raises
    ------
    MissingExtra
        Without cvxpy and Clarabel.
    ConfigError
        If a number is not finite, or a mass, thrust or specific impulse is not positive.
    """
    r, v, end, end_v = (np.asarray(a, dtype=np.float64) for a in (r_m, v_m_s, target_m, target_m_s))
    positive = {"mass_kg": mass_kg, "thrust_max_N": thrust_max_N, "isp_s": isp_s}
    for name, value in positive.items():
        if not 0.0 < value < math.inf:
            raise ConfigError(f"{name} = {value} must be positive and finite")
    for name, a in (("r_m", r), ("v_m_s", v), ("target_m", end), ("target_m_s", end_v)):
        if a.shape != (3,) or not np.isfinite(a).all():
            raise ConfigError(f"{name} = {a.tolist()} must be three finite numbers")
    v_e, least = isp_s * G0, thrust_min_N / mass_kg
    problem = Problem(r, v, end, end_v, place_free, least, thrust_max_N / mass_kg, v_e)
    moon_model = moon or Moon()
    guess = first_guess(problem, moon_model)
    best = best_descent(shared_program(_COARSE), problem, moon_model, guess)
    for ratio in _FINE_RATIOS:
        if math.isfinite(best.cost):  # near infeasibility the solver may fail at any stage
            best = bracket_time(shared_program(intervals), problem, moon_model, best, ratio)[0]
    dv = -float(best.log_mass[-1]) * v_e
    reached = best.miss_m < _REACHED_M and best.miss_m_s < _REACHED_M_S
    propellant = -mass_kg * math.expm1(-dv / v_e) if reached else math.nan
    return Optimum(propellant, best.time_s, dv, best.miss_m, best.miss_m_s)


def best_descent(
    program: Lossless, problem: Problem, moon: Moon, guess: Descent, ratio: float = _RATIO
) -> Descent:
    """Cheapest descent over all times of flight, the time good to a percent.

    Parameters
    ----------
    program : Lossless
        Solver for a given time of flight.
    problem : Problem
        Start, end and lander.
    moon : Moon
        Gravity and ground.
    guess : Descent
        Start of the search: from `first_guess`, or the remainder of an earlier plan.
    ratio : float, optional
        Ratio of successive times until the minimum is bracketed.
    """
    best, low, high = bracket_time(program, problem, moon, guess, ratio)
    if not math.isfinite(best.cost):
        return best
    solved: dict[float, float] = {}

    def cost(log_time: float) -> float:
        nonlocal best
        if log_time not in solved:
            found = program.solve(problem, math.exp(log_time), _reference(best, program, moon))
            solved[log_time] = found.cost
            best = found if found.cost <= best.cost else best
        return solved[log_time]

    low, high = math.log(low), math.log(high)
    a, b = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    while high - low > _COARSE_WIDTH:
        if cost(a) <= cost(b):
            high, b = b, a
            a = high - _GOLDEN * (high - low)
        else:
            low, a = a, b
            b = low + _GOLDEN * (high - low)
    return best


def bracket_time(
    program: Lossless, problem: Problem, moon: Moon, guess: Descent, ratio: float
) -> tuple[Descent, float, float]:
    """Bracket the minimum over times of flight; returns the best descent and the bracket [s]."""

    def solve(time_s: float, about: Descent) -> Descent:
        return program.solve(problem, time_s, _reference(about, program, moon))

    best = solve(guess.time_s, guess)
    about = best if math.isfinite(best.cost) else guess
    longer = solve(guess.time_s * ratio, about)
    step = ratio if longer.cost <= best.cost else 1.0 / ratio
    after = longer if step > 1.0 else solve(guess.time_s * step, about)
    for _ in range(_MAX_STEPS):
        if not after.cost <= best.cost:
            break
        best, after = (
            after,
            solve(after.time_s * step, after if math.isfinite(after.cost) else about),
        )
    return best, best.time_s / ratio, best.time_s * ratio


def first_guess(problem: Problem, moon: Moon) -> Descent:
    """Plan of E-guidance: its time of flight, its path and its mass."""
    row = np.ones(1)
    inputs = VectorInput(
        r_m=problem.r_m[np.newaxis],
        v_m_s=problem.v_m_s[np.newaxis],
        end_m=problem.end_m[np.newaxis],
        end_m_s=problem.end_m_s[np.newaxis],
        g_m_s2=moon.gravity(problem.r_m[np.newaxis]),
        thrust_m_s2=problem.thrust_max_m_s2 * row,
        throttle_min=problem.thrust_min_m_s2 / problem.thrust_max_m_s2 * row,
        v_e_m_s=problem.v_e_m_s * row,
        time_s=0.0 * row,
        steered=not problem.place_free,
        moon=moon,
    )
    found = find_times(inputs, Shape(0.0, 1.0), SearchGains(peak_frac=1.0))
    time, cost = float(found.t_go_s[0]), float(found.cost_m_s[0])
    x = np.linspace(0.0, 1.0, _COARSE + 1)[:, np.newaxis]
    end = problem.end_m.copy()
    if problem.place_free:
        end[:2] = problem.r_m[:2] + 0.5 * time * (problem.v_m_s + problem.end_m_s)[:2]
    path = (1 + 2 * x) * (1 - x) ** 2 * problem.r_m + x * x * (3 - 2 * x) * end
    path += x * (1 - x) ** 2 * time * problem.v_m_s - x * x * (1 - x) * time * problem.end_m_s
    no_thrust = np.zeros((_COARSE, 3))
    log_mass = -min(cost / problem.v_e_m_s, 1.0) * x.ravel()
    return Descent(math.inf, time, no_thrust, log_mass, path, np.zeros_like(path), 0.0, 0.0)


def _reference(descent: Descent, program: Lossless, moon: Moon) -> Reference:
    """Return the reference from a descent that may have another number of intervals."""
    n = program.intervals
    log_mass, path = descent.log_mass, descent.r_m
    if len(log_mass) != n + 1:
        old, new = np.linspace(0.0, 1.0, len(log_mass)), np.linspace(0.0, 1.0, n + 1)
        log_mass = np.interp(new, old, log_mass)
        path = np.stack([np.interp(new, old, path[:, k]) for k in range(3)], axis=1)
    middle = 0.5 * (path[1:] + path[:-1])
    # The end may be slightly below the reference surface, the path never below both.
    ground = np.minimum(moon.ground(path[1:]), path[-1, Z])
    return Reference(log_mass, moon.gravity(middle), ground)
