"""A phase of the landing: how its episodes start and the box that they must stay in."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from lunar_env.errors import ConfigError, nearest
from lunar_env.specs.base import Spec
from lunar_env.specs.quantity import (
    AnyDraw,
    Draw,
    NonNegativeDraw,
    OptionalDraw,
    Positive,
    PositiveDraw,
)

__all__ = ["PHASES", "PhaseSpec", "Phases"]

PHASES = ("terminal", "approach", "powered")
_NONE = Draw("constant", (0.0,))


class PhaseSpec(Spec):
    """How the episodes of one phase start.

    The plan is that of the last kilometres: a constant deceleration from `plan_speed_m_s` at
    `plan_height_m` to `plan_touchdown_speed_m_s` on the ground. A phase without a vertical speed
    of its own starts on it, as the lander believes it.
    """

    height_m: PositiveDraw
    """Height of the pads above the level of the target that the lander believes at the start;
    truth differs by the navigation error."""
    downrange_m: NonNegativeDraw = _NONE
    """Distance to the target along the surface at the start."""
    approach_azimuth_deg: Annotated[float | None, Field(ge=0.0, le=360.0)] = None
    """Heading of the flight over ground towards the target, clockwise from north."""
    plan_height_m: Positive
    """Height at which the planned profile begins."""
    plan_speed_m_s: Positive
    """Planned speed there, downwards."""
    plan_touchdown_speed_m_s: Positive
    """Planned speed at the ground, downwards."""
    v_vertical_m_s: OptionalDraw = None
    """Vertical speed at the start, downwards, where it is not the plan's."""
    v_forward_m_s: AnyDraw = _NONE
    """Horizontal speed along the heading at the start."""
    v_cross_m_s: AnyDraw = _NONE
    """Horizontal speed across the heading at the start, to its right."""
    v_vertical_scatter_m_s: AnyDraw
    """Difference of the true vertical speed from the plan, or from the above, at the start."""
    v_lateral_m_s: AnyDraw
    """True horizontal velocity at the start, per axis, in addition."""
    position_east_m: AnyDraw
    """Position that the lander believes at the start, east of the planned one; truth differs by the
    navigation error."""
    position_north_m: AnyDraw
    """The same to the north."""
    nav_position_frac: Annotated[float, Field(ge=0.0, le=1.0)] = 1.0
    """Share of the scenario's initial error of position that is left at this start: a camera has
    removed the rest."""
    tilt_deg: AnyDraw
    """Tilt at the start, per lateral axis."""
    propellant_kg: Positive
    """Propellant left at the start."""
    box_m: Positive
    """Half width of the box around the target that the lander must stay in."""
    tilt_max_deg: Annotated[float, Field(gt=0.0, le=180.0)]
    """Largest tilt of the thrust from the local vertical that a pilot may command."""
    time_limit_s: Annotated[float | None, Field(gt=0.0)] = None
    """Longest episode, if it differs from the mission's."""

    @model_validator(mode="after")
    def _plan_slows_down(self) -> Self:
        if self.plan_touchdown_speed_m_s >= self.plan_speed_m_s:
            raise ConfigError(
                f"plan_touchdown_speed_m_s = {self.plan_touchdown_speed_m_s:g}"
                f" must be below plan_speed_m_s = {self.plan_speed_m_s:g}"
            )
        return self

    @model_validator(mode="after")
    def _comes_from_somewhere(self) -> Self:
        along = self.downrange_m, self.v_forward_m_s, self.v_cross_m_s
        if any(draw != _NONE for draw in along) and self.approach_azimuth_deg is None:
            raise ConfigError(
                "approach_azimuth_deg: is missing, downrange_m, v_forward_m_s and v_cross_m_s need"
                " a heading"
            )
        farthest = self.downrange_m.support[1]
        if farthest > self.box_m:
            raise ConfigError(
                f"downrange_m can be {farthest:g}, which is outside box_m = {self.box_m:g}"
            )
        return self

    @property
    def plan_deceleration_m_s2(self) -> float:
        """Net deceleration of the plan."""
        squares = self.plan_speed_m_s**2 - self.plan_touchdown_speed_m_s**2
        return squares / (2.0 * self.plan_height_m)


class Phases(Spec):
    """Start distributions, one per phase that the mission offers."""

    terminal: PhaseSpec | None = None
    """From a few kilometres to the ground."""
    approach: PhaseSpec | None = None
    """From several kilometres up and away to the ground."""
    powered: PhaseSpec | None = None
    """From the initiation of the powered descent to the ground."""

    @model_validator(mode="after")
    def _offers_something(self) -> Self:
        if not self.offered:
            raise ConfigError(f"must hold at least one of {', '.join(PHASES)}")
        return self

    @property
    def offered(self) -> tuple[str, ...]:
        """Names of the phases that the mission has."""
        return tuple(name for name in PHASES if getattr(self, name) is not None)

    def named(self, name: str) -> PhaseSpec:
        """Return the phase of that name.

        Parameters
        ----------
        name : str
            ``"terminal"``, ``"approach"`` or ``"powered"``.

        Returns
        -------
        PhaseSpec
            How it starts.

        Raises
        ------
        ConfigError
            If the mission has no such phase.
        """
        phase = getattr(self, name) if name in PHASES else None
        if not isinstance(phase, PhaseSpec):
            raise ConfigError(
                f"phase = {name!r}: this mission has {', '.join(self.offered)}"
                + nearest(name, self.offered)
            )
        return phase
