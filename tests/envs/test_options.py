"""Options of reset and keywords: each takes effect, none that is unknown is swallowed."""

import gymnasium as gym
import numpy as np
import pytest

from lunar_env import (
    ConfigError,
    LunarLandingEnv,
    LunarLandingVectorEnv,
    MissionSpec,
    load_mission,
)
from lunar_env.envs import simulator
from lunar_env.specs import load_scenario
from tests.envs.flying import ID, TRUE, exact, level, local_motion, seen, throttle, truth


def terminal_only():
    """M2 without its other phases."""
    table = load_mission("hakuto-r-m2").to_table()
    table["phases"] = {"terminal": table["phases"]["terminal"]}
    return MissionSpec.from_table(table)


TERMINAL = terminal_only()


@pytest.fixture
def env():
    return LunarLandingEnv(scenario="ideal")


def test_the_default_phase_as_an_option_changes_nothing(env):
    plain = env.reset(seed=1)[0]
    assert np.array_equal(env.reset(seed=1, options={"phase": "terminal"})[0], plain)


def test_the_longest_episode_is_the_phases_own():
    mission = load_mission("chandrayaan-3")
    for phase in mission.phases.offered:
        limit = mission.phases.named(phase).time_limit_s or mission.time_limit_s
        env = LunarLandingEnv(mission, control="thrust_vector", phase=phase)
        assert env.settings.time_limit_s == limit
    assert LunarLandingEnv(mission, phase="powered", time_limit_s=9.0).settings.time_limit_s == 9.0


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("height_m", 1234.5, lambda env: truth(env, "height_m")),
        ("v_vertical_m_s", -33.25, lambda env: local_motion(env)[0]),
        ("v_lateral_m_s", 7.5, lambda env: local_motion(env)[1]),
        ("nav_height_error_m", 321.0, lambda env: truth(env, "nav_height_error_m")),
    ],
)
def test_each_start_value_takes_effect_once(name, value, read):
    env = LunarLandingEnv(level(), scenario=exact("noisy", nav_height_error_m={"normal": [0, 9.0]}))
    env.reset(seed=1)
    drawn = read(env)
    env.reset(seed=1, options={"start": {name: value}})
    assert read(env) == pytest.approx(value, abs=1e-6)
    assert drawn != pytest.approx(value, abs=1e-3)
    env.reset(seed=1)  # and the next episode draws again
    assert read(env) == drawn


def test_start_values_do_not_move_the_other_draws(env):
    env.reset(seed=1)
    before = env.privileged
    env.reset(seed=1, options={"start": {"v_vertical_m_s": -50.0}})
    after = env.privileged
    fields = ("r_x_m", "r_y_m", "r_z_m", "mass_kg", "height_m", "signal_loss_dB", "friction")
    for name in fields:
        assert before[TRUE[name]] == after[TRUE[name]]


def test_the_plan_follows_a_given_height(env):
    """Without a given speed the start lies on the plan of the believed height."""
    env = LunarLandingEnv(scenario=exact())
    env.reset(seed=3, options={"start": {"height_m": 3000.0}})
    assert -truth(env, "v_z_m_s") == pytest.approx(106.0, abs=4.5)
    env.reset(seed=3, options={"start": {"height_m": 893.0}})
    assert -truth(env, "v_z_m_s") == pytest.approx(np.sqrt(0.36 + 2 * 1.873 * 893.0), abs=4.5)


def test_a_height_estimate_that_is_too_high_starts_too_fast(env):
    speeds = []
    for error in (-400.0, 0.0, 400.0):
        env.reset(seed=2, options={"start": {"height_m": 2000.0, "nav_height_error_m": error}})
        speeds.append(-truth(env, "v_z_m_s"))
    assert speeds == sorted(speeds)
    assert speeds[2] - speeds[0] > 10.0


def test_a_scenario_option_by_name_or_spec_applies_to_one_reset(env):
    env.reset(seed=1, options={"scenario": "late-acquisition"})
    loss = truth(env, "signal_loss_dB")
    assert 0.0 < loss < 14.0
    env.reset(seed=1)
    assert truth(env, "signal_loss_dB") == 0.0
    spec = load_scenario("noisy").replace(signal_loss_dB=5.0)
    env.reset(seed=1, options={"scenario": spec})
    assert truth(env, "signal_loss_dB") == 5.0


