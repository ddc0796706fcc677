"""Validated, immutable models of the data files: lander, sensor, ground, mission, scenario.

A spec is what a TOML file means once its parts and its base are resolved. It says where each
number comes from (`provenance`), writes itself back (`to_toml`) and has a `digest`.

Start with `mission.py`; `quantity.py` explains the syntax of numbers and distributions, and
`pack.py` is the only place that turns specs into the rows that kernels read, and the only one here
that knows of the kernels' memory; the rest imports `lunar_env.data`, `lunar_env.errors` and, for
the ground, its generator `lunar_env.terrain`.
"""

from lunar_env.specs.as_flown import AS_FLOWN, AsFlownSpec
from lunar_env.specs.engine import EngineSpec, FittedEngine, RcsSpec
from lunar_env.specs.gear import GearSpec, TouchdownLimits, TouchdownTier
from lunar_env.specs.inertial import InertialSpec
from lunar_env.specs.loader import (
    list_missions,
    list_scenarios,
    load_inertial,
    load_mission,
    load_scenario,
    load_terrain,
)
from lunar_env.specs.mission import MissionSpec, PayloadSpec
from lunar_env.specs.phase import PHASES, Phases, PhaseSpec
from lunar_env.specs.planet import PlanetSpec
from lunar_env.specs.published import PublishedFigure
from lunar_env.specs.quantity import CONFIDENCES, Draw, Quantity
from lunar_env.specs.rangefinder import RangefinderSpec
from lunar_env.specs.scenario import FaultSpec, ScenarioSpec
from lunar_env.specs.sensors import CameraSpec, RadarSpec, VelocimeterSpec
from lunar_env.specs.terrain import FeatureSpec, TerrainSpec
from lunar_env.specs.vehicle import Dispersion, GaugesSpec, VehicleSpec

__all__ = [
    "AS_FLOWN",
    "CONFIDENCES",
    "PHASES",
    "AsFlownSpec",
    "CameraSpec",
    "Dispersion",
    "Draw",
    "EngineSpec",
    "FaultSpec",
    "FeatureSpec",
    "FittedEngine",
    "GaugesSpec",
    "GearSpec",
    "InertialSpec",
    "MissionSpec",
    "PayloadSpec",
    "PhaseSpec",
    "Phases",
    "PlanetSpec",
    "PublishedFigure",
    "Quantity",
    "RadarSpec",
    "RangefinderSpec",
    "RcsSpec",
    "ScenarioSpec",
    "TerrainSpec",
    "TouchdownLimits",
    "TouchdownTier",
    "VehicleSpec",
    "VelocimeterSpec",
    "list_missions",
    "list_scenarios",
    "load_inertial",
    "load_mission",
    "load_scenario",
    "load_terrain",
]
