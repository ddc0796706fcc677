"""``check``: every id against Gymnasium's rules, and every data file."""

from __future__ import annotations

import importlib.util
import os
import warnings
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import gymnasium as gym
from gymnasium.utils.env_checker import check_env
from rich.text import Text

from lunar_env.cli.program import Done
from lunar_env.errors import LunarEnvError
from lunar_env.registration import IDS
from lunar_env.specs import AS_FLOWN, list_missions, list_scenarios, load_mission, load_scenario
from lunar_env.specs.parts import PARTS, list_parts, load_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

    from lunar_env.cli.options import Check

__all__ = ["run"]

_DRIVER = "SDL_VIDEODRIVER"


class Finding(NamedTuple):
    """One thing that was checked."""

    what: str
    problem: str  # empty without a problem


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
    drawn = importlib.util.find_spec("pygame") is not None
    note = "" if drawn else " (no picture: extra render is not installed)"
    for row in IDS:
        yield f"environment {row.name}{note}", partial(_check_id, row.name, drawn=drawn)
    for name in list_missions():
        yield f"mission {name}", partial(load_mission, name)
    for name in list_scenarios():
        yield f"scenario {name}", partial(load_scenario, name)
    for name in list_missions():
        if AS_FLOWN in list_scenarios(name):
            yield f"{AS_FLOWN} {name}", partial(load_scenario, AS_FLOWN, name)
    for kind in PARTS:
        label = "sensor" if kind == "rangefinder" else kind
        for name in list_parts(kind):
            yield f"{label} {name}", partial(load_part, kind, name)


def _check_id(name: str, *, drawn: bool) -> None:
    env = gym.make(name, render_mode="rgb_array" if drawn else None).unwrapped
    # Gymnasium's checker also opens a window, which is not needed.
    before = os.environ.get(_DRIVER)
    os.environ[_DRIVER] = "dummy"
    try:
        check_env(env) if drawn else check_env(env, skip_render_check=True)
    finally:
        del os.environ[_DRIVER]
        os.environ.update({} if before is None else {_DRIVER: before})


def _problem(check: Callable[[], object]) -> str:
    """Run a check; warnings count as problems."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            check()
        except (LunarEnvError, gym.error.Error, AssertionError, ValueError, TypeError) as error:
            return " ".join(str(error).split()) or type(error).__name__
    return "; ".join(" ".join(str(warning.message).split()) for warning in caught)