def test_rows_may_fly_different_scenarios():
    env = LunarLandingVectorEnv(4, scenario="ideal", num_threads=1)
    env.reset(seed=1)
    mask = np.array([False, True, False, True])
    env.reset(seed=1, options={"scenario": "late-acquisition", "reset_mask": mask})
    assert ((truth(env, "signal_loss_dB") > 0.0) == mask).all()
    # An automatic reset keeps the row's scenario.
    env.reset(
        seed=1,
        options={
            "scenario": "late-acquisition",
            "reset_mask": mask,
            "start": {"height_m": 1.0, "v_vertical_m_s": -20.0},
        },
    )
    for _ in range(4):
        env.step(np.zeros((4, 1), np.float32))
    assert (truth(env, "height_m")[mask] > 1000.0).all()
    assert ((truth(env, "signal_loss_dB") > 0.0) == mask).all()


def test_a_scenario_with_long_latency_fits_the_delay_line(env):
    """A scenario that comes with a reset may need a longer line than the one built."""
    slow = exact(extra_latency_s=9.0)
    env.reset(seed=1, options={"scenario": slow, "start": {"height_m": 1500.0}})
    frames = [env.step(throttle(0.42))[0] for _ in range(100)]
    arrived = [o for o in frames if seen(o, "lrf1_valid") > 0.0]
    measured = [seen(o, "elapsed_s") - seen(o, "lrf1_age_s") for o in arrived]
    np.testing.assert_allclose(np.diff(measured), 0.5, atol=1e-4)
    assert len(measured) >= 25
    assert all(9.0 < seen(o, "lrf1_age_s") < 9.5 for o in arrived)


def test_a_new_scenario_in_each_reset_does_not_use_more_memory(env):
    """A trainer that draws its own scenarios resets a million times."""
    env.reset(seed=1)
    size = env._simulator.shared.table.size
    for k in range(1, 20):
        env.reset(seed=1, options={"scenario": exact(signal_loss_dB=0.5 * k)})
        assert truth(env, "signal_loss_dB") == 0.5 * k
    assert env._simulator.shared.table.size <= 3 * size
    env.reset(seed=1)
    assert truth(env, "signal_loss_dB") == 0.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stat": {}}, r"'stat'.*did you mean 'start'"),
        ({"start": {"heigth_m": 5.0}}, r"'heigth_m'.*did you mean 'height_m'"),
        ({"nope": 1}, r"'nope' \(available: scenario, phase, start, episode_key\)"),
        ({"start": {"nope": 1}}, r"'nope' \(available: height_m, .*nav_height_error_m"),
        ({"start": 5.0}, "start"),
        ({"start": {"height_m": "high"}}, r"height_m.*'high'"),
        ({"start": {"height_m": float("nan")}}, r"height_m.*nan.*finite"),
        ({"start": {"height_m": 0.0}}, r"height_m.*between 1 and"),
        ({"start": {"v_vertical_m_s": 1e9}}, r"v_vertical_m_s.*between"),
        ({"scenario": "lateny"}, r"'lateny'.*did you mean 'latency'"),
        ({"scenario": 5}, "scenario"),
        ({"phase": "approach"}, "'approach' differs from the environment's, 'terminal'"),
        ({"phase": "nowhere"}, "'nowhere' differs from the environment's"),
        ({"episode_key": -(2**63) - 1}, "episode_key"),
        ({"episode_key": True}, "episode_key"),
        ({"episode_key": 2**64}, "episode_key"),
        ({"episode_key": 1.5}, "episode_key"),
        ({"episode_key": [1, 2]}, "episode_key"),
        ({"reset_mask": np.ones(1, bool)}, "reset_mask"),
    ],
)
def test_an_invalid_option_is_rejected_without_side_effects(env, options, message):
    env.reset(seed=1)
    before = env.privileged
    with pytest.raises(ConfigError, match=message):
        env.reset(options=options)
    assert np.array_equal(env.privileged, before)
    env.step(throttle(0.5))


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"mision": "hakuto-r-m2"}, r"'mision'.*did you mean 'mission'"),
        ({"num_thread": 1}, r"'num_thread'"),
        ({"mission": "hakuto-r-m3"}, r"hakuto-r-m3.*did you mean 'hakuto-r-m2'"),
        ({"scenario": "late"}, "unknown scenario 'late'"),
        ({"control": "thrust-vector"}, r"unknown control 'thrust-vector'.*'thrust_vector'"),
        ({"phase": "power"}, r"unknown phase 'power'.*did you mean 'powered'"),
        (
            {"mission": TERMINAL, "phase": "powered"},
            "has no phase 'powered'",
        ),
        ({"history": 0}, "history"),
        ({"history": 2.0}, "history"),
        ({"history": True}, "history"),
        ({"reward": {"landing": 1.0}}, r"'landing'.*did you mean 'landed'"),
        ({"reward": {"landed": float("inf")}}, "landed.*finite"),
        ({"reward": {"gamma": 1.5}}, "gamma.*between 0 and 1"),
        ({"reward": {"landed": "much"}}, "landed.*'much' must be a number"),
        ({"reward": 5.0}, "reward = 5.0 must be a mapping"),
        ({"time_limit_s": 0.0}, "time_limit_s"),
        ({"time_limit_s": "long"}, "time_limit_s = 'long' must be a number"),
        ({"time_limit_s": float("inf")}, "time_limit_s"),
        ({"render_mode": "ansi"}, r"'ansi'.*rgb_array"),
    ],
)
@pytest.mark.parametrize("kind", [LunarLandingEnv, LunarLandingVectorEnv])
def test_an_invalid_keyword_is_rejected(kind, keywords, message):
    with pytest.raises(ConfigError, match=message):
        kind(**keywords)


