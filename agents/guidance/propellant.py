"""Propellant that a pilot believes it has: mass, change of velocity, time.

The mass is not observed, but ``T / (m g)`` rises as propellant goes: the two together give it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lunar_env.data.constants import G0

if TYPE_CHECKING:
    from ..base import Float64Array
    from ..observation import Reading

__all__ = ["Budget", "delta_v_left", "hover_time", "start_budget"]

_LEAST_KG = 1.0  # that must be used before the change of the ratio gives the mass
_LEAST_DRY_KG = 1.0


class Budget(NamedTuple):
    """Propellant and thrust-to-weight at the start of the episode: they give the mass later."""

    propellant_kg: Float64Array
    thrust_to_weight: Float64Array


def start_budget(reading: Reading) -> Budget:
    """Store propellant and thrust-to-weight ratio of the first step."""
    return Budget(reading.propellant_kg, reading.thrust_to_weight)


def hover_time(reading: Reading, budget: Budget) -> Float64Array:
    """Time (n,) [s] that the propellant lasts in a hover; inf while the mass is not known.

    Hovering burns m g / v_e.
    """
    mass = _mass(reading, budget)
    per_kg = reading.isp_s * G0 / reading.gravity_m_s2
    known = np.isfinite(mass)
    time: Float64Array = np.where(
        known, reading.propellant_kg / np.where(known, mass, 1.0) * per_kg, np.inf
    )
    return time


def delta_v_left(reading: Reading, budget: Budget) -> Float64Array:
    """Change of velocity (n,) [m/s] that the propellant allows; inf while the mass is not known.

    Rocket equation, ``v_e ln(m / (m - p))``.
    """
    mass = _mass(reading, budget)
    known = np.isfinite(mass)
    dry = np.maximum(np.where(known, mass, 1.0) - reading.propellant_kg, _LEAST_DRY_KG)
    change: Float64Array = np.where(
        known, reading.isp_s * G0 * np.log1p(np.maximum(reading.propellant_kg, 0.0) / dry), np.inf
    )
    return change


def _mass(reading: Reading, budget: Budget) -> Float64Array:
    """Mass now (n,) [kg]; inf while it is not known."""
    used = budget.propellant_kg - reading.propellant_kg
    shrink = 1.0 - budget.thrust_to_weight / reading.thrust_to_weight
    known = (used > _LEAST_KG) & (shrink > 1e-3)
    mass: Float64Array = np.where(known, used / np.where(known, shrink, 1.0) - used, np.inf)
    return mass
