"""The flight: what ailed one mission on its day, and how the day is flown again."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lunar_env.errors import ConfigError
from lunar_env.specs.published import PublishedFigure
from lunar_env.specs.quantity import AsList
from lunar_env.specs.scenario import ScenarioSpec

__all__ = ["FlightSpec"]

# Names of `lunar_env.Outcome`.
End = Literal[
    "LANDED", "HARD_LANDING", "TIPPED", "CRASHED", "FUEL_OUT", "OUT_OF_BOUNDS", "TIME_LIMIT"
]


class FlightSpec(ScenarioSpec):
    """A mission's own scenario, ``scenario="flight"``, in ``lunar_env/data/flights``.

    It holds causes only. What they lead to follows from physics, sensors and the pilot; the two
    texts tell which of the causes were chosen for what is known of the end, and which were not.
    """

    phase: Literal["terminal", "approach", "powered"]
    """Phase from which the landing is reproduced; the scenario itself works in every phase."""
    control: Literal["throttle", "thrust_vector"]
    """What the mission's own pilot commands there."""
    healthy_phase: Literal["terminal", "approach", "powered"] | None = None
    """Phase in which the same lander is flown without faults, if it is not the same: one that
    starts after what the site itself does to it."""
    fitted: str
    """Which numbers were adjusted until the flight came out as published."""
    predicted: str
    """Which published figures come out without having been aimed at."""
    ends: Annotated[tuple[End, ...], AsList, Field(min_length=1)] = ("LANDED",)
    """Outcomes here that match what happened then."""
    ends_frac: Annotated[float, Field(gt=0.0, le=1.0)] = 0.9
    """Smallest share of such outcomes here for the landing to count as reproduced."""
    published: Annotated[tuple[PublishedFigure, ...], AsList, Field(max_length=100)] = ()
    """Published figures of the landing, in the order in which they are shown."""

    @model_validator(mode="after")
    def _tells_each_figure_once(self) -> Self:
        names = [figure.name for figure in self.published]
        for name in names:
            if names.count(name) > 1:
                raise ConfigError(f"published: {name!r} appears more than once")
        return self
