"""The package flies whatever it is called: nothing in it names the package that it is in."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import agents
import lunar_env

SOURCE = Path(agents.__file__).parent
ROOT = SOURCE.parent
FILES = sorted(SOURCE.rglob("*.py"))
STEPS, SEED = 100, 3
FLY = f"""
import sys
from pathlib import Path

import gymnasium as gym
import numpy as np

import lunar_env

name, actions = sys.argv[1:]
if name != "agents":
    sys.modules["agents"] = None  # whatever imports it now fails
package = __import__(name, fromlist=["make_pilot"])
env = gym.make("LunarEnv/ThrottleLanding-v0", mission="hakuto-r-m2", scenario="everything")
pilot = package.make_pilot("hoverslam+kalman", env.unwrapped.observation_fields)
assert type(pilot).__module__ == f"{{name}}.classical"
observation, _ = env.reset(seed={SEED})
state, start, flown = None, np.array([True]), []
for _ in range({STEPS}):
    action, state = pilot.predict(observation, state, start)
    observation, _, terminated, truncated, _ = env.step(action)
    flown.append(action)
    start = np.array([terminated or truncated])
    if start[0]:
        observation, _ = env.reset()
policy = "throttle-m2"
assert package.make_pilot(policy, env.unwrapped.observation_fields).name == policy
np.save(actions, np.array(flown))
"""


def absolute_imports(source: str) -> list[str]:
    """Return the imports of `agents` by its name, also those that are spelt in a text."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                modules = [alias.name for alias in names]
            case ast.ImportFrom(level=0, module=str(module)):
                modules = [module]
            case ast.Constant(value=str(text)):
                modules = re.findall(r"\bagents[./]\w+", text)
            case _:
                continue
        found += [name for name in modules if re.split("[./]", name)[0] == "agents"]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_imports_inside_the_package_are_relative(path: Path) -> None:
    assert absolute_imports(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("from agents.base import Pilot", ["agents.base"]),
        ("def late():\n    from agents import make_pilot", ["agents"]),
        ("import agents.gains as gains", ["agents.gains"]),
        ("importlib.import_module('agents.source')", ["agents.source"]),
        ('"""Files in agents/gains."""', ["agents/gains"]),
        ("from .base import Pilot", []),
        ("from ..guidance.agents import x\nimport agents_of_others", []),
    ],
)
def test_an_absolute_import_is_found(planted: str, found: list[str]) -> None:
    assert absolute_imports(planted) == found


def flown_by(name: str, folder: Path, tmp_path: Path) -> np.ndarray:
    """Return the actions of 100 steps, flown in a process where a package has this name."""
    actions = tmp_path / f"{name}.npy"
    # Only the folders named here are searched: a checkout that is installed would bring `agents`.
    paths = [str(folder), str(Path(lunar_env.__file__).parents[1])]
    code = f"import sys; sys.path[:0] = {paths!r}\n{FLY}"
    done = subprocess.run(
        [sys.executable, "-c", code, name, str(actions)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    flown: np.ndarray = np.load(actions)
    return flown


def test_a_copy_under_another_name_flies_alike(tmp_path: Path) -> None:
    """To the bit, with `agents` out of reach."""
    copy = tmp_path / "elsewhere" / "pilots"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy.parent / "__init__.py").write_text("", encoding="utf-8")
    here = flown_by("agents", ROOT, tmp_path)
    there = flown_by("elsewhere.pilots", tmp_path, tmp_path)
    assert here.shape == (STEPS, 1)
    assert len(np.unique(here)) > 10
    assert there.tobytes() == here.tobytes()
