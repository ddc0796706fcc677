"""One short tick of a rigid body under constant forces and moments, for ground contact."""

from lunar_env.kernel.compile import inline_kernel
from lunar_env.kernel.linalg import Quat, Vec3, axpy, dot, multiply, renormalize
from lunar_env.physics.gear import body_axes, to_site_frame
from lunar_env.physics.gravity import free_fall
from lunar_env.physics.mass import inertia, reciprocals
from lunar_env.physics.types import ForceMoment, Site, State, Vehicle


@inline_kernel
def step_rigid_body(
    state: State,
    reaction: ForceMoment,
    applied: ForceMoment,
    vehicle: Vehicle,
    site: Site,
    dt: float,
) -> State:
    """State after `dt` seconds by symplectic Euler, under gravity, ground and engines.

    Parameters
    ----------
    state : State
        At the start of the tick.
    reaction : ForceMoment
        Force [N, L] and moment about the centre of mass [N m, L] of the ground.
    applied : ForceMoment
        Force [N, B] and moment about the centre of mass [N m, B] of engines and thrusters.
    vehicle : Vehicle
        Mass properties.
    site : Site
        Gravity and rotation of the Moon.
    dt : float
        Tick [s].

    Returns
    -------
    State
        At the end of the tick; mass and thrust are unchanged.
    """
    body, gravity = body_axes(state.q), free_fall(state.r, state.v, site)
    force, moment, torque = reaction.force, reaction.moment, applied.moment
    thrust = to_site_frame(body, applied.force)
    dv = dt / state.mass
    v = Vec3(
        state.v.x + dt * gravity.x + dv * (force.x + thrust.x),
        state.v.y + dt * gravity.y + dv * (force.y + thrust.y),
        state.v.z + dt * gravity.z + dv * (force.z + thrust.z),
    )
    torque_b = Vec3(
        torque.x + dot(moment, body.x),
        torque.y + dot(moment, body.y),
        torque.z + dot(moment, body.z),
    )
    moments = inertia(state.mass, vehicle)
    inverse = reciprocals(moments)
    # Gyroscopic torque at mid-tick: taken at the start it would add energy to a rotating lander.
    mid = _rates_after(state.omega, state.omega, torque_b, moments, inverse, 0.5 * dt)
    omega = _rates_after(state.omega, mid, torque_b, moments, inverse, dt)
    # The product deviates from unit norm by rounding only.
    q = renormalize(multiply(state.q, _rotation_over(omega, dt)))
    return State(
        axpy(dt, v, state.r),
        v,
        q,
        omega,
        state.mass,
        state.thrust,
    )


@inline_kernel
def _rotation_over(omega: Vec3, dt: float) -> Quat:
    """Quaternion [-] of the rotation by `omega` [rad/s, B] during `dt` [s], by power series.

    With ticks of a millisecond it is exact to rounding below 20 rad/s.
    """
    h = 0.5 * dt
    x2 = h * h * dot(omega, omega)
    s = h * (1.0 - x2 * (1.0 / 6.0 - x2 * (1.0 / 120.0)))
    return Quat(1.0 - x2 * (0.5 - x2 * (1.0 / 24.0)), s * omega.x, s * omega.y, s * omega.z)


@inline_kernel
def _rates_after(
    omega: Vec3, at: Vec3, torque: Vec3, moments: Vec3, inverse: Vec3, dt: float
) -> Vec3:
    """Body rates [rad/s, B] after `dt` seconds, with the gyroscopic torque at the rates `at`.

    `torque` [N m, B] and the principal `moments` of inertia [kg m^2] are constant; `inverse` holds
    the reciprocals of the moments.
    """
    return Vec3(
        omega.x + dt * inverse.x * (torque.x - (moments.z - moments.y) * at.y * at.z),
        omega.y + dt * inverse.y * (torque.y - (moments.x - moments.z) * at.z * at.x),
        omega.z + dt * inverse.z * (torque.z - (moments.y - moments.x) * at.x * at.y),
    )
