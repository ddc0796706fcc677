"""What a navigation filter gives to a guidance law."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from agents.base import BoolArray, Float64Array, PilotState
    from agents.observation import Reading

__all__ = ["Estimate", "NavigationFilter"]


class Estimate(NamedTuple):
    """Vertical state as a filter believes it; arrays of shape (n,)."""

    height_m: Float64Array  # of the footpads above the ground
    height_sigma_m: Float64Array
    v_z_m_s: Float64Array  # upwards
    v_z_sigma_m_s: Float64Array
    seen: BoolArray  # a range has been used in this episode


class NavigationFilter(Protocol):
    """Follows the vertical state of a batch from observations alone."""

    @property
    def name(self) -> str:
        """Name used in a pilot's name, ``law+filter``."""

    def update(
        self, reading: Reading, memory: PilotState | None, starts: BoolArray
    ) -> tuple[Estimate, PilotState]:
        """Use one observation; `memory` is None, or what the last call returned."""
