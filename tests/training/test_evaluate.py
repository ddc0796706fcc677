"""Paired evaluation: the same numbers whatever the batch and the threads."""

import numpy as np
import pytest

pytest.importorskip("pyarrow")

from gymnasium.vector import AutoresetMode

import lunar_env
from agents import LearnedPilot, make_pilot
from lunar_env.registration import IDS
from lunar_env.task import Task
from training.config import TrainConfig
from training.evaluate import digests, evaluate, fly_seeds
from training.policy_card import policy_card
from training.results import AT_REST, SCHEMA
from training.seeds import Domain, episode_seeds
from training.vector_env import make_vector_env

TASK = Task("hakuto-r-m2", "late-acquisition")
LANDINGS = 20


@pytest.fixture(scope="module")
def pilot():
    return make_pilot("hoverslam+kalman")


@pytest.fixture(scope="module")
def table(pilot):
    return evaluate(pilot, TASK, LANDINGS, 3, label="p", traces=4)


def equal(first, second):
    for name in first:
        a, b = first[name], second[name]
        if name.startswith("trace"):
            assert all(np.array_equal(x, y) for x, y in zip(a, b, strict=True)), name
        else:
            np.testing.assert_array_equal(a, b, err_msg=name)


def test_every_landing_has_one_complete_row(table):
    assert list(table) == [field.name for field in SCHEMA]
    assert all(len(column) == LANDINGS for column in table.values())
    assert table["seed"].tolist() == episode_seeds(3, Domain.BENCH, LANDINGS)
    assert set(table["outcome"]) <= {outcome.name for outcome in lunar_env.Outcome}
    assert "FLYING" not in table["outcome"]
    assert len(np.unique(table["episode_key"])) == LANDINGS


@pytest.mark.parametrize(("batch", "threads"), [(7, 1), (13, 2), (70, 2), (1, 1)])
def test_batch_and_threads_change_nothing(pilot, table, batch, threads):
    again = evaluate(
        pilot, TASK, LANDINGS, 3, label="p", batch=batch, num_threads=threads, traces=4
    )
    equal(again, table)


def test_batch_changes_nothing_for_a_learned_pilot():
    rng = np.random.default_rng(0)
    config = TrainConfig()
    sizes = [len(lunar_env.OBSERVATION_FIELDS), *config.network.hidden, 1]
    layers = zip(("layer0", "layer1", "output"), sizes[:-1], sizes[1:], strict=True)
    arrays = {}
    for name, n_in, n_out in layers:
        arrays[f"{name}.weight"] = rng.normal(0, n_in**-0.5, (n_out, n_in)).astype(np.float32)
        arrays[f"{name}.bias"] = rng.normal(0, 0.3, n_out).astype(np.float32)
    policy = LearnedPilot("candidate", policy_card(config, 0, {}, {}), arrays)
    first, second = (evaluate(policy, TASK, 20, 0, label="l", batch=b) for b in (20, 3))
    equal(first, second)


def test_a_longer_evaluation_starts_with_the_shorter_one(pilot, table):
    again = evaluate(pilot, TASK, 15, 3, label="p", traces=4)
    equal(again, {name: column[:15] for name, column in table.items()})


def test_another_seed_flies_other_episodes(pilot, table):
    again = evaluate(pilot, TASK, LANDINGS, 4, label="p")
    assert not set(again["episode_key"]) & set(table["episode_key"])


def test_columns_of_a_row_are_consistent(table):
    landed, contact = table["landed"], table["contact"]
    assert np.array_equal(landed, table["outcome"] == "LANDED")
    assert contact[landed].all()
    assert np.array_equal(np.isnan(table["speed_m_s"]), ~contact)
    for name in ("v_vertical_m_s", "v_lateral_m_s", "tilt_deg", "rate_deg_s"):
        assert (table[f"margin_{name}"][landed] >= 0).all()
    limit = table["v_vertical_m_s"] + table["margin_v_vertical_m_s"]
    np.testing.assert_allclose(limit[contact], 3.0)
    used, left = table["propellant_used_kg"], table["propellant_left_kg"]
    np.testing.assert_allclose(used + left, (used + left)[0])
    assert (table["worst_height_error_m"] > 0).all()


def test_the_first_fix_is_on_the_traced_path(table):
    for row in range(4):
        time_s, height_m = table["trace_time_s"][row], table["trace_height_m"][row]
        assert (np.diff(time_s) > 0).all()
        assert time_s[-1] == pytest.approx(table["duration_s"][row])
        if not np.isnan(table["first_fix_height_m"][row]):
            there = np.interp(table["first_fix_time_s"][row], time_s, height_m)
            # The fix is timed at the end of its control period.
            assert there == pytest.approx(table["first_fix_height_m"][row], abs=30)
    assert table["trace_time_s"][4] is None or len(table["trace_time_s"][4]) == 0


def test_lost_is_the_same_for_every_pilot(table):
    other = evaluate(make_pilot("velocity-profile+naive"), TASK, LANDINGS, 3, label="q")
    for name in ("lost", "stop_margin_m", "signal_loss_dB", "episode_key"):
        np.testing.assert_array_equal(other[name], table[name])


def test_rows_that_ended_are_not_recorded_again(pilot):
    """Fly two rows whose ends lie apart: the first must not gain reward after its own."""
    env = make_vector_env(TASK, 2, AutoresetMode.NEXT_STEP)
    seeds = episode_seeds(3, Domain.BENCH, 2)
    both = fly_seeds(pilot, env, seeds)
    alone = fly_seeds(pilot, make_vector_env(TASK, 1, AutoresetMode.NEXT_STEP), seeds[:1])
    assert both["episode_return"][0] == alone["episode_return"][0]


def test_metadata_has_the_digests_of_mission_and_scenario():
    named = digests([TASK, Task("hakuto-r-m2", "ideal")])
    assert set(named["scenarios"]) == {"late-acquisition", "ideal"}
    assert len(named["missions"]["hakuto-r-m2"]["digest"]) == 64
    assert (named["controls"], named["phases"]) == (["throttle"], ["terminal"])


def test_the_results_have_the_state_at_rest(table):
    landed = table["landed"]
    assert landed.any()
    for name in AT_REST:
        assert np.isfinite(table[name][landed]).all()
        assert np.isnan(table[name][table["outcome"] == "CRASHED"]).all()
    assert (table["legs_broken"][landed] == 0.0).all()
    assert (table["stroke_m"][landed] > 0.0).all()


@pytest.mark.parametrize("row", IDS[1:], ids=lambda row: row.name)
def test_any_control_and_phase_is_evaluated(row):
    """By a pilot that holds one action, to the clock or the ground."""
    task = Task(row.mission, "ideal", time_limit_s=6.0, control=row.control, phase=row.phase)
    width = len(task.settings().action_fields)

    class Still:
        name = "still"

        def predict(self, observation, state=None, episode_start=None, deterministic=True):
            return np.zeros((len(observation), width), np.float32), state

    flown = evaluate(Still(), task, 3, 0, label="still", batch=2)
    assert flown["duration_s"].tolist() == [6.0] * 3
    assert set(flown["outcome"]) == {"TIME_LIMIT"}
