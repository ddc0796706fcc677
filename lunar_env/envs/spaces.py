"""Spaces and documentation tables, both made from the field tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
from gymnasium.spaces import Box, Space

from lunar_env.info import INFO
from lunar_env.sim.fields import ACTION_FIELDS, PRIVILEGED_FIELDS, Control, action_fields
from lunar_env.sim.frame import OBSERVATION_FIELDS, PHASE_SCALES, frame_fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from lunar_env.sim.fields import Field

__all__ = ["box_of", "table_of", "tables"]


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


def tables() -> str:
    """Tables of every control and phase, as they close the docstring of the environment."""
    vector = action_fields(Control.THRUST_VECTOR, 1, ())
    actuators = action_fields(Control.ACTUATORS, 1, (0,))
    sections = {
        "Action, throttle": table_of(ACTION_FIELDS),
        "Action, thrust_vector": table_of(vector),
        "Action, actuators (of one engine with a gimbal: all throttles come first)": table_of(
            actuators
        ),
        "Observation (one frame, throttle, terminal)": table_of(OBSERVATION_FIELDS),
        "Observation scales by phase (the others stay)": "\n".join(_scales()),
        "Privileged": table_of(PRIVILEGED_FIELDS),
        "Info": "\n".join(_info()),
    }
    return "".join(f"\n    {title}\n    ------\n{text}\n" for title, text in sections.items())


def _info() -> Iterator[str]:
    yield "| key | type | unit | meaning |"
    yield "|---|---|---|---|"
    for key in INFO:
        yield f"| {key.name} | {key.kind.__name__} | {key.unit} | {key.doc} |"


def _scales() -> Iterator[str]:
    """Yield the table of the elements whose scale is not the same in every phase."""
    frames = {phase: frame_fields(phase, ACTION_FIELDS) for phase in PHASE_SCALES}
    yield f"| name | {' | '.join(frames)} |"
    yield "|---" * (1 + len(frames)) + "|"
    for fields in zip(*frames.values(), strict=True):
        scales = [field.scale for field in fields]
        if len(set(scales)) > 1:
            yield f"| {fields[0].name} | {' | '.join(f'{scale:g}' for scale in scales)} |"
