"""Every end that an episode can have, what is reported of it, and that all six degrees fly."""

import math

import numpy as np
import pytest

from lunar_env import LunarLandingEnv, LunarLandingVectorEnv, Outcome
from lunar_env.physics.rows import FRICTION
from lunar_env.specs import load_mission
from tests.envs.flying import TRUE, crash, exact, level, throttle, tilted, truth

TOUCHDOWN = (
    *("v_vertical_m_s", "v_lateral_m_s", "tilt_deg", "rate_deg_s", "miss_m"),
    *("propellant_used_kg", "first_fix_height_m", "at_rest", "rest_tilt_deg", "legs_broken"),
    "stroke_m",
)
JUDGED = TOUCHDOWN[:4]
LEVEL = level()


def drop(fraction=0.3, *, slope=0.0, poke=None, **start):
    """Touch down from a metre; `poke` changes the true state before."""
    mission = LEVEL if slope == 0.0 else level(slope_deg=slope)
    env = LunarLandingEnv(mission=mission, scenario=exact())
    start = {"height_m": 1.0, "v_vertical_m_s": -1.5, "v_lateral_m_s": 0.0, **start}
    env.reset(seed=1, options={"start": start})
    if poke is not None:
        poke(env._simulator.world.memory[0])
    observation, info = crash(env, fraction)
    return env, info, observation


@pytest.mark.parametrize(
    ("speed", "outcome"),
    [(1.0, "LANDED"), (2.7, "LANDED"), (3.5, "HARD_LANDING"), (5.0, "CRASHED")],
)
def test_the_outcome_depends_on_vertical_speed(speed, outcome):
    env, info, _ = drop(v_vertical_m_s=-speed)
    assert info["outcome"] == outcome
    assert info["v_vertical_m_s"] == pytest.approx(speed, abs=0.3)
    assert truth(env, "outcome") == Outcome[outcome]


@pytest.mark.parametrize(
    ("speed", "outcome"), [(0.5, "LANDED"), (2.0, "HARD_LANDING"), (5.0, "CRASHED")]
)
def test_the_outcome_depends_on_lateral_speed(speed, outcome):
    _, info, _ = drop(v_lateral_m_s=speed)
    assert info["outcome"] == outcome
    assert info["v_lateral_m_s"] == pytest.approx(speed, abs=0.35)


@pytest.mark.parametrize(
    ("slope", "outcome"), [(5.0, "LANDED"), (20.0, "HARD_LANDING"), (30.0, "HARD_LANDING")]
)
def test_the_outcome_depends_on_tilt_to_the_ground(slope, outcome):
    """Beyond the hard limit of 25 degrees the motion decides: with enough friction it stands."""

    def rough(row):
        row[FRICTION] = 0.9

    _, info, _ = drop(slope=slope, v_vertical_m_s=-0.5, poke=rough)
    assert info["outcome"] == outcome
    assert info["tilt_deg"] == pytest.approx(slope, abs=2.0)


def spin(rate_deg_s):
    def poke(row):
        row[TRUE["omega_z_rad_s"]] = math.radians(rate_deg_s)

    return poke


def test_the_outcome_depends_on_body_rate():
    assert drop(poke=spin(0.0))[1]["outcome"] == "LANDED"
    _, info, _ = drop(poke=spin(60.0), height_m=1.0, v_vertical_m_s=-2.5)
    assert info["outcome"] == "HARD_LANDING"
    assert info["rate_deg_s"] > 5.0


@pytest.mark.parametrize(
    ("speed", "outcome"), [(1.5, "LANDED"), (3.5, "FUEL_OUT"), (60.0, "FUEL_OUT")]
)
def test_empty_tanks_do_not_end_an_episode_but_a_hard_contact_is_fuel_out(speed, outcome):
    env = LunarLandingEnv(mission=LEVEL, scenario=exact())
    start = {"height_m": max(1.0, 0.5 * speed), "v_vertical_m_s": -speed, "v_lateral_m_s": 0.0}
    env.reset(seed=1, options={"start": start})
    env._simulator.world.memory[0, TRUE["mass_kg"]] -= truth(env, "propellant_kg")
    _, _, terminated, _, info = env.step(throttle(1.0))
    while not terminated:
        assert "outcome" not in info
        _, _, terminated, _, info = env.step(throttle(1.0))
    assert truth(env, "propellant_kg") == 0.0
    assert info["outcome"] == outcome
    assert info["v_vertical_m_s"] >= speed


def test_tanks_are_emptied_by_burning():
    """Coming down slowly takes more than there is; what follows is a fall."""
    env = LunarLandingEnv(scenario="ideal", time_limit_s=1000.0)
    env.reset(seed=3)
    fraction = 0.42
    while truth(env, "propellant_kg") > 0.0 and truth(env, "height_m") > 5.0:
        hold = truth(env, "mass_kg") * 1.6242 - 200.0 * (truth(env, "v_z_m_s") + 5.0)
        info = env.step(throttle(hold / 1600.0))[4]
        assert "outcome" not in info
    assert truth(env, "propellant_kg") == 0.0
    assert truth(env, "height_m") > 100.0
    assert crash(env, fraction)[1]["outcome"] == "FUEL_OUT"


def test_above_and_outside_the_box_is_out_of_bounds():
    env = LunarLandingEnv(LEVEL, scenario="ideal", reward={"shaping": 0.0, "propellant": 0.0})
    env.reset(seed=1, options={"start": {"height_m": 100.0, "v_vertical_m_s": 30.0}})
    _, info = crash(env, 1.0)
    assert info["outcome"] == "OUT_OF_BOUNDS"
    assert [info[name] for name in ("touched", *TOUCHDOWN)] == [0.0] * (1 + len(TOUCHDOWN))
    assert 150.0 < truth(env, "height_m") < 160.0
    assert info["reward_impact"] == -10.0
    env.reset(seed=1, options={"start": {"height_m": 5000.0, "v_lateral_m_s": 900.0}})
    _, info = crash(env, 0.4)
    assert info["outcome"] == "OUT_OF_BOUNDS"
    assert max(abs(truth(env, "r_x_m")), abs(truth(env, "r_y_m"))) > 6000.0


