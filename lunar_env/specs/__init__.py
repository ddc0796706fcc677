"""Validated, immutable models of the data files: lander, rangefinder, mission, scenario.

A spec is what a TOML file means once its parts and its base are resolved. It says where each
number comes from (`provenance`), writes itself back (`to_toml`) and has a `digest`.

Start with `mission.py`; `quantity.py` explains the syntax of numbers and distributions, and
`pack.py` is the only place that turns specs into the rows that kernels read, and the only one here
that knows of kernels; the rest imports `lunar_env.data` and `lunar_env.errors`.
"""

from lunar_env.specs.loader import list_missions, list_scenarios, load_mission, load_scenario
from lunar_env.specs.mission import MissionSpec, Phases, TerminalPhase
from lunar_env.specs.quantity import CONFIDENCES, Draw, Quantity
from lunar_env.specs.rangefinder import RangefinderSpec
from lunar_env.specs.scenario import ScenarioSpec
from lunar_env.specs.vehicle import Dispersion, TouchdownLimits, TouchdownTier, VehicleSpec

__all__ = [
    "CONFIDENCES",
    "Dispersion",
    "Draw",
    "MissionSpec",
    "Phases",
    "Quantity",
    "RangefinderSpec",
    "ScenarioSpec",
    "TerminalPhase",
    "TouchdownLimits",
    "TouchdownTier",
    "VehicleSpec",
    "list_missions",
    "list_scenarios",
    "load_mission",
    "load_scenario",
]
