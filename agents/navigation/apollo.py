"""The rule of the lunar module's computer, R12: a weight instead of a covariance.

Every two seconds the newest range, corrected for the lander's motion since its time stamp, is
compared with the height, and the difference is added with a weight that decreases with height.
Below high gate a difference that is not reasonable is discarded: the next measurement is tested
independently, and a lamp warns the crew of several bad ones. Nothing is ever locked out. The
velocimeter's measurements are treated in the same way, with another test and other weights.

The crew checked the difference before they let the computer use it; here it is used from the first
measurement on. The computer had no covariance: the variance given here follows from the weights and
is not part of the rule.

References
----------
Luminary 099, "Landing Analog Displays" and "Landing Radar Read" routines (R12), and the erasable
pad-load of LM-5, NASA SNA-8-D-027(II), Table LM5/4.5.1-1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from .mounting import beam_cosine
from .types import Estimate

if TYPE_CHECKING:
    from ..base import BoolArray, Float64Array, PilotState
    from ..observation import Reading

__all__ = ["ApolloFilter", "ApolloGains"]

_FOOT: Final = 0.3048


@dataclass(frozen=True, slots=True)
class ApolloGains:
    """Pad loads of LM-5, and assumed values of what had none."""

    period_s: float = 2.0
    # LRWH, LRHMAX: 50,000 ft.
    height_weight: float = 0.35
    height_max_m: float = 15_240.0
    # DELQFIX: 200 ft decoded from the octal, 50 ft in the documents.
    height_slack_m: float = 200.0 * _FOOT
    height_slack_frac: float = 0.125
    # High gate: Apollo 11 passed it at 2.1 to 2.3 km. Above, every measurement is accepted.
    high_gate_m: float = 2250.0
    # Apollo 11 had updated from 10 km down by then. For flights that begin lower the test waits for
    # this many updates, which leave 5 % of the first error.
    settled_after: float = 8.0
    # LRWV, LRVMAX: 2,000 ft/s, VF: 200 ft/s, and the weights below it and in P65 to P67.
    speed_weight: float = 0.3
    speed_max_m_s: float = 2000.0 * _FOOT
    slow_m_s: float = 200.0 * _FOOT
    slow_weight: float = 0.2
    final_weight: float = 0.1
    # Low gate, where P64 gave way to P65 to P67: 500 ft.
    low_gate_m: float = 500.0 * _FOOT
    # The test of velocity.
    speed_slack_m_s: float = 7.5 * _FOOT
    speed_slack_frac: float = 0.125
    # Of a measurement, for the variance given: the noise, and half the travel in a stamp's 10 ms.
    range_sigma_m: float = 0.5
    velocity_sigma_m_s: float = 0.3


class _Memory(NamedTuple):
    """Corrections of dead reckoning, and the status; arrays of shape (n,)."""

    d_x_m: Float64Array
    d_y_m: Float64Array
    d_height_m: Float64Array
    d_v_x_m_s: Float64Array
    d_v_y_m_s: Float64Array
    d_v_z_m_s: Float64Array
    height_var: Float64Array
    v_z_var: Float64Array
    lateral_var: Float64Array
    time_s: Float64Array  # of the last call
    v_x_m_s: Float64Array  # of dead reckoning, at the last call
    v_y_m_s: Float64Array
    v_z_m_s: Float64Array
    height_due_s: Float64Array  # when the next range is used
    speed_due_s: Float64Array
    good: Float64Array  # one bit for each of the last four ranges, newest first: 15 if all good
    updates: Float64Array  # number of ranges used
    seen: BoolArray


@dataclass(frozen=True, slots=True)
class ApolloFilter:
    """R12 on dead reckoning; implements `NavigationFilter`."""

    gains: ApolloGains = field(default_factory=ApolloGains)
    name: str = "apollo"
    needs_truth: bool = False

    def update(
        self, reading: Reading, memory: PilotState | None, starts: BoolArray
    ) -> tuple[Estimate, PilotState]:
        """Use one observation; see `NavigationFilter.update`."""
        now = _start(reading)
        if memory is not None:
            old = _Memory(*memory)
            now = _Memory(*(np.where(starts, a, b) for a, b in zip(now, old, strict=True)))
        dt = reading.elapsed_s - now.time_s
        rate = [
            np.where(dt > 0.0, (new - old) / np.where(dt > 0.0, dt, 1.0), 0.0)
            for new, old in (
                (reading.v_x_m_s, now.v_x_m_s),
                (reading.v_y_m_s, now.v_y_m_s),
                (reading.v_z_m_s, now.v_z_m_s),
            )
        ]
        now = self._propagated(now, reading, dt)
        now = self._heights(now, reading, rate[2])
        now = self._speeds(now, reading, rate)
        return self._estimate(now, reading), tuple(now)

    @staticmethod
    def _propagated(now: _Memory, reading: Reading, dt: Float64Array) -> _Memory:
        """Propagate the corrections and the variance of the height."""
        drift = dt * np.sqrt(now.v_z_var)
        height_var = np.where(now.seen, (np.sqrt(now.height_var) + drift) ** 2, now.height_var)
        return now._replace(
            d_x_m=now.d_x_m + dt * now.d_v_x_m_s,
            d_y_m=now.d_y_m + dt * now.d_v_y_m_s,
            d_height_m=now.d_height_m + dt * now.d_v_z_m_s,
            height_var=np.where(now.seen, height_var, reading.height_sigma_m**2),
            time_s=reading.elapsed_s,
            v_x_m_s=reading.v_x_m_s,
            v_y_m_s=reading.v_y_m_s,
            v_z_m_s=reading.v_z_m_s,
        )

    def _heights(self, now: _Memory, reading: Reading, rate: Float64Array) -> _Memory:
        """Use the newest range, if two seconds have passed since the last one."""
        g, samples = self.gains, reading.ranges
        slot = samples.valid.shape[1] - 1 - np.argmax(samples.valid[:, ::-1], axis=1)
        rows = np.arange(len(slot))
        slant, age = samples.range_m[rows, slot], samples.age_s[rows, slot]
        due = samples.valid[rows, slot] & (reading.elapsed_s >= now.height_due_s)
        height = reading.height_m + now.d_height_m
        due &= height < g.height_max_m
        # Motion since the time stamp, along the vertical; the computer knew its acceleration.
        travel = age * (reading.v_z_m_s + now.d_v_z_m_s - 0.5 * age * rate)
        measured = slant * beam_cosine(reading) - reading.sensor_height_m + travel
        residual = measured - height
        slack = g.height_slack_m + g.height_slack_frac * np.maximum(height, 0.0)
        tested = (height <= g.high_gate_m) & (now.updates >= g.settled_after)
        good = (np.abs(residual) < slack) | ~tested
        used = due & good
        weight = g.height_weight * (1.0 - np.clip(height, 0.0, g.height_max_m) / g.height_max_m)
        weight = np.where(used, weight, 0.0)
        var = (1.0 - weight) ** 2 * now.height_var + (weight * g.range_sigma_m) ** 2
        bits = np.mod(2.0 * now.good, 16.0) + good
        return now._replace(
            d_height_m=now.d_height_m + np.where(used, weight * residual, 0.0),
            height_var=np.where(used, var, now.height_var),
            height_due_s=np.where(due, reading.elapsed_s + g.period_s, now.height_due_s),
            good=np.where(due, bits, now.good),
            updates=now.updates + used,
            seen=now.seen | used,
        )

    def _speeds(self, now: _Memory, reading: Reading, rate: list[Float64Array]) -> _Memory:
        """Use the newest velocity, each component separately."""
        g, aids = self.gains, reading.aids
        believed = [
            reading.v_x_m_s + now.d_v_x_m_s,
            reading.v_y_m_s + now.d_v_y_m_s,
            reading.v_z_m_s + now.d_v_z_m_s,
        ]
        speed = np.sqrt(believed[0] ** 2 + believed[1] ** 2 + believed[2] ** 2)
        due = aids.dvl_new & (reading.elapsed_s >= now.speed_due_s) & (speed < g.speed_max_m_s)
        low = reading.height_m + now.d_height_m < g.low_gate_m
        weight = g.speed_weight * (1.0 - speed / g.speed_max_m_s)
        weight = np.where(speed < g.slow_m_s, g.slow_weight, weight)
        weight = np.where(low, g.final_weight, weight)
        slack = g.speed_slack_m_s + g.speed_slack_frac * speed
        seen = (aids.dvl_v_x_m_s, aids.dvl_v_y_m_s, aids.dvl_v_z_m_s)
        residuals = [
            s + aids.dvl_age_s * r - m for s, r, m in zip(seen, rate, believed, strict=True)
        ]
        weights = [
            np.where(due & (np.abs(residual) < slack), weight, 0.0) for residual in residuals
        ]
        corrected = [
            old + np.where(gain > 0.0, gain * residual, 0.0)
            for old, gain, residual in zip(
                (now.d_v_x_m_s, now.d_v_y_m_s, now.d_v_z_m_s), weights, residuals, strict=True
            )
        ]
        noise = g.velocity_sigma_m_s**2
        lateral_weight = np.minimum(weights[0], weights[1])
        return now._replace(
            d_v_x_m_s=corrected[0],
            d_v_y_m_s=corrected[1],
            d_v_z_m_s=corrected[2],
            v_z_var=(1.0 - weights[2]) ** 2 * now.v_z_var + weights[2] ** 2 * noise,
            lateral_var=(1.0 - lateral_weight) ** 2 * now.lateral_var + lateral_weight**2 * noise,
            speed_due_s=np.where(due, reading.elapsed_s + g.period_s, now.speed_due_s),
        )

    @staticmethod
    def _estimate(now: _Memory, reading: Reading) -> Estimate:
        bits = np.floor(now.good[:, np.newaxis] / (1.0, 2.0, 4.0, 8.0))
        lamp = 4 - np.count_nonzero(bits % 2.0, axis=1) >= 2
        return Estimate(
            reading.height_m + now.d_height_m,
            np.sqrt(now.height_var),
            reading.v_z_m_s + now.d_v_z_m_s,
            np.sqrt(now.v_z_var),
            now.seen,
            reading.x_m + now.d_x_m,
            reading.y_m + now.d_y_m,
            reading.horizontal_sigma_m,
            reading.v_x_m_s + now.d_v_x_m_s,
            reading.v_y_m_s + now.d_v_y_m_s,
            np.sqrt(now.lateral_var),
            lamp,
        )


def _start(reading: Reading) -> _Memory:
    """Memory at the start of an episode: dead reckoning alone."""
    zero = np.zeros_like(reading.height_m)
    return _Memory(
        zero,
        zero,
        zero,
        zero,
        zero,
        zero,
        reading.height_sigma_m**2,
        reading.v_z_sigma_m_s**2,
        reading.v_lateral_sigma_m_s**2,
        reading.elapsed_s,
        reading.v_x_m_s,
        reading.v_y_m_s,
        reading.v_z_m_s,
        zero,
        zero,
        zero + 15.0,
        zero,
        np.zeros(zero.shape, dtype=np.bool_),
    )
