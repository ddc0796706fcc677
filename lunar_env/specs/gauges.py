"""What the lander knows of its tanks and engines: a gauge and a switch, with their errors."""

from __future__ import annotations

from lunar_env.specs.base import Spec
from lunar_env.specs.quantity import AnyDraw, Draw, FractionDraw, NonNegative

__all__ = ["GaugesSpec"]

_NONE = Draw("constant", (0.0,))


class GaugesSpec(Spec):
    """Errors of the lander's own gauges, drawn once per episode."""

    propellant_scale_frac: AnyDraw = _NONE
    """Error of the propellant gauge as a fraction of what is left."""
    propellant_offset_kg: AnyDraw = _NONE
    """Constant error of the propellant gauge."""
    propellant_resolution_kg: NonNegative = 0.0
    """Smallest step of the propellant gauge; zero for none."""
    engine_switch_frac: FractionDraw = Draw("constant", (0.01,))
    """Share of the installed thrust above which the pressure switch says that engines burn."""
