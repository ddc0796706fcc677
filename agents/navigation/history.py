"""A short memory of the dead-reckoned height, to look up where the lander was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from agents.base import BoolArray, Float64Array
    from agents.observation import Reading

__all__ = ["HISTORY_LENGTH", "History", "Past"]

# 6.4 s at the control period of 0.2 s: three times the longest latency in the scenarios.
HISTORY_LENGTH: Final = 32


class Past(NamedTuple):
    """The lander at an earlier instant; arrays of shape (n,)."""

    height_m: Float64Array
    v_z_m_s: Float64Array
    cos_tilt: Float64Array


class History(NamedTuple):
    """Dead-reckoned samples, newest in column 0; arrays of shape (n, HISTORY_LENGTH)."""

    time_s: Float64Array
    height_m: Float64Array
    v_z_m_s: Float64Array
    cos_tilt: Float64Array

    @classmethod
    def start(cls, reading: Reading) -> History:
        """Fill the memory with the present: earlier instants are extrapolated from it."""
        return cls(*(np.repeat(a[:, np.newaxis], HISTORY_LENGTH, axis=1) for a in _now(reading)))

    def restarted(self, reading: Reading, starts: BoolArray) -> History:
        """Forget the past of the rows that begin an episode."""
        if not starts.any():
            return self
        mask = starts[:, np.newaxis]
        return History(
            *(np.where(mask, a[:, np.newaxis], b) for a, b in zip(_now(reading), self, strict=True))
        )

    def pushed(self, reading: Reading) -> History:
        """Append the present, dropping the oldest sample."""
        return History(
            *(
                np.concatenate((new[:, np.newaxis], old[:, :-1]), axis=1)
                for new, old in zip(_now(reading), self, strict=True)
            )
        )

    def at(self, stamp_s: Float64Array) -> Past:
        """Interpolate to an instant per row, with constant acceleration between samples."""
        later = np.count_nonzero(self.time_s > stamp_s[:, np.newaxis], axis=1)
        older = np.minimum(later, HISTORY_LENGTH - 1)
        newer = np.maximum(older - 1, 0)
        rows = np.arange(len(stamp_s))
        span = self.time_s[rows, newer] - self.time_s[rows, older]
        known = span > 0.0
        per_span = np.where(known, 1.0 / np.where(known, span, 1.0), 0.0)
        dt = stamp_s - self.time_s[rows, older]
        v_z = self.v_z_m_s[rows, older]
        a_z = (self.v_z_m_s[rows, newer] - v_z) * per_span
        cos_tilt = self.cos_tilt[rows, older]
        cos_rate = (self.cos_tilt[rows, newer] - cos_tilt) * per_span
        inside = np.clip(dt, 0.0, span)  # attitude is held, not extrapolated, outside the memory
        return Past(
            self.height_m[rows, older] + v_z * dt + 0.5 * a_z * dt * dt,
            v_z + a_z * dt,
            cos_tilt + cos_rate * inside,
        )


def _now(reading: Reading) -> tuple[Float64Array, ...]:
    return reading.elapsed_s, reading.height_m, reading.v_z_m_s, reading.cos_tilt
