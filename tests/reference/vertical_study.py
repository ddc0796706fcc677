"""The vertical channel of a landing in one dimension: truth, dead reckoning, late ranges.

A study of its own, with nothing of the simulation in it: 50 Hz dead reckoning by the accelerometer
of a tactical unit, ranges at 10 Hz with 0.5 m of noise, a fall that brakes evenly from 60 to 1 m/s.
Filters are fed `Reading`s as pilots are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.observation import Aids, Ranges, Reading
from agents.sheet import sheet_of

STEP_S = 0.02
GROUND_STEPS_S = 90.0  # 240 m up, at 16 m/s
FLIGHT_S = 120.0
FAST_M_S, SLOW_M_S = 60.0, 1.0
BRAKE_M_S2 = (FAST_M_S - SLOW_M_S) / FLIGHT_S
RANGE_PERIOD_S = 0.1
RANGE_NOISE_M = 0.5
G0 = 9.80665
ACCEL_BIAS_M_S2 = 300e-6 * G0
VELOCITY_WALK = 50e-6 * G0  # m/s/sqrt(s)
HEIGHT_SIGMA_M, SPEED_SIGMA_M_S = 50.0, 0.3
SLOTS = 4
TOLD = {
    **{"lrf_noise_sigma_m": RANGE_NOISE_M, "lrf_bias_sigma_m": 0.0, "lrf_scale_sigma_frac": 0.0},
    **{"imu_bias_sigma_m_s2": ACCEL_BIAS_M_S2, "imu_scale_sigma_frac": 0.0, "ground_relief_m": 0.0},
}


@dataclass
class Study:
    """A batch of falls, one a seed; arrays of shape (steps, n)."""

    height: np.ndarray
    v_z: np.ndarray
    believed: np.ndarray  # dead-reckoned height
    believed_v_z: np.ndarray
    range_m: np.ndarray  # (ranges, n)
    stamp_s: np.ndarray
    arrives_s: np.ndarray

    def reading(self, k: int, stamped: bool = True) -> Reading:
        """What a pilot would read at step `k`; without stamps every range says it is new."""
        n, t = self.height.shape[1], k * STEP_S
        nil = np.zeros(n)
        slant, age, valid = (np.zeros((n, SLOTS)) for _ in range(3))
        new = (self.arrives_s <= t + 1e-9) & (self.arrives_s > t - STEP_S + 1e-9)
        for row, column in zip(*np.nonzero(new.T), strict=True):
            slot = int(valid[row].sum())
            if slot < SLOTS:
                slant[row, slot] = self.range_m[column, row]
                age[row, slot] = t - self.stamp_s[column, row] if stamped else 0.0
                valid[row, slot] = 1.0
        quantities = dict.fromkeys(Reading._fields[:-4], nil)
        quantities |= {
            "height_m": self.believed[k],
            "v_z_m_s": self.believed_v_z[k],
            "height_sigma_m": nil + HEIGHT_SIGMA_M,
            "v_z_sigma_m_s": nil + SPEED_SIGMA_M_S,
            "q_w": nil + 1.0,
            "elapsed_s": nil + t,
            "est_height_m": nil + np.nan,
        }
        aids = Aids(*(nil > 0.0 if name.endswith("_new") else nil for name in Aids._fields))
        ranges = Ranges(slant, age, valid > 0.5, np.ones((n, SLOTS)), np.full((n, SLOTS), 1.0))
        return Reading(**quantities, ranges=ranges, aids=aids, sheet=sheet_of(n, **TOLD))


def study(latency_s: float, jitter_s: float, step_m: np.ndarray | float = 0.0) -> Study:
    """Twenty falls with ranges late by ``latency + Exp(jitter)``; the ground may step down."""
    seeds = 20
    steps = round(FLIGHT_S / STEP_S) + 1
    t = STEP_S * np.arange(steps)[:, np.newaxis]
    rng = np.random.default_rng(20_250_605)
    v_z = -FAST_M_S + BRAKE_M_S2 * t + np.zeros(seeds)
    height = 1.0 + (FAST_M_S + SLOW_M_S) / 2.0 * FLIGHT_S - FAST_M_S * t + 0.5 * BRAKE_M_S2 * t * t
    height = height + np.zeros(seeds)
    bias = rng.normal(0.0, ACCEL_BIAS_M_S2, seeds)
    walk = rng.normal(0.0, VELOCITY_WALK * np.sqrt(STEP_S), (steps, seeds)).cumsum(axis=0)
    wrong = rng.normal(0.0, SPEED_SIGMA_M_S, seeds) + bias * t + walk
    off = rng.normal(0.0, HEIGHT_SIGMA_M, seeds) + STEP_S * (wrong.cumsum(axis=0) - wrong)
    stamps = np.arange(round(FLIGHT_S / RANGE_PERIOD_S))[:, np.newaxis] * RANGE_PERIOD_S
    at = np.rint(stamps[:, 0] / STEP_S).astype(int)
    height = height + np.where(t > GROUND_STEPS_S, step_m, 0.0)
    noise = rng.normal(0.0, RANGE_NOISE_M, (len(at), seeds))
    late = latency_s + jitter_s * rng.exponential(1.0, noise.shape)
    believed = height[0] - FAST_M_S * t + 0.5 * BRAKE_M_S2 * t * t + off
    return Study(
        *(height, v_z, believed, v_z + wrong, height[at] + noise),
        *(stamps + np.zeros(seeds), stamps + late),
    )


def errors(
    navigation, flown: Study, seconds: float = FLIGHT_S, stamped: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Height and vertical velocity believed minus true, of every step, (steps, n)."""
    memory, rows = None, []
    starts = np.ones(flown.height.shape[1], bool)
    for k in range(round(seconds / STEP_S) + 1):
        estimate, memory = navigation.update(flown.reading(k, stamped), memory, starts)
        rows.append((estimate.height_m - flown.height[k], estimate.v_z_m_s - flown.v_z[k]))
        starts = np.zeros(len(starts), bool)
    height, v_z = np.array(rows).transpose(1, 0, 2)
    return height, v_z
