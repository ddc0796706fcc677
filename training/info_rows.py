"""Rows of the info of a vector environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["rows_of"]


def rows_of(info: Mapping[str, Any], rows: np.ndarray) -> list[dict[str, Any]]:
    """Return some rows of a vector environment's info.

    Parameters
    ----------
    info : mapping
        Arrays with one entry per row, and ``_key`` masks.
    rows : ndarray of int
        The rows.

    Returns
    -------
    list of dict
        For each of them the entries that it has, as plain Python values.
    """
    # A column at a time: a batch that ends together costs little more than one row.
    entries: list[dict[str, Any]] = [{} for _ in rows]
    everywhere = [True] * len(rows)
    known: dict[int, list[bool]] = {}  # most columns share one mask
    for key, values in info.items():
        if key.startswith("_"):
            continue
        column = values[rows].tolist()
        mask = info.get(f"_{key}")
        if mask is not None and id(mask) not in known:
            known[id(mask)] = np.asarray(mask)[rows].tolist()
        present = everywhere if mask is None else known[id(mask)]
        for entry, value, here in zip(entries, column, present, strict=True):
            if here:
                entry[key] = value
    return entries
