"""One tick of flight: classical Runge-Kutta of fourth order on the rigid-body equations.

Thrust and mass are closed forms within the tick (see `propulsion.py`), so the stages see the
engine's exponential itself. The tick is split where the tanks run dry.
"""

import math

from lunar_env.kernel.compile import cold_kernel, kernel
from lunar_env.kernel.linalg import Quat, Vec3, axpy, normalize
from lunar_env.physics.dynamics import rates
from lunar_env.physics.propulsion import burned_mass, lagged_thrust, time_to_exhaustion
from lunar_env.physics.types import Rates, Site, State, Vehicle


@cold_kernel
def advance(
    state: State, command: float, torque: Vec3, vehicle: Vehicle, site: Site, dt: float
) -> State:
    """State after `dt` under a constant thrust command [N] and control torque [N m, B]."""
    if max(state.thrust, command) * dt >= (state.mass - vehicle.mass_dry) * vehicle.v_e:
        return advance_to_empty(state, command, torque, vehicle, site, dt)
    half_decay = math.exp(-0.5 * dt / vehicle.lag)
    return rk4(state, command, torque, vehicle, site, dt, half_decay)


@cold_kernel
def advance_to_empty(
    state: State, command: float, torque: Vec3, vehicle: Vehicle, site: Site, dt: float
) -> State:
    """Tick in which the tanks may run dry: powered up to that instant, then without thrust."""
    propellant = state.mass - vehicle.mass_dry
    half_decay = math.exp(-0.5 * dt / vehicle.lag)
    burned = burned_mass(state.thrust, command, dt, half_decay * half_decay, vehicle)
    if burned < propellant:
        return rk4(state, command, torque, vehicle, site, dt, half_decay)
    spent = 0.0
    if propellant > 0.0:
        spent = time_to_exhaustion(state.thrust, command, dt, propellant, vehicle)
        half_decay = math.exp(-0.5 * spent / vehicle.lag)
        state = rk4(state, command, torque, vehicle, site, spent, half_decay)
    dry = State(state.r, state.v, state.q, state.omega, vehicle.mass_dry, 0.0)
    return rk4(dry, 0.0, torque, vehicle, site, dt - spent, 0.0)


@kernel
def rk4(
    state: State,
    command: float,
    torque: Vec3,
    vehicle: Vehicle,
    site: Site,
    dt: float,
    half_decay: float,
) -> State:
    """Four stages at 0, dt/2, dt/2 and dt; propellant must last.

    `half_decay` is the lag's exponential over dt/2.
    """
    half = 0.5 * dt
    thrust_half = lagged_thrust(state.thrust, command, half_decay)
    thrust_end = lagged_thrust(thrust_half, command, half_decay)
    mass_half = state.mass - burned_mass(state.thrust, command, half, half_decay, vehicle)
    mass_end = mass_half - burned_mass(thrust_half, command, half, half_decay, vehicle)

    r, v, q, w = state.r, state.v, state.q, state.omega
    per_mass, per_mass_half = 1.0 / state.mass, 1.0 / mass_half
    k1 = rates(r, v, q, w, per_mass, state.thrust, torque, vehicle, site)
    r2, v2, q2 = axpy(half, k1.r, r), axpy(half, k1.v, v), _shift(half, k1.q, q)
    w2 = axpy(half, k1.omega, w)
    k2 = rates(r2, v2, q2, w2, per_mass_half, thrust_half, torque, vehicle, site)
    r3, v3, q3 = axpy(half, k2.r, r), axpy(half, k2.v, v), _shift(half, k2.q, q)
    w3 = axpy(half, k2.omega, w)
    k3 = rates(r3, v3, q3, w3, per_mass_half, thrust_half, torque, vehicle, site)
    r4, v4, q4 = axpy(dt, k3.r, r), axpy(dt, k3.v, v), _shift(dt, k3.q, q)
    w4 = axpy(dt, k3.omega, w)
    k4 = rates(r4, v4, q4, w4, 1.0 / mass_end, thrust_end, torque, vehicle, site)
    k = _weighted(k1, k2, k3, k4)
    return State(
        axpy(dt, k.r, r),
        axpy(dt, k.v, v),
        normalize(_shift(dt, k.q, q)),
        axpy(dt, k.omega, w),
        mass_end,
        thrust_end,
    )


@kernel
def _shift(dt: float, rate: Quat, q: Quat) -> Quat:
    return Quat(q.w + dt * rate.w, q.x + dt * rate.x, q.y + dt * rate.y, q.z + dt * rate.z)


@kernel
def _mean(a: float, b: float, c: float, d: float) -> float:
    return (a + 2.0 * (b + c) + d) / 6.0


@kernel
def _mean3(a: Vec3, b: Vec3, c: Vec3, d: Vec3) -> Vec3:
    return Vec3(_mean(a.x, b.x, c.x, d.x), _mean(a.y, b.y, c.y, d.y), _mean(a.z, b.z, c.z, d.z))


@kernel
def _weighted(a: Rates, b: Rates, c: Rates, d: Rates) -> Rates:
    """Runge-Kutta's mean of the four slopes."""
    q = Quat(
        _mean(a.q.w, b.q.w, c.q.w, d.q.w),
        _mean(a.q.x, b.q.x, c.q.x, d.q.x),
        _mean(a.q.y, b.q.y, c.q.y, d.q.y),
        _mean(a.q.z, b.q.z, c.q.z, d.q.z),
    )
    return Rates(
        _mean3(a.r, b.r, c.r, d.r),
        _mean3(a.v, b.v, c.v, d.v),
        q,
        _mean3(a.omega, b.omega, c.omega, d.omega),
    )
