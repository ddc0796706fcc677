"""The pilots whose landings are bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from agents import list_pilots
from agents.gains import shipped_gains
from agents.substitution import substituted
from lunar_env import PRIVILEGED_FIELDS, load_mission
from lunar_env.errors import ConfigError
from lunar_env.pilots import OWN, Entry, resolve

if TYPE_CHECKING:
    from lunar_env.task import Task

__all__ = ["Member", "entry_of", "knows_more", "members"]

LAWS: Final = ("velocity-profile", "hoverslam", "e-guidance", "apollo", "fp2dg")
Gains = dict[str, dict[str, object]]
# Slow well above the ground, and free to lean there: what a lander with one engine of two left can
# still brake and hold (SLIM's pulls twelve degrees to one side). It costs propellant.
GENTLE: Final[Gains] = {
    "terminal": {
        **{"flare_s": 15.0, "upright_m": 60.0, "handover_m": 10.0},
        **{"lean_most_deg": 20.0, "lateral_tau_s": 1.0},
    }
}
# Of steered landers only: these gains do nothing in `throttle` control.
STEERED: Final[tuple[Gains, ...]] = (GENTLE,)
# A smaller margin before the first range: enough for a pilot that is given the true sigma.
SURE: Final[Gains] = {"blind": {"sigmas": 2.5}}
_NAMES: Final = (("gentle", GENTLE), ("sure", SURE))


def knows_more(pilot: str) -> bool:
    """Whether a pilot of this name is given anything that a lander does not know."""
    return pilot in list_pilots(bounds=True)


class Variant(NamedTuple):
    """Gains that are tried with each law."""

    tuned: bool  # those that were tuned for the law with the Kalman filter, else the code's
    changes: Gains


DEFAULT, TUNED = Variant(False, {}), Variant(True, {})
# By kind the filters and gains that are tried with each law; of two that land as many the first is
# taken, with the shipped gains and without what a lander does not know.
PORTFOLIO: Final[dict[str, tuple[tuple[str, Variant], ...]]] = {
    "saved": (("oracle", TUNED), ("oracle", DEFAULT), ("oracle", Variant(True, GENTLE))),
    "attainable": (
        ("kalman", TUNED),
        ("informed", TUNED),
        ("kalman", Variant(True, GENTLE)),
        ("informed", Variant(True, GENTLE)),
        ("informed", Variant(True, SURE)),
        ("informed", DEFAULT),
    ),
}
# The mission's own pilot belongs to each portfolio. By kind the part of the truth that it is given:
# see `agents.substitution`.
OWN_GIVEN: Final[dict[str, str]] = {"saved": "state", "attainable": ""}


class Member(NamedTuple):
    """A pilot of a portfolio."""

    pilot: str
    changes: Gains  # of its shipped gains, or of the code's defaults
    given: str = ""  # part of the truth that replaces its estimate
    tuned: bool = True  # it has the shipped gains of its law with the Kalman filter

    @property
    def law(self) -> str:
        """Name of the law; that of a mission's own pilot is ``own``."""
        return self.pilot.partition("+")[0]

    @property
    def label(self) -> str:
        """Name with the gains that are not the shipped ones, or their name."""
        named = [name for name, gains in _NAMES if gains == self.changes]
        changed = named or [
            f"{group}.{name}={value:g}"
            for group, gains in self.changes.items()
            for name, value in gains.items()
        ]
        given = [f"given {self.given}"] if self.given else []
        default = [] if self.tuned else ["code defaults"]
        return " ".join([self.pilot, *given, *default, *changed])

    @property
    def knows_more(self) -> bool:
        """Whether it is given anything that a lander does not know."""
        return bool(self.given) or knows_more(self.pilot)

    def gains(self, task: Task) -> Gains:
        """Return all gains in a task that are not defaults of the code."""
        flown = task.control, load_mission(task.mission).name
        shipped = shipped_gains(f"{self.law}+kalman", *flown) if self.tuned else {}
        all_: dict[str, Any] = {group: dict(values) for group, values in shipped.items()}
        if self.pilot.endswith("+oracle"):
            all_.pop("filter", None)  # it has none
        for group, gains in self.changes.items():
            all_[group] = {**all_.get(group, {}), **gains}
        return all_


def members(kind: str, task: Task) -> list[Member]:
    """Return the members of a portfolio that can fly a task.

    Parameters
    ----------
    kind : str
        ``saved`` or ``attainable``.
    task : Task
        The task.

    Returns
    -------
    list of Member
        All laws with the first gains, the mission's own pilot, then the laws with other gains.
    """
    steered = task.control != "throttle"
    found = [
        Member(f"{law}+{navigation}", variant.changes, tuned=variant.tuned)
        for navigation, variant in PORTFOLIO[kind]
        for law in LAWS
        if steered or variant.changes not in STEERED
    ]
    if kind in OWN_GIVEN:
        found.insert(len(LAWS), Member(OWN, {}, OWN_GIVEN[kind]))
    flying = [member for member in found if _flies(member, task)]
    alike: dict[tuple[str, str, str], Member] = {}  # where gains are the shipped ones of a mission
    for member in flying:
        alike.setdefault((member.pilot, member.given, repr(member.gains(task))), member)
    return list(alike.values())


def _flies(member: Member, task: Task) -> bool:
    try:
        entry_of(member, task)
    except ConfigError:  # such as a control that it does not command
        return False
    return True


def entry_of(member: Member, task: Task) -> Entry:
    """Return the pilot of a member with its task.

    Raises
    ------
    ConfigError
        If it cannot fly the task.
    """
    entry = resolve(member.pilot, task, gains=member.gains(task))
    if not member.given:
        return entry
    seen = entry.task._replace(history=1)
    fields = (*seen.settings().frame_fields, *PRIVILEGED_FIELDS)
    return Entry(member.label, substituted(entry.pilot, fields, member.given), seen)
