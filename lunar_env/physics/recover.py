"""Can this landing still be saved? The question that divides bad luck from bad piloting.

Two bounds that no steering beats, each in closed form. Height: what an upright lander at full
thrust needs to stop its fall; sideways speed costs none, because it can be stopped afterwards in
level flight. Propellant: that of the shortest stop of both, in one constant direction. A lander
that meets both is lost only where each is so tight that a way of flying that saves height takes
more propellant than there is.

The throttle band does not matter: a stop is flown at its upper end, and a floor above the weight
only means that the lander cannot hover once it has stopped. Gravity is that at the target, all
engines are taken to be healthy, the ground to be level and turning to take no time. Against flights
with the lag's own equation on a round Moon the height is right within 1.5 % below 5 km, 2.5 % below
10 km and 5 % at 30 km, nearly always too much, and the propellant within 1.1 %.
"""

import math

from lunar_env.kernel.closed_forms import stop_height, stop_time
from lunar_env.kernel.compile import kernel
from lunar_env.kernel.linalg import Vec3, cross, dot, norm, unit
from lunar_env.physics.types import Site, State, Vehicle


@kernel
def height_to_stop(state: State, vehicle: Vehicle, site: Site, reaction: float) -> float:
    """Height [m] that full thrust needs to stop the fall, after `reaction` seconds and the lag.

    inf where the engines are too weak, or the propellant runs out before the lander stands still.
    """
    up = unit(Vec3(state.r.x, state.r.y, state.r.z + site.radius))
    descent_rate, lateral_speed = -dot(state.v, up), norm(cross(state.v, up))
    gravity = site.mu / site.radius**2
    # The Moon curves away under a lander that moves sideways.
    g = gravity - lateral_speed * lateral_speed / site.radius
    delay = reaction + vehicle.lag
    thrust, v_e = vehicle.thrust_max, vehicle.v_e
    burn = stop_time(
        descent_rate + g * delay, lateral_speed, state.mass, thrust, v_e, gravity, site.radius
    )
    if burn * thrust / v_e > state.mass - vehicle.mass_dry:
        return math.inf
    return stop_height(descent_rate, state.mass, thrust, v_e, g, delay)
