"""State at the start: dead-reckoned on the mission's plan, true with the error of navigation."""

import math
from typing import Final

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.draws import draw, draw_vector
from lunar_env.kernel.linalg import Quat, Vec3, cross, from_rotation_vector, multiply, normalize
from lunar_env.physics.attitude import retrograde_axis, to_local_vertical
from lunar_env.physics.mass import com_height
from lunar_env.physics.relief import elevation
from lunar_env.physics.rows import Lander
from lunar_env.physics.site import vertical
from lunar_env.physics.types import Site, State, Vehicle
from lunar_env.sim.navigate import draw_navigation
from lunar_env.sim.table import SCENARIO_WIDTH, SCENARIOS, TaskScalars, of_mission, of_scenario
from lunar_env.sim.world import SCENARIO, BatchRow, Start, load_start, store_start

_RADIANS: Final = math.pi / 180.0
_MAX_ERROR_FRAC: Final = 0.9  # [-], of the dead-reckoned altitude: no start is below the ground
_HEIGHT: Final = of_mission("height_m")
_V_SCATTER: Final = of_mission("v_vertical_scatter_m_s")
_V_VERTICAL: Final = of_mission("v_vertical_m_s")
_V_FORWARD: Final = of_mission("v_forward_m_s")
_V_CROSS: Final = of_mission("v_cross_m_s")
_V_LATERAL: Final = of_mission("v_lateral_m_s")
_DOWNRANGE: Final = of_mission("downrange_m")
_EAST: Final = of_mission("position_east_m")
_NORTH: Final = of_mission("position_north_m")
_LEAST_FRAC: Final = 0.1  # [-], of the planned altitude, from the ground to a drawn start
_TILT: Final = of_mission("tilt_deg")
_NAV_HEIGHT: Final = of_scenario("nav_height_error_m")
NAV_SPREAD: Final = of_scenario("nav_height_spread_frac")
_NAV_POSITION: Final = of_scenario("nav_position_error_m")
_PROPELLANT: Final = of_scenario("propellant_frac")
_RESERVE_LOST: Final = of_scenario("reserve_lost_frac")


@kernel
def option_or_drawn(option: float, drawn: float) -> float:
    """The option given to `reset`, or the drawn value where the option is nan."""
    return drawn if math.isnan(option) else option


@kernel
def point_above(east: float, north: float, altitude: float, site: Site) -> Vec3:
    """Position [m, L] at an altitude [m] above a place of the map, east and north [m]."""
    distance = math.sqrt(east * east + north * north)
    angle = distance / site.radius
    radius = site.radius + altitude
    across = radius * math.sin(angle) / distance if distance > 0.0 else 0.0
    return Vec3(across * east, across * north, radius * math.cos(angle) - site.radius)


@kernel
def draw_start(row: BatchRow, task: TaskScalars, site: Site, vehicle: Vehicle) -> State:
    """Draw the true state at the start, and the errors of dead reckoning.

    A lander flew to its start by its own navigation: the dead-reckoned position is drawn, and the
    dead-reckoned altitude of the pads above the target's level. The true ones are those minus the
    errors of navigation, of which that of the height is limited when it is drawn. A planned speed
    follows from the dead-reckoned altitude.
    """
    memory, i, table, key = row.lander.memory, row.lander.i, row.table, row.key
    scenario = SCENARIOS + SCENARIO_WIDTH * int(memory[i, SCENARIO])
    given = load_start(memory, i)
    planned = draw(table, _HEIGHT, key)
    drawn = draw(table, scenario + NAV_SPREAD, key) * draw(table, scenario + _NAV_HEIGHT, key)
    error = option_or_drawn(given.nav_height_error_m, min(drawn, _MAX_ERROR_FRAC * planned))
    height = option_or_drawn(given.height_m, planned - error)
    back = draw(table, _DOWNRANGE, key)
    place_error = draw_vector(table, scenario + _NAV_POSITION, key)
    east = draw(table, _EAST, key) - back * task.heading_east - place_error.x
    north = draw(table, _NORTH, key) - back * task.heading_north - place_error.y
    propellant = task.propellant * draw(table, scenario + _PROPELLANT, key)
    propellant -= task.reserve * draw(table, scenario + _RESERVE_LOST, key)
    mass = vehicle.mass_dry + max(0.0, propellant)
    if math.isnan(given.height_m):
        height = max(height, lowest_start(row.lander, east, north, planned))
    r = point_above(east, north, height + com_height(mass, vehicle), site)
    up = vertical(r, site)
    v = draw_velocity(given, table, key, task, up, height + error)

    tilt_deg = draw_vector(table, _TILT, key)
    tilt = from_rotation_vector(Vec3(_RADIANS * tilt_deg.x, _RADIANS * tilt_deg.y, 0.0))
    q = multiply(attitude_along(retrograde_axis(v, up, height + error)), tilt)
    store_start(memory, i, Start(math.nan, math.nan, math.nan, math.nan))
    state = State(r, v, q, Vec3(0.0, 0.0, 0.0), mass, 0.0)
    draw_navigation(memory, table, i, key, error, state, site)
    return state


@kernel
def lowest_start(lander: Lander, east: float, north: float, planned: float) -> float:
    """Least altitude [m] of the pads at a drawn start: a tenth of the plan above the ground.

    Relief rises to the plan at a few places in ten thousand. A lander that came from outside is not
    inside the ground, so its true altitude is raised, and what it believes with it.
    """
    ground = elevation(lander, east, north, 0.0)
    return ground + _LEAST_FRAC * planned


@kernel
def draw_velocity(
    given: Start,
    table: np.ndarray,
    key: np.uint64,
    task: TaskScalars,
    up: Vec3,
    believed: float,
) -> Vec3:
    """Draw the velocity at the start [m/s, L]: along and across the heading, and vertical.

    `believed` is the dead-reckoned altitude of the pads [m]; the vertical velocity is that of the
    plan, or drawn.
    """
    fall = draw(table, _V_VERTICAL, key)
    if task.on_plan > 0.0:
        drop = max(believed, 0.0) * 2.0 * task.plan_deceleration
        fall = math.sqrt(task.plan_touchdown_speed * task.plan_touchdown_speed + drop)
    climb = option_or_drawn(given.v_vertical_m_s, draw(table, _V_SCATTER, key) - fall)
    side, option = draw_vector(table, _V_LATERAL, key), given.v_lateral_m_s
    forward, cross = draw(table, _V_FORWARD, key), draw(table, _V_CROSS, key)
    x = option_or_drawn(option, side.x) + forward * task.heading_east + cross * task.heading_north
    y = side.y if math.isnan(option) else 0.0
    y += forward * task.heading_north - cross * task.heading_east
    return to_local_vertical(Vec3(x, y, climb), up)


@kernel
def attitude_along(axis: Vec3) -> Quat:
    """Attitude q_LB by the shortest rotation from z to the unit vector `axis` [L]."""
    turn = cross(Vec3(0.0, 0.0, 1.0), axis)
    return normalize(Quat(1.0 + axis.z, turn.x, turn.y, turn.z))
