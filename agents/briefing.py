"""From what a filter believes to what a guidance law is told.

Both kinds of law get the state at which a new command begins to act, which is the present carried
on by the engine's lag, and, while blind, a height on the low side of the uncertainty.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lunar_env.data.constants import G0

from .guidance.blind import BlindGains, Budget, blind_descent
from .guidance.moon import Moon
from .guidance.steering import body_axis, from_local_vertical
from .guidance.types import Motion, Situation

if TYPE_CHECKING:
    from .base import Float64Array
    from .guidance.types import TerminalGains
    from .navigation.types import Estimate
    from .observation import Reading

__all__ = ["Briefing", "Outlook"]


class Outlook(NamedTuple):
    """The lander when a new command begins to act; rows first, frame L."""

    height_m: Float64Array  # (n,), low side while blind
    r_m: Float64Array  # (n, 3), place of that height
    v_m_s: Float64Array  # (n, 3)
    up: Float64Array  # (n, 3), local vertical
    axis: Float64Array  # (n, 3), of the thrust, now
    pull_m_s2: Float64Array  # (n, 3), gravity
    thrust_m_s2: Float64Array  # (n,), installed thrust over the present mass
    blind_rate_m_s: Float64Array  # (n,), descend no slower at the end; zero once seen
    descent_sigma_m_s: Float64Array  # (n,)


@dataclass(frozen=True, slots=True)
class Briefing:
    """How a pilot looks at what its filter believes."""

    trusting: bool
    blind: BlindGains
    moon: Moon

    def under(self, reading: Reading) -> Briefing:
        """Return the same with the gravity that is observed: one environment has one."""
        g = float(reading.gravity_m_s2.max(initial=0.0))
        return replace(self, moon=self.moon._replace(g_m_s2=g))

    def outlook(self, estimate: Estimate, reading: Reading, budget: Budget) -> Outlook:
        """Carry the believed state on by the lag, and choose the height to fly on."""
        height, blind_rate = estimate.height_m, np.zeros_like(estimate.height_m)
        if not self.trusting:
            height = height - self.blind.sigmas * estimate.height_sigma_m
            rate = blind_descent(estimate, reading, budget, self.blind)
            blind_rate = np.where(estimate.seen, blind_rate, rate)
        r = self.moon.place(estimate.x_m, estimate.y_m, height)
        v = np.stack((estimate.v_x_m_s, estimate.v_y_m_s, estimate.v_z_m_s), axis=1)
        axis, most = body_axis(reading), reading.gravity_m_s2 * reading.thrust_to_weight
        # A first-order lag is, to the impulse, a delay during which the thrust stays as it is.
        lag = reading.engine_lag_s[:, np.newaxis]
        pull = self.moon.pull(r)
        a = pull + axis * (reading.thrust_frac * most)[:, np.newaxis]
        r, v = r + lag * (v + 0.5 * lag * a), v + lag * a
        up = self.moon.up(r)
        height = self.moon.height(r)
        return Outlook(height, r, v, up, axis, pull, most, blind_rate, estimate.v_z_sigma_m_s)

    def situation(self, outlook: Outlook, reading: Reading) -> Situation:
        """Return what a law of the throttle is told."""
        climb = np.sum(outlook.v_m_s * outlook.up, axis=1)
        flat = outlook.v_m_s - climb[:, np.newaxis] * outlook.up
        return Situation(
            height=outlook.height_m,
            descent=-climb,
            lateral=np.linalg.norm(flat, axis=1),
            descent_sigma=outlook.descent_sigma_m_s,
            blind_rate=outlook.blind_rate_m_s,
            thrust_ratio=reading.thrust_to_weight,
            throttle_min=reading.throttle_min_frac,
            v_e=reading.isp_s * G0,
            gravity=reading.gravity_m_s2,
        )

    def motion(
        self, outlook: Outlook, reading: Reading, terminal: TerminalGains, steered: bool
    ) -> Motion:
        """Return what a law of the thrust vector is told.

        Where the place cannot be steered to, the lander's own vertical stands for the target's,
        and gravity is less by the curvature of its path: the Moon is flat then.
        """
        rows = len(outlook.height_m)
        r, v, pull, moon = outlook.r_m, outlook.v_m_s, outlook.pull_m_s2, self.moon
        if not steered and not moon.flat:
            v = from_local_vertical(v, outlook.up)
            distance = moon.radius_m + outlook.height_m
            lift = (v[:, 0] ** 2 + v[:, 1] ** 2) / distance - np.linalg.norm(pull, axis=1)
            nothing = np.zeros(rows)
            r = np.stack((nothing, nothing, outlook.height_m), axis=1)
            pull, moon = np.stack((nothing, nothing, lift), axis=1), Moon()
        end, end_v = np.zeros((rows, 3)), np.zeros((rows, 3))
        end[:, 2] = terminal.handover_m
        known = terminal.touchdown_m_s + terminal.doubt * outlook.descent_sigma_m_s
        end_v[:, 2] = -np.maximum(known, outlook.blind_rate_m_s)
        return Motion(
            r_m=r,
            v_m_s=v,
            end_m=end,
            end_m_s=end_v,
            g_m_s2=pull,
            thrust_m_s2=outlook.thrust_m_s2,
            throttle_min=reading.throttle_min_frac,
            v_e_m_s=reading.isp_s * G0,
            time_s=reading.elapsed_s,
            steered=steered,
            moon=moon,
        )
