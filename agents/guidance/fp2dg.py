"""Fractional-polynomial guidance: the powers of the time to go are free parameters.

Between E-guidance (0, 1), with a low cost and a shallow path, and Apollo's quadratic (1, 2), with a
high cost and a steep path, are laws that end with a chosen acceleration at a low cost: with (0.3,
0.4) the acceleration stays near its peak for most of the descent and reaches the final one in the
last seconds.

References
----------
Lu, "Theory of fractional-polynomial powered descent guidance", JGCD 43(3), 2020.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .flyer import fly_plan, start_plan
from .polynomial import Shape
from .search import SearchGains
from .types import TerminalGains

if TYPE_CHECKING:
    from ..base import Float64Array, PilotState
    from .types import VectorInput

__all__ = ["Fp2dgGains", "Fp2dgLaw"]


@dataclass(frozen=True, slots=True)
class Fp2dgGains(SearchGains):
    """Numbers of the law, besides those of the search."""

    # The powers from which Lu's optimisation of a whole powered descent starts.
    g1: float = 0.3
    g2: float = 0.4
    # m/s2, upwards at the end: none, so that the thrust ends as the hover that follows.
    a_end_m_s2: float = 0.0


@dataclass(frozen=True, slots=True)
class Fp2dgLaw:
    """Two fractional powers of a searched time to go."""

    gains: Fp2dgGains = field(default_factory=Fp2dgGains)
    terminal: TerminalGains = field(default_factory=TerminalGains)
    name: str = "fp2dg"

    def start(self, rows: int) -> PilotState:
        """Return a memory without a plan."""
        return start_plan(rows)

    def command(self, inputs: VectorInput, memory: PilotState) -> tuple[Float64Array, PilotState]:
        """Return the thrust acceleration (n, 3) [m/s^2, L] and the new memory."""
        gains = self.gains
        shape = Shape(gains.g1, gains.g2, (0.0, 0.0, gains.a_end_m_s2))
        return fly_plan(inputs, memory, shape, gains, self.terminal)
