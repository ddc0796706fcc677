"""The scenario: errors of navigation and sensors, and engine faults, of an episode."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lunar_env.errors import ConfigError
from lunar_env.specs.base import Spec
from lunar_env.specs.engine import MAX_ENGINES
from lunar_env.specs.quantity import (
    AnyDraw,
    AsList,
    Draw,
    FactorDraw,
    Fraction,
    FractionDraw,
    LatencyDraw,
    LossDraw,
    Name,
    NonNegativeDraw,
    OptionalDraw,
    Prose,
    StepDraw,
)

__all__ = ["FaultSpec", "ScenarioSpec"]

_TRIGGERS = ("at_time_s", "below_height_m", "below_start_frac", "event")


def _at(value: float) -> Draw:
    """Return the default of a quantity that a file does not give."""
    return Draw("constant", (value,))


class FaultSpec(Spec):
    """An engine that loses thrust for the rest of the episode, from one trigger on."""

    engine: Annotated[int | None, Field(ge=1, le=MAX_ENGINES)] = None
    """Which engine, counted from 1 in the order of the lander's file; if not given, one that is
    drawn for each episode, all equally likely."""
    health_frac: Fraction
    """Remaining share of its thrust; 0 for a dead engine."""
    at_time_s: Annotated[float | None, Field(ge=0.0)] = None
    """Time since the start of the episode."""
    below_height_m: Annotated[float | None, Field(gt=0.0)] = None
    """True height of the pads above the ground."""
    below_start_frac: OptionalDraw = None
    """The same as a fraction of its value at the start: a constant, or uniform and drawn for each
    episode."""
    event: Literal["ignition", "contact"] | None = None
    """First ignition of the engine, or first contact of a pad."""

    @model_validator(mode="after")
    def _has_one_trigger(self) -> Self:
        given = [name for name in _TRIGGERS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ConfigError(
                f"must have exactly one of {', '.join(_TRIGGERS)}, has {', '.join(given) or 'none'}"
            )
        return self

    @model_validator(mode="after")
    def _is_below_the_start(self) -> Self:
        drawn = self.below_start_frac
        if drawn is None:
            return self
        low, high = drawn.support
        if drawn.kind not in ("constant", "uniform") or low < 0.0 or high > 1.0:
            raise ConfigError(
                f"below_start_frac: {drawn.kind} = {list(drawn.parameters)}: must be constant or"
                " uniform and stay in [0, 1]"
            )
        return self


class ScenarioSpec(Spec):
    """Distributions of errors, drawn once per episode unless stated per sample.

    Errors are the estimate minus the truth.
    """

    name: Name
    """Name of the file, without its ending."""
    title: Prose
    """Name for people."""
    description: Prose
    """What is wrong, in one or two sentences."""
    test_only: bool = False
    """Whether it is for testing only, not for training."""
    nav_height_error_m: AnyDraw
    """Initial error of the dead-reckoned height, estimated minus true; at most nine tenths of that
    height, so that no start is below the ground."""
    nav_height_sigma_m: AnyDraw = _at(-1.0)
    """Standard deviation of that error as assumed by the lander's computer, right or wrong; a
    negative value means that of the distribution of the error."""
    nav_height_spread_frac: FactorDraw = _at(1.0)
    """Factor of that error, drawn per episode, of which the lander's computer does not know: above
    1 it is overconfident. A drawn factor gives the error heavier tails than its distribution."""
    nav_position_error_m: AnyDraw
    """Initial error of the dead-reckoned position, per horizontal axis."""
    nav_v_vertical_error_m_s: AnyDraw
    """Initial error of the dead-reckoned vertical velocity."""
    nav_v_lateral_error_m_s: AnyDraw
    """Initial error of the dead-reckoned horizontal velocity, per axis."""
    inertial_frac: Annotated[float, Field(ge=0.0, le=100.0)] = 1.0
    """Factor of every error of the mission's inertial unit; 0 for a perfect one."""
    accel_bias_m_s2: AnyDraw
    """Additional bias of the accelerometers, per axis."""
    attitude_error_deg: AnyDraw
    """Additional initial error of the attitude, per axis."""
    signal_loss_dB: LossDraw
    """Loss of optical signal compared with a healthy rangefinder: albedo, energy and optics."""
    range_noise_m: NonNegativeDraw
    """Standard deviation of the noise of each sample."""
    range_noise_told_m: Annotated[float, Field(ge=-1.0, le=1e3)] = -1.0
    """That standard deviation as assumed by the lander's computer, right or wrong; a negative value
    means that of the distribution."""
    range_bias_m: AnyDraw
    """Constant error of the range."""
    range_scale: AnyDraw
    """Error of the unit as a fraction of the range."""
    range_quantum_m: NonNegativeDraw
    """Resolution of the reported range; 0 for none."""
    processing_s: LatencyDraw
    """Time between the end of the integration and the result."""
    extra_latency_s: LatencyDraw
    """Additional time until the result reaches the computer."""
    jitter_s: LatencyDraw
    """Mean of an exponential delay, drawn for each sample."""
    dropout_frac: FractionDraw
    """Probability that a sample is lost, for each sample."""
    energy_frac: FractionDraw = _at(1.0)
    """Energy of the laser pulses as a fraction of the design value."""
    albedo_error_frac: AnyDraw = _at(0.0)
    """Relative error of the mission's albedo."""
    threshold_error_frac: AnyDraw = _at(0.0)
    """Drift of the detection threshold with temperature, as a fraction of the design value."""
    misalignment_deg: AnyDraw = _at(0.0)
    """Rotation of the beam from its assumed direction, about each of two axes."""
    range_walk_m: AnyDraw = _at(0.0)
    """Error of a range at the detection threshold; inversely proportional to the signal."""
    outlier_frac: FractionDraw = _at(0.0)
    """Probability that a valid range lies anywhere in the gate, for each sample."""
    burst_begin_frac: FractionDraw = _at(0.0)
    """Probability that a burst of lost samples begins, for each sample ..."""
    burst_end_frac: FractionDraw = _at(1.0)
    """... and that it ends."""
    stamp_bias_s: AnyDraw = _at(0.0)
    """Stamp of a range minus its time of measurement."""
    stamp_jitter_s: LatencyDraw = _at(0.0)
    """Standard deviation of the stamp, for each sample."""
    late_frac: FractionDraw = _at(0.0)
    """Probability that the next sample overtakes this one, for each sample."""
    repeated_frac: FractionDraw = _at(0.0)
    """Probability that a sample arrives twice, for each sample."""
    frozen_frac: FractionDraw = _at(0.0)
    """Probability that a sample repeats the previous range with a new stamp."""
    dust_depth: NonNegativeDraw = _at(0.0)
    """One-way optical depth of the dust that the plume raises, at touchdown."""
    dust_return_frac: FractionDraw = _at(0.0)
    """Probability of an echo from dust where it is thick, for each sample."""
    clutter_frac: NonNegativeDraw = _at(0.0)
    """Noise of the echo that keeps pace with its signal, over the signal: the signal-to-noise ratio
    cannot exceed the inverse, however near the ground is."""
    ghost_frac: FractionDraw = _at(0.0)
    """Probability of a false echo anywhere in the gate where all noise is clutter, for each sample;
    it falls with the share of clutter in the noise."""
    warmup_s: LatencyDraw = _at(0.0)
    """Time after the start until the rangefinder begins to search."""
    unit_dead_frac: FractionDraw = _at(0.0)
    """Probability that the rangefinder is dead."""
    terrain_step_m: StepDraw = _at(0.0)
    """Height of the ground before a step on the approach, above that at the target ..."""
    terrain_step_before_m: AnyDraw = _at(0.0)
    """... whose centre is at this distance before the target."""
    propellant_frac: FractionDraw = _at(1.0)
    """Initial propellant as a fraction of that of the phase."""
    reserve_lost_frac: FractionDraw = _at(0.0)
    """Part of the mission's reserve that is gone at the start, as a fraction of `reserve_frac` of
    its file; the gauge shows it within its error."""
    engine_thrust_frac: FactorDraw = _at(1.0)
    """Thrust of every engine at any throttle, as a fraction of that which the lander assumes."""
    engine_isp_frac: FactorDraw = _at(1.0)
    """Specific impulse of every engine, likewise."""
    throttle_stick_frac: FractionDraw = _at(0.0)
    """Static friction of the throttle valves: the largest change of an engine's throttle, as a
    fraction of its full thrust, that leaves the valve where it is; a larger one moves it to the
    command. Ignition and shutdown do not stick, nor do engines without a throttle valve."""
    camera_height_bias_m: AnyDraw = _at(0.0)
    """Error of every height from the camera, of its map or of its matching."""
    camera_place_bias_m: AnyDraw = _at(0.0)
    """Error of every position from the camera, per horizontal axis."""
    camera_dead_frac: FractionDraw = _at(0.0)
    """Probability that the camera gives no fixes."""
    velocimeter_dead_frac: FractionDraw = _at(0.0)
    """Probability that the velocimeter is dead."""
    radar_dead_frac: FractionDraw = _at(0.0)
    """Probability that the radar altimeter is dead."""
    faults: Annotated[tuple[FaultSpec, ...], AsList, Field(max_length=2)] = ()
    """Engine faults."""
