"""The surfaces of a lander as triangles: the model of the pictures, with its legs and nozzles.

Points are in body axes from the centre of the plane of the foot pads.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from lunar_env.rendering import palette
from lunar_env.rendering.solids import model_of

if TYPE_CHECKING:
    from lunar_env.rendering.primitives import Color
    from lunar_env.rendering.solids import Leg, Model
    from lunar_env.specs import VehicleSpec

__all__ = ["Shape", "flames", "lander_shape"]

Point = tuple[float, float, float]

SIDES = 12
BRACE = 0.6  # thickness of a brace over that of a main strut
KNEE = 0.45  # where the braces meet the main strut: share of the way up
PAD = 0.35  # thickness of a pad over its radius
FLAME = 11.0  # length of a flame at full thrust over the radius of its nozzle


class Shape(NamedTuple):
    """Triangles: corners, the numbers of three of them, and a colour for each."""

    corners_m: list[Point]
    triangles: list[tuple[int, int, int]]
    colors: list[Color]

    def add(self, rings: list[list[Point]], color: Color) -> None:
        """Add a body between rings of equally many corners, closed at both ends."""
        first, n = len(self.corners_m), len(rings[0])
        for ring in rings:
            self.corners_m.extend(ring)
        faces = [(0, k, k + 1) for k in range(1, n - 1)]
        end = n * (len(rings) - 1)
        faces += [(end, end + k + 1, end + k) for k in range(1, n - 1)]
        for lower in range(0, end, n):
            for k in range(n):
                a, b = lower + k, lower + (k + 1) % n
                faces += [(a, b, b + n), (a, b + n, a + n)]
        self.triangles.extend((first + i, first + j, first + k) for i, j, k in faces)
        self.colors.extend([color] * len(faces))


def lander_shape(vehicle: VehicleSpec) -> Shape:
    """Return the surfaces of a lander.

    Parameters
    ----------
    vehicle : VehicleSpec
        The lander.
    """
    model, shape = model_of(vehicle), Shape([], [], [])
    shape.corners_m.extend((float(x), float(y), float(z)) for x, y, z in model.vertices)
    for face, material in zip(model.faces, model.materials, strict=True):
        for k in range(1, len(face) - 1):
            shape.triangles.append((face[0], face[k], face[k + 1]))
            shape.colors.append(palette.MATERIALS[material])
    for leg in model.legs:
        _leg(shape, leg, model)
    if vehicle.gear.side_pads is not None:
        side, azimuth = vehicle.gear.side_pads, math.radians(vehicle.gear.side_pads.azimuth_deg)
        for aside in (-0.5 * side.apart_m, 0.5 * side.apart_m):
            x = side.reach_m * math.cos(azimuth) - aside * math.sin(azimuth)
            y = side.reach_m * math.sin(azimuth) + aside * math.cos(azimuth)
            foot, root = (x, y, side.height_m), (0.6 * x, 0.6 * y, side.height_m)
            _strut(shape, foot, root, model.thickness)
    return shape


def flames(vehicle: VehicleSpec) -> Shape:
    """Return the flames of all nozzles at full thrust.

    Parameters
    ----------
    vehicle : VehicleSpec
        Its engines.
    """
    shape = Shape([], [], [])
    for nozzle in model_of(vehicle).nozzles:
        (x, y, z), (i, j, k) = nozzle.exit, nozzle.axis
        for wide, far, color in (
            (0.9, 1.0, palette.FLAME_MIDDLE),
            (0.5, 0.55, palette.FLAME_CORE),
        ):
            long = far * FLAME * nozzle.radius
            end = _ring(0.1 * nozzle.radius, z + long * k, x + long * i, y + long * j)
            shape.add([end, _ring(wide * nozzle.radius, z, x, y)], color)
    return shape


def _leg(shape: Shape, leg: Leg, model: Model) -> None:
    (x, y, z), (tx, ty, tz) = leg.pad, leg.top
    knee = (x + KNEE * (tx - x), y + KNEE * (ty - y), z + KNEE * (tz - z))
    _strut(shape, leg.pad, leg.top, model.thickness)
    for end in leg.braces:
        _strut(shape, knee, end, BRACE * model.thickness)
    radius = model.pad_radius
    rings = [_ring(0.8 * radius, z, x, y), _ring(radius, z + PAD * radius, x, y)]
    shape.add(rings, palette.PAD)


def _strut(shape: Shape, foot: Point, root: Point, thickness: float) -> None:
    half = 0.5 * thickness
    shape.add([_square(foot, half), _square(root, half)], palette.STRUT)


def _ring(radius: float, z: float, x: float = 0.0, y: float = 0.0) -> list[Point]:
    angles = (2.0 * math.pi * k / SIDES for k in range(SIDES))
    return [(x + radius * math.cos(a), y + radius * math.sin(a), z) for a in angles]


def _square(centre: Point, half: float) -> list[Point]:
    x, y, z = centre
    return [(x - half, y - half, z), (x + half, y - half, z), (x + half, y + half, z),
            (x - half, y + half, z)]  # fmt: skip
