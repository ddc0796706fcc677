"""Readings of single samples for the Kalman filter, and its memory of the ground."""

from __future__ import annotations

import numpy as np

from agents.navigation.gains import KalmanGains
from agents.navigation.ground import survey
from agents.navigation.memory import MEMORY, SHEET
from agents.sheet import SHEET_FIELDS, sheet_of
from tests.reference.vertical_study import study

ROWS = 20
ALL = np.ones(ROWS, bool)
NONE = {
    name: 0.0 for name in SHEET_FIELDS if name.startswith(("ralt_", "dvl_", "cam_"))
}  # no sensor besides the rangefinder is fitted


def falling(**changes):
    """A reading 1,000 m up by dead reckoning, 50 m wrong at one sigma, falling at 50 m/s."""
    nil = np.zeros(ROWS)
    reading = study(0.0, 0.0).reading(1)
    known = {"height_m": nil + 1000.0, "v_z_m_s": nil - 50.0, "height_sigma_m": nil + 50.0}
    known |= {"horizontal_sigma_m": nil + 200.0, "v_lateral_sigma_m_s": nil + 0.5}
    aids = {name: changes.pop(name) for name in list(changes) if name in reading.aids._fields}
    aids = {k: np.full(ROWS, v) for k, v in aids.items()}
    return reading._replace(**known, aids=reading.aids._replace(**aids))._replace(**changes)


def ranged(reading, slant, age=0.0):
    ranges = reading.ranges
    values = np.zeros((ROWS, 4)), np.zeros((ROWS, 4)), np.zeros((ROWS, 4), bool)
    values[0][:, 0], values[1][:, 0], values[2][:, 0] = slant, age, True
    return reading._replace(
        ranges=ranges._replace(range_m=values[0], age_s=values[1], valid=values[2])
    )


def ground_memory():
    """Memory of a row that knows the ground of `sheet_of`'s assumptions."""
    m = np.zeros((1, MEMORY))
    m[0, SHEET : SHEET + len(SHEET_FIELDS)] = sheet_of(1).rows()[0]
    survey(m, 0, KalmanGains())
    return m
