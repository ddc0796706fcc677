"""The least propellant that a start allows: the same for every pilot, so computed once.

The optimum knows the true state and the lander as it was drawn, burns from the first instant,
steers at will and comes to rest with its pads at the height of the target. A pilot that commands
the throttle alone is not asked where it lands, so neither is its optimum.
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
RECOVERABLE = truth_column("recoverable")
MASS = truth_column("mass_kg")
AT_REST = (0.0, 0.0, 0.0)


def check_extra() -> None:
    """Refuse early where the solver is not installed.

    Raises
    ------
    MissingExtra
        Without cvxpy and Clarabel.
    """
    from agents.guidance.lossless import shared_program  # late: solvers take a second to import

    shared_program(40)


def optima_of(
    task: Task, seeds: list[int], note: Callable[[int], None] | None = None
) -> np.ndarray:
    """Return the least propellant of some starts.

    Parameters
    ----------
    task : Task
        What is flown.
    seeds : list of int
        Of the episodes.
    note : callable, optional
        Called with the number of optima computed.

    Returns
    -------
    ndarray of float64, shape (n,)
        [kg]; NaN where full thrust cannot stop the fall, or the solver finds no descent.
    """
    from agents.guidance.moon import Moon  # late, as above
    from agents.guidance.optimum import minimum_propellant

    env = make_vector_env(task, len(seeds), AutoresetMode.NEXT_STEP, 1)
    observation, _ = env.reset(seed=seeds)
    fields = {field.name: k for k, field in enumerate(env.settings.frame_fields)}
    cg = env.settings.frame_fields[fields["cg_height_m"]].scale * observation[
        :, fields["cg_height_m"]
    ].astype(np.float64)
    truth, planet = env.privileged, env.settings.mission.planet
    moon = Moon(planet.surface_gravity_m_s2, planet.radius_m)
    least = np.full(len(seeds), np.nan)
    for row, state in enumerate(truth):
        if note is not None:
            note(row)
        if state[RECOVERABLE] < 0.5:
            continue
        lander = vehicle_of(env, row)
        least[row] = minimum_propellant(
            state[POSITION] - (0.0, 0.0, cg[row]),
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
    return least


def with_optima(landings: Landings, optima: Landings) -> Landings:
    """Return landings with the optimum of their start.

    Parameters
    ----------
    landings : dict of ndarray
        Columns of the results.
    optima : dict of ndarray
        ``mission``, ``scenario``, ``seed`` and ``optimum_kg``.

    Returns
    -------
    dict of ndarray
        The same landings.
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
    least = np.array([known.get(start, np.nan) for start in starts], dtype=np.float64)
    return {**landings, "optimum_kg": least}
