"""The inertial unit from its spec to the laws of its errors, in SI."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lunar_env.data.constants import G0
from lunar_env.sim.table import INERTIAL_DRAWS
from lunar_env.specs.quantity import Draw

if TYPE_CHECKING:
    from lunar_env.specs.inertial import InertialSpec

__all__ = ["inertial_laws"]

_HOUR = 3600.0
_ARCSEC = math.radians(1.0 / 3600.0)
# Those two are sizes of a noise that goes on, the others are drawn once.
_WALKS = ("velocity_walk", "angle_walk")


def inertial_laws(unit: InertialSpec, factor: float) -> tuple[Draw, ...]:
    """Laws of the errors of a unit in the order of `INERTIAL_DRAWS`, all times `factor`."""
    one_sigma = {
        "accel_bias": unit.accel_bias_ug * 1e-6 * G0,
        "accel_scale": unit.accel_scale_ppm * 1e-6,
        "gyro_bias": math.radians(unit.gyro_bias_deg_h) / _HOUR,
        "gyro_scale": unit.gyro_scale_ppm * 1e-6,
        "misalignment": math.radians(unit.misalignment_deg),
        "star_tracker_across": unit.star_tracker_across_arcsec * _ARCSEC,
        "star_tracker_along": unit.star_tracker_along_arcsec * _ARCSEC,
        "velocity_walk": unit.velocity_walk_ug_sqrt_Hz * 1e-6 * G0,
        "angle_walk": math.radians(unit.angle_walk_deg_sqrt_h) / math.sqrt(_HOUR),
    }
    return tuple(_law(name, factor * one_sigma[name]) for name in INERTIAL_DRAWS)


def _law(name: str, size: float) -> Draw:
    if size == 0.0 or name in _WALKS:
        return Draw("constant", (size,))
    return Draw("normal", (0.0, size))
