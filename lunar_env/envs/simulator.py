"""The memory of a batch and the kernels that work on it: what both environments share."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
from numpy.typing import NDArray

from lunar_env.envs.memory import fits_memory
from lunar_env.envs.threads import share
from lunar_env.envs.values import whole
from lunar_env.physics.rows import Lander
from lunar_env.sim import batch
from lunar_env.sim.fields import PRIVILEGED_FIELDS
from lunar_env.sim.ground import sample_ground
from lunar_env.sim.step import DISABLED, SAME_STEP, blocks_of, step_part
from lunar_env.sim.world import (
    NEEDS_RESET,
    OUTCOME,
    REWARD,
    SCENARIO,
    START,
    START_NAMES,
    TERMINATED,
    TOUCHDOWN,
    TOUCHDOWN_NAMES,
    TRUNCATED,
    WAITING,
    Shared,
    allocate,
    column_of,
    with_delay_line,
)
from lunar_env.specs.pack import pack, pack_terrain
from lunar_env.specs.pack_rangefinder import places_in_flight
from lunar_env.specs.pack_sensors import arrivals_in_a_step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lunar_env.envs.settings import Settings
    from lunar_env.specs import ScenarioSpec

__all__ = ["Simulator", "key_of_seed"]

FloatArray = NDArray[np.float64]

# Fewer blocks of rows than this are not worth the call.
_BLOCKS_PER_PART = 4
# Several parts for each thread, so that one with much terrain does not hold up the others.
_PARTS_PER_THREAD = 4


@lru_cache(maxsize=64)
def _columns_of(names: tuple[str, ...]) -> list[int]:
    """Columns of `World.memory`; recorders ask for the same ones in every step."""
    return [column_of(name) for name in names]


def key_of_seed(seed: int) -> int:
    """Key of the episode that a seed names.

    Examples
    --------
    >>> key_of_seed(0) == key_of_seed(0) != key_of_seed(1)
    True
    """
    return int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0])


class Simulator:
    """Rows of landers and their kernels.

    Parameters
    ----------
    settings : Settings
        What to fly.
    rows : int
        Number of landers.
    num_threads : int or None
        Threads for a step; None uses all that Numba may use.
    """

    def __init__(self, settings: Settings, rows: int, num_threads: int | None = 1) -> None:
        self.settings = settings
        self.rows, self.num_threads = rows, _checked_threads(num_threads)
        self._scenarios = [settings.scenario]
        self._ground = pack_terrain(settings.mission)
        self._pack()
        room = places_in_flight(settings.mission, self._scenarios)
        size = len(settings.frame_fields), settings.history, room
        arrivals = arrivals_in_a_step(settings.mission)
        row_bytes = sum(array.nbytes for array in allocate(1, *size, arrivals))
        with fits_memory(rows, row_bytes):
            self.world = allocate(rows, *size, arrivals)
            self.truth = np.zeros((rows, len(PRIVILEGED_FIELDS)))
            self.shown = self.world.observation.copy()
        self._all_rows = np.ones(rows, np.bool_)

    def _pack(self) -> None:
        s = self.settings
        flown = s.mission, s.phase, s.control, self._scenarios
        table = pack(*flown, s.reward, s.time_limit_s, s.frame_fields)
        self.shared = Shared(table, *self._ground)

    def scenario_index(self, scenario: ScenarioSpec) -> int:
        """Place of a scenario in the table; a new one is added, with room in the delay lines."""
        if scenario in self._scenarios:
            return self._scenarios.index(scenario)
        # The place of one that no row flies, so that a new scenario each reset takes no more room.
        flown = set(self.world.memory[:, SCENARIO].astype(int).tolist())
        spare = (k for k in range(1, len(self._scenarios)) if k not in flown)
        place = next(spare, len(self._scenarios))
        room = places_in_flight(self.settings.mission, [scenario])  # an error leaves all as it was
        self._scenarios[place : place + 1] = [scenario]
        self._pack()
        self.world = with_delay_line(self.world, room)
        return place

    def scenario_of(self, row: int) -> ScenarioSpec:
        """Scenario that a row flies."""
        return self._scenarios[int(self.world.memory[row, SCENARIO])]

    def reset(self, mask: NDArray[np.bool_], scenario: int, start: FloatArray) -> None:
        """Begin the episodes of the rows' keys; `start` holds what is not to be drawn."""
        self.world.memory[mask, SCENARIO] = scenario
        self.world.memory[mask, START : START + len(START_NAMES)] = start[mask]
        batch.reset_rows(self.world, self.shared, mask, DISABLED)
        self.shown = self.world.observation.copy()

    def step(self, actions: FloatArray, mode: int) -> None:
        """Step every row once, reset those that ended; after ``SAME_STEP`` the report stays."""
        self.shown = np.empty_like(self.world.observation)
        self._fly(actions, mode)
        if self.rows == 1 and self.world.report[NEEDS_RESET, 0] == 0.0:
            return  # masks would cost as much as the flight
        waiting = self._reported(WAITING) > 0.0
        ended = self.ended & ~waiting
        again = ended if mode == SAME_STEP else waiting
        if ended.any():
            self.world.final_key[ended] = self.world.key[ended]
            batch.write_privileged_rows(self.world, self.shared, self.world.final_privileged, ended)
        if again.any():
            batch.reset_rows(self.world, self.shared, again, mode)
            self.shown[again] = self.world.observation[again]

    def _fly(self, actions: FloatArray, mode: int) -> None:
        def fly(first: int, last: int) -> None:
            step_part(self.world, self.shared, actions, self.shown, mode, first, last)

        blocks = blocks_of(self.rows)
        parts = min(_PARTS_PER_THREAD * self.num_threads, blocks // _BLOCKS_PER_PART)
        if self.num_threads == 1 or parts < 2:
            fly(0, blocks)
        else:
            bounds = [part * blocks // parts for part in range(parts + 1)]
            share(lambda part: fly(bounds[part], bounds[part + 1]), parts, self.num_threads)

    def reveal(self, mask: NDArray[np.bool_] | None = None) -> FloatArray:
        """Return the true state of every row, or of those of a mask."""
        rows = self._all_rows if mask is None else mask
        batch.write_privileged_rows(self.world, self.shared, self.truth, rows)
        return self.truth.copy() if mask is None else self.truth[mask]

    def glimpse(self, names: Sequence[str], rows: NDArray[np.integer[Any]]) -> FloatArray:
        """Return what rows hold under these names (`sim.world.column_of`), a line for each."""
        columns = _columns_of(tuple(names))
        return np.asarray(self.world.memory[np.asarray(rows)[:, np.newaxis], columns])

    def ground(self, row: int, places: FloatArray, footprint: float) -> FloatArray:
        """Return elevations [m] above the sphere through the target, of the ground of a row.

        `places` (n, 2) are east and north of the target along the surface [m], and the ground is
        smoothed over a `footprint` [m].
        """
        elevations = np.empty(len(places))
        lander = Lander(self.world.memory, self.shared.tiles, self.shared.terrain, row)
        sample_ground(lander, places, footprint, elevations)
        return elevations

    def _reported(self, line: int) -> FloatArray:
        return np.asarray(self.world.report[line])

    @property
    def rewards(self) -> FloatArray:
        """Reward of the last step."""
        return self._reported(REWARD).copy()

    @property
    def terminated(self) -> NDArray[np.bool_]:
        """Rows that physics ended."""
        return self._reported(TERMINATED) > 0.0

    @property
    def truncated(self) -> NDArray[np.bool_]:
        """Rows that the clock ended."""
        return self._reported(TRUNCATED) > 0.0

    @property
    def ended(self) -> NDArray[np.bool_]:
        """Rows whose episode is over."""
        return self._reported(NEEDS_RESET) > 0.0

    @property
    def outcome(self) -> FloatArray:
        """Codes of Outcome."""
        return self._reported(OUTCOME)

    @property
    def touchdown(self) -> FloatArray:
        """Touchdown reports of the last ends."""
        return self.world.memory[:, TOUCHDOWN : TOUCHDOWN + len(TOUCHDOWN_NAMES)]


def _checked_threads(num_threads: int | None) -> int:
    most = int(numba.config.NUMBA_NUM_THREADS)  # type: ignore[attr-defined]  # set at run time
    if num_threads is None:
        return int(most)
    return whole("num_threads", num_threads, 1, most)
