"""The way of a throttle from `LunarLandingEnv.step` to the thrust: few modules, few names.

It is written down here call by call and checked against the source. Besides, a step is flown with
interpreted kernels, and the modules that get hold of the numbers themselves are noted.

A module is counted where one of its functions takes the value, or an array that holds it, on its
way to the engines. The layout of the arrays (`physics/lanes.py`, and the loads and stores that
`kernel/records.py` makes) is not: it decides nothing about the value.
"""

from __future__ import annotations

import ast
import io
import json
import os
import subprocess
import sys
import tokenize
from pathlib import Path

import numpy as np
import pytest

import lunar_env

PACKAGE = Path(lunar_env.__file__).parent
# Caller and callee, and the caller's name of the value that it hands over; the lanes hold the
# commands of all engines during the flight.
WAY = [
    ("envs/landing_env.py LunarLandingEnv.step", "envs/actions.py checked_action", "action"),
    ("envs/landing_env.py LunarLandingEnv.step", "envs/simulator.py Simulator.step", "_action"),
    ("envs/simulator.py Simulator.step", "envs/simulator.py Simulator._fly", "actions"),
    ("envs/simulator.py Simulator._fly", "sim/step.py step_part", "actions"),
    ("sim/step.py step_part", "sim/step.py step_rows", "actions"),
    ("sim/step.py step_rows", "sim/act.py load_action", "actions"),
    ("sim/act.py load_action", "sim/act.py record_action", "actions"),
    ("sim/act.py apply_action", "physics/engines.py command_engines", "throttle"),
    ("physics/engines.py command_engines", "physics/engines.py divide_throttle", "throttle"),
    ("physics/engines.py command_engines", "physics/engines.py engine_throttle", "throttles"),
    ("physics/engines.py command_engines", "physics/engines.py load_lane_engine", "command"),
    ("sim/step.py step_rows", "physics/flight.py fly", "lanes"),
    ("physics/flight.py fly", "physics/flight.py steer", "lanes"),
    ("physics/flight.py steer", "physics/engines.py shift_command", "lanes"),
    ("physics/flight.py steer", "physics/engines.py delay_command", "lanes"),
    ("physics/flight.py fly", "physics/engines.py sum_engines", "lanes"),
    ("physics/engines.py sum_engines", "physics/engines.py _sum_engine", "lanes"),
    ("physics/engines.py _sum_engine", "physics/engines.py Transient", "command"),
    ("physics/engines.py _sum_engine", "physics/engines.py _add_engine", "thrust"),
]
MODULES = {place.split()[0] for caller, callee, _ in WAY for place in (caller, callee)}
NAMES = {"action", "throttle", "command", "thrust"}
COMMANDS = {"COMMAND", "COMMAND_SHIFTED", "COMMAND_DELAYED"}
# Names that the value had in earlier versions.
OLD_NAMES = {"share", "part", "ASKED", "EFFECTIVE", "banded", "asked"}


def functions(path: str) -> dict[str, ast.AST]:
    """Functions of a module by name, methods as ``Class.method``."""
    found: dict[str, ast.AST] = {}
    for node in ast.parse((PACKAGE / path).read_text(encoding="utf-8")).body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
        for each in inner:
            if isinstance(each, ast.FunctionDef):
                found[prefix + each.name] = each
    return found


def names_in(path: Path) -> set[str]:
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
    return {token.string for token in tokens if token.type == tokenize.NAME}


def handed_over(function: ast.AST, callee: str) -> set[str]:
    """Names and attributes in the arguments of all calls of `callee` in a function."""
    found = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == callee:
            for argument in node.args:
                for leaf in ast.walk(argument):
                    found |= {leaf.id} if isinstance(leaf, ast.Name) else set()
                    found |= {leaf.attr} if isinstance(leaf, ast.Attribute) else set()
    return found


def singular(name: str) -> str:
    return name.strip("_").removesuffix("s")


@pytest.mark.parametrize(("caller", "callee", "name"), WAY)
def test_each_function_hands_the_value_to_the_next(caller: str, callee: str, name: str) -> None:
    path, function = caller.split()
    target = callee.split()[1].rpartition(".")[2]
    assert name in handed_over(functions(path)[function], target)


def test_it_enters_at_most_seven_modules_under_four_names() -> None:
    assert len(MODULES) <= 7
    assert {singular(name) for _, _, name in WAY} - {"lane"} == NAMES


def test_the_engine_model_is_in_one_module() -> None:
    """Elsewhere commands are only laid out, and set to zero where the tanks are empty."""
    users = {
        path.relative_to(PACKAGE).as_posix()
        for folder in ("physics", "sensors", "sim")
        for path in (PACKAGE / folder).glob("*.py")
        if names_in(path) & COMMANDS
    }
    assert users == {"physics/engines.py", "physics/lanes.py", "physics/depletion.py"}
    zeroed = ast.unparse(functions("physics/depletion.py")["shut_down_engines"])
    for name in COMMANDS:
        assert zeroed.count(f"{name} +") == 1
    source = (PACKAGE / "physics/depletion.py").read_text(encoding="utf-8")
    assert all(source.count(f"[{name} + ") == 1 for name in COMMANDS)


@pytest.mark.parametrize("module", ["sim/act.py", "physics/engines.py", "physics/flight.py"])
def test_it_has_no_other_name_there(module: str) -> None:
    assert names_in(PACKAGE / module) & OLD_NAMES == set()


@pytest.mark.parametrize("mission", ["slim", "blue-ghost-m1"])
def test_the_numbers_themselves_enter_no_other_module(mission: str) -> None:
    """From the action to the commands; the flight holds them in the lanes."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", __file__, mission],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    seen = json.loads(done.stdout)
    assert set(seen) == MODULES - {"physics/flight.py"}
    assert {singular(name) for names in seen.values() for name in names} <= NAMES


# --- What follows runs in a process of its own, with interpreted kernels. ---


def numbers(value: object) -> set[float]:
    """Floats of a value, and of a short array; of longer ones nothing."""
    if isinstance(value, float):
        return {float(value)}
    if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.size <= 16:
        return set(value.ravel().tolist())
    return set()


def follow(mission: str) -> dict[str, list[str]]:
    """Fly a step; the modules whose functions take the action, throttles or commands, and as what.

    A command is any result of the functions that make one.
    """
    makers = {"throttle_of", "engine_throttle", "achievable_throttle", "engine_command"}
    env = lunar_env.LunarLandingEnv(mission, scenario="ideal", phase="terminal")
    env.reset(seed=1, options={"start": {"height_m": 500.0}})
    action = 0.2371
    followed: set[float] = {action}
    seen: dict[str, set[str]] = {}

    def watch(frame, event, result):  # type: ignore[no-untyped-def]
        code = frame.f_code
        if event not in {"call", "return"} or not code.co_filename.startswith(str(PACKAGE)):
            return
        if event == "return" and code.co_name in makers:
            followed.update(numbers(result) - {0.0, 1.0, -1.0})
        if event == "call":
            taken = code.co_varnames[: code.co_argcount]
            names = [name for name in taken if numbers(frame.f_locals[name]) & followed]
            if names:
                place = Path(code.co_filename).relative_to(PACKAGE).as_posix()
                seen.setdefault(place, set()).update(names)

    sys.setprofile(watch)
    env.step(np.array([action]))
    sys.setprofile(None)
    return {place: sorted(names) for place, names in seen.items()}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(follow(sys.argv[1])))
