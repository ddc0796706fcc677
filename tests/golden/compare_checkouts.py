"""Compare two checkouts bit by bit: ``python tests/golden/compare_checkouts.py OLD NEW [--quick]``.

For every id, mission and scenario a batch flies, half of it by a crude law that sometimes lands,
and everything that comes out is hashed: observations, rewards, ends, privileged vectors, events,
and what the navigation filters make of the observations. OLD and NEW are folders of checkouts, or
files of digests from an earlier run (``--save``). Only the public interface is used, so the two may
differ inside as much as they like. ``--quick`` flies each id and mission once, for fewer steps.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROWS = 9  # a full block of eight lanes and one more
LOW = {"height_m": 40.0, "v_vertical_m_s": -3.0, "v_lateral_m_s": 0.3}
STEPS, QUICK_STEPS = 500, 120
# What was recorded on the mission itself is no scenario of the list; it had another name before.
AS_FLOWN = ("as-flown", "flight")
FILTERED = 9  # the filters see one case in so many, and all of quick mode
MODES = ("NEXT_STEP", "SAME_STEP")


class Case(NamedTuple):
    """One batch."""

    number: int
    control: str
    phase: str
    mission: str
    scenario: str
    steps: int

    @property
    def name(self) -> str:
        return f"{self.control} {self.phase} {self.mission} {self.scenario}"


def cases(quick: bool) -> Iterator[Case]:
    """Every id, mission and scenario; in quick mode each mission of each id with one scenario."""
    from lunar_env import list_missions, list_scenarios, load_mission
    from lunar_env.registration import IDS

    number, scenarios = 0, list_scenarios()
    steps = QUICK_STEPS if quick else STEPS
    for row in IDS:
        for k, mission in enumerate(list_missions()):
            if row.phase not in load_mission(mission).phases.offered:
                continue
            every = [*scenarios, *as_flown(mission)]
            chosen = [("everything", scenarios[k % len(scenarios)])[k % 2]] if quick else every
            for scenario in chosen:
                yield Case(number, row.control, row.phase, mission, scenario, steps)
                number += 1


def as_flown(mission: str) -> list[str]:
    """The new name of the scenario of a mission's own flight, where it has one."""
    return list(AS_FLOWN[:1]) if scenario_name(mission, AS_FLOWN[0]) else []


def scenario_name(mission: str, scenario: str) -> str | None:
    """The name under which this checkout knows a scenario; None where it does not."""
    from lunar_env.errors import ConfigError
    from lunar_env.specs import load_scenario

    for name in AS_FLOWN if scenario in AS_FLOWN else (scenario,):
        try:
            load_scenario(name, mission=mission)
        except ConfigError:
            continue
        return name
    return None


def fly(case: Case) -> tuple[str, str]:
    """Digests of the flight and of the filters' estimates."""
    from lunar_env import LunarLandingVectorEnv

    env = LunarLandingVectorEnv(
        num_envs=ROWS,
        mission=case.mission,
        scenario=scenario_name(case.mission, case.scenario),
        control=case.control,
        phase=case.phase,
        num_threads=1,
        autoreset_mode=MODES[case.number % 2],
    )
    digest, filters = hashlib.sha256(), Filters(env.observation_fields)
    observation, _ = env.reset(seed=1000 * case.number)
    if case.phase == "terminal":
        mask = np.arange(ROWS) % 3 == 0
        observation, _ = env.reset(options={"reset_mask": mask, "start": LOW})
    choose, ended = law(env, np.random.default_rng(case.number)), np.ones(ROWS, np.bool_)
    for _ in range(case.steps):
        truth, events = env.privileged, env.events
        used = [one[:n] for one, n in zip(events.samples, events.number, strict=True)]
        feed(digest, observation, truth, events.number, *used)
        if case.number % FILTERED == 0 or case.steps < STEPS:
            filters.update(observation, ended)
        observation, reward, terminated, truncated, info = env.step(choose(truth))
        ended = terminated | truncated
        final = [one for one in info.get("final_obs", ()) if one is not None]
        feed(digest, reward, terminated, truncated, *final)
    env.close()
    return digest.hexdigest()[:16], filters.digest.hexdigest()[:16]


