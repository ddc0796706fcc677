"""The filter that does not know of latency: the newest range is the height now.

Everything else is done properly: the slant range is turned to the vertical and to the footpads,
and between arrivals the height is carried on by dead-reckoned velocity. What remains is the error
of taking an old range for a new one, about speed times age.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .mounting import beam_drop
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
    """Height is the latest arrived range, carried on by dead-reckoned velocity."""

    # As the Kalman filter has it: noise, bias and resolution.
    range_sigma_m: float = 0.5
    name: str = "naive"
    needs_truth: bool = False

    def update(
        self, reading: Reading, memory: PilotState | None, starts: BoolArray
    ) -> tuple[Estimate, PilotState]:
        """Use one observation."""
        past = self._start(reading) if memory is None else _Memory(*memory)
        fresh = self._start(reading)
        past = _Memory(*(np.where(starts, a, b) for a, b in zip(fresh, past, strict=True)))

        # An unknown but constant velocity error moves the height linearly.
        grown = past.sigma_m + reading.v_z_sigma_m_s * (reading.elapsed_s - past.time_s)
        bias, sigma, seen = past.bias_m, np.where(past.seen, grown, fresh.sigma_m), past.seen
        samples, drop = reading.ranges, beam_drop(reading)
        for slot in range(samples.valid.shape[1]):
            arrived = samples.valid[:, slot]
            height = samples.range_m[:, slot] * drop - reading.sensor_height_m
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
