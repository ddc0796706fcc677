"""Named reward terms: what a landing is worth, and a potential that points the way.

The shaping is the difference of a potential, so it changes no optimal policy (Ng, Harada and
Russell, ICML 1999); the potential is zero where an episode terminated.
"""

import math

import numpy as np

from lunar_env.kernel.compile import cold_kernel, kernel
from lunar_env.physics.contact import Touchdown
from lunar_env.physics.types import Limits, State
from lunar_env.sim.fields import Outcome
from lunar_env.sim.world import REWARD, TERMS, WORTH, Task

_LANDED = int(Outcome.LANDED)
_HARD_LANDING = int(Outcome.HARD_LANDING)


@kernel
def potential(state: State, height: float, task: Task) -> float:
    """Minus the mismatch between the fall speed and the plan's at the true height, in (-1, 0].

    The plan is the mission's constant deceleration, ``v^2 = v_td^2 + 2 K h``; the mismatch is
    relative, so that 2 m/s too fast counts little at 3 km and much at 3 m.
    """
    fall = 2.0 * task.plan_deceleration * max(height, 0.0)
    plan = math.sqrt(task.plan_touchdown_speed * task.plan_touchdown_speed + fall)
    mismatch = abs(-state.v.z - plan) / (plan + 3.0)
    return -mismatch / (1.0 + mismatch)


@kernel
def score(
    memory: np.ndarray, table: np.ndarray, i: int, burned: float, before: float, after: float
) -> None:
    """Write the terms that every step has, and their sum."""
    for k in range(TERMS, TERMS + 3):
        memory[i, k] = 0.0
    memory[i, TERMS + 3] = -table[WORTH + 3] * burned
    memory[i, TERMS + 4] = table[WORTH + 4] * (table[WORTH + 5] * after - before)
    memory[i, REWARD] = memory[i, TERMS + 3] + memory[i, TERMS + 4]


@cold_kernel
def score_end(
    memory: np.ndarray,
    table: np.ndarray,
    i: int,
    outcome: int,
    contact: bool,
    touchdown: Touchdown,
    survivable: Limits,
) -> None:
    """Add the terms of an episode that terminated."""
    excess = math.inf
    if contact:
        excess = max(
            touchdown.v_vertical / survivable.v_vertical,
            touchdown.v_lateral / survivable.v_lateral,
            touchdown.tilt / survivable.tilt,
            touchdown.rate / survivable.rate,
        )
    if outcome == _LANDED:
        memory[i, TERMS] = table[WORTH]
        memory[i, TERMS + 2] = -table[WORTH + 2] * excess * excess
    else:
        # From the limit itself to twenty times beyond, logarithmic: 60 m/s is worse than 10 m/s,
        # and both leave a slope to climb. Without a contact it counts in full.
        memory[i, TERMS] = 0.3 * table[WORTH] if outcome == _HARD_LANDING else 0.0
        beyond = min(1.0, math.log(max(excess, 1.0)) / math.log(20.0))
        memory[i, TERMS + 1] = -table[WORTH + 1] * beyond
    memory[i, REWARD] += memory[i, TERMS] + memory[i, TERMS + 1] + memory[i, TERMS + 2]
