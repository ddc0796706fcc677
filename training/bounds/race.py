"""The choice among the pilots of a portfolio, on the tune domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from lunar_env.errors import ConfigError
from training.bounds.flights import landed_by
from training.bounds.portfolio import members
from training.seeds import Domain, episode_seeds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lunar_env.task import Task
    from training.bounds.portfolio import Member

__all__ = ["Chosen", "best_of"]

# All members fly the first episodes, those that land most of them fly the rest.
HEAT_LANDINGS: Final = 60
TUNE_LANDINGS: Final = 200
FINALISTS: Final = 6
TUNE_SEED: Final = 0


class Chosen(NamedTuple):
    """The best member of all, of each law, and of those that know no more than a lander."""

    best: Member
    of_laws: tuple[Member, ...]
    classical: Member | None  # None where all know more


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
        The best of all after all tune episodes, the best of each law after as many as its members
        flew; the earlier one where two land as many. Flights that cannot change the best of all are
        left out.

    Raises
    ------
    ConfigError
        If no member can fly the task.
    """
    seeds = episode_seeds(TUNE_SEED, Domain.TUNE, TUNE_LANDINGS)
    heat, rest = seeds[:HEAT_LANDINGS], seeds[HEAT_LANDINGS:]

    def count(member: Member, some: Sequence[int]) -> int:
        if note is not None:
            note(member.label)
        return int(landed_by(member, task, some, threads).sum())

    entered = members(kind, task)
    if not entered:
        raise ConfigError(f"no pilot of the portfolio flies control {task.control!r}")
    landed: list[tuple[int, Member]] = []
    for member in entered:
        if sum(number == len(heat) for number, _ in landed) == FINALISTS:
            break  # no later one can be a finalist
        landed.append((count(member, heat), member))
    landed.sort(key=_fewest_last)
    finals: list[tuple[int, Member]] = []
    for first, member in landed[:FINALISTS]:
        finals.append((first + count(member, rest), member))
        if finals[-1][0] == len(seeds):
            break  # no later one can be better
    in_order = sorted(finals, key=_fewest_last) + landed[len(finals) :]
    of_laws: dict[str, Member] = {}
    for member in (*(member for _, member in in_order), *entered):
        of_laws.setdefault(member.law, member)
    classical = next((member for _, member in in_order if not member.knows_more), None)
    return Chosen(in_order[0][1], tuple(of_laws.values()), classical)


def _fewest_last(pair: tuple[int, Member]) -> int:
    return -pair[0]
