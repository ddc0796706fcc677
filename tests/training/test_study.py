"""Studies: what a file may ask for, statistics of few runs, resuming, the page."""

import dataclasses
import json
import os
import shlex
import signal
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from scipy import stats

from lunar_env.errors import ConfigError
from lunar_env.specs.problems import checked
from training.cli import main
from training.commands import study as command
from training.curve import Curve
from training.run_folder import RunFolder
from training.study.measures import curve_at, difference, iqm, mean_of_iqms
from training.study.page import PARTS, filled, parts
from training.study.plan import StudySpec, load_study
from training.study.results import StudyResults, read_results
from training.study.run import Trained, found, joined

STAGE = {"config": {"teacher": "velocity-profile+kalman"}}
TINY = {
    "title": "Tiny",
    "minutes": 0.02,
    "landings": 8,
    "pilots": ["velocity-profile+kalman"],
    "contrasts": [["raw", "improved"]],
    "config": {
        "task": {"num_envs": 16},
        "ppo": {"n_steps": 16, "batch_size": 64},
        "imitation": {"gradient_steps": 4, "batch_size": 64},
        "selection": {"every_steps": 512, "landings": 8, "report_landings": 8},
    },
    "variants": [
        {"name": "raw", "inputs": "one frame", "learning": "teacher", "stages": [STAGE]},
        {
            "name": "improved",
            "inputs": "one frame",
            "learning": "teacher, then reward",
            "stages": [{**STAGE, "share": 0.5}, {"share": 0.5}],
        },
    ],
    "tasks": [
        {
            "name": name,
            "mission": "hakuto-r-m2",
            "scenario": name,
            "phase": "terminal",
            "control": "throttle",
            "seeds": seeds,
        }
        for name, seeds in (("everything", 2), ("noisy", 1))
    ],
}


def spec_of(**changes):
    return checked(StudySpec, TINY | changes, "tiny.toml")


