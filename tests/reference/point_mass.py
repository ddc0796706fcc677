"""A point mass over a plane: the set-up of the reference study of guidance laws.

Nothing of the package flies here: constant gravity, thrust at once, classical Runge-Kutta steps.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from agents.guidance.moon import Moon
from agents.guidance.types import VectorInput

G = 1.6242  # m/s2
ISP_S = 310.0
V_E = ISP_S * 9.80665
MASS_KG = 1000.0
THRUST_N = 800.0, 4000.0
PERIOD_S = 0.2
STEPS = 4
TARGET = np.array([0.0, 0.0, 6.0])
TARGET_V = np.array([0.0, 0.0, -1.0])

CASES = {
    "L1": ((-1500.0, 0.0, 3000.0), (40.0, 0.0, -50.0)),
    "L2": ((-500.0, 0.0, 1000.0), (20.0, 0.0, -30.0)),
    "L3": ((-7500.0, 0.0, 2300.0), (150.0, 0.0, -44.0)),
}


class Arrival(NamedTuple):
    """How a flight came to the end of its guidance."""

    propellant_kg: float
    time_s: float
    miss_m: float
    miss_m_s: float
    touchdown_kg: float  # propellant of the last metres, to the ground
    touchdown_m_s: float


def motion_of(r, v, mass, time, target_v=TARGET_V, floor=THRUST_N[0]):
    """What a law is told of the true state."""
    row = np.ones(1)
    return VectorInput(
        *(r[None], v[None], TARGET[None], target_v[None], np.array([[0.0, 0.0, -G]])),
        *(THRUST_N[1] / mass * row, floor / THRUST_N[1] * row, V_E * row, time * row),
        *(True, Moon(G)),
    )


def held(r, v, mass, wanted, floor):
    """State after one guidance period under the band's nearest thrust, held in direction."""
    size = float(np.linalg.norm(wanted))
    force = wanted / max(size, 1e-9) * min(max(size * mass, floor), THRUST_N[1])
    burn = float(np.linalg.norm(force)) / V_E
    pull = np.array([0.0, 0.0, -G])
    dt = PERIOD_S / STEPS
    for _ in range(STEPS):
        half, end = mass - 0.5 * dt * burn, mass - dt * burn
        a0, a1, a2 = force / mass + pull, force / half + pull, force / end + pull
        r = r + dt * v + dt * dt / 6.0 * (a0 + 2.0 * a1)
        v = v + dt / 6.0 * (a0 + 4.0 * a1 + a2)
        mass = end
    return r, v, mass


def fly(law, start, end_m_s=-1.0, floor=THRUST_N[0], longest_s=150.0):
    """Fly a law to the guidance target, and on to the ground.

    Guidance ends at the state nearest to the target, metres and 2 m/s counted alike: the law's own
    hand-over, whatever it goes by.
    """
    r, v = (np.array(part) for part in start)
    target_v = np.array([0.0, 0.0, end_m_s])
    mass, time, memory = MASS_KG, 0.0, law.start(1)
    best, arrived = np.inf, (0.0, 0.0, 0.0, 0.0)
    while r[2] > 0.0 and not (end_m_s == 0.0 and r[2] < TARGET[2]):
        miss, miss_v = np.linalg.norm(r - TARGET), np.linalg.norm(v - target_v)
        if miss + 2.0 * miss_v < best:
            best, arrived = miss + 2.0 * miss_v, (MASS_KG - mass, time, miss, miss_v)
        if time > longest_s:
            raise AssertionError(f"{law.name} still flies at {time:.0f} s, {r[2]:.1f} m up")
        wanted, memory = law.command(motion_of(r, v, mass, time, target_v, floor), memory)
        r, v, mass = held(r, v, mass, wanted[0], floor)
        time += PERIOD_S
    return Arrival(*map(float, arrived), MASS_KG - mass - arrived[0], float(np.linalg.norm(v)))
