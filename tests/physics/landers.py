"""Landers and places for the tests of flight, written out by hand."""

from __future__ import annotations

import math

import numpy as np

from lunar_env.kernel.linalg import Quat, Vec3
from lunar_env.physics.types import Engine, Site, State, Vehicle

G0 = 9.80665
TICK = 0.05
MU, RADIUS = 4.902800118e12, 1.7374e6
G = MU / RADIUS**2
NOWHERE = Site(0.0, RADIUS, 0.0, 0.0, 0.0, 1.0)  # neither gravity nor rotation
POINT_MOON = Site(MU, RADIUS, 0.0, 0.0, 0.0, 1.0)
TURNING_MOON = Site(MU, RADIUS, 1.5 * 2.033e-4 * MU * 1.738e6**2, 2.6617e-6, 0.6, 0.8)
UPRIGHT = Quat(1.0, 0.0, 0.0, 0.0)
REST = Vec3(0.0, 0.0, 0.0)
UP = (0.0, 0.0, 1.0)


def engine(thrust=1000.0, place=(0.0, 0.0, 0.0), direction=UP, isp=310.0, **changes) -> Engine:
    """An engine that follows its command with a lag of 0.15 s, down to no thrust."""
    isp_floor = changes.pop("isp_floor", isp)
    plain = {
        **{"throttle_min": 0.0, "gap_low": 1.0, "gap_high": 1.0, "restartable": 1.0},
        **{"lag_up": 0.15, "lag_down": 0.15, "dead_ticks": 0.0, "gimbal_max": 0.0},
        **{"gimbal_rate": 0.0, "steer_x": 0.0, "steer_y": 0.0, "cut_below": 0.0, "stick": 0.0},
    }
    flow = 1.0 / (isp * G0)
    rise = 1.0 / (isp_floor * G0) - flow
    force = np.array(direction) / np.linalg.norm(direction)
    numbers = {**plain, "flow": flow, "flow_rise": rise, "thrust_max": thrust, **changes}
    return Engine(*map(float, (*place, *force)), **{k: float(v) for k, v in numbers.items()})


def ring(count, radius, azimuth=0.0, z=0.3, cant=0.0, **changes) -> list[Engine]:
    """Equal engines around the axis; angles in degrees, the thrust leans in by `cant`."""
    engines, lean = [], math.radians(cant)
    for k in range(count):
        turn = math.radians(azimuth + 360.0 * k / count)
        x, y = math.cos(turn), math.sin(turn)
        direction = (-math.sin(lean) * x, -math.sin(lean) * y, math.cos(lean))
        engines.append(engine(place=(radius * x, radius * y, z), direction=direction, **changes))
    return engines


def steered(engines: list[Engine]) -> list[Engine]:
    """The same engines, each with its share of a torque (least squares, sum unchanged)."""
    about_x, about_y = sum(e.y**2 for e in engines), sum(e.x**2 for e in engines)
    return [e._replace(steer_x=e.y / about_x, steer_y=-e.x / about_y) for e in engines]


def vehicle(engines: list[Engine], **changes) -> Vehicle:
    """A lander of 400 kg without its propellant, 1 m high."""
    thrust = sum(e.thrust_max for e in engines)
    plain = {
        **{"mass_dry": 400.0, "engines": len(engines), "thrust_max": thrust, "throttle_min": 0.0},
        **{"v_e": thrust / sum(e.thrust_max * e.flow for e in engines), "lag": 0.15},
        **{"com_x": 0.0, "com_y": 0.0, "com_z_dry": 1.0, "com_z_tank": 1.0},
        **{"k2_x": 0.45, "k2_y": 0.45, "k2_z": 0.4, "k2_tank": 0.4},
        **{"torque_max_xy": 100.0, "torque_max_z": 50.0, "impulse_bit": 0.0, "rcs_flow": 0.0},
        **{"rate_max": math.radians(10.0), "steering": 0.0},
    }
    numbers = {**plain, **changes}
    if "authority" not in numbers:
        numbers["authority"] = numbers["torque_max_xy"] + _authority(engines, numbers)
    return Vehicle(**{k: float(v) for k, v in numbers.items()})


def _authority(engines: list[Engine], numbers) -> float:
    """Torque [N m] that engines which steer and fast gimbals add to the thrusters'."""
    torque = sum(
        e.thrust_max * math.sin(e.gimbal_max) * abs(numbers["com_z_dry"] - e.z)
        for e in engines
        if e.gimbal_max > 0.0 and e.gimbal_rate >= e.gimbal_max
    )
    if numbers["steering"]:
        torque += 0.5 * sum(abs(e.y) * e.thrust_max for e in engines)
    return torque


DRY, K2, K2_TANK = 400.0, (0.45, 0.52, 0.38), 0.21


def uneven(engines: list[Engine] | None = None, **changes) -> Vehicle:
    """A lander whose tanks sit high, off the axis, with three different moments of inertia."""
    plain = {
        **{"com_x": 0.02, "com_y": -0.01, "com_z_dry": 1.1, "com_z_tank": 1.9, "mass_dry": DRY},
        **{"k2_x": K2[0], "k2_y": K2[1], "k2_z": K2[2], "k2_tank": K2_TANK},
    }
    return vehicle([engine()] if engines is None else engines, **{**plain, **changes})


def two_bodies(propellant: float) -> tuple[np.ndarray, np.ndarray]:
    """Centre of mass and inertia tensor of that lander, by the parallel-axis theorem."""
    places = np.array([[0.02, -0.01, 1.1], [0.02, -0.01, 1.9]])
    masses = np.array([DRY, propellant])
    own = [DRY * np.diag(K2), propellant * K2_TANK * np.eye(3)]
    com = masses @ places / masses.sum()
    tensor = np.zeros((3, 3))
    for mass, place, moment in zip(masses, places, own, strict=True):
        d = place - com
        tensor += moment + mass * (d @ d * np.eye(3) - np.outer(d, d))
    return com, tensor


def still(mass=600.0, r=(0.0, 0.0, 1000.0), **changes) -> State:
    """An upright lander at rest without thrust."""
    return State(Vec3(*map(float, r)), REST, UPRIGHT, REST, float(mass), 0.0)._replace(**changes)


def tilt(q, axis=UP) -> np.ndarray:
    """Angle [deg] between the body's axis and a direction in L."""
    w, x, y, z = np.moveaxis(np.asarray(q), -1, 0)
    body = np.stack([2.0 * (x * z + w * y), 2.0 * (y * z - w * x), 1.0 - 2.0 * (x * x + y * y)], -1)
    across = np.linalg.norm(np.cross(body, axis), axis=-1)
    return np.degrees(np.arctan2(across, body @ np.asarray(axis)))


def leaning(angle: float, about="x") -> Quat:
    """Attitude after a turn by `angle` [deg] about an axis."""
    half = 0.5 * math.radians(angle)
    turn = {k: math.sin(half) if k == about else 0.0 for k in "xyz"}
    return Quat(math.cos(half), **turn)
