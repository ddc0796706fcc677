"""The filter that knows of latency: every range is compared with the past it was measured in.

Dead reckoning is smooth and slowly wrong; ranges are right but late. The filter therefore
estimates the *error* of dead reckoning, height and vertical velocity, which hardly changes while
a sample travels. The innovation is formed at the sample's own time stamp, where the lander
remembers what it believed (`history.py`), and carried to the present by the error's own dynamics::

    e = true height - dead-reckoned height,  e' = b,  b' = white noise
    nu = range cos(tilt at the stamp) - sensor height - h_dr(stamp) - (e - b age)

This is the delayed-state update without a stored clone: process noise over the age is neglected,
which for a drift of millimetres per second squared it may be.

References
----------
Larsen, Andersen, Ravn and Poulsen, "Incorporation of time delayed measurements in a discrete-time
Kalman filter", IEEE CDC 1998.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from agents.navigation.history import History
from agents.navigation.types import Estimate

if TYPE_CHECKING:
    from agents.base import BoolArray, Float64Array, PilotState
    from agents.observation import Reading

__all__ = ["DelayAwareFilter", "DelayAwareGains"]


@dataclass(frozen=True, slots=True)
class DelayAwareGains:
    """Noise and gate of the filter, each with the reason for its value."""

    # Noise of 0.2 m and a bias of 0.3 m, with something to spare for slope under a tilted beam.
    range_sigma_m: float = 0.5
    # Relative part: beam tilt known to 0.1 degrees over slopes of a few degrees.
    range_sigma_frac: float = 5e-4
    # Time stamps good to 10 ms: the part of the error that grows with speed.
    stamp_sigma_s: float = 0.01
    # Accelerometer and attitude: 5 mm/s2 over a descent of 60 s is 0.3 m/s, as a random walk.
    drift_density_m_s_sqrt_s: float = 0.03
    # Five sigma: one false alarm in two million good samples, and these are only delayed.
    gate_sigmas: float = 5.0
    # The gate opens again after this many rejected samples in a row that agree with each other.
    recover_after: int = 4
    # Rejected samples agree within this much plus a tenth of the change of height between them.
    agree_m: float = 20.0


class _Error(NamedTuple):
    """Error of dead reckoning: mean and covariance."""

    e_m: Float64Array
    b_m_s: Float64Array
    p_ee: Float64Array
    p_eb: Float64Array
    p_bb: Float64Array
    seen: BoolArray
    rejects: Float64Array
    rejected_m: Float64Array


_ERROR_WIDTH = len(_Error._fields)


@dataclass(frozen=True, slots=True)
class DelayAwareFilter:
    """Two-state Kalman filter on the dead-reckoning error, innovations formed at the stamp."""

    gains: DelayAwareGains = field(default_factory=DelayAwareGains)
    name: str = "delay-aware"

    def update(
        self, reading: Reading, memory: PilotState | None, starts: BoolArray
    ) -> tuple[Estimate, PilotState]:
        """Use one observation."""
        error, history = self._recall(reading, memory, starts)
        error = self._propagated(error, reading.elapsed_s - history.time_s[:, 0])
        history = history.pushed(reading)
        for slot in range(reading.ranges.valid.shape[1]):
            if reading.ranges.valid[:, slot].any():
                error = self._measured(error, history, reading, slot)
        estimate = Estimate.vertical(
            reading,
            (reading.height_m + error.e_m, np.sqrt(error.p_ee)),
            (reading.v_z_m_s + error.b_m_s, np.sqrt(error.p_bb)),
            error.seen,
            error.rejects > 0.0,
        )
        return estimate, (*error, *history)

    def _recall(
        self, reading: Reading, memory: PilotState | None, starts: BoolArray
    ) -> tuple[_Error, History]:
        """Take the memory apart; rows that begin an episode start from dead reckoning alone."""
        zero = np.zeros_like(reading.height_m)
        fresh = _Error(
            *(zero, zero, reading.height_sigma_m**2, zero, reading.v_z_sigma_m_s**2),
            *(np.zeros(zero.shape, dtype=np.bool_), zero, zero),
        )
        if memory is None:
            return fresh, History.start(reading)
        error = _Error(*memory[:_ERROR_WIDTH])
        if starts.any():
            error = _Error(*(np.where(starts, a, b) for a, b in zip(fresh, error, strict=True)))
        return error, History(*memory[_ERROR_WIDTH:]).restarted(reading, starts)

    def _propagated(self, error: _Error, dt: Float64Array) -> _Error:
        """Covariance after `dt` seconds of constant drift; the walk enters through the drift."""
        q = self.gains.drift_density_m_s_sqrt_s**2 * dt
        p_eb = error.p_eb + dt * error.p_bb
        return error._replace(
            e_m=error.e_m + dt * error.b_m_s,
            p_ee=error.p_ee + dt * (error.p_eb + p_eb),
            p_eb=p_eb,
            p_bb=error.p_bb + q,
        )

    def _measured(self, error: _Error, history: History, reading: Reading, slot: int) -> _Error:
        """Use the samples of one slot, rows without one unchanged."""
        gains = self.gains
        valid = reading.ranges.valid[:, slot]
        slant, age = reading.ranges.range_m[:, slot], reading.ranges.age_s[:, slot]
        past = history.at(reading.elapsed_s - age)
        measured = slant * past.cos_tilt - reading.sensor_height_m
        nu = measured - past.height_m - (error.e_m - error.b_m_s * age)

        noise = gains.range_sigma_m**2 + (gains.range_sigma_frac * slant) ** 2
        noise += (gains.stamp_sigma_s * past.v_z_m_s) ** 2
        # H = [1, -age]
        hp_e = error.p_ee - age * error.p_eb
        hp_b = error.p_eb - age * error.p_bb
        innovation = hp_e - age * hp_b + noise

        good = valid & (nu**2 <= gains.gate_sigmas**2 * innovation)
        agrees = np.abs(nu - error.rejected_m) <= gains.agree_m + 0.1 * np.abs(past.v_z_m_s)
        rejects = np.where(agrees, error.rejects + 1.0, 1.0)
        reopened = valid & ~good & (rejects >= gains.recover_after)
        # Reopening admits that the height was wrong by as much as the sample says.
        hp_e = hp_e + np.where(reopened, nu**2, 0.0)
        innovation = innovation + np.where(reopened, nu**2, 0.0)
        p_ee = error.p_ee + np.where(reopened, nu**2, 0.0)

        used = good | reopened
        k_e = np.where(used, hp_e / innovation, 0.0)
        k_b = np.where(used, hp_b / innovation, 0.0)
        refused = valid & ~used
        return _Error(
            error.e_m + k_e * nu,
            error.b_m_s + k_b * nu,
            np.maximum(p_ee - k_e * hp_e, 1e-6),
            error.p_eb - k_e * hp_b,
            np.maximum(error.p_bb - k_b * hp_b, 1e-8),
            error.seen | used,
            np.where(refused, rejects, np.where(valid, 0.0, error.rejects)),
            np.where(refused, nu, error.rejected_m),
        )
