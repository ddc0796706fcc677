"""The minimum propellant for a start, which is the same for every pilot.

The optimum is computed with the true state and the drawn vehicle. It may burn from the first
instant in any direction and ends at rest with the pads at the height of the target. With throttle
control the landing site is free, because such a pilot cannot choose it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from gymnasium.vector import AutoresetMode

from lunar_env.data.constants import G0
from training.truth import truth_column, vehicle_of
from training.vector_env import make_vector_env

if TYPE_CHECKING:
    from collections.abc import Callable

    from lunar_env.task import Task
    from training.results import Landings

__all__ = ["check_extra", "optima_of", "with_optima"]

POSITION = slice(truth_column("r_x_m"), truth_column("r_z_m") + 1)
VELOCITY = slice(truth_column("v_x_m_s"), truth_column("v_z_m_s") + 1)
LOST = truth_column("lost")
MASS = truth_column("mass_kg")
AT_REST = (0.0, 0.0, 0.0)


def check_extra() -> None:
    """Check that the solver is installed.

    Raises
    ------
    MissingExtra
        If cvxpy or Clarabel is missing.
    """
    from agents.guidance.lossless import (
        shared_program,  # late import: solvers take a second to load
    )

    shared_program(40)


def optima_of(
    task: Task, seeds: list[int], note: Callable[[int], None] | None = None
) -> np.ndarray:
    """Return the minimum propellant of starts.

    Parameters
    ----------
    task : Task
        The task.
    seeds : list of int
        Seeds of the episodes.
    note : callable, optional
        Called with the number of optima computed.

    Returns
    -------
    ndarray of float64, shape (n,)
        [kg]; NaN for lost starts and where the solver finds no solution.
    """
    from agents.guidance.moon import Moon  # late imports, as above
    from agents.guidance.optimum import minimum_propellant

    env = make_vector_env(task, len(seeds), AutoresetMode.NEXT_STEP, 1)
    observation, _ = env.reset(seed=seeds)
    fields = {field.name: k for k, field in enumerate(env.settings.frame_fields)}
    com = env.settings.frame_fields[fields["com_height_m"]].scale * observation[
        :, fields["com_height_m"]
    ].astype(np.float64)
    truth, planet = env.privileged, env.settings.mission.planet
    moon = Moon(planet.surface_gravity_m_s2, planet.radius_m)
    minimum_kg = np.full(len(seeds), np.nan)
    for row, state in enumerate(truth):
        if note is not None:
            note(row)
        if state[LOST] > 0.5:
            continue
        lander = vehicle_of(env, row)
        minimum_kg[row] = minimum_propellant(
            state[POSITION] - (0.0, 0.0, com[row]),
            state[VELOCITY],
            float(state[MASS]),
            lander.thrust_max,
            lander.v_e / G0,
            target_m=AT_REST,
            target_m_s=AT_REST,
            place_free=task.control == "throttle",
            moon=moon,
        ).propellant_kg
    env.close()
    if note is not None:
        note(len(seeds))
    return minimum_kg


def with_optima(landings: Landings, optima: Landings) -> Landings:
    """Return landings with the minimum propellant of their starts.

    Parameters
    ----------
    landings : dict of ndarray
        Columns of the results.
    optima : dict of ndarray
        ``mission``, ``scenario``, ``seed`` and ``optimum_kg``.

    Returns
    -------
    dict of ndarray
        The landings with the column ``optimum_kg``; NaN where it is unknown.
    """
    names = ("mission", "scenario", "seed")
    known = dict(
        zip(
            zip(*(optima[name].tolist() for name in names), strict=True),
            optima["optimum_kg"].tolist(),
            strict=True,
        )
    )
    starts = zip(*(landings[name].tolist() for name in names), strict=True)
    minimum_kg = np.array([known.get(start, np.nan) for start in starts], dtype=np.float64)
    return {**landings, "optimum_kg": minimum_kg}
