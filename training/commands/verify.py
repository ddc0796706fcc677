"""``verify``: fly the landings of a policy's card again and compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.box import SIMPLE_HEAD
from rich.table import Table

from agents.learned import read_policy
from agents.source import policy_file
from lunar_env.cli.tables import name_column
from lunar_env.errors import ConfigError, LunarEnvError
from lunar_env.specs.problems import checked
from training.config import SelectionConfig, TaskConfig
from training.policy_card import pilot_of
from training.pooled import evaluate_worlds, scores_of
from training.progress import say
from training.seeds import Domain
from training.tables import share

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.console import Console

    from agents import PolicyCard
    from training.policy_options import Verify

__all__ = ["run"]

_NAMES: Final = ("mission", "scenario", "phase")


def run(options: Verify, out: Console) -> Mapping[str, object]:
    """Fly the landings of the card and compare.

    Parameters
    ----------
    options : Verify
        Options of the command.
    out : Console
        Console for the user.

    Returns
    -------
    mapping
        ``worlds``, a list of what the card says and what was flown, and ``same``.

    Raises
    ------
    LunarEnvError
        If a share is outside the 95 % interval on the card.
    """
    path = policy_file(options.policy)
    card, tensors = read_policy(path)
    task, selection = _settings(card, path)
    say(f"flying the {selection.report_landings:,} benchmark landings of the card")
    landings = evaluate_worlds(
        lambda world: pilot_of(path.stem, card, tensors, world),
        task,
        selection.report_landings,
        selection.report_seed,
        label=path.stem,
        domain=Domain.BENCH,
    )
    rows = _compared(card.scores["bench"], scores_of(landings, task))
    out.print(_table(rows))
    outside = [row["world"] for row in rows if not row["within"]]
    if outside:
        raise LunarEnvError(
            f"{path}: lands another share than its card says, beyond its interval, in"
            f" {', '.join(outside)}: the environment or a filter has changed since it was trained"
        )
    return {"worlds": rows, "same": all(row["card"] == row["flown"] for row in rows)}


def _settings(card: PolicyCard, path: Path) -> tuple[TaskConfig, SelectionConfig]:
    config = card.training.get("config")
    if not isinstance(config, dict) or "bench" not in card.scores:
        raise ConfigError(f"{path}: its card holds no benchmark landings of a training run")
    where = f"policy card {path}: training.config"
    return (
        checked(TaskConfig, config.get("task", {}), f"{where}.task"),
        checked(SelectionConfig, config.get("selection", {}), f"{where}.selection"),
    )


def _compared(card: Mapping[str, Any], flown: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what the card says and what was flown, by world."""
    pairs = zip(card.get("worlds", [card]), flown.get("worlds", [flown]), strict=True)
    return [
        {
            "world": " ".join(measured[key] for key in _NAMES if key in measured) or "all",
            "landings": measured["landings"],
            "card": said["success"],
            "card_low": said["success_low"],
            "card_high": said["success_high"],
            "flown": measured["success"],
            "within": said["success_low"] <= measured["success"] <= said["success_high"],
        }
        for said, measured in pairs
    ]


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1))
    name_column(table, "world", [row["world"] for row in rows])
    for heading in ("landings", "on the card", "flown"):
        table.add_column(heading, justify="right")
    for row in rows:
        said = share(row["card"], row["card_low"], row["card_high"])
        cells = f"{row['landings']:,}", said, f"{100 * row['flown']:.1f} %"
        table.add_row(row["world"], *cells)
    return table
