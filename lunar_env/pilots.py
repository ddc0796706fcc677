"""Pilots by name: the one way from the installed package up to what flies it.

The package itself knows a pilot that acts at random and policies from elsewhere (`foreign`).
Everything else lives in a clone, in packages that this one does not import: `agents` (guidance
laws, learned policies, training runs) and `training` (presets, tasks of the suite). Each registers
here what it brings; `_load` is the only place that knows where to look for them.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import numpy as np

from lunar_env.errors import ConfigError, LunarEnvError
from lunar_env.foreign import foreign_pilot
from lunar_env.sim.fields import PRIVILEGED_FIELDS
from lunar_env.specs import AsFlownSpec, load_mission, load_scenario
from lunar_env.task import Task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from lunar_env.envs import LunarLandingEnv, LunarLandingVectorEnv

__all__ = [
    "RANDOM",
    "Entry",
    "Pilot",
    "PilotSource",
    "Trained",
    "choose",
    "default_phase",
    "list_names",
    "register",
    "resolve",
    "shown_to",
]

RANDOM: Final = "random"
OWN: Final = "own"
USUAL: Final = "hoverslam+kalman"
MISSION: Final = "hakuto-r-m2"
SCENARIO: Final = "late-acquisition"
PHASE: Final = "terminal"
_PROVIDERS: Final = ("agents.source", "training.config_file", "training.suite.tasks")


class Pilot(Protocol):
    """Anything that flies: Stable-Baselines3's ``predict``."""

    def predict(
        self,
        observation: Any,
        state: Any = None,
        episode_start: Any = None,
        deterministic: bool = True,
    ) -> tuple[Any, Any]:
        """Map observations (n, obs_dim) to actions (n, actions) in [-1, 1], and a new state."""


class Entry(NamedTuple):
    """A pilot, its name in results, and the task as it sees it."""

    label: str
    pilot: Any
    task: Task


class Trained(NamedTuple):
    """What a policy was trained on."""

    mission: str
    scenario: str
    control: str
    phase: str


class Source(Protocol):
    """Something with names."""

    def names(self) -> Mapping[str, str]:
        """Return what there is: names, each with a line that says what it is."""


class PilotSource(Source, Protocol):
    """Makes pilots."""

    def trained_on(self, name: str) -> Trained | None:
        """Return what a policy was trained on; None for a pilot that was not trained."""

    def make(
        self, name: str, task: Task, gains: Mapping[str, Mapping[str, object]] | None
    ) -> Entry:
        """Return a pilot with its task; a `ConfigError` names what is wrong."""


_sources: dict[str, Source] = {}
_missing: dict[str, str] = {}


def register(kind: str, source: Source) -> None:
    """Offer what a package of the clone brings.

    Parameters
    ----------
    kind : str
        ``"pilots"``, whose source is a `PilotSource`, ``"presets"`` or ``"tasks"``.
    source : Source
        Who knows the names; it takes the place of an earlier one.
    """
    _sources[kind] = source


def list_names(kind: str) -> dict[str, str]:
    """Return the names of a kind, each with a line that says what it is.

    Parameters
    ----------
    kind : str
        ``"pilots"``, ``"presets"`` or ``"tasks"``.
    """
    _load()
    source = _sources.get(kind)
    names = {} if source is None else dict(source.names())
    if kind == "pilots":
        names[RANDOM] = "random actions"
    return names


def resolve(
    name: str,
    task: Task,
    *,
    gains: Mapping[str, Mapping[str, object]] | None = None,
    trust_code: bool = False,
) -> Entry:
    """Return a pilot with its task.

    Parameters
    ----------
    name : str
        One of ``list_names("pilots")``, the path of a policy file, the folder of a training run
        (its best policy), ``module:factory``, or the path of a Stable-Baselines3 model.
    task : Task
        What is to be flown; its history gives way to the pilot's.
    gains : mapping of mappings, optional
        Of a classical pilot, see `agents.make_pilot`; by default the shipped ones.
    trust_code : bool, optional
        Load a Stable-Baselines3 model, which may run any code that its file holds.

    Returns
    -------
    Entry
        Ready to fly, with as many past frames as the pilot expects.

    Raises
    ------
    ConfigError
        If there is no such pilot, mission or scenario, or the pilot cannot fly such a task.
    LunarEnvError
        If the pilot needs a clone and none is found.
    """
    if name == RANDOM:
        return Entry(RANDOM, RandomPilot(len(task.settings().action_fields)), task)
    stranger = foreign_pilot(name, task, trust_code=trust_code)
    if stranger is not None:
        return Entry(*stranger)
    return _pilots(name).make(name, task, gains)


