"""The search for a place that a lost lander could reach."""

import math
from itertools import product

import numpy as np

from lunar_env.physics.lost import _is_above, _Reach
from lunar_env.physics.relief import elevation
from lunar_env.physics.rows import Lander
from lunar_env.specs import load_mission
from lunar_env.specs.pack import pack_terrain
from tests.sim.lander_batch import LanderBatch


def test_a_square_is_above_only_if_its_parts_are() -> None:
    """The search may leave out the parts of a square: each would have been found above as well."""
    batch = LanderBatch(rows=8, ground=pack_terrain(load_mission("hakuto-r-m2")))
    batch.reset()
    rng, above = np.random.default_rng(0), 0
    for _ in range(4000):
        memory, i = batch.world.memory, int(rng.integers(8))
        lander = Lander(memory, batch.shared.tiles, batch.shared.terrain, i)
        east, north = rng.uniform(-2000.0, 2000.0, 2)
        radius = float(np.exp(rng.uniform(math.log(8.0), math.log(500.0))))
        ground = elevation(lander, east, north, 0.0)
        depth = radius * rng.uniform(0.0, 1.0)
        slope, lift = rng.uniform(0.0, 0.05), rng.uniform(10.0, 200.0)
        place = east + rng.uniform(-100.0, 100.0), north + rng.uniform(-100.0, 100.0)
        reach = _Reach(ground - depth, *place, rng.uniform(0.0, 20.0), lift, slope)
        if _is_above(lander, reach, 0.0, east, north, radius, False):
            above += 1
            quarter = 0.25 * math.sqrt(2.0) * radius
            for x, y in product((-quarter, quarter), repeat=2):
                assert _is_above(lander, reach, 0.0, east + x, north + y, 0.5 * radius, True)
    assert 400 < above < 3600
