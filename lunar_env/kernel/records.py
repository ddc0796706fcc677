"""Records in arrays: the columns of a NamedTuple's fields, and kernels to load and store it.

A record is a NamedTuple of floats or of further records. In an array it is stored flat, its fields
side by side in their order. Columns are never counted by hand: `Blocks` allocates records one after
the other, `columns` gives the column of each field, and the functions below generate the kernels
that load and store a whole record. They are generated as source text, so that the compiler, the
interpreter and debuggers see ordinary functions.
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
    """Names of a record's fields, each with its record type, or None for a float."""
    hints = get_type_hints(kind)
    parts = {name: hints.get(name) for name in kind._fields}
    return [(name, part if hasattr(part, "_fields") else None) for name, part in parts.items()]


def width(kind: Any) -> int:
    """Return the number of columns of a record, those of nested records included.

    Parameters
    ----------
    kind : type
        The record.

    Returns
    -------
    int
        Number of floats.

    Examples
    --------
    >>> from lunar_env.kernel.linalg import Quat
    >>> width(Quat)
    4
    """
    return sum(width(part) if part else 1 for _, part in _fields_of(kind))


def columns(kind: Any, at: int = 0) -> Any:
    """Return a record that holds the column number of each of its fields.

    Parameters
    ----------
    kind : type
        The record.
    at : int
        Column of its first field.

    Returns
    -------
    record
        Of the type `kind`, nested in the same way.

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
    """Return a record type of floats whose field names come from a table.

    Parameters
    ----------
    name : str
        Name of the type.
    fields : iterable of str
        Names of its fields.

    Returns
    -------
    type
        A named tuple.
    """
    return namedtuple(name, tuple(fields))


class Blocks:
    """Allocates consecutive blocks of columns.

    Parameters
    ----------
    start : int
        First column.
    """

    def __init__(self, start: int = 0) -> None:
        self.end = start

    def add(self, kind: Any) -> Any:
        """Allocate a record; return its columns by field."""
        first = self.room(width(kind))
        return columns(kind, first)

    def room(self, count: int = 1) -> int:
        """Allocate `count` floats; return the column of the first."""
        first, self.end = self.end, self.end + count
        return first


class _Access(NamedTuple):
    """How a generated kernel accesses a record."""

    arguments: str  # of the kernel
    cell: Callable[[int], str]  # source of the array element that holds float number k
    head: str = ""  # source of a first line


def _plus(name: str, number: int) -> str:
    return f"{name} + {number}" if number else name


def _constructor(kind: Any, cell: Callable[[int], str], at: int, names: dict[str, Any]) -> str:
    """Source of the expression that constructs a record from its cells."""
    names[kind.__name__], arguments = kind, []
    for _, part in _fields_of(kind):
        arguments.append(_constructor(part, cell, at, names) if part else cell(at))
        at += width(part) if part else 1
    return f"{kind.__name__}({', '.join(arguments)})"


def _assignments(kind: Any, cell: Callable[[int], str], at: int, value: str) -> str:
    """Source of the lines that assign a record to its cells."""
    lines = ""
    for name, part in _fields_of(kind):
        if part:
            lines += _assignments(part, cell, at, f"{value}.{name}")
        else:
            lines += f"    {cell(at)} = {value}.{name}\n"
        at += width(part) if part else 1
    return lines


def _load_store(kind: Any, access: _Access, wrap: Kernel, read: str = "{}") -> Any:
    """Generate the kernels that load and store a record."""
    names = {"__name__": kind.__module__, "float64": np.float64}
    made = _constructor(kind, lambda k: read.format(access.cell(k)), 0, names)
    load = f"def load({access.arguments}):\n{access.head}    return {made}\n"
    store = f"def store({access.arguments}, value):\n{access.head}"
    store += _assignments(kind, access.cell, 0, "value")
    return _compiled(load, "load", kind, names, wrap), _compiled(store, "store", kind, names, wrap)


def _compiled(source: str, name: str, kind: Any, names: dict[str, Any], wrap: Kernel) -> Any:
    """Compile a kernel from its source, which tracebacks can show."""
    file = f"<{name} {kind.__name__}: {source}>"
    linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
    exec(compile(source, file, "exec"), names)
    function = names.pop(name)
    function.__qualname__ = f"{name}_{kind.__name__}"
    function.__doc__ = f"{kind.__name__} in an array."
    return wrap(function)


def row_record(
    kind: type[R], at: Any, wrap: Kernel = inline_kernel
) -> tuple[Callable[[np.ndarray, Index], R], Callable[[np.ndarray, Index, R], None]]:
    """Return kernels ``load(rows, i)`` and ``store(rows, i, value)`` of one block of a row.

    Parameters
    ----------
    kind : type
        The record.
    at : int or record of columns
        First column, or the return value of `Blocks.add`.
    wrap : decorator
        `inline_kernel` or `kernel`.

    Returns
    -------
    tuple of callable
        The two kernels.
    """
    while isinstance(at, tuple):
        at = at[0]
    first = int(at)
    made: Any = _load_store(kind, _Access("a, i", lambda k: f"a[i, {first + k}]"), wrap)
    return made


def part_record(
    kind: type[R], wrap: Kernel = inline_kernel
) -> tuple[Callable[[np.ndarray, Index, Index], R], Callable[[np.ndarray, Index, Index, R], None]]:
    """Return kernels ``load(rows, i, at)``, ``store(rows, i, at, value)`` from column `at` on."""
    made: Any = _load_store(kind, _Access("a, i, at", lambda k: f"a[i, {_plus('at', k)}]"), wrap)
    return made


def spread_record(
    kind: type[R], at: int, count: int, wrap: Kernel = inline_kernel
) -> tuple[Callable[[np.ndarray, Index, Index], R], Callable[[np.ndarray, Index, Index, R], None]]:
    """Return kernels ``load(rows, i, k)``, ``store(rows, i, k, value)`` of record `k` of `count`.

    From column `at` on, all their first fields are adjacent, then all the second ones, and so on:
    the compiler vectorises a loop over the records.
    """
    access = _Access("a, i, k", lambda field: f"a[i, {at + count * field} + k]")
    made: Any = _load_store(kind, access, wrap)
    return made


def table_record(
    kind: type[R], wrap: Kernel = inline_kernel
) -> tuple[Callable[[np.ndarray, Index], R], Callable[[np.ndarray, Index, R], None]]:
    """Return kernels ``load(table, at)`` and ``store(table, at, value)`` of a flat table."""
    made: Any = _load_store(kind, _Access("a, at", lambda k: f"a[{_plus('at', k)}]"), wrap)
    return made


def line_record(
    kind: type[R], at: int = 0, wrap: Kernel = inline_kernel
) -> tuple[Callable[[np.ndarray, Index], R], Callable[[np.ndarray, Index, R], None]]:
    """Return kernels ``load(lines, i)``, ``store(lines, i, value)``, with a line for each field."""
    made: Any = _load_store(kind, _Access("a, i", lambda k: f"a[{at + k}, i]"), wrap)
    return made


def item_record(
    kind: type[R], read: str = "{}", wrap: Kernel = inline_kernel
) -> tuple[Callable[[np.ndarray, Index, Index], R], Callable[[np.ndarray, Index, Index, R], None]]:
    """Return kernels ``load(items, i, k)``, ``store(items, i, k, value)`` of item `k` of row `i`.

    `read` may convert each loaded element: ``float64({})`` for an array of float32.
    """
    made: Any = _load_store(kind, _Access("a, i, k", lambda k: f"a[i, k, {k}]"), wrap, read)
    return made


def lane_record(
    kind: type[R], lanes: int, wrap: Kernel = inline_kernel
) -> tuple[Callable[[np.ndarray, Index, Index], R], Callable[[np.ndarray, Index, Index, R], None]]:
    """Return kernels ``load(x, at, lane)``, ``store(x, at, lane, value)`` for `lanes` lanes."""
    head = "    j = at + lane\n"
    access = _Access("a, at, lane", lambda k: f"a[{_plus('j', lanes * k)}]", head)
    made: Any = _load_store(kind, access, wrap)
    return made
