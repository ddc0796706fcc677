"""Beams that lean: their ranges, told as the boresight would have seen them."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from agents.beams import Beams, boresight_ratio

CANT = np.radians(22.5)
COUNT = 4


def beam_axes():
    around = 2.0 * np.pi * np.arange(COUNT) / COUNT
    side = np.sin(CANT)
    down = np.full(COUNT, -np.cos(CANT))
    return np.stack([side * np.cos(around), side * np.sin(around), down], axis=1)


def slant(height, turn, axis):
    """Range to level ground along an axis of the body."""
    return height / -turn.apply(axis)[..., 2]


def share(turn, rate=(0.0, 0.0, 0.0), age=0.0, cant=CANT, which=(1.0, 2.0, 3.0, 4.0)):
    up = turn.inv().apply([0.0, 0.0, 1.0])[np.newaxis]
    full = np.full((1, COUNT), age)
    beams = Beams(np.array([4.0]), np.array([cant]), np.array([which]), full)
    return boresight_ratio(beams, up, np.array([rate]))[0]


@pytest.mark.parametrize("euler", [(0, 0, 0), (30, 0, 0), (-20, 25, 140), (5, -40, 60)])
def test_every_beam_is_converted_to_the_boresight_range(euler):
    turn = Rotation.from_euler("xyz", euler, degrees=True)
    seen = np.array([slant(700.0, turn, axis) for axis in beam_axes()])
    along = slant(700.0, turn, np.array([0.0, 0.0, -1.0]))
    np.testing.assert_allclose(seen * share(turn), along, rtol=1e-12)


def test_a_range_is_turned_by_the_attitude_of_its_own_time():
    """The body turns at a steady rate; the range is 0.1 s old."""
    rate, age = np.array([0.3, -0.2, 0.1]), 0.1
    now = Rotation.from_euler("xyz", (15, -10, 30), degrees=True)
    then = now * Rotation.from_rotvec(-rate * age)
    seen = np.array([slant(700.0, then, axis) for axis in beam_axes()])
    along = slant(700.0, then, np.array([0.0, 0.0, -1.0]))
    np.testing.assert_allclose(seen * share(now, rate, age), along, rtol=3e-4)
    assert np.abs(seen * share(now) / along - 1.0).max() > 5e-3


def test_a_single_beam_and_empty_slots_are_unchanged():
    turn = Rotation.from_euler("xyz", (15, -10, 30), degrees=True)
    assert (share(turn, cant=0.0) == 1.0).all()
    assert (share(turn, which=(0.0, 0.0, 0.0, 0.0)) == 1.0).all()
    assert np.isfinite(share(Rotation.from_euler("x", 120, degrees=True))).all()
