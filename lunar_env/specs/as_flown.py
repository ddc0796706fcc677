"""The scenario ``as-flown``: the faults of one mission as it flew, and how it is reproduced."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from lunar_env.errors import ConfigError
from lunar_env.specs.published import PublishedFigure
from lunar_env.specs.quantity import AsList, Prose
from lunar_env.specs.scenario import ScenarioSpec

__all__ = ["AS_FLOWN", "AsFlownSpec"]

AS_FLOWN: Final = "as-flown"
"""Name of the scenario; each mission that flew has a file of it in ``lunar_env/data/as_flown``."""

# Names of `lunar_env.Outcome`.
End = Literal[
    "LANDED", "HARD_LANDING", "TIPPED", "CRASHED", "FUEL_OUT", "OUT_OF_BOUNDS", "TIME_LIMIT"
]


class AsFlownSpec(ScenarioSpec):
    """The faults that one mission had, ``scenario="as-flown"``.

    It holds causes only. The outcome follows from the physics, the sensors and the pilot. The texts
    `fitted` and `predicted` state which numbers were adjusted to the published outcome, and which
    published figures were not used.
    """

    phase: Literal["terminal", "approach", "powered"]
    """Phase from which the landing is reproduced; the scenario itself works in every phase."""
    control: Literal["throttle", "thrust_vector"]
    """Control of the mission's own pilot in that phase."""
    healthy_phase: Literal["terminal", "approach", "powered"] | None = None
    """Phase in which the same lander is flown without faults, if it differs from `phase` ..."""
    healthy_control: Literal["throttle", "thrust_vector"] | None = None
    """... and its control, if it differs from `control`."""
    own_latches: bool = False
    """Whether the filter of the mission's own pilot never uses a sensor again that it has once
    judged faulty; without this fault of its logic it may."""
    fitted: Prose
    """Which numbers were adjusted until the simulated landing matched the published one."""
    predicted: Prose
    """Which published figures the simulation reproduces without having been fitted to them."""
    ends: Annotated[tuple[End, ...], AsList, Field(min_length=1)] = ("LANDED",)
    """Simulated outcomes that count as the outcome of the mission."""
    ends_frac: Annotated[float, Field(gt=0.0, le=1.0)] = 0.9
    """Smallest share of such outcomes for the mission to count as reproduced."""
    published: Annotated[tuple[PublishedFigure, ...], AsList, Field(max_length=100)] = ()
    """Published figures of the landing, in the order in which they are shown."""

    @model_validator(mode="after")
    def _figures_are_unique(self) -> Self:
        names = [figure.name for figure in self.published]
        for name in names:
            if names.count(name) > 1:
                raise ConfigError(f"published: {name!r} appears more than once")
        return self
