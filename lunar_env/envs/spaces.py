"""Spaces and documentation tables, both made from the field tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
from gymnasium.spaces import Box, Space

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lunar_env.sim.fields import Field

__all__ = ["box_of", "table_of"]


def box_of(fields: Sequence[Field]) -> Space[NDArray[np.float32]]:
    """Box with the fields' bounds."""
    low = np.array([field.low for field in fields], np.float32)
    high = np.array([field.high for field in fields], np.float32)
    return cast("Space[NDArray[np.float32]]", Box(low, high, dtype=np.float32))


def table_of(fields: Sequence[Field]) -> str:
    """Table of index, name, unit, scale and range, as it stands in the docstrings.

    Examples
    --------
    >>> from lunar_env import Field
    >>> print(table_of((Field("throttle", "-", 1.0, -1.0, 1.0, "fraction"),)))
    | # | name | unit | scale | low | high | meaning |
    |---|---|---|---|---|---|---|
    | 0 | throttle | - | 1 | -1 | 1 | fraction |
    """
    rows = ["| # | name | unit | scale | low | high | meaning |", "|---|---|---|---|---|---|---|"]
    for k, f in enumerate(fields):
        rows.append(
            f"| {k} | {f.name} | {f.unit} | {f.scale:g} | {f.low:g} | {f.high:g} | {f.doc} |"
        )
    return "\n".join(rows)
