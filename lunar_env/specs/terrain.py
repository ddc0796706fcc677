"""The terrain: its statistics, and the landforms of a site.

`TerrainSpec` is what a file of ``data/terrains`` holds. The relief is made to the laws given here
by `lunar_env.terrain`; a measured elevation model can take the place of all but the finest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from lunar_env import terrain as ground
from lunar_env.errors import ConfigError
from lunar_env.specs.base import Spec
from lunar_env.specs.quantity import Name, Positive, Prose

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "CratersSpec",
    "DemSpec",
    "FeatureSpec",
    "ReliefSpec",
    "RocksSpec",
    "TerrainSpec",
    "make_ground",
]

Hurst = Annotated[float, Field(gt=0.0, lt=1.0)]
Slope = Annotated[float, Field(ge=0.0, le=45.0)]
_OF_KIND = {
    "crater": ("diameter_m", "depth_m", "rim_height_m", "degradation_frac", "floor_frac"),
    "hillside": ("slope_deg", "azimuth_deg", "half_length_m"),
}
_OPTIONAL = ("degradation_frac", "floor_frac")


class ReliefSpec(Spec):
    """Roughness, craters and rocks together: how slopes depend on the baseline."""

    rms_slope_deg: Slope
    """RMS slope along a profile over `baseline_m`; 0 for smooth ground."""
    baseline_m: Positive
    """Baseline of that slope."""
    hurst: Hurst
    """Hurst exponent: RMS slope goes with the baseline to this power less one ..."""
    break_m: Positive
    """... up to about this baseline; beyond, roughness saturates ..."""
    hurst_beyond: Hurst
    """... and this is the exponent."""

    @model_validator(mode="after")
    def _saturates(self) -> Self:
        if self.hurst_beyond > self.hurst:
            raise ConfigError(
                f"hurst_beyond = {self.hurst_beyond:g} must not exceed hurst = {self.hurst:g}"
            )
        return self


class CratersSpec(Spec):
    """Size-frequency and shape of craters: N(>D) = density 1.54 / D^2 where they are saturated."""

    density_frac: Annotated[float, Field(ge=0.0, le=0.1)]
    """Share of geometric saturation; 0 for none."""
    production_from_m: Positive
    """Diameter above which craters are not saturated."""
    production_slope: Annotated[float, Field(ge=2.0, le=5.0)]
    """Exponent of the decrease of their number with diameter."""
    largest_m: Positive
    """Largest diameter."""
    depth_low_frac: Annotated[float, Field(gt=0.0, le=0.3)]
    """Depth over diameter is uniform from this, degraded, ..."""
    depth_high_frac: Annotated[float, Field(gt=0.0, le=0.3)]
    """... to this, fresh."""
    rim_height_frac: Annotated[float, Field(ge=0.0, le=0.1)]
    """Height of a fresh rim over diameter; proportionally less if degraded."""

    @model_validator(mode="after")
    def _worn_is_shallower(self) -> Self:
        if self.depth_low_frac > self.depth_high_frac:
            raise ConfigError(
                f"depth_low_frac = {self.depth_low_frac:g} must not exceed depth_high_frac ="
                f" {self.depth_high_frac:g}"
            )
        return self


class RocksSpec(Spec):
    """Share of the area under rocks larger than D: area exp(-D / scale)."""

    area_frac: Annotated[float, Field(ge=0.0, le=0.3)]
    """Share of the area under rocks of any size; 0 for none."""
    scale_m: Positive
    """Diameter over which that share falls by a factor e."""
    smallest_m: Annotated[float, Field(ge=0.1)]
    """Smaller ones are part of the roughness."""
    height_frac: Annotated[float, Field(gt=0.0, le=1.0)]
    """Height over diameter."""


class DemSpec(Spec):
    """A measured elevation model; it takes the place of all relief that it resolves."""

    file: str
    """GeoTIFF, PDS label or what else rasterio reads, or an ESRI ASCII grid (.asc); relative to
    the file that names it. One band of heights or radii in m or km, as the file states, in a
    reference system of the Moon; without one, in metres east and north of the target."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")]
    """Digest of that file, or of the label where it is apart: the ground is part of a result."""
    cell_m: Annotated[float, Field(ge=1.0, le=1e4)]
    """Distance between the points taken from it."""
    cells: Literal[256, 512, 1024, 2048]
    """Points along each side of the window around the target."""


