"""Write nested tables as TOML that people can read: one number with its source per line."""

from __future__ import annotations

from collections.abc import Mapping

import tomli_w

from lunar_env.specs.quantity import NUMBER_KEYS

__all__ = ["inline", "to_toml_text"]


def to_toml_text(table: Mapping[str, object]) -> str:
    """Write a table as TOML; a table that gives a number with its provenance is written inline."""
    return "\n".join(_lines(table, ())).strip() + "\n"


def _lines(table: Mapping[str, object], path: tuple[str, ...], item: bool = False) -> list[str]:
    lines = [f"{key} = {inline(value)}" for key, value in table.items() if not _nests(value)]
    name = ".".join(path)
    if item:
        # Even where it holds nothing: the header is the item.
        lines = ["", f"[[{name}]]", *lines]
    elif path and lines:
        lines = ["", f"[{name}]", *lines]
    for key, value in table.items():
        if isinstance(value, Mapping) and _nests(value):
            lines += _lines(value, (*path, key))
        elif isinstance(value, list) and _nests(value):
            lines += [line for each in value for line in _lines(each, (*path, key), item=True)]
    return lines


def _nests(value: object) -> bool:
    # A number with its provenance is a table as well, but one that belongs on one line.
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, Mapping) for item in value)
    return isinstance(value, Mapping) and set(NUMBER_KEYS).isdisjoint(value)


def inline(value: object) -> str:
    """Write a value on one line, tables and lists too."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(inline(item) for item in value) + "]"
    return tomli_w.dumps({"k": value}).removeprefix("k = ").rstrip("\n")
