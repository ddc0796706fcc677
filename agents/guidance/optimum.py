"""The least propellant that a landing could have cost, to measure pilots against.

The optimum knows the true state, steers at will and has no lag: a bound, not a pilot. Everything
but the time of flight is solved by `lossless.py`; the cost is unimodal in that time, which is
bracketed by strides and then found by golden section.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lunar_env.data.constants import G0
from lunar_env.errors import ConfigError

from .lossless import Descent, Problem, Reference, shared_program
from .moon import Moon
from .polynomial import Shape
from .search import SearchGains, find_times
from .types import Motion

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from .lossless import Lossless

__all__ = ["Optimum", "best_descent", "first_guess", "minimum_propellant", "walk_times"]

_GOLDEN: Final = 0.5 * (math.sqrt(5.0) - 1.0)
_MOST_STRIDES: Final = 20
# The time is first sought with few intervals, which costs half as much, then with all.
_COARSE: Final = 12
_STRIDE: Final = 1.06  # from one time of flight to the next, until the cost rises
_COARSE_WIDTH: Final = 0.01
# A free fall with one burn has a corner at its shortest time: 0.3 % beside it costs 0.2 %.
_FINE_STRIDES: Final = (1.003, 1.0007)
# A miss of less than this is the solver's own.
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
    """Least propellant from a state to the target, without lag, errors or attitude.

    Parameters
    ----------
    r_m, v_m_s : array_like, shape (3,)
        Place of the footpads and velocity in the target's frame L (east, north, up).
    mass_kg : float
        At the start.
    thrust_max_N, thrust_min_N : float
        Band of the thrust while it burns. Zero at the bottom for engines that can be put out.
    isp_s : float
        Specific impulse.
    target_m, target_m_s : array_like, shape (3,), optional
        Where, and how fast, the descent ends: by default the point from which the last metres are
        flown at a constant rate.
    place_free : bool, optional
        Only height and velocity of the target count: what a pilot that commands a throttle can do.
    moon : Moon, optional
        Gravity; by default that of the mean surface, constant. Starts tens of kilometres away need
        ``Moon(radius_m=R_MOON)``.
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
    here = moon or Moon()
    guess = first_guess(problem, here)
    best = best_descent(shared_program(_COARSE), problem, here, guess)
    for stride in _FINE_STRIDES:
        if math.isfinite(best.cost):  # at the edge of the possible the solver may fail at any stage
            best = walk_times(shared_program(intervals), problem, here, best, stride)[0]
    dv = -float(best.log_mass[-1]) * v_e
    reached = best.miss_m < _REACHED_M and best.miss_m_s < _REACHED_M_S
    propellant = -mass_kg * math.expm1(-dv / v_e) if reached else math.nan
    return Optimum(propellant, best.time_s, dv, best.miss_m, best.miss_m_s)


def best_descent(
    program: Lossless, problem: Problem, moon: Moon, guess: Descent, stride: float = _STRIDE
) -> Descent:
    """Cheapest descent over all times of flight, the time good to a percent.

    Parameters
    ----------
    program : Lossless
        What solves for a given time.
    problem : Problem
        Start, end and lander.
    moon : Moon
        Gravity and ground.
    guess : Descent
        To begin with: that of `first_guess`, or the plan of a second ago, shortened.
    stride : float, optional
        Ratio of successive times until the best lies between two of them.
    """
    best, low, high = walk_times(program, problem, moon, guess, stride)
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


def walk_times(
    program: Lossless, problem: Problem, moon: Moon, guess: Descent, stride: float
) -> tuple[Descent, float, float]:
    """Walk downhill over times of flight; returns the best, and the times before and after it."""

    def solve(time_s: float, about: Descent) -> Descent:
        return program.solve(problem, time_s, _reference(about, program, moon))

    best = solve(guess.time_s, guess)
    about = best if math.isfinite(best.cost) else guess
    longer = solve(guess.time_s * stride, about)
    step = stride if longer.cost <= best.cost else 1.0 / stride
    after = longer if step > 1.0 else solve(guess.time_s * step, about)
    for _ in range(_MOST_STRIDES):
        if not after.cost <= best.cost:
            break
        best, after = (
            after,
            solve(after.time_s * step, after if math.isfinite(after.cost) else about),
        )
    return best, best.time_s / stride, best.time_s * stride


def first_guess(problem: Problem, moon: Moon) -> Descent:
    """Plan of E-guidance: its time, its path, and the mass that it would leave."""
    row = np.ones(1)
    motion = Motion(
        r_m=problem.r_m[np.newaxis],
        v_m_s=problem.v_m_s[np.newaxis],
        end_m=problem.end_m[np.newaxis],
        end_m_s=problem.end_m_s[np.newaxis],
        g_m_s2=moon.pull(problem.r_m[np.newaxis]),
        thrust_m_s2=problem.thrust_max_m_s2 * row,
        throttle_min=problem.thrust_min_m_s2 / problem.thrust_max_m_s2 * row,
        v_e_m_s=problem.v_e_m_s * row,
        time_s=0.0 * row,
        steered=not problem.place_free,
        moon=moon,
    )
    found = find_times(motion, Shape(0.0, 1.0), SearchGains(peak_frac=1.0))
    time, cost = float(found.t_go_s[0]), float(found.cost_m_s[0])
    x = np.linspace(0.0, 1.0, _COARSE + 1)[:, np.newaxis]
    end = problem.end_m.copy()
    if problem.place_free:
        end[:2] = problem.r_m[:2] + 0.5 * time * (problem.v_m_s + problem.end_m_s)[:2]
    path = (1 + 2 * x) * (1 - x) ** 2 * problem.r_m + x * x * (3 - 2 * x) * end
    path += x * (1 - x) ** 2 * time * problem.v_m_s - x * x * (1 - x) * time * problem.end_m_s
    nothing = np.zeros((_COARSE, 3))
    log_mass = -min(cost / problem.v_e_m_s, 1.0) * x[:, 0]
    return Descent(math.inf, time, nothing, log_mass, path, np.zeros_like(path), 0.0, 0.0)


def _reference(descent: Descent, program: Lossless, moon: Moon) -> Reference:
    """Expand about a descent that may have another number of intervals."""
    n = program.intervals
    log_mass, path = descent.log_mass, descent.r_m
    if len(log_mass) != n + 1:
        old, new = np.linspace(0.0, 1.0, len(log_mass)), np.linspace(0.0, 1.0, n + 1)
        log_mass = np.interp(new, old, log_mass)
        path = np.stack([np.interp(new, old, path[:, k]) for k in range(3)], axis=1)
    middle = 0.5 * (path[1:] + path[:-1])
    # The end may lie a little below the start's ground, never the path below both.
    ground = np.minimum(moon.ground(path[1:]), path[-1, 2])
    return Reference(log_mass, moon.pull(middle), ground)