class TerrainSpec(Spec):
    """A kind of terrain, statistically uniform except for the landforms of a mission."""

    name: Name
    """Name of the file, without its ending."""
    title: Prose
    """Name for people."""
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)]
    """Seed of the terrain; episodes use different parts of it."""
    relief: ReliefSpec
    """How rough it is."""
    craters: CratersSpec
    """Craters."""
    rocks: RocksSpec
    """Rocks."""
    dem: DemSpec | None = None
    """Measured elevation model, if there is one."""

    @property
    def parameters(self) -> ground.TerrainParameters:
        """The corresponding parameters of the generator."""
        relief, craters, rocks = self.relief, self.craters, self.rocks
        return ground.TerrainParameters(
            self.seed,
            ground.Relief(
                relief.rms_slope_deg,
                relief.baseline_m,
                relief.hurst,
                relief.break_m,
                relief.hurst_beyond,
            ),
            ground.Craters(
                craters.density_frac,
                craters.production_from_m,
                craters.production_slope,
                craters.largest_m,
                craters.depth_low_frac,
                craters.depth_high_frac,
                craters.rim_height_frac,
            ),
            ground.Rocks(rocks.area_frac, 1.0 / rocks.scale_m, rocks.smallest_m, rocks.height_frac),
        )


class FeatureSpec(Spec):
    """A landform of a mission's site: a crater, or a hillside, which levels out to both sides."""

    kind: Literal["crater", "hillside"]
    """Which of the two."""
    east_m: float
    """Centre, east of the target."""
    north_m: float
    """Centre, north of the target."""
    diameter_m: Annotated[float | None, Field(gt=0.0)] = None
    """Crater: diameter of the crest of its rim."""
    depth_m: Annotated[float | None, Field(ge=0.0)] = None
    """Crater: from the crest of the rim to the floor."""
    rim_height_m: Annotated[float | None, Field(ge=0.0)] = None
    """Crater: crest of the rim above the surroundings."""
    degradation_frac: Annotated[float | None, Field(ge=0.0, le=1.0)] = None
    """Crater: 0, the default, is fresh with a sharp rim; 1 is fully degraded."""
    floor_frac: Annotated[float | None, Field(ge=0.0, le=0.95)] = None
    """Crater: flat part of the diameter; a bowl if left out."""
    slope_deg: Annotated[float | None, Field(ge=0.0, le=45.0)] = None
    """Hillside: slope at its centre."""
    azimuth_deg: Annotated[float | None, Field(ge=-360.0, le=360.0)] = None
    """Hillside: direction in which it rises, clockwise from north."""
    half_length_m: Annotated[float | None, Field(gt=0.0)] = None
    """Hillside: elevation is slope * half_length * tanh(distance / half_length)."""

    @model_validator(mode="after")
    def _has_what_its_kind_has(self) -> Self:
        for kind, keys in _OF_KIND.items():
            for key in keys:
                given, wanted = getattr(self, key) is not None, kind == self.kind
                if given and not wanted:
                    raise ConfigError(f"a {self.kind} has no {key}")
                if wanted and not given and key not in _OPTIONAL:
                    raise ConfigError(f"a {self.kind} needs {key}")
        return self

    @property
    def landform(self) -> ground.Landform:
        """The corresponding parameters of the generator."""
        row = [getattr(self, key) or 0.0 for key in ("east_m", "north_m", *_OF_KIND[self.kind])]
        return ground.Crater(*row) if self.kind == "crater" else ground.Hillside(*row)


def make_ground(
    terrain: TerrainSpec,
    features: Sequence[FeatureSpec],
    latitude_deg: float,
    longitude_deg: float,
) -> ground.Ground:
    """Return tiles and header of the ground around a target, as the kernels read them."""
    measured = None
    if terrain.dem is not None:
        dem = terrain.dem
        place = latitude_deg, longitude_deg
        measured = ground.load_dem(dem.file, dem.sha256, *place, dem.cell_m, dem.cells)
    return ground.build(terrain.parameters, tuple(f.landform for f in features), measured)
