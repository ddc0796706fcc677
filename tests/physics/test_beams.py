"""The range of a beam against a march along it on the same ground, over ten thousand poses."""

import math

import numba
import numpy as np
import pytest

from lunar_env.kernel.linalg import Vec3, axpy
from lunar_env.physics.rows import TERRAIN_STEP, Lander
from lunar_env.physics.terrain import height_above, slant_range
from lunar_env.terrain import build
from tests.terrain.grounds import HIGHLAND, MARE, SITE, rows

POSES = 10_000
MOST_INCIDENCE = math.cos(math.radians(70.0))


@numba.njit
def compare(tiles, terrain, memory, heights, tilts, azimuths, before, step):
    """Error of the cast range of each pose [m], nan where the incidence is beyond the limit.

    The march looks at the last `before` metres of each beam, and beyond.
    """
    count = heights.size
    errors = np.full(count, np.nan)
    for k in range(count):
        i = k % memory.shape[0]
        origin = Vec3(0.0, 0.0, heights[k])
        out = math.sin(tilts[k])
        beam = Vec3(out * math.cos(azimuths[k]), out * math.sin(azimuths[k]), -math.cos(tilts[k]))
        hit = slant_range(Lander(memory, tiles, terrain, i), origin, beam, SITE, 0.0, 1e5)
        if hit.range == math.inf or hit.cosine < MOST_INCIDENCE:
            continue
        low = max(0.0, hit.range - before)
        while (
            height_above(
                Lander(memory, tiles, terrain, i), axpy(low + step, beam, origin), SITE, 0.0
            )
            > 0
        ):
            low += step
        high = low + step
        for _ in range(30):
            middle = 0.5 * (low + high)
            point = axpy(middle, beam, origin)
            if height_above(Lander(memory, tiles, terrain, i), point, SITE, 0.0) > 0.0:
                low = middle
            else:
                high = middle
        errors[k] = abs(hit.range - low)
    return errors


def poses(low, high):
    rng = np.random.default_rng(3)
    heights = rng.uniform(low, high, POSES) + 30.0 * (low > 1000.0)
    return heights, np.radians(rng.uniform(0.0, 60.0, POSES)), rng.uniform(0.0, 7.0, POSES)


@pytest.mark.parametrize(
    ("low", "high", "before", "step", "most"),
    [(20.0, 100.0, 200.0, 0.02, 0.05), (3000.0, 5000.0, 40.0, 0.02, 0.5)],
    ids=["100 m", "5 km"],
)
@pytest.mark.parametrize("parameters", [MARE, HIGHLAND], ids=["mare", "highland"])
def test_ray_casting_agrees_with_ray_marching(parameters, low, high, before, step, most):
    ground = build(parameters)
    memory = rows(ground, 64)
    errors = compare(*ground, memory, *poses(low, high), before, step)
    judged = errors[~np.isnan(errors)]
    assert judged.size > 0.9 * POSES
    assert np.mean(judged < most) >= 0.999


def test_ray_casting_agrees_with_ray_marching_over_a_step():
    """A plateau 300 m up that falls to the target 400 m before it."""
    ground = build(MARE)
    memory = rows(ground, 64)
    memory[:, TERRAIN_STEP.rise], memory[:, TERRAIN_STEP.position] = 300.0, -400.0
    memory[:, TERRAIN_STEP.east], memory[:, TERRAIN_STEP.north] = 0.0, 1.0
    rng = np.random.default_rng(5)
    heights, tilts = rng.uniform(800.0, 2000.0, POSES), np.radians(rng.uniform(0.0, 50.0, POSES))
    errors = compare(*ground, memory, heights, tilts, rng.uniform(0.0, 7.0, POSES), 5000.0, 0.2)
    judged = errors[~np.isnan(errors)]
    assert judged.size > 0.8 * POSES
    assert np.mean(judged < 0.3) >= 0.999
