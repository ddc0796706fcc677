"""Can this landing still be saved? The question that divides bad luck from bad piloting."""

import math

from lunar_env.kernel.closed_forms import burn_time, stop_height
from lunar_env.kernel.compile import kernel
from lunar_env.physics.types import Site, State, Vehicle


@kernel
def height_to_stop(state: State, vehicle: Vehicle, site: Site, reaction: float) -> float:
    """Height [m] that full thrust needs to stop the fall, after `reaction` seconds and the lag.

    Vertical closed form at the site's gravity. inf where the engine is too weak or the propellant
    runs out before the lander stands still.
    """
    g = site.mu / site.radius**2
    delay = reaction + vehicle.lag
    speed = -state.v.z
    if speed + g * delay > 0.0:
        burn = burn_time(speed + g * delay, state.mass, vehicle.thrust_max, vehicle.v_e, g)
        if burn * vehicle.thrust_max / vehicle.v_e > state.mass - vehicle.mass_dry:
            return math.inf
    return stop_height(speed, state.mass, vehicle.thrust_max, vehicle.v_e, g, delay)
