"""Policies from elsewhere: anything with Stable-Baselines3's ``predict``, named on a command line.

``module:factory`` names a pilot in a Python module that can be imported, from the present folder
too: an object with ``predict``, or something to call that returns one (with the keyword
``observation_fields`` if it takes it). ``FILE.zip`` names a model that Stable-Baselines3 saved.
Such a file holds pickled objects, which run code when it is loaded: that has to be allowed.
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lunar_env.errors import ConfigError, LunarEnvError, MissingExtra, nearest, shown
from lunar_env.reading import from_json, is_file, open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from lunar_env.task import Task

__all__ = ["ForeignPilot", "foreign_pilot"]

_FACTORY: Final = re.compile(r"(?P<module>[A-Za-z_][\w.]*):(?P<name>[A-Za-z_]\w*)")
# By the module of a model's policy class, the class that loads it: package and name.
_ALGORITHMS: Final = {
    "stable_baselines3.sac.policies": ("stable_baselines3", "SAC"),
    "stable_baselines3.td3.policies": ("stable_baselines3", "TD3"),
    "sb3_contrib.tqc.policies": ("sb3_contrib", "TQC"),
    "sb3_contrib.crossq.policies": ("sb3_contrib", "CrossQ"),
    "sb3_contrib.ars.policies": ("sb3_contrib", "ARS"),
    "sb3_contrib.common.recurrent.policies": ("sb3_contrib", "RecurrentPPO"),
}
_MAX_MODEL: Final = 2**32
_MAX_DATA: Final = 2**26
# What is left is a policy of the on-policy family, which flies alike under any of its names.
_ON_POLICY: Final = ("stable_baselines3", "PPO")


def foreign_pilot(
    name: str, task: Task, *, trust_code: bool
) -> tuple[str, ForeignPilot, Task] | None:
    """Return label, pilot and task for a name that means a policy from elsewhere, else None.

    Raises
    ------
    ConfigError
        If it cannot be loaded, is no pilot, or cannot fly the task.
    """
    if name.endswith(".zip"):
        label, policy = Path(name).stem, _load_model(Path(name), trust_code=trust_code)
    elif _FACTORY.fullmatch(name) and not Path(name).exists():
        label, policy = name, _make(name, task)
    else:
        return None
    history = _history(name, policy, task)
    flown = task._replace(history=history)
    return label, ForeignPilot(label, policy, len(flown.settings().action_fields)), flown


class ForeignPilot:
    """A policy from elsewhere, with checked actions.

    Parameters
    ----------
    name : str
        Name in results.
    policy : object
        With ``predict``.
    width : int
        Numbers of an action.
    """

    def __init__(self, name: str, policy: Any, width: int) -> None:
        self.name = name
        self._policy, self._width = policy, width
        self.needs_truth = bool(getattr(policy, "needs_truth", False))
        if callable(getattr(policy, "belief", None)):
            self.belief = _naming(name)(policy.belief)

    def predict(
        self,
        observation: NDArray[np.float32],
        state: Any = None,
        episode_start: Any = None,
        deterministic: bool = True,
    ) -> tuple[NDArray[np.float32], Any]:
        """Ask the policy; see `lunar_env.pilots.Pilot`."""
        with _naming(self.name):
            answer = self._policy.predict(
                observation, state=state, episode_start=episode_start, deterministic=deterministic
            )
        if not isinstance(answer, tuple | list) or len(answer) != 2:
            raise ConfigError(
                f"pilot {self.name!r}: predict returned {shown(answer)}, expected a pair of"
                " actions and state"
            )
        action, state = answer
        with _naming(self.name):
            found = np.asarray(action, dtype=np.float32)
        wanted = len(observation), self._width
        if found.shape != wanted:
            raise ConfigError(
                f"pilot {self.name!r} returned actions of shape {found.shape}, expected {wanted}"
            )
        return found, state


def _make(name: str, task: Task) -> Any:
    """Import a module and take the pilot, or call what makes it."""
    module_name, _, attribute = name.partition(":")
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))  # at the end: nothing installed is hidden by it
    with _naming(name):
        try:
            module = importlib.import_module(module_name)
        except ImportError as problem:
            raise ConfigError(f"pilot {name!r}: cannot import {module_name!r}: {problem}") from None
    if not hasattr(module, attribute):
        hint = nearest(attribute, vars(module))
        raise ConfigError(f"pilot {name!r}: module {module_name!r} has no {attribute!r}{hint}")
    made = getattr(module, attribute)
    if callable(made) and (inspect.isclass(made) or not hasattr(made, "predict")):
        made = _called(name, made, task)
    if not callable(getattr(made, "predict", None)):
        raise ConfigError(
            f"pilot {name!r} is of type {type(made).__name__}; a pilot needs a method 'predict'"
        )
    return made


def _called(name: str, factory: Any, task: Task) -> Any:
    """Call what makes a pilot, with ``observation_fields`` if it takes them."""
    fields = task.settings().frame_fields
    with _naming(name):
        takes = inspect.signature(factory)
    keywords = {"observation_fields": fields} if "observation_fields" in takes.parameters else {}
    try:
        takes.bind(**keywords)
    except TypeError as problem:
        raise ConfigError(
            f"pilot {name!r}: only observation_fields is passed to it, but {problem}"
        ) from problem
    with _naming(name):
        return factory(**keywords)


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Name the pilot in whatever its code raises, which is kept as the cause."""
    try:
        yield
    except LunarEnvError as problem:
        if repr(name) in str(problem):
            raise
        raise LunarEnvError(f"pilot {name!r}: {problem}") from problem
    except Exception as problem:
        first = f"{type(problem).__name__}: {problem}".partition("\n")[0]
        raise LunarEnvError(f"pilot {name!r} failed: {first}") from problem


