"""``list``: the names that can be given to options, each with what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from lunar_env.cli.tables import names_table
from lunar_env.envs.settings import PHASES
from lunar_env.errors import ConfigError, LunarEnvError, nearest
from lunar_env.pilots import list_names
from lunar_env.specs import AS_FLOWN, list_missions, list_scenarios, load_mission, load_scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rich.console import Console

    from lunar_env.cli.options import List

__all__ = ["run"]


def run(options: List, out: Console) -> Mapping[str, object]:
    """List names.

    Parameters
    ----------
    options : List
        What was asked for.
    out : Console
        Where people read.

    Returns
    -------
    mapping
        Under the kind a list of ``name`` and ``title``.
    """
    kind = options.kind
    if kind not in _KINDS:
        raise ConfigError(
            f"unknown kind {kind!r}{nearest(kind, _KINDS)} (available: {', '.join(_KINDS)})"
        )
    names = _KINDS[kind]()
    out.print(names_table(kind[:-1], names))
    if kind == "pilots":
        out.print(Text(_MORE_PILOTS, style="dim"))
    return {kind: [{"name": name, "title": title} for name, title in names.items()]}


_MORE_PILOTS = (
    "A pilot can also be the path of a policy file, the folder of a training run, module:factory"
    " (anything with Stable-Baselines3's predict), or a Stable-Baselines3 model (.zip, with"
    " --trust-code)."
)


def _pilots() -> dict[str, str]:
    return list_names("pilots")


def _missions() -> dict[str, str]:
    return {name: load_mission(name).title for name in list_missions()}


def _scenarios() -> dict[str, str]:
    named = {name: load_scenario(name).description for name in list_scenarios()}
    return {
        **named,
        AS_FLOWN: "The faults recorded on the mission; different for each mission.",
    }


def _presets() -> dict[str, str]:
    return _of_training("presets")


def _tasks() -> dict[str, str]:
    return _of_training("tasks")


def _of_training(kind: str) -> dict[str, str]:
    names = list_names(kind)
    if not names:
        raise LunarEnvError(f"{kind} belong to `python -m training`: run from the root of a clone")
    return names


def _phases() -> dict[str, str]:
    missions = [load_mission(name) for name in list_missions()]
    return {
        phase: "offered by "
        + ", ".join(mission.name for mission in missions if phase in mission.phases.offered)
        for phase in PHASES
    }


_KINDS: dict[str, Callable[[], dict[str, str]]] = {
    "pilots": _pilots,
    "missions": _missions,
    "scenarios": _scenarios,
    "presets": _presets,
    "phases": _phases,
    "tasks": _tasks,
}
