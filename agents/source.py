"""Pilots of this package for the command lines, registered with `lunar_env.pilots`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from lunar_env import PRIVILEGED_FIELDS
from lunar_env.errors import ConfigError, nearest
from lunar_env.pilots import Entry, Trained, register
from lunar_env.registration import IDS
from lunar_env.specs import AsFlownSpec

from .card import card_of, read_card
from .learned import LearnedPilot
from .own import OWN, missions_with_own
from .registry import WEIGHTS, list_pilots, make_pilot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lunar_env.task import Task

    from .card import PolicyCard

__all__ = ["RUN_POLICY", "policy_file", "policy_of_run"]

RUN_POLICY: Final = "policy"
"""Stem of the best policy in the folder of a training run."""


class _Agents:
    """The pilots of this package; implements `lunar_env.pilots.PilotSource`."""

    def names(self) -> dict[str, str]:
        """Return every pilot with a description."""
        described = {OWN: f"the pilot that flew the mission: {', '.join(missions_with_own())}"}
        for name in list_pilots():
            law, _, navigation = name.partition("+")
            described[name] = (
                f"guidance law {law} with navigation filter {navigation}"
                if navigation
                else _policy_line(read_card(WEIGHTS / f"{name}.json"))
            )
        for name in list_pilots(bounds=True):
            law, _, navigation = name.partition("+")
            given = "the true state" if navigation == "oracle" else "the drawn parameters"
            described[name] = f"for comparison: {law} given {given}"
        return described

    def trained_on(self, name: str) -> Trained | None:
        """Return the task that a policy was trained on, from its card; None for other pilots."""
        card = _card_of(name)
        if card is None:
            return None
        row = next((row for row in IDS if row.name == card.env_id), IDS[0])
        task = card.training.get("config", {}).get("task", {})  # as it was given
        for first in (task.get("worlds") or ())[:1]:
            task = task | {key: value for key, value in first.items() if value is not None}
        return Trained(
            str(task.get("mission", card.mission)),
            str(task.get("scenario", card.scenario)),
            str(task.get("control", row.control)),
            str(task.get("phase", row.phase)),
        )

    def make(
        self, name: str, task: Task, gains: Mapping[str, Mapping[str, object]] | None = None
    ) -> Entry:
        """Return a pilot with its task, see `lunar_env.pilots.resolve`."""
        path = Path(name)
        if path.is_dir():
            path = policy_of_run(path)
            name = str(path)
        settings = task.settings()
        seen, mission = settings.frame_fields, settings.mission
        bound = name in list_pilots(bounds=True)
        scenario = settings.scenario
        if name == OWN and isinstance(scenario, AsFlownSpec) and scenario.own_latches:
            given = gains or {}
            gains = {**given, "filter": {"latches": 1.0, **given.get("filter", {})}}
        pilot = make_pilot(
            name,
            (*seen, *PRIVILEGED_FIELDS) if bound else seen,
            gains=gains,
            tilt_max_deg=mission.phases.named(settings.phase).tilt_max_deg,
            mission=mission.name,
        )
        if bound:
            return Entry(pilot.name, pilot, task._replace(history=1))
        if not isinstance(pilot, LearnedPilot):
            return Entry(pilot.name, pilot, task)
        # The file of a run is always called policy: the folder names the run.
        label = path.resolve().parent.name if path.stem == RUN_POLICY else pilot.name
        return Entry(label, pilot, task._replace(history=pilot.card.history))


def policy_of_run(folder: Path) -> Path:
    """Return the weights of a run's best policy.

    Raises
    ------
    ConfigError
        If the folder holds none.
    """
    path = folder / f"{RUN_POLICY}.safetensors"
    if not path.is_file():
        raise ConfigError(
            f"{folder}: holds no {path.name}: it is not a run folder, or the run has not saved a"
            " policy yet"
        )
    return path


def policy_file(name: str) -> Path:
    """Return the weights of a policy.

    Parameters
    ----------
    name : str
        Name of a shipped policy, either file of a policy, or the folder of a training run.

    Returns
    -------
    Path
        Ends in ``.safetensors``; a file that is given need not exist.

    Raises
    ------
    ConfigError
        If there is no such policy.
    """
    path = Path(name)
    if path.is_dir():
        return policy_of_run(path)
    if path.suffix in {".safetensors", ".json"}:
        return path.with_suffix(".safetensors")
    shipped = sorted(entry.stem for entry in WEIGHTS.glob("*.safetensors"))
    if name not in shipped:
        raise ConfigError(
            f"no policy {name!r}: give a run folder, a .safetensors file or one of"
            f" {', '.join(shipped)}{nearest(name, shipped)}"
        )
    return WEIGHTS / f"{name}.safetensors"


def _card_of(name: str) -> PolicyCard | None:
    """Card of a policy given by stem, file or run; None for another pilot."""
    path = Path(name)
    if path.is_dir():
        return read_card(policy_of_run(path).with_suffix(".json"))
    if path.suffix in {".safetensors", ".json"}:
        return read_card(card_of(path))
    shipped = WEIGHTS / f"{name}.json"
    return read_card(shipped) if "+" not in name and shipped.is_file() else None


def _policy_line(card: PolicyCard) -> str:
    others = len(card.training.get("worlds", ())) - 1
    more = f" and {others} more" if others > 0 else ""
    return f"a policy trained on {card.mission}, {card.scenario}{more}"


register("pilots", _Agents())