def feed(digest: Any, *arrays: Any) -> None:
    """Add arrays to a digest, with their types."""
    for array in map(np.ascontiguousarray, arrays):
        digest.update(f"{array.dtype}{array.shape}".encode())
        digest.update(array.tobytes())


def law(env: Any, random: np.random.Generator) -> Callable[[np.ndarray], np.ndarray]:
    """Random actions for odd rows; for even ones full thrust below a braking curve."""
    from lunar_env import PRIVILEGED_FIELDS

    names = [field.name for field in PRIVILEGED_FIELDS]
    height, climb = names.index("height_m"), names.index("v_z_m_s")
    actions = [field.name for field in env.action_fields]
    throttles = np.array([name.startswith("throttle") for name in actions])

    def choose(truth: np.ndarray) -> np.ndarray:
        action = random.uniform(-1.0, 1.0, (ROWS, len(actions)))
        fast = -truth[:, climb] > np.sqrt(1.5 + 1.6 * np.maximum(truth[:, height], 0.0))
        curve = np.where(fast, 1.0, -0.4)[:, np.newaxis]
        flown = np.where(throttles, curve, 0.05 * action)
        return np.where((np.arange(ROWS) % 2 == 0)[:, np.newaxis], flown, action).astype(np.float32)

    return choose


class Filters:
    """The navigation filters, fed with the same observations."""

    def __init__(self, fields: Any) -> None:
        from agents.navigation import ApolloFilter, KalmanFilter, NaiveFilter, latched_filter
        from agents.observation import ObservationReader

        self.reader, self.digest = ObservationReader(fields), hashlib.sha256()
        self.filters = [KalmanFilter(), latched_filter(), ApolloFilter(), NaiveFilter()]
        self.memories: list[Any] = [None] * len(self.filters)

    def update(self, observation: np.ndarray, starts: np.ndarray) -> None:
        """Let every filter use an observation of the batch."""
        reading = self.reader.read(observation)
        for k, one in enumerate(self.filters):
            estimate, self.memories[k] = one.update(reading, self.memories[k], starts)
            feed(self.digest, *(value for value in estimate if value is not None))


def digests(where: str, quick: bool) -> dict[str, list[str]]:
    """Digests of a checkout, flown in a process of its own; or those on file."""
    path = Path(where)
    if path.is_file():
        return dict(json.loads(path.read_text(encoding="utf-8")))
    command = [sys.executable, __file__, "--fly", *(["--quick"] if quick else [])]
    env = {**os.environ, "PYTHONPATH": str(path.resolve())}
    done = subprocess.run(command, cwd=path, env=env, stdout=subprocess.PIPE, check=True)
    return dict(json.loads(done.stdout))


def compare(old: dict[str, list[str]], new: dict[str, list[str]]) -> int:
    """Print what differs; the number of cases that do."""
    wrong = 0
    for name in {**old, **new}:
        pair = old.get(name), new.get(name)
        if pair[0] != pair[1]:
            wrong += 1
            sys.stdout.write(f"DIFFERS  {name}: {pair[0]} {pair[1]}\n")
    sys.stdout.write(f"{len(old)} and {len(new)} cases, {wrong} differ\n")
    return wrong


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "checkouts", nargs="*", metavar="CHECKOUT", help="folder or file of digests"
    )
    parser.add_argument("--quick", action="store_true", help="fewer cases and steps")
    parser.add_argument("--save", type=Path, help="write the digests of the last checkout here")
    parser.add_argument("--fly", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fly:
        sys.stdout.write(json.dumps({case.name: fly(case) for case in cases(options.quick)}))
        return 0
    found = [digests(where, options.quick) for where in options.checkouts]
    if options.save:
        options.save.write_text(json.dumps(found[-1], indent=1), encoding="utf-8")
    return 1 if len(found) == 2 and compare(*found) else 0


if __name__ == "__main__":
    sys.exit(main())
