"""Who flies the landings of an accident, and with what part of the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from gymnasium.vector import AutoresetMode

from agents import list_pilots
from agents.own import read_own
from agents.substitution import PARTS
from lunar_env.errors import ConfigError, nearest
from lunar_env.pilots import resolve
from lunar_env.specs import load_mission
from lunar_env.task import Task
from training.bounds.flights import landed_by
from training.bounds.portfolio import LAWS, Member
from training.evaluate import fly_seeds
from training.missions.cases import OWN, Case, as_flown_of
from training.missions.matrix import can_fly
from training.vector_env import make_vector_env

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

__all__ = ["OWN_FILTER", "STORY", "Flown", "FlyJob", "flown_by", "general_pilots"]

STORY: Final = ("hakuto-r-m1", "peregrine-1", "slim", "im-1", "hakuto-r-m2")
"""The missions that were lost, or landed and fell over, by date."""

OWN_FILTER: Final = "its filter"
"""What a law may be given: the filter of the mission's own pilot in place of the general one."""

_TOLD: Final = {"informed": "+informed", "truth": "+oracle"}


class Flown(NamedTuple):
    """A pilot, and what it is given: a part of the truth, or `OWN_FILTER`."""

    pilot: str
    given: str = ""

    @property
    def label(self) -> str:
        """Name on the page."""
        return f"{self.pilot} given {self.given}" if self.given else self.pilot


def general_pilots(asked: Sequence[str] = ()) -> list[str]:
    """Return the pilots that know nothing of the mission, or those asked for.

    Parameters
    ----------
    asked : sequence of str, optional
        Names; if empty, the guidance laws on the Kalman filter and the shipped policies.

    Raises
    ------
    ConfigError
        If there is no such pilot, or one is given the truth.
    """
    known = list_pilots()
    for name in asked:
        if name not in known and not name.endswith(".safetensors"):
            hint = nearest(name, known)
            raise ConfigError(f"unknown pilot {name!r}{hint} (`lunar-env list pilots` lists them)")
    policies = [name for name in known if "+" not in name]
    return list(dict.fromkeys(asked or [*(f"{law}+kalman" for law in LAWS), *policies]))


def flown_by(mission: str, pilots: Sequence[str]) -> dict[str, list[Flown]]:
    """Return who flies the landings of a mission.

    Parameters
    ----------
    mission : str
        One of `STORY`.
    pilots : sequence of str
        Pilots that know nothing of it; those that cannot fly it are left out.

    Returns
    -------
    dict of str to list of Flown
        ``own``, ``general``; for the laws among these ``filter``, with the own pilot's filter,
        ``informed``, and ``truth``, with the own pilot; ``given``: the own pilot with each part of
        the truth.
    """
    flying = [name for name in pilots if can_fly(Case(mission, pilot=name))]
    laws = list(dict.fromkeys(name.partition("+")[0] for name in flying if "+" in name))
    own_filter = read_own(mission).navigation
    who = {OWN: [Flown(OWN)], "general": [Flown(name) for name in flying]}
    who["filter"] = [Flown(f"{law}+{own_filter}", OWN_FILTER) for law in laws]
    for kind, suffix in _TOLD.items():
        who[kind] = [Flown(law + suffix) for law in laws]
    who["truth"].append(Flown(OWN, "state"))
    who["given"] = [Flown(OWN, part) for part in PARTS]
    return who


def member_of(flown: Flown, mission: str) -> Member:
    """Return a classical pilot as a member of a portfolio, which has a place on disk."""
    if flown.given == OWN_FILTER:
        latches = {"latches": 1.0} if as_flown_of(mission).own_latches else {}
        gains = {**latches, **read_own(mission).gains.get("filter", {})}
        return Member(flown.pilot, {"filter": gains} if gains else {})
    return Member(flown.pilot, {}, flown.given)


@dataclass(frozen=True)
class FlyJob:
    """The landings of one pilot."""

    flown: Flown
    task: Task
    seeds: tuple[int, ...]

    def run(self, note: Callable[[int], None] | None = None) -> np.ndarray:
        """Return which seeds it lands, (n,) bool; kept on disk for classical pilots."""
        if "+" in self.flown.pilot or self.flown.pilot == OWN:
            member = member_of(self.flown, load_mission(self.task.mission).name)
            landed = landed_by(member, self.task, self.seeds, threads=1)
        else:
            entry = resolve(self.flown.pilot, self.task)
            env = make_vector_env(entry.task, len(self.seeds), AutoresetMode.NEXT_STEP, 1)
            landed = fly_seeds(entry.pilot, env, list(self.seeds))["landed"]
            env.close()
        if note is not None:
            note(len(self.seeds))
        return landed