def test_a_number_that_is_not_finite_ends_the_episode():
    env = LunarLandingVectorEnv(3, num_threads=1, autoreset_mode="NEXT_STEP")
    env.reset(seed=1)
    env._simulator.world.memory[1, TRUE["v_x_m_s"]] = np.nan
    observation, reward, terminated, _, info = env.step(np.zeros((3, 1), np.float32))
    assert terminated.tolist() == [False, True, False]
    assert info["outcome"][1] == "NUMERIC"
    assert env.observation_space.contains(observation)
    assert np.isfinite(reward).all()
    observation, *_ = env.step(np.zeros((3, 1), np.float32))
    assert np.isfinite(env.privileged).all()


@pytest.mark.parametrize("limit", [1.0, 7.0])
def test_the_time_limit_truncates(limit):
    env = LunarLandingEnv(scenario="ideal", time_limit_s=limit)
    env.reset(seed=1)
    steps = round(limit / 0.2)
    for k in range(steps):
        _, _, terminated, truncated, info = env.step(throttle(0.4))
        assert (terminated, truncated) == (False, k == steps - 1)
    assert info["outcome"] == "TIME_LIMIT"
    assert info["touched"] == 0
    assert all(info[f"reward_{name}"] == 0.0 for name in ("landed", "impact", "softness"))


def test_the_mission_has_its_own_limit():
    assert LunarLandingEnv().settings.time_limit_s == load_mission("hakuto-r-m2").time_limit_s


def test_a_contact_in_the_last_step_terminates():
    env = LunarLandingEnv(scenario=exact(), time_limit_s=0.2)
    env.reset(seed=1, options={"start": {"height_m": 1.0, "v_vertical_m_s": -30.0}})
    _, _, terminated, truncated, info = env.step(throttle(0.0))
    assert (terminated, truncated, info["outcome"]) == (True, False, "CRASHED")


def test_the_touchdown_report_is_complete():
    env, report, _ = drop(v_vertical_m_s=-1.5, v_lateral_m_s=0.3)
    assert set(TOUCHDOWN) <= set(report)
    assert report["touched"] == report["at_rest"] == 1
    # At the first contact; it slides and rocks a little before it rests.
    assert report["miss_m"] == pytest.approx(truth(env, "downrange_m"), abs=0.5)
    assert report["propellant_used_kg"] == pytest.approx(
        40.0 - truth(env, "propellant_kg"), abs=0.1
    )
    assert report["first_fix_height_m"] == truth(env, "first_fix_height_m")
    assert 0.0 <= report["rate_deg_s"] < 5.0
    assert 0.0 <= report["rest_tilt_deg"] < 5.0
    assert report["legs_broken"] == truth(env, "broken_legs") == 0.0
    assert 0.0 < report["stroke_m"] < 0.3
    limits = load_mission("hakuto-r-m2").vehicle.limits
    for prefix, tier in (("", limits.survivable), ("nominal_", limits.nominal)):
        for name in JUDGED:
            margin = report[f"margin_{prefix}{name}"]
            assert margin == pytest.approx(getattr(tier, name) - report[name], rel=1e-12)


@pytest.mark.parametrize(("speed", "sign"), [(1.0, 1.0), (2.5, 1.0), (3.5, -1.0)])
def test_the_sign_of_a_margin_shows_whether_the_limit_was_kept(speed, sign):
    info = drop(v_vertical_m_s=-speed)[1]
    assert math.copysign(1.0, info["margin_v_vertical_m_s"]) == sign
    assert info["margin_nominal_v_vertical_m_s"] < info["margin_v_vertical_m_s"]


def test_contact_is_found_inside_the_step():
    """The lander stands on the ground at the end, not a tick's fall below it."""
    env, info, _ = drop(v_vertical_m_s=-60.0)
    assert info["outcome"] == "CRASHED"
    assert truth(env, "height_m") == pytest.approx(0.0, abs=0.35)  # upright to about a degree
    assert truth(env, "time_s") % 0.05 > 1e-4


def test_an_initial_tilt_changes_the_touchdown():
    """All six degrees of freedom are flown: a tilt is not carried along but costs."""
    upright, leaning = (drop(poke=tilted(degrees))[1] for degrees in (0.0, 10.0))
    assert upright["tilt_deg"] < 2.0
    assert leaning["tilt_deg"] > upright["tilt_deg"] + 1.0
    assert leaning["rate_deg_s"] > upright["rate_deg_s"] + 1.0
    assert abs(leaning["v_lateral_m_s"] - upright["v_lateral_m_s"]) > 0.02
    assert abs(leaning["v_vertical_m_s"] - upright["v_vertical_m_s"]) > 1e-3


def test_lateral_speed_at_altitude_changes_the_landing():
    def fall(speed):
        start = {"height_m": 500.0, "v_vertical_m_s": -40.0, "v_lateral_m_s": speed}
        env = LunarLandingEnv(scenario=exact())
        env.reset(seed=2, options={"start": start})
        return crash(env, 0.55)[1]

    straight, drifting = fall(0.0), fall(5.0)
    assert abs(drifting["miss_m"] - straight["miss_m"]) > 1.0
    assert abs(drifting["v_vertical_m_s"] - straight["v_vertical_m_s"]) > 1e-3
    assert abs(drifting["tilt_deg"] - straight["tilt_deg"]) > 1e-3
