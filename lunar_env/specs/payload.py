"""What a lander carries for others."""

from __future__ import annotations

from lunar_env.specs.base import Spec
from lunar_env.specs.quantity import Positive, Prose

__all__ = ["PayloadSpec"]


class PayloadSpec(Spec):
    """One line of a mission's manifest; the lander's `payload_kg` is what flies."""

    name: str
    """What it is."""
    owner: Prose
    """Whose it is."""
    mass_kg: Positive
    """Its mass."""
