"""A fall in one dimension, just enough to test filters and laws against a truth that is known.

It writes the observation elements that classical pilots read, in a layout of its own: pilots find
elements by name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from agents.observation import _SCALARS

G = 1.6242
V_E = 290.0 * 9.80665
DRY_KG = 370.0
PERIOD_S = 0.2
TICK_S = 0.02


class FakeField(NamedTuple):
    name: str
    scale: float


_SLOT_NAMES = [f"lrf{k}_{part}" for part in ("range_m", "age_s", "valid") for k in range(1, 5)]
FIELDS = [
    FakeField(n, 7.0 if n.endswith("_m") else 0.5) for n in (*_SCALARS.values(), *_SLOT_NAMES)
]
INDEX = {f.name: i for i, f in enumerate(FIELDS)}
SCALES = np.array([f.scale for f in FIELDS])


@dataclass
class Fall:
    """A batch of falls; every array has one element per row."""

    height: np.ndarray
    speed: np.ndarray
    height_error: np.ndarray  # believed minus true
    speed_error: np.ndarray  # of the upward velocity
    height_sigma: float = 150.0
    latency: np.ndarray | float = 0.0
    sight: np.ndarray | float = 3000.0  # ranges from here down
    thrust_max: float = 1600.0
    lag: float = 0.15
    range_period: float = 0.5
    propellant: float = 40.0
    bogus: dict[int, float] = field(default_factory=dict)  # added to the range of that number

    def __post_init__(self) -> None:
        n = len(self.height)
        self.height, self.speed = self.height.astype(float), self.speed.astype(float)
        self.mass = np.full(n, DRY_KG + self.propellant)
        self.thrust = np.full(n, 0.0)
        self.time = 0.0
        self.alive = np.ones(n, bool)
        self.touchdown = np.full(n, np.nan)
        self._flight: list[tuple[np.ndarray, float, np.ndarray, np.ndarray]] = []
        self._count = 0

    def observe(self) -> np.ndarray:
        self._measure()  # a range without latency is seen at once
        n = len(self.height)
        q = {name: np.zeros(n) for name in INDEX}
        q["dr_height_m"] = self.height + self.height_error + self.speed_error * self.time
        q["dr_v_z_m_s"] = -self.speed + self.speed_error
        q["dr_height_sigma_m"] = np.full(n, self.height_sigma)
        q["dr_v_vertical_sigma_m_s"] = np.full(n, 0.3)
        q["thrust_frac"] = self.thrust / self.thrust_max
        q["propellant_kg"] = self.mass - DRY_KG
        q["thrust_to_weight"] = self.thrust_max / (self.mass * G)
        q["isp_s"] = np.full(n, 290.0)
        q["engine_lag_s"] = np.full(n, self.lag)
        q["gravity_m_s2"] = np.full(n, G)
        q["elapsed_s"] = np.full(n, self.time)
        q["lrf_mount_offset_m"], q["com_height_m"] = np.full(n, 0.5), np.full(n, 1.0)
        keep = []
        slot = np.zeros(n, int)
        for arrival, stamp, value, there in self._flight:
            now = there & (arrival <= self.time + 1e-9)
            for k in range(4):
                row = now & (slot == k)
                q[f"lrf{k + 1}_range_m"][row] = value[row]
                q[f"lrf{k + 1}_age_s"][row] = self.time - stamp
                q[f"lrf{k + 1}_valid"][row] = 1.0
            slot += now
            if (there & ~now).any():
                keep.append((arrival, stamp, value, there & ~now))
        self._flight = keep
        table = np.stack([q[name] for name in INDEX], axis=1) / SCALES
        return np.asarray(table, dtype=np.float32)

    def step(self, action: np.ndarray) -> None:
        command = np.clip((action[:, 0] + 1.0) / 2.0, 0.0, 1.0) * self.thrust_max
        for _ in range(round(PERIOD_S / TICK_S)):
            self._measure()
            command = np.where(self.mass > DRY_KG, command, 0.0)
            self.thrust += (command - self.thrust) * (1.0 - np.exp(-TICK_S / self.lag))
            self.mass -= self.thrust / V_E * TICK_S
            acceleration = G - self.thrust / self.mass
            self.height -= (self.speed + 0.5 * acceleration * TICK_S) * TICK_S
            self.speed += acceleration * TICK_S
            self.time += TICK_S
            down = self.alive & (self.height <= 0.0)
            self.touchdown[down] = self.speed[down]
            self.alive &= ~down

    def _measure(self) -> None:
        if self.time >= self._count * self.range_period - 1e-9:
            value = self.height + 0.5 + self.bogus.get(self._count, 0.0)
            seen = self.alive & (self.height <= self.sight)
            arrival = self.time + np.broadcast_to(self.latency, self.height.shape)
            self._flight.append((arrival, self.time, value, seen))
            self._count += 1


def fly(pilot, fall: Fall, seconds: float = 160.0):
    """Fly until all are down; returns the touchdown speeds (nan: still up)."""
    state, start = None, np.ones(len(fall.height), bool)
    while fall.alive.any() and fall.time < seconds:
        action, state = pilot.predict(fall.observe(), state, start)
        start[:] = False
        fall.step(action)
    return fall.touchdown
