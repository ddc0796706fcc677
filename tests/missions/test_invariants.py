"""What holds for every mission, phase and control: spaces, starts, seeds, ends."""

import math

import numpy as np
import pytest

from lunar_env import LunarLandingVectorEnv, Outcome, list_missions, list_scenarios, load_mission
from lunar_env.data.constants import R_MOON
from lunar_env.envs.settings import CONTROLS
from lunar_env.specs import load_scenario
from tests.envs.flying import TRUE, exact, local_motion, random_actions, truth

ROWS = 12
SIGMAS = 5.0
STUDIES = ("gaudet-altimeter-1km",)  # see test_gaudet.py for how it starts
EVERY_PHASE = [
    (name, phase) for name in list_missions() for phase in load_mission(name).phases.offered
]
PHASES = [(name, phase) for name, phase in EVERY_PHASE if name not in STUDIES]
# A powered descent lasts for thousands of steps.
SLOW = {"powered": pytest.mark.slow}
FLOWN = [pytest.param(*p, marks=SLOW.get(p[1], ())) for p in EVERY_PHASE]
EVERY = [(name, phase, control) for name, phase in EVERY_PHASE for control in CONTROLS]


def make(name, phase, control="throttle", rows=ROWS, **keywords):
    keywords = {"scenario": "noisy", "num_threads": 1, "autoreset_mode": "DISABLED", **keywords}
    return LunarLandingVectorEnv(rows, name, control=control, phase=phase, **keywords)


def test_every_mission_offers_every_phase():
    flights = [name for name in list_missions() if name not in STUDIES]
    assert len(PHASES) == 3 * len(flights) >= 30


@pytest.mark.parametrize(("name", "phase", "control"), EVERY)
def test_every_case_can_be_made_reset_and_stepped(name, phase, control):
    env = make(name, phase, control, scenario=exact("noisy"))
    first, info = env.reset(seed=4)
    again = make(name, phase, control, scenario=exact("noisy")).reset(seed=4)[0]
    assert np.array_equal(again, first)
    assert np.array_equal(env.reset(seed=4)[0], first)
    assert len(set(info["episode_key"].tolist())) == ROWS

    assert env.action_space.contains(env.action_space.sample())
    assert env.observation_space.shape == first.shape == (ROWS, len(env.observation_fields))
    assert env.observation_space.contains(first)
    for action in random_actions(env, 15):
        observation, reward, terminated, truncated, _ = env.step(action)
        assert env.observation_space.contains(observation)
        assert np.isfinite(reward).all()
        assert np.isfinite(env.privileged).all()
        assert not (terminated | truncated).any()
    assert not np.array_equal(observation, first)


@pytest.mark.parametrize(("name", "phase"), PHASES)
def test_seeds_differ_in_observation_and_true_state(name, phase):
    env = make(name, phase)
    first, _ = env.reset(seed=0)
    other, _ = env.reset(seed=1000)
    assert len(np.unique(np.vstack([first, other]), axis=0)) == 2 * ROWS
    varied = {
        field.name
        for k, field in enumerate(env.observation_fields)
        if np.ptp(np.concatenate([first[:, k], other[:, k]])) > 0.0
    }
    assert {"dr_x_m", "dr_y_m", "dr_height_m", "dr_v_z_m_s", "q_x"} <= varied
    for field in ("r_x_m", "v_x_m_s", "mass_kg", "height_m", "friction", "nav_height_error_m"):
        assert np.ptp(truth(env, field)) > 0.0, field


def starts_of(scenario):
    """What of a scenario decides where its episodes start, and over which ground."""
    spec = load_scenario(scenario).model_dump(mode="json")
    return str(
        {name: spec[name] for name in spec if name.startswith(("nav_", "terrain", "inertial"))}
    )


# Scenarios that start alike are one case.
STARTS = {starts_of(scenario): scenario for scenario in list_scenarios()}


def test_scenarios_start_in_several_ways():
    assert 3 <= len(STARTS) < len(list_scenarios())


@pytest.mark.parametrize("scenario", STARTS.values())
@pytest.mark.parametrize(("name", "phase"), PHASES)
def test_no_episode_starts_below_the_ground(name, phase, scenario):
    """However wrong the lander is about its height."""
    env = make(name, phase, rows=300, scenario=scenario)
    env.reset(seed=0)
    assert truth(env, "height_m").min() > 0.0


def support(draw):
    """Least and largest value of a draw, five standard deviations out where it has no end."""
    low, high = draw.support
    if math.isfinite(low) and math.isfinite(high):
        return low, high
    mean, sigma = draw.parameters
    return mean - SIGMAS * sigma, mean + SIGMAS * sigma


