"""What both environments share: what they show of their rows, and how rows begin episodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lunar_env.envs.events import Events, events_of
from lunar_env.envs.lookout import Lookout
from lunar_env.envs.report import Report
from lunar_env.envs.simulator import Simulator, key_of_seed
from lunar_env.kernel.rng import next_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lunar_env.belief import Belief
    from lunar_env.envs.options import ResetOptions
    from lunar_env.envs.settings import Settings
    from lunar_env.rendering import Snapshot
    from lunar_env.sim.fields import Field
    from lunar_env.sim.world import World

__all__ = ["Views"]


class Views:
    """Rows of a simulator, seen from outside; `_shown` picks what one environment returns."""

    settings: Settings
    pilot: str
    belief: Belief | None
    """What the pilot believes at the present instant, for pictures; None shows what the lander's
    computer does."""
    _simulator: Simulator
    _report: Report
    _started: NDArray[np.bool_]
    _all_started: bool
    _lookout: Lookout

    def _set_up(self, settings: Settings, info: str, rows: int, num_threads: int | None) -> None:
        self.settings = settings
        self.pilot = ""
        self.belief = None
        self._simulator = Simulator(settings, rows, num_threads)
        self._report = Report(self._simulator, info)
        self._started, self._all_started = np.zeros(rows, np.bool_), False
        self._lookout = Lookout(self._simulator)

    def _shown(self, rows: NDArray[Any]) -> NDArray[Any]:
        return rows

    def _begin(
        self,
        options: ResetOptions,
        seeds: Sequence[int | None],
        generator: np.random.Generator,
    ) -> None:
        """Choose the keys of the rows to reset, by option, seed or their last key, and reset."""
        self.belief = None
        keys = self._simulator.world.key
        for i in np.flatnonzero(options.mask).tolist():
            seed = seeds[i]
            if options.keys is not None:
                keys[i] = options.keys[i]
            elif seed is not None:
                keys[i] = key_of_seed(seed)
            elif self._started[i]:
                keys[i] = next_key(keys[i])
            else:
                keys[i] = generator.integers(2**64, dtype=np.uint64)
        index = self._simulator.scenario_index(options.scenario)
        self._simulator.reset(options.mask, index, options.start)
        if options.mask[0]:
            self._lookout.begin()
        self._started |= options.mask
        self._all_started = bool(self._started.all())

    def _observation(self) -> NDArray[np.float32]:
        return self._shown(self._simulator.shown)

    @property
    def privileged(self) -> NDArray[np.float64]:
        """True state, named by `lunar_env.PRIVILEGED_FIELDS`; for critics and evaluation."""
        return self._shown(self._simulator.reveal())

    @property
    def final_privileged(self) -> NDArray[np.float64]:
        """True state at the last end."""
        return self._shown(self._simulator.world.final_privileged).copy()

    @property
    def events(self) -> Events:
        """Every sample of every sensor that arrived during the last step, see `Events`.

        What a row listed before its automatic reset is gone: a row that has begun an episode lists
        what arrived by its start.
        """
        samples, number = events_of(self._simulator.world)
        return Events(self._shown(samples), self._shown(number))

    @property
    def observation_fields(self) -> tuple[Field, ...]:
        """Every element of an observation, past frames included."""
        return self.settings.observation_fields

    @property
    def action_fields(self) -> tuple[Field, ...]:
        """Every element of an action."""
        return self.settings.action_fields

    @property
    def world(self) -> World:
        """All memory of the environment, as it is: for checkpoints and measurements."""
        return self._simulator.world

    def ground(self, places_m: NDArray[np.float64], footprint_m: float) -> NDArray[np.float64]:
        """Return elevations of the true ground of row 0 in its episode, for pictures.

        Parameters
        ----------
        places_m : ndarray of float64, shape (n, 2)
            East and north of the target along the surface [m].
        footprint_m : float
            Width over which the ground is smoothed [m].

        Returns
        -------
        ndarray of float64, shape (n,)
            Elevations above the sphere through the target [m].
        """
        return self._simulator.ground(0, places_m, footprint_m)

    def snapshot(self) -> Snapshot:
        """Return the present instant of row 0 for a picture, with the path flown."""
        return self._lookout.snapshot(self.pilot, self.belief)
