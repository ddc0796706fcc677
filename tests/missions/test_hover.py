"""Hovering: the throttle that holds a lander still is ``m g / T_max``, within its band.

Each lander is let go at rest with its throttle held, and the throttle is searched for at which its
vertical speed stays. Thrust is the mean: a pulsed engine's pulses are shorter than a tick. What the
data file says about hovering comes from `hovering.py`, not from here.
"""

import numpy as np
import pytest

from lunar_env import list_missions, load_mission
from tests.missions.hovering import bands, bench, find_hover, fly, needed_share, why_not

MISSIONS = [name for name in list_missions() if load_mission(name).phases.powered is not None]
HELD = 0.01  # m/s2: less than 1 % of the weight


def check(mission):
    """Fly, compare with the data file, and return why it cannot hover, or nothing."""
    vehicle, period = mission.vehicle, mission.control_period_s
    found = find_hover(mission)
    share = needed_share(vehicle, found.mass, found.height)
    reason = why_not(vehicle, period, share)
    if reason:
        assert abs(found.residual) > HELD, reason
    else:
        assert abs(found.residual) < HELD
        # Gravity over the site differs by less than 0.1 % from that of a sphere.
        assert found.share == pytest.approx(share, rel=1.5e-3)
    return reason


@pytest.mark.parametrize("name", MISSIONS)
def test_a_lander_hovers_at_its_weight_over_its_thrust(name):
    """As light as in its last kilometres; there every one of them can."""
    mission = bench(name)
    assert check(mission) == ""


@pytest.mark.parametrize("name", MISSIONS)
def test_a_lander_hovers_with_the_propellant_of_the_powered_descent(name):
    """As heavy as at its beginning, each of them still can."""
    full = load_mission(name).phases.powered.propellant_kg
    assert check(bench(name, terminal={"propellant_kg": full})) == ""


def test_a_lander_that_is_too_heavy_cannot_hover():
    """SLIM with its tanks full, as it left the Earth."""
    full = load_mission("slim").vehicle.propellant_capacity_kg
    mission = bench("slim", terminal={"propellant_kg": full})
    assert check(mission) == "heavier than its thrust"
    assert fly(mission, np.array([1.0])).acceleration[0] < -0.1


def with_engine(name="hakuto-r-m2", **changes):
    """A mission whose one engine is of another make."""
    (ring,) = load_mission(name).vehicle.engines
    engine = {key: value for key, value in ring.to_table().items() if key != "isp_floor_s"}
    return bench(name, vehicle={"engines": [{**engine, **changes}]})


def test_an_on_off_engine_cannot_hover():
    mission = with_engine(kind="on_off")
    assert check(mission) == "its engines are only on or off"
    flown = fly(mission, np.linspace(0.0, 1.0, 9))
    pushes = flown.acceleration - flown.acceleration[0]
    assert np.ptp(pushes[:4]) < 1e-6
    assert np.ptp(pushes[4:]) < 0.02
    assert pushes[4] > 3.0


def test_a_throttle_floor_above_the_weight_cannot_hover():
    assert check(with_engine(throttle_min_frac=0.6)) == "below the floor of its throttle"


@pytest.mark.parametrize(
    ("low", "high", "reason"),
    [
        (0.3, 0.5, "in a gap of its throttle"),
        (0.5, 0.8, ""),
        (0.1, 0.3, ""),
    ],
)
def test_a_forbidden_zone_at_the_weight_cannot_hover(low, high, reason):
    assert check(with_engine(gap_low_frac=low, gap_high_frac=high)) == reason


def test_the_lunar_module_hovers_below_its_forbidden_zone_at_any_load():
    vehicle = load_mission("apollo-11").vehicle
    (low, high), above = bands(vehicle, 0.2)
    assert (low, high) == pytest.approx((0.1, 0.6))
    assert above == pytest.approx((0.925, 1.0))
    mass = vehicle.mass_dry_kg + vehicle.propellant_capacity_kg
    assert low < needed_share(vehicle, vehicle.mass_dry_kg, 0.0)
    assert needed_share(vehicle, mass, 0.0) < high


@pytest.mark.parametrize(
    ("min_on_s", "reason"), [(0.06, ""), (0.12, "below the floor of its throttle")]
)
def test_the_shortest_pulse_sets_a_throttle_floor(min_on_s, reason):
    assert check(with_engine(kind="pulsed", min_on_s=min_on_s)) == reason


@pytest.mark.parametrize("name", MISSIONS)
def test_mean_thrust_follows_the_throttle_inside_every_band(name):
    """Not only at the weight: at the ends and in the middle of what the engines can give."""
    mission = bench(name)
    able = bands(mission.vehicle, mission.control_period_s)
    shares = np.array([b.low + part * (b.high - b.low) for b in able for part in (0.01, 0.5, 0.99)])
    flown = fly(mission, np.append(shares, 0.0))
    for k, share in enumerate(shares):
        needed = needed_share(mission.vehicle, flown.mass[k], flown.height[k])
        gravity = -flown.acceleration[-1]
        expected = gravity * (share / needed - 1.0)
        assert flown.acceleration[k] == pytest.approx(expected, abs=2e-3 * gravity * share / needed)
