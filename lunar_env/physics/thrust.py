"""Thrust and burned propellant of one engine over a tick, in closed form."""

from lunar_env.kernel.compile import inline_kernel
from lunar_env.physics.types import FlowCurve, Thrust, Transient


@inline_kernel
def thrust_over_tick(response: Transient, curve: FlowCurve, half: float) -> Thrust:
    """Thrust [N] and burned mass [kg] at the middle and the end of a tick of ``2 half`` seconds.

    ``T(t) = c + (T0 - c) exp(-t/lag)`` with the command c; the mass flow of `FlowCurve` is
    integrated exactly. `half` must be positive.
    """
    thrust, command, half_decay = response.thrust, response.command, response.decay
    linear, square = curve.flow + curve.flow_rise, curve.flow_rise / curve.thrust_max
    rest = 1.0 - half_decay
    off = thrust - command
    weight = response.lag * rest
    squares = 0.5 * weight * (1.0 + half_decay)
    steady = command * half
    first = linear * (steady + off * weight)
    first -= square * (command * steady + 2.0 * command * off * weight + off * off * squares)
    # Mid-tick thrust for which Simpson's rule, as the integrator applies it, is exact in impulse.
    shape = 0.25 * (3.0 * weight * (1.0 + half_decay) / half - 1.0 - half_decay * half_decay)
    middle = command + off * shape
    off *= half_decay
    second = linear * (steady + off * weight)
    second -= square * (command * steady + 2.0 * command * off * weight + off * off * squares)
    return Thrust(thrust, middle, command + off * half_decay, first, first + second)
