"""A lander as faces and struts in its own axes, made from its vehicle file.

Lengths are metres in body axes, the origin in the middle of the plane of the foot pads, z up.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lunar_env.specs.look import SHAPES, PartSpec, StrutSpec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from lunar_env.specs import VehicleSpec

__all__ = ["PLAIN", "Leg", "Model", "Nozzle", "model_of"]

Vector = tuple[float, float, float]
EXIT_PER_SQRT_N = 0.0052
"""Radius of a nozzle whose vehicle file gives none, over the root of its thrust [m]."""
NOZZLE_SIDES = 10
PAD_SIDES = 8


class Leg(NamedTuple):
    """One leg: where its pad is, and where its struts meet the body."""

    pad: Vector
    top: Vector
    braces: tuple[Vector, Vector]


class Nozzle(NamedTuple):
    """Where the flame of one nozzle begins."""

    exit: Vector
    axis: Vector
    """Unit vector in which the exhaust leaves."""
    radius: float
    engines: tuple[int, ...]
    """Whose thrust it shows, by place in the vehicle's list of engines."""


class Model(NamedTuple):
    """A lander to draw."""

    vertices: NDArray[np.float64]
    """(n, 3), of all faces together."""
    faces: tuple[tuple[int, ...], ...]
    """Counterclockwise from outside, by place in `vertices`."""
    normals: NDArray[np.float64]
    """(faces, 3), unit vectors outwards."""
    materials: tuple[str, ...]
    legs: tuple[Leg, ...]
    thickness: float
    pad_radius: float
    nozzles: tuple[Nozzle, ...]
    height: float
    width: float
    plume_radius: float
    """Radius of one nozzle with the exit area of all: how large the flame and its dust are."""


@functools.lru_cache(maxsize=32)
def model_of(vehicle: VehicleSpec) -> Model:
    """Return what a vehicle looks like.

    Parameters
    ----------
    vehicle : VehicleSpec
        The lander; without a look of its own, its hull is drawn as a plain body.

    Returns
    -------
    Model
        Made once for each vehicle.
    """
    look = vehicle.look
    parts, struts = (look.parts, look.struts) if look else _plain(vehicle)
    nozzles = tuple(_nozzles(vehicle))
    solids = [*map(_solid, parts), *(_cone(nozzle, depth) for nozzle, depth in nozzles)]
    legs = tuple(_legs(vehicle, struts))
    return _model(
        solids,
        legs,
        struts,
        tuple(nozzle for nozzle, _ in nozzles),
        (vehicle.height_m, vehicle.width_m),
    )


def _model(
    solids: Sequence[_Solid],
    legs: tuple[Leg, ...],
    struts: StrutSpec,
    nozzles: tuple[Nozzle, ...],
    size: tuple[float, float],
) -> Model:
    vertices: list[Vector] = []
    faces: list[tuple[int, ...]] = []
    materials: list[str] = []
    for solid in solids:
        base = len(vertices)
        vertices += solid.vertices
        faces += [tuple(base + k for k in face) for face in solid.faces]
        materials += [solid.material] * len(solid.faces)
    points = np.array(vertices)
    return Model(
        vertices=points,
        faces=tuple(faces),
        normals=np.array([_normal(points[list(face)]) for face in faces]),
        materials=tuple(materials),
        legs=legs,
        thickness=struts.thickness_m,
        pad_radius=struts.pad_radius_m,
        nozzles=nozzles,
        height=size[0],
        width=size[1],
        plume_radius=math.sqrt(sum(nozzle.radius**2 for nozzle in nozzles)),
    )


class _Solid(NamedTuple):
    vertices: list[Vector]
    faces: list[tuple[int, ...]]
    material: str


def _solid(part: PartSpec) -> _Solid:
    """Return the faces of a part: its outline carried around its axis."""
    sides = SHAPES[part.shape]
    turn = math.radians(part.turn_deg)
    cos, sin, corner = math.cos(turn), math.sin(turn), 1.0 / math.cos(math.pi / sides)
    rings = []
    for width, z in part.outline_m:
        ring = []
        for k in range(sides):
            angle = math.tau * (k + 0.5) / sides
            u = corner * width * math.cos(angle)
            v = corner * width * math.sin(angle) * part.depth_frac
            ring.append((part.at_x_m + u * cos - v * sin, part.at_y_m + u * sin + v * cos, z))
        rings.append(ring)
    return _lathe(rings, part.material, closed=True)


def _lathe(rings: list[list[Vector]], material: str, *, closed: bool) -> _Solid:
    sides = len(rings[0])
    faces: list[tuple[int, ...]] = []
    for level in range(len(rings) - 1):
        low, high = level * sides, (level + 1) * sides
        for k in range(sides):
            after = (k + 1) % sides
            faces.append((low + k, low + after, high + after, high + k))
    if closed:
        faces.append(tuple(range(sides))[::-1])
        top = (len(rings) - 1) * sides
        faces.append(tuple(range(top, top + sides)))
    return _Solid([vertex for ring in rings for vertex in ring], faces, material)


