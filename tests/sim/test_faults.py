"""Faults of engines: by time, height, ignition and contact, each once."""

import numpy as np
import pytest

from lunar_env.physics.rows import CONTACT, ENGINE_STATE
from lunar_env.sim.table import CUT_NEVER, TASK, TaskScalars
from tests.envs.flying import exact
from tests.sim.lander_batch import LanderBatch, built, thrusts_after


def thrusts_with_faults(
    fraction, *faults, steps=5, fall=0.0, height=500.0, phase="terminal", poke=None
):
    """Thrust of both engines of SLIM in each step, [steps, 2]."""
    landers = LanderBatch(built("slim"), scenario=exact(faults=list(faults)), phase=phase)
    landers.reset(height_m=height, v_vertical_m_s=-fall, v_lateral_m_s=0.0)
    landers.at_once()
    flown = []
    for k in range(steps):
        if poke is not None:
            poke(landers, k)
        flown.append(thrusts_after(landers, fraction[k] if np.ndim(fraction) else fraction))
    return np.array(flown), landers


def test_a_fault_occurs_at_its_time():
    flown, _ = thrusts_with_faults(0.2, {"engine": 2, "health_frac": 0.0, "at_time_s": 0.4})
    assert flown[:, 0].tolist() == pytest.approx([100.0, 100.0, 200.0, 200.0, 200.0])
    assert flown[:, 1].tolist() == pytest.approx([100.0, 100.0, 0.0, 0.0, 0.0], abs=1e-6)


def test_a_fault_occurs_at_its_height():
    """It sees the height at the end of the step before."""
    fault = {"engine": 1, "health_frac": 0.5, "below_height_m": 50.0}
    flown, _ = thrusts_with_faults(1.0, fault, fall=20.0, height=57.0)
    # 57, 53.2, 49.7 m: at the third step it is below.
    assert flown[:, 0].tolist() == pytest.approx([500.0, 500.0, 250.0, 250.0, 250.0])
    assert flown[:, 1].tolist() == pytest.approx([500.0] * 5)


def test_a_fault_occurs_at_its_ignition():
    fault = {"engine": 1, "health_frac": 0.0, "event": "ignition"}
    flown, _ = thrusts_with_faults([0.0, 0.0, 0.6, 0.6, 0.6], fault, phase="powered")
    assert flown[:, 0].tolist() == pytest.approx([0.0, 0.0, 300.0, 0.0, 0.0], abs=1e-6)
    # Where the engines burn at the start, they were lit before it.
    flown, _ = thrusts_with_faults(0.2, fault)
    assert flown[:, 0].tolist() == pytest.approx([0.0] * 5, abs=1e-6)


def test_a_fault_occurs_at_contact():
    def touch(landers, k):
        landers.table[TASK + TaskScalars._fields.index("cut_off")] = CUT_NEVER
        landers.memory[:, CONTACT.made] = float(k == 2)

    flown, _ = thrusts_with_faults(
        0.4, {"engine": 1, "health_frac": 0.0, "event": "contact"}, poke=touch
    )
    assert flown[:, 0].tolist() == pytest.approx([200.0, 200.0, 0.0, 0.0, 0.0], abs=1e-6)


def test_each_of_two_faults_occurs_once():
    first = {"engine": 1, "health_frac": 0.25, "at_time_s": 0.2}
    second = {"engine": 2, "health_frac": 0.0, "at_time_s": 0.6}

    def repair(landers, k):
        if k == 2:
            landers.engine(ENGINE_STATE.health)[:] = 1.0

    flown, landers = thrusts_with_faults(1.0, first, second, poke=repair)
    assert flown[:, 0].tolist() == pytest.approx([500.0, 125.0, 500.0, 500.0, 500.0])
    assert flown[:, 1].tolist() == pytest.approx([500.0, 500.0, 500.0, 0.0, 0.0], abs=1e-6)
    landers.reset()
    assert (landers.engine(ENGINE_STATE.health) == 1.0).all()
