"""Write nested tables as TOML that people can read: one number with its source per line."""

from __future__ import annotations

from collections.abc import Mapping

import tomli_w

from lunar_env.specs.quantity import NUMBER_KEYS

__all__ = ["to_toml_text"]


def to_toml_text(table: Mapping[str, object]) -> str:
    """Write a table as TOML; tables that hold no table go inline when they stand for a number."""
    return "\n".join(_lines(table, ())).strip() + "\n"


def _lines(table: Mapping[str, object], path: tuple[str, ...]) -> list[str]:
    lines = [f"{key} = {_inline(value)}" for key, value in table.items() if not _nests(value)]
    if path and lines:
        lines = ["", f"[{'.'.join(path)}]", *lines]
    for key, value in table.items():
        if _nests(value):
            lines += _lines(value, (*path, key))  # type: ignore[arg-type]  # a mapping, see _nests
    return lines


def _nests(value: object) -> bool:
    # A number with its provenance is a table as well, but one that belongs on one line.
    return isinstance(value, Mapping) and set(NUMBER_KEYS).isdisjoint(value)


def _inline(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_inline(item) for item in value) + "]"
    return tomli_w.dumps({"k": value}).removeprefix("k = ").rstrip("\n")
