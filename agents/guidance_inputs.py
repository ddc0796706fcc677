"""From the estimate of a filter to the inputs of a guidance law.

Laws of both kinds get the state at which a new command begins to act, predicted from the present
over the engine's lag, and, before the first range, a height on the low side of the uncertainty.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lunar_env.data.constants import G0

from .base import X, Y, Z
from .guidance.blind import BlindGains, blind_descent
from .guidance.moon import Moon
from .guidance.propellant import Budget, delta_v_left
from .guidance.steering import body_axis, from_local_vertical
from .guidance.types import ThrottleInput, VectorInput

if TYPE_CHECKING:
    from .base import Float64Array
    from .guidance.types import TerminalGains
    from .navigation.types import Estimate
    from .observation import Reading

__all__ = ["GuidanceInputs", "PredictedState"]


class PredictedState(NamedTuple):
    """The lander when a new command begins to act; rows first, frame L."""

    height_m: Float64Array  # (n,), on the low side before the first range
    r_m: Float64Array  # (n, 3), position at that height
    v_m_s: Float64Array  # (n, 3)
    up: Float64Array  # (n, 3), local vertical
    thrust_axis: Float64Array  # (n, 3), now
    gravity_m_s2: Float64Array  # (n, 3)
    thrust_m_s2: Float64Array  # (n,), installed thrust over the present mass
    blind_rate_m_s: Float64Array  # (n,), least descent rate at the end; zero after the first range
    descent_sigma_m_s: Float64Array  # (n,)
    dv_left_m_s: Float64Array  # (n,), of the propellant; inf while it is not known


@dataclass(frozen=True, slots=True)
class GuidanceInputs:
    """How a pilot turns the estimate of its filter into the inputs of its law.

    Parameters
    ----------
    trusting : bool
        Use the estimated height itself before the first range, not the low side of it.
    blind : BlindGains
        How far to the low side, and the descent rate there.
    moon : Moon
        Gravity and the reference surface.
    """

    trusting: bool
    blind: BlindGains
    moon: Moon

    def with_observed_gravity(self, reading: Reading) -> GuidanceInputs:
        """Return the same with the gravity that is observed: one environment has one."""
        g = float(reading.gravity_m_s2.max(initial=0.0))
        return replace(self, moon=self.moon._replace(g_m_s2=g))

    def predict(self, estimate: Estimate, reading: Reading, budget: Budget) -> PredictedState:
        """Predict the estimated state over the engine's lag, and choose the height to fly on."""
        height, blind_rate = estimate.height_m, np.zeros_like(estimate.height_m)
        if not self.trusting:
            height = height - self.blind.sigmas * estimate.height_sigma_m
            rate = blind_descent(estimate, reading, budget, self.blind)
            blind_rate = np.where(estimate.seen, blind_rate, rate)
        r = self.moon.position(estimate.x_m, estimate.y_m, height)
        v = np.stack((estimate.v_x_m_s, estimate.v_y_m_s, estimate.v_z_m_s), axis=1)
        axis, thrust_max = body_axis(reading), reading.gravity_m_s2 * reading.thrust_to_weight
        # A first-order lag has the impulse of a delay during which the thrust does not change.
        lag = reading.engine_lag_s[:, np.newaxis]
        gravity = self.moon.gravity(r)
        a = gravity + axis * (reading.thrust_frac * thrust_max)[:, np.newaxis]
        r, v = r + lag * (v + 0.5 * lag * a), v + lag * a
        return PredictedState(
            height_m=self.moon.height(r),
            r_m=r,
            v_m_s=v,
            up=self.moon.up(r),
            thrust_axis=axis,
            gravity_m_s2=gravity,
            thrust_m_s2=thrust_max,
            blind_rate_m_s=blind_rate,
            descent_sigma_m_s=estimate.v_z_sigma_m_s,
            dv_left_m_s=delta_v_left(reading, budget),
        )

    def throttle_input(self, predicted: PredictedState, reading: Reading) -> ThrottleInput:
        """Return the input of a law that commands a throttle."""
        climb = np.sum(predicted.v_m_s * predicted.up, axis=1)
        horizontal = predicted.v_m_s - climb[:, np.newaxis] * predicted.up
        return ThrottleInput(
            height=predicted.height_m,
            descent=-climb,
            lateral=np.linalg.norm(horizontal, axis=1),
            descent_sigma=predicted.descent_sigma_m_s,
            blind_rate=predicted.blind_rate_m_s,
            thrust_to_weight=reading.thrust_to_weight,
            throttle_min=reading.throttle_min_frac,
            v_e=reading.isp_s * G0,
            gravity=reading.gravity_m_s2,
        )

    def vector_input(
        self, predicted: PredictedState, reading: Reading, terminal: TerminalGains, steered: bool
    ) -> VectorInput:
        """Return the input of a law that commands a thrust vector.

        Where the horizontal position cannot be steered, the frame is turned so that z is the
        lander's own vertical, the Moon is a plane, and gravity is less by the centrifugal
        acceleration of the path.
        """
        rows = len(predicted.height_m)
        r, v, moon = predicted.r_m, predicted.v_m_s, self.moon
        gravity = predicted.gravity_m_s2
        if not steered and not moon.flat:
            v = from_local_vertical(v, predicted.up)
            distance = moon.radius_m + predicted.height_m
            vertical = (v[:, X] ** 2 + v[:, Y] ** 2) / distance - np.linalg.norm(gravity, axis=1)
            zero = np.zeros(rows)
            r = np.stack((zero, zero, predicted.height_m), axis=1)
            gravity, moon = np.stack((zero, zero, vertical), axis=1), Moon()
        end, end_v = np.zeros((rows, 3)), np.zeros((rows, 3))
        end[:, Z] = terminal.handover_m
        known = terminal.touchdown_m_s + terminal.doubt * predicted.descent_sigma_m_s
        end_v[:, Z] = -np.maximum(known, predicted.blind_rate_m_s)
        return VectorInput(
            r_m=r,
            v_m_s=v,
            end_m=end,
            end_m_s=end_v,
            g_m_s2=gravity,
            thrust_m_s2=predicted.thrust_m_s2,
            throttle_min=reading.throttle_min_frac,
            v_e_m_s=reading.isp_s * G0,
            time_s=reading.elapsed_s,
            steered=steered,
            moon=moon,
            dv_left_m_s=predicted.dv_left_m_s,
        )
