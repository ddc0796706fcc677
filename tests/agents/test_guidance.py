"""Guidance laws: closed forms against outside values, and what each law does in a given place."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from agents.classical import ClassicalPilot
from agents.guidance import HoverslamLaw, ThrottleInput, VelocityProfileLaw
from agents.guidance.blind import BlindGains, blind_descent
from agents.guidance.convex import ConvexLaw
from agents.guidance.lossless import shared_program
from agents.guidance.optimum import minimum_propellant
from agents.guidance.propellant import Budget, delta_v_left
from agents.guidance.stopping import gravity_turn_height, gravity_turn_ratio, vertical_burn_height
from agents.guidance.terminal import idle_throttle, rate_of_descent
from agents.guidance.types import TerminalGains
from agents.navigation import Estimate, KalmanFilter
from agents.observation import ObservationReader
from lunar_env.data.constants import G0, G_MOON
from lunar_env.errors import MissingExtra
from lunar_env.kernel import closed_forms
from tests.agents.vertical import DRY_KG, FIELDS, Fall, fly

G = 1.6242  # m/s2, of the reference vectors


def arr(*values):
    return np.array(values, dtype=np.float64)


def situation(height, descent, lateral=0.0, ratio=2.4, blind_rate=0.0):
    height = np.atleast_1d(np.asarray(height, dtype=np.float64))
    rest = (descent, lateral, 0.0, blind_rate, ratio, 0.0, 290.0 * G0, G)
    return ThrottleInput(height, *(np.full_like(height, value) for value in rest))


# Fuel-optimal vertical landings of 1000 kg with 4000 N and 310 s, checked against a convex
# program: speed and height at ignition.
@pytest.mark.parametrize(("speed", "height"), [(69.646, 999.35), (46.686, 452.17)])
def test_vertical_burn_height_of_the_reference_landings(speed, height):
    ratio = 4000.0 / (1000.0 * G)
    found = vertical_burn_height(arr(speed), arr(0.0), arr(ratio), arr(310.0 * G0), G)
    assert found[0] == pytest.approx(height, rel=5e-4)


def test_vertical_burn_height_agrees_with_the_compiled_form():
    rng = np.random.default_rng(0)
    speed, ratio = rng.uniform(1.0, 150.0, 100), rng.uniform(1.2, 4.0, 100)
    v_e = np.full(100, 2850.0)
    found = vertical_burn_height(speed, np.zeros(100), ratio, v_e, G)
    wanted = [
        closed_forms.burn_height(v, 400.0, n * 400.0 * G, 2850.0, G)
        for v, n in zip(speed, ratio, strict=True)
    ]
    assert np.allclose(found, wanted, rtol=1e-9)


def test_vertical_burn_to_a_final_speed_is_the_difference_of_two():
    """Braking from v to w and then from w to rest is braking from v to rest."""
    v_e, ratio = arr(2850.0), arr(2.4)
    whole = vertical_burn_height(arr(100.0), arr(0.0), ratio, v_e, G)
    first = vertical_burn_height(arr(100.0), arr(20.0), ratio, v_e, G)
    # Mass after the first part, by the rocket equation with gravity loss, solved numerically.
    time = np.linspace(0.0, 60.0, 600_001)
    burn = v_e / (ratio * G)
    speed = 100.0 + G * time + v_e * np.log(1.0 - time / burn)
    left = 1.0 - time[np.argmax(speed <= 20.0)] / burn
    second = vertical_burn_height(arr(20.0), arr(0.0), ratio / left, v_e, G)
    assert whole[0] == pytest.approx(first[0] + second[0], rel=1e-4)


def test_too_weak_an_engine_needs_infinite_height():
    assert np.isinf(vertical_burn_height(arr(10.0), arr(0.0), arr(0.9), arr(2850.0), G)[0])


# Stopping heights at full thrust after one second of reaction, V^2 / (2 (N - 1) g) + V.
@pytest.mark.parametrize(
    ("ratio", "speed", "height"), [(1.5, 20, 266), (2.5, 66, 960), (4.0, 80, 737), (2.0, 40, 533)]
)
def test_gravity_turn_height_of_a_vertical_fall(ratio, speed, height):
    found = gravity_turn_height(arr(speed), arr(0.0), arr(ratio), G)[0] + speed
    assert found == pytest.approx(height, abs=1.0)


def test_gravity_turn_height_agrees_with_the_compiled_form():
    rng = np.random.default_rng(1)
    for speed, angle, ratio in zip(
        rng.uniform(5, 150, 50), rng.uniform(0, 1.2, 50), rng.uniform(1.2, 4, 50), strict=True
    ):
        found = gravity_turn_height(arr(speed), arr(np.tan(angle / 2)), arr(ratio), G)[0]
        wanted = closed_forms.gravity_turn(speed, angle, ratio, G).height
        assert found == pytest.approx(wanted, rel=1e-12)


def test_gravity_turn_ratio_inverts_the_height():
    rng = np.random.default_rng(2)
    speed, tan_half = rng.uniform(5.0, 150.0, 200), rng.uniform(0.0, 0.5, 200)
    ratio = rng.uniform(1.1, 4.0, 200)
    height = gravity_turn_height(speed, tan_half, ratio, G)
    assert np.allclose(gravity_turn_ratio(height, speed, tan_half, np.zeros(200), G), ratio)


def test_gravity_turn_ratio_with_a_final_speed():
    # 40 m/s to 2 m/s in 400 m: deceleration 1.995 m/s2.
    ratio = gravity_turn_ratio(arr(400.0), arr(40.0), arr(0.0), arr(2.0), G)[0]
    assert (ratio - 1.0) * G == pytest.approx((40.0**2 - 2.0**2) / 800.0)


def test_hoverslam_falls_then_burns_then_descends_slowly():
    law = HoverslamLaw()
    no = np.zeros(1, bool)
    up = situation(2900.0, 40.0)
    high, burning = law.throttle(up, no)
    assert high[0] == idle_throttle(up)[0] < 0.05
    assert not burning[0]
    late, burning = law.throttle(situation(330.0, 40.0), no)
    assert late[0] > 0.8
    assert burning[0]
    last, burning = law.throttle(situation(2.0, 1.0), burning)
    assert last[0] == pytest.approx(1.0 / 2.4, rel=1e-3)
    assert not burning[0]


def test_hoverslam_stops_its_burn_when_the_ground_is_lower_than_estimated():
    now = situation(2500.0, 40.0)
    throttle, burning = HoverslamLaw().throttle(now, np.ones(1, bool))
    assert throttle[0] == idle_throttle(now)[0]
    assert not burning[0]


@pytest.mark.parametrize("law", [HoverslamLaw(), VelocityProfileLaw()])
def test_laws_command_full_thrust_when_too_low(law):
    throttle, _ = law.throttle(situation([500.0, 50.0], 80.0), np.zeros(2, bool))
    assert np.all(throttle == 1.0)


@pytest.mark.parametrize("law", [HoverslamLaw(), VelocityProfileLaw()])
def test_throttle_is_always_in_the_band(law):
    rng = np.random.default_rng(3)
    height = rng.uniform(-500.0, 4000.0, 2000)
    base = situation(height, 0.0)
    now = base._replace(
        descent=rng.uniform(-40.0, 150.0, 2000),
        lateral=rng.uniform(0.0, 30.0, 2000),
        thrust_to_weight=rng.uniform(0.5, 5.0, 2000),
        blind_rate=rng.choice([0.0, 15.0], 2000),
    )
    for burning in (np.zeros(2000, bool), np.ones(2000, bool)):
        throttle, _ = law.throttle(now, burning)
        assert np.isfinite(throttle).all()
        assert np.all((throttle >= 0.0) & (throttle <= 1.0))


def test_terminal_descent_holds_its_rate():
    gains = TerminalGains()
    at_rate = rate_of_descent(situation(2.0, gains.touchdown_m_s), gains)
    assert at_rate[0] == pytest.approx(1.0 / 2.4)
    assert rate_of_descent(situation(2.0, 3.0), gains)[0] > at_rate[0]
    assert rate_of_descent(situation(2.0, 0.0), gains)[0] < at_rate[0]


def test_blind_descent_uses_its_share_of_the_propellant():
    fall = Fall(arr(500.0, 500.0), arr(10.0, 10.0), arr(0.0, 0.0), arr(0.0, 0.0))
    reader = ObservationReader(FIELDS)
    full = reader.read(fall.observe())
    fall.mass -= 26.0
    now = reader.read(fall.observe())
    nil = arr(0.0, 0.0)
    never = np.zeros(2, bool)
    height = arr(-100.0, -300.0), arr(300.0, 300.0), nil, nil
    estimate = Estimate(*height, never, nil, nil, nil, nil, nil, nil, never)
    gains = BlindGains()
    budget = Budget(full.propellant_kg, full.thrust_to_weight)
    rate = blind_descent(estimate, now, budget, gains)
    hover_s = 14.0 * 290.0 * G0 / ((DRY_KG + 14.0) * G_MOON)
    assert rate[0] == pytest.approx(500.0 / (gains.spend_frac * hover_s), rel=0.01)
    assert rate[1] < rate[0]


def test_the_propellant_left_is_a_change_of_velocity():
    fall = Fall(arr(500.0), arr(10.0), arr(0.0), arr(0.0))
    reader = ObservationReader(FIELDS)
    full = reader.read(fall.observe())
    budget = Budget(full.propellant_kg, full.thrust_to_weight)
    assert np.isinf(delta_v_left(full, budget))  # nothing used: the mass is not known
    fall.mass -= 26.0
    left = delta_v_left(reader.read(fall.observe()), budget)[0]
    assert left == pytest.approx(290.0 * G0 * np.log((DRY_KG + 14.0) / DRY_KG), rel=0.01)


def test_convex_guidance_without_its_solver_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "cvxpy", None)  # an import of it fails then
    shared_program.cache_clear()
    with pytest.raises(MissingExtra, match=r"guidance"):
        minimum_propellant((0.0, 0.0, 1e3), (0.0, 0.0, -20.0), 1e3, 4e3, 310.0)
    fall = Fall(arr(2600.0), arr(60.0), arr(0.0), arr(0.0))
    pilot = ClassicalPilot(ConvexLaw(), KalmanFilter(), FIELDS)
    with pytest.raises(MissingExtra, match=r"guidance"):
        pilot.predict(fall.observe())


def test_default_brakes_on_the_low_side_and_trusting_does_not():
    """Believed 400 m too high and blind to the end: only the careful pilot slows down in time."""

    def impact(trusting):
        fall = Fall(arr(2600.0), arr(106.0), arr(400.0), arr(0.0), 300.0, sight=600.0)
        pilot = ClassicalPilot(HoverslamLaw(), KalmanFilter(), FIELDS, trusting=trusting)
        return fly(pilot, fall)[0]

    assert impact(trusting=False) < 2.0
    assert impact(trusting=True) > 10.0
