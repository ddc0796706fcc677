"""Gains of classical pilots: the code's defaults, shipped ones in TOML, others as an argument.

A pilot has four groups: ``law``, ``terminal`` (the last metres), ``blind`` (before the first range)
and ``filter``. Each is a frozen dataclass whose fields say why they have their values; a group here
is a mapping of some of them. A shipped file ``gains/<law+filter>.toml`` holds the groups and,
under ``study``, how they were found, which is for readers and not read here. Groups under
``control.<name>`` and ``mission.<name>`` replace gains of the file in that control or mission, both
of which a pilot knows before it flies.
"""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from lunar_env.errors import ConfigError, nearest, shown
from lunar_env.reading import read_toml

from .guidance.blind import BlindGains

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .guidance.types import GuidanceLaw, VectorLaw
    from .navigation.types import NavigationFilter

__all__ = ["GAINS", "GROUPS", "Parts", "all_gains", "make_parts", "read_gains", "shipped_gains"]

GAINS: Final = Path(__file__).parent / "gains"
GROUPS: Final = ("law", "terminal", "blind", "filter")
_STUDY: Final = "study"
_CONTROLS: Final = ("throttle", "thrust_vector")
# Range of each gain that has a natural one. Every other gain is between `_OTHERS`.
_RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "peak_frac": (0.3, 1.0),
    "use_frac": (0.3, 1.0),
    "resume_frac": (0.0, 1.0),
    "brake_frac": (0.1, 1.0),
    "spend_frac": (0.05, 1.0),
    "shortest_s": (0.2, 10.0),
    "period_s": (0.1, 60.0),
    "track_s": (0.5, 30.0),
    "tau_s": (0.2, 10.0),
    "lateral_tau_s": (0.2, 30.0),
    "touchdown_m_s": (0.2, 3.0),
    "handover_m": (1.0, 100.0),
    "upright_m": (1.0, 200.0),
    "flare_s": (1.0, 60.0),
    "lean_most_deg": (0.0, 45.0),
    "lean_fast_deg": (0.0, 45.0),
    "a_end_m_s2": (-2.0, 5.0),
}
_OTHERS: Final = (0.0, 1e6)


class Parts(NamedTuple):
    """Parts of a classical pilot."""

    law: GuidanceLaw | VectorLaw
    navigation: NavigationFilter
    blind: BlindGains


def make_parts(
    law: Callable[..., GuidanceLaw | VectorLaw],
    navigation: Callable[..., NavigationFilter],
    gains: Mapping[str, Mapping[str, object]],
    pilot: str,
) -> Parts:
    """Make law, filter and margins before the first range with some gains changed.

    Parameters
    ----------
    law, navigation : class
        Dataclasses with fields ``gains`` and, the law, ``terminal``.
    gains : mapping of mappings
        Value by group and gain.
    pilot : str
        Name, for messages.

    Returns
    -------
    Parts
        Ready for a `ClassicalPilot`.

    Raises
    ------
    ConfigError
        If a group or a gain is unknown, or a value out of its range.
    """
    for group in gains:
        if group not in GROUPS:
            hint = nearest(group, GROUPS)
            raise ConfigError(
                f"{pilot}: unknown group of gains {group!r}{hint} (available: {', '.join(GROUPS)})"
            )
    law_gains = _changed(law, "gains", gains.get("law", {}), f"{pilot}: law")
    terminal = _changed(law, "terminal", gains.get("terminal", {}), f"{pilot}: terminal")
    found = _changed(navigation, "gains", gains.get("filter", {}), f"{pilot}: filter")
    blind = _replaced(BlindGains(), gains.get("blind", {}), f"{pilot}: blind")
    return Parts(law(**law_gains, **terminal), navigation(**found), blind)


