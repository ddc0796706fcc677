"""Powered descents flown by the package's kernels, with all that was commanded on the way.

One unit of a lander brakes from orbital speed. A simple pilot decides every second on torque, and
every ten on throttles and gimbals, such that the propellant lasts.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.spatial.transform import Rotation

import lunar_env.data
from lunar_env.kernel.linalg import Quat, Vec3
from lunar_env.physics.types import Engine, Site, State, Vehicle
from tests.physics.cluster_flight import fly, row_of
from tests.reference import lander as reference
from tests.reference.equations import GM, J2, R_GRAVITY, RADIUS, RATE

TICK, HOLD, SECONDS = 0.05, 20, 700.0
LATITUDE = math.radians(-69.4)
SITE = Site(GM, RADIUS, 1.5 * J2 * GM * R_GRAVITY**2, RATE, math.cos(LATITUDE), math.sin(LATITUDE))
FILES = sorted((Path(lunar_env.data.__file__).parent / "vehicles").glob("*.toml"))


class End(NamedTuple):
    """Where a flight of the package ends."""

    r: np.ndarray
    v: np.ndarray
    q: np.ndarray
    omega: np.ndarray
    mass: float
    thrust: np.ndarray  # N, of each engine


def unit_of(name):
    """One unit of a lander, with the errors of that unit."""
    unit = reference.read(next(path for path in FILES if path.stem == name))
    reference.disperse(unit, np.random.default_rng(1))
    return unit


def packed(unit, tick=TICK):
    """The same lander as the package's kernels take it."""
    flow = unit.thrust / (unit.isp * reference.G0)
    rcs = unit.rcs
    body = Vehicle(
        *(unit.mass_dry, float(len(unit.thrust)), unit.thrust.sum(), 0.0),
        *(unit.thrust.sum() / flow.sum(), 0.2, unit.com_dry[0], unit.com_dry[1]),
        *(unit.com_dry[2], unit.com_tank[2], *(unit.gyration**2), unit.gyration_tank**2),
        *(rcs["torque_max_xy_N_m"], rcs["torque_max_z_N_m"], rcs["impulse_bit_N_m_s"]),
        *(1.0 / (rcs["arm_m"] * rcs["isp_s"] * reference.G0), 1.0, 0.0, 0.0),
    )
    engines = []
    for e in range(len(unit.thrust)):
        per_newton = 1.0 / (unit.isp[e] * reference.G0)
        rise = 1.0 / (unit.isp_floor[e] * reference.G0) - per_newton
        numbers = (*unit.place[e], *unit.direction[e], unit.thrust[e], 0.0, 1.0, 1.0, 1.0)
        lags = (per_newton, rise, unit.lag_up[e], unit.lag_down[e], round(unit.dead[e] / tick))
        gimbal = (unit.gimbal_max[e], unit.gimbal_rate[e])
        engines.append(Engine(*map(float, (*numbers, *lags, *gimbal, 0.0, 0.0, 0.0, 0.0))))
    return body, engines


def throttles(unit, step, rng):
    """Thrust of each engine for ten seconds, such that the propellant lasts for 700 s."""
    flow = np.sum(unit.thrust / unit.isp) / reference.G0
    mean = min(0.92, 0.9 * unit.capacity / (SECONDS * flow), unit.gap_low.min() / 1.05)
    shares = mean * rng.uniform(0.95, 1.05, len(unit.thrust))
    # On or off: in as many blocks of ten seconds as its share says.
    block = step * HOLD // 200
    lit = math.floor((block + 1) * mean) > math.floor(block * mean)
    on = np.array([kind == "on_off" for kind in unit.kind])
    return unit.thrust * np.where(on, float(lit), np.maximum(shares, unit.floor))


def torque_for(unit, r, v, q, omega, mass, thrust):
    """Turn the thrust against the motion, and as far up as holds the sinking at 20 m/s."""
    rho = np.add(r, [0.0, 0.0, RADIUS])
    up = rho / np.linalg.norm(rho)
    climb = v @ up
    along = v - climb * up
    speed = max(np.linalg.norm(along), 1.0)
    wanted = GM / (rho @ rho) - speed**2 / np.linalg.norm(rho) - 0.1 * (climb + 20.0)
    sine = np.clip(wanted * mass / max(thrust, 1.0), -0.3, 0.95)
    axis = sine * up - math.sqrt(1.0 - sine**2) * along / speed
    body = Rotation.from_quat(q, scalar_first=True)
    error = np.cross([0.0, 0.0, 1.0], body.inv().apply(axis))
    rate = np.clip(0.2 * error, -0.05, 0.05) - omega
    propellant = mass - unit.mass_dry
    inertia = unit.mass_dry * unit.gyration**2 + propellant * unit.gyration_tank**2
    most = np.array([unit.rcs[f"torque_max_{k}_N_m"] for k in ("xy", "xy", "z")])
    torque = np.clip(inertia * rate / (HOLD * TICK), -most, most)
    # Below their impulse bit the thrusters give nothing.
    return np.where(np.abs(torque) * TICK < unit.rcs["impulse_bit_N_m_s"], 0.0, torque)


