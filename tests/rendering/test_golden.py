"""Golden draw lists: what each picture is made of, kind by kind and colour by colour.

After a change that is meant, ``python -m tests.rendering.test_golden`` writes them again; look at
the pictures too. Fonts and antialiasing do not enter them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lunar_env.rendering.primitives import (
    Clip,
    Cloud,
    Ellipse,
    Line,
    Polygon,
    Polyline,
    Rect,
    Relief,
    Text,
)
from tests.rendering.snapshots import ALL, front

if TYPE_CHECKING:
    from lunar_env.rendering.primitives import Primitive
    from lunar_env.rendering.snapshot import Snapshot

FILE = Path(__file__).parent / "golden.json"
NEAR_PX = 1.5
"""Positions may differ by this: libraries of mathematics round otherwise."""


def corners(shape: Primitive) -> np.ndarray:
    """Points that span a shape, (n, 2)."""
    match shape:
        case Rect() | Ellipse() | Cloud():
            return np.array([shape[:2], (shape.x + shape.width, shape.y + shape.height)])
        case Line():
            return np.array([shape.start, shape.end])
        case Polyline() | Polygon():
            return np.array(shape.points)
        case Text():
            return np.array([(shape.x, shape.y)])
        case Relief():
            return np.stack([np.broadcast_to(shape.columns, shape.rows.shape), shape.rows], -1)[
                ::8, ::8
            ].reshape(-1, 2)
    raise TypeError(shape)


def summary(snapshot: Snapshot) -> dict[str, list[float]]:
    """Number and extent of the shapes of each kind and colour, and the texts."""
    groups: dict[str, list[np.ndarray]] = {}
    for shape in front(snapshot):
        if isinstance(shape, Clip):
            continue
        name = f"{type(shape).__name__} {getattr(shape, 'color', '')}"
        if isinstance(shape, Text):
            name += f" {shape.text}"
        groups.setdefault(name, []).append(corners(shape))
    return {
        name: [
            len(parts),
            *np.round(np.concatenate(parts).min(axis=0), 1).tolist(),
            *np.round(np.concatenate(parts).max(axis=0), 1).tolist(),
        ]
        for name, parts in groups.items()
    }


@pytest.mark.parametrize("name", ALL)
def test_pictures_are_made_of_the_same_shapes(name: str) -> None:
    golden = json.loads(FILE.read_text("utf-8"))[name]
    made = summary(ALL[name])
    assert list(made) == list(golden)
    for group, (count, *extent) in made.items():
        assert count == golden[group][0], group
        assert extent == pytest.approx(golden[group][1:], abs=NEAR_PX), group


if __name__ == "__main__":
    made = {name: summary(snapshot) for name, snapshot in ALL.items()}
    FILE.write_text(json.dumps(made, indent=0) + "\n", "utf-8")
