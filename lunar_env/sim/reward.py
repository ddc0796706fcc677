"""Reward terms of a step and of the end of an episode, and the potential of the shaping.

The shaping is the difference of a potential, so that it changes no optimal policy (Ng, Harada and
Russell, ICML 1999); the potential is zero where an episode has terminated.
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
# [-], a lander that has tipped over counts like a touchdown at this factor times the limits.
_TIPPED_EXCESS = 2.0


@inline_kernel
def potential(
    state: State, place: MapPosition, height: float, task: TaskScalars, site: Site
) -> float:
    """Potential [-] in (-1, 0]: minus the mismatch of the velocity, relative to the plan's.

    The plan is the mission's constant deceleration, ``v^2 = v_td^2 + 2 K s``, over the height, or
    along the straight line to the target where the phase starts far from it. Because the mismatch
    is relative, an error of 2 m/s counts little at 3 km and much at 3 m.
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
    """`potential` with the planned velocity along the line to the target.

    Within 0.05 of the height from the target the planned velocity is vertical.
    """
    distance = math.sqrt(place.east**2 + place.north**2)
    ahead = max(distance - 0.05 * max(height, 0.0), 0.0)
    drop = max(height, 0.0)
    line = math.sqrt(ahead * ahead + drop * drop)
    fall = 2.0 * task.plan_deceleration * line
    plan = math.sqrt(task.plan_touchdown_speed * task.plan_touchdown_speed + fall)
    across = plan * ahead / line / distance if line > 0.0 and distance > 0.0 else 0.0
    planned = Vec3(-across * place.east, -across * place.north, -plan * drop / max(line, 1e-9))
    if line <= 1e-9:
        planned = Vec3(0.0, 0.0, -plan)
    speed2 = dot(state.v, state.v)
    level = math.sqrt(max(speed2 - climb * climb, 0.0))
    v_xy = math.sqrt(state.v.x * state.v.x + state.v.y * state.v.y)
    scale = level / v_xy if v_xy > 0.0 else 0.0
    dx, dy = scale * state.v.x - planned.x, scale * state.v.y - planned.y
    dz = climb - planned.z
    mismatch = math.sqrt(dx * dx + dy * dy + dz * dz) / (plan + 3.0)
    return -mismatch / (1.0 + mismatch)


store_terms = line_record(Terms, TERMS)[1]


@inline_kernel
def total(terms: Terms) -> float:
    """Sum of the terms."""
    sum_of_terms = 0.0
    for term in terms:
        sum_of_terms += term
    return sum_of_terms


@inline_kernel
def add_terms(report: np.ndarray, i: int, terms: Terms) -> None:
    """Add to the terms of the step; a zero of either sign stays as it is."""
    line = TERMS
    for term in terms:
        if term != 0.0:
            report[line, i] += term
        line += 1


@inline_kernel
def score(
    report: np.ndarray, table: np.ndarray, i: int, burned: float, before: float, after: float
) -> None:
    """Write the reward terms of every step and their sum; zero where a number is not finite.

    `burned` is the propellant used [kg], `before` and `after` are potentials [-].
    """
    if not math.isfinite(burned + before + after):
        burned, before, after = 0.0, 0.0, 0.0
    scales = load_reward_scales(table)
    propellant = -scales.propellant * burned
    shaping = scales.shaping * (scales.gamma * after - before)
    terms = Terms(landed=0.0, impact=0.0, softness=0.0, propellant=propellant, shaping=shaping)
    store_terms(report, i, terms)
    report[REWARD, i] = total(terms)


@kernel
def score_end(
    memory: np.ndarray,
    report: np.ndarray,
    table: np.ndarray,
    i: int,
    outcome: int,
    survivable: Limits,
) -> None:
    """Add the reward terms of an episode that has terminated."""
    scales, touchdown = load_reward_scales(table), load_touchdown(memory, i)
    excess = math.inf
    if memory[i, EPISODE.touched] > 0.0 and outcome != _NUMERIC:
        excess = max(
            touchdown.v_vertical_m_s / survivable.v_vertical,
            touchdown.v_lateral_m_s / survivable.v_lateral,
            touchdown.tilt_deg * _RADIANS / survivable.tilt,
            touchdown.rate_deg_s * _RADIANS / survivable.rate,
        )
    if outcome == _TIPPED:
        excess = max(excess, _TIPPED_EXCESS)
    landed, impact, softness = 0.0, 0.0, 0.0
    if outcome == _LANDED:
        landed = scales.landed
        softness = -scales.softness * excess * excess
    else:
        # Logarithmic from the limits to twenty times the limits: 60 m/s is worse than 10 m/s, and
        # both have a gradient. Without a contact the impact counts in full.
        landed = 0.3 * scales.landed if outcome == _HARD_LANDING else 0.0
        beyond = min(1.0, math.log(max(excess, 1.0)) / math.log(20.0))
        impact = -scales.impact * beyond
    ended = Terms(landed=landed, impact=impact, softness=softness, propellant=0.0, shaping=0.0)
    add_terms(report, i, ended)
    report[REWARD, i] += total(ended)