def choose(
    pilot: str | None = None,
    mission: str | None = None,
    scenario: str | None = None,
    control: str | None = None,
    phase: str | None = None,
) -> tuple[str, Task]:
    """Return pilot and task where some are given.

    In the scenario ``as-flown`` the defaults are those of the mission, its own pilot included;
    otherwise those that the pilot was trained on, if any; otherwise the usual ones, see
    `default_phase`.

    Raises
    ------
    ConfigError
        If a name is wrong.
    """
    trained = None if pilot is None else trained_on(pilot)
    usual = trained or Trained(MISSION, SCENARIO, "throttle", PHASE)
    mission, scenario = mission or usual.mission, scenario or usual.scenario
    spec = load_scenario(scenario, mission)
    if isinstance(spec, AsFlownSpec):
        usual = usual._replace(control=spec.control, phase=spec.phase)
        pilot = pilot or OWN
        offered = load_mission(mission).phases.offered
        if phase is None and spec.phase not in offered:
            raise ConfigError(
                f"scenario {scenario!r} of mission {mission!r} starts in phase {spec.phase!r},"
                f" which the mission does not have; give --phase (available: {', '.join(offered)})"
            )
    elif phase is None and trained is None:
        phase = default_phase(mission)
    task = Task(mission, scenario, control=control or usual.control, phase=phase or usual.phase)
    return pilot or USUAL, task


def default_phase(mission: str) -> str:
    """Return the phase that is flown where none is given: terminal, or the mission's first.

    Raises
    ------
    ConfigError
        If there is no such mission.
    """
    offered = load_mission(mission).phases.offered
    return PHASE if PHASE in offered else offered[0]


def trained_on(name: str) -> Trained | None:
    """Return what a policy was trained on; None for a pilot that was not, or is unknown here."""
    _load()
    source: Any = _sources.get("pilots")
    return None if source is None else source.trained_on(name)


def shown_to(
    pilot: Any, observation: NDArray[np.float32], env: LunarLandingEnv | LunarLandingVectorEnv
) -> NDArray[np.float32]:
    """Return what a pilot is shown: the observation, and to the oracle the truth behind it.

    Parameters
    ----------
    pilot : Pilot
        Who flies.
    observation : ndarray of float32, shape (n, obs_dim)
        Of all rows.
    env : LunarLandingEnv or LunarLandingVectorEnv
        In the state that was observed.

    Returns
    -------
    ndarray of float32
        One line for each row.
    """
    if not getattr(pilot, "needs_truth", False):
        return observation
    truth = np.atleast_2d(env.privileged)
    assert truth.shape[1] == len(PRIVILEGED_FIELDS)
    return np.concatenate([observation, truth], axis=1, dtype=np.float32)


class RandomPilot:
    """Acts at random, the same way in every process.

    Parameters
    ----------
    width : int
        Numbers of an action.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._generator = np.random.default_rng(0)

    def predict(
        self,
        observation: NDArray[np.float32],
        state: Any = None,
        episode_start: Any = None,  # noqa: ARG002 (the protocol)
        deterministic: bool = True,  # noqa: ARG002
    ) -> tuple[NDArray[np.float32], Any]:
        """Draw uniformly from [-1, 1]."""
        shape = len(observation), self._width
        return self._generator.uniform(-1.0, 1.0, shape).astype(np.float32), state


def _pilots(name: str) -> PilotSource:
    _load()
    source: Any = _sources.get("pilots")
    if source is None:
        why = _missing.get("agents.source", "not found")
        raise LunarEnvError(
            f"pilot {name!r} needs the package 'agents' of a clone, which cannot be imported here"
            f" ({why}); run from the root of a clone, or give {RANDOM!r} or module:factory"
        )
    found: PilotSource = source
    return found


def _load() -> None:
    """Import the packages of the clone that are there; importing one registers what it brings."""
    for module in _PROVIDERS:
        package = module.partition(".")[0]
        try:
            # Another package of that name may be installed: without our module it brings nothing.
            if importlib.util.find_spec(package) and importlib.util.find_spec(module):
                importlib.import_module(module)
        except (ImportError, ValueError) as problem:
            _missing[module] = str(problem)
