"""What is true of the rows of a vector environment, read where the simulation keeps it.

`privileged` looks along the beam and solves for the height to stop: far too dear for every row in
every step. What a recorder needs so often is read from the memory of the environment instead, and
so are the drawn properties that `privileged` does not list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lunar_env import PRIVILEGED_FIELDS
from lunar_env.physics.types import Vehicle
from lunar_env.sensors.link import Unit

if TYPE_CHECKING:
    from lunar_env import LunarLandingVectorEnv

__all__ = ["Glimpse", "glimpse", "lost_share", "truth_column", "vehicle_of"]

_COLUMNS = {field.name: index for index, field in enumerate(PRIVILEGED_FIELDS)}

_OFTEN = (
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


class Glimpse(NamedTuple):
    """A few true quantities of some rows; arrays of shape (k,)."""

    time_s: np.ndarray  # since the start of the episode
    height_m: np.ndarray  # of the pads above the ground
    fixed: np.ndarray  # bool: a valid range has arrived
    touched: np.ndarray  # bool: anything has touched the ground
    arrived: np.ndarray  # ranges of the last step


def glimpse(env: LunarLandingVectorEnv, rows: np.ndarray) -> Glimpse:
    """Return what is asked of every row in every step.

    Parameters
    ----------
    env : LunarLandingVectorEnv
        After a step or a reset.
    rows : ndarray of int, shape (k,)
        Which.

    Returns
    -------
    Glimpse
        At the end of the step.
    """
    time_s, height_m, fix_m, contact, arrived = env.glimpse(_OFTEN, rows).T
    return Glimpse(time_s, height_m, fix_m >= 0.0, contact > 0.0, arrived)


def lost_share(env: LunarLandingVectorEnv, rows: np.ndarray) -> np.ndarray:
    """Return the share of its ranges that the drawn rangefinder loses on the way, in the long run.

    Parameters
    ----------
    env : LunarLandingVectorEnv
        After a reset.
    rows : ndarray of int, shape (k,)
        Which.

    Returns
    -------
    ndarray of float64, shape (k,)
        [-]; single losses and spells together. A spell begins and ends with given probabilities,
        so it lasts for begin/(begin + end) of the samples (Gilbert 1960).
    """
    unit = Unit(*env.glimpse([f"unit.{name}" for name in Unit._fields], rows).T)
    spells = unit.burst_begin > 0.0
    both = np.where(spells, unit.burst_begin + unit.burst_end, 1.0)
    in_spell = np.where(spells, unit.burst_begin / both, 0.0)
    return np.asarray(1.0 - (1.0 - in_spell) * (1.0 - unit.dropout))


def vehicle_of(env: LunarLandingVectorEnv, row: int) -> Vehicle:
    """Return the lander of a row as it was drawn.

    Parameters
    ----------
    env : LunarLandingVectorEnv
        After a reset.
    row : int
        Which.

    Returns
    -------
    Vehicle
        SI units; see `lunar_env.physics.types`.
    """
    names = [f"vehicle.{name}" for name in Vehicle._fields]
    return Vehicle(*env.glimpse(names, np.array([row]))[0].tolist())
