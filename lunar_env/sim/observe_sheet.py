"""Observation of the data sheet, once an episode."""

from typing import Final

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.sim.frame import FRAME
from lunar_env.sim.sheet import SHEET_FIELDS
from lunar_env.sim.table import SCENARIO_WIDTH, SCENARIOS, SHEET
from lunar_env.sim.world import SCENARIO

_SHEET: Final = FRAME["Sheet"]
_WIDTH: Final = len(SHEET_FIELDS)


@kernel
def observe_sheet(memory: np.ndarray, frames: np.ndarray, table: np.ndarray, i: int) -> None:
    """Write the data sheet of the row's scenario, which stays as it is during the episode."""
    at = SCENARIOS + SCENARIO_WIDTH * int(memory[i, SCENARIO]) + SHEET
    for k in range(_WIDTH):
        frames[i, _SHEET + k] = table[at + k]