def _load_model(path: Path, *, trust_code: bool) -> Any:
    if not is_file(path):
        raise ConfigError(f"{path}: no such file")
    if not trust_code:
        raise ConfigError(
            f"{path}: a Stable-Baselines3 model is pickled, and loading it runs any code in it;"
            " add --trust-code if you trust its source"
        )
    package, algorithm = _algorithm(path)
    try:
        library = importlib.import_module(package)
    except ImportError:
        raise MissingExtra("train", "loading a Stable-Baselines3 model") from None
    try:
        return getattr(library, algorithm).load(path, device="cpu")
    except Exception as problem:
        # Unpickling may fail in any way whatever.
        first = str(problem).partition("\n")[0] or type(problem).__name__
        raise LunarEnvError(f"{path}: cannot be loaded as {algorithm}: {first}") from problem


def _algorithm(path: Path) -> tuple[str, str]:
    """Return the class that saved a model, from the readable part of its file."""
    foreign = f"{path}: is not a model saved by Stable-Baselines3"
    with open_regular(path, _MAX_MODEL) as file:
        try:
            with zipfile.ZipFile(file) as archive, archive.open("data") as member:
                text = member.read(_MAX_DATA)
        except (KeyError, ValueError, NotImplementedError, RuntimeError, zipfile.BadZipFile):
            raise ConfigError(foreign) from None
    policy = from_json(text, foreign, finite=False).get("policy_class")
    home = policy.get("__module__") if isinstance(policy, dict) else None
    if not isinstance(home, str):
        raise ConfigError(f"{foreign}: its policy has no class")
    return _ALGORITHMS.get(home, _ON_POLICY)


def _history(name: str, policy: Any, task: Task) -> int:
    """Past frames that a policy expects, by the size of its observation space if it has one."""
    settings = task.settings()
    acts, wanted = _shape(policy, "action_space"), (len(settings.action_fields),)
    if acts not in (None, wanted):
        raise ConfigError(
            f"pilot {name!r} has actions of shape {acts}; control {task.control!r} takes {wanted}"
        )
    observes, frame = _shape(policy, "observation_space"), len(settings.frame_fields)
    if observes is None:
        return task.history
    if len(observes) != 1 or observes[0] == 0 or observes[0] % frame:
        raise ConfigError(
            f"pilot {name!r} observes shape {observes}, which is not a multiple of the {frame}"
            " elements of a frame: it was trained with another control, phase or version"
        )
    return int(observes[0]) // frame


def _shape(policy: Any, space: str) -> tuple[int, ...] | None:
    """Shape of a space of a policy, or None."""
    shape: tuple[int, ...] | None = getattr(getattr(policy, space, None), "shape", None)
    return shape
