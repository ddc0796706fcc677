"""The card of a learned policy: what it is, what it expects, where it came from, how it scored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from lunar_env.errors import ConfigError, nearest
from lunar_env.formats import check_format
from lunar_env.reading import read_json

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FORMAT", "PolicyCard", "card_text", "read_card"]

FORMAT: Final = "lunar-env-policy/2"
_OUTPUT: Final = "clip"
_KEYS: Final = (
    *("format", "weights_sha256", "architecture", "observation_fields", "history", "action_fields"),
    *("mission", "scenario", "env_id", "training", "scores"),
)
# Cards of before other phases came know the names alone.
_LATER_KEYS: Final = ("observation_scales",)
_ARCHITECTURE_KEYS: Final = ("hidden", "activation", "output")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyCard:
    """Contents of the JSON file beside the weights.

    Parameters
    ----------
    hidden : tuple of int
        Sizes of the hidden layers.
    activation : str
        Name of the activation between them.
    observation_fields, action_fields : tuple of str
        Names, in order; their numbers are the policy's input and output sizes.
    observation_scales : tuple of float
        What each observed quantity was divided by; empty where a card does not say.
    history : int
        Frames that an observation stacks.
    mission, scenario, env_id : str
        What it was trained on.
    training : mapping
        ``command``, ``commit``, ``seed``, ``steps``, ``config``.
    scores : mapping
        Measured results, with intervals.
    weights_sha256 : str
        SHA-256 digest of the weights' file; empty until it is written.
    """

    hidden: tuple[int, ...]
    activation: str
    observation_fields: tuple[str, ...]
    action_fields: tuple[str, ...]
    history: int
    mission: str
    scenario: str
    env_id: str
    observation_scales: tuple[float, ...] = ()
    training: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, Any] = field(default_factory=dict)
    weights_sha256: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As it stands in the file."""
        return {
            "format": FORMAT,
            "weights_sha256": self.weights_sha256,
            "architecture": {
                "hidden": list(self.hidden),
                "activation": self.activation,
                "output": _OUTPUT,
            },
            "observation_fields": list(self.observation_fields),
            **self._scales(),
            "history": self.history,
            "action_fields": list(self.action_fields),
            "mission": self.mission,
            "scenario": self.scenario,
            "env_id": self.env_id,
            "training": dict(self.training),
            "scores": dict(self.scores),
        }

    def _scales(self) -> dict[str, list[float]]:
        given = list(self.observation_scales)
        return {"observation_scales": given} if given else {}


def card_text(card: PolicyCard) -> str:
    """Return the content of the file of a card."""
    return json.dumps(card.to_dict(), indent=2, allow_nan=False) + "\n"


def read_card(path: Path) -> PolicyCard:
    """Read and check a card.

    Raises
    ------
    ConfigError
        If the file is missing, is not JSON, or lacks or misnames a key.
    """
    where = f"policy card {path}"
    content = read_json(path)
    check_format(content.get("format"), FORMAT, where)
    card = _object(content, where, _KEYS, _LATER_KEYS)
    shape = _object(card["architecture"], f"{where}: architecture", _ARCHITECTURE_KEYS)
    if shape["output"] != _OUTPUT:
        raise ConfigError(f"{where}: output is {shape['output']!r}, allowed is {_OUTPUT!r}")
    return PolicyCard(
        hidden=_sequence(shape["hidden"], int, f"{where}: architecture.hidden"),
        activation=_typed(shape["activation"], str, f"{where}: architecture.activation"),
        observation_fields=_sequence(
            card["observation_fields"], str, f"{where}: observation_fields"
        ),
        observation_scales=_scales(card, where),
        action_fields=_sequence(card["action_fields"], str, f"{where}: action_fields"),
        history=_typed(card["history"], int, f"{where}: history"),
        mission=_typed(card["mission"], str, f"{where}: mission"),
        scenario=_typed(card["scenario"], str, f"{where}: scenario"),
        env_id=_typed(card["env_id"], str, f"{where}: env_id"),
        training=_typed(card["training"], dict, f"{where}: training"),
        scores=_typed(card["scores"], dict, f"{where}: scores"),
        weights_sha256=_typed(card["weights_sha256"], str, f"{where}: weights_sha256"),
    )


def _scales(card: dict[str, Any], where: str) -> tuple[float, ...]:
    """One scale for each observed element, or none at all."""
    scales = _sequence(card.get("observation_scales", []), float, f"{where}: observation_scales")
    if scales and len(scales) != len(card["observation_fields"]):
        raise ConfigError(
            f"{where}: {len(scales)} observation_scales for"
            f" {len(card['observation_fields'])} observation_fields"
        )
    return scales


def _object(
    raw: object, where: str, keys: tuple[str, ...], optional: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Check that a JSON value is an object with exactly these keys, and perhaps the optional."""
    table = _typed(raw, dict, where)
    for key in table:
        if key not in (*keys, *optional):
            raise ConfigError(f"{where}: unknown key {key!r}{nearest(key, (*keys, *optional))}")
    for key in keys:
        if key not in table:
            raise ConfigError(f"{where}: key {key!r} is missing")
    return table


def _typed(value: object, kind: type[T], where: str) -> T:
    # bool is an int to Python, never to a card
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ConfigError(f"{where}: expected {kind.__name__}, got {type(value).__name__}")
    return value


def _sequence(value: object, kind: type[T], where: str) -> tuple[T, ...]:
    items = _typed(value, list, where)
    return tuple(_typed(item, kind, f"{where}[{i}]") for i, item in enumerate(items))
