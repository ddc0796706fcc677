"""The suite: its tasks, its leaderboard, and the same results however it is interrupted."""

import json
import os
import shlex
import signal
import tomllib

import numpy as np
import pytest

pytest.importorskip("pyarrow")

import pyarrow.parquet as pq

from lunar_env.errors import ConfigError
from lunar_env.pilots import resolve
from lunar_env.task import Task
from training import plots
from training.benchmark import pool, run
from training.benchmark.plan import Span
from training.bounds import jobs as bounds_jobs
from training.bounds.shares import Bounds
from training.cli import main
from training.evaluate import evaluate
from training.results import read_results
from training.suite.plan import SuitePlan
from training.suite.tasks import SUITE, SuiteSpec, load_suite

PILOTS = ("hoverslam+naive", "ppo-m2-late-acquisition")
TASKS = ("m2-healthy", "m2-approach")
WORDS = [
    *("suite", "--pilots", ",".join(PILOTS), "--tasks", *TASKS),
    *("--landings", "6", "--chunk", "4", "--no-bounds", "--workers", "1"),
]


def test_the_suite_has_named_tasks_with_questions():
    suite = load_suite()
    tasks = suite.chosen(())  # checks that each can be flown
    assert 12 <= len(tasks) <= 16
    assert sum(task.saturated for task in tasks) >= 3
    assert all(task.question.endswith("?") for task in tasks)
    flown = {(task.mission, task.phase, task.control) for task in tasks}
    assert {
        ("hakuto-r-m2", "terminal", "throttle"),
        ("hakuto-r-m2", "approach", "thrust_vector"),
        ("hakuto-r-m1", "approach", "thrust_vector"),
        ("chandrayaan-3", "powered", "thrust_vector"),
    } <= flown
    assert len({(*place, task.scenario) for place, task in zip(flown, tasks, strict=False)}) > 1
    assert [task.name for task in tasks if task.score == "propellant"] == ["gaudet"]


def changed(**changes):
    table = tomllib.loads(SUITE.read_text(encoding="utf-8"))
    table["tasks"][0] |= changes
    return table


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"scenarioo": "noisy"}, "did you mean 'scenario'"),
        ({"phase": "terminl"}, "did you mean 'terminal'"),
        ({"score": "speed"}, "must be one of success, propellant"),
        ({"name": "gaudet"}, "tasks: 'gaudet' appears more than once"),
        ({"name": "a b"}, "name"),
    ],
)
def test_a_wrong_suite_is_rejected(changes, message):
    with pytest.raises(ConfigError, match=message):
        SuiteSpec.from_table(changed(**changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mission": "hakuto-r-m3"}, "task 'm2-healthy': unknown mission 'hakuto-r-m3'"),
        ({"scenario": "noysi"}, "task 'm2-healthy': unknown scenario 'noysi'"),
        ({"mission": "gaudet-altimeter-1km"}, "task 'm2-healthy': .* has no phase 'terminal'"),
    ],
)
def test_a_task_that_cannot_be_flown_is_named(changes, message):
    with pytest.raises(ConfigError, match=message):
        SuiteSpec.from_table(changed(**changes)).chosen(())


