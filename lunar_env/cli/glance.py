"""Overview of a mission: engines, landing gear, sensors, phases and controls."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from lunar_env.envs.settings import CONTROLS
from lunar_env.specs import Draw
from lunar_env.specs.pack import actions_of

if TYPE_CHECKING:
    from rich.console import Console

    from lunar_env.specs import MissionSpec, RangefinderSpec
    from lunar_env.specs.engine import FittedEngine
    from lunar_env.specs.phase import PhaseSpec
    from lunar_env.specs.sensors import ChannelSpec
    from lunar_env.specs.terrain import FeatureSpec

__all__ = ["glance", "print_glance", "value_text"]


def glance(mission: MissionSpec) -> dict[str, object]:
    """Return engines, gear, sensors, planet, terrain, phases and actions of a mission, as JSON."""
    vehicle, phases = mission.vehicle, mission.phases
    return {
        "engines": [_engine(engine) for engine in vehicle.engine_list],
        "gear": {
            "legs": vehicle.gear.legs,
            "footprint_diameter_m": vehicle.gear.footprint_diameter_m,
            "stroke_m": vehicle.gear.stroke_m,
        },
        "sensors": [sensor.name for sensor in _sensors(mission)],
        "planet": {
            "name": mission.planet.name,
            "gravity_m_s2": mission.planet.surface_gravity_m_s2,
            "radius_m": mission.planet.radius_m,
        },
        "terrain": {
            "name": mission.terrain.name,
            "features": [_landform(feature) for feature in mission.features],
        },
        "phases": {name: _phase(phases.named(name)) for name in phases.offered},
        "actions": {c: [field.name for field in actions_of(vehicle, c)] for c in CONTROLS},
    }


def print_glance(mission: MissionSpec, out: Console) -> None:
    """Print the same for people."""
    vehicle, gear = mission.vehicle, mission.vehicle.gear
    out.print(Text(f"\n{vehicle.title}", style="bold"))
    out.print(_engines(mission))
    out.print(
        Text(
            f"gear: {gear.legs} legs on a circle of {gear.footprint_diameter_m:g} m diameter,"
            f" stroke {gear.stroke_m:g} m; engine cut-off: {mission.cutoff}"
        )
    )
    out.print(Text(f"sensors: {', '.join(sensor.title for sensor in _sensors(mission))}"))
    planet = mission.planet
    out.print(Text(f"planet: {planet.title}, {planet.surface_gravity_m_s2:.4g} m/s2"))
    named = f"terrain: {mission.terrain.name}"
    features = [_landform(feature) for feature in mission.features]
    out.print(Text(f"{named}, with {', '.join(features)}" if features else named))
    for name in mission.phases.offered:
        out.print(Text(f"phase {name}: {_phase_text(mission.phases.named(name))}"))
    for control in CONTROLS:
        names = ", ".join(field.name for field in actions_of(vehicle, control))
        out.print(Text(f"control {control}: {names}"))


def _sensors(mission: MissionSpec) -> list[RangefinderSpec | ChannelSpec]:
    fitted = (mission.rangefinder, mission.velocimeter, mission.radar, mission.camera)
    return [sensor for sensor in fitted if sensor is not None]


def value_text(value: object) -> str:
    """Write a number, an interval or a distribution."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        return "; ".join(f"{radius:g} {height:g}" for radius, height in value)
    if isinstance(value, tuple):
        return " to ".join(f"{number:g}" for number in value)
    if not isinstance(value, Draw):
        return f"{value:g}"
    parameters = ", ".join(f"{number:g}" for number in value.parameters)
    return parameters if value.kind == "constant" else f"{value.kind}({parameters})"


def _engine(engine: FittedEngine) -> dict[str, object]:
    spec = engine.spec
    return {
        "name": engine.name,
        "kind": spec.kind,
        "thrust_N": spec.thrust_N,
        "floor_frac": spec.floor_frac,
        "isp_s": spec.isp_s,
        "gimbal_max_deg": spec.gimbal_max_deg,
        "place_m": list(engine.place_m),
        "direction": list(engine.direction),
    }


def _engines(mission: MissionSpec) -> Table:
    table = Table("engine", "kind", title=f"{mission.vehicle.thrust_max_N:g} N in total")
    for name in (
        "thrust [N]",
        "floor [-]",
        "Isp [s]",
        "gimbal [deg]",
        "position [m]",
        "cant [deg]",
    ):
        table.add_column(name, justify="right")
    for engine in mission.vehicle.engine_list:
        spec = engine.spec
        place = ", ".join(f"{coordinate:.2f}" for coordinate in engine.place_m)
        cant = math.degrees(math.acos(min(1.0, engine.direction[2])))
        table.add_row(
            engine.name,
            spec.kind,
            f"{spec.thrust_N:g}",
            f"{spec.floor_frac:g}",
            f"{spec.isp_s:g}",
            f"{spec.gimbal_max_deg:g}",
            place,
            f"{cant:.1f}",
        )
    return table


def _landform(feature: FeatureSpec) -> str:
    size = (
        f"{feature.diameter_m:g} m wide"
        if feature.kind == "crater"
        else f"of {feature.slope_deg:g} deg"
    )
    place = f"{feature.east_m:g} m east and {feature.north_m:g} m north of the target"
    return f"a {feature.kind} {size}, {place}"


def _phase(phase: PhaseSpec) -> dict[str, object]:
    return {
        "height_m": value_text(phase.height_m),
        "downrange_m": value_text(phase.downrange_m),
        "approach_azimuth_deg": phase.approach_azimuth_deg,
        "propellant_kg": phase.propellant_kg,
        "tilt_max_deg": phase.tilt_max_deg,
        "time_limit_s": phase.time_limit_s,
    }


def _phase_text(phase: PhaseSpec) -> str:
    start = f"{value_text(phase.height_m)} m up, {value_text(phase.downrange_m)} m from the target"
    if phase.approach_azimuth_deg is not None:
        start += f", heading {phase.approach_azimuth_deg:g} deg"
    return f"{start}, with {phase.propellant_kg:g} kg of propellant"
