"""Landers that fall freely with all sensors on, so that what is measured is known."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from lunar_env.physics.rows import ENGINE_STATE, ENGINE_WIDTH, PENDING, STATE, VEHICLE
from lunar_env.sensors.rows import EVENT_COUNT
from lunar_env.specs import load_mission
from tests.envs.flying import exact
from tests.sim.lander_batch import LanderBatch, built

NDL = load_mission("peregrine-1").velocimeter
PULSE = load_mission("slim").radar
MAP = load_mission("chandrayaan-3").camera
ALL = {"velocimeter": NDL, "radar": PULSE, "camera": MAP}


class Fall(NamedTuple):
    """A flight of many landers: truth at the end of each step, and every sample that arrived."""

    landers: LanderBatch
    times: np.ndarray  # (steps + 1,)
    states: np.ndarray  # (steps + 1, rows, 15)
    rows: np.ndarray  # of each sample
    steps: np.ndarray  # in which it arrived, from 1
    samples: np.ndarray  # (n, 7)

    def of(self, sensor: int) -> Fall:
        """The samples of one sensor."""
        mine = self.samples[:, 0] == sensor
        return self._replace(
            rows=self.rows[mine], steps=self.steps[mine], samples=self.samples[mine]
        )

    @property
    def stamps(self) -> np.ndarray:
        return self.samples[:, 1]

    @property
    def waits(self) -> np.ndarray:
        """Time from measurement to arrival."""
        return self.samples[:, 2] - self.samples[:, 1]

    def true(self, column: int) -> np.ndarray:
        """A column of the true state at the stamp of each sample; straight within a step."""
        entry = self.stamps / 0.2
        before = np.minimum(entry.astype(int), len(self.times) - 2)
        fraction = entry - before
        first = self.states[before, self.rows, column]
        return first + fraction * (self.states[before + 1, self.rows, column] - first)


def fitted(**changes: Any) -> Any:
    """M2's lander as designed, with sensors: a spec, a table of changes to the usual, or None."""
    sensors = {}
    for name, usual in ALL.items():
        change = changes.pop(name, {})
        if change is not None:
            sensors[name] = usual.replace(**change).to_table()
    return built("hakuto-r-m2", sun_elevation_deg=changes.pop("sun", 30.0), **sensors, **changes)


def fall(
    mission: Any = None,
    *,
    height_m: float = 1000.0,
    velocity: tuple[float, float, float] = (3.0, -2.0, -40.0),
    tilt_deg: float = 0.0,
    rows: int = 8,
    steps: int = 25,
    scenario: Any = None,
    ground: Any = None,
) -> Fall:
    """Let landers fall with their engines off, over flat ground, without turning."""
    mission = fitted() if mission is None else mission
    flown = {"control": "actuators", "scenario": scenario or exact(), "ground": ground}
    landers = LanderBatch(mission, rows=rows, **flown)
    landers.reset()
    half = math.radians(0.5 * tilt_deg)
    for column in (ENGINE_STATE.thrust, *range(PENDING, ENGINE_WIDTH)):
        landers.engine(column)[:] = 0.0  # else they would fade out over the first steps
    start = landers.memory[:, STATE.r.x : VEHICLE.mass_dry]
    start[:, :13] = (0.0, 0.0, height_m, *velocity, math.cos(half), math.sin(half), *[0.0] * 5)
    start[:, 14] = 0.0
    states, found = [start.copy()], []
    idle = [-1.0 if a.name.startswith("throttle") else 0.0 for a in landers.actions]
    for step in range(1, steps + 1):
        landers.step(idle)
        states.append(landers.memory[:, STATE.r.x : VEHICLE.mass_dry].copy())
        for row, number in enumerate(landers.memory[:, EVENT_COUNT].astype(int)):
            found += [(row, step, *sample) for sample in landers.world.events[row, :number]]
    table = np.array(found).reshape(-1, 9)
    times = 0.2 * np.arange(steps + 1)
    where = table[:, 0].astype(int), table[:, 1].astype(int)
    return Fall(landers, times, np.array(states), *where, table[:, 2:])


def same(one: Fall, other: Fall, *sensors: int) -> bool:
    """Whether two flights have the same samples of some sensors, to the bit."""
    return all(
        np.array_equal(one.of(sensor).samples, other.of(sensor).samples)
        and len(one.of(sensor).samples) > 0
        for sensor in sensors
    )
