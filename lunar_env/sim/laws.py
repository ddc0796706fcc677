"""Where the laws of the drawn quantities lie in the table, by name."""

import numpy as np

from lunar_env.kernel.draws import DRAW_WIDTH
from lunar_env.sim.table import INERTIAL, INERTIAL_DRAWS, MISSION, MISSION_DRAWS, SCENARIO_DRAWS

# np.int64, because Numba compiles a function anew for every Python integer it is called with.


def of_mission(name: str) -> np.int64:
    """Place of a law of the mission."""
    return np.int64(MISSION + DRAW_WIDTH * MISSION_DRAWS.index(name))


def of_scenario(name: str) -> np.int64:
    """Place of a law within a scenario's block."""
    return np.int64(DRAW_WIDTH * SCENARIO_DRAWS.index(name))


def of_inertial(name: str) -> np.int64:
    """Place of a law of the inertial unit within a scenario's block."""
    return np.int64(INERTIAL + DRAW_WIDTH * INERTIAL_DRAWS.index(name))
