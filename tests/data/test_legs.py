"""Legs withstand what their lander is said to survive, by the energy of a level touchdown."""

import pytest

from lunar_env.specs import list_missions, load_mission

G = 1.62
# Propellant left at touchdown, over the dry mass: about that of the own pilots.
LEFT = 0.04
VEHICLES = {load_mission(name).vehicle.name: load_mission(name) for name in list_missions()}
# SLIM touches down on one leg and falls over, Gaudet's lander has no touchdown.
ON_LEGS = sorted(set(VEHICLES) - {"slim", "gaudet-2000"})


@pytest.mark.parametrize("name", ON_LEGS)
def test_a_level_touch_at_the_survivable_speed_leaves_stroke(name: str) -> None:
    """``v^2/(2 a)`` with ``a = n F/m - g``."""
    vehicle = VEHICLES[name].vehicle
    gear, speed = vehicle.gear, vehicle.limits.survivable.v_vertical_m_s
    mass = (1.0 + LEFT) * (vehicle.mass_dry_kg + vehicle.payload_kg)
    deceleration = gear.legs * gear.crush_force_N / mass - G
    assert speed**2 / (2.0 * deceleration) < gear.stroke_m


@pytest.mark.parametrize("name", ON_LEGS)
def test_friction_alone_breaks_no_upright_leg(name: str) -> None:
    """A pad that slides is held by no more than friction times the crush force of its leg."""
    mission = VEHICLES[name]
    gear = mission.vehicle.gear
    assert mission.friction.support[1] * gear.crush_force_N < gear.side_load_N
