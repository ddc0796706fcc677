"""Height of the first valid range: it follows from the link budget and the speed."""

import numpy as np
import pytest

from lunar_env import LunarLandingVectorEnv, Outcome
from tests.envs.flying import SEEN, TRUE, exact, hold_speed, level, throttle, truth

LEVEL = level()
SPEEDS = (20.0, 35.0, 50.0, 66.0, 85.0, 106.0, 140.0)
# Range at which half of the integration windows have a detection, upright and at these speeds.
HALF_RANGE_M = {20.0: 5240.0, 35.0: 4530.0, 66.0: 3830.0, 106.0: 3370.0}
ROWS = 24
# Three ordinary losses, 11.4 dB: albedo 0.12, 60 % of the energy, 6 dB in the optics.
DEGRADED_dB = 10.0 * np.log10(0.25 / 0.12) + 10.0 * np.log10(1.0 / 0.6) + 6.0


def first_fixes(env, pilot, steps=4000):
    """Height of the first fix in every row, nan where the flight ended without."""
    found = np.full(env.num_envs, np.nan)
    for _ in range(steps):
        env.step(pilot(env))
        fresh = np.isnan(found) & (truth(env, "first_fix_height_m") >= 0.0)
        found[fresh] = truth(env, "first_fix_height_m")[fresh]
        if not np.isnan(found).any():
            return found
    return found


@pytest.fixture(scope="module")
def fixes():
    """Height of the first fix at a held speed: a row of landers for each."""
    env = LunarLandingVectorEnv(
        ROWS * len(SPEEDS), mission=LEVEL, scenario=exact(), time_limit_s=400.0, num_threads=1
    )
    speed = np.repeat(SPEEDS, ROWS)
    env.reset(seed=1)
    for k, v in enumerate(SPEEDS):
        mask = np.zeros(env.num_envs, bool)
        mask[k * ROWS : (k + 1) * ROWS] = True
        start = {"height_m": 6500.0, "v_vertical_m_s": -v, "v_lateral_m_s": 0.0}
        env.reset(seed=1, options={"start": start, "reset_mask": mask})
    found = first_fixes(env, lambda env: hold_speed(env, speed), steps=1000)
    return found.reshape(len(SPEEDS), ROWS)


def test_a_faster_descent_lowers_the_first_fix(fixes):
    medians = np.median(fixes, axis=1)
    assert (np.diff(medians) < -50.0).all()
    assert not np.isnan(fixes).any()


@pytest.mark.parametrize("speed", HALF_RANGE_M)
def test_the_first_fix_is_where_the_link_budget_puts_it(fixes, speed):
    """Four of six windows need a detection: a little below the range at which half have one."""
    height = np.median(fixes[SPEEDS.index(speed)])
    travelled = 4.0 * 0.5 * speed  # in four windows
    assert HALF_RANGE_M[speed] * 0.95 - 1.5 * travelled < height < HALF_RANGE_M[speed] * 1.05


def plan(env):
    """Throttle that keeps the true fall on the mission's own plan."""
    height = np.maximum(truth(env, "height_m"), 0.0)
    deceleration = LEVEL.phases.terminal.plan_deceleration_m_s2
    speed = np.sqrt(0.36 + 2.0 * deceleration * height)
    feed = (deceleration * truth(env, "mass_kg") / 1600.0)[:, None]
    return np.clip(hold_speed(env, speed) + 2.0 * feed, -1.0, 1.0).astype(np.float32)


@pytest.mark.parametrize(
    ("loss", "height"), [(0.0, 3070.0), (DEGRADED_dB, 909.0)], ids=["healthy", "degraded"]
)
def test_the_first_fix_on_the_planned_profile_has_its_height(loss, height):
    """Without faults it is just in time; three ordinary losses make it as late as in the flight."""
    env = LunarLandingVectorEnv(
        64, mission=LEVEL, scenario=exact(signal_loss_dB=float(loss)), num_threads=1
    )
    env.reset(seed=2, options={"start": {"height_m": 5000.0}})
    found = first_fixes(env, plan, steps=600)
    assert np.median(found) == pytest.approx(height, rel=0.06)


def test_without_range_walk_the_degraded_unit_sees_twice_as_far():
    mission = LEVEL.replace(rangefinder={"range_walk": False})
    env = LunarLandingVectorEnv(
        64, mission=mission, scenario=exact(signal_loss_dB=float(DEGRADED_dB)), num_threads=1
    )
    env.reset(seed=2, options={"start": {"height_m": 4000.0}})
    assert np.median(first_fixes(env, plan, steps=600)) == pytest.approx(2070.0, rel=0.06)


def test_more_signal_loss_delays_the_first_fix():
    medians = []
    for loss in (0.0, 4.0, 8.0, 12.0):
        env = LunarLandingVectorEnv(
            32, mission=LEVEL, scenario=exact(signal_loss_dB=loss), num_threads=1
        )
        env.reset(seed=2, options={"start": {"height_m": 4500.0}})
        medians.append(np.median(first_fixes(env, plan, steps=600)))
    assert (np.diff(medians) < -200.0).all()


def test_a_lander_on_its_side_gets_no_range():
    """Beyond 70 degrees of incidence there is no echo, however near the ground."""
    env = LunarLandingVectorEnv(1, mission=LEVEL, scenario=exact(), num_threads=1)
    options = {"height_m": 300.0, "v_vertical_m_s": -1.0, "v_lateral_m_s": 0.0}
    env.reset(seed=2, options={"start": options})
    row = env._simulator.world.memory[0]
    half = np.radians(40.0)  # 80 degrees about x, and no torque to come back
    for _ in range(30):
        row[TRUE["q_w"] : TRUE["q_z"] + 1] = np.cos(half), np.sin(half), 0.0, 0.0
        row[TRUE["omega_x_rad_s"] : TRUE["omega_z_rad_s"] + 1] = 0.0
        observation = env.step(throttle(0.0)[None])[0]
    late = observation[0, SEEN["lrf_track"]]
    assert late == 0.0


def test_the_as_flown_scenario_has_late_first_fixes():
    """U(0, 14) dB of loss: half of the fixes are below 1.6 km, some as low as in the flight."""
    env = LunarLandingVectorEnv(400, scenario="late-acquisition")
    env.reset(seed=3)
    found = first_fixes(env, plan, steps=160)
    assert 1250.0 < np.nanmedian(found) < 1650.0
    assert 0.1 < np.mean(found < 900.0) < 0.3
    assert 0.03 < np.mean(found > 2700.0) < 0.25


def test_the_plan_lands_the_lander():
    """The bench pilot above is no strawman: the profile it holds ends on the ground, softly."""
    env = LunarLandingVectorEnv(
        32, mission=LEVEL, scenario=exact(), autoreset_mode="SAME_STEP", num_threads=1
    )
    env.reset(seed=4)
    outcomes: list[str] = []
    for _ in range(700):
        info = env.step(plan(env))[4]
        if "final_info" in info:
            final = info["final_info"]
            outcomes += final["outcome"][final["_outcome"]].tolist()
    assert len(outcomes) >= 32
    assert outcomes.count(Outcome.LANDED.name) >= 0.9 * len(outcomes)
