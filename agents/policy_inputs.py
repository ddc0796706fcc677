"""What a guided policy sees: numbers by what the lander can do, from observation and belief.

An observation is in fixed units, so that a network that has learned one lander knows nothing of
another. Here lengths and speeds are compressed by ``asinh``, which is fine near the ground and
coarse high up, and what matters is a ratio: the height that stopping takes over the height that
there is, the propellant that it takes over the propellant that is left. All are of the order of one
and, but for those of the law's command, do not depend on directions on the map.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from .base import X, Y
from .guidance.steering import from_local_vertical
from .guidance.stopping import gravity_turn_height

if TYPE_CHECKING:
    from collections.abc import Callable

    from .base import BoolArray, Float32Array, Float64Array, PilotState
    from .classical import Decision

__all__ = [
    "BELIEF_INPUTS",
    "INPUTS",
    "LAW_INPUTS",
    "Course",
    "View",
    "inputs_of",
    "update_course",
    "view_of",
]

_HEIGHT_M: Final = 10.0  # below it lengths count linearly, above it by their logarithm
_SPEED_M_S: Final = 1.0
_ACROSS_M_S: Final = 0.3  # a third of what legs survive
_NIS_SHARE: Final = 0.1  # of the newest innovation in the running mean
_MOST_NIS: Final = 1e3
_LEAST_RATIO: Final = 1.05  # of thrust over weight, for stopping heights
_TILT_RAD: Final = 0.5
_THROTTLE: Final = -1  # the last of the commands, or the only one
_ACROSS: Final = slice(0, 2)  # horizontal components


class Course(NamedTuple):
    """What a policy remembers of the ranges, besides the filter; arrays of shape (n,)."""

    fix_s: Float64Array  # time of the last range, or of the start [s]
    nis: Float64Array  # running mean of the normalised innovations squared [-]


def update_course(old: PilotState | None, decision: Decision, starts: BoolArray) -> Course:
    """Return what is remembered after an observation.

    Parameters
    ----------
    old : tuple of ndarray or None
        Fields of the `Course` before; None at first.
    decision : Decision
        The guide's, of this observation.
    starts : ndarray of bool, shape (n,)
        Rows that begin an episode.

    Returns
    -------
    Course
        The age of the last range and the running innovation.
    """
    reading, estimate = decision.reading, decision.estimate
    now, one = reading.elapsed_s, np.ones_like(reading.elapsed_s)
    before = Course(now, one) if old is None else Course(*old)
    fix_s, nis = np.where(starts, now, before.fix_s), np.where(starts, one, before.nis)
    arrived = reading.ranges.valid.any(axis=1)
    fix_s = np.where(arrived, now, fix_s)
    if estimate.innovation_m is not None and estimate.innovation_sigma_m is not None:
        sigma = estimate.innovation_sigma_m
        known = arrived & (sigma > 0.0)
        square = np.square(estimate.innovation_m / np.where(known, sigma, 1.0))
        newer = nis + _NIS_SHARE * (np.minimum(square, _MOST_NIS) - nis)
        nis = np.where(known, newer, nis)
    return Course(fix_s, nis)


class View(NamedTuple):
    """What the inputs are computed from; arrays with one element or line per row."""

    decision: Decision
    course: Course
    tilt_max_rad: float  # of a tilt command of one
    descent: Float64Array  # speed downwards when the command begins to act [m/s]
    across: Float64Array  # (n, 2), velocity across the local vertical then [m/s]
    speed_across: Float64Array  # [m/s]
    to_target: Float64Array  # (n, 2), horizontal position of the target from the lander [m]
    distance: Float64Array  # [m]
    stopping_m: Float64Array  # height of a gravity turn to rest at full thrust [m]


def view_of(decision: Decision, course: Course, tilt_max_rad: float) -> View:
    """Return what inputs are computed from.

    Parameters
    ----------
    decision : Decision
        The guide's.
    course : Course
        What is remembered of the ranges.
    tilt_max_rad : float
        Tilt of a command of one [rad].

    Returns
    -------
    View
        With speeds and distances along and across the local vertical.
    """
    p = decision.predicted
    descent = -np.sum(p.v_m_s * p.up, axis=1)
    across = from_local_vertical(p.v_m_s, p.up)[:, _ACROSS]
    speed_across = np.hypot(across[:, X], across[:, Y])
    to_target = -p.r_m[:, _ACROSS]
    distance = np.hypot(to_target[:, X], to_target[:, Y])
    speed = np.hypot(descent, speed_across)
    tan_half = speed_across / np.maximum(speed + np.abs(descent), 1e-9)
    weight = np.maximum(decision.reading.gravity_m_s2, 1e-3)
    ratio = np.maximum(p.thrust_m_s2 / weight, _LEAST_RATIO)
    stopping = gravity_turn_height(speed, tan_half, ratio, weight)
    stopping = np.where(descent > 0.0, stopping, 0.0)
    motion = descent, across, speed_across, to_target, distance, stopping
    return View(decision, course, tilt_max_rad, *motion)


def _length(value: Float64Array) -> Float64Array:
    compressed: Float64Array = np.arcsinh(value / _HEIGHT_M) / 4.0
    return compressed


def _speed(value: Float64Array, unit: float = _SPEED_M_S) -> Float64Array:
    compressed: Float64Array = np.arcsinh(value / unit) / 4.0
    return compressed


def _share(part: Float64Array, other: Float64Array) -> Float64Array:
    """Return ``part / (part + other)``: a ratio that stays within one."""
    positive = np.maximum(part, 0.0)
    share: Float64Array = positive / (positive + np.maximum(other, 1.0))
    return share


def _closing(view: View) -> Float64Array:
    along = np.sum(view.to_target * view.across, axis=1)
    return _speed(along / np.maximum(view.distance, 1.0))


def _innovation(view: View) -> Float64Array:
    e = view.decision.estimate
    if e.innovation_m is None or e.innovation_sigma_m is None:
        return np.zeros_like(e.height_m)
    known = e.innovation_sigma_m > 0.0
    return np.arcsinh(e.innovation_m / np.where(known, e.innovation_sigma_m, np.inf)) / 3.0


def _propellant(view: View) -> Float64Array:
    p = view.decision.predicted
    height = np.maximum(p.height_m, 0.0)
    speed = np.hypot(view.descent, view.speed_across)
    need = speed + np.sqrt(2.0 * view.decision.reading.gravity_m_s2 * height)
    left = p.dv_left_m_s
    return np.where(np.isfinite(left), need / np.maximum(need + left, 1.0), 0.0)


def _lean(view: View) -> Float64Array:
    p = view.decision.predicted
    cosine = np.clip(np.sum(p.thrust_axis * p.up, axis=1), -1.0, 1.0)
    lean: Float64Array = np.arccos(cosine) / _TILT_RAD
    return lean


def _law_tilt(view: View) -> Float64Array:
    command = view.decision.command
    if command.shape[1] == 1:
        return np.zeros(len(command))
    size = np.hypot(command[:, X], command[:, Y]).astype(np.float64)
    return size * view.tilt_max_rad / _TILT_RAD


_BELIEF: Final[dict[str, Callable[[View], Float64Array]]] = {
    # The believed height of the footpads, and the one on the low side of it that laws fly on.
    "height": lambda v: _length(v.decision.estimate.height_m),
    "low_height": lambda v: _length(v.decision.predicted.height_m),
    "descent": lambda v: _speed(v.descent),
    "across": lambda v: _speed(v.speed_across, _ACROSS_M_S),
    "distance": lambda v: _length(v.distance),
    "closing": _closing,
    # How much of the height stopping takes, of both heights.
    "stopping": lambda v: _share(v.stopping_m, v.decision.estimate.height_m),
    "low_stopping": lambda v: _share(v.stopping_m, v.decision.predicted.height_m),
    "time_to_go": lambda v: (
        np.log1p(2.0 * np.maximum(v.decision.estimate.height_m, 0.0) / np.maximum(v.descent, 0.5))
        / 5.0
    ),
    # How well height and velocity are known.
    "height_doubt": lambda v: _share(
        v.decision.estimate.height_sigma_m, np.abs(v.decision.estimate.height_m)
    ),
    "height_sigma": lambda v: _length(v.decision.estimate.height_sigma_m),
    "descent_sigma": lambda v: _speed(v.decision.estimate.v_z_sigma_m_s, _ACROSS_M_S),
    "across_sigma": lambda v: _speed(v.decision.estimate.v_lateral_sigma_m_s, _ACROSS_M_S),
    # The ranges: whether there was one, when, and how far from what was expected.
    "unseen": lambda v: np.where(v.decision.estimate.seen, 0.0, 1.0),
    "rejected": lambda v: v.decision.estimate.rejected.astype(np.float64),
    "fix_age": lambda v: (
        np.log1p(np.maximum(v.decision.reading.elapsed_s - v.course.fix_s, 0.0)) / 4.0
    ),
    "nis": lambda v: np.log1p(v.course.nis) / 3.0,
    "innovation": _innovation,
    # The lander.
    "thrust_to_weight": lambda v: v.decision.reading.thrust_to_weight / 4.0,
    "thrust_ratio": lambda v: 5.0 * (v.decision.thrust_scale.ratio - 1.0),
    "throttle_floor": lambda v: v.decision.reading.throttle_min_frac,
    "lag": lambda v: 2.0 * v.decision.reading.engine_lag_s,
    "propellant": _propellant,
    "thrust": lambda v: v.decision.reading.thrust_frac,
    "lean": _lean,
}
_LAW: Final[dict[str, Callable[[View], Float64Array]]] = {
    "law_throttle": lambda v: v.decision.command[:, _THROTTLE].astype(np.float64),
    "law_tilt": _law_tilt,
}
INPUTS: Final = _BELIEF | _LAW
"""Inputs by name: each returns numbers (n,) of the order of one from a `View`."""
BELIEF_INPUTS: Final = tuple(_BELIEF)
"""Inputs of a policy that commands by itself."""
LAW_INPUTS: Final = tuple(_LAW)
"""Inputs besides those of a policy that corrects a law: the law's command."""


def inputs_of(names: tuple[str, ...], view: View) -> Float32Array:
    """Return inputs by name.

    Parameters
    ----------
    names : tuple of str
        Keys of `INPUTS`.
    view : View
        What they are computed from.

    Returns
    -------
    ndarray of float32, shape (n, names)
        The inputs, in this order.
    """
    return np.stack([INPUTS[name](view) for name in names], axis=1).astype(np.float32)
