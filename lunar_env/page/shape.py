"""The surfaces of a lander from the figures of its vehicle: hull, legs, pads and nozzles.

Points are in body axes from the centre of the plane of the foot pads.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from lunar_env.rendering import palette

if TYPE_CHECKING:
    from lunar_env.rendering.primitives import Color
    from lunar_env.specs import VehicleSpec

__all__ = ["Shape", "flames", "lander_shape"]

Point = tuple[float, float, float]

SIDES = 12
STRUT_M = 0.04  # half the thickness of a leg, of a lander of 1 m
PAD_M = 0.09  # radius of a pad, likewise
NOZZLE_M = 0.14  # radius of the exit of a single nozzle, likewise
FLAME_M = 0.7  # length of its flame at full thrust, likewise


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
        Its dimensions.
    """
    gear, shape = vehicle.gear, Shape([], [], [])
    size, radius = vehicle.height_m, gear.hull_radius_m
    waist = 0.55 * gear.hull_bottom_m + 0.45 * gear.hull_top_m
    low = [_ring(0.8 * radius, gear.hull_bottom_m), _ring(radius, waist)]
    shape.add(low, palette.FOIL)
    shape.add([_ring(radius, waist), _ring(radius, gear.hull_top_m)], palette.HULL)
    if gear.hull_nose_m is not None:
        nose = [_ring(radius, gear.hull_top_m), _ring(0.15 * radius, gear.hull_nose_m)]
        shape.add(nose, palette.CELLS)
    for k in range(gear.legs):
        _leg(shape, vehicle, 2.0 * math.pi * (k + 0.5) / gear.legs, waist)
    if gear.side_pads is not None:
        side, azimuth = gear.side_pads, math.radians(gear.side_pads.azimuth_deg)
        for aside in (-0.5 * side.apart_m, 0.5 * side.apart_m):
            x = side.reach_m * math.cos(azimuth) - aside * math.sin(azimuth)
            y = side.reach_m * math.sin(azimuth) + aside * math.cos(azimuth)
            foot, root = (x, y, side.height_m), (0.6 * x, 0.6 * y, side.height_m)
            shape.add([_square(root, STRUT_M * size), _square(foot, STRUT_M * size)], palette.STRUT)
    for (x, y, z), exit_m in _nozzles(vehicle):
        bell = [_ring(exit_m, z - exit_m, x, y), _ring(0.5 * exit_m, z + exit_m, x, y)]
        shape.add(bell, palette.NOZZLE)
    return shape


def flames(vehicle: VehicleSpec) -> Shape:
    """Return the flames of all engines at full thrust.

    Parameters
    ----------
    vehicle : VehicleSpec
        Its engines.
    """
    shape = Shape([], [], [])
    for (x, y, z), exit_m in _nozzles(vehicle):
        length = FLAME_M * vehicle.height_m
        for wide, far, color in (
            (0.9, 1.0, palette.FLAME_MIDDLE),
            (0.5, 0.55, palette.FLAME_CORE),
        ):
            tip = _ring(0.1 * exit_m, z - exit_m - far * length, x, y)
            shape.add([tip, _ring(wide * exit_m, z - exit_m, x, y)], color)
    return shape


def _nozzles(vehicle: VehicleSpec) -> list[tuple[Point, float]]:
    """Return where nozzles are, and the radius of their exits [m]."""
    engines = vehicle.engine_list
    strongest = max(engine.spec.thrust_N for engine in engines)
    single = NOZZLE_M * vehicle.height_m / math.sqrt(min(len(engines), 4))
    lowest = vehicle.gear.hull_bottom_m
    return [
        (
            (engine.place_m[0], engine.place_m[1], min(engine.place_m[2], lowest)),
            single * math.sqrt(engine.spec.thrust_N / strongest),
        )
        for engine in engines
    ]


def _leg(shape: Shape, vehicle: VehicleSpec, azimuth: float, waist: float) -> None:
    gear, thick = vehicle.gear, STRUT_M * vehicle.height_m
    pad, hull = 0.5 * gear.footprint_diameter_m, gear.hull_radius_m
    x, y = math.cos(azimuth), math.sin(azimuth)
    foot = (pad * x, pad * y, thick)
    for height in (waist, gear.hull_bottom_m + 0.1 * (waist - gear.hull_bottom_m)):
        root = (0.8 * hull * x, 0.8 * hull * y, height)
        shape.add([_square(foot, thick), _square(root, thick)], palette.STRUT)
    size = PAD_M * vehicle.height_m
    rings = [_ring(size, z, pad * x, pad * y) for z in (0.0, thick)]
    shape.add(rings, palette.BRACE)


def _ring(radius: float, z: float, x: float = 0.0, y: float = 0.0) -> list[Point]:
    angles = (2.0 * math.pi * k / SIDES for k in range(SIDES))
    return [(x + radius * math.cos(a), y + radius * math.sin(a), z) for a in angles]


def _square(centre: Point, half: float) -> list[Point]:
    x, y, z = centre
    return [(x - half, y - half, z), (x + half, y - half, z), (x + half, y + half, z),
            (x - half, y + half, z)]  # fmt: skip