def toml(table):
    tomli_w = pytest.importorskip("tomli_w")
    return tomli_w.dumps(table)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Train the runs of one seed on one task; the file and the folder of the study."""
    folder = tmp_path_factory.mktemp("study")
    file = folder / "tiny.toml"
    file.write_text(toml(TINY | {"tasks": TINY["tasks"][1:]}), encoding="utf-8")
    assert main(["study", "--study", str(file), "--out", str(folder / "out")]) == 0
    return file, folder / "out"


def test_the_study_of_this_package_can_be_trained():
    spec = load_study()
    runs = spec.runs()
    assert len({run.folder for run in runs}) == len(runs)
    for run in runs:
        minutes = sum(config.max_minutes for config in run.configs)
        assert minutes == pytest.approx(spec.minutes)
        for config in run.configs:
            assert (config.torch_threads, config.task.num_threads, config.clock) == (1, 1, "cpu")
            assert config.seed == run.seed
    assert all(task.seeds >= 3 for task in spec.tasks)


def test_every_variant_has_a_seed_before_any_has_the_next():
    order = [(run.seed, run.task.name, run.variant.name) for run in spec_of().runs()]
    assert order == [
        (0, "everything", "raw"),
        (0, "everything", "improved"),
        (0, "noisy", "raw"),
        (0, "noisy", "improved"),
        (1, "everything", "raw"),
        (1, "everything", "improved"),
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"minute": 1.0}, "did you mean 'minutes'"),
        ({"minutes": 0.0}, "minutes"),
        ({"variants": TINY["variants"][:1] * 2}, "variants: 'raw' appears more than once"),
        ({"tasks": TINY["tasks"][:1] * 2}, "tasks: 'everything' appears more than once"),
        ({"contrasts": [["raw", "roar"]]}, "there is no variant 'roar'"),
        ({"variants": [TINY["variants"][0] | {"stages": [{"share": 0.5}]}]}, "add up to 0.5"),
        ({"variants": [TINY["variants"][0] | {"name": "../raw"}]}, "name"),
        ({"pilots": ["velocity+kalman"]}, "velocity"),
        ({"config": {"seed": 1}}, "variant raw, stage 1: seed is set by the study"),
        ({"config": {"ppoo": {}}}, "variant raw, stage 1.*did you mean 'ppo'"),
        ({"tasks": [TINY["tasks"][0] | {"scenario": "evrything"}]}, "unknown scenario"),
    ],
)
def test_a_wrong_study_is_rejected_before_it_trains(changes, message):
    with pytest.raises(ConfigError, match=message):
        spec_of(**changes).runs()


def test_the_interquartile_mean_leaves_out_whole_runs():
    assert iqm(np.array([0.0, 0.6, 0.7, 0.8, 1.0])) == pytest.approx(0.7)
    assert iqm(np.array([0.0, 0.6, 0.9])) == pytest.approx(0.5)
    assert iqm(np.array([0.4])) == 0.4


def test_intervals_are_those_of_the_stratified_bootstrap():
    rng = np.random.default_rng(0)
    tasks = [rng.normal(0.8, 0.1, 9), rng.normal(0.3, 0.05, 6)]
    ours = mean_of_iqms([task.tolist() for task in tasks])
    theirs = stats.bootstrap(
        tasks,
        lambda a, b, axis: (iqm(a, axis) + iqm(b, axis)) / 2,
        method="percentile",
        n_resamples=20_000,
        rng=rng,
    ).confidence_interval
    assert ours.low == pytest.approx(theirs.low, abs=0.002)
    assert ours.high == pytest.approx(theirs.high, abs=0.002)
    gap = difference([tasks[0].tolist()], [tasks[1].tolist()])
    assert gap.value == pytest.approx(iqm(tasks[0]) - iqm(tasks[1]))
    apart = stats.bootstrap(
        tasks,
        lambda a, b, axis: iqm(a, axis) - iqm(b, axis),
        method="percentile",
        n_resamples=20_000,
        rng=rng,
    ).confidence_interval
    assert (gap.low, gap.high) == pytest.approx(tuple(apart), abs=0.003)


def test_a_curve_holds_its_latest_point():
    at = curve_at([1.0, 3.0], [0.2, 0.6], np.array([0.5, 1.0, 2.9, 3.0, 9.0]))
    np.testing.assert_array_equal(at, [np.nan, 0.2, 0.2, 0.6, 0.6])


@pytest.mark.train
def test_runs_are_measured_and_not_repeated(small, monkeypatch, capsys):
    file, folder = small
    content = read_results(folder / "study.json")
    assert [(run["variant"], run["seed"]) for run in content["runs"]] == [
        ("raw", 0),
        ("improved", 0),
    ]
    for run in content["runs"]:
        assert 0 <= run["landed"] <= run["landings"] == 8
        assert run["cpu_s"] > 0
        assert 0.02 * 60 <= run["trained_s"] <= run["cpu_s"]
        assert run["curve"]["seconds"] == sorted(run["curve"]["seconds"])
        assert run["curve"]["seconds"][-1] <= run["trained_s"] + 0.01
    assert content["pilots"][0]["landings"] == 8
    monkeypatch.setattr(command, "fly_run", None)  # it would raise
    assert main(["study", "--study", str(file), "--out", str(folder)]) == 0
    assert "| `raw` | one frame | teacher |" in capsys.readouterr().out
    assert read_results(folder / "study.json")["runs"] == content["runs"]
    assert (folder / "study.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.train
def test_a_second_stage_starts_from_the_first(small):
    _, folder = small
    run = RunFolder(folder / "runs" / "noisy" / "improved" / "0" / "2")
    first = RunFolder(run.path.parent / "1")
    assert run.start.is_file()
    assert not first.start.exists()
    assert run.read_config().teacher is None
    assert first.read_config().teacher == "velocity-profile+kalman"


@pytest.mark.train
def test_a_run_with_other_settings_is_not_taken_for_this_one(small):
    file, folder = small
    spec = load_study(file)
    run = spec.runs()[0]
    assert found(folder, run, spec.landings)["variant"] == "raw"
    with pytest.raises(ConfigError, match="other settings"):
        found(folder, run, spec.landings + 1)
    longer = dataclasses.replace(spec, minutes=1.0).runs()[0]
    with pytest.raises(ConfigError, match="other settings"):
        found(folder, longer, spec.landings)


@pytest.mark.train
def test_a_part_of_a_study_is_reported(tmp_path, small, monkeypatch, capsys):
    file, folder = small
    records = read_results(folder / "study.json")["runs"]
    monkeypatch.setattr(command, "fly_run", lambda *_: records[0])
    page = tmp_path / "page.md"
    page.write_text("".join(f"A\n<!-- {name} -->\n<!-- /{name} -->\n" for name in PARTS))
    words = ["--out", str(tmp_path / "out"), "--runs", "1", "--page", str(page)]
    assert main(["study", "--study", str(file), *words]) == 0
    content = read_results(page.with_suffix(".json"))
    assert len(content["runs"]) == 1
    assert "1 of 2 runs are complete" in page.read_text()
    assert "`improved`" not in parts(content)["landed"]  # nor is a difference reported
    assert page.with_suffix(".png").is_file()
    assert filled(page.read_text(), content) == page.read_text()
    capsys.readouterr()
    page.write_text("nothing to fill")
    assert main(["study", "--study", str(file), *words]) == 1
    assert f"{page}: the page must hold <!-- conditions -->" in capsys.readouterr().err


def test_stages_share_one_curve():
    def stage(trained_s, *points):
        curve = Curve(Path("curve.json"))
        for seconds, landed in points:
            curve.add_choice(
                seconds, steps=seconds, landed=landed, landed_not_lost=0.0, speed_p95_m_s=1.0
            )
        return Trained(RunFolder(Path("run")), 1, trained_s, curve)

    curve = joined([stage(5.0, (1.0, 0.25), (4.5, 0.5)), stage(5.0, (3.0, 0.75))])
    assert curve == {"seconds": [1.0, 4.5, 8.0], "landed": [0.25, 0.5, 0.75]}


def test_differences_and_shares_are_computed_from_the_runs():
    runs = [
        {"task": "everything", "variant": name, "landed": landed, "landings": 10, "steps": [10]}
        | {"commit": None}
        for name, counts in (("raw", (2, 4)), ("improved", (9, 9)))
        for landed in counts
    ]
    content = {
        "title": "T",
        "minutes": 1.0,
        "landings": 10,
        "tasks": [{"name": "everything", "seeds": 2}],
        "variants": [{k: v for k, v in each.items() if k != "stages"} for each in TINY["variants"]],
        "contrasts": [["improved", "raw"]],
        "runs": runs,
        "pilots": [{"task": "everything", "pilot": "p", "landed": 8, "landings": 10}],
    }
    [raw, improved] = StudyResults(json.loads(json.dumps(content))).rows()
    assert raw.overall.value == pytest.approx(0.3)
    assert (raw.overall.low, raw.overall.high) == pytest.approx((0.2, 0.4))
    assert improved.overall == pytest.approx((0.9, 0.9, 0.9))
    made = parts(content)
    assert "| `improved` | `raw` | +60.0 | +50.0 to +70.0 |" in made["differences"]
    assert "| `p` | - | - | 80.0 |\n" in made["landed"] + "\n"
    assert "| `raw` | 2 | 20.0 to 40.0 | 0.00 |" in made["effort"]


@pytest.mark.train
def test_a_study_stopped_by_a_signal_names_the_command_that_resumes_it(
    tmp_path, small, monkeypatch, capsys
):
    file, _ = small
    monkeypatch.setattr(command, "fly_run", lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    words = ["study", "--out", str(tmp_path / "out"), "--study", str(file), "--runs", "1"]
    assert main(words) == 143
    again = shlex.split(capsys.readouterr().err.splitlines()[-1])
    assert again == ["python", "-m", "training", *words]
