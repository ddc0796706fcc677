"""The scenario: what ails the navigation and the rangefinder in an episode."""

from __future__ import annotations

from lunar_env.specs.base import Spec
from lunar_env.specs.quantity import AnyDraw, FractionDraw, LatencyDraw, LossDraw, NonNegativeDraw
from lunar_env.specs.vehicle import Name

__all__ = ["ScenarioSpec"]


class ScenarioSpec(Spec):
    """Distributions of errors, drawn once per episode; "per sample" is said where it holds.

    Errors are what the lander believes minus the truth.
    """

    name: Name
    """Name of the file, without its ending."""
    title: str
    """Name for people."""
    description: str
    """What is wrong, in one or two sentences."""
    nav_height_error_m: AnyDraw
    """Initial error of the dead-reckoned height."""
    nav_position_error_m: AnyDraw
    """Initial error of the dead-reckoned position, per horizontal axis."""
    nav_v_vertical_error_m_s: AnyDraw
    """Initial error of the dead-reckoned vertical velocity."""
    nav_v_lateral_error_m_s: AnyDraw
    """Initial error of the dead-reckoned horizontal velocity, per axis."""
    accel_bias_m_s2: AnyDraw
    """Bias of the accelerometers, per axis: the drift of dead reckoning."""
    attitude_error_deg: AnyDraw
    """Error of the attitude estimate, per axis."""
    signal_loss_dB: LossDraw
    """Loss of optical signal against the unit in full health, over albedo, energy and optics."""
    range_noise_m: NonNegativeDraw
    """Standard deviation of the noise of each sample."""
    range_bias_m: AnyDraw
    """Constant error of the unit."""
    range_scale: AnyDraw
    """Error of the unit as a fraction of the range."""
    range_quantum_m: NonNegativeDraw
    """Resolution of the reported range; zero for none."""
    processing_s: LatencyDraw
    """Time between the end of the integration and the result."""
    extra_latency_s: LatencyDraw
    """Further time until the result reaches the computer."""
    jitter_s: LatencyDraw
    """Mean of an exponential delay that is drawn anew for each sample."""
    dropout_frac: FractionDraw
    """Probability that a sample is lost, for each sample."""
