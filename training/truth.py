"""True state of the rows of a vector environment.

The array ``privileged`` includes quantities that are expensive to compute, such as the slant range
and the stopping height, too expensive for every row in every step. Recorders therefore read what
they need in every step from the memory of the simulation, and likewise the drawn properties that
``privileged`` does not list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lunar_env import PRIVILEGED_FIELDS
from lunar_env.physics.types import Vehicle
from lunar_env.sensors.link import DrawnRangefinder

if TYPE_CHECKING:
    from lunar_env import LunarLandingVectorEnv

__all__ = ["StepTruth", "lost_share", "step_truth", "truth_column", "vehicle_of"]

_COLUMNS = {field.name: index for index, field in enumerate(PRIVILEGED_FIELDS)}

_STEP_NAMES = (
    *("episode.time", "episode.height", "episode.fix_height"),
    *("contact.made", "episode.arrivals"),
)


def truth_column(name: str) -> int:
    """Return the column of a field in the environment's ``privileged`` array.

    Parameters
    ----------
    name : str
        One of `lunar_env.PRIVILEGED_FIELDS`.

    Raises
    ------
    KeyError
        If there is no such field.
    """
    return _COLUMNS[name]


class StepTruth(NamedTuple):
    """True quantities of some rows, recorded in every step; arrays of shape (k,)."""

    time_s: np.ndarray  # since the start of the episode
    height_m: np.ndarray  # of the pads above the ground
    fixed: np.ndarray  # bool, a valid range has arrived
    touched: np.ndarray  # bool, some part has touched the ground
    arrived: np.ndarray  # number of ranges that arrived in the last step


def step_truth(env: LunarLandingVectorEnv, rows: np.ndarray) -> StepTruth:
    """Return the quantities that are recorded in every step.

    Parameters
    ----------
    env : LunarLandingVectorEnv
        After a step or a reset.
    rows : ndarray of int, shape (k,)
        The rows.

    Returns
    -------
    StepTruth
        Values at the end of the step.
    """
    time_s, height_m, fix_m, contact, arrived = env.glimpse(_STEP_NAMES, rows).T
    return StepTruth(time_s, height_m, fix_m >= 0.0, contact > 0.0, arrived)


def lost_share(env: LunarLandingVectorEnv, rows: np.ndarray) -> np.ndarray:
    """Return the long-run fraction of ranges that the drawn rangefinder loses.

    Parameters
    ----------
    env : LunarLandingVectorEnv
        After a reset.
    rows : ndarray of int, shape (k,)
        The rows.

    Returns
    -------
    ndarray of float64, shape (k,)
        [-], from single dropouts and bursts. A burst begins and ends with given probabilities per
        sample, so that a fraction begin/(begin + end) of the samples is in one (Gilbert 1960).
    """
    drawn = DrawnRangefinder(
        *env.glimpse([f"drawn_rangefinder.{name}" for name in DrawnRangefinder._fields], rows).T
    )
    bursts = drawn.burst_begin > 0.0
    both = np.where(bursts, drawn.burst_begin + drawn.burst_end, 1.0)
    in_burst = np.where(bursts, drawn.burst_begin / both, 0.0)
    return np.asarray(1.0 - (1.0 - in_burst) * (1.0 - drawn.dropout))


def vehicle_of(env: LunarLandingVectorEnv, row: int) -> Vehicle:
    """Return the drawn vehicle of a row.

    Parameters
    ----------
    env : LunarLandingVectorEnv
        After a reset.
    row : int
        The row.

    Returns
    -------
    Vehicle
        SI units; see `lunar_env.physics.types`.
    """
    names = [f"vehicle.{name}" for name in Vehicle._fields]
    return Vehicle(*env.glimpse(names, np.array([row]))[0].tolist())
