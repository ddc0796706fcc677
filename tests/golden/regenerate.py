"""Write the golden trajectories anew: ``python -m tests.golden.regenerate`` from the clone's root.

One trajectory for each id, flown with a fixed schedule of actions. They notice a change of physics,
draws, sensors or reward that no other test was made for. Regenerate them only together with such a
change that is meant, and say so in the changelog.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np

from lunar_env import PRIVILEGED_FIELDS
from lunar_env.registration import IDS
from lunar_env.sim.world import TOUCHDOWN, TOUCHDOWN_NAMES

FOLDER = Path(__file__).parent
SEED = 20250605
SCENARIO = "late-acquisition"
EVERY = 15  # steps from one moment on file to the next
MOST = 300  # steps; a powered descent takes twenty times as many
# One flight begins low, where the ground lies 65 m above the target, and comes to rest.
BY_HAND = "LunarEnv/ActuatorLanding-v0"
LOW = {"height_m": 85.0, "v_vertical_m_s": -2.0, "v_lateral_m_s": 0.0, "nav_height_error_m": 0.5}


def path_of(name: str) -> Path:
    """File of an id."""
    return FOLDER / f"{name.split('/')[1]}.json"


def schedule(step: int, name: str, share: float) -> float:
    """An element of the action: throttles wave around a share, all else moves a little.

    The fraction of a throttle is (a + 1)/2.
    """
    if name.startswith("throttle"):
        return 2.0 * (share + 0.2 * math.sin(0.21 * step)) - 1.0
    return 0.02 * math.sin(0.13 * step + len(name))


def fly(name: str) -> dict[str, Any]:
    """Fly an id from its seed to the end; a moment in so many, and the last."""
    env = gym.make(name, scenario=SCENARIO)
    fields = env.unwrapped.observation_fields
    actions = [field.name for field in env.unwrapped.action_fields]
    low = name == BY_HAND
    every, share = (5, 0.3) if low else (EVERY, 0.72)
    options = {"start": LOW} if low else None
    observation, info = env.reset(seed=SEED, options=options)
    moments = [moment(env, 0, observation, 0.0)]
    done, step, total = False, 0, 0.0
    while not done and step < MOST:
        action = np.array([schedule(step, action, share) for action in actions], np.float32)
        observation, reward, terminated, truncated, info = env.step(action)
        total += float(reward)
        done, step = terminated or truncated, step + 1
        if done or step % every == 0 or step == MOST:
            moments.append(moment(env, step, observation, total))
    return {
        "id": name,
        "seed": SEED,
        "scenario": SCENARIO,
        "privileged_fields": [field.name for field in PRIVILEGED_FIELDS],
        "observation_fields": [field.name for field in fields],
        "outcome": info["outcome"] if done else "FLYING",
        "touchdown": touchdown(env, info) if done and info["touched"] else None,
        "moments": moments,
    }


def touchdown(env: Any, info: dict[str, Any]) -> dict[str, Any]:
    """The touchdown; nan where it did not come to rest."""
    kept = env.unwrapped.world.memory[0, TOUCHDOWN : TOUCHDOWN + len(TOUCHDOWN_NAMES)].tolist()
    margins = {
        name.removeprefix("margin_"): value
        for name, value in info.items()
        if name.startswith("margin_")
    }
    return {**dict(zip(TOUCHDOWN_NAMES, kept, strict=True)), "margins": margins}


def moment(env: Any, step: int, observation: np.ndarray, total: float) -> dict[str, Any]:
    """One instant: truth, observation and the reward so far."""
    return {
        "step": step,
        "return": total,
        "privileged": env.unwrapped.privileged.tolist(),
        "observation": [float(np.format_float_positional(x)) for x in observation],
    }


def as_text(flight: dict[str, Any]) -> str:
    """JSON with a line for each key and each moment, so that a change can be read in a diff."""
    head = [f"{json.dumps(key)}: {json.dumps(flight[key])}" for key in flight if key != "moments"]
    moments = ",\n".join(json.dumps(one) for one in flight["moments"])
    return "{\n" + ",\n".join([*head, f'"moments": [\n{moments}\n]']) + "\n}\n"


def main() -> None:
    """Write all files."""
    for row in IDS:
        flight = fly(row.name)
        path_of(row.name).write_text(as_text(flight), encoding="utf-8")
        last = flight["moments"][-1]["step"]
        sys.stderr.write(f"{path_of(row.name).name}: {flight['outcome']} after {last} steps\n")


if __name__ == "__main__":
    main()
