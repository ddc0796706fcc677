"""The clock of a training run."""

import time

import pytest

pytest.importorskip("torch")

from training.learner import Clock


def test_a_clock_counts_wall_time_or_cpu_time():
    wall, cpu = Clock(60.0), Clock(60.0, kind="cpu")
    time.sleep(0.5)
    assert wall.spent_s >= 0.5
    assert cpu.spent_s < 0.4


def test_a_clock_goes_on_from_the_time_before():
    clock = Clock(60.0, 45.0, "cpu")
    assert 45.0 <= clock.spent_s < 46.0
    assert clock.left_s == pytest.approx(15.0, abs=1.0)
    assert clock.fraction == pytest.approx(0.75, abs=0.02)
