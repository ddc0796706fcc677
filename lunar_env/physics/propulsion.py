"""One engine: throttle band, lag, mass flow; and the moment the tanks run dry.

Within a tick the command is constant, so thrust and burned mass are closed forms of time. The
integrator evaluates them at its own stages; holding thrust over a tick would cost four digits.
"""

from typing import NamedTuple

from lunar_env.kernel.compile import kernel


class Thrust(NamedTuple):
    """One engine over one tick."""

    middle: float  # N, such that Simpson's rule gives the impulse of the tick
    end: float  # N
    burned_middle: float  # kg since the start
    burned_end: float  # kg


@kernel
def banded(throttle: float, floor: float, gap_low: float, gap_high: float) -> float:
    """The throttle that an engine can follow, next to the one that is asked for.

    Below its floor an engine is off under half of it and at the floor otherwise; inside a forbidden
    zone it goes to the nearer edge. A pulsed engine's throttle is its duty, its floor the shortest
    pulse; an engine that is only on or off has its floor at 1.
    """
    if throttle < floor:
        return floor if throttle >= 0.5 * floor else 0.0
    if gap_low < throttle < gap_high:
        return gap_low if throttle - gap_low < gap_high - throttle else gap_high
    return min(throttle, 1.0)


@kernel
def lag_of(thrust: float, command: float, lag_up: float, lag_down: float) -> float:
    """Time constant of the way from `thrust` to `command`; one tick goes one way only."""
    return lag_up if command > thrust else lag_down


@kernel
def thrust_in(
    thrust: float,
    command: float,
    half: float,
    lag: float,
    half_decay: float,
    flow: float,
    flow_rise: float,
    thrust_max: float,
) -> Thrust:
    """Thrust and burned mass at the middle and the end of a tick of twice `half` seconds, half > 0.

    ``T(t) = c + (T0 - c) e^(-t/lag)``, and the flow ``T (flow + flow_rise (1 - T/T_max))`` is
    integrated exactly; `half_decay` is the exponential over half the tick.
    """
    linear, square = flow + flow_rise, flow_rise / thrust_max
    rest = 1.0 - half_decay
    off = thrust - command
    weight = lag * rest
    squares = 0.5 * weight * (1.0 + half_decay)
    steady = command * half
    first = linear * (steady + off * weight)
    first -= square * (command * steady + 2.0 * command * off * weight + off * off * squares)
    # A middle such that Simpson's rule, which the integrator applies, gives the exact impulse.
    shape = 0.25 * (3.0 * weight * (1.0 + half_decay) / half - 1.0 - half_decay * half_decay)
    middle = command + off * shape
    off *= half_decay
    second = linear * (steady + off * weight)
    second -= square * (command * steady + 2.0 * command * off * weight + off * off * squares)
    return Thrust(middle, command + off * half_decay, first, first + second)
