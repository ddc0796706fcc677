"""Whether a landing can still be saved: it separates bad luck from bad piloting.

Two bounds that hold for any steering, each in closed form. Height: what a vertical lander at full
thrust needs to stop its descent; lateral speed needs none, because it can be cancelled afterwards
in level flight. Propellant: that of the shortest stop of both, with thrust in one constant
direction. A lander that satisfies both is lost only if each is so tight that a trajectory that
saves height takes more propellant than is left.

The throttle band does not matter: a stop is flown at maximum thrust, and a minimum thrust above the
weight only means that the lander cannot hover once it has stopped. Gravity is that at the target,
all engines are assumed healthy, the ground level, attitude manoeuvres instantaneous. Compared with
integrated flights with engine lag on a spherical Moon, the height is accurate within 1.5 % below
5 km, 2.5 % below 10 km and 5 % at 30 km, nearly always too large, the propellant within 1.1 %.
"""

import math

from lunar_env.kernel.closed_forms import stop_height, stop_time
from lunar_env.kernel.compile import kernel
from lunar_env.kernel.linalg import Vec3, cross, dot, norm, unit
from lunar_env.physics.types import Site, State, Vehicle


@kernel
def height_to_stop(state: State, vehicle: Vehicle, site: Site, reaction: float) -> float:
    """Height [m] in which full thrust stops the descent, after `reaction` seconds and the lag.

    inf if the thrust is too low, or the propellant is depleted before the lander has stopped.
    """
    up = unit(Vec3(state.r.x, state.r.y, state.r.z + site.radius))
    descent_rate, lateral_speed = -dot(state.v, up), norm(cross(state.v, up))
    gravity = site.mu / site.radius**2
    # The surface curves away below a lander with lateral speed.
    g = gravity - lateral_speed * lateral_speed / site.radius
    delay = reaction + vehicle.lag
    thrust, v_e = vehicle.thrust_max, vehicle.v_e
    burn = stop_time(
        descent_rate + g * delay, lateral_speed, state.mass, thrust, v_e, gravity, site.radius
    )
    if burn * thrust / v_e > state.mass - vehicle.mass_dry:
        return math.inf
    return stop_height(descent_rate, state.mass, thrust, v_e, g, delay)
