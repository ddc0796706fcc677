"""Acceleration of free fall in the landing-site frame: point mass and the frame's rotation."""

import math

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.linalg import Vec3
from lunar_env.physics.types import Site


@kernel
def free_fall(r: Vec3, v: Vec3, site: Site) -> Vec3:
    """``-mu rho/|rho|^3 - 2 Omega x v - Omega x (Omega x rho)``, rho from the Moon's centre.

    Source: Schaub and Junkins, Analytical Mechanics of Space Systems, eq. (1.21), with Omega in the
    y-z plane of the site (east is at right angles to the axis).
    """
    rz = r.z + site.radius
    d2 = r.x * r.x + r.y * r.y + rz * rz
    pull = -site.mu / (d2 * math.sqrt(d2))
    wy, wz = site.omega_y, site.omega_z
    w_dot_rho = wy * r.y + wz * rz
    w2 = wy * wy + wz * wz
    return Vec3(
        (pull + w2) * r.x - 2.0 * (wy * v.z - wz * v.y),
        (pull + w2) * r.y - wy * w_dot_rho - 2.0 * wz * v.x,
        (pull + w2) * rz - wz * w_dot_rho + 2.0 * wy * v.x,
    )
