"""The ids that Gymnasium knows after ``import lunar_env``."""

from __future__ import annotations

from typing import Final, NamedTuple

import gymnasium as gym

__all__ = ["IDS", "register_all"]


class Id(NamedTuple):
    """One row of the id table."""

    name: str
    control: str
    phase: str
    mission: str


IDS: Final = (
    Id("LunarEnv/ThrottleLanding-v0", "throttle", "terminal", "hakuto-r-m2"),
    Id("LunarEnv/VectorLanding-v0", "thrust_vector", "approach", "blue-ghost-m1"),
    Id("LunarEnv/PoweredDescent-v0", "thrust_vector", "powered", "chandrayaan-3"),
    Id("LunarEnv/ActuatorLanding-v0", "actuators", "terminal", "slim"),
)


def register_all() -> None:
    """Register every id, single and vector; without a step limit, the mission has its own."""
    for row in IDS:
        if row.name in gym.registry:
            continue
        gym.register(
            id=row.name,
            entry_point="lunar_env.envs:LunarLandingEnv",
            vector_entry_point="lunar_env.envs:LunarLandingVectorEnv",
            kwargs={"control": row.control, "phase": row.phase, "mission": row.mission},
        )
