"""Acceleration of free fall in the landing-site frame, which rotates with an oblate Moon.

The frame L is Cartesian, fixed in the Moon, with the Moon's centre at ``(0, 0, -radius)``, so the
equations hold at any distance from the target. The altitude is not L's z: see `site.map_position`.
"""

import math

from lunar_env.kernel.compile import inline_kernel
from lunar_env.kernel.linalg import Vec3
from lunar_env.physics.types import Site


@inline_kernel
def free_fall(r: Vec3, v: Vec3, site: Site) -> Vec3:
    """Acceleration [m/s^2, L] by gravity with J2 and by the rotation of the frame.

    With rho from the Moon's centre, the Moon's axis n, ``s = n . rho / |rho|``, ``Omega = rate n``:
    ``-2 Omega x v - Omega x (Omega x rho)`` (Schaub and Junkins, Analytical Mechanics of Space
    Systems, eq. 1.21) and the gradient of ``mu/|rho| (1 - J2 (R/|rho|)^2 (3 s^2 - 1)/2)``,
    ``-mu rho/|rho|^3 - 3/2 J2 mu R^2/|rho|^5 ((1 - 5 s^2) rho + 2 s |rho| n)``.
    """
    ny, nz = site.pole_y, site.pole_z
    rz = r.z + site.radius
    # Only one root and one division: they are the critical path of an integrator stage.
    inverse = 1.0 / math.sqrt(r.x * r.x + r.y * r.y + rz * rz)
    inverse2 = inverse * inverse
    inverse3 = inverse * inverse2
    along = ny * r.y + nz * rz
    w2 = site.rate * site.rate
    flat = site.j2 * inverse2
    radial = w2 - inverse3 * (site.mu + flat * (1.0 - 5.0 * along * along * inverse2))
    axial = -along * (2.0 * flat * inverse3 + w2)
    wy, wz = 2.0 * site.rate * ny, 2.0 * site.rate * nz
    return Vec3(
        radial * r.x + wz * v.y - wy * v.z,
        radial * r.y + axial * ny - wz * v.x,
        radial * rz + axial * nz + wy * v.x,
    )
