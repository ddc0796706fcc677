"""Proof that no control whatever can land: from the true state, without reaction time.

A landing needs a first contact at no more than the survivable speeds. Two things can exclude it.

*Height.* Until the instant at which full thrust straight up has slowed the descent to the
survivable speed, every control descends faster than that, so it must not have met the ground yet.
At that instant no control is higher than this one. One that ends up `aside` [m] of where the
lander would drift without thrust has paid for it in height: with ``w = (t - s) a(s)`` and its
integral W, ``int w cos(tilt) <= sqrt(W^2 - aside^2)``. If all ground in reach is higher than that,
it is lost. The ground is searched by halving squares, with bounds of its relief.

*Propellant.* With ``e = v^2/2`` plus the height's potential, ``|d sqrt(2 e)| <= |a| dt``, so speed
and height cost at least ``sqrt(2 e)`` less the survivable speed. In nearly level gravity the
cheapest vertical landing, free fall and then full thrust (Meditch 1964), costs more; lateral speed
is stopped at a right angle to it.

All approximations are in favour of the lander: weakest gravity, all engines that work, deepest or
highest ground that the relief allows, centre of mass down to the ground, no attitude dynamics, no
throttle band, any place, any time.
"""

import math
from typing import Final, NamedTuple

from lunar_env.kernel.compile import inline_kernel, kernel
from lunar_env.physics.full_thrust import Fall, FullThrust, Stop, fall_of, fastest_stop, full_thrust
from lunar_env.physics.landforms import (
    CRATER,
    FEATURE,
    FEATURE_WIDTH,
    FEATURES,
    KIND,
    MAX_SLOPE,
    SCALE,
    SHAPE,
    SPAN,
    load_crater,
    load_hillside,
)
from lunar_env.physics.relief import FADE_FROM, elevation
from lunar_env.physics.rows import BANDS, TERRAIN_STEP, Lander
from lunar_env.physics.site import map_position
from lunar_env.physics.terrain import terrain_step_slope
from lunar_env.physics.types import Limits, MapPosition, Site, State, Vehicle

NEVER: Final = 1.0e6  # m, in place of infinity
_FINEST: Final = 8.0  # m, squares down to about this size are searched
_HALVINGS: Final = 11  # at most: squares of 16 km
# The place to which the lander drifts is known to this [m], and to the share of the drift by which
# the distance from the Moon's centre changes.
_DRIFT_ERROR: Final = 10.0
# Potential, of which this share may be missing by the Moon's oblateness and rotation.
_POTENTIAL_ERROR: Final = 1e-3
_SPEED_ERROR: Final = 0.5  # m/s, of the lateral speed at the ground, by Coriolis acceleration
_CEILING: Final = 1.5  # heights at the start beyond which a flight is out of bounds


class Verdict(NamedTuple):
    """Whether a start is lost, and by how much full thrust stops above the ground."""

    lost: float  # 1 or 0
    margin: float  # m, over the ground to which the lander drifts; -NEVER if it never stops


class _Reach(NamedTuple):
    """What can be reached at the earliest instant of survivable speed."""

    altitude: float  # m, at most, without going aside
    east: float  # m, map: where the lander has drifted to
    north: float  # m
    radius: float  # m, by which this place may be wrong
    lift: float  # m, W: height by thrust
    slope: float  # [-], height gained per distance aside, by the centrifugal acceleration


@kernel
def judge_start(
    lander: Lander, state: State, vehicle: Vehicle, limits: Limits, site: Site
) -> Verdict:
    """Judge a lander in flight; `limits` are the survivable ones."""
    full, fall = full_thrust(lander.memory, lander.i, state, vehicle), fall_of(state, site)
    place = map_position(state.r, site)
    if _lacks_propellant(lander, full, fall, place, limits, site):
        return Verdict(1.0, -NEVER)
    plain = fastest_stop(full, fall.down, fall.gravity, limits.v_vertical)
    slope = _centrifugal_slope(full, fall, plain, site)
    share = 0.5 * slope * slope
    speed = limits.v_vertical + share * min(
        full.delta_v, fall.down + abs(fall.gravity) * plain.time
    )
    stop = fastest_stop(full, fall.down, fall.gravity, speed)
    if stop.time == math.inf:
        return Verdict(1.0, -NEVER)
    reach = _reach_of(fall, stop, place, slope, site)
    ground = elevation(lander, reach.east, reach.north, 0.0)
    if reach.altitude + share * reach.lift >= ground:
        return Verdict(0.0, reach.altitude - ground)
    met = _can_reach_ground(lander, reach, share * reach.lift)
    return Verdict(0.0 if met else 1.0, reach.altitude - ground)


