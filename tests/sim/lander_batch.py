"""A batch of landers without any environment around it: table, ground, world and the entries."""

from __future__ import annotations

from typing import Any

import numpy as np

from lunar_env.envs.settings import DEFAULT_REWARD
from lunar_env.physics.rows import ENGINE_STATE, ENGINE_WIDTH, ENGINES, MAX_ENGINES
from lunar_env.physics.types import Engine
from lunar_env.sim import batch
from lunar_env.sim.fields import PRIVILEGED_FIELDS, Control
from lunar_env.sim.frame import frame_fields
from lunar_env.sim.step import DISABLED, blocks_of, step_part
from lunar_env.sim.table import load_nominal
from lunar_env.sim.world import START, START_NAMES, TOUCHDOWN, TOUCHDOWN_NAMES, Shared, allocate
from lunar_env.specs import load_mission
from lunar_env.specs.pack import actions_of, pack
from lunar_env.specs.pack_rangefinder import places_in_flight
from lunar_env.specs.pack_sensors import arrivals_in_a_step
from lunar_env.terrain import flat
from tests.envs.flying import PERFECT_GAUGES, exact

COLUMNS = Engine._fields
AS_DESIGNED = {
    **dict.fromkeys(("thrust_frac", "isp_frac", "mass_frac", "lag_frac"), 0.0),
    **dict.fromkeys(("thrust_direction_deg", "com_offset_m", "inertia_frac"), 0.0),
}


def built(name: str, vehicle: dict[str, Any] | None = None, **changes: Any) -> Any:
    """A mission whose lander is exactly as designed, with some more changes."""
    vehicle = {"gauges": PERFECT_GAUGES, **(vehicle or {}), "dispersion": AS_DESIGNED}
    return load_mission(name).replace(vehicle=vehicle, **changes)


class LanderBatch:
    """Landers over flat ground, without errors unless asked for."""

    def __init__(
        self,
        mission: Any = None,
        *,
        control: str = "throttle",
        phase: str = "terminal",
        scenario: Any = None,
        rows: int = 1,
        reward: dict[str, float] | None = None,
        history: int = 1,
        ground: Any = None,
    ) -> None:
        self.mission = built("hakuto-r-m2") if mission is None else mission
        scenarios = [exact() if scenario is None else scenario]
        self.actions = actions_of(self.mission.vehicle, control)
        self.fields = frame_fields(phase, self.actions)
        worth = {**DEFAULT_REWARD, **(reward or {})}
        flown = self.mission, phase, control, scenarios
        self.table = pack(*flown, worth, 200.0, self.fields)
        self.shared = Shared(self.table, *(flat() if ground is None else ground))
        places = places_in_flight(self.mission, scenarios)
        arrivals = arrivals_in_a_step(self.mission)
        self.world = allocate(rows, len(self.fields), history, places, arrivals)
        self.world.key[:] = np.arange(1, rows + 1)
        self.control = Control[control.upper()]

    @property
    def memory(self) -> np.ndarray:
        return self.world.memory

    def reset(self, mode: int = DISABLED, mask: Any = True, **start: float) -> None:
        """Begin the episodes of the rows' keys; `start` holds what is not to be drawn."""
        for name, value in start.items():
            self.memory[:, START + START_NAMES.index(name)] = value
        rows = np.array(np.broadcast_to(mask, len(self.memory)))
        batch.reset_rows(self.world, self.shared, rows, mode)

    def step(self, action: Any, mode: int = DISABLED) -> None:
        """Step all rows by one control period; a single action is used for all of them."""
        shape = len(self.memory), len(self.actions)
        actions = np.array(np.broadcast_to(np.asarray(action, float), shape), order="C")
        shown = np.zeros_like(self.world.observation)
        flight = self.world, self.shared, actions, shown, mode
        step_part(*flight, 0, blocks_of(len(shown)))

    def truth(self, name: str) -> np.ndarray:
        """A number of the true state, of every row."""
        found = np.zeros((len(self.memory), len(PRIVILEGED_FIELDS)))
        everyone = np.ones(len(self.memory), bool)
        batch.write_privileged_rows(self.world, self.shared, found, everyone)
        return found[:, [field.name for field in PRIVILEGED_FIELDS].index(name)]

    def seen(self, name: str, frame: int = 0) -> np.ndarray:
        """An observed number in SI, of every row."""
        at = [field.name for field in self.fields].index(name)
        column = self.world.observation[:, frame * len(self.fields) + at]
        return column.astype(float) * self.fields[at].scale

    def engine(self, name: str | int) -> np.ndarray:
        """A view of a column of every row's engines, by its name or its place after `Engine`."""
        at = COLUMNS.index(name) if isinstance(name, str) else name
        engines = int(load_nominal(self.table).engines)
        last = ENGINES + MAX_ENGINES * ENGINE_WIDTH
        return self.memory[:, ENGINES + at : last : ENGINE_WIDTH][:, :engines]

    def at_once(self) -> None:
        """Let engines follow their commands at once, and give no thrust to steering."""
        self.engine("lag_up")[:] = self.engine("lag_down")[:] = 1e-6
        self.engine("dead_ticks")[:] = 0.0
        self.engine("steer_x")[:] = self.engine("steer_y")[:] = 0.0

    def thrusts(self) -> np.ndarray:
        """Thrust of each engine of every row [N]."""
        return self.engine(ENGINE_STATE.thrust).copy()

    def touchdown(self, name: str) -> np.ndarray:
        """A column of the touchdown report."""
        return self.memory[:, TOUCHDOWN + TOUCHDOWN_NAMES.index(name)]


def throttle(fraction: Any) -> Any:
    """Element of an action that commands a fraction of the thrust."""
    return 2.0 * np.asarray(fraction) - 1.0


def thrusts_after(landers, fraction):
    """Thrust of each engine [N] after a step at a fraction of the installed thrust."""
    landers.step(throttle(fraction))
    return landers.thrusts()[0]
