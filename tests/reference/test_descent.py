"""From orbit to rest by linear tangent steering, at the velocity budget of the ideal descent.

The steering is found by shooting with equations in polar coordinates; what it finds is then flown
by the package's integrator, in the Cartesian frame of the target. The Moon is a point mass that
does not turn, as in the published figures (own, CasADi/IPOPT: 1,000 kg, 310 s, 15 x 100 km orbit,
thrust from perilune; at a thrust of 2.0 and 2.5 lunar weights 1,768 and 1,748 m/s).
"""

from __future__ import annotations

import math

import numba
import numpy as np
import pytest
from scipy.optimize import fsolve

from lunar_env.kernel.linalg import Quat, Vec3
from lunar_env.physics.integrate import rk4
from lunar_env.physics.types import Accelerations, Site, State, TickAccelerations
from tests.reference.equations import GM, RADIUS

MASS, V_E = 1000.0, 310.0 * 9.80665
PERILUNE, APOLUNE = RADIUS + 15e3, RADIUS + 100e3
SPEED = math.sqrt(GM * (2.0 / PERILUNE - 2.0 / (PERILUNE + APOLUNE)))
SITE = Site(GM, RADIUS, 0.0, 0.0, 0.0, 1.0)
TICK = 0.05
IDEAL = {2.0: 1768.0, 2.5: 1748.0}


@numba.njit
def polar_rates(t, y, thrust, tangent, growth):
    """Distance, angle flown, climb, speed across; thrust against the flight, raised by the law.

    ``tan(elevation) = tangent + growth t``, over the horizontal at perilune.
    """
    distance, angle, climb, across = y
    a = thrust / (MASS - thrust / V_E * t)
    elevation = math.atan(tangent + growth * t) - angle
    return np.array(
        [
            climb,
            across / distance,
            across**2 / distance - GM / distance**2 + a * math.sin(elevation),
            -across * climb / distance - a * math.cos(elevation),
        ]
    )


@numba.njit
def shoot(thrust, tangent, growth, duration, steps):
    """Where a burn from perilune ends."""
    y = np.array([PERILUNE, 0.0, 0.0, SPEED])
    h = duration / steps
    for k in range(steps):
        t = k * h
        k1 = polar_rates(t, y, thrust, tangent, growth)
        k2 = polar_rates(t + 0.5 * h, y + 0.5 * h * k1, thrust, tangent, growth)
        k3 = polar_rates(t + 0.5 * h, y + 0.5 * h * k2, thrust, tangent, growth)
        k4 = polar_rates(t + h, y + h * k3, thrust, tangent, growth)
        y = y + h / 6.0 * (k1 + 2.0 * (k2 + k3) + k4)
    return y


def thrust_of(ratio):
    return ratio * MASS * GM / RADIUS**2


def solve(ratio):
    """Tangent at the start, its growth and the time of the burn that end at rest on the ground."""
    thrust = thrust_of(ratio)
    guess = MASS * V_E / thrust * -math.expm1(-IDEAL[ratio] / V_E)

    def miss(x):
        distance, _, climb, across = shoot(thrust, x[0], 1e-3 * x[1], guess * x[2], 500)
        return (distance - RADIUS) / 1e4, climb / 100.0, across / 100.0

    x, _, found, message = fsolve(miss, [0.0, 2.0, 1.0], xtol=1e-12, full_output=True)
    assert found == 1, message
    return x[0], 1e-3 * x[1], guess * x[2]


@numba.njit
def push_at(t, thrust, tangent, growth, angle):
    """Push in the axes of the target for a lander whose body axes are those; `angle` to fly."""
    a = thrust / (MASS - thrust / V_E * t)
    elevation = math.atan(tangent + growth * t) - angle
    none = Vec3(0.0, 0.0, 0.0)
    return Accelerations(Vec3(-a * math.cos(elevation), 0.0, a * math.sin(elevation)), none, none)


@numba.njit
def descend(state, site, thrust, tangent, growth, duration, angle, tick):
    """Fly the burn in whole ticks and one last part of a tick."""
    t = 0.0
    while t < duration:
        dt = min(tick, duration - t)
        start = push_at(t, thrust, tangent, growth, angle)
        middle = push_at(t + 0.5 * dt, thrust, tangent, growth, angle)
        t += dt
        end = push_at(t, thrust, tangent, growth, angle)
        burn = TickAccelerations(start, middle, end, MASS - thrust / V_E * t, thrust)
        state = rk4(state, burn, site, dt)
    return state


def fly(ratio, tick=TICK):
    """The whole descent, the target where it ends; the burn's time and the state at its end."""
    thrust = thrust_of(ratio)
    tangent, growth, duration = solve(ratio)
    angle = float(shoot(thrust, tangent, growth, duration, 500)[1])
    s, c = math.sin(angle), math.cos(angle)
    start = State(
        Vec3(-PERILUNE * s, 0.0, PERILUNE * c - RADIUS),
        Vec3(SPEED * c, 0.0, SPEED * s),
        Quat(1.0, 0.0, 0.0, 0.0),
        Vec3(0.0, 0.0, 0.0),
        MASS,
        thrust,
    )
    return duration, descend(start, SITE, thrust, tangent, growth, duration, angle, tick)


@pytest.mark.parametrize("ratio", IDEAL)
def test_the_reference_descent_ends_at_rest_on_the_target_with_the_ideal_delta_v(ratio):
    duration, end = fly(ratio)
    assert np.linalg.norm(end.r) < 0.01
    assert np.linalg.norm(end.v) < 1e-4
    budget = V_E * math.log(MASS / end.mass)
    assert budget == pytest.approx(IDEAL[ratio], rel=5e-3)
    # The table of propellant: 441 and 437 kg.
    assert end.mass == pytest.approx(MASS - {2.0: 441.0, 2.5: 437.0}[ratio], abs=3.0)
    assert duration > 300.0


def test_the_reference_integrator_has_fourth_order():
    """Slope of the error at the end of the descent against the length of the tick."""
    _, exact = fly(2.0, 0.5)
    ticks = np.array([4.0, 8.0, 16.0])
    errors = [np.linalg.norm(np.subtract(fly(2.0, tick)[1].v, exact.v)) for tick in ticks.tolist()]
    slope = np.polyfit(np.log(ticks), np.log(errors), 1)[0]
    assert slope == pytest.approx(4.0, abs=0.3)
