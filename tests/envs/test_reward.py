"""Reward: named terms that add up, and a potential that pays nothing for hovering."""

import numpy as np
import pytest

from lunar_env import REWARD_TERMS, LunarLandingEnv
from lunar_env.envs.settings import DEFAULT_REWARD
from lunar_env.sim.world import EPISODE
from tests.envs.flying import bumpy_actions, crash, exact, level, throttle, truth

LEVEL = level()
ONLY_SHAPING = {"landed": 0.0, "impact": 0.0, "softness": 0.0, "propellant": 0.0, "shaping": 1.0}


def episode(env, fractions, **reset):
    """Rewards, terms and potentials of a flight; the potential at the start comes first."""
    env.reset(**{"seed": 5, **reset})
    rewards, terms, potentials = [], [], [potential(env)]
    for fraction in fractions:
        _, reward, terminated, truncated, info = env.step(throttle(fraction))
        rewards.append(reward)
        terms.append({name: info[f"reward_{name}"] for name in REWARD_TERMS})
        potentials.append(potential(env))
        if terminated or truncated:
            break
    return np.array(rewards), terms, np.array(potentials), terminated


def potential(env):
    return float(env._simulator.world.memory[0, EPISODE.potential])


def fractions(steps=400, seed=2):
    return np.clip(0.5 * (bumpy_actions(steps, 1, seed)[:, 0, 0] + 1.0), 0.0, 1.0)


def test_reward_terms_are_the_documented_ones_and_sum_to_the_reward():
    env = LunarLandingEnv(scenario="noisy")
    rewards, terms, _, _ = episode(env, fractions())
    np.testing.assert_allclose([sum(t.values()) for t in terms], rewards, rtol=1e-12, atol=1e-12)
    assert all(isinstance(value, float) for value in terms[-1].values())


@pytest.mark.parametrize("gamma", [1.0, 0.97])
def test_shaping_telescopes_to_the_potential_at_the_start(gamma):
    """Discounted by its own gamma it adds minus the first potential, whatever the flight."""
    env = LunarLandingEnv(scenario="noisy", reward={**ONLY_SHAPING, "gamma": gamma})
    for seed in (1, 2):
        rewards, _, potentials, terminated = episode(env, fractions(seed=seed))
        assert terminated
        discounted = np.sum(rewards * gamma ** np.arange(rewards.size))
        assert discounted == pytest.approx(-potentials[0], abs=1e-10)


def test_the_potential_is_zero_at_termination_but_not_at_truncation():
    env = LunarLandingEnv(scenario="noisy")
    _, _, potentials, terminated = episode(env, fractions())
    assert (terminated, potentials[-1]) == (True, 0.0)
    assert potentials[-2] < 0.0
    short = LunarLandingEnv(scenario="noisy", time_limit_s=10.0)
    _, terms, potentials, terminated = episode(short, fractions())
    assert (terminated, len(terms)) == (False, 50)
    assert potentials[-1] < -1e-3
    scale = DEFAULT_REWARD["shaping"]
    assert terms[-1]["shaping"] == pytest.approx(scale * (potentials[-1] - potentials[-2]))


def test_the_potential_is_bounded_and_best_on_the_plan():
    env = LunarLandingEnv(scenario=exact())
    values = []
    for speed in (-150.0, -120.0, -106.0, -90.0, -20.0, 20.0):
        start = {"height_m": 3000.0, "v_vertical_m_s": speed}
        env.reset(seed=1, options={"start": start})
        values.append(potential(env))
    assert all(-1.0 < value <= 0.0 for value in values)
    assert int(np.argmax(values)) == 2
    assert values[2] > -0.01


def test_hovering_gains_no_reward():
    """With gamma of one, as long as it hangs there it earns no shaping, and pays propellant."""
    env = LunarLandingEnv(scenario=exact())
    start = {"start": {"height_m": 300.0, "v_vertical_m_s": 0.0, "v_lateral_m_s": 0.0}}
    env.reset(seed=1, options=start)
    weight = truth(env, "mass_kg") * 1.6242
    total = 0.0
    for _ in range(100):
        hold = (weight - 300.0 * truth(env, "v_z_m_s")) / 1600.0
        total += env.step(throttle(hold))[1]
    assert abs(truth(env, "height_m") - 300.0) < 10.0
    assert total < 0.0


def test_the_propellant_term_is_proportional_to_mass():
    env = LunarLandingEnv(scenario="ideal", reward={"propellant": 0.5})
    env.reset(seed=1)
    before = truth(env, "propellant_kg")
    info = env.step(throttle(1.0))[4]
    burned = before - truth(env, "propellant_kg")
    assert burned > 0.05
    assert info["reward_propellant"] == pytest.approx(-0.5 * burned, rel=1e-12)


def land(v_vertical, *, reward=None):
    """Touch down on level ground at about a given speed; the last info."""
    env = LunarLandingEnv(scenario=exact(), mission=LEVEL, reward=reward)
    start = {"height_m": 1.0, "v_vertical_m_s": -v_vertical, "v_lateral_m_s": 0.0}
    env.reset(seed=1, options={"start": start})
    _, info = crash(env, 0.3)
    return info


def test_a_softer_landing_is_worth_more():
    infos = [land(v) for v in (0.8, 1.6, 2.4)]
    assert [info["outcome"] for info in infos] == ["LANDED"] * 3
    assert all(info["reward_landed"] == DEFAULT_REWARD["landed"] for info in infos)
    assert all(info["reward_impact"] == 0.0 for info in infos)
    softness = [info["reward_softness"] for info in infos]
    assert softness == sorted(softness, reverse=True)
    assert -1.0 * DEFAULT_REWARD["softness"] <= softness[-1] < softness[0] <= 0.0


def test_a_harder_crash_costs_more_and_at_most_the_scale():
    speeds = (3.3, 6.0, 20.0, 50.0, 150.0)
    impact = [land(v)["reward_impact"] for v in speeds]
    assert impact == sorted(impact, reverse=True)
    assert all(-DEFAULT_REWARD["impact"] <= i < 0.0 for i in impact)
    assert impact[-1] == -DEFAULT_REWARD["impact"]


def test_a_hard_landing_gets_part_of_the_landing_reward_and_a_crash_none():
    hard, crashed = land(3.4), land(6.0)
    assert (hard["outcome"], crashed["outcome"]) == ("HARD_LANDING", "CRASHED")
    assert 0.0 < hard["reward_landed"] < DEFAULT_REWARD["landed"]
    assert crashed["reward_landed"] == 0.0


def test_landings_have_more_reward_than_hard_landings_and_those_more_than_crashes():
    end = ("landed", "impact", "softness")
    worth = [sum(land(v)[f"reward_{t}"] for t in end) for v in (0.8, 2.8, 3.4, 6.0, 60.0)]
    assert worth == sorted(worth, reverse=True)


@pytest.mark.parametrize("term", ["landed", "impact", "softness", "shaping"])
def test_a_scale_multiplies_only_its_term(term):
    speed = 6.0 if term == "impact" else 1.5
    base = land(speed)
    doubled = land(speed, reward={term: 2.0 * DEFAULT_REWARD[term]})
    for name in REWARD_TERMS:
        factor = 2.0 if name == term else 1.0
        key = f"reward_{name}"
        assert doubled[key] == pytest.approx(factor * base[key], rel=1e-12)
    assert base[f"reward_{term}"] != 0.0
