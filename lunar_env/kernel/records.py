"""Records at rest: which columns the fields of a NamedTuple take, and kernels to load and store it.

A value in flight is a NamedTuple of floats, maybe of further NamedTuples. At rest it lies flat in
an array, its fields side by side in their order. Nobody counts columns: `Blocks` places records one
after the other, `columns` names the column of each field, and the functions below make the kernels
that load and store a whole record. They are made as plain source, so that what compiles, interprets
or debugs kernels sees ordinary functions.
"""

import linecache
from collections import namedtuple
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar, get_type_hints

import numpy as np

from lunar_env.kernel.compile import inline_kernel
from lunar_env.kernel.rng import Index

R = TypeVar("R")
Kernel = Callable[[Any], Any]


def _fields_of(kind: Any) -> list[tuple[str, Any]]:
    """Fields of a record with their records; None for a float."""
    hints = get_type_hints(kind)
    parts = {name: hints.get(name) for name in kind._fields}
    return [(name, part if hasattr(part, "_fields") else None) for name, part in parts.items()]


def width(kind: Any) -> int:
    """Floats that a record takes at rest, those of its parts included.

    Examples
    --------
    >>> from lunar_env.kernel.linalg import Quat
    >>> width(Quat)
    4
    """
    return sum(width(part) if part else 1 for _, part in _fields_of(kind))


def columns(kind: Any, at: int = 0) -> Any:
    """A record that holds the column of each of its fields; the first one's is `at`.

    Examples
    --------
    >>> from lunar_env.kernel.linalg import Vec3
    >>> columns(Vec3, 5).z
    7
    """
    found = []
    for _, part in _fields_of(kind):
        found.append(columns(part, at) if part else at)
        at += width(part) if part else 1
    return kind(*found)


def record_type(name: str, fields: Iterable[str]) -> Any:
    """A record of floats whose fields are named elsewhere, in a table."""
    return namedtuple(name, tuple(fields))


class Blocks:
    """Blocks of a row, one after the other.

    Parameters
    ----------
    start : int
        First column.
    """

    def __init__(self, start: int = 0) -> None:
        self.end = start

    def add(self, kind: Any) -> Any:
        """Place a record; its columns by field."""
        first = self.room(width(kind))
        return columns(kind, first)

    def room(self, count: int = 1) -> int:
        """Place so many floats; the column of the first."""
        first, self.end = self.end, self.end + count
        return first


class _Access(NamedTuple):
    """Where a made kernel finds a record."""

    arguments: str
    cell: Callable[[int], str]  # source of the element that holds float number k
    head: str = ""  # source of a line that comes first


def _plus(name: str, number: int) -> str:
    return f"{name} + {number}" if number else name


def _constructor(kind: Any, cell: Callable[[int], str], at: int, names: dict[str, Any]) -> str:
    """Source of the expression that makes a record of its cells."""
    names[kind.__name__], arguments = kind, []
    for _, part in _fields_of(kind):
        arguments.append(_constructor(part, cell, at, names) if part else cell(at))
        at += width(part) if part else 1
    return f"{kind.__name__}({', '.join(arguments)})"


def _assignments(kind: Any, cell: Callable[[int], str], at: int, value: str) -> str:
    """Source of the lines that write a record to its cells."""
    lines = ""
    for name, part in _fields_of(kind):
        if part:
            lines += _assignments(part, cell, at, f"{value}.{name}")
        else:
            lines += f"    {cell(at)} = {value}.{name}\n"
        at += width(part) if part else 1
    return lines


def _load_store(kind: Any, access: _Access, wrap: Kernel, read: str = "{}") -> Any:
    """Kernels that load and store a record at a place."""
    names = {"__name__": kind.__module__, "float64": np.float64}
    made = _constructor(kind, lambda k: read.format(access.cell(k)), 0, names)
    load = f"def load({access.arguments}):\n{access.head}    return {made}\n"
    store = f"def store({access.arguments}, value):\n{access.head}"
    store += _assignments(kind, access.cell, 0, "value")
    return _compiled(load, "load", kind, names, wrap), _compiled(store, "store", kind, names, wrap)


def _compiled(source: str, name: str, kind: Any, names: dict[str, Any], wrap: Kernel) -> Any:
    """A kernel of its source, which tracebacks can show."""
    file = f"<{name} {kind.__name__}: {source}>"
    linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
    exec(compile(source, file, "exec"), names)
    function = names.pop(name)
    function.__qualname__ = f"{name}_{kind.__name__}"
    function.__doc__ = f"{kind.__name__} at rest."
    return wrap(function)


def row_record(
    kind: type[R], at: Any, wrap: Kernel = inline_kernel
) -> tuple[Callable[[np.ndarray, Index], R], Callable[[np.ndarray, Index, R], None]]:
    """Kernels ``load(rows, i)`` and ``store(rows, i, value)`` of the block that `at` begins.

    Parameters
    ----------
    kind : type
        The record.
    at : int or record of columns
        Where it lies: its first column, or what `Blocks.add` returned.
    wrap : decorator
        `inline_kernel` or `kernel`.
    """
    while isinstance(at, tuple):
        at = at[0]
    first = int(at)
    made: Any = _load_store(kind, _Access("a, i", lambda k: f"a[i, {first + k}]"), wrap)
    return made


def part_record(
    kind: type[R], wrap: Kernel = inline_kernel
) -> tuple[Callable[[np.ndarray, Index, Index], R], Callable[[np.ndarray, Index, Index, R], None]]:
    """Kernels ``load(rows, i, at)`` and ``store(rows, i, at, value)``, from column `at` on."""
    made: Any = _load_store(kind, _Access("a, i, at", lambda k: f"a[i, {_plus('at', k)}]"), wrap)
    return made


def table_record(
    kind: type[R], wrap: Kernel = inline_kernel
) -> tuple[Callable[[np.ndarray, Index], R], Callable[[np.ndarray, Index, R], None]]:
    """Kernels ``load(table, at)`` and ``store(table, at, value)`` of a flat table."""
    made: Any = _load_store(kind, _Access("a, at", lambda k: f"a[{_plus('at', k)}]"), wrap)
    return made


def line_record(
    kind: type[R], at: int = 0, wrap: Kernel = inline_kernel
) -> tuple[Callable[[np.ndarray, Index], R], Callable[[np.ndarray, Index, R], None]]:
    """Kernels ``load(lines, i)`` and ``store(lines, i, value)``, where each field has a line."""
    made: Any = _load_store(kind, _Access("a, i", lambda k: f"a[{at + k}, i]"), wrap)
    return made


def item_record(
    kind: type[R], read: str = "{}", wrap: Kernel = inline_kernel
) -> tuple[Callable[[np.ndarray, Index, Index], R], Callable[[np.ndarray, Index, Index, R], None]]:
    """Kernels ``load(items, i, k)`` and ``store(items, i, k, value)`` of item `k` of row `i`.

    `read` may convert what is loaded: ``float64({})`` from an array of float32.
    """
    made: Any = _load_store(kind, _Access("a, i, k", lambda k: f"a[i, k, {k}]"), wrap, read)
    return made


def lane_record(
    kind: type[R], lanes: int, wrap: Kernel = inline_kernel
) -> tuple[Callable[[np.ndarray, Index, Index], R], Callable[[np.ndarray, Index, Index, R], None]]:
    """Kernels ``load(x, at, lane)`` and ``store(x, at, lane, value)``, of `lanes` side by side."""
    head = "    j = at + lane\n"
    access = _Access("a, at, lane", lambda k: f"a[{_plus('j', lanes * k)}]", head)
    made: Any = _load_store(kind, access, wrap)
    return made
