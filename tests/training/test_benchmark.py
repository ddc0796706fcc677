"""The benchmark: the same rows however it is interrupted, and a page that stands alone."""

import dataclasses
import functools
import json
import os
import shlex
import signal
from html.parser import HTMLParser

import numpy as np
import pytest

pytest.importorskip("pyarrow")

import pyarrow.parquet as pq

from lunar_env.cli import main as fly
from lunar_env.errors import ConfigError
from lunar_env.pilots import resolve
from lunar_env.task import Task
from tests.training.benchmarks import PILOTS, PLAN, WORDS
from training.benchmark import pool, run
from training.benchmark.folder import BenchmarkFolder
from training.benchmark.jobs import jobs_of
from training.benchmark.plan import Plan
from training.benchmark.run import fly_benchmark, work_of
from training.benchmark.timelines import worst_failures
from training.bounds import jobs as bounds_jobs
from training.bounds.shares import Bounds
from training.cli import main
from training.evaluate import evaluate
from training.json_record import difference
from training.provenance import provenance
from training.results import ADDED_LATER, SCHEMA, read_results


def begin(path, plan=PLAN):
    return BenchmarkFolder.create(path, plan.settings(), provenance())


def rows_of(path):
    """Rows alone: the metadata name the command."""
    return pq.read_table(path).replace_schema_metadata(None)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Fly a benchmark that nothing interrupts."""
    folder = begin(tmp_path_factory.mktemp("benchmark") / "b")
    landings, timelines = fly_benchmark(PLAN, folder)
    return folder, landings, timelines


def test_benchmark_results_equal_those_of_single_evaluations(whole):
    _, landings, _ = whole
    assert list(landings) == [field.name for field in SCHEMA]
    assert len(landings["landed"]) == 2 * 2 * 6
    for pilot in PILOTS:
        for scenario in ("latency", "ideal"):
            entry = resolve(pilot, Task("hakuto-r-m2", scenario))
            alone = evaluate(entry.pilot, entry.task, 6, 0, label=pilot, num_threads=1)
            here = (landings["pilot"] == pilot) & (landings["scenario"] == scenario)
            for name in SCHEMA.names:
                if not name.startswith("trace"):
                    np.testing.assert_array_equal(landings[name][here], alone[name], err_msg=name)


@pytest.fixture
def untold(monkeypatch):
    """Leave the time lines out: the rows are what counts."""
    monkeypatch.setattr(run, "_timelines", lambda *_: [])


def test_a_resumed_benchmark_has_the_results_of_an_uninterrupted_one(tmp_path, whole, untold):
    folder = begin(tmp_path / "b")

    def stop(done, note):
        if done >= 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fly_benchmark(PLAN, folder, on_progress=stop)
    assert not folder.results.exists()
    before = {path.name: path.stat().st_mtime_ns for path in folder.parts.iterdir()}
    assert 0 < len(before) < len(jobs_of(PLAN, folder)[0])
    again = BenchmarkFolder.reopen(folder.path, PLAN.settings())
    fly_benchmark(PLAN, again)
    assert rows_of(folder.results).equals(rows_of(whole[0].results))
    # What was flown was not flown again.
    assert all((folder.parts / n).stat().st_mtime_ns == t for n, t in before.items())


def test_a_broken_part_is_flown_again(tmp_path, whole, untold):
    folder = begin(tmp_path / "b")
    first, second = jobs_of(PLAN, folder)[0][:2]
    folder.parts.mkdir()
    first.path.write_bytes(b"PAR1 and no more")
    second.run()
    second.path.rename(folder.parts / "elsewhere.parquet")
    (folder.parts / ".x.parquet.0123abcd.lunar-env-part").write_text("half")
    fly_benchmark(PLAN, BenchmarkFolder.reopen(folder.path, PLAN.settings()))
    assert rows_of(folder.results).equals(rows_of(whole[0].results))
    assert not list(folder.parts.glob(".*"))


def test_progress_is_reported_landing_by_landing(tmp_path, untold):
    plan, told = dataclasses.replace(PLAN, optima=2), []
    fly_benchmark(plan, begin(tmp_path / "b", plan), on_progress=lambda *at: told.append(at))
    done = [number for number, _ in told]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, work_of(plan))
    assert work_of(plan) == 2 * 2 * 6 + 2 * 2
    flown, optima = jobs_of(plan, BenchmarkFolder(tmp_path))
    assert len(set(done)) > 2 * (len(flown) + len(optima))


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_benchmark_stopped_by_a_signal_says_how_to_resume(
    tmp_path, whole, untold, capsys, monkeypatch, workers
):
    original = pool.run_jobs

    def stopped(jobs, workers, on_progress=None):
        for result in original(jobs, workers, on_progress):
            yield result
            os.kill(os.getpid(), signal.SIGTERM)

    out = tmp_path / "b"
    words = [*WORDS[:-1], str(workers), "--out", str(out)]
    with monkeypatch.context() as patch:
        patch.setattr(run, "run_jobs", stopped)
        assert main(words) == 143
    assert len(list(out.glob("parts/[!.]*.parquet"))) >= 1
    assert not (out / "results.parquet").exists()
    again = shlex.split(capsys.readouterr().err.splitlines()[-1])
    assert again == ["python", "-m", "training", *words, "--resume"]
    assert main(again[3:]) == 0
    assert rows_of(out / "results.parquet").equals(rows_of(whole[0].results))


def test_a_benchmark_killed_before_its_first_part_can_be_started_again(tmp_path, untold):
    out = tmp_path / "b"
    out.mkdir()
    words = [*WORDS, "--landings", "1", "--out", str(out)]
    assert main([*words, "--resume"]) == 0
    assert (out / "results.parquet").exists()
    empty = tmp_path / "c"
    empty.mkdir()
    assert main([*words, "--out", str(empty)]) == 0
    assert (empty / "results.parquet").exists()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"landings": 7}, "landings was 6, is 7"),
        ({"seed": 1}, "seed was 0, is 1"),
        ({"scenarios": ("latency", "noisy")}, "scenarios.ideal was present, is missing"),
        ({"pilots": PILOTS[::-1]}, "pilots were in the order velocity-profile"),
    ],
)
def test_resuming_with_other_settings_names_the_difference(whole, changed, message):
    folder = whole[0]
    other = Plan(**{**PLAN.__dict__, **changed})
    with pytest.raises(ConfigError, match=message):
        BenchmarkFolder.reopen(folder.path, other.settings())


def test_a_changed_scenario_with_the_same_name_is_another_setting(whole):
    settings = PLAN.settings()
    settings["scenarios"]["ideal"]["digest"] = "0" * 64
    with pytest.raises(ConfigError, match=r"scenarios\.ideal\.digest was"):
        BenchmarkFolder.reopen(whole[0].path, settings)
    assert difference(settings, settings) == ""


def test_benchmark_results_have_the_diagnostic_columns(whole):
    _, landings, _ = whole
    lost = ~landings["landed"]
    assert lost.any()
    assert (landings["cause"][lost] != "").all()
    assert (landings["cause"][~lost] == "").all()
    late = landings["scenario"] == "latency"
    # A filter that takes an old range for a new one believes to be higher by speed times age.
    error = landings["worst_estimate_error_m"]
    assert np.median(error[late]) > 1.5 * np.median(error[~late]) > 0.0
    assert (landings["lockout_s"] == 0.0).all()  # this filter refuses nothing
    share = landings["full_thrust_share"]
    assert ((share >= 0.0) & (share <= 1.0)).all()
    assert (landings["missed_share"] < 0.2).all()
    assert np.isfinite(landings["fix_margin_m"]).all()


def test_results_without_the_later_columns_are_read(tmp_path, whole):
    table = pq.read_table(whole[0].results)
    pq.write_table(table.drop_columns(list(ADDED_LATER)), tmp_path / "old.parquet")
    again, _ = read_results(tmp_path / "old.parquet")
    assert np.isnan(again["optimum_kg"]).all()
    # The cause is told from what is known.
    lost = ~again["landed"]
    assert set(again["cause"][lost]) <= {"too fast", "doomed", "sideways"}


def test_worst_failures_flown_again_have_the_same_outcome(whole, capsys):
    _, landings, timelines = whole
    assert 0 < len(timelines) <= 20
    jobs = worst_failures(landings, PLAN.cells())
    assert [job.episode_key for job in jobs] == [line["episode_key"] for line in timelines]
    for line in timelines:
        assert line["flown_outcome"] == line["outcome"]
        columns = line["line"]
        assert len({len(columns[n]) for n in columns if n not in ("stamp_s", "range_m")}) == 1
        believed = np.array([np.nan if x is None else x for x in columns["believed_m"]])
        error = np.abs(believed - columns["height_m"])
        assert np.nanmax(error) > 5.0
    words = shlex.split(timelines[0]["command"])
    assert words[:2] == ["lunar-env", "fly"]
    capsys.readouterr()
    assert fly([*words[1:], "--json"]) == 0
    flight = json.loads(capsys.readouterr().out)
    assert flight["outcome"] == timelines[0]["outcome"]
    down, aside = (flight["touchdown"][n] for n in ("v_vertical_m_s", "v_lateral_m_s"))
    assert np.hypot(down, aside) == pytest.approx(timelines[0]["speed_m_s"])


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.external, self.counts = [], {}

    def handle_starttag(self, tag, attributes):
        self.counts[tag] = self.counts.get(tag, 0) + 1
        for name, value in attributes:
            if name in {"src", "href", "xlink:href"} and not value.startswith(("#", "data:")):
                self.external.append(value)


def bounds_of_latency(task, landings, seed, **_):
    """Bounds that only a test could know: all are saved, every second one is attainable."""
    assert task.scenario == "latency"
    every, half = np.ones(landings, bool), np.arange(landings) % 2 == 0
    return Bounds(every, every, half, half, "a+oracle", "a+informed", "a+kalman", ("a+oracle",))


def test_the_benchmark_command_writes_a_complete_folder(tmp_path, capsys, whole, monkeypatch):
    few = functools.partial(worst_failures, most=1)
    monkeypatch.setattr(run, "worst_failures", few)  # twenty plots take their time
    monkeypatch.setattr(bounds_jobs, "bounds_of", bounds_of_latency)
    flyers = {"latency": ["a+oracle"], "ideal": []}  # nobody gives a bound of `ideal`
    monkeypatch.setattr(bounds_jobs, "members", lambda _, task: flyers[task.scenario])
    monkeypatch.setattr(bounds_jobs._BoundsJob, "_keep", lambda *_: None)
    out = tmp_path / "b"
    assert main([*WORDS, "--bounds", "--out", str(out), "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert json.loads((out / "summary.json").read_text()) == summary
    assert rows_of(out / "results.parquet").equals(rows_of(whole[0].results))
    groups = summary["groups"]
    assert (groups[0]["scenario"], groups[0]["pilot"]) == ("latency", PILOTS[0])
    for group in groups:
        assert sum(group["causes"].values()) == group["landings"] - group["landed"]
    assert len(summary["comparisons"]) == 2
    assert list(summary["bounds"]) == ["hakuto-r-m2 latency"]
    assert summary["bounds"]["hakuto-r-m2 latency"]["attainable"] == 0.5
    assert groups[0]["to_attainable"] == pytest.approx(0.5 - groups[0]["success"])
    assert groups[-1]["to_attainable"] is None
    text = (out / "report.html").read_text()
    page = Page()
    page.feed(text)
    assert page.external == []
    assert "@import" not in text
    assert page.counts["details"] == len(summary["worst"])
    # Matrix, a table of each scenario, of bounds, causes, propellant, and a matrix of pairs each.
    assert page.counts["table"] == 1 + 2 + 1 + 1 + 1 + 2
    assert "Saved, by a+oracle, which is given the true state: 100.0 %" in text
    assert page.counts["svg"] >= 2 + len(summary["worst"])
    assert "#0a0a0" not in text
    assert os.path.lexists(out / "optima.parquet")


def test_the_optimum_is_the_same_for_every_pilot(tmp_path):
    pytest.importorskip("cvxpy")
    plan = Plan(PILOTS, ("hakuto-r-m2",), ("ideal",), landings=4, chunk=4, optima=2)
    landings, _ = fly_benchmark(plan, begin(tmp_path / "b", plan))
    least = landings["optimum_kg"].reshape(2, 4)
    assert np.isfinite(least[:, :2]).all()
    assert np.isnan(least[:, 2:]).all()
    np.testing.assert_array_equal(least[0], least[1])
    used = landings["propellant_used_kg"].reshape(2, 4)
    # Nobody burns less, and guidance that brakes once does not burn twice as much.
    assert (used[:, :2] > least[:, :2]).all()
    assert (used[:, :2] < 2.0 * least[:, :2]).all()
