"""A lander written anew from its data file, in a frame that does not turn, for SciPy's DOP853.

Nothing here comes from the package but the files of its vehicles. The state is that of an inertial
frame I at the Moon's centre, z along its axis, equal to M (see `equations`) at time zero:
position, velocity, the matrix dcm_IB, body rate, mass, then the thrust of each engine.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_ivp
from scipy.spatial.transform import Rotation

from tests.reference.equations import GM, J2, R_GRAVITY, RADIUS, RATE, axes

G0 = 9.80665


@dataclass
class Lander:
    """Numbers of a vehicle file, in SI; arrays have a row for each engine."""

    mass_dry: float
    capacity: float
    com_dry: np.ndarray  # m, from the middle of the pads' plane
    com_tank: np.ndarray
    gyration: np.ndarray  # m, of the dry lander about its centre of mass
    gyration_tank: float
    rcs: dict[str, float]
    kind: list[str]
    place: np.ndarray
    direction: np.ndarray
    thrust: np.ndarray
    isp: np.ndarray
    isp_floor: np.ndarray
    lag_up: np.ndarray
    lag_down: np.ndarray
    dead: np.ndarray
    gimbal_max: np.ndarray
    gimbal_rate: np.ndarray
    floor: np.ndarray
    gap_low: np.ndarray


def plain(table):
    """A data file without its sources."""
    if isinstance(table, list):
        return [plain(part) for part in table]
    if isinstance(table, dict):
        return table["value"] if "value" in table else {k: plain(v) for k, v in table.items()}
    return table


def read(path) -> Lander:
    """The lander of a file, as its designers know it."""
    file = plain(tomllib.loads(path.read_text(encoding="utf-8")))
    if "base" in file:
        base = path.with_stem(file["base"])
        file = {**plain(tomllib.loads(base.read_text(encoding="utf-8"))), **file}
    rings = [(ring, k) for ring in file["engines"] for k in range(ring.get("count", 1))]

    def column(key, default=0.0):
        return np.array([float(ring.get(key, default)) for ring, _ in rings])

    count = np.array([ring.get("count", 1) for ring, _ in rings])
    turn = np.radians(column("azimuth_deg")) + 2.0 * np.pi * np.array([k for _, k in rings]) / count
    outward = np.stack([np.cos(turn), np.sin(turn), 0.0 * turn], axis=1)
    up = np.array([0.0, 0.0, 1.0])
    cant, isp = np.radians(column("cant_deg"))[:, None], column("isp_s")
    isp_floor = column("isp_floor_s")
    return Lander(
        mass_dry=file["mass_dry_kg"] + file["payload_kg"],
        capacity=file["propellant_capacity_kg"],
        com_dry=file["com_z_dry_m"] * up,
        com_tank=file["com_z_tank_m"] * up,
        gyration=np.array([file["k_x_m"], file["k_y_m"], file["k_z_m"]]),
        gyration_tank=file["k_tank_m"],
        rcs=file["rcs"],
        kind=[ring["kind"] for ring, _ in rings],
        place=column("radius_m")[:, None] * outward + column("z_m")[:, None] * up,
        direction=np.cos(cant) * up - np.sin(cant) * outward,
        thrust=column("thrust_N"),
        isp=isp,
        isp_floor=np.where(isp_floor > 0.0, isp_floor, isp),
        lag_up=column("lag_up_s"),
        lag_down=column("lag_down_s"),
        dead=column("dead_time_s"),
        gimbal_max=np.radians(column("gimbal_max_deg")),
        gimbal_rate=np.radians(column("gimbal_rate_deg_s")),
        floor=column("throttle_min_frac"),
        gap_low=column("gap_low_frac", 1.0),
    )


def disperse(lander: Lander, rng) -> None:
    """Make one unit of it, with errors of the size that the data files draw."""
    engines = len(lander.thrust)
    lander.com_dry = lander.com_dry + rng.normal(0.0, 0.003, 3) * [1.0, 1.0, 0.0]
    lander.com_tank = lander.com_tank + (lander.com_dry - lander.com_tank) * [1.0, 1.0, 0.0]
    lander.gyration = lander.gyration * rng.uniform(0.9, 1.1, 3)
    lander.thrust = lander.thrust * rng.normal(1.0, 0.01, engines)
    lander.lag_up = lander.lag_up * rng.uniform(0.7, 1.5, engines)
    lander.lag_down = lander.lag_down * rng.uniform(0.7, 1.5, engines)
    leaning = lander.direction + rng.normal(0.0, 0.003, (engines, 3)) * [1.0, 1.0, 0.0]
    lander.direction = leaning / np.linalg.norm(leaning, axis=1)[:, None]


@dataclass
class Arc:
    """What is constant while no command changes."""

    lander: Lander
    command: np.ndarray  # N
    aim: np.ndarray  # unit vectors of the thrusts
    torque: np.ndarray  # N m
    gm: float = GM
    j2: float = J2

    def __post_init__(self):
        unit = self.lander
        # Moments about the middle of the pads' plane, later moved to the centre of mass.
        self.levers = np.cross(unit.place, self.aim)
        # Propellant per impulse at full thrust, and what comes on top towards none.
        self.per_newton = 1.0 / (G0 * unit.isp)
        self.more = 1.0 / (G0 * unit.isp_floor) - self.per_newton
        spray = unit.rcs["arm_m"] * unit.rcs["isp_s"] * G0
        self.spray = np.abs(self.torque).sum() / spray
        self.inertia_dry = unit.mass_dry * unit.gyration**2
        self.apart = unit.com_dry - unit.com_tank

    def derivatives(self, t, y):
        """Newton, Euler, lags and mass flow."""
        unit = self.lander
        dcm_IB, w, mass, thrust = y[6:15].reshape(3, 3), y[15:18], y[18], y[19:]
        tank = max(0.0, mass - unit.mass_dry) / mass
        com = unit.com_dry - tank * self.apart
        force = thrust @ self.aim
        moment = self.torque + thrust @ self.levers - cross(com, force)
        # Parallel axes: dry lander and propellant, each about the common centre of mass.
        inertia = self.inertia_dry + mass * tank * unit.gyration_tank**2
        across = unit.mass_dry * (tank * self.apart[2]) ** 2
        inertia[:2] += across + mass * tank * ((1.0 - tank) * self.apart[2]) ** 2

        out = np.empty_like(y)
        out[:3] = y[3:6]
        out[3:6] = self.gravity(y[:3]) + dcm_IB @ force / mass
        out[6:15] = (dcm_IB @ skew(w)).ravel()
        out[15:18] = (moment - cross(w, inertia * w)) / inertia
        flow = thrust @ (self.per_newton + self.more * (1.0 - thrust / unit.thrust))
        out[18] = -flow - (self.spray if tank > 0.0 else 0.0)
        miss = self.command - thrust
        out[19:] = miss / np.where(miss > 0.0, unit.lag_up, unit.lag_down)
        return out

    def gravity(self, rho):
        """Attraction of an oblate Moon whose axis is z (Vallado, Cowell's method with J2)."""
        x, y, z = rho
        d2 = x * x + y * y + z * z
        flat = 1.5 * self.j2 * R_GRAVITY**2 / d2
        squash = 1.0 + flat * (1.0 - 5.0 * z * z / d2)
        return np.array([x * squash, y * squash, z * (squash + 2.0 * flat)]) * -self.gm / d2**1.5


def cross(a, b):
    """Vector product; NumPy's own takes ten times as long for three numbers."""
    (ax, ay, az), (bx, by, bz) = a, b
    return np.array([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx])


def skew(w):
    """Matrix of the vector product with `w`."""
    p, q, r = w
    return np.array([[0.0, -r, q], [r, 0.0, -p], [-q, p, 0.0]])


def integrate(lander, y, commands, angles, torques, tick, precision=1e-11):
    """Fly tick by tick schedules with DOP853; ticks without a change are one arc.

    `commands` after the dead time, `angles` of the gimbals as they stand.
    """
    rows = np.concatenate([commands, angles.reshape(len(angles), -1), torques], axis=1)
    edges = np.flatnonzero(np.any(rows[1:] != rows[:-1], axis=1)) + 1
    for first, last in zip([0, *edges], [*edges, len(rows)], strict=True):
        turns = np.concatenate([angles[first], 0.0 * angles[first, :, :1]], axis=1)
        aim = Rotation.from_rotvec(turns).apply(lander.direction)
        arc = Arc(lander, commands[first], aim, torques[first])
        span = (first * tick, last * tick)
        done = solve_ivp(arc.derivatives, span, y, method="DOP853", rtol=precision, atol=precision)
        assert done.success, done.message
        y = done.y[:, -1]
    return y


def from_site(r, v, dcm_LB, latitude, t=0.0):
    """Position, velocity and attitude in I of what is seen in L."""
    dcm_IL = turned_axes(latitude, t)
    rho = dcm_IL @ np.add(r, [0.0, 0.0, RADIUS])
    return rho, dcm_IL @ v + np.cross([0.0, 0.0, RATE], rho), dcm_IL @ dcm_LB


def to_site(y, latitude, t):
    """Position, velocity and attitude in L of a state in I."""
    dcm_IL = turned_axes(latitude, t)
    v = y[3:6] - np.cross([0.0, 0.0, RATE], y[:3])
    return dcm_IL.T @ y[:3] - [0.0, 0.0, RADIUS], dcm_IL.T @ v, dcm_IL.T @ y[6:15].reshape(3, 3)


def turned_axes(latitude, t):
    return Rotation.from_rotvec([0.0, 0.0, RATE * t]).as_matrix() @ axes(latitude)
