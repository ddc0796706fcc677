"""The card of a learned policy: architecture, inputs and outputs, training and scores."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from lunar_env.errors import ConfigError
from lunar_env.formats import check_format
from lunar_env.reading import read_json
from lunar_env.specs.problems import checked

from .guide import Guidance, Residual

__all__ = ["FORMAT", "PolicyCard", "card_of", "card_text", "read_card"]

FORMAT: Final = "lunar-env-policy/3"
Output = Literal["clip", "tanh"]
"""How the network's output is brought into [-1, 1]: limited, or by the hyperbolic tangent."""
_OTHER_KEYS: Final = ("format", "architecture", "guidance")
_Layer = Annotated[int, Field(ge=1, le=65_536)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class _Architecture(_Strict):
    hidden: Annotated[tuple[_Layer, ...], Field(max_length=64)]
    activation: str
    output: Output
    gru: Annotated[int, Field(ge=0, le=65_536)] = 0


class _Residual(_Strict):
    throttle: Annotated[float, Field(gt=0.0, le=2.0)]
    tilt_deg: Annotated[float, Field(gt=0.0, le=90.0)]


_Gains = dict[str, dict[str, float]]


class _Guidance(_Strict):
    pilot: str
    gains: _Gains
    missions: dict[str, _Gains]
    inputs: Annotated[tuple[str, ...], Field(min_length=1)]
    residual: _Residual | None

    def guidance(self) -> Guidance:
        limits = self.residual
        residual = None if limits is None else Residual(limits.throttle, limits.tilt_deg)
        return Guidance(
            pilot=self.pilot,
            gains=self.gains,
            missions=self.missions,
            inputs=self.inputs,
            residual=residual,
        )


class _Card(_Strict):
    """Content of the file."""

    format: str
    weights_sha256: str
    architecture: _Architecture
    guidance: _Guidance | None = None
    observation_fields: tuple[str, ...]
    observation_scales: tuple[
        float, ...
    ] = ()  # absent in cards written before there were several phases
    history: Annotated[int, Field(ge=1)]
    action_fields: tuple[str, ...]
    mission: str
    scenario: str
    env_id: str
    training: dict[str, Any]
    scores: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyCard:
    """Content of the JSON file that belongs to the weights.

    Parameters
    ----------
    hidden : tuple of int
        Sizes of the hidden layers.
    activation : str
        Name of the activation between them.
    output : {"clip", "tanh"}
        How the output is brought into [-1, 1]: limited, or by the hyperbolic tangent.
    gru : int
        Units of the recurrent layer before the hidden ones; 0 for none.
    observation_fields, action_fields : tuple of str
        Names, in order. A policy with a guide observes what its guide does: none are listed.
    observation_scales : tuple of float
        Divisor of each observed quantity; empty if the card has none.
    history : int
        Number of frames that an observation stacks.
    mission, scenario, env_id : str
        What it was trained on.
    guidance : Guidance, optional
        The classical pilot that flies along; None for a policy that sees the observation itself.
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
    output: Output = "clip"
    gru: int = 0
    guidance: Guidance | None = None
    observation_scales: tuple[float, ...] = ()
    training: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, Any] = field(default_factory=dict)
    weights_sha256: str = ""

    @property
    def inputs(self) -> int:
        """Number of inputs of the network."""
        if self.guidance is None:
            return len(self.observation_fields)
        return len(self.guidance.inputs)

    def to_dict(self) -> dict[str, Any]:
        """Content of the file as a dictionary."""
        return {
            "format": FORMAT,
            "weights_sha256": self.weights_sha256,
            "architecture": {
                "hidden": list(self.hidden),
                "activation": self.activation,
                "output": self.output,
                **({"gru": self.gru} if self.gru else {}),
            },
            **self._guidance(),
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

    def _guidance(self) -> dict[str, Any]:
        if self.guidance is None:
            return {}
        return {"guidance": {**asdict(self.guidance), "inputs": list(self.guidance.inputs)}}


def card_text(card: PolicyCard) -> str:
    """Return the content of the file of a card."""
    return json.dumps(card.to_dict(), indent=2, allow_nan=False) + "\n"


def card_of(path: str | Path) -> Path:
    """Return the path of the card of a policy, given either of its two files.

    Raises
    ------
    ConfigError
        If there is no card; the message names the file that was given.
    """
    given = Path(path)
    card = given.with_suffix(".json")
    if not os.path.lexists(card):
        if not os.path.lexists(given):
            raise ConfigError(f"{given}: cannot be read: No such file or directory")
        raise ConfigError(f"{given}: its policy card, {card.name}, is missing from the folder")
    return card


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
    card = checked(_Card, content, where)
    given = {name: getattr(card, name) for name in _Card.model_fields if name not in _OTHER_KEYS}
    scales, fields = len(card.observation_scales), len(card.observation_fields)
    if scales not in (0, fields):
        raise ConfigError(
            f"{where}: holds {scales} observation_scales, must hold {fields}, one for each of"
            " observation_fields"
        )
    return PolicyCard(
        hidden=card.architecture.hidden,
        activation=card.architecture.activation,
        output=card.architecture.output,
        gru=card.architecture.gru,
        guidance=None if card.guidance is None else card.guidance.guidance(),
        **given,
    )
