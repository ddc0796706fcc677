"""The fields of a command's options as tyro sees them: their flags, help, and names in errors.

A field of a dataclass is an option; its docstring, the string below it, is the option's help.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import inspect
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import tyro

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["as_typed", "flags_of", "join_paragraphs"]

_KEY_AND_VALUE = re.compile(r"(?P<key>[a-z_.]+) = (?P<value>.+?):? (?P<rule>(?:must|is) .+)", re.S)


def as_typed(message: str, words: Sequence[str]) -> str:
    """Name the option in a message on a keyword, where that option was typed.

    Examples
    --------
    >>> as_typed("every_s = 0 must be positive", ["fly", "--every-s", "0"])
    '--every-s 0: must be positive'
    >>> as_typed("every_s = 0 must be positive", ["fly"])
    'every_s = 0 must be positive'
    """
    found = _KEY_AND_VALUE.fullmatch(message)
    if found is None:
        return message
    key = found["key"].replace("_", "-")
    typed = [word.partition("=")[0].replace("_", "-") for word in words if word.startswith("--")]
    # The environment knows nothing of the prefix of nested options.
    flag = next((flag for flag in typed if flag == f"--{key}" or flag.endswith(f".{key}")), None)
    return message if flag is None else f"{flag} {found['value']}: {found['rule']}"


def flags_of(options: Any, prefix: str = "") -> Iterator[str]:
    """Yield the flags of a dataclass, those of nested ones with their prefix."""
    hints = get_type_hints(options, include_extras=True)
    for field in dataclasses.fields(options):
        hint = hints[field.name]
        plain, settings = _plain(hint), getattr(hint, "__metadata__", ())
        if tyro.conf.Positional in settings or tyro.conf.Fixed in settings:
            continue
        # `tyro.conf.arg` renames a field; an empty name leaves nested options without prefix.
        renamed = [each.name for each in settings if getattr(each, "name", None) is not None]
        name = (renamed[-1] if renamed else field.name).replace("_", "-")
        if dataclasses.is_dataclass(plain):
            yield from flags_of(plain, f"{prefix}{name}." if name else prefix)
            continue
        yield f"--{prefix}{name}"
        for each in settings:
            yield from getattr(each, "aliases", None) or ()


@functools.cache
def join_paragraphs(options: Any) -> None:
    """Join the lines of each field's docstring; tyro would keep those that are indented."""
    hints, texts = get_type_hints(options, include_extras=True), _docstrings(options)
    for field in dataclasses.fields(options):
        hint = hints[field.name]
        plain = _plain(hint)
        if dataclasses.is_dataclass(plain):
            join_paragraphs(plain)  # type: ignore[arg-type]
        if text := texts.get(field.name):
            helped = tyro.conf.arg(help=" ".join(text.split()))
            options.__annotations__[field.name] = Annotated[hint, helped]


def _plain(hint: Any) -> Any:
    """Return a type without what is annotated."""
    return hint.__origin__ if hasattr(hint, "__metadata__") else hint


def _docstrings(options: Any) -> dict[str, str]:
    """Return the docstring of each field that has one, as in the source."""
    (node,) = ast.parse(inspect.getsource(options)).body
    texts = {}
    for field, below in pairwise(getattr(node, "body", ())):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(ast.Constant(str(text))):
                texts[name] = text
    return texts
