"""How much of its propellant a lander needs: shares of it, and what lands with each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from gymnasium.vector import AutoresetMode

from lunar_env.specs import AS_FLOWN, load_scenario
from lunar_env.specs.quantity import Draw
from training.accidents.flights import Flown, FlyJob
from training.missions.cases import Case
from training.seeds import Domain, episode_seeds
from training.truth import truth_column
from training.vector_env import make_vector_env

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LANDINGS", "PROPELLANT", "PropellantJob"]

PROPELLANT: Final = {"peregrine-1": tuple(round(0.5 + 0.05 * k, 2) for k in range(11))}
"""Shares of the propellant of a mission that are tried [-]."""

LANDINGS: Final = 50
"""Landings of each share: enough to see where they begin."""


@dataclass(frozen=True)
class PropellantJob:
    """The landings of some pilots with one share of the propellant."""

    mission: str
    share: float
    pilots: tuple[str, ...]
    seed: int

    def run(self, note: Callable[[int], None] | None = None) -> dict[str, int]:
        """Return how many starts are lost, and how many each pilot lands."""
        scenario = load_scenario(AS_FLOWN, self.mission)
        drawn = scenario.replace(propellant_frac=Draw("constant", (self.share,)))
        task = Case(self.mission).task()._replace(scenario=drawn)
        seeds = tuple(episode_seeds(self.seed, Domain.BENCH, LANDINGS))
        env = make_vector_env(task, LANDINGS, AutoresetMode.NEXT_STEP, 1)
        env.reset(seed=list(seeds))
        lost = int(np.sum(env.privileged[:, truth_column("lost")] > 0.5))
        env.close()
        landed = {
            pilot: int(FlyJob(Flown(pilot), task, seeds).run().sum()) for pilot in self.pilots
        }
        if note is not None:
            note(LANDINGS)
        return {"lost": lost, **landed}
