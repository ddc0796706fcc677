"""A filter that ignores latency: the newest range is used as the present height.

The rest is correct: the slant range is projected on the vertical and referred to the footpads, and
between ranges the height is propagated with the dead-reckoned velocity. The remaining error is that
of using an old range as a new one, about speed times age.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .mounting import beam_cosine
from .types import Estimate

if TYPE_CHECKING:
    from ..base import BoolArray, Float64Array, PilotState
    from ..observation import Reading

__all__ = ["NaiveFilter"]


class _Memory(NamedTuple):
    bias_m: Float64Array  # height minus dead-reckoned height
    sigma_m: Float64Array
    time_s: Float64Array
    seen: BoolArray


@dataclass(frozen=True, slots=True)
class NaiveFilter:
    """Height from the newest range, propagated with the dead-reckoned velocity."""

    # As in the Kalman filter: noise, bias and resolution.
    range_sigma_m: float = 0.5
    name: str = "naive"
    needs_truth: bool = False

    def update(
        self, reading: Reading, memory: PilotState | None, starts: BoolArray
    ) -> tuple[Estimate, PilotState]:
        """Use one observation; see `NavigationFilter.update`."""
        past = self._start(reading) if memory is None else _Memory(*memory)
        fresh = self._start(reading)
        past = _Memory(*(np.where(starts, a, b) for a, b in zip(fresh, past, strict=True)))

        # An unknown but constant velocity error moves the height linearly.
        propagated = past.sigma_m + reading.v_z_sigma_m_s * (reading.elapsed_s - past.time_s)
        bias, sigma, seen = past.bias_m, np.where(past.seen, propagated, fresh.sigma_m), past.seen
        samples, cos_beam = reading.ranges, beam_cosine(reading)
        for slot in range(samples.valid.shape[1]):
            arrived = samples.valid[:, slot]
            height = samples.range_m[:, slot] * cos_beam - reading.sensor_height_m
            bias = np.where(arrived, height - reading.height_m, bias)
            sigma = np.where(arrived, self.range_sigma_m, sigma)
            seen = seen | arrived
        now = _Memory(bias, sigma, reading.elapsed_s, seen)
        estimate = Estimate.vertical(
            reading,
            (reading.height_m + bias, sigma),
            (reading.v_z_m_s, reading.v_z_sigma_m_s),
            seen,
            np.zeros_like(seen),
        )
        return estimate, tuple(now)

    @staticmethod
    def _start(reading: Reading) -> _Memory:
        none = np.zeros(reading.height_m.shape, dtype=np.bool_)
        return _Memory(
            np.zeros_like(reading.height_m), reading.height_sigma_m, reading.elapsed_s, none
        )
