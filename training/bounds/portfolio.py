"""The pilots whose landings are bounds, and the choice among them on the tune domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from agents.gains import shipped_gains
from agents.substitution import substituted
from lunar_env import PRIVILEGED_FIELDS
from lunar_env.errors import ConfigError
from lunar_env.pilots import OWN, Entry, resolve
from training.evaluate import evaluate
from training.seeds import Domain

if TYPE_CHECKING:
    from collections.abc import Callable

    from lunar_env.task import Task

__all__ = ["Chosen", "Member", "best_of", "fly_member", "members"]

LAWS: Final = ("velocity-profile", "hoverslam", "e-guidance", "apollo", "fp2dg")
Gains = dict[str, dict[str, object]]
# Changes of the gains of each law. A higher hand-over lands slow turners, but costs propellant.
HANDOVERS: Final[tuple[Gains, ...]] = (
    {},
    {"terminal": {"handover_m": 30.0}},
    {"terminal": {"handover_m": 60.0}},
)
# Without the true state also a larger margin before the first range.
MARGINS: Final[tuple[Gains, ...]] = (*HANDOVERS, {"blind": {"sigmas": 4.0}})
# By kind and filter, the changes that are tried with each law.
PORTFOLIO: Final[dict[str, dict[str, tuple[Gains, ...]]]] = {
    "saved": {"oracle": HANDOVERS},
    "attainable": {"informed": MARGINS, "kalman": ({},)},
}
# The mission's own pilot belongs to each portfolio: SLIM's alone knows how to lie down. By kind the
# part of the truth that it is given: see `agents.substitution`.
OWN_GIVEN: Final[dict[str, str]] = {"saved": "state", "attainable": ""}
TUNE_LANDINGS: Final = 200
TUNE_SEED: Final = 0


class Member(NamedTuple):
    """A pilot of a portfolio."""

    pilot: str
    changes: Gains  # of its usual gains
    given: str = ""  # part of the truth that replaces its estimate

    @property
    def label(self) -> str:
        """Name with the changed gains."""
        changed = [
            f"{group}.{name}={value:g}"
            for group, gains in self.changes.items()
            for name, value in gains.items()
        ]
        given = [f"given {self.given}"] if self.given else []
        return " ".join([self.pilot, *given, *changed])

    @property
    def gains(self) -> Gains:
        """All gains that are not defaults of the code."""
        usual: dict[str, Any] = {k: dict(v) for k, v in shipped_gains(self.pilot).items()}
        for group, gains in self.changes.items():
            usual[group] = {**usual.get(group, {}), **gains}
        return usual


class Chosen(NamedTuple):
    """The best member of each law, and the best of all."""

    best: Member
    of_laws: tuple[Member, ...]


def members(kind: str, task: Task) -> list[Member]:
    """Return the members of a portfolio that can fly a task.

    Parameters
    ----------
    kind : str
        ``saved`` or ``attainable``.
    task : Task
        The task.
    """
    found = [
        Member(f"{law}+{navigation}", change)
        for law in LAWS
        for navigation, changes in PORTFOLIO[kind].items()
        for change in changes
    ]
    if kind in OWN_GIVEN:
        found.append(Member(OWN, {}, OWN_GIVEN[kind]))
    return [member for member in found if _flies(member, task)]


def _flies(member: Member, task: Task) -> bool:
    try:
        _entry_of(member, task)
    except ConfigError:  # such as a control that it does not command
        return False
    return True


def _entry_of(member: Member, task: Task) -> Entry:
    """Return the pilot of a member with its task."""
    entry = resolve(member.pilot, task, gains=member.gains)
    if not member.given:
        return entry
    seen = entry.task._replace(history=1)
    fields = (*seen.settings().frame_fields, *PRIVILEGED_FIELDS)
    return Entry(member.label, substituted(entry.pilot, fields, member.given), seen)


def fly_member(
    member: Member, task: Task, landings: int, seed: int, domain: Domain, threads: int | None
) -> np.ndarray:
    """Return which episodes a member lands.

    Parameters
    ----------
    member : Member
        The pilot.
    task : Task
        The task.
    landings, seed, domain
        The episodes, as for `training.evaluate.evaluate`.
    threads : int, optional
        Threads of the simulation.

    Returns
    -------
    ndarray of bool, shape (landings,)
        Success.
    """
    entry = _entry_of(member, task)
    label = member.label
    flown = evaluate(
        entry.pilot, entry.task, landings, seed, label=label, domain=domain, num_threads=threads
    )
    return np.asarray(flown["landed"])


def best_of(
    kind: str, task: Task, threads: int | None = None, note: Callable[[str], None] | None = None
) -> Chosen:
    """Choose the members that land most episodes of the tune domain.

    Parameters
    ----------
    kind : str
        ``saved`` or ``attainable``.
    task : Task
        The task.
    threads : int, optional
        Threads of the simulation.
    note : callable, optional
        Called with the label of each member before it flies.

    Returns
    -------
    Chosen
        The best member of each law, and the best of all; the earlier one where two land as many.

    Raises
    ------
    ConfigError
        If no member can fly the task.
    """
    landed: dict[str, tuple[int, Member]] = {}
    for member in members(kind, task):
        if note is not None:
            note(member.label)
        flown = fly_member(member, task, TUNE_LANDINGS, TUNE_SEED, Domain.TUNE, threads)
        count, law = int(flown.sum()), member.pilot.partition("+")[0]
        if law not in landed or count > landed[law][0]:
            landed[law] = count, member
    if not landed:
        raise ConfigError(f"no pilot of the portfolio flies control {task.control!r}")
    best = max(landed.values(), key=lambda pair: pair[0])[1]
    return Chosen(best, tuple(member for _, member in landed.values()))
