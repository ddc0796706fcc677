"""The inertial unit: what it misreads, and how far dead reckoning has come off the truth by that.

A strapdown computer integrates ``v' = R(q) f + g(r, v)`` and ``q' = (q omega - Omega q)/2`` with
the readings of its unit. What is kept here is not its state but the difference to the true one, so
that a lander without errors believes the truth to the bit. The difference obeys the difference of
the two equations, which is linear in no part of it: gravity is taken at both places, the specific
force through both attitudes. It is advanced once a control step; within the step the velocity's
error carries the position's on. What the designers know of the errors is in `covariance.py`.
"""

from lunar_env.kernel.compile import inline_kernel
from lunar_env.kernel.linalg import Quat, Vec3, axpy, cross, multiply, normalize, rotate
from lunar_env.physics.gravity import free_fall
from lunar_env.physics.types import Site, State
from lunar_env.sensors.types import DeadReckoning, ImuErrors, NavErrors


@inline_kernel
def dead_reckon(state: State, errors: NavErrors, t: float) -> DeadReckoning:
    """Believed position, velocity and attitude at time `t`, within the step after the errors'."""
    since = t - errors.time
    r, v, e, u = state.r, state.v, errors.r, errors.v
    return DeadReckoning(
        Vec3(r.x + e.x + u.x * since, r.y + e.y + u.y * since, r.z + e.z + u.z * since),
        Vec3(v.x + u.x, v.y + u.y, v.z + u.z),
        multiply(errors.attitude, state.q),
        state.mass,
    )


@inline_kernel
def measured_force(imu: ImuErrors, force: Vec3) -> Vec3:
    """Specific force [m/s^2, B] as the accelerometers read it, but for their noise."""
    b, s, turned = imu.accel_bias, imu.accel_scale, cross(imu.misalignment, force)
    return Vec3(
        force.x + (b.x + s.x * force.x + turned.x),
        force.y + (b.y + s.y * force.y + turned.y),
        force.z + (b.z + s.z * force.z + turned.z),
    )


@inline_kernel
def measured_rate(imu: ImuErrors, omega: Vec3) -> Vec3:
    """Body rate [rad/s, B] as the gyroscopes read it, but for their noise."""
    b, s, turned = imu.gyro_bias, imu.gyro_scale, cross(imu.misalignment, omega)
    return Vec3(
        omega.x + (b.x + s.x * omega.x + turned.x),
        omega.y + (b.y + s.y * omega.y + turned.y),
        omega.z + (b.z + s.z * omega.z + turned.z),
    )


@inline_kernel
def small_rotation(q: Quat, turn: Vec3) -> Quat:
    """Attitude after a further turn by less than a milliradian, in the frame that `q` maps to."""
    return normalize(multiply(Quat(1.0, 0.5 * turn.x, 0.5 * turn.y, 0.5 * turn.z), q))


@inline_kernel
def propagate_attitude_error(attitude: Quat, rate: Vec3, dt: float, site: Site) -> Quat:
    """The attitude's error after gyroscopes misread by `rate` [rad/s, L] for `dt`; L turns too."""
    wy, wz = -dt * site.rate * site.pole_y, -dt * site.rate * site.pole_z
    a = attitude
    carried = Quat(a.w, a.x + wy * a.z - wz * a.y, a.y + wz * a.x, a.z - wy * a.x)
    return small_rotation(carried, Vec3(dt * rate.x, dt * rate.y, dt * rate.z))


@inline_kernel
def propagate_errors(
    errors: NavErrors, imu: ImuErrors, state: State, pull: Vec3, t: float, site: Site
) -> tuple[NavErrors, Vec3]:
    """Errors at `t`, at the end of a step with the mean specific force `pull` [m/s^2, B].

    `state` is the true one at `t`. The attitude of the middle of the step lies half a turn before.
    Also tells the mean specific force [m/s^2, L] that the lander believes.
    """
    dt, q, e, now = t - errors.time, state.q, errors, state.omega
    back, was = -0.5 * dt, errors.omega
    omega = Vec3(0.5 * (was.x + now.x), 0.5 * (was.y + now.y), 0.5 * (was.z + now.z))
    read, rate = measured_force(imu, pull), measured_rate(imu, omega)
    wrong = Vec3(rate.x - omega.x, rate.y - omega.y, rate.z - omega.z)
    drift = rotate(q, axpy(back, cross(omega, wrong), wrong))
    attitude = propagate_attitude_error(e.attitude, rotate(e.attitude, drift), dt, site)
    true = rotate(q, axpy(back, cross(omega, pull), pull))
    local = rotate(q, axpy(back, cross(omega, read), read))
    before, after = rotate(e.attitude, local), rotate(attitude, local)
    force = Vec3(0.5 * (before.x + after.x), 0.5 * (before.y + after.y), 0.5 * (before.z + after.z))
    push = Vec3(force.x - true.x, force.y - true.y, force.z - true.z)
    # Gravity and the turning of L, at the place and speed of the middle of the step.
    there = axpy(-back, e.v, axpy(1.0, e.r, state.r))
    moving = axpy(-back, push, axpy(1.0, e.v, state.v))
    ours, theirs = free_fall(there, moving, site), free_fall(state.r, state.v, site)
    v = Vec3(
        e.v.x + dt * (push.x + (ours.x - theirs.x)),
        e.v.y + dt * (push.y + (ours.y - theirs.y)),
        e.v.z + dt * (push.z + (ours.z - theirs.z)),
    )
    mean = axpy(1.0, e.v, v)
    return NavErrors(axpy(-back, mean, e.r), v, attitude, now, t), force


@inline_kernel
def add_random_walk(errors: NavErrors, velocity: Vec3, angle: Vec3) -> NavErrors:
    """Errors after a step [m/s, L; rad, L] of the unit's random walks."""
    attitude = small_rotation(errors.attitude, angle)
    return NavErrors(errors.r, axpy(1.0, velocity, errors.v), attitude, errors.omega, errors.time)
