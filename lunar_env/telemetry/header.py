"""What the header of a flight's file has to hold, see `archive.py`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainValidator

from lunar_env.errors import ConfigError, shown

__all__ = ["Header", "WrittenSpec"]


def _number(value: object) -> int | float:
    """Let a number through as it is, whole or not: a flight that was read is written the same."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"{shown(value)}: must be a number")
    return value


def _measured(value: object) -> object:
    """Read a number, None for one that could not be measured, or a table of such."""
    if isinstance(value, dict):
        return {name: None if inner is None else _number(inner) for name, inner in value.items()}
    return None if value is None else _number(value)


_Number = Annotated[int | float, PlainValidator(_number)]
_Measured = Annotated[Any, PlainValidator(_measured)]


class _Table(BaseModel):
    """Keys that later versions add are left alone."""

    model_config = ConfigDict(strict=True, frozen=True, allow_inf_nan=False)


class WrittenSpec(_Table):
    """A mission or scenario, and the digest that its text must have."""

    digest: str
    toml: str


class _WrittenEvent(_Table):
    time_s: float | None
    height_m: float | None
    name: str


class _WrittenColumn(_Table):
    name: str
    unit: str
    scale: float


class _WrittenColumns(_Table):
    actions: list[_WrittenColumn]
    observations: list[_WrittenColumn]
    privileged: list[_WrittenColumn]
    reward_terms: list[_WrittenColumn]


class Header(_Table):
    """All of it but ``format``."""

    mission: WrittenSpec
    scenario: WrittenSpec
    control: str
    phase: str
    history: Annotated[int, Field(ge=1)]
    reward: dict[str, _Number]
    time_limit_s: _Number
    pilot: str
    seed: int | None
    episode_key: Annotated[int, Field(ge=-(2**63), lt=2**64)]
    start: dict[str, _Number]
    outcome: str
    touchdown: dict[str, _Measured] | None
    events: list[_WrittenEvent]
    columns: _WrittenColumns
    versions: dict[str, str]