@pytest.mark.parametrize(("name", "phase"), PHASES)
def test_an_episode_starts_where_its_phase_says(name, phase):
    """Distance, height and speed of the truth, each in its unit, without errors of navigation."""
    env = make(name, phase, rows=64, scenario=exact())
    env.reset(seed=9)
    spec = env.settings.mission.phases.named(phase)
    far = math.hypot(*(support(draw)[1] for draw in (spec.position_east_m, spec.position_north_m)))
    low, high = spec.downrange_m.support
    downrange = truth(env, "downrange_m")
    assert (low - far <= downrange).all()
    assert (downrange <= high + far).all()
    assert (downrange < spec.box_m).all()

    mass = truth(env, "mass_kg")
    vehicle = env.settings.mission.vehicle
    specified = vehicle.mass_dry_kg + vehicle.payload_kg + spec.propellant_kg
    assert mass == pytest.approx(specified, rel=0.02)
    assert truth(env, "propellant_kg") == pytest.approx(spec.propellant_kg, abs=1e-6)

    low, high = spec.height_m.support
    pads = truth(env, "altitude_m")
    assert (low < pads).all()
    assert (pads < high + vehicle.height_m).all()
    assert np.ptp(pads) > 0.4 * (high - low)


@pytest.mark.parametrize(("name", "phase"), PHASES)
def test_an_episode_starts_with_the_speed_of_its_phase(name, phase):
    env = make(name, phase, rows=64, scenario=exact())
    env.reset(seed=9)
    spec = env.settings.mission.phases.named(phase)
    climb, across = local_motion(env)
    side = SIGMAS * math.sqrt(2.0) * spec.v_lateral_m_s.parameters[1]
    low, high = support(spec.v_forward_m_s)
    assert (low - side <= across).all()
    assert (across <= high + side).all()

    height = truth(env, "altitude_m") - env.settings.mission.vehicle.com_z_dry_m
    fall = np.sqrt(spec.plan_touchdown_speed_m_s**2 + 2.0 * spec.plan_deceleration_m_s2 * height)
    if spec.v_vertical_m_s is not None:
        (fall,) = spec.v_vertical_m_s.parameters
    scatter = SIGMAS * spec.v_vertical_scatter_m_s.parameters[1]
    assert np.abs(-climb - fall).max() < scatter + 0.5


@pytest.mark.parametrize(("name", "phase"), [p for p in PHASES if p[1] != "terminal"])
def test_the_lander_flies_towards_the_target(name, phase):
    """It starts on the side that it comes from, at the phase's heading, and comes nearer."""
    env = make(name, phase, control="thrust_vector", scenario=exact())
    env.reset(seed=2)
    spec = env.settings.mission.phases.named(phase)
    heading = math.radians(spec.approach_azimuth_deg)
    along = np.array([math.sin(heading), math.cos(heading)])
    state = env.privileged
    r, v = state[:, TRUE["r_x_m"] :][:, :2], state[:, TRUE["v_x_m_s"] :][:, :2]
    away = truth(env, "downrange_m")
    reach = R_MOON + truth(env, "altitude_m")
    assert r @ along == pytest.approx(-reach * np.sin(away / R_MOON), rel=0.03)
    assert (v @ along > 0.95 * np.linalg.norm(v, axis=1)).all()
    for _ in range(5):
        env.step(np.broadcast_to(np.array([0.0, 0.0, -1.0], np.float32), (ROWS, 3)))
    forward = spec.v_forward_m_s.parameters[0]
    nearer = away - truth(env, "downrange_m")
    assert nearer == pytest.approx(forward * R_MOON / reach, rel=0.08)


def fly_to_the_end(env, action):
    """Hold an action a row until every row has ended; outcomes, times and whether by the clock."""
    ends = {}
    mask = np.zeros(env.num_envs, np.bool_)
    while not mask.all():
        _, _, terminated, truncated, info = env.step(action)
        assert not (terminated & truncated).any()
        for row in np.flatnonzero((terminated | truncated) & ~mask):
            ends[row] = info["outcome"][row], truth(env, "time_s")[row], bool(truncated[row])
        mask |= terminated | truncated
    return [ends[row] for row in range(env.num_envs)]


@pytest.mark.parametrize(("name", "phase"), FLOWN)
def test_every_episode_ends(name, phase):
    """With engines off, half open and open; by the ground, the box or the clock."""
    env = make(name, phase, rows=3, autoreset_mode="NEXT_STEP")
    env.reset(seed=1)
    limit = env.settings.time_limit_s
    ends = fly_to_the_end(env, np.array([[-1.0], [0.0], [1.0]], np.float32))
    for outcome, time, clock in ends:
        assert Outcome[outcome] not in (Outcome.FLYING, Outcome.NUMERIC)
        assert clock == (outcome == "TIME_LIMIT")
        assert time <= limit + 1e-6
        assert not clock or time == pytest.approx(limit)
    if phase == "terminal":  # falling freely ends on the ground, well before the clock
        assert ends[0][0] == "CRASHED"
