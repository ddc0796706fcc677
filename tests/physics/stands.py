"""One lander on the ground, tick by tick, for the tests of contact."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from scipy.spatial.transform import Rotation

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.linalg import Quat, Vec3
from lunar_env.kernel.records import width
from lunar_env.physics.contact import fly_in_contact, reset_contact
from lunar_env.physics.rows import (
    FRICTION,
    MAX_LEGS,
    POINT_WIDTH,
    POINTS,
    ROW_WIDTH,
    STATE,
    Lander,
    store_gear,
    store_state,
    store_vehicle,
)
from lunar_env.physics.types import ForceMoment, Gear, Site, State, Vehicle
from lunar_env.terrain import flat, inclined

GM = 4.902800118e12
RADIUS = 1.7374e6
G = GM / RADIUS**2
# A Moon without rotation and flattening: what a landing does not feel.
SITE = Site(GM, RADIUS, 0.0, 0.0, 0.0, 1.0)
NOWHERE = SITE._replace(mu=0.0)
ROW = np.int64(0)
NOTHING = Vec3(0.0, 0.0, 0.0)
UNDRIVEN = ForceMoment(NOTHING, NOTHING)
TICK = 1e-3
FLAT = flat()


class Design(NamedTuple):
    """A vehicle with its gear."""

    vehicle: Vehicle
    gear: Gear


class Trace(NamedTuple):
    """What a run leaves behind, one row a sample; the first is the start."""

    states: np.ndarray
    records: np.ndarray  # all of the lander's row

    @property
    def r(self) -> np.ndarray:
        return self.states[:, 0:3]

    @property
    def v(self) -> np.ndarray:
        return self.states[:, 3:6]

    @property
    def omega(self) -> np.ndarray:
        return self.states[:, 10:13]

    @property
    def attitude(self) -> Rotation:
        return Rotation.from_quat(self.states[:, 6:10], scalar_first=True)

    @property
    def axis(self) -> np.ndarray:
        return self.attitude.apply([0.0, 0.0, 1.0])

    def record(self, column: int) -> np.ndarray:
        return self.records[:, column]

    def point(self, k: int, offset: int) -> np.ndarray:
        """A column of the record of pad k, or of point k - MAX_LEGS of the hull."""
        return self.record(POINTS + k * POINT_WIDTH + offset)


def lander(
    mass: float = 400.0,
    legs: int = 4,
    pad_radius: float = 1.5,
    com: float = 1.2,
    k: tuple[float, float, float] = (0.8, 0.8, 0.8),
    **gear: float,
) -> Design:
    """A dry lander; its legs neither crush nor break unless said otherwise."""
    vehicle = Vehicle(**dict.fromkeys(Vehicle._fields, 0.0))._replace(
        mass_dry=mass, com_z_dry=com, com_z_tank=com, k2_x=k[0] ** 2, k2_y=k[1] ** 2, k2_z=k[2] ** 2
    )
    stiff: dict[str, Any] = {
        "legs": float(legs),
        "pad_radius": pad_radius,
        "crush_force": 1e9,
        "stroke": 1e9,
        "side_load": 1e9,
        "hull_radius": 0.5 * pad_radius,
        "hull_bottom": 0.5 * com,
        "hull_top": 1.5 * com,
        "rest_tilt_min": 0.0,
        "rest_tilt_max": math.radians(20.0),
        "hull_points": 8.0,
        "side_x": pad_radius,
        "side_y": 0.0,
        "side_height": com,
        "side_half": 0.0,
    }
    stiff |= gear
    reach = max(stiff["hull_radius"], math.hypot(stiff["side_x"], stiff["side_half"]))
    bounds = {
        "hull_nose": stiff["hull_top"],
        "hull_reach": reach if stiff["hull_points"] > 9.0 else stiff["hull_radius"],
    }
    return Design(vehicle, Gear(**(bounds | stiff)))


def slope(degrees: float, azimuth: float = 90.0) -> tuple[np.ndarray, np.ndarray]:
    """Ground that rises toward an azimuth, by default the east."""
    return inclined(math.radians(degrees), math.radians(azimuth)) if degrees > 0.0 else flat()


def normal(degrees: float, azimuth: float = 90.0) -> np.ndarray:
    """Normal of that ground at the target."""
    s, a = math.radians(degrees), math.radians(azimuth)
    return np.array([-math.sin(s) * math.sin(a), -math.sin(s) * math.cos(a), math.cos(s)])


def upright_on(degrees: float, azimuth: float = 90.0) -> Rotation:
    """Attitude of a lander that stands on that ground, turned no more than it must."""
    axis = np.cross([0.0, 0.0, 1.0], normal(degrees, azimuth))
    return Rotation.from_rotvec(axis if degrees == 0.0 else math.radians(degrees) * unit(axis))


def unit(a: np.ndarray) -> np.ndarray:
    return a / np.linalg.norm(a)


def row(who: Design, friction: float) -> np.ndarray:
    """The memory of one lander that has touched nothing."""
    memory = np.zeros((1, ROW_WIDTH))
    store_vehicle(memory, 0, who.vehicle)
    store_gear(memory, 0, who.gear)
    memory[0, FRICTION] = friction
    reset_contact(memory, ROW)
    return memory


def at(
    who: Design,
    height: float = 0.0,
    v: tuple[float, float, float] = (0.0, 0.0, 0.0),
    attitude: Rotation | None = None,
    omega: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> State:
    """The lander with the middle of its pads `height` above the target."""
    attitude = attitude or Rotation.identity()
    r = attitude.apply([0.0, 0.0, who.vehicle.com_z_dry]) + np.array([0.0, 0.0, height])
    q = attitude.as_quat(scalar_first=True)
    return State(
        *(Vec3(*map(float, r)), Vec3(*map(float, v)), Quat(*map(float, q))),
        *(Vec3(*map(float, omega)), who.vehicle.mass_dry, 0.0),
    )


def last(trace: Trace) -> State:
    """The state at the end of a run."""
    s = trace.states[-1].tolist()
    return State(Vec3(*s[0:3]), Vec3(*s[3:6]), Quat(*s[6:10]), Vec3(*s[10:13]), s[13], s[14])


@kernel
def _run(here, state, driven, site, dt, every, states, records):
    memory, i = here.memory, here.i
    for n in range(states.shape[0]):
        left = every if n > 0 else 0
        while left > 0:
            stay = fly_in_contact(here, state, driven, site, dt, left)
            state = stay.state
            left -= stay.ticks
        store_state(memory, i, state)
        for k in range(states.shape[1]):
            states[n, k] = memory[i, STATE.r.x + k]
        for k in range(records.shape[1]):
            records[n, k] = memory[i, k]


def run(
    who: Design,
    state: State,
    ground: tuple[np.ndarray, np.ndarray],
    seconds: float,
    *,
    friction: float = 0.6,
    dt: float = TICK,
    every: int = 1,
    push: Vec3 = NOTHING,
    torque: Vec3 = NOTHING,
    site: Site = SITE,
    memory: np.ndarray | None = None,
) -> Trace:
    """Let the lander do what it will; a row of the trace for each `every` ticks."""
    memory = row(who, friction) if memory is None else memory
    rows = round(seconds / dt) // every + 1
    states = np.empty((rows, width(State)))
    records = np.empty((rows, ROW_WIDTH))
    here, driven = Lander(memory, *ground, ROW), ForceMoment(push, torque)
    _run(here, state, driven, site, dt, every, states, records)
    return Trace(states, records)


def places(gear: Gear) -> dict[int, np.ndarray]:
    """Pads, then points of the hull, in S, by the number of their record."""
    n = int(gear.legs)
    found = {}
    for k in range(n):
        angle = 2.0 * math.pi * (k + 0.5) / n
        found[k] = gear.pad_radius * np.array([math.cos(angle), math.sin(angle), 0.0])
    for k in range(8):
        angle, z = 0.5 * math.pi * k, gear.hull_bottom if k < 4 else gear.hull_top
        radius = gear.hull_radius
        found[MAX_LEGS + k] = np.array([radius * math.cos(angle), radius * math.sin(angle), z])
    return found
