"""The ground: a tilted plane through the target, its height and a ray to it."""

import math

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.linalg import Vec3
from lunar_env.physics.types import Ground


@kernel
def tilted_plane(slope: float, azimuth: float) -> Ground:
    """Plane that rises by `slope` [rad] toward `azimuth` [rad from north, clockwise]."""
    s = math.sin(slope)
    return Ground(-s * math.sin(azimuth), -s * math.cos(azimuth), math.cos(slope))


@kernel
def elevation(x: float, y: float, ground: Ground) -> float:
    """Height of the ground above the target's datum [m]."""
    return -(ground.normal_x * x + ground.normal_y * y) / ground.normal_z


@kernel
def clearance(r: Vec3, ground: Ground) -> float:
    """Distance from the ground along its normal [m]; negative below it."""
    return ground.normal_x * r.x + ground.normal_y * r.y + ground.normal_z * r.z


@kernel
def slant_range(origin: Vec3, direction: Vec3, ground: Ground) -> float:
    """Distance along a unit ray to the ground [m]; inf where it never meets it."""
    approach = -clearance(direction, ground)
    if approach <= 0.0:
        return math.inf
    return max(0.0, clearance(origin, ground)) / approach


@kernel
def incidence_cosine(direction: Vec3, ground: Ground) -> float:
    """Cosine of the angle between the beam and the ground's normal; 1 at normal incidence."""
    return -clearance(direction, ground)
