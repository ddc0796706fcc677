"""Apollo's quadratic guidance, P63 and P64: position, velocity and acceleration at the end.

    a = a_f + 12 (r_f - r) / t^2 - 6 (v + v_f) / t

The total acceleration is quadratic in time. Here the time to go is searched as for the other laws;
the Lunar Module found it from one more condition, the jerk along its track: `lunar_module.py` flies
that, with its targets. P66, the constant rate of descent that follows, is in `terminal.py`.

References
----------
Klumpp, "Apollo lunar descent guidance", Automatica 10(2), 1974.
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

__all__ = ["ApolloGains", "ApolloLaw"]


@dataclass(frozen=True, slots=True)
class ApolloGains(SearchGains):
    """Numbers of the law, besides those of the search."""

    # m/s2, upwards at the end. P64 had -0.08 upwards and -0.16 along the ground: almost none,
    # which ends the approach in a hover.
    a_end_m_s2: float = 0.0


@dataclass(frozen=True, slots=True)
class ApolloLaw:
    """Quadratic acceleration with a searched time to go."""

    gains: ApolloGains = field(default_factory=ApolloGains)
    terminal: TerminalGains = field(default_factory=TerminalGains)
    name: str = "apollo"

    def start(self, rows: int) -> PilotState:
        """Return a memory without a plan."""
        return start_plan(rows)

    def command(self, inputs: VectorInput, memory: PilotState) -> tuple[Float64Array, PilotState]:
        """Return the thrust acceleration (n, 3) [m/s^2, L] and the new memory."""
        shape = Shape(1.0, 2.0, (0.0, 0.0, self.gains.a_end_m_s2))
        return fly_plan(inputs, memory, shape, self.gains, self.terminal)
