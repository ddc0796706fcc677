"""Named reward terms: what a landing is worth, and a potential that points the way.

The shaping is the difference of a potential, so it changes no optimal policy (Ng, Harada and
Russell, ICML 1999); the potential is zero where an episode terminated.
"""

import math

import numpy as np

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.kernel.linalg import Vec3, dot
from lunar_env.kernel.records import line_record
from lunar_env.physics.site import vertical
from lunar_env.physics.types import Limits, MapPosition, Site, State
from lunar_env.sim.fields import Outcome, Terms
from lunar_env.sim.table import TaskScalars, load_reward_scales
from lunar_env.sim.world import EPISODE, REWARD, TERMS, load_touchdown

_LANDED = int(Outcome.LANDED)
_HARD_LANDING = int(Outcome.HARD_LANDING)
_TIPPED = int(Outcome.TIPPED)
_NUMERIC = int(Outcome.NUMERIC)
_RADIANS = math.pi / 180.0
# A lander on its side counts as far beyond the limits as one at twice the speed they allow.
_TIPPED_EXCESS = 2.0


@inline_kernel
def potential(
    state: State, place: MapPosition, height: float, task: TaskScalars, site: Site
) -> float:
    """Minus the mismatch between the velocity and the plan's, relative to it, in (-1, 0].

    The plan is the mission's constant deceleration, ``v^2 = v_td^2 + 2 K s``, over the height, or
    along the straight line to the target where the phase begins far from it. Being relative, 2 m/s
    too fast counts little at 3 km and much at 3 m.
    """
    climb = dot(state.v, vertical(state.r, site))
    if task.along_path > 0.0:
        return along_path(state, place, height, climb, task)
    fall = 2.0 * task.plan_deceleration * max(height, 0.0)
    plan = math.sqrt(task.plan_touchdown_speed * task.plan_touchdown_speed + fall)
    mismatch = abs(-climb - plan) / (plan + 3.0)
    return -mismatch / (1.0 + mismatch)


@kernel
def along_path(
    state: State, place: MapPosition, height: float, climb: float, task: TaskScalars
) -> float:
    """`potential` with the plan's velocity on the line to the target.

    The last metres go straight down: within its height the miss counts less and less.
    """
    reach = math.sqrt(place.east**2 + place.north**2)
    ahead = max(reach - 0.05 * max(height, 0.0), 0.0)
    drop = max(height, 0.0)
    line = math.sqrt(ahead * ahead + drop * drop)
    fall = 2.0 * task.plan_deceleration * line
    plan = math.sqrt(task.plan_touchdown_speed * task.plan_touchdown_speed + fall)
    across = plan * ahead / line / reach if line > 0.0 and reach > 0.0 else 0.0
    wanted = Vec3(-across * place.east, -across * place.north, -plan * drop / max(line, 1e-9))
    if line <= 1e-9:
        wanted = Vec3(0.0, 0.0, -plan)
    speed2 = dot(state.v, state.v)
    level = math.sqrt(max(speed2 - climb * climb, 0.0))
    flat = math.sqrt(state.v.x * state.v.x + state.v.y * state.v.y)
    scale = level / flat if flat > 0.0 else 0.0
    dx, dy = scale * state.v.x - wanted.x, scale * state.v.y - wanted.y
    dz = climb - wanted.z
    mismatch = math.sqrt(dx * dx + dy * dy + dz * dz) / (plan + 3.0)
    return -mismatch / (1.0 + mismatch)


load_terms, store_terms = line_record(Terms, TERMS)


@inline_kernel
def score(
    report: np.ndarray, table: np.ndarray, i: int, burned: float, before: float, after: float
) -> None:
    """Write the terms that every step has, and their sum; zero where a number is not finite."""
    if not math.isfinite(burned + before + after):
        burned, before, after = 0.0, 0.0, 0.0
    scales = load_reward_scales(table)
    propellant = -scales.propellant * burned
    shaping = scales.shaping * (scales.gamma * after - before)
    store_terms(report, i, Terms(0.0, 0.0, 0.0, propellant, shaping))
    report[REWARD, i] = propellant + shaping


@kernel
def score_end(
    memory: np.ndarray,
    report: np.ndarray,
    table: np.ndarray,
    i: int,
    outcome: int,
    survivable: Limits,
) -> None:
    """Add the terms of an episode that terminated."""
    scales, flown, met = load_reward_scales(table), load_terms(report, i), load_touchdown(memory, i)
    excess = math.inf
    if memory[i, EPISODE.touched] > 0.0 and outcome != _NUMERIC:
        excess = max(
            met.v_vertical_m_s / survivable.v_vertical,
            met.v_lateral_m_s / survivable.v_lateral,
            met.tilt_deg * _RADIANS / survivable.tilt,
            met.rate_deg_s * _RADIANS / survivable.rate,
        )
    if outcome == _TIPPED:
        excess = max(excess, _TIPPED_EXCESS)
    landed, impact, softness = 0.0, 0.0, 0.0
    if outcome == _LANDED:
        landed = scales.landed
        softness = -scales.softness * excess * excess
    else:
        # From the limit itself to twenty times beyond, logarithmic: 60 m/s is worse than 10 m/s,
        # and both leave a slope to climb. Without a contact it counts in full.
        landed = 0.3 * scales.landed if outcome == _HARD_LANDING else 0.0
        beyond = min(1.0, math.log(max(excess, 1.0)) / math.log(20.0))
        impact = -scales.impact * beyond
    store_terms(report, i, Terms(landed, impact, softness, flown.propellant, flown.shaping))
    report[REWARD, i] += landed + impact + softness
