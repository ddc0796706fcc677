"""From the first contact to rest: what may happen in between, and how it ends."""

import numpy as np

from lunar_env import LunarLandingEnv
from tests.envs.flying import crash, exact, level, seen, throttle, tilted, truth

LEVEL = level()


def test_the_first_contact_is_not_the_end():
    """The legs crush and the lander comes to rest, which takes its time."""
    env = LunarLandingEnv(mission=LEVEL, scenario=exact())
    start = {"height_m": 2.0, "v_vertical_m_s": -1.5, "v_lateral_m_s": 0.4}
    env.reset(seed=1, options={"start": start})
    touched = []
    terminated = False
    while not terminated:
        observation, _, terminated, _, info = env.step(throttle(0.3))
        touched.append(bool(seen(observation, "contact")))
    assert info["outcome"] == "LANDED"
    assert sum(touched) >= 3
    assert touched[-1]
    assert truth(env, "touching") >= 3.0
    motion = env.privileged[3:6]
    assert np.linalg.norm(motion) < 0.05
    assert truth(env, "thrust_N") < 10.0  # cut off by contact, and dying away


def test_a_lander_that_falls_over_is_tipped():
    loose = {"limits": {"hard": {"tilt_deg": 80.0}}, "gear": {"side_load_N": 1e6}}
    env = LunarLandingEnv(mission=level(vehicle=loose), scenario=exact())
    start = {"height_m": 1.0, "v_vertical_m_s": -0.5, "v_lateral_m_s": 0.0}
    env.reset(seed=1, options={"start": start})
    tilted(70.0)(env.world.memory[0])
    _, info = crash(env, 0.0)
    assert info["outcome"] == "TIPPED"
    assert info["tilt_deg"] > 40.0
    assert info["legs_broken"] == 0.0


def test_a_leg_breaks_where_its_stroke_ends():
    """Harder than its legs can take, but within its limits: no landing."""
    weak = {"gear": {"stroke_m": 0.05}}
    env = LunarLandingEnv(mission=level(vehicle=weak), scenario=exact())
    start = {"height_m": 1.0, "v_vertical_m_s": -2.5, "v_lateral_m_s": 0.0}
    env.reset(seed=1, options={"start": start})
    _, info = crash(env, 0.3)
    assert info["legs_broken"] > 0.0
    assert info["margin_v_vertical_m_s"] > 0.0
    assert info["outcome"] in ("HARD_LANDING", "TIPPED")
    assert truth(env, "broken_legs") == info["legs_broken"]


def test_the_time_limit_may_truncate_between_contact_and_rest():
    env = LunarLandingEnv(mission=LEVEL, scenario=exact(), time_limit_s=1.0)
    start = {"height_m": 1.0, "v_vertical_m_s": -1.5, "v_lateral_m_s": 0.0}
    env.reset(seed=1, options={"start": start})
    _, info = crash(env, 0.3)
    assert info["outcome"] == "TIME_LIMIT"
    assert info["v_vertical_m_s"] > 0.5
    assert (info["touched"], info["at_rest"], info["rest_tilt_deg"]) == (1, 0, 0.0)
