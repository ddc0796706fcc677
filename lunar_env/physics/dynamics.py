"""Equations of motion of a rigid lander with one engine, in the turning landing-site frame."""

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.linalg import Quat, Vec3, rotate
from lunar_env.physics.gravity import free_fall
from lunar_env.physics.types import Rates, Site, Vehicle


@kernel
def rates(
    r: Vec3,
    v: Vec3,
    q: Quat,
    omega: Vec3,
    inverse_mass: float,
    thrust: float,
    torque: Vec3,
    vehicle: Vehicle,
    site: Site,
) -> Rates:
    """Time derivatives for a given thrust, 1/mass and control torque.

    ``v' = R(q) d T/m + g(r, v)``, ``q' = (q omega - Omega q)/2`` and Euler's equations with the
    inertia ``m diag(k_xy^2, k_xy^2, k_z^2)``, which follows the mass. The angular momentum that the
    burned propellant carries away balances the change of inertia (no jet damping).
    """
    gravity = free_fall(r, v, site)
    a = thrust * inverse_mass
    push = rotate(
        q, Vec3(a * vehicle.direction_x, a * vehicle.direction_y, a * vehicle.direction_z)
    )
    return Rates(
        v,
        Vec3(push.x + gravity.x, push.y + gravity.y, push.z + gravity.z),
        _attitude_rate(q, omega, site),
        _angular_acceleration(omega, inverse_mass, thrust, torque, vehicle),
    )


@kernel
def _attitude_rate(q: Quat, omega: Vec3, site: Site) -> Quat:
    """Half of ``q (0, omega) - (0, Omega) q``; the second term is the turning of L itself."""
    wy, wz = site.omega_y, site.omega_z
    return Quat(
        0.5 * (-q.x * omega.x - q.y * omega.y - q.z * omega.z + wy * q.y + wz * q.z),
        0.5 * (q.w * omega.x + q.y * omega.z - q.z * omega.y - wy * q.z + wz * q.y),
        0.5 * (q.w * omega.y - q.x * omega.z + q.z * omega.x - wy * q.w - wz * q.x),
        0.5 * (q.w * omega.z + q.x * omega.y - q.y * omega.x + wy * q.x - wz * q.w),
    )


@kernel
def _angular_acceleration(
    omega: Vec3, inverse_mass: float, thrust: float, torque: Vec3, vehicle: Vehicle
) -> Vec3:
    """Euler's equations; a thrust line that misses the centre of mass by its tilt adds torque."""
    # Reciprocals of constants are computed once a tick: divisions are what a stage waits for.
    per_inertia = inverse_mass * (1.0 / vehicle.k2_xy)
    lever = vehicle.arm * thrust
    gyro = vehicle.k2_z / vehicle.k2_xy - 1.0
    return Vec3(
        (torque.x + lever * vehicle.direction_y) * per_inertia - gyro * omega.y * omega.z,
        (torque.y - lever * vehicle.direction_x) * per_inertia + gyro * omega.x * omega.z,
        torque.z * inverse_mass * (1.0 / vehicle.k2_z),
    )
