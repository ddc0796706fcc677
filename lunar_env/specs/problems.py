"""Validation errors in this package's own words: which key, which value, what is allowed."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, get_args, get_type_hints

from pydantic import BaseModel, TypeAdapter, ValidationError

from lunar_env.errors import ConfigError, nearest, shown

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

__all__ = ["Problem", "SpecError", "checked", "problems_of"]

T = TypeVar("T")

_KINDS = {
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "finite_number": "must be finite",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "dataclass_type": "must be a table",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
}
_MISSING = "is missing"
_SIGNS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}


class Problem(NamedTuple):
    """One error and its location."""

    path: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        """Write it as ``limits.nominal.tilt_deg = -3.0: must be >= 0``."""
        key = ".".join(self.path)
        separator = " " if self.text.startswith("=") else ": "
        return f"{key}{separator}{self.text}" if key else self.text


class SpecError(ConfigError):
    """A table that is not a valid spec, with every problem found in it."""

    def __init__(self, where: str, problems: tuple[Problem, ...], hint: str = "") -> None:
        wrong = tuple(problem for problem in problems if problem.text != _MISSING)
        missing = tuple(problem for problem in problems if problem.text == _MISSING)
        self.problems = wrong + missing
        # A misspelt key shows up twice, as unknown and as missing: the first explains the second.
        meant = [each for each in wrong if "did you mean" in each.text]
        left = [each for each in missing if not any(repr(each.path[-1]) in m.text for m in meant)]
        parts = [_first_of(wrong)] if wrong else []
        parts += [_all_of(left)] if left else []
        super().__init__(f"{where}: {'; '.join(parts)}{hint}")
        self._where, self._hint = where, hint

    def __reduce__(self) -> tuple[type[SpecError], tuple[str, tuple[Problem, ...], str]]:
        """Rebuild from the arguments, since the message alone does not suffice to unpickle it."""
        return type(self), (self._where, self.problems, self._hint)

    @property
    def lacks(self) -> bool:
        """Whether keys are missing."""
        return self.problems[-1].text == _MISSING


def _first_of(problems: tuple[Problem, ...]) -> str:
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{problems[0]}{more}"


def _all_of(missing: list[Problem]) -> str:
    if len(missing) == 1:
        return str(missing[0])
    return f"{', '.join('.'.join(problem.path) for problem in missing)} are missing"


def checked(kind: type[T], raw: object, where: str) -> T:
    """Validate the content of a file as a dataclass or model.

    Parameters
    ----------
    kind : type
        The dataclass or model.
    raw : object
        The content.
    where : str
        Its file, for messages.

    Raises
    ------
    SpecError
        With every problem found.
    """
    try:
        # As JSON, in which a strict model takes a list for a tuple and a table for a dataclass. A
        # TOML date is not valid in any field, so it is written as a list, which is rejected.
        made: T = TypeAdapter(kind).validate_json(json.dumps(raw, default=lambda date: [str(date)]))
    except ValidationError as error:
        raise SpecError(where, problems_of(error, kind)) from None
    return made


def problems_of(error: ValidationError, model: type) -> tuple[Problem, ...]:
    """Translate what pydantic found wrong with the data of `model`, or of a dataclass."""
    return tuple(
        problem
        for details in error.errors(include_url=False)
        for problem in _translate(details, model)
    )


def _translate(details: ErrorDetails, model: type) -> Iterator[Problem]:
    path = tuple(str(part) for part in details["loc"])
    kind, value = details["type"], details["input"]
    cause = details.get("ctx", {}).get("error")
    if isinstance(cause, SpecError):
        yield from (Problem(path + inner.path, inner.text) for inner in cause.problems)
    elif isinstance(cause, ValueError):
        yield Problem(path, str(cause))
    elif kind == "missing":
        yield Problem(path, _MISSING)
    elif kind in ("extra_forbidden", "unexpected_keyword_argument"):
        hint = nearest(path[-1], [*_keys_at(model, path[:-1]), "base"])
        yield Problem(path[:-1], f"unknown key {shown(path[-1])}{hint}")
    elif kind == "string_pattern_mismatch":
        yield Problem(path, f"= {shown(value)}: must match {details['ctx']['pattern']}")
    elif kind in _KINDS:
        yield Problem(path, f"= {_shown(value)}: {_KINDS[kind]}")
    else:
        yield _out_of_range(details, path, model)


def _out_of_range(details: ErrorDetails, path: tuple[str, ...], model: type) -> Problem:
    kind, value, context = details["type"], details["input"], details.get("ctx", {})
    if kind in ("too_short", "too_long"):
        word, bound = ("least", "min") if kind == "too_short" else ("most", "max")
        return Problem(path, f"must hold at {word} {context[f'{bound}_length']}")
    if kind == "literal_error":
        options = context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        allowed = f"must be one of {', '.join(options)}{nearest(value, options)}"
    else:
        allowed = _allowed(getattr(model, "model_fields", {}).get(path[0])) if path else ""
    return Problem(path, f"= {_shown(value)}: {allowed or details['msg']}")


def _keys_at(kind: Any, path: Iterable[str]) -> list[str]:
    """Names that a table may hold which lies at `path` in a model or dataclass."""
    for part in path:
        # A number is a place in a list, whose entries are all of one kind.
        kind = next(iter(get_args(kind)), None) if part.isdigit() else _hints(kind).get(part)
    return list(_hints(kind))


def _hints(kind: Any) -> Mapping[str, Any]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {name: field.annotation for name, field in kind.model_fields.items()}
    return get_type_hints(kind) if dataclasses.is_dataclass(kind) else {}


def _allowed(field: FieldInfo | None) -> str:
    if field is None:
        return ""
    bounds = [
        f"{sign} {getattr(constraint, name):g}"
        for constraint in field.metadata
        for name, sign in _SIGNS.items()
        if getattr(constraint, name, None) is not None
    ]
    return f"must be {' and '.join(bounds)}" if bounds else ""


def _shown(value: object) -> str:
    return "a table" if isinstance(value, Mapping) else shown(value)
