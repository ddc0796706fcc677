"""``check``: every id against Gymnasium's rules, and every data file."""

from __future__ import annotations

import tomllib
import warnings
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import gymnasium as gym
from gymnasium.utils.env_checker import check_env
from rich.text import Text

from lunar_env.cli.program import Done
from lunar_env.data import DATA_DIR
from lunar_env.errors import LunarEnvError
from lunar_env.registration import IDS
from lunar_env.specs import (
    CameraSpec,
    RadarSpec,
    RangefinderSpec,
    VehicleSpec,
    VelocimeterSpec,
    list_missions,
    list_scenarios,
    load_inertial,
    load_mission,
    load_scenario,
    load_terrain,
)
from lunar_env.specs.base import Spec, merge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rich.console import Console

    from lunar_env.cli.options import Check

__all__ = ["run"]


# What a sensor's file is called here, its folder and its model.
_SENSORS: tuple[tuple[str, str, type[Spec]], ...] = (
    ("sensor", "sensors", RangefinderSpec),
    ("velocimeter", "sensors/velocimeters", VelocimeterSpec),
    ("radar", "sensors/radars", RadarSpec),
    ("camera", "sensors/cameras", CameraSpec),
)


class Finding(NamedTuple):
    """One thing that was checked."""

    what: str
    problem: str  # empty where there is none


def run(options: Check, out: Console) -> Done:  # noqa: ARG001 (one signature for all)
    """Check.

    Parameters
    ----------
    options : Check
        What was asked for.
    out : Console
        Where people read.

    Returns
    -------
    Done
        Every finding; not well where one has a problem.
    """
    findings = []
    for what, check in _checks():
        finding = Finding(what, _problem(check))
        line = Text.assemble(
            ("FAILED  ", "red") if finding.problem else ("ok      ", "green"), what
        )
        out.print(line.append(f": {finding.problem}" if finding.problem else ""), soft_wrap=True)
        findings.append(finding)
    ok = not any(finding.problem for finding in findings)
    return Done({"ok": ok, "checks": [finding._asdict() for finding in findings]}, ok)


def _checks() -> Iterator[tuple[str, Callable[[], object]]]:
    for row in IDS:
        yield f"environment {row.name}", partial(_check_id, row.name)
    for name in list_missions():
        yield f"mission {name}", partial(load_mission, name)
    for name in list_scenarios():
        yield f"scenario {name}", partial(load_scenario, name)
    for path in sorted((DATA_DIR / "vehicles").glob("*.toml")):
        yield f"vehicle {path.stem}", partial(_load_part, VehicleSpec, path)
    for kind, folder, model in _SENSORS:
        for path in sorted((DATA_DIR / folder).glob("*.toml")):
            yield f"{kind} {path.stem}", partial(_load_part, model, path)
    for path in sorted((DATA_DIR / "inertial").glob("*.toml")):
        yield f"inertial {path.stem}", partial(load_inertial, path)
    for path in sorted((DATA_DIR / "terrains").glob("*.toml")):
        yield f"terrain {path.stem}", partial(load_terrain, path)


def _check_id(name: str) -> None:
    check_env(gym.make(name, render_mode="rgb_array").unwrapped)


def _load_part(model: type[Spec], path: Path) -> None:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    base = table.pop("base", None)
    if base is not None:
        below = tomllib.loads((path.parent / f"{base}.toml").read_text(encoding="utf-8"))
        table = merge(below, table)
    model.from_table(table)


def _problem(check: Callable[[], object]) -> str:
    """Run a check; warnings count as problems."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            check()
        except (LunarEnvError, gym.error.Error, AssertionError, ValueError, TypeError) as error:
            return " ".join(str(error).split()) or type(error).__name__
    return "; ".join(" ".join(str(warning.message).split()) for warning in caught)
