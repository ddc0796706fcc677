"""How strong the engines are is felt: another mass, changing thrust, an engine that is off."""

from types import SimpleNamespace

import numpy as np
import pytest

from agents import make_pilot
from agents.observation import ObservationReader
from agents.thrust_scale import initial_thrust_scale, update_thrust_scale
from lunar_env import PRIVILEGED_FIELDS, LunarLandingVectorEnv

TRUTH = {field.name: i for i, field in enumerate(PRIVILEGED_FIELDS)}
G = 1.62


def reading(time_s, thrust_frac, force, ratio=2.4):
    rows = np.broadcast_arrays(*map(np.atleast_1d, (time_s, thrust_frac, force, ratio, G)))
    names = (
        "elapsed_s",
        "thrust_frac",
        "specific_force_z_m_s2",
        "thrust_to_weight",
        "gravity_m_s2",
    )
    return SimpleNamespace(**{k: np.asarray(v, float) for k, v in zip(names, rows, strict=True)})


def felt(thrust, true, bias=0.0, steps=20):
    """Ratio after some steps of a thrust that the accelerometers feel as its mean."""
    last = thrust(0)
    strength = initial_thrust_scale(reading(0.0, last, np.nan))
    for k in range(1, steps):
        now = thrust(k)
        force = true * 2.4 * G * 0.5 * (now + last) + bias
        strength = update_thrust_scale(strength, reading(0.2 * k, now, force))
        last = now
    return float(strength.ratio[0])


@pytest.mark.parametrize("true", [0.9, 1.0, 1.1])
def test_the_estimated_strength_follows_the_mass(true):
    assert felt(lambda _: 0.5, true) == pytest.approx(true, abs=1e-3)


def test_an_accelerometer_bias_changes_the_estimate_by_at_most_its_size():
    assert abs(felt(lambda _: 0.5, 1.0, bias=0.015) - 1.0) < 0.015 / (0.5 * 2.4 * G)


def test_without_thrust_or_accelerometers_the_design_value_is_used():
    assert felt(lambda _: 0.0, 0.9, bias=0.015) == pytest.approx(1.0, abs=1e-3)
    strength = initial_thrust_scale(reading(0.0, 0.5, np.nan))
    assert update_thrust_scale(strength, reading(0.2, 0.5, np.nan)).ratio[0] == 1.0


def test_steps_of_thrust_have_less_weight_than_steady_thrust():
    """What the engine gave in between is not observed."""
    start = initial_thrust_scale(reading(0.0, 0.2, np.nan))
    steady = update_thrust_scale(start, reading(0.2, 0.2, 0.9 * 2.4 * G * 0.2))
    jumped = update_thrust_scale(start, reading(0.2, 1.0, 0.9 * 2.4 * G * 0.6))
    assert abs(jumped.ratio[0] - 1.0) < 0.1 * abs(steady.ratio[0] - 1.0)


def test_a_memory_that_begins_while_thrust_rises_keeps_the_design_value():
    """From 0.2 to 1: the mean of the step was 0.6, which is no sign of weak engines."""
    now = reading(3.0, 1.0, 2.4 * G * 0.6)
    begun = update_thrust_scale(initial_thrust_scale(now), now)
    assert begun.ratio[0] == 1.0
    later = update_thrust_scale(begun, reading(3.2, 1.0, 1.1 * 2.4 * G))
    assert later.ratio[0] == pytest.approx(1.1, abs=0.005)


@pytest.mark.parametrize(
    "name",
    ["velocity-profile+kalman", pytest.param("e-guidance+kalman", marks=pytest.mark.slow)],
)
def test_a_pilot_can_be_handed_the_lander_at_any_moment(name):
    """Its memory begins at step 0, 1 or 10 of the same flights: it lands as many."""
    rows = 300
    landed = []
    for handed_over in (0, 1, 10):
        env = LunarLandingVectorEnv(rows, scenario="noisy", num_threads=1)
        pilot = make_pilot(name, env.observation_fields)
        observation, _ = env.reset(seed=21)
        state, flying, count = None, np.ones(rows, bool), 0
        for step in range(1000):
            starts = np.full(rows, step in (0, handed_over))
            action, state = pilot.predict(observation, state, starts)
            observation, _, terminated, _, info = env.step(action)
            count += np.sum(info["is_success"][flying & terminated])
            flying &= ~terminated
            if not flying.any():
                break
        env.close()
        landed.append(int(count))
    assert min(landed) >= landed[0] - 1, landed
    assert landed[0] >= 0.99 * rows


def test_a_pilot_estimates_the_mass_of_its_lander():
    """The gauge tells propellant, the design tells the rest, which is wrong by up to 10 %."""
    keywords = {"scenario": "gaudet", "control": "thrust_vector", "phase": "approach"}
    env = LunarLandingVectorEnv(50, "gaudet-altimeter-1km", num_threads=1, **keywords)
    pilot = make_pilot("e-guidance+kalman", env.observation_fields)
    observation, _ = env.reset(seed=4)
    state, starts = None, np.ones(50, bool)
    for _ in range(25):
        action, state = pilot.predict(observation, state, starts)
        observation, starts = env.step(action)[0], np.zeros(50, bool)
    now = ObservationReader(env.observation_fields).read(observation)
    designed = 15000.0 / (now.thrust_to_weight * now.gravity_m_s2)
    true = env.privileged[:, TRUTH["mass_kg"]]
    env.close()
    assert np.abs(true / designed - 1.0).max() > 0.08
    assert state[2] == pytest.approx(designed / true, abs=0.005)
