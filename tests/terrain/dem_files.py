"""Elevation models of known shape, written for a test."""

import hashlib
import math
from pathlib import Path

import numpy as np

from lunar_env.terrain import load_dem
from tests.terrain.grounds import RADIUS

LATITUDE, LONGITUDE = -85.0, 30.0
WHERE = (LATITUDE, LONGITUDE)
CELL, CELLS = 20.0, 256
METRE = math.radians(1.0) * RADIUS  # metres in a degree
MOON = f"+proj=longlat +R={RADIUS} +no_defs"
SOUTH = f"+proj=stere +lat_0=-90 +lon_0=0 +k=1 +x_0=0 +y_0=0 +R={RADIUS} +units=m +no_defs"


def hill(east, north):
    """A broad hill north-east of the target and a pit south of it."""
    return 80.0 * np.exp(-((east - 600.0) ** 2 + (north - 300.0) ** 2) / 400.0**2) - 30.0 * np.exp(
        -(east**2 + (north + 500.0) ** 2) / 250.0**2
    )


def places_of(latitude, longitude, where=WHERE):
    """East and north of the target, by spherical trigonometry."""
    phi, lam = np.radians(latitude), np.radians(longitude - where[1])
    phi0 = math.radians(where[0])
    x, y = (
        np.cos(phi) * np.sin(lam),
        np.cos(phi0) * np.sin(phi) - np.sin(phi0) * np.cos(phi) * np.cos(lam),
    )
    cosine = np.sin(phi0) * np.sin(phi) + np.cos(phi0) * np.cos(phi) * np.cos(lam)
    angle = np.arctan2(np.hypot(x, y), cosine)
    scale = RADIUS * np.where(angle > 0.0, angle / np.sin(np.maximum(angle, 1e-12)), 1.0)
    return scale * x, scale * y


def write(path, values, transform, crs=MOON, **tags):
    """Write a raster; `tags` may be units, scales, offsets or creation options."""
    import rasterio

    values = np.asarray(values)
    bands = values if values.ndim == 3 else values[None]
    after = {key: tags.pop(key) for key in ("units", "scales", "offsets") if key in tags}
    shape = {"width": bands.shape[2], "height": bands.shape[1], "count": len(bands)}
    options = {"driver": "GTiff", "dtype": bands.dtype.name, **tags}
    with rasterio.open(path, "w", transform=transform, crs=crs, **shape, **options) as dataset:
        dataset.write(bands)
        for key, value in after.items():
            setattr(dataset, key, value)
    return path


def square(step=CELL, size=400):
    """Return the transform of a square around the target, in metres, and its places."""
    from rasterio.transform import from_origin

    x = (np.arange(size) + 0.5 - size / 2) * step
    return from_origin(-size * step / 2, size * step / 2, step, step), *np.meshgrid(x, x[::-1])


def degrees(where, step_m, rows, columns=None):
    """Return the transform of a map in degrees around a place, and its latitudes and longitudes."""
    from rasterio.transform import from_origin

    step = step_m / METRE
    columns = rows if columns is None else columns
    west, top = where[1] - 0.5 * columns * step, where[0] + 0.5 * rows * step
    longitude = west + (np.arange(columns) + 0.5) * step
    latitude = top - (np.arange(rows) + 0.5) * step
    return from_origin(west, top, step, step), *np.meshgrid(latitude, longitude, indexing="ij")


def projected(crs, where, step, size):
    """Return a transform around a place in a projection, and the latitudes and longitudes."""
    from rasterio.transform import from_origin
    from rasterio.warp import transform

    (x0,), (y0,) = transform(MOON, crs, [where[1]], [where[0]])
    _, east, north = square(step, size)
    longitude, latitude = transform(crs, MOON, (x0 + east).ravel(), (y0 + north).ravel())
    half = 0.5 * size * step
    grid = from_origin(x0 - half, y0 + half, step, step)
    return grid, np.reshape(latitude, east.shape), np.reshape(longitude, east.shape)


def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def load(path, where=WHERE, cell=CELL, cells=CELLS):
    return load_dem(str(path), digest(path), *where, cell, cells)


def middle(measured, share=0.375):
    """Heights about the target that the window's fading leaves alone, southernmost row first."""
    tile = np.fft.fftshift(measured.tile).astype(np.float64)
    edge = round(len(tile) * (0.5 - share)) + 1
    return tile[edge:-edge, edge:-edge]


def expected(relief, cell=CELL, cells=CELLS, share=0.375):
    """A function of east and north at the same places."""
    offset = (np.arange(cells) - cells // 2) * cell
    edge = round(cells * (0.5 - share)) + 1
    return relief(*np.meshgrid(offset, offset))[edge:-edge, edge:-edge]


def assert_same_relief(measured, relief, atol, **window):
    """Assert that a measured ground is a function of east and north, but for a constant."""
    error = middle(measured) - expected(relief, **window)
    np.testing.assert_allclose(error - error[len(error) // 2, len(error) // 2], 0.0, atol=atol)


def write_ascii(path, step=10.0, size=700, relief=hill, gap=None, left=None):
    """Write a square ESRI ASCII grid around the target, in metres; it may lie farther east."""
    x = (np.arange(size) + 0.5 - size / 2) * step
    east, north = np.meshgrid(x, x[::-1])
    z = relief(east, north)
    if gap is not None:
        z = np.where(gap(east, north), -9999.0, z)
    corner = -size * step / 2
    head = f"ncols {size}\nnrows {size}\nxllcorner {corner if left is None else left}\n"
    rest = f"yllcorner {corner}\ncellsize {step}\nNODATA_value -9999\n"
    rows = "\n".join(" ".join(f"{v:.4f}" for v in row) for row in z)
    path.write_text(f"{head}{rest}{rows}\n", encoding="ascii")
    return path
