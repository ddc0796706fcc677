"""One row of the info of a vector environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["row_of"]


def row_of(info: Mapping[str, Any], row: int) -> dict[str, Any]:
    """Return one row of a vector environment's info.

    Parameters
    ----------
    info : mapping
        Arrays with one entry per row, ``_key`` masks, and nested mappings of the same kind.
    row : int
        The row.

    Returns
    -------
    dict
        The entries that the row has.
    """
    entries: dict[str, Any] = {}
    for key, values in info.items():
        if key.startswith("_") or not _has(info.get(f"_{key}"), row):
            continue
        entries[key] = row_of(values, row) if isinstance(values, dict) else _plain(values[row])
    return entries


def _has(mask: np.ndarray | None, row: int) -> bool:
    return mask is None or bool(mask[row])


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
