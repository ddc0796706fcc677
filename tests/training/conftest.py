"""Made-up landings with known statistics."""

from __future__ import annotations

import numpy as np
import pytest

from training.results import MARGINS, SCHEMA


def landings_table(pilot, scenario, landed, *, lost=None, speed=None, traces=0):
    """Make up a table of landings; columns that are not given hold 1."""
    count = len(landed)
    landed = np.array(landed, dtype=np.bool_)
    table: dict[str, np.ndarray] = {field.name: np.ones(count) for field in SCHEMA}
    columns: dict[str, np.ndarray] = {
        "pilot": np.full(count, pilot, dtype=object),
        "mission": np.full(count, "hakuto-r-m2", dtype=object),
        "scenario": np.full(count, scenario, dtype=object),
        "outcome": np.where(landed, "LANDED", "CRASHED").astype(object),
        "cause": np.where(landed, "", "too fast").astype(object),
        "landing": np.arange(count),
        "seed": np.arange(count) + 100,
        "episode_key": np.arange(count, dtype=np.uint64) + 2**63,
        "landed": landed,
        "contact": np.ones(count, dtype=np.bool_),
        "lost": np.zeros(count, np.bool_) if lost is None else np.array(lost),
        "speed_m_s": np.where(landed, 1.0, 20.0) if speed is None else np.array(speed, float),
    }
    table |= columns
    table["v_vertical_m_s"] = table["speed_m_s"].copy()
    for name in MARGINS:
        table[f"margin_{name}"] = 3.0 - table["speed_m_s"]
    for name, values in (("trace_time_s", [0, 30, 60]), ("trace_height_m", [3000, 900, 0])):
        column = np.full(count, None, dtype=object)
        for row in range(traces):
            column[row] = np.array(values, dtype=np.float32)
        table[name] = column
    return table


@pytest.fixture
def make_landings():
    return landings_table
