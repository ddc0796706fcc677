"""Can it still be saved: the closed forms against landings flown in full, each in two ways."""

from __future__ import annotations

import math

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunar_env.kernel.closed_forms import stop_height
from lunar_env.kernel.linalg import Quat, Vec3
from lunar_env.physics.recover import height_to_stop
from lunar_env.physics.types import Site, State, Vehicle
from tests.reference.equations import GM, RADIUS, RATE

G = GM / RADIUS**2
SITE = Site(GM, RADIUS, 0.0, RATE, 0.6, 0.8)
REACTION = 1.0
UPRIGHT_FIRST, AT_ONCE = 0, 1


def lander(mass_dry=370.0, thrust_max=1600.0, v_e=290.0 * 9.80665, lag=0.15, **other):
    known = {"mass_dry": mass_dry, "thrust_max": thrust_max, "v_e": v_e, "lag": lag}
    return Vehicle(**{**dict.fromkeys(Vehicle._fields, 0.0), **known, **other})


def state(height=1000.0, down=0.0, across=0.0, mass=410.0):
    level = Quat(1.0, 0.0, 0.0, 0.0)
    none = Vec3(0.0, 0.0, 0.0)
    return State(Vec3(0.0, 0.0, height), Vec3(across, 0.0, -down), level, none, mass, 0.0)


@numba.njit
def rates(y, up, along, command, tau, v_e):
    """Polar coordinates about the Moon's centre: radius, climb, sideways speed, mass, thrust."""
    distance, climb, side, mass, thrust = y
    a = thrust / mass
    return np.array(
        [
            climb,
            side * side / distance - GM / distance**2 + a * up,
            -side * climb / distance - a * along,
            -thrust / v_e,
            (command - thrust) / tau,
        ]
    )


@numba.njit
def fly(way, angle, height, down, across, mass, thrust, v_e, delay, tau):
    """Coast for `delay`, then full thrust to rest: lowest altitude, last climb, propellant.

    UPRIGHT_FIRST stops the fall, then the rest in level flight; AT_ONCE keeps one angle from the
    vertical until the sideways speed is gone.
    """
    y = np.array([RADIUS + height, -down, across, mass, 0.0])
    lowest, t, command = y[0], 0.0, 0.0
    falling = True
    while y[3] > 0.05 * mass:
        up, along = math.cos(angle), math.sin(angle)
        if t < delay:
            dt = min(0.05, delay - t)
        else:
            # Short steps while the engine starts and while the fall has to be stopped in time.
            command, dt = thrust, (0.2 if t < delay + 15.0 * tau else 2.0) * tau
        if way == UPRIGHT_FIRST:
            falling = falling and (y[1] < 0.0 or t < delay)
            level = GM / y[0] ** 2 - y[2] ** 2 / y[0] - 0.5 * y[1]  # m/s^2, holds the climb at zero
            up = 1.0 if falling else max(0.0, min(1.0, level * y[3] / thrust))
            along = math.sqrt(1.0 - up * up)
            dt = min(dt, 0.03) if falling else dt
        k1 = rates(y, up, along, command, tau, v_e)
        k2 = rates(y + 0.5 * dt * k1, up, along, command, tau, v_e)
        k3 = rates(y + 0.5 * dt * k2, up, along, command, tau, v_e)
        k4 = rates(y + dt * k3, up, along, command, tau, v_e)
        after = y + dt / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
        stopped = not falling if way == UPRIGHT_FIRST else t >= delay
        if stopped and after[2] <= 0.0:
            last = y + y[2] / (y[2] - after[2] + 1e-300) * (after - y)
            return min(lowest, last[0]) - RADIUS, last[1], mass - last[3]
        y, t = after, t + dt
        lowest = min(lowest, y[0])
    return lowest - RADIUS, y[1], mass - y[3]


