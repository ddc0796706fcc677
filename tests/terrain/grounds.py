"""Grounds for the tests, and the kernels called for many places at once."""

from __future__ import annotations

import math

import numba
import numpy as np

from lunar_env.kernel.linalg import Vec3
from lunar_env.physics.relief import elevation, place_terrain
from lunar_env.physics.rows import ROW_WIDTH, Lander
from lunar_env.physics.terrain import height_above, slant_range
from lunar_env.physics.types import Site
from lunar_env.terrain import (
    Crater,
    Craters,
    Hillside,
    Relief,
    Rocks,
    TerrainParameters,
    flat,
)

RADIUS = 1.7374e6
SITE = Site(4.9028e12, RADIUS, 0.0, 0.0, 0.0, 1.0)
ROW = np.int64(0)

MARE = TerrainParameters(
    seed=5,
    relief=Relief(2.5, 17.0, 0.76, 1000.0, 0.3),
    craters=Craters(0.01, 150.0, 2.8, 16e3, 0.04, 0.13, 0.04),
    rocks=Rocks(0.005, 1.74, 0.3, 0.375),
)
HIGHLAND = TerrainParameters(
    seed=3,
    relief=Relief(6.6, 17.0, 0.95, 1000.0, 0.3),
    craters=Craters(0.02, 150.0, 2.8, 16e3, 0.04, 0.13, 0.04),
    rocks=Rocks(0.01, 1.74, 0.3, 0.375),
)
FLAT = flat()
RIM = (Crater(1500.0, 0.0, 2000.0, 300.0, 60.0, 0.3, 0.6), Hillside(0.0, 0.0, 12.0, 40.0, 400.0))


def rows(ground, count=1, first=0):
    """Memory of landers over a ground, each in an episode of its own."""
    memory = np.zeros((count, ROW_WIDTH))
    _place(memory, *ground, np.uint64(first))
    return memory


@numba.njit(error_model="numpy")
def _place(memory, tiles, terrain, first):
    for i in range(memory.shape[0]):
        place_terrain(Lander(memory, tiles, terrain, i), first + np.uint64(i))


@numba.njit(error_model="numpy")
def elevations(tiles, terrain, memory, east, north, footprint):
    """Elevation of many places; they take turns in the rows of the memory."""
    out = np.empty(east.shape[0])
    for k in range(east.shape[0]):
        i = k % memory.shape[0]
        out[k] = elevation(Lander(memory, tiles, terrain, i), east[k], north[k], footprint)
    return out


def beam(tilt, azimuth):
    """Unit vector that points down, tilted from the vertical toward an azimuth [rad]."""
    across = math.sin(tilt)
    return Vec3(across * math.sin(azimuth), across * math.cos(azimuth), -math.cos(tilt))


@numba.njit(error_model="numpy")
def cast(tiles, terrain, memory, origins, directions, divergence, range_max):
    """Range of many beams."""
    out = np.empty(origins.shape[0])
    for k in range(origins.shape[0]):
        o = Vec3(origins[k, 0], origins[k, 1], origins[k, 2])
        d = Vec3(directions[k, 0], directions[k, 1], directions[k, 2])
        i = k % memory.shape[0]
        out[k] = slant_range(
            Lander(memory, tiles, terrain, i), o, d, SITE, divergence, range_max
        ).range
    return out


@numba.njit(error_model="numpy")
def march(tiles, terrain, memory, origins, directions, divergence, reach, step):
    """Brute force: the least height over the ground before `reach`, and the height there."""
    lowest = np.full(origins.shape[0], np.inf)
    last = np.empty(origins.shape[0])
    for k in range(origins.shape[0]):
        i = k % memory.shape[0]
        steps = math.ceil(reach[k] / step)
        for s in range(steps + 1):
            t = reach[k] * s / steps
            r = Vec3(
                origins[k, 0] + t * directions[k, 0],
                origins[k, 1] + t * directions[k, 1],
                origins[k, 2] + t * directions[k, 2],
            )
            gap = height_above(Lander(memory, tiles, terrain, i), r, SITE, divergence * t)
            if s < steps:
                lowest[k] = min(lowest[k], gap)
            last[k] = gap
    return lowest, last


def above_map(east, north, altitude):
    """Closed form of the azimuthal equidistant map: a point over a place."""
    arc = math.hypot(east, north)
    angle, radius = arc / RADIUS, RADIUS + altitude
    out = radius * math.sin(angle) / arc if arc else 0.0
    return Vec3(out * east, out * north, radius * math.cos(angle) - RADIUS)
