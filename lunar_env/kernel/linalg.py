"""Vectors and quaternions as NamedTuples, which the compiler keeps in registers.

Quaternions follow the Hamilton convention, scalar first. `q_LB` maps components in B to components
in L.
"""

import math
from typing import NamedTuple

from lunar_env.kernel.compile import inline_kernel


class Vec3(NamedTuple):
    """Three components in one frame."""

    x: float
    y: float
    z: float


class Quat(NamedTuple):
    """A unit quaternion, scalar first."""

    w: float
    x: float
    y: float
    z: float


@inline_kernel
def dot(a: Vec3, b: Vec3) -> float:
    """Scalar product."""
    return a.x * b.x + a.y * b.y + a.z * b.z


@inline_kernel
def cross(a: Vec3, b: Vec3) -> Vec3:
    """Vector product."""
    return Vec3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)


@inline_kernel
def norm(a: Vec3) -> float:
    """Euclidean length."""
    return math.sqrt(a.x * a.x + a.y * a.y + a.z * a.z)


@inline_kernel
def axpy(a: float, x: Vec3, y: Vec3) -> Vec3:
    """``a x + y``."""
    return Vec3(a * x.x + y.x, a * x.y + y.y, a * x.z + y.z)


@inline_kernel
def unit(a: Vec3) -> Vec3:
    """Unit vector along a non-zero vector."""
    scale = 1.0 / norm(a)
    return Vec3(scale * a.x, scale * a.y, scale * a.z)


@inline_kernel
def rotate(q: Quat, a: Vec3) -> Vec3:
    """Components of `a` after rotation by `q` (B to L for ``q_LB``)."""
    tx = 2.0 * (q.y * a.z - q.z * a.y)
    ty = 2.0 * (q.z * a.x - q.x * a.z)
    tz = 2.0 * (q.x * a.y - q.y * a.x)
    return Vec3(
        a.x + q.w * tx + q.y * tz - q.z * ty,
        a.y + q.w * ty + q.z * tx - q.x * tz,
        a.z + q.w * tz + q.x * ty - q.y * tx,
    )


@inline_kernel
def conjugate(q: Quat) -> Quat:
    """Inverse rotation of a unit quaternion."""
    return Quat(q.w, -q.x, -q.y, -q.z)


@inline_kernel
def multiply(a: Quat, b: Quat) -> Quat:
    """Hamilton product: rotate by `b`, then by `a`."""
    return Quat(
        a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z,
        a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
        a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x,
        a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w,
    )


@inline_kernel
def normalize(q: Quat) -> Quat:
    """Quaternion scaled to unit norm."""
    scale = 1.0 / math.sqrt(q.w * q.w + q.x * q.x + q.y * q.y + q.z * q.z)
    return Quat(scale * q.w, scale * q.x, scale * q.y, scale * q.z)


@inline_kernel
def renormalize(q: Quat) -> Quat:
    """Quaternion of nearly unit norm ``1 + e``, scaled to ``1 - 1.5 e^2`` by a Newton iteration."""
    scale = 1.5 - 0.5 * (q.w * q.w + q.x * q.x + q.y * q.y + q.z * q.z)
    return Quat(scale * q.w, scale * q.x, scale * q.y, scale * q.z)


@inline_kernel
def from_rotation_vector(a: Vec3) -> Quat:
    """Quaternion of the rotation by ``|a|`` radians about `a`."""
    angle = norm(a)
    # sin(angle/2)/angle tends to 1/2; the series is exact to 1e-17 below 1e-4 rad.
    scale = math.sin(0.5 * angle) / angle if angle > 1e-4 else 0.5 - angle * angle / 48.0
    return Quat(math.cos(0.5 * angle), scale * a.x, scale * a.y, scale * a.z)
