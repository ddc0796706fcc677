"""Arrow arrays of numbers and texts; ``pyarrow.array`` would import pandas first, for a second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["column_of", "numbers", "texts"]


def numbers(values: NDArray[Any], known: NDArray[np.bool_] | None = None) -> pa.Array:
    """Return numbers as an Arrow array.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Of a numeric type.
    known : ndarray of bool, shape (n,), optional
        Which of them are there; all if not given.
    """
    whole = np.ascontiguousarray(values)
    mask = None if known is None else pa.py_buffer(np.packbits(known, bitorder="little"))
    kind = pa.from_numpy_dtype(whole.dtype)
    return pa.Array.from_buffers(kind, len(whole), [mask, pa.py_buffer(whole)])


def texts(values: Sequence[str]) -> pa.Array:
    """Return texts as an Arrow array."""
    encoded = [value.encode() for value in values]
    ends = np.cumsum([0, *map(len, encoded)]).astype(np.int32)
    content = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(encoded), content)


def column_of(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Return texts, or whole numbers of which some may be None, as an Arrow array of a type."""
    if kind == pa.string():
        return texts(values)
    known = np.array([value is not None for value in values])
    return numbers(np.array([value or 0 for value in values], kind.to_pandas_dtype()), known)