@kernel
def _centrifugal_slope(full: FullThrust, fall: Fall, stop: Stop, site: Site) -> float:
    """Upward velocity gained per velocity given sideways at the start, at most [-].

    The centrifugal acceleration ``(v + dv)^2 / radius`` exceeds that of the drift by
    ``dv (2 v + dv) / radius``.
    """
    dv = full.delta_v
    time = min(stop.time, full.mass * full.v_e / max(full.thrust, 1e-9))
    if stop.time < math.inf:
        dv = min(dv, fall.down + abs(fall.gravity) * stop.time)
    lateral = fall.lateral + site.rate * site.radius
    return (2.0 * lateral + dv) * time / site.radius


@kernel
def _reach_of(fall: Fall, stop: Stop, place: MapPosition, slope: float, site: Site) -> _Reach:
    """Where full thrust straight up takes the lander."""
    drift = fall.lateral * stop.time
    share = 2.0 * abs(place.altitude) / site.radius
    far = (math.sqrt(place.east**2 + place.north**2) + drift) / site.radius
    return _Reach(
        altitude=place.altitude - stop.drop,
        east=place.east + fall.across.x * stop.time,
        north=place.north + fall.across.y * stop.time,
        radius=_DRIFT_ERROR + drift * (share + far * far + far),
        lift=fall.down * stop.time + 0.5 * fall.gravity * stop.time**2 - stop.drop,
        slope=slope,
    )


@kernel
def _can_reach_ground(lander: Lander, reach: _Reach, bonus: float) -> bool:
    """Search the ground for a place that is not above the lander; `bonus` [m] is added to it."""
    spare = _relief(lander) + reach.altitude + bonus
    lead = reach.slope * reach.lift  # m, aside, where going further no longer gains height
    if spare + 0.5 * reach.slope * lead < 0.0:
        return False
    aside = lead + math.sqrt(lead * lead + 2.0 * reach.lift * spare) + reach.radius
    halvings, side = 0, 2.0 * aside
    while side > _FINEST and halvings < _HALVINGS:
        side, halvings = 0.5 * side, halvings + 1
    if side > 2.0 * _FINEST:
        return True  # too much ground to search
    squares, code, level = 1 << (2 * halvings), 0, halvings
    while code < squares:
        size = side * (1 << level)
        east = reach.east - aside + side * _every_second_bit(code) + 0.5 * size
        north = reach.north - aside + side * _every_second_bit(code >> 1) + 0.5 * size
        radius = 0.5 * math.sqrt(2.0) * size
        if _is_above(lander, reach, bonus, east, north, radius, level == 0):
            code += 1 << (2 * level)
            while level < halvings and code % (4 << (2 * level)) == 0:
                level += 1
        elif level == 0:
            return True
        else:
            level -= 1
    return False


@kernel
def _every_second_bit(code: int) -> int:
    """Number made of the bits 0, 2, 4, ... of `code`: a coordinate of a square on a Z-curve."""
    number = 0
    for k in range(_HALVINGS):
        number |= ((code >> (2 * k)) & 1) << k
    return number