def test_an_invalid_keyword_is_rejected_through_gymnasium():
    with pytest.raises(ConfigError, match="did you mean 'scenario'"):
        gym.make(ID, scenaro="ideal")


@pytest.mark.parametrize("count", [0, -1, 2.0])
def test_an_invalid_number_of_rows_is_rejected(count):
    with pytest.raises(ConfigError, match="num_envs"):
        LunarLandingVectorEnv(count)


@pytest.mark.parametrize(
    ("count", "needed"),
    [
        (10**12, r"num_envs = 1000000000000 is too large: it needs about 11,\d{3},\d{3}\.0 GB"),
        (2**63, r"num_envs = 9223372036854775808 is too large: it needs more than 9,223,372,036"),
        (1 << 20_000, "num_envs = a whole number of 20001 bits is too large"),
    ],
    ids=("10**12", "2**63", "2**20000"),
)
def test_more_rows_than_fit_the_memory_are_rejected(count, needed, monkeypatch):
    made: list[tuple[int, ...]] = []
    allocate = simulator.allocate
    monkeypatch.setattr(simulator, "allocate", lambda *size: made.append(size) or allocate(*size))
    with pytest.raises(ConfigError, match=needed) as caught:
        LunarLandingVectorEnv(count)
    assert "\n" not in str(caught.value)
    assert [size[0] for size in made] == [1]  # one row, to know its size


def test_memory_that_the_process_does_not_get_is_a_configuration_error(monkeypatch):
    def scarce(rows, *size):
        if rows > 1:
            raise MemoryError
        return allocate(rows, *size)

    allocate = simulator.allocate
    monkeypatch.setattr(simulator, "allocate", scarce)
    with pytest.raises(ConfigError, match=r"num_envs = 64 is too large: it needs about 0\.0 GB"):
        LunarLandingVectorEnv(64)


def test_a_keyword_of_the_vector_environment_is_named_in_the_error():
    with pytest.raises(ConfigError, match=r"'num_threads'.*belongs to the vector environment"):
        LunarLandingEnv(num_threads=1)


@pytest.mark.parametrize("threads", [0, 10_000, 1.5, "2"])
def test_more_threads_than_numba_may_use_are_rejected(threads):
    with pytest.raises(ConfigError, match="num_threads"):
        LunarLandingVectorEnv(64, num_threads=threads)


def test_a_seed_list_of_the_wrong_length_is_rejected():
    with pytest.raises(ConfigError, match="2 values for 3 rows"):
        LunarLandingVectorEnv(3).reset(seed=[1, 2])


def test_a_user_scenario_file_is_read(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'base = "noisy"\nname = "mine"\ntitle = "Mine"\ndescription = "d"\nsignal_loss_dB = 3.5\n',
        encoding="utf-8",
    )
    env = LunarLandingEnv(scenario=path)
    env.reset(seed=0)
    assert truth(env, "signal_loss_dB") == 3.5
    assert LunarLandingEnv(scenario=str(path)).settings.scenario.name == "mine"
