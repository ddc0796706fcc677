"""The guide of a policy, as the policy's card has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Guidance", "Residual"]


@dataclass(frozen=True, slots=True)
class Residual:
    """Largest residual of the guide's command."""

    throttle: float
    """Of the throttle command, which is in [-1, 1]."""
    tilt_deg: float
    """Of the direction of the thrust [deg], high up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """The guide of a policy, and what the network has to do with it; part of the policy's card.

    Parameters
    ----------
    pilot : str
        Name of the guide, ``law+filter``.
    gains : mapping
        Its gains by group and name, as they were when the policy was trained.
    missions : mapping
        Gains of the missions that have their own, by name.
    inputs : tuple of str
        What the network sees, see `policy_inputs.INPUTS`.
    residual : Residual or None
        Limits of a residual; None for a policy that commands the throttle itself.
    """

    pilot: str
    gains: Mapping[str, Mapping[str, object]]
    missions: Mapping[str, Mapping[str, Mapping[str, object]]]
    inputs: tuple[str, ...]
    residual: Residual | None

    def gains_for(self, mission: str | None) -> Mapping[str, Mapping[str, object]]:
        """Return the gains for a mission."""
        return self.missions.get(mission or "", self.gains)
