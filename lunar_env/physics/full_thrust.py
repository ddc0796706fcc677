"""The best stop of a descent: all engines at full thrust from now on, straight up.

No control stops the descent earlier or higher. Every approximation is in favour of the lander:
gravity is that at its altitude, which it only leaves downwards; dead time is left out; thrust that
is still building up is missing only as far as it is missing by the earliest possible stop.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.kernel.closed_forms import burn_height, burn_time
from lunar_env.kernel.compile import kernel
from lunar_env.kernel.linalg import Vec3, axpy, dot, norm
from lunar_env.physics.gravity import free_fall
from lunar_env.physics.rows import ENGINE, ENGINE_STATE, ENGINE_WIDTH, ENGINES
from lunar_env.physics.site import vertical
from lunar_env.physics.types import Site, State, Vehicle

# Attitude control burns less than this share of what the engines burn at full thrust. It lightens
# the lander; firing thrusters for no other purpose than that is left out.
_ATTITUDE_SHARE: Final = 0.01
# An engine that cannot carry the lander yet counts as one that just can.
_CARRIED: Final = 0.99


class FullThrust(NamedTuple):
    """A lander whose engines all go to full thrust now."""

    mass: float  # kg
    mass_dry: float  # kg
    thrust: float  # N
    v_e: float  # m/s, thrust over the largest loss of mass
    missing: float  # N s, impulse that is lost while thrust builds up; negative while it decays
    lag: float  # s, time constant of the slowest engine
    delta_v: float  # m/s, of all propellant in the most efficient engine


class Fall(NamedTuple):
    """A descent over a round, rotating Moon."""

    up: Vec3  # [-], L: local vertical
    down: float  # m/s, descent rate
    across: Vec3  # m/s, L: horizontal velocity
    lateral: float  # m/s, its magnitude
    gravity: float  # m/s^2, less the centrifugal acceleration of the lateral motion


class Stop(NamedTuple):
    """The instant at which full thrust has slowed a descent; infinite if it never does."""

    time: float  # s
    drop: float  # m, height lost until then


@kernel
def full_thrust(memory: np.ndarray, i: int, state: State, vehicle: Vehicle) -> FullThrust:
    """Thrust and mass flow of all engines of row `i`, as healthy as they are now."""
    thrust, flow, missing, lag, least = 0.0, 0.0, 0.0, 0.0, math.inf
    for e in range(int(vehicle.engines)):
        col = ENGINES + ENGINE_WIDTH * e
        available = memory[i, col + ENGINE.thrust_max] * memory[i, col + ENGINE_STATE.health]
        gap = available - memory[i, col + ENGINE_STATE.thrust]
        thrust += available
        flow += available * memory[i, col + ENGINE.flow]
        if gap > 0.0:
            missing += gap * memory[i, col + ENGINE.lag_up]
            lag = max(lag, memory[i, col + ENGINE.lag_up])
        else:
            missing += gap * memory[i, col + ENGINE.lag_down]
        if available > 0.0:
            least = min(least, memory[i, col + ENGINE.flow])
    v_e = thrust / (flow * (1.0 + _ATTITUDE_SHARE)) if flow > 0.0 else 1.0
    delta_v = math.log(state.mass / vehicle.mass_dry) / least
    return FullThrust(state.mass, vehicle.mass_dry, thrust, v_e, missing, lag, delta_v)


@kernel
def fall_of(state: State, site: Site) -> Fall:
    """Describe the motion of a lander relative to the local vertical."""
    up = vertical(state.r, site)
    climb = dot(state.v, up)
    across = axpy(-climb, up, state.v)
    lateral = norm(across)
    distance = dot(up, Vec3(state.r.x, state.r.y, state.r.z + site.radius))
    gravity = -dot(free_fall(state.r, across, site), up) - lateral * lateral / distance
    return Fall(up, -climb, across, lateral, gravity)


@kernel
def fastest_stop(full: FullThrust, down: float, gravity: float, speed: float) -> Stop:
    """Full thrust straight up until the descent rate is `speed` [m/s].

    With the thrust missing at first, ``m(t) = m1 - thrust t / v_e`` and
    ``v(t) = down + loss + g t - v_e ln(m1 / m(t))``, where ``m1`` exceeds the mass by what is not
    burned and ``loss = v_e ln(m1 / mass)``.
    """
    excess, mass = down - speed, full.mass
    if excess <= 0.0:
        return Stop(0.0, 0.0)
    if full.thrust <= full.mass_dry * gravity:
        return Stop(math.inf, math.inf)
    carried = _CARRIED * full.thrust / gravity if gravity > 0.0 else math.inf
    if full.thrust <= mass * gravity:
        mass = max(full.mass_dry, carried)
    earliest = burn_time(excess, mass, full.thrust, full.v_e, gravity)
    missing = full.missing
    if missing > 0.0:
        missing *= -math.expm1(-earliest / full.lag)
    m1 = max(mass, min(mass + missing / full.v_e, carried)) if missing > 0.0 else mass
    slowed_at_once = max(0.0, -missing) / full.mass_dry
    slowed = max(0.0, excess + full.v_e * math.log(m1 / mass) - slowed_at_once)
    time = burn_time(slowed, m1, full.thrust, full.v_e, gravity)
    if not excess + gravity * time <= full.delta_v:
        return Stop(math.inf, math.inf)
    drop = speed * time + burn_height(slowed, m1, full.thrust, full.v_e, gravity)
    if missing > 0.0:
        drop -= missing * full.lag / full.mass_dry  # what had not built up was missing for less
    return Stop(time, max(0.0, drop))