def gimbals(unit, step, mass):
    """Angles about x and y that point gimballed thrusts near the centre of mass."""
    share = unit.mass_dry / mass
    wanted = share * unit.com_dry + (1.0 - share) * unit.com_tank - unit.place
    wanted /= np.linalg.norm(wanted, axis=1)[:, None]
    swing = 1e-3 * np.array([math.sin(0.1 * step), math.cos(0.1 * step)])
    angles = np.cross(unit.direction, wanted)[:, :2] + swing
    return np.where(unit.gimbal_max[:, None] > 0.0, angles, 0.0)


def descend(unit, seconds=SECONDS):
    """Fly it in the package: start, thrust then, end, and what was commanded every tick."""
    rng = np.random.default_rng(0)
    thrust = throttles(unit, 0, rng)
    retrograde = Rotation.from_euler("y", -80.0, degrees=True).as_quat(scalar_first=True)
    start = State(
        Vec3(-5e5, 1e4, -5e4),
        Vec3(1620.0, 20.0, 450.0),
        Quat(*retrograde.tolist()),
        Vec3(0.001, -0.002, 0.003),
        unit.mass_dry + 0.999 * unit.capacity,
        float(thrust.sum()),
    )
    memory = row_of(*packed(unit), start, thrust)
    r, v, q, omega, mass = (np.array(part) for part in start[:5])
    command, angles, log = thrust, gimbals(unit, 0, mass), []
    for step in range(round(seconds / TICK / HOLD)):
        if step % 10 == 0:
            command, angles = throttles(unit, step, rng), gimbals(unit, step, mass)
        torque = torque_for(unit, r, v, q, omega, mass, command.sum())
        path = fly(memory, command, HOLD * TICK, torque=torque, angles=angles, site=SITE, per=HOLD)
        r, v, q, omega = path.r[-1], path.v[-1], path.q[-1], path.omega[-1]
        mass = path.mass[-1]
        log += [(command, angles, torque)] * HOLD
    return start, thrust, End(r, v, q, omega, mass, path.engines[-1]), log


def schedule(unit, thrust, log):
    """Commands after the dead time, gimbals as they have slewed, torques: a row for each tick."""
    asked, wanted, torques = (np.array(part) for part in zip(*log, strict=True))
    commands, angles = asked.copy(), np.zeros_like(wanted)
    for e, wait in enumerate(np.round(unit.dead / TICK).astype(int)):
        commands[:, e] = np.concatenate([np.full(wait, thrust[e]), asked[:, e]])[: len(asked)]
    angle, step = np.zeros_like(wanted[0]), unit.gimbal_rate[:, None] * TICK
    for k, want in enumerate(wanted):
        angle = angle + np.clip(want - angle, -step, step)
        angles[k] = angle
    return commands, angles, torques


def seen_from_space(start, thrust):
    """State of the reference's equations."""
    dcm_LB = Rotation.from_quat(np.array(start.q), scalar_first=True).as_matrix()
    r, v, dcm_IB = reference.from_site(start.r, np.array(start.v), dcm_LB, LATITUDE)
    return np.concatenate([r, v, dcm_IB.ravel(), start.omega, [start.mass], thrust])


def errors(end, y, t):
    """Distance, difference of velocity, angle, body rate, mass and thrust."""
    r, v, dcm_LB = reference.to_site(y, LATITUDE, t)
    attitude = Rotation.from_quat(end.q, scalar_first=True).inv() * Rotation.from_matrix(dcm_LB)
    return (
        np.linalg.norm(end.r - r),
        np.linalg.norm(end.v - v),
        attitude.magnitude(),
        np.linalg.norm(end.omega - y[15:18]),
        abs(end.mass - y[18]),
        np.abs(end.thrust - y[19:]).max(),
    )