@kernel
def _is_above(
    lander: Lander,
    reach: _Reach,
    bonus: float,
    east: float,
    north: float,
    radius: float,
    last: bool,
) -> bool:
    """Whether all ground within `radius` [m] of a place is above the lander, wherever it goes.

    For every k: the ground without its k finest bands is no steeper than its maximum slope, and
    these bands lower it by at most their span. Only in a `last` square is each k tried. In the
    others the one with the smallest sum is: a part of a square is above whenever the square is.
    """
    x, y = east - reach.east, north - reach.north
    aside = math.sqrt(x * x + y * y) - radius - reach.radius
    aside = max(0.0, aside, reach.slope * reach.lift)
    height = reach.altitude + bonus + reach.slope * aside
    if reach.lift > 0.0:
        height -= 0.5 * aside * aside / reach.lift
    elif aside > 0.0:
        return True
    terrain, best, least = lander.terrain, 0, math.inf
    for k in range(BANDS + 1):
        steepest = terrain[MAX_SLOPE + k] + terrain_step_slope(lander.memory, lander.i)
        drop = terrain[SPAN + k] + steepest * radius
        if last and height < _elevation_without(lander, k, east, north) - drop:
            return True
        if drop < least:
            best, least = k, drop
    return not last and height < _elevation_without(lander, best, east, north) - least


@kernel
def _elevation_without(lander: Lander, k: int, east: float, north: float) -> float:
    """Elevation [m] of the ground without its `k` finest bands."""
    footprint = math.inf
    if k == 0:
        footprint = 0.0
    elif k < BANDS:
        footprint = FADE_FROM / lander.terrain[SCALE + k]
    return elevation(lander, east, north, footprint)


@kernel
def _relief(lander: Lander) -> float:
    """Upper bound [m] of how far any ground lies above or below the target."""
    terrain, total = lander.terrain, abs(lander.memory[lander.i, TERRAIN_STEP.rise])
    total += terrain[SPAN + BANDS]
    for k in range(int(terrain[FEATURES])):
        j = FEATURE + k * FEATURE_WIDTH
        if terrain[j + KIND] == CRATER:
            crater = load_crater(terrain, j + SHAPE)
            total += crater.depth + crater.rim
        else:
            rise_east, rise_north, reach = load_hillside(terrain, j + SHAPE)
            total += 2.0 * reach * math.sqrt(rise_east * rise_east + rise_north * rise_north)
    return total


@kernel
def _lacks_propellant(
    lander: Lander, full: FullThrust, fall: Fall, place: MapPosition, limits: Limits, site: Site
) -> bool:
    """Whether the propellant cannot stop speed and fall, however it is used."""
    relief = _relief(lander)
    height = max(0.0, place.altitude - relief)
    low, high = site.radius + place.altitude - height, site.radius + place.altitude
    potential = (1.0 - _POTENTIAL_ERROR) * site.mu * (1.0 / low - 1.0 / high)
    across = max(0.0, fall.lateral - _SPEED_ERROR)
    energy = 0.5 * (fall.down**2 + across * across) + potential
    survived = math.sqrt(limits.v_vertical**2 + limits.v_lateral**2)
    if math.sqrt(2.0 * energy) - survived > full.delta_v:
        return True
    fastest = fall.lateral + site.rate * site.radius + full.delta_v
    ceiling = high + (_CEILING - 1.0) * abs(place.altitude) + (_CEILING + 1.0) * relief
    gravity = (1.0 - _POTENTIAL_ERROR) * site.mu / ceiling**2 - fastest * fastest / low
    vertical = _cheapest_fall(full, max(0.0, fall.down), height, gravity, limits.v_vertical)
    sideways = max(0.0, across - limits.v_lateral)
    return math.sqrt(vertical * vertical + sideways * sideways) > full.delta_v


@inline_kernel
def _cheapest_fall(
    full: FullThrust, down: float, height: float, gravity: float, speed: float
) -> float:
    """Velocity change [m/s] of free fall, then full thrust of the empty lander to `speed` [m/s]."""
    strongest = full.thrust / full.mass_dry
    if gravity <= 0.0 or strongest <= gravity:
        return 0.0
    brake = strongest - gravity
    ignition2 = (height + 0.5 * down * down / gravity + 0.5 * speed * speed / brake) / (
        0.5 / gravity + 0.5 / brake
    )
    return max(0.0, strongest / brake * (max(math.sqrt(ignition2), down) - speed))
