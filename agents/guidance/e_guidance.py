"""E-guidance: linear acceleration to the target, the law that landed Blue Ghost.

Of all paths to a position and a velocity in a given time under constant gravity, that with the
least integral of squared thrust has a thrust acceleration linear in time::

    a = 6 (r_f - r - v t) / t^2 - 2 (v_f - v) / t - g

The time to go t is searched (`search.py`), and the burn delayed while that is cheaper (`flyer.py`).

References
----------
Cherry, "A general, explicit, optimizing guidance law for rocket-propelled spaceflight", AIAA
64-638, 1964. D'Souza, "An optimal guidance law for planetary landing", AIAA 97-3709, 1997. In terms
of zero-effort miss and velocity: Ebrahimi, Bahrami and Roshanian, Acta Astronautica 62, 2008.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from .flyer import fly_plan, start_plan
from .polynomial import Shape
from .search import SearchGains
from .types import TerminalGains

if TYPE_CHECKING:
    from ..base import Float64Array, PilotState
    from .types import VectorInput

__all__ = ["EGuidanceLaw"]

_LINEAR: Final = Shape(0.0, 1.0)


@dataclass(frozen=True, slots=True)
class EGuidanceLaw:
    """Linear acceleration with a searched time to go."""

    gains: SearchGains = field(default_factory=SearchGains)
    terminal: TerminalGains = field(default_factory=TerminalGains)
    name: str = "e-guidance"

    def start(self, rows: int) -> PilotState:
        """Return a memory without a plan."""
        return start_plan(rows)

    def command(self, inputs: VectorInput, memory: PilotState) -> tuple[Float64Array, PilotState]:
        """Return the thrust acceleration (n, 3) [m/s^2, L] and the new memory."""
        return fly_plan(inputs, memory, _LINEAR, self.gains, self.terminal)
