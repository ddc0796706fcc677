"""Autonomous landing on the Moon with an altimeter that is late, silent or wrong.

>>> import gymnasium as gym, lunar_env
>>> env = gym.make("LunarEnv/ThrottleLanding-v0", mission="hakuto-r-m2")

Read `lunar_env/sim/step.py` for what happens in a step, `lunar_env/sensors/rangefinder.py` for the
instrument, `lunar_env/sim/fields.py` for every observed number.
"""

from lunar_env.envs import LunarLandingEnv, LunarLandingVectorEnv
from lunar_env.errors import ConfigError, LunarEnvError, MissingExtra
from lunar_env.registration import register_all
from lunar_env.sim.fields import ACTION_FIELDS, PRIVILEGED_FIELDS, REWARD_TERMS, Field, Outcome
from lunar_env.sim.frame import OBSERVATION_FIELDS
from lunar_env.specs import (
    MissionSpec,
    RangefinderSpec,
    ScenarioSpec,
    VehicleSpec,
    list_missions,
    list_scenarios,
    load_mission,
)
from lunar_env.version import __version__

__all__ = [
    "ACTION_FIELDS",
    "OBSERVATION_FIELDS",
    "PRIVILEGED_FIELDS",
    "REWARD_TERMS",
    "ConfigError",
    "Field",
    "LunarEnvError",
    "LunarLandingEnv",
    "LunarLandingVectorEnv",
    "MissingExtra",
    "MissionSpec",
    "Outcome",
    "RangefinderSpec",
    "ScenarioSpec",
    "VehicleSpec",
    "__version__",
    "list_missions",
    "list_scenarios",
    "load_mission",
]

register_all()
