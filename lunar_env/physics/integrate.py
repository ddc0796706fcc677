"""One tick of flight: the classical fourth-order Runge-Kutta method on the rigid-body equations.

Thrust and mass are closed forms of time within the tick (see `engines.py`): the stages use their
exact values at its start, middle and end, through a `TickAccelerations`.
"""

from typing import Final

from lunar_env.kernel.compile import inline_kernel
from lunar_env.kernel.linalg import Quat, Vec3, axpy, renormalize
from lunar_env.physics.dynamics import rates
from lunar_env.physics.types import Rates, Site, State, TickAccelerations

_SIXTH: Final = 1.0 / 6.0  # a division would take longer


@inline_kernel
def rk4(state: State, applied: TickAccelerations, site: Site, dt: float) -> State:
    """State after `dt` seconds, by four stages at 0, dt/2, dt/2 and dt."""
    half = 0.5 * dt
    r, v, q, w = state.r, state.v, state.q, state.omega
    k1 = rates(r, v, q, w, applied.start, site)
    r2, v2, q2 = axpy(half, k1.r, r), axpy(half, k1.v, v), _shift(half, k1.q, q)
    k2 = rates(r2, v2, q2, axpy(half, k1.omega, w), applied.middle, site)
    r3, v3, q3 = axpy(half, k2.r, r), axpy(half, k2.v, v), _shift(half, k2.q, q)
    k3 = rates(r3, v3, q3, axpy(half, k2.omega, w), applied.middle, site)
    r4, v4, q4 = axpy(dt, k3.r, r), axpy(dt, k3.v, v), _shift(dt, k3.q, q)
    k4 = rates(r4, v4, q4, axpy(dt, k3.omega, w), applied.end, site)
    k = _weighted(k1, k2, k3, k4)
    return State(
        axpy(dt, k.r, r),
        axpy(dt, k.v, v),
        renormalize(_shift(dt, k.q, q)),
        axpy(dt, k.omega, w),
        applied.mass,
        applied.thrust,
    )


@inline_kernel
def _shift(dt: float, rate: Quat, q: Quat) -> Quat:
    return Quat(q.w + dt * rate.w, q.x + dt * rate.x, q.y + dt * rate.y, q.z + dt * rate.z)


@inline_kernel
def _mean(a: float, b: float, c: float, d: float) -> float:
    return _SIXTH * (a + 2.0 * (b + c) + d)


@inline_kernel
def _mean3(a: Vec3, b: Vec3, c: Vec3, d: Vec3) -> Vec3:
    return Vec3(_mean(a.x, b.x, c.x, d.x), _mean(a.y, b.y, c.y, d.y), _mean(a.z, b.z, c.z, d.z))


@inline_kernel
def _weighted(a: Rates, b: Rates, c: Rates, d: Rates) -> Rates:
    """Weighted mean of the derivatives of the four stages."""
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
