"""What the headers of a flight's file and of a recording have to hold."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainValidator

from lunar_env.errors import ConfigError, shown
from lunar_env.reading import from_toml
from lunar_env.specs import MissionSpec, ScenarioSpec
from lunar_env.specs.as_flown import AsFlownSpec
from lunar_env.specs.base import Spec
from lunar_env.specs.problems import SpecError

__all__ = [
    "Header",
    "RecordingHeader",
    "mission_of",
    "scenario_in",
    "scenario_of",
    "spec_table",
]

S = TypeVar("S", bound=Spec)


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


class _Environment(_Table):
    """What every record says of the environment and the pilot that flew in it."""

    mission: WrittenSpec
    scenario: WrittenSpec
    control: str
    phase: str
    history: Annotated[int, Field(ge=1)]
    reward: dict[str, _Number]
    time_limit_s: _Number
    pilot: str
    versions: dict[str, str]


class RecordingHeader(_Environment):
    """Header of the files of a recording, see `streams.py`; all of it but ``format``."""

    rows: list[Annotated[int, Field(ge=0)]]


class Header(_Environment):
    """Header of the file of a flight, see `archive.py`; all of it but ``format``."""

    seed: int | None
    episode_key: Annotated[int, Field(ge=-(2**63), lt=2**64)]
    start: dict[str, _Number]
    outcome: str
    touchdown: dict[str, _Measured] | None
    events: list[_WrittenEvent]
    columns: _WrittenColumns


def spec_table(spec: Spec) -> dict[str, str]:
    """Return a spec as a header has it."""
    return {"digest": spec.digest, "toml": spec.to_toml()}


def mission_of(written: WrittenSpec, path: str) -> MissionSpec:
    """Return the mission in a header.

    Raises
    ------
    ConfigError
        If it is none, or was changed.
    """
    where = f"{path}: is not a complete flight: MissionSpec"
    mission = _spec(MissionSpec, written.toml, where)
    _check_digest(mission, written, path)
    return mission


def scenario_of(written: WrittenSpec, path: str) -> ScenarioSpec:
    """Return the scenario in a header; raises as `mission_of`."""
    scenario = scenario_in(written.toml, path)
    _check_digest(scenario, written, path)
    return scenario


def scenario_in(toml: str, path: str) -> ScenarioSpec:
    """Return the scenario in a TOML text; raises as `mission_of`."""
    where = f"{path}: is not a complete flight: ScenarioSpec"
    # No other scenario has this key.
    as_flown = "phase" in from_toml(toml, where)
    return _spec(AsFlownSpec if as_flown else ScenarioSpec, toml, where)


def _spec(model: type[S], toml: str, where: str) -> S:
    try:
        return model.from_table(from_toml(toml, where))
    except SpecError as error:
        raise SpecError(where, error.problems) from None


def _check_digest(spec: MissionSpec | ScenarioSpec, written: WrittenSpec, path: str) -> None:
    if spec.digest != written.digest:
        raise ConfigError(f"{path}: {spec.name!r} was changed: its digest does not match")
