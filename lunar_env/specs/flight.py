"""The flight: what ailed one mission on its day, and how the day is flown again."""

from __future__ import annotations

from typing import Literal

from lunar_env.specs.scenario import ScenarioSpec

__all__ = ["FlightSpec"]


class FlightSpec(ScenarioSpec):
    """A mission's own scenario, ``scenario="flight"``, in ``lunar_env/data/flights``.

    It holds causes only. What they lead to follows from physics, sensors and the pilot; the two
    texts tell which of the causes were chosen for what is known of the end, and which were not.
    """

    phase: Literal["terminal", "approach", "powered"]
    """Phase from which the day is flown again; the scenario itself works in every phase."""
    control: Literal["throttle", "thrust_vector"]
    """What the mission's own pilot commands there."""
    fitted: str
    """Which numbers were adjusted until the flight came out as published."""
    predicted: str
    """Which published figures come out without having been aimed at."""