def test_a_policy_is_not_applicable_where_it_was_not_trained_to_act():
    plan = SuitePlan(PILOTS, load_suite().chosen(TASKS), Span(4, 0, 4))
    assert [len(cells) for cells in plan.cells().values()] == [2, 1]
    reasons = plan.not_applicable()
    assert reasons["m2-healthy"] == {}
    assert list(reasons["m2-approach"]) == [PILOTS[1]]
    assert plan.work() == 4 * 3


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Fly a suite that nothing interrupts; its folder."""
    out = tmp_path_factory.mktemp("suite") / "s"
    assert main([*WORDS, "--out", str(out)]) == 0
    return out


def rows_of(path):
    return pq.read_table(path).replace_schema_metadata(None)


def test_results_of_a_suite_equal_those_of_single_evaluations(whole):
    for task in load_suite().chosen(TASKS):
        landings, _ = read_results(whole / "tasks" / f"{task.name}.parquet")
        for pilot in PILOTS[: 1 if task.control == "thrust_vector" else 2]:
            entry = resolve(pilot, task.task)
            alone = evaluate(entry.pilot, entry.task, 6, 0, label=pilot, num_threads=1)
            mine = landings["pilot"] == pilot
            for name in ("seed", "episode_key", "landed", "speed_m_s", "propellant_used_kg"):
                np.testing.assert_array_equal(landings[name][mine], alone[name])


@pytest.fixture
def plain(monkeypatch):
    """Leave the figures of the page out, which take most of the time."""
    monkeypatch.setattr(plots, "speed_distribution", lambda _: "")


def test_a_suite_stopped_by_a_signal_is_resumed(tmp_path, whole, plain, capsys, monkeypatch):
    original = pool.run_jobs

    def stopped(jobs, workers, on_progress=None):
        for result in original(jobs, workers, on_progress):
            yield result
            os.kill(os.getpid(), signal.SIGTERM)

    words = [*WORDS, "--out", str(tmp_path / "s")]
    with monkeypatch.context() as patch:
        patch.setattr(run, "run_jobs", stopped)
        assert main(words) == 143
    assert not list(tmp_path.glob("s/tasks/*"))
    again = shlex.split(capsys.readouterr().err.splitlines()[-1])
    assert again == ["python", "-m", "training", *words, "--resume"]
    assert main(again[3:]) == 0
    for task in TASKS:
        name = f"tasks/{task}.parquet"
        assert rows_of(tmp_path / "s" / name).equals(rows_of(whole / name))
    assert main([*words, "--seed", "1", "--resume"]) == 1
    assert "seed was 0, is 1" in capsys.readouterr().err


def test_the_leaderboard_is_printed_and_written(tmp_path, whole, plain, capsys):
    assert main([*WORDS, "--out", str(tmp_path / "s"), "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert json.loads((whole / "summary.json").read_text())["boards"] == content["boards"]
    assert [board["name"] for board in content["boards"]] == list(TASKS)
    assert "not_applicable" in content["boards"][1]["rows"][1]
    counted = {row["pilot"]: (row["tasks"], row["of_tasks"]) for row in content["overall"]}
    assert counted == {PILOTS[0]: (2, 2), PILOTS[1]: (1, 2)}
    # Who flies fewer tasks is not ranked above those that fly all.
    assert content["overall"][-1]["pilot"] == PILOTS[1]
    text = (whole / "report.html").read_text()
    assert all(word in text for word in (*TASKS, *PILOTS, "n/a"))
    assert 'src="http' not in text
    first = (whole / "leaderboard.md").read_text().splitlines()
    assert (
        first[0]
        == f"| task | lost | saved | attainable | best pilot | `{PILOTS[0]}` | `{PILOTS[1]}` |"
    )
    assert first[2].startswith(
        "| `m2-healthy` | 0.0 | - | - | 100.0 `hoverslam+naive` | 100.0 (61.0-100.0) |"
    )
    assert first[3].endswith("| n/a |")
    assert len(first) == 2 + 2 + 1


def test_bounds_are_read_for_each_task(tmp_path, plain, capsys, monkeypatch):
    """Bounds of these episodes that only a test could know: five of six."""
    asked = []

    def known(task, landings, seed, **_):
        asked.append((task.control, landings, seed))
        five = np.arange(landings) > 0
        return Bounds(five, five, five, five, "a+oracle", "a+informed", "a+kalman", ("a+oracle",))

    monkeypatch.setattr(bounds_jobs, "bounds_of", known)
    words = [word for word in WORDS if word != "--no-bounds"]
    assert main([*words, "--out", str(tmp_path / "s"), "--json"]) == 0
    assert asked == [("thrust_vector", 6, 0), ("throttle", 6, 0)]  # the longest flights first
    first, second = json.loads(capsys.readouterr().out)["boards"]
    assert first["bounds"]["attainable"] == pytest.approx(5 / 6)
    assert first["rows"][0]["to_attainable"] == pytest.approx(-1 / 6)
    # All six landed, one more than the bound: said, and not hidden.
    assert "hoverslam+naive lands 6 of 6" in first["bounds"]["exceeded"][0]
    assert second["bounds"]["attainable"] == pytest.approx(5 / 6)
    assert "p = 1): within chance" in (tmp_path / "s" / "report.html").read_text()


def test_a_task_that_no_pilot_of_the_portfolio_flies_has_no_bounds():
    task = Task("hakuto-r-m2", "noisy", control="actuators")
    assert bounds_jobs.bounds_of_tasks({"a": task}, {}, Span(2, 0, 2), 1) == {}


def test_an_error_of_a_bound_is_not_taken_for_a_task_without_bounds(monkeypatch):
    def broken(*_, **__):
        raise ConfigError("such as a damaged file")

    monkeypatch.setattr(bounds_jobs, "bounds_of", broken)
    with pytest.raises(ConfigError, match="damaged"):
        bounds_jobs.bounds_of_tasks({"a": Task("hakuto-r-m2", "noisy")}, {}, Span(2, 0, 2), 1)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--pilots", "hoverslam+naiv"], "did you mean 'hoverslam+naive'"),
        (["--pilots", "hoverslam+naive,hoverslam+naive"], "given twice"),
        (["--pilots", ","], "pilots is empty"),
        (["--tasks", "m2-helthy"], "unknown task 'm2-helthy'; did you mean 'm2-healthy'"),
        (["--tasks", "m2-approach", "--pilots", PILOTS[1]], "throttle"),
        (["--landings", "0"], "--landings 0: must be"),
        (["--suite", "nowhere.toml"], "nowhere.toml"),
    ],
)
def test_wrong_options_are_rejected_before_a_folder_is_created(tmp_path, capsys, words, message):
    assert main([*WORDS, *words, "--out", str(tmp_path / "s")]) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "s").exists()


def test_a_folder_must_be_given(capsys):
    assert main(WORDS) == 1
    assert "--out is missing" in capsys.readouterr().err


def test_the_tasks_are_listed(capsys):
    assert main(["suite", "--list"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for task in load_suite().tasks:
        assert task.name in text
    assert main(["suite", "--list", "--tasks", "gaudet", "--json"]) == 0
    (task,) = json.loads(capsys.readouterr().out)["tasks"]
    assert task["score"] == "propellant"
