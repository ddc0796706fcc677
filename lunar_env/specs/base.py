"""The model that every spec builds on: frozen, strict, with provenance, TOML and a digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Self

from pydantic import BaseModel, ConfigDict, PrivateAttr, ValidationError, model_validator

from lunar_env.errors import ConfigError
from lunar_env.specs.problems import Problem, SpecError, problems_of
from lunar_env.specs.quantity import (
    NUMBER_KEYS,
    PROSE,
    Draw,
    Provenance,
    Quantity,
    sensible_range,
    split_provenance,
    unit_of,
)
from lunar_env.specs.toml_text import to_toml_text

__all__ = ["Spec", "merge"]

_QUANTITIES = (
    float,
    int,
    bool,
    Draw,
    float | None,
    int | None,
    Draw | None,
    tuple[float, float],
    tuple[tuple[float, float], ...],
)


class Spec(BaseModel):
    """A validated, immutable table of numbers with units in their names.

    Unknown keys, wrong types, infinities and values out of range raise
    `lunar_env.errors.ConfigError`. Numbers may be plain or carry their provenance, see
    `lunar_env.specs.quantity`. What is None is not written, since TOML has no word for it.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )

    _provenance: Mapping[str, Provenance] = PrivateAttr(default_factory=dict)

    def __init__(self, /, **table: object) -> None:
        # Pydantic calls this for nested models too, so each level keeps its own provenance.
        problems: list[Problem] = []
        provenance: dict[str, Provenance] = {}
        for key in self._quantity_names():
            raw = table.get(key)
            if isinstance(raw, Mapping):
                try:
                    table[key], provenance[key] = split_provenance(raw)
                except ConfigError as error:
                    problems.append(Problem((key,), str(error)))
        if problems:
            raise SpecError(type(self).__name__, tuple(problems))
        try:
            super().__init__(**table)
        except ValidationError as error:
            raise SpecError(type(self).__name__, problems_of(error, type(self))) from None
        self._provenance = {key: p for key, p in provenance.items() if p != Provenance()}

    @model_validator(mode="after")
    def _sizes_are_sensible(self) -> Self:
        problems = [problem for name in self._quantity_names() for problem in self._size(name)]
        if problems:
            raise SpecError(type(self).__name__, tuple(problems))
        return self

    def _size(self, name: str) -> Iterator[Problem]:
        value, unit = getattr(self, name), self._unit_of(name)
        least, most = sensible_range(unit, type(self).model_fields[name].metadata)
        numbers = value.parameters if isinstance(value, Draw) else _numbers(value)
        if not all(least <= number <= most for number in numbers):
            written = f"{value:g}" if isinstance(value, float) else f"{list(numbers)}"
            suffix = "" if unit == "-" else f" {unit}"
            yield Problem((name,), f"= {written}: must be from {least:g} to {most:g}{suffix}")

    @classmethod
    def from_table(cls, table: Mapping[str, object]) -> Self:
        """Validate nested tables, as `to_table` returns them or a TOML file holds them."""
        return cls(**table)

    @classmethod
    def _quantity_names(cls) -> list[str]:
        fields = cls.model_fields.items()
        return [name for name, field in fields if field.annotation in _QUANTITIES]

    @property
    def provenance(self) -> Mapping[str, Quantity]:
        """Every number of this table (not of nested ones) with unit, source and confidence."""
        return MappingProxyType(
            {
                name: Quantity(
                    getattr(self, name),
                    self._unit_of(name),
                    *self._provenance.get(name, Provenance()),
                )
                for name in self._quantity_names()
            }
        )

    def _unit_of(self, name: str) -> str:
        # Whole numbers count things: acquire_m is the M of M-of-N, not metres.
        counts = type(self).model_fields[name].annotation in (int, int | None, bool)
        return "-" if counts else unit_of(name)

    @property
    def digest(self) -> str:
        """SHA-256 of the content: specs with equal digests give equal episodes.

        Provenance and descriptive texts (`lunar_env.specs.quantity.PROSE`) do not enter it, so that
        a change of wording does not make results out of date.
        """
        text = json.dumps(_plain(self), sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def to_table(self) -> dict[str, object]:
        """Return the resolved content as nested tables, in the order of the fields."""
        fields = type(self).model_fields
        return {name: self._written(name) for name in fields if getattr(self, name) is not None}

    def to_toml(self) -> str:
        """Return the resolved content as TOML that parses back to an equal spec."""
        return to_toml_text(self.to_table())

    def replace(self, **changes: object) -> Self:
        """Return a copy with some keys changed, validated again; tables are merged.

        Examples
        --------
        >>> from lunar_env.specs import load_mission
        >>> load_mission("hakuto-r-m2").replace(vehicle={"payload_kg": 0.0}).vehicle.payload_kg
        0.0
        """
        return self.from_table(merge(self.to_table(), changes))

    def _written(self, name: str) -> object:
        value = getattr(self, name)
        if isinstance(value, Spec):
            return value.to_table()
        if isinstance(value, tuple):
            value = [_listed(item) for item in value]
        provenance = self._provenance.get(name)
        if isinstance(value, Draw):
            constant = value.kind == "constant"
            value = value.parameters[0] if constant else {value.kind: list(value.parameters)}
        if provenance is None:
            return value
        number = value if isinstance(value, Mapping) else {"value": value}
        notes = {key: text for key, text in provenance._asdict().items() if text}
        return {**number, **notes}


def merge(below: Mapping[str, object], above: Mapping[str, object]) -> dict[str, object]:
    """Lay one table over another: sub-tables are merged, numbers, draws and lists replaced."""
    merged = dict(below)
    for key, value in above.items():
        under = below.get(key)
        both = isinstance(value, Mapping) and isinstance(under, Mapping)
        if both and not _is_number(under) and not _is_number(value):
            merged[key] = merge(under, value)  # type: ignore[arg-type]  # narrowed by `both`
        else:
            merged[key] = value
    return merged


def _is_number(table: object) -> bool:
    return isinstance(table, Mapping) and not set(NUMBER_KEYS).isdisjoint(table)


def _listed(item: object) -> object:
    if isinstance(item, Spec):
        return item.to_table()
    return list(item) if isinstance(item, tuple) else item


def _numbers(value: object) -> tuple[float, ...]:
    if isinstance(value, tuple):
        return tuple(number for item in value for number in _numbers(item))
    return (value,) if isinstance(value, float) else ()


def _plain(value: object) -> object:
    if isinstance(value, Spec):
        # Fields that are None are left out, so that a new optional field changes no old digest.
        fields = type(value).model_fields.items()
        entries = {
            name: getattr(value, name) for name, field in fields if PROSE not in field.metadata
        }
        return {name: _plain(entry) for name, entry in entries.items() if entry is not None}
    if isinstance(value, Draw):
        return [value.kind, list(value.parameters)]
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