@numba.njit
def fly_at_once(height, down, across, mass, thrust, v_e, delay, tau):
    """The one angle at which fall and sideways speed end together, by bisection."""
    low, high = 0.0, 0.5 * math.pi
    for _ in range(40):
        angle = 0.5 * (low + high)
        end = fly(AT_ONCE, angle, height, down, across, mass, thrust, v_e, delay, tau)
        if end[1] > 0.0:
            low = angle
        else:
            high = angle
    return end


# Height, fall and sideways speed, from the last kilometres to the start of a powered descent; and
# how far the closed form may be off, most of it because gravity at height is weaker.
PHASES = {
    "terminal": ((500.0, 5e3), (5.0, 120.0), (0.0, 60.0), 0.015),
    "approach": ((2e3, 1e4), (10.0, 150.0), (0.0, 300.0), 0.025),
    "powered": ((1e4, 3e4), (5.0, 100.0), (300.0, 1700.0), 0.05),
}


def cases(phase, number=100):
    """Random motions and landers, each with its dead time and time constant."""
    rng = np.random.default_rng(20250605)
    height, down, across, _ = PHASES[phase]
    for _ in range(number):
        mass, ratio = rng.uniform(300.0, 2000.0), rng.uniform(1.3, 4.0)
        motion = (rng.uniform(*height), rng.uniform(*down), rng.uniform(*across), mass)
        design = (ratio * mass * G, rng.uniform(280.0, 320.0) * 9.80665)
        yield motion, design, rng.uniform(0.0, 0.2), rng.uniform(0.1, 0.3)


def closed(motion, design, dead, tau, propellant):
    """The height that is to be tested, for a lander with so much propellant."""
    thrust, v_e = design
    vehicle = lander(motion[3] - propellant, thrust, v_e, dead + tau)
    return height_to_stop(state(*motion), vehicle, SITE, REACTION)


@pytest.mark.parametrize("phase", PHASES)
def test_the_stop_height_equals_that_of_an_integrated_upright_burn(phase):
    for motion, design, dead, tau in cases(phase):
        lowest, _, _ = fly(UPRIGHT_FIRST, 0.0, *motion, *design, REACTION + dead, tau)
        needed = closed(motion, design, dead, tau, motion[3])
        assert needed == pytest.approx(motion[0] - lowest, abs=2.0, rel=PHASES[phase][-1])


@pytest.mark.parametrize("phase", PHASES)
def test_the_stop_height_is_infinite_if_the_shortest_stop_runs_dry(phase):
    for motion, design, dead, tau in cases(phase):
        _, climb, needed = fly_at_once(*motion, *design, REACTION + dead, tau)
        assert abs(climb) < 1e-3
        assert closed(motion, design, dead, tau, 0.98 * needed) == math.inf
        assert closed(motion, design, dead, tau, 1.02 * needed) < math.inf


@pytest.mark.parametrize("phase", PHASES)
def test_the_recoverable_flag_agrees_with_integrated_landings(phase):
    """None that it gives up is saved by either way of flying, and few that it does not are lost.

    Those few are tight in both: upright first would run dry, at once would hit the ground.
    """
    tight, rng = 0, np.random.default_rng(1)
    for motion, design, dead, tau in cases(phase):
        _, down, across, mass = motion
        start = (down, across, mass, *design, REACTION + dead, tau)
        upright = fly(UPRIGHT_FIRST, 0.0, motion[0], *start)
        at_once = fly_at_once(motion[0], *start)
        height = rng.uniform(0.3, 2.0) * (motion[0] - upright[0])
        propellant = rng.uniform(0.7, 1.6) * at_once[2]
        shift = height - motion[0]
        saved = [end[0] + shift >= 0.0 and end[2] <= propellant for end in (upright, at_once)]
        verdict = closed(motion, design, dead, tau, propellant) / height
        if verdict > 1.03 and abs(propellant / at_once[2] - 1.0) > 0.02:
            assert not any(saved)
        if verdict < 0.97 and not any(saved):
            tight += 1
            assert upright[2] > 0.98 * propellant
            assert at_once[0] + shift < 0.01 * abs(at_once[0] - motion[0])
    assert tight < 20