def _normal(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the unit normal of a face (Newell's method)."""
    after = np.roll(corners, -1, axis=0)
    normal = np.cross(corners, after).sum(axis=0)
    return np.asarray(normal / max(float(np.linalg.norm(normal)), 1e-12))


def _legs(vehicle: VehicleSpec, struts: StrutSpec) -> Iterator[Leg]:
    """Yield the legs, the first half a sector from the body's x axis, as the physics has them."""
    count, spread = vehicle.gear.legs, math.radians(struts.spread_deg)
    pad = 0.5 * vehicle.gear.footprint_diameter_m
    for k in range(count):
        azimuth = math.tau * (k + 0.5) / count
        ends = [
            _around(struts.brace_radius_m, azimuth + side * spread, struts.brace_height_m)
            for side in (-1.0, 1.0)
        ]
        yield Leg(
            pad=_around(pad, azimuth, 0.0),
            top=_around(struts.top_radius_m, azimuth, struts.top_height_m),
            braces=(ends[0], ends[1]),
        )


def _around(radius: float, azimuth: float, z: float) -> Vector:
    return radius * math.cos(azimuth), radius * math.sin(azimuth), z


def _nozzles(vehicle: VehicleSpec) -> Iterator[tuple[Nozzle, float]]:
    """Yield the nozzles, and how far above its exit the throat of each is."""
    looks = vehicle.look.nozzles if vehicle.look else ()
    first = 0
    for ring in vehicle.engines:
        engines = tuple(range(first, first + ring.count))
        first += ring.count
        own = [look for look in looks if look.engine == ring.name]
        for look in own:
            depth = look.throat_height_m - look.exit_height_m
            for k in range(look.count):
                azimuth = math.tau * k / look.count
                place = _around(look.ring_radius_m, azimuth, look.exit_height_m)
                shown = (engines[k * ring.count // look.count],) if ring.count > 1 else engines
                yield Nozzle(place, (0.0, 0.0, -1.0), look.exit_radius_m, shown), depth
        if not own:
            radius = EXIT_PER_SQRT_N * math.sqrt(ring.thrust_N)
            for engine, fitted in zip(engines, ring.fitted, strict=True):
                (x, y, z), (i, j, k_) = fitted.place_m, fitted.direction
                down = min(0.5 * radius, 0.5 * z)  # the thrust acts within the nozzle
                place = (x - down * i, y - down * j, z - down * k_)
                yield Nozzle(place, (-i, -j, -k_), radius, (engine,)), 2.2 * radius


def _cone(nozzle: Nozzle, depth: float) -> _Solid:
    """Return a nozzle: a bell from its throat to its exit, open below."""
    a = np.array(nozzle.axis)
    u = np.cross(a, (0.0, 1.0, 0.0))
    u /= np.linalg.norm(u)
    v = np.cross(a, u)
    rings = []
    for back, wide in ((0.0, 1.0), (0.55, 0.72), (1.0, 0.25)):
        centre = np.array(nozzle.exit) - back * depth * a
        turns = [math.tau * k / NOZZLE_SIDES for k in range(NOZZLE_SIDES)]
        r = nozzle.radius * wide
        # Against the sense of rotation about its own axis, which points down.
        ring = [centre + r * (math.cos(t) * u - math.sin(t) * v) for t in turns]
        rings.append([(float(p[0]), float(p[1]), float(p[2])) for p in ring])
    return _lathe(rings, "engine", closed=True)


def _plain(vehicle: VehicleSpec) -> tuple[tuple[PartSpec, ...], StrutSpec]:
    """Return the hull as one body, for a vehicle without a look."""
    gear = vehicle.gear
    low, high, radius = gear.hull_bottom_m, gear.nose_m, gear.hull_radius_m
    middle = 0.5 * (low + gear.hull_top_m)
    lower = ((0.8 * radius, low), (radius, low + 0.05), (radius, middle))
    upper = ((radius, middle), (radius, gear.hull_top_m), (0.6 * radius, high))
    parts = (
        PartSpec(name="lower body", material="gold", shape="octagon", outline_m=lower),
        PartSpec(name="upper body", material="white", shape="octagon", outline_m=upper),
    )
    struts = StrutSpec(
        top_radius_m=radius,
        top_height_m=middle,
        brace_radius_m=radius,
        brace_height_m=max(low, 0.01),
        thickness_m=0.03 * vehicle.width_m,
        pad_radius_m=0.06 * vehicle.width_m,
    )
    return parts, struts


def _plain_model() -> Model:
    body = [
        PartSpec(name="body", material="gold", shape="octagon", outline_m=((0.6, 0.6), (0.8, 1.2))),
        PartSpec(name="top", material="white", shape="octagon", outline_m=((0.8, 1.2), (0.5, 2.2))),
    ]
    struts = StrutSpec(top_radius_m=0.8, top_height_m=1.2, brace_radius_m=0.7, brace_height_m=0.7)
    nozzle = Nozzle((0.0, 0.0, 0.3), (0.0, 0.0, -1.0), 0.2, (0,))
    legs = tuple(
        Leg(
            _around(1.3, azimuth, 0.0),
            _around(0.8, azimuth, 1.2),
            (_around(0.7, azimuth - 0.35, 0.7), _around(0.7, azimuth + 0.35, 0.7)),
        )
        for azimuth in [math.tau * (k + 0.5) / 4 for k in range(4)]
    )
    solids = [*map(_solid, body), _cone(nozzle, 0.4)]
    return _model(solids, legs, struts, (nozzle,), (2.3, 2.6))


PLAIN = _plain_model()
"""A lander of no vehicle in particular."""