def shipped_gains(
    pilot: str, control: str | None = None, mission: str | None = None
) -> dict[str, dict[str, object]]:
    """Look up the shipped gains of a pilot, ``law+filter``; empty where none are shipped.

    `control` and `mission` are as for `read_gains`.
    """
    path = GAINS / f"{pilot}.toml"
    return read_gains(path, control, mission) if path.is_file() else {}


def all_gains(
    pilot: str, control: str
) -> tuple[dict[str, dict[str, object]], dict[str, dict[str, dict[str, object]]]]:
    """Look up the shipped gains of a pilot for all missions.

    Parameters
    ----------
    pilot : str
        ``law+filter``.
    control : str
        ``throttle`` or ``thrust_vector``.

    Returns
    -------
    general : dict
        Groups of gains of missions that have no own; empty where none are shipped.
    missions : dict
        Groups of gains of those that have, by name.
    """
    path = GAINS / f"{pilot}.toml"
    if not path.is_file():
        return {}, {}
    named = read_toml(path).get("mission", {})
    missions = {mission: read_gains(path, control, mission) for mission in named}
    return read_gains(path, control), missions


def read_gains(
    path: Path, control: str | None = None, mission: str | None = None
) -> dict[str, dict[str, object]]:
    """Read the groups of gains in a TOML file, without the study that found them.

    Parameters
    ----------
    path : Path
        The file.
    control : str, optional
        ``throttle`` or ``thrust_vector``: with the gains for that control.
    mission : str, optional
        Name of a mission: with the gains for it, before those for the control.

    Raises
    ------
    ConfigError
        If the file cannot be read, is not a table of tables, or has gains for an unknown control.
    """
    table = read_toml(path)
    table.pop(_STUDY, None)
    special = {kind: _tables(table.pop(kind, {}), path, kind) for kind in ("control", "mission")}
    for name in special["control"]:
        if name not in _CONTROLS:
            hint = nearest(name, _CONTROLS)
            raise ConfigError(
                f"{path}: unknown control {name!r}{hint} (available: {', '.join(_CONTROLS)})"
            )
    groups = _tables(table, path)
    for kind, chosen in (("control", control), ("mission", mission)):
        table = special[kind].get(chosen or "", {})
        for group, values in _tables(table, path, f"{kind}.{chosen}").items():
            groups[group] = {**groups.get(group, {}), **values}
    return groups


def _tables(table: object, path: Path, where: str = "") -> dict[str, dict[str, Any]]:
    """Return a table of tables, or raise a `ConfigError`."""
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: {where} = {shown(table)} must be a table of tables")
    for name, values in table.items():
        if not isinstance(values, dict):
            dotted = f"{where}.{name}" if where else name
            raise ConfigError(f"{path}: {dotted} = {shown(values)} must be a table of gains")
    return table


def _changed(
    made: Callable[..., Any], field: str, values: Mapping[str, object], where: str
) -> dict[str, Any]:
    """Keyword argument with changed gains for a class; empty where nothing is changed."""
    if not values:
        return {}
    default = getattr(made(), field, None)
    if default is None:
        raise ConfigError(f"{where} has no gains: {', '.join(values)} cannot be set")
    return {field: _replaced(default, values, where)}


def _replaced(default: Any, values: Mapping[str, object], where: str) -> Any:
    """Copy of a dataclass or named tuple of numbers with some of them changed."""
    named = isinstance(default, tuple)
    numbers = default._asdict() if named else dataclasses.asdict(default)
    checked: dict[str, float] = {}
    for name, value in values.items():
        if name not in numbers:
            raise ConfigError(
                f"{where} has no gain {name!r}{nearest(name, numbers)}"
                f" (available: {', '.join(numbers)})"
            )
        low, high = _RANGES.get(name, _OTHERS)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ConfigError(f"{where}: {name} = {shown(value)} must be a number")
        if not (math.isfinite(value) and low <= value <= high):
            raise ConfigError(f"{where}: {name} = {value} must be between {low:g} and {high:g}")
        checked[name] = float(value)
    return default._replace(**checked) if named else dataclasses.replace(default, **checked)
