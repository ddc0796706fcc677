"""IMU: its measurement errors and the errors of dead reckoning that they cause.

A strapdown navigator integrates ``v' = R(q) f + g(r, v)`` and ``q' = (q omega - Omega q)/2`` with
the measurements of its IMU. The kernels propagate the errors of its state, believed minus true, in
place of the state itself, so that a lander without errors believes the true state to the last bit.
The errors obey the difference of the two pairs of equations, which is not linearized: gravity is
evaluated at the believed and at the true position, the specific force rotated with both attitudes.
The errors are propagated once per control step; within a step the error of velocity is integrated
into that of position. Their covariance is in `covariance.py`.
"""

from lunar_env.kernel.compile import inline_kernel
from lunar_env.kernel.linalg import Quat, Vec3, axpy, cross, multiply, renormalize, rotate
from lunar_env.physics.gravity import free_fall
from lunar_env.physics.types import Site, State
from lunar_env.sensors.types import DeadReckoning, ImuErrors, NavErrors


@inline_kernel
def dead_reckon(state: State, errors: NavErrors, t: float) -> DeadReckoning:
    """Dead-reckoned position, velocity [L] and attitude at time `t` [s].

    `errors` are those at the start of the step that contains `t`; `state` is the true one at `t`.
    """
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
    """Specific force [m/s^2, B] measured by the accelerometers, without their random walk."""
    b, s, misaligned = imu.accel_bias, imu.accel_scale, cross(imu.misalignment, force)
    return Vec3(
        force.x + (b.x + s.x * force.x + misaligned.x),
        force.y + (b.y + s.y * force.y + misaligned.y),
        force.z + (b.z + s.z * force.z + misaligned.z),
    )


@inline_kernel
def measured_rate(imu: ImuErrors, omega: Vec3) -> Vec3:
    """Body rate [rad/s, B] measured by the gyroscopes, without their random walk."""
    b, s, misaligned = imu.gyro_bias, imu.gyro_scale, cross(imu.misalignment, omega)
    return Vec3(
        omega.x + (b.x + s.x * omega.x + misaligned.x),
        omega.y + (b.y + s.y * omega.y + misaligned.y),
        omega.z + (b.z + s.z * omega.z + misaligned.z),
    )


@inline_kernel
def small_rotation(q: Quat, rotation: Vec3) -> Quat:
    """Attitude after a further small rotation [rad], in the frame that `q` maps to."""
    half = Quat(1.0, 0.5 * rotation.x, 0.5 * rotation.y, 0.5 * rotation.z)
    return renormalize(multiply(half, q))


@inline_kernel
def propagate_attitude_error(attitude: Quat, rate: Vec3, dt: float, site: Site) -> Quat:
    """Attitude error [-, L] after `dt` [s] with a gyroscope error of `rate` [rad/s, L].

    The rotation of frame L with the Moon is included.
    """
    wy, wz = -dt * site.rate * site.pole_y, -dt * site.rate * site.pole_z
    a = attitude
    turned_with_frame = Quat(a.w, a.x + wy * a.z - wz * a.y, a.y + wz * a.x, a.z - wy * a.x)
    return small_rotation(turned_with_frame, Vec3(dt * rate.x, dt * rate.y, dt * rate.z))


@inline_kernel
def propagate_errors(
    errors: NavErrors, imu: ImuErrors, state: State, specific_force: Vec3, t: float, site: Site
) -> tuple[NavErrors, Vec3]:
    """Errors at time `t` [s], the end of a step with a mean `specific_force` [m/s^2, B].

    `state` is the true one at `t`; the attitude at the middle of the step is obtained by rotating
    it back by half the rotation of the step. Also returns the mean specific force [m/s^2, L] as
    dead reckoning computes it.
    """
    dt, q, e, now = t - errors.time, state.q, errors, state.omega
    half_back, omega_before = -0.5 * dt, errors.omega
    omega = Vec3(
        0.5 * (omega_before.x + now.x),
        0.5 * (omega_before.y + now.y),
        0.5 * (omega_before.z + now.z),
    )
    measured, rate = measured_force(imu, specific_force), measured_rate(imu, omega)
    rate_error = Vec3(rate.x - omega.x, rate.y - omega.y, rate.z - omega.z)
    drift = rotate(q, axpy(half_back, cross(omega, rate_error), rate_error))
    attitude = propagate_attitude_error(e.attitude, rotate(e.attitude, drift), dt, site)
    true_L = rotate(q, axpy(half_back, cross(omega, specific_force), specific_force))
    measured_L = rotate(q, axpy(half_back, cross(omega, measured), measured))
    before, after = rotate(e.attitude, measured_L), rotate(attitude, measured_L)
    force = Vec3(0.5 * (before.x + after.x), 0.5 * (before.y + after.y), 0.5 * (before.z + after.z))
    force_error = Vec3(force.x - true_L.x, force.y - true_L.y, force.z - true_L.z)
    # Gravity and the rotation of L, at the position and velocity of the middle of the step.
    r_mid = axpy(-half_back, e.v, axpy(1.0, e.r, state.r))
    v_mid = axpy(-half_back, force_error, axpy(1.0, e.v, state.v))
    believed_gravity, true_gravity = (
        free_fall(r_mid, v_mid, site),
        free_fall(state.r, state.v, site),
    )
    v = Vec3(
        e.v.x + dt * (force_error.x + (believed_gravity.x - true_gravity.x)),
        e.v.y + dt * (force_error.y + (believed_gravity.y - true_gravity.y)),
        e.v.z + dt * (force_error.z + (believed_gravity.z - true_gravity.z)),
    )
    mean = axpy(1.0, e.v, v)
    return NavErrors(axpy(-half_back, mean, e.r), v, attitude, now, t), force


@inline_kernel
def add_random_walk(errors: NavErrors, velocity: Vec3, angle: Vec3) -> NavErrors:
    """Errors after increments of the random walks: `velocity` [m/s, L] and `angle` [rad, L]."""
    attitude = small_rotation(errors.attitude, angle)
    return NavErrors(errors.r, axpy(1.0, velocity, errors.v), attitude, errors.omega, errors.time)
