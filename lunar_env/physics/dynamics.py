"""Equations of motion of a rigid lander, in the landing-site frame that turns with the Moon."""

from lunar_env.kernel.compile import inline_kernel
from lunar_env.kernel.linalg import Quat, Vec3, cross, rotate
from lunar_env.physics.gravity import free_fall
from lunar_env.physics.mass import centre_of_mass, inertia, reciprocals
from lunar_env.physics.types import Accelerations, Rates, Site, Vehicle


@inline_kernel
def accelerations(
    force: Vec3, moment: Vec3, torque: Vec3, mass: float, vehicle: Vehicle
) -> Accelerations:
    """Accelerations by a force [N, B], its moment about S's origin [N m, B] and a torque [N m, B].

    Two effects are neglected. The exhaust is assumed to carry away the angular momentum released by
    the decreasing inertia (no jet damping). The motion of the centre of mass within the lander:
    compared with a thrust misalignment of 0.2 degrees it is a thousandth at 1 deg/s, and a fiftieth
    at the highest body rates.
    """
    lever = cross(centre_of_mass(mass, vehicle), force)
    per_mass = 1.0 / mass
    moments = inertia(mass, vehicle)
    inverse = reciprocals(moments)
    return Accelerations(
        Vec3(force.x * per_mass, force.y * per_mass, force.z * per_mass),
        Vec3(
            (moment.x - lever.x + torque.x) * inverse.x,
            (moment.y - lever.y + torque.y) * inverse.y,
            (moment.z - lever.z + torque.z) * inverse.z,
        ),
        Vec3(
            (moments.z - moments.y) * inverse.x,
            (moments.x - moments.z) * inverse.y,
            (moments.y - moments.x) * inverse.z,
        ),
    )


@inline_kernel
def rates(r: Vec3, v: Vec3, q: Quat, omega: Vec3, applied: Accelerations, site: Site) -> Rates:
    """Time derivatives: ``v' = R(q) a + g(r, v)``, ``q' = (q omega - Omega q)/2``, Euler.

    `r`, `v` and their derivatives are in L, `omega` in B, `q` is q_LB.
    """
    gravity = free_fall(r, v, site)
    a = rotate(q, applied.a)
    alpha, gyro = applied.alpha, applied.gyro
    return Rates(
        v,
        Vec3(a.x + gravity.x, a.y + gravity.y, a.z + gravity.z),
        _attitude_rate(q, omega, site),
        Vec3(
            alpha.x - gyro.x * omega.y * omega.z,
            alpha.y - gyro.y * omega.z * omega.x,
            alpha.z - gyro.z * omega.x * omega.y,
        ),
    )


@inline_kernel
def _attitude_rate(q: Quat, omega: Vec3, site: Site) -> Quat:
    """``(q (0, omega) - (0, Omega) q)/2`` [1/s]; the second term is the rotation of L itself."""
    wy, wz = site.rate * site.pole_y, site.rate * site.pole_z
    return Quat(
        0.5 * (-q.x * omega.x - q.y * omega.y - q.z * omega.z + wy * q.y + wz * q.z),
        0.5 * (q.w * omega.x + q.y * omega.z - q.z * omega.y - wy * q.z + wz * q.y),
        0.5 * (q.w * omega.y - q.x * omega.z + q.z * omega.x - wy * q.w - wz * q.x),
        0.5 * (q.w * omega.z + q.x * omega.y - q.y * omega.x + wy * q.x - wz * q.w),
    )
