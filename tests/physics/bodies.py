"""Landers and sites for the tests of physics, written out by hand."""

from __future__ import annotations

import math
from typing import Any

from scipy.spatial.transform import Rotation

from lunar_env.kernel.linalg import Quat, Vec3
from lunar_env.physics.types import Ground, Site, State, Vehicle

GM = 4.902800118e12
RADIUS = 1.7374e6
G = GM / RADIUS**2
OMEGA = 2.66170e-6
# 60.5 degrees north, at rest, and nowhere: neither gravity nor rotation.
SITE = Site(GM, RADIUS, OMEGA * math.cos(1.0559), OMEGA * math.sin(1.0559))
STILL = Site(GM, RADIUS, 0.0, 0.0)
NOWHERE = Site(1e-30, RADIUS, 0.0, 0.0)

NO_TORQUE = Vec3(0.0, 0.0, 0.0)
UPRIGHT = Quat(1.0, 0.0, 0.0, 0.0)
LEVEL = Ground(0.0, 0.0, 1.0)

LANDER = Vehicle(
    mass_dry=370.0,
    thrust_max=1600.0,
    throttle_min=0.0,
    restartable=1.0,
    v_e=290.0 * 9.80665,
    lag=0.15,
    direction_x=0.0,
    direction_y=0.0,
    direction_z=1.0,
    arm=0.9,
    k2_xy=0.62**2,
    k2_z=0.57**2,
    torque_max_xy=100.0,
    torque_max_z=20.0,
    legs=4.0,
    pad_radius=1.3,
    cg_height=1.0,
)


def lander(**changes: float) -> Vehicle:
    """The reference lander with some numbers changed."""
    return LANDER._replace(**changes)


def at(
    height: float = 1000.0,
    v: tuple[float, float, float] = (0.0, 0.0, 0.0),
    **changes: Any,
) -> State:
    """A lander above the target, upright and without thrust unless said otherwise."""
    state = State(Vec3(0.0, 0.0, height), Vec3(*map(float, v)), UPRIGHT, NO_TORQUE, 410.0, 0.0)
    return state._replace(**changes)


def turned(about: str, degrees: float | list[float]) -> Quat:
    """Attitude after turns about axes of the upright lander."""
    q = Rotation.from_euler(about, degrees, degrees=True).as_quat(scalar_first=True)
    return Quat(*q.tolist())
