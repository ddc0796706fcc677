"""The engine: throttle band, first-order lag, mass flow and the moment the tanks run dry.

Within a tick the command is constant, so thrust and mass are closed forms of time. The integrator
evaluates them at its own stages; holding thrust over a tick would cost four digits.
"""

import math

from lunar_env.kernel.compile import cold_kernel, kernel
from lunar_env.physics.types import Vehicle


@kernel
def commanded_thrust(throttle: float, running: bool, vehicle: Vehicle) -> float:
    """Thrust asked of the engine for a throttle in [0, 1] of the installed thrust.

    Below the band's floor the engine is off under half of it and at the floor otherwise; an engine
    that cannot restart stays off.
    """
    if not running and vehicle.restartable == 0.0:
        return 0.0
    if throttle < vehicle.throttle_min:
        throttle = vehicle.throttle_min if throttle >= 0.5 * vehicle.throttle_min else 0.0
    return throttle * vehicle.thrust_max


@kernel
def lagged_thrust(thrust: float, command: float, decay: float) -> float:
    """Thrust after the lag's exponential has fallen to `decay`: first order toward `command`."""
    return command + (thrust - command) * decay


@kernel
def burned_mass(thrust: float, command: float, dt: float, decay: float, vehicle: Vehicle) -> float:
    """Propellant used in `dt`: the integral of the lagged thrust over the exhaust velocity."""
    impulse = command * dt + (thrust - command) * vehicle.lag * (1.0 - decay)
    return impulse / vehicle.v_e


@cold_kernel
def time_to_exhaustion(
    thrust: float, command: float, dt: float, propellant: float, vehicle: Vehicle
) -> float:
    """Time in (0, dt] at which `propellant` is burned; call it only where `dt` empties the tanks.

    Bisection: the burned mass rises with time, and 50 halvings reach the last bit.
    """
    low, high = 0.0, dt
    for _ in range(50):
        t = 0.5 * (low + high)
        if burned_mass(thrust, command, t, math.exp(-t / vehicle.lag), vehicle) < propellant:
            low = t
        else:
            high = t
    return high
