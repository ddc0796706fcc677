"""Analytic landings: the vertical burn, the shortest stop and the gravity turn.

Speeds [m/s] are positive downwards, heights [m] above the point of rest, angles [rad] from the
vertical; mass [kg], thrust [N], exhaust velocity v_e [m/s] and gravity g [m/s^2] are those of the
lander and the site. Gravity is uniform unless a radius is given.

References
----------
Meditch, "On the problem of optimal thrust programming for a lunar soft landing", IEEE Trans.
Automatic Control 9(4), 1964.
Lawden, Optimal Trajectories for Space Navigation, Butterworths, 1963.
Culler and Fried, "Universal gravity turn trajectories", J. Appl. Phys. 28(6), 1957.
"""

import math
from typing import NamedTuple

from lunar_env.kernel.compile import kernel


class VerticalBurn(NamedTuple):
    """Free fall to ``(height, speed)``, then full thrust to rest at the ground."""

    speed: float  # m/s, at ignition
    height: float  # m, at ignition
    duration: float  # s, of the burn
    propellant: float  # kg


class GravityTurn(NamedTuple):
    """Trajectory with thrust opposite to the velocity, down to rest."""

    height: float  # m
    duration: float  # s
    downrange: float  # m


@kernel
def burn_time(speed: float, mass: float, thrust: float, v_e: float, g: float) -> float:
    """Time [s] of full thrust that stops a vertical descent; inf if the thrust is too low.

    Root of ``speed + g t = v_e ln(m / (m - mdot t))``; Newton's method from above converges
    monotonically, because the right side is convex.
    """
    if thrust <= mass * g:
        return math.inf
    mdot = thrust / v_e
    t = speed / (thrust / mass - g)
    for _ in range(12):
        m = mass - mdot * t
        if m <= 0.0:
            t = 0.5 * mass / mdot
            m = 0.5 * mass
        residual = speed + g * t - v_e * math.log(mass / m)
        step = residual / (g - thrust / m)
        t -= step
        if abs(step) < 1e-9 * t:  # the next one would be of the size of its square
            break
    return t


@kernel
def burn_height(speed: float, mass: float, thrust: float, v_e: float, g: float) -> float:
    """Height [m] in which full thrust stops a vertical descent; inf if the thrust is too low."""
    t = burn_time(speed, mass, thrust, v_e, g)
    if t == math.inf:
        return math.inf
    mdot = thrust / v_e
    m_f = mass - mdot * t
    return speed * t + 0.5 * g * t * t - v_e * (t - (m_f / mdot) * math.log(mass / m_f))


@kernel
def stop_height(
    speed: float, mass: float, thrust: float, v_e: float, g: float, delay: float
) -> float:
    """Height [m] needed to stop by full thrust after `delay` seconds of free fall.

    A first-order engine lag costs the impulse ``thrust * lag``: for the stopping height it equals a
    delay of `lag`, up to second order in ``lag / burn time``.
    """
    if speed <= -g * delay:
        return 0.0
    fall = speed * delay + 0.5 * g * delay * delay
    return max(0.0, fall + burn_height(speed + g * delay, mass, thrust, v_e, g))


@kernel
def stop_time(
    down: float, across: float, mass: float, thrust: float, v_e: float, g: float, radius: float
) -> float:
    """Time [s] of full thrust that stops descent and lateral motion; inf if thrust is too low.

    No steering law stops it with less propellant: the end position is free, so the optimal thrust
    direction is constant (Lawden 1963, on the primer vector). ``(v_e x)^2 = across^2 +
    (down + g t - c)^2`` with ``x = ln(m / m_f)`` and ``t = (m / mdot)(1 - e^-x)``; c is the effect
    of the Moon's curvature, the integral of ``v^2 / radius``, to first order in x.
    """
    if down <= 0.0 and across == 0.0:
        return 0.0
    lift = across * across / radius
    if thrust <= mass * (g - lift):
        return math.inf
    burn_out = mass * v_e / thrust  # s, in which the whole mass would be burned
    # Newton's method from above: with the largest possible fall, the equation is linear in x.
    x = math.sqrt(across * across + (abs(down) + g * burn_out) ** 2) / v_e
    for _ in range(10):
        left = burn_out * math.exp(-x)
        t = burn_out - left
        g_eff = g - lift * (1.0 + 0.25 * x) / 3.0
        fall = max(0.0, down + g_eff * t)  # an ascending lander should wait
        speed = math.sqrt(across * across + fall * fall)
        slope = v_e - fall / speed * (g_eff * left - lift / 12.0 * t)
        x -= (v_e * x - speed) / slope
    return -burn_out * math.expm1(-x)


@kernel
def vertical_optimum(
    height: float, speed: float, mass: float, thrust: float, v_e: float, g: float
) -> VerticalBurn:
    """Fuel-optimal vertical landing: one switch from free fall to full thrust.

    The speed at ignition is found by bisection; nan if even immediate ignition is too late.
    """
    fall_speed = math.sqrt(speed * speed + 2.0 * g * max(height, 0.0))
    if burn_height(speed, mass, thrust, v_e, g) > height:
        return VerticalBurn(math.nan, math.nan, math.nan, math.nan)
    low, high = speed, fall_speed
    for _ in range(60):
        v1 = 0.5 * (low + high)
        left = height - (v1 * v1 - speed * speed) / (2.0 * g)
        if burn_height(v1, mass, thrust, v_e, g) < left:
            low = v1
        else:
            high = v1
    v1 = 0.5 * (low + high)
    t = burn_time(v1, mass, thrust, v_e, g)
    return VerticalBurn(v1, burn_height(v1, mass, thrust, v_e, g), t, thrust / v_e * t)


@kernel
def gravity_turn(speed: float, angle: float, thrust_ratio: float, g: float) -> GravityTurn:
    """Gravity turn to rest at a constant `thrust_ratio` ``thrust / weight`` above one.

    `angle` [rad] is that of the velocity from the downward vertical, ``w = tan(angle / 2)``.
    """
    w2 = math.tan(0.5 * angle) ** 2
    n = thrust_ratio
    scale = speed / (g * (1.0 + w2))
    height = speed * scale / (1.0 + w2) * (0.5 / (n - 1.0) - 0.5 * w2 * w2 / (n + 1.0))
    duration = scale * (1.0 / (n - 1.0) + w2 / (n + 1.0))
    reach = 1.0 / (2.0 * n - 1.0) + w2 / (2.0 * n + 1.0)
    downrange = 2.0 * speed * scale * math.sqrt(w2) / (1.0 + w2) * reach
    return GravityTurn(height, duration, downrange)


@kernel
def gravity_turn_speed(speed: float, angle: float, thrust_ratio: float, angle_now: float) -> float:
    """Speed [m/s] on the same gravity turn at the angle `angle_now` [rad] of the velocity."""
    w0, w = math.tan(0.5 * angle), math.tan(0.5 * angle_now)
    return speed * (w / w0) ** (thrust_ratio - 1.0) * (1.0 + w * w) / (1.0 + w0 * w0)
