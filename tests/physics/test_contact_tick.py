"""How long a contact tick may be: the longest that is allowed gains no energy and lands alike."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from lunar_env.kernel.linalg import Vec3
from lunar_env.physics.clearance import ground_clearance
from lunar_env.physics.gear import LONGEST_TICK
from lunar_env.physics.rows import Lander
from tests.physics.energies import energy, growth
from tests.physics.stands import FLAT, ROW, SITE, at, lander, row, run

FINE = 1e-4  # s


class Fall(NamedTuple):
    """What came of a drop of half a metre."""

    grown: float  # share of the energy of motion that was gained
    lean_deg: float
    place: np.ndarray


def fall(seed: int, tick: float) -> Fall:
    rng = np.random.default_rng(seed)
    legs, crush = (6 if seed % 2 else 4), (1500.0 if seed % 3 else 1e9)
    who = lander(legs=legs, k=(1.0, 1.0, 0.6), crush_force=crush)
    memory = row(who, rng.uniform(0.2, 1.2))
    v = (*rng.uniform(-1.0, 1.0, 2), -rng.uniform(0.5, 3.0))
    turn, omega = 0.1 * rng.uniform(-1.0, 1.0, 3), tuple(rng.uniform(-0.3, 0.3, 3))
    state = at(who, 20.0, v, Rotation.from_rotvec(turn), omega)
    gap = ground_clearance(Lander(memory, *FLAT, ROW), state, SITE)
    state = state._replace(r=Vec3(state.r.x, state.r.y, state.r.z - gap + 0.5))
    trace = run(who, state, FLAT, 4.0, dt=tick, memory=memory)
    arrival = trace.v[: round(1.0 / tick)]
    kinetic = 0.5 * who.vehicle.mass_dry * np.sum(arrival**2, axis=1).max()
    lean = math.degrees(math.acos(min(1.0, trace.axis[-1, 2])))
    return Fall(growth(energy(who, trace)[2:]) / kinetic, lean, trace.r[-1])


@pytest.fixture(scope="module")
def longest():
    return [fall(seed, LONGEST_TICK) for seed in range(16)]


def test_the_longest_tick_does_not_increase_energy(longest):
    """But for the 1 % that a tick's way into the ground can store, as in `test_contact.py`."""
    assert LONGEST_TICK == 0.002
    assert max(one.grown for one in longest) < 0.01


def test_the_longest_tick_agrees_with_a_tick_of_0_1_ms(longest):
    fine = [fall(seed, FINE) for seed in range(16)]
    lean = [abs(a.lean_deg - b.lean_deg) for a, b in zip(longest, fine, strict=True)]
    away = [np.linalg.norm(a.place - b.place) for a, b in zip(longest, fine, strict=True)]
    assert np.median(lean) < 0.05
    assert max(lean) < 0.5
    assert np.median(away) < 0.02
    assert max(away) < 0.3


def test_a_tick_of_10_ms_increases_energy():
    """Why longer ones are an error: with the same springs, landers jump."""
    assert max(fall(seed, 0.01).grown for seed in range(16)) > 0.2
