"""No pilot lands a lost start: a search among the starts that the proof only just calls lost.

The slow search flies every pilot of the registry, and those that are given the true state, from
lost starts of every mission, more than 100,000 landings in total.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from agents import list_pilots
from lunar_env import PRIVILEGED_FIELDS, LunarLandingVectorEnv, Outcome, list_missions, load_mission
from lunar_env.pilots import resolve, shown_to
from lunar_env.task import Task

TRUTH = {field.name: k for k, field in enumerate(PRIVILEGED_FIELDS)}
M2 = Task("hakuto-r-m2", "everything")
# Not the convex law, which takes a minute for each of these landings.
PILOTS = [
    name
    for name in (*list_pilots(), *list_pilots(bounds=True))
    if "+" in name and not name.startswith("convex")
]
GOOD = (
    *("hoverslam+oracle", "velocity-profile+oracle", "e-guidance+oracle"),
    *("velocity-profile+kalman", "ppo-m2-late-acquisition"),
)


def make(task: Task, rows: int) -> LunarLandingVectorEnv:
    mode = AutoresetMode.NEXT_STEP
    return LunarLandingVectorEnv(rows, num_threads=1, autoreset_mode=mode, **task.keywords())


def lost_seeds(task: Task, start: dict[str, float] | None, tries: int, most: int) -> list[int]:
    """Seeds of lost starts, those first that are nearest to a stop above the ground."""
    env = make(task, tries)
    env.reset(seed=list(range(tries)), options={"start": start} if start else None)
    lost, margin = (env.privileged[:, TRUTH[name]] for name in ("lost", "stop_margin_m"))
    env.close()
    seeds = np.flatnonzero(lost > 0.0)
    return list(seeds[np.argsort(-margin[seeds])][:most].tolist())


def landed(pilot: str, task: Task, seeds: list[int], start: dict[str, float] | None) -> int:
    """Fly a pilot from these starts; the number of landings."""
    entry = resolve(pilot, task)
    env = make(entry.task, len(seeds))
    observation, _ = env.reset(seed=seeds, options={"start": start} if start else None)
    outcome = np.zeros(len(seeds), int)
    state, begins = None, np.ones(len(seeds), bool)
    while (outcome == Outcome.FLYING).any():
        seen = shown_to(entry.pilot, observation, env)
        action, state = entry.pilot.predict(seen, state, begins, deterministic=True)
        observation, _, terminated, truncated, info = env.step(action)
        begins = np.zeros(len(seeds), bool)
        ended = (terminated | truncated) & (outcome == Outcome.FLYING)
        outcome[ended] = info["outcome_code"][ended]
    env.close()
    return int((outcome == Outcome.LANDED).sum())


def close_start(task: Task) -> dict[str, float]:
    """A fall of 40 m/s at the height in which the median lander just stops."""
    motion = {"v_vertical_m_s": -40.0, "v_lateral_m_s": 5.0}
    env = make(task, 200)
    env.reset(seed=0, options={"start": {"height_m": 1000.0, **motion}})
    height = float(np.median(env.privileged[:, TRUTH["stop_height_m"]]))
    env.close()
    return {"height_m": height, **motion}


def test_no_good_pilot_lands_a_lost_start():
    seeds = lost_seeds(M2, None, 15_000, 250)
    assert len(seeds) > 200
    assert {pilot: landed(pilot, M2, seeds, None) for pilot in GOOD} == dict.fromkeys(GOOD, 0)


def test_most_starts_that_the_best_pilots_lose_are_lost():
    """At least half of the starts that no pilot of a portfolio lands: here nine in ten."""
    env = make(M2, 4000)
    env.reset(seed=0)
    spared = np.flatnonzero(env.privileged[:, TRUTH["lost"]] == 0.0)
    margin = env.privileged[spared, TRUTH["stop_margin_m"]]
    lost = 4000 - len(spared)
    near = spared[margin < 100.0].tolist()  # everything else has height to spare
    env.close()
    best = max(landed(pilot, M2, near, None) for pilot in GOOD[:2])
    assert lost > 60
    assert len(near) - best < 0.2 * lost


def cases() -> list[Any]:
    missions = [name for name in list_missions() if "terminal" in load_mission(name).phases.offered]
    return list(product(missions, ("throttle", "thrust_vector")))


@pytest.mark.slow
@pytest.mark.parametrize(("mission", "control"), cases())
def test_no_pilot_of_the_registry_lands_a_lost_start(mission, control):
    task = Task(mission, "noisy", control=control)
    start = close_start(task)
    seeds = lost_seeds(task, start, 4000, 90)
    assert len(seeds) == 90
    flown = {pilot: landed(pilot, task, seeds, start) for pilot in PILOTS}
    assert len(flown) * len(seeds) * len(cases()) >= 100_000
    assert flown == dict.fromkeys(PILOTS, 0)
