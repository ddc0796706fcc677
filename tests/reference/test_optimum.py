"""The convex optimum against closed forms and published values of the same landings."""

from __future__ import annotations

import math

import numpy as np
import pytest

from agents.guidance.moon import Moon
from agents.guidance.optimum import minimum_propellant
from lunar_env.data.constants import R_MOON
from lunar_env.errors import ConfigError
from lunar_env.kernel.closed_forms import vertical_optimum

pytest.importorskip("cvxpy")

G = 1.6242  # m/s2, of the reference landings
V_E = 310.0 * 9.80665


# 1000 kg, 0.8 to 4 kN, 310 s, to rest on the pad: propellant [kg] and time [s] of an independent
# convex program.
@pytest.mark.parametrize(
    ("r", "v", "propellant", "time"),
    [
        ((-1500.0, 0.0, 3000.0), (40.0, 0.0, -50.0), 49.23, 60.3),
        ((-500.0, 0.0, 1000.0), (20.0, 0.0, -30.0), 28.89, 34.9),
        ((-7500.0, 0.0, 2300.0), (150.0, 0.0, -44.0), 72.35, 73.6),
    ],
)
def test_known_optimal_landings_are_reproduced(r, v, propellant, time):
    best = minimum_propellant(
        *(r, v, 1000.0, 4000.0, 310.0),
        thrust_min_N=800.0,
        target_m=(0.0, 0.0, 0.0),
        target_m_s=(0.0, 0.0, 0.0),
        moon=Moon(G),
    )
    assert best.propellant_kg == pytest.approx(propellant, rel=1e-3)
    assert best.time_s == pytest.approx(time, rel=0.01)
    assert best.miss_m < 1e-3
    assert best.miss_m_s < 1e-3


@pytest.mark.parametrize(
    ("height", "speed", "propellant"), [(2000.0, 40.0, 37.366), (1000.0, 20.0, 25.307)]
)
def test_vertical_landings_agree_with_the_closed_form(height, speed, propellant):
    exact = vertical_optimum(height, speed, 1000.0, 4000.0, V_E, G)
    assert exact.propellant == pytest.approx(propellant, rel=1e-3)
    found = minimum_propellant(
        *((0.0, 0.0, height), (0.0, 0.0, -speed), 1000.0, 4000.0, 310.0),
        target_m=(0.0, 0.0, 0.0),
        target_m_s=(0.0, 0.0, 0.0),
        moon=Moon(G),
    )
    assert found.propellant_kg == pytest.approx(exact.propellant, rel=1e-3)


def test_a_free_landing_site_never_costs_more():
    start = (300.0, -200.0, 2500.0), (5.0, 0.0, -60.0), 400.0, 1600.0, 290.0
    bound, free = minimum_propellant(*start), minimum_propellant(*start, place_free=True)
    assert free.propellant_kg < bound.propellant_kg
    assert free.miss_m < 1e-3


def test_starts_that_are_too_late_give_nan():
    best = minimum_propellant((0.0, 0.0, 1500.0), (0.0, 0.0, -106.0), 410.0, 1600.0, 290.0)
    assert math.isnan(best.propellant_kg)


@pytest.mark.parametrize("mass", [406.5, 407.0, 407.5, 408.5])
def test_starts_that_are_slightly_too_late_give_nan(mass):
    """The coarse program still finds a way, the fine one none."""
    best = minimum_propellant(
        *((32.0, -747.0, 2323.0), (0.0, 0.0, -105.4), mass, 1600.0, 290.0),
        target_m=(0.0, 0.0, 0.0),
        target_m_s=(0.0, 0.0, 0.0),
        place_free=True,
        moon=Moon(radius_m=R_MOON),
    )
    assert math.isnan(best.propellant_kg)


def test_gravity_of_a_sphere_decreases_with_height():
    start = np.array([0.0, 0.0, 3000.0]), np.array([0.0, 0.0, -50.0]), 1000.0, 4000.0, 310.0
    flat, round_ = (
        minimum_propellant(*start),
        minimum_propellant(*start, moon=Moon(radius_m=R_MOON)),
    )
    assert 0.99 < round_.propellant_kg / flat.propellant_kg < 1.0


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"mass_kg": 0.0}, "mass_kg = 0.0 must be positive"),
        ({"isp_s": float("nan")}, "isp_s = nan must be positive"),
        ({"r_m": (0.0, 1.0)}, r"r_m = \[0.0, 1.0\] must be three finite numbers"),
        ({"v_m_s": (0.0, 1.0, float("inf"))}, "v_m_s = .* must be three finite numbers"),
    ],
)
def test_invalid_values_are_rejected(changed, message):
    given = {
        "r_m": (0.0, 0.0, 1e3),
        "v_m_s": (0.0, 0.0, -20.0),
        "mass_kg": 1e3,
        "thrust_max_N": 4e3,
        "isp_s": 310.0,
    }
    with pytest.raises(ConfigError, match=message):
        minimum_propellant(**(given | changed))


def test_the_optimum_does_not_depend_on_earlier_solutions():
    def least(height):
        start = (-500.0, 0.0, height), (20.0, 0.0, -30.0), 1000.0, 4000.0, 310.0
        return minimum_propellant(*start, moon=Moon(G)).propellant_kg

    heights = [1000.0, 2500.0, 600.0]
    assert [least(h) for h in heights] == [least(h) for h in reversed(heights)][::-1]