@given(st.floats(1.0, 300.0), st.floats(1.1, 6.0), st.floats(0.0, 2.0), st.floats(0.0, 0.4))
def test_the_stop_height_of_a_vertical_fall_is_the_closed_form(down, ratio, reaction, lag):
    vehicle = lander(mass_dry=1.0, thrust_max=ratio * 410.0 * G, lag=lag)
    expected = stop_height(down, 410.0, vehicle.thrust_max, vehicle.v_e, G, reaction + lag)
    assert height_to_stop(state(down=down), vehicle, SITE, reaction) == expected


@pytest.mark.parametrize(("propellant", "stops"), [(3.0, False), (40.0, True)])
def test_the_stop_height_at_106_m_s_has_its_reference_value(propellant, stops):
    start = state(3000.0, down=106.0, mass=370.0 + propellant)
    assert (height_to_stop(start, lander(), SITE, REACTION) < math.inf) is stops


def test_horizontal_speed_costs_propellant_and_no_height():
    plain = height_to_stop(state(down=40.0), lander(), SITE, REACTION)
    # The Moon curves away by 2e-4 of g at 20 m/s.
    assert height_to_stop(state(down=40.0, across=20.0), lander(), SITE, REACTION) == pytest.approx(
        plain, rel=1e-3
    )
    assert height_to_stop(state(down=40.0, across=500.0), lander(), SITE, REACTION) == math.inf


def test_the_descent_direction_is_towards_the_centre_of_the_moon():
    """A quarter of the way round, down is sideways in the axes of the site."""
    vehicle = lander(mass_dry=300.0)
    there = state(mass=410.0)._replace(
        r=Vec3(RADIUS + 1000.0, 0.0, -RADIUS), v=Vec3(-50.0, 0.0, 0.0)
    )
    here = state(down=50.0, mass=410.0)
    assert height_to_stop(there, vehicle, SITE, REACTION) == pytest.approx(
        height_to_stop(here, vehicle, SITE, REACTION), rel=1e-12
    )


def test_stopping_from_orbit_needs_no_height_but_propellant():
    """At 15 km and 1,690 m/s the lander does not fall; 1,700 m/s of propellant stop it or not."""
    vehicle = lander(mass_dry=1000.0 * math.exp(-1900.0 / 2844.0), thrust_max=2.5 * 1000.0 * G)
    perilune = state(15e3, across=1690.0, mass=1000.0)
    assert height_to_stop(perilune, vehicle, SITE, REACTION) < 10.0
    short = vehicle._replace(mass_dry=1000.0 * math.exp(-1600.0 / 2844.0))
    assert height_to_stop(perilune, short, SITE, REACTION) == math.inf


def test_an_engine_that_is_too_weak_cannot_stop_the_lander():
    assert height_to_stop(state(down=5.0), lander(thrust_max=600.0), SITE, REACTION) == math.inf


def test_the_floor_of_the_throttle_band_does_not_matter():
    """Not even where the lander cannot hover: it stops, and then it rises or cuts off."""
    floors = [
        height_to_stop(state(down=60.0), lander(throttle_min=f), SITE, 0.0) for f in (0.0, 1.0)
    ]
    assert floors[0] == floors[1] < math.inf


def test_a_rising_lander_needs_no_stop_height():
    assert height_to_stop(state(down=-30.0), lander(), SITE, REACTION) == 0.0
    assert height_to_stop(state(down=-30.0, mass=370.0), lander(), SITE, REACTION) == 0.0


@given(st.floats(1.0, 119.0), st.floats(0.0, 30.0))
def test_the_stop_height_grows_with_speed_reaction_time_and_mass(speed, across):
    def needs(fall, reaction, mass):
        return height_to_stop(state(1000.0, fall, across, mass), lander(), SITE, reaction)

    base = needs(speed, 1.0, 410.0)
    assert needs(speed + 1.0, 1.0, 410.0) > base
    assert needs(speed, 1.1, 410.0) > base
    assert needs(speed, 1.0, 411.0) > base
