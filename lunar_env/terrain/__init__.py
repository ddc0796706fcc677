"""Makes ground: tiles of relief, and the header that says how they are to be read.

Imports NumPy and the layout in `lunar_env.physics.landforms`. Start with `build.py`; `fractal.py`,
`craters.py` and `rocks.py` are what it adds up, `features.py` the landforms in fixed places, and
`dem.py` reads measured ground from a file, with `gdal_grid.py` or `ascii_grid.py`, `resample.py`,
`heights.py` and `gaps.py`. `lunar_env.physics.terrain` looks the result up.
"""

from lunar_env.terrain.build import Ground, Landform, build, flat, inclined
from lunar_env.terrain.dem import MeasuredGround, load_dem
from lunar_env.terrain.features import Crater, Hillside
from lunar_env.terrain.parameters import Craters, Relief, Rocks, TerrainParameters

__all__ = [
    "Crater",
    "Craters",
    "Ground",
    "Hillside",
    "Landform",
    "MeasuredGround",
    "Relief",
    "Rocks",
    "TerrainParameters",
    "build",
    "flat",
    "inclined",
    "load_dem",
]
