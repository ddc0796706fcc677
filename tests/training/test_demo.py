"""The demonstration and the speed measurement, shrunk."""

import json

import pytest

pytest.importorskip("torch")

from lunar_env.errors import ConfigError
from lunar_env.files import output
from lunar_env.rendering.film import write_film
from training import demo
from training.cli import main
from training.curve import Curve
from training.demo import CLASSICAL, PPO, SCENARIOS, STUDENT, tile
from training.plots import success_over_time
from training.results import read_results
from training.run_folder import RunFolder, planned_end
from training.tables import curve_table

pytestmark = [pytest.mark.train]


@pytest.mark.slow
def test_the_demo_writes_a_complete_report(tmp_path, capsys):
    out = tmp_path / "demo"
    assert main(["demo", "--quick", "--landings", "8", "--out", str(out), "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert json.loads((out / "summary.json").read_text()) == summary
    assert {path.name for path in out.iterdir()} >= {
        *("results.parquet", "summary.json", "report.html", "landing.mp4", STUDENT, PPO)
    }
    landings, _ = read_results(out / "results.parquet")
    assert len(landings["landed"]) == 8 * len(SCENARIOS) * (2 + len(CLASSICAL))
    assert list(dict.fromkeys(landings["pilot"]))[:2] == [STUDENT, PPO]
    assert "training time [s]" in (out / "report.html").read_text()
    # The report can be made again from the file alone.
    assert main(["report", str(out / "results.parquet"), "--out", str(tmp_path / "again")]) == 0
    assert json.loads((tmp_path / "again" / "summary.json").read_text()) == summary
    assert main(["demo", "--quick", "--out", str(out)]) == 1


def test_a_resumed_demo_resumes_its_training(tmp_path, monkeypatch):
    config, done, run = demo.demo_config(0, None, None, quick=True).student, [], tmp_path / "run"
    monkeypatch.setattr(demo, "train", lambda *_: done.append("began") or {})
    monkeypatch.setattr(demo, "resume", lambda *_: done.append("went on") or {})
    demo.train_or_resume(config, run)
    folder = RunFolder.create(run, config)
    demo.train_or_resume(config, run)
    assert done == ["began", "went on"]
    folder.write_summary(planned_end(config))
    assert demo.train_or_resume(config, run) == planned_end(config)
    with pytest.raises(ConfigError, match="started with other options"):
        demo.train_or_resume(demo.demo_config(1, None, None, quick=True).student, run)
    assert done == ["began", "went on"]


def test_the_two_trainings_differ_in_the_teacher_alone_as_tasks():
    student, ppo = demo.demo_config(3, 5000, 0.25)
    assert (student.teacher, ppo.teacher) == ("hoverslam+kalman", None)
    assert student.task == ppo.task
    assert student.selection == ppo.selection  # on the same seeds, as often
    for config in (student, ppo):
        assert (config.seed, config.total_steps, config.max_minutes) == (3, 5000, 0.25)
        assert config.torch_threads == config.task.num_threads == 1


def test_success_by_training_time_is_that_of_the_last_evaluation(tmp_path):
    curve = Curve(tmp_path / "curve.json")
    for seconds, landed in ((3.0, 0.25), (8.0, 0.5), (17.0, 0.75)):
        choice = {"steps": seconds, "landed_not_lost": 1.0, "speed_p95_m_s": 1.0}
        curve.add_choice(seconds, landed=landed, **choice)
    table = curve_table({"student": curve, "none": Curve(tmp_path / "other.json")})
    assert [column.header for column in table.columns] == ["policy", "5 s", "10 s", "15 s", "20 s"]
    shown = [list(column.cells) for column in table.columns]
    assert [cells[0] for cells in shown] == ["student", "25 %", "50 %", "50 %", "75 %"]
    assert [cells[1] for cells in shown] == ["none", "-", "-", "-", "-"]
    assert success_over_time({"student": curve}).count("training time [s]") == 1


@pytest.mark.slow
def test_bench_ppo_measures_this_and_a_null_environment(capsys):
    words = ["bench-ppo", "--num-envs", "8", "--epochs", "1", "--repeats", "1", "--iterations", "1"]
    assert main([*words, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert set(result["epochs"]["1"]) == {"env_steps_s", "null_steps_s", "ratio"}


def frames(count, value):
    import numpy as np

    return [np.full((10, 13, 3), value, np.uint8) for _ in range(count)]


@pytest.mark.parametrize("suffix", [".mp4", ".gif"])
def test_films_are_written(tmp_path, suffix):
    path = tmp_path / f"film{suffix}"
    with output(path) as file:
        write_film(file, frames(5, 90), 10.0)
    assert path.stat().st_size > 50
    assert list(tmp_path.iterdir()) == [path]


def test_a_shorter_film_repeats_its_last_frame():
    pictures = list(tile([frames(2, 10), frames(3, 20), frames(1, 30)], columns=2, hold=2))
    assert len(pictures) == 5
    assert pictures[0].shape == (20, 26, 3)
    assert pictures[-1][0, 0, 0] == 10
    assert pictures[-1][15, 0, 0] == 30
    assert pictures[-1][15, 20, 0] == 0
