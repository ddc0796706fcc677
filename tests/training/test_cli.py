"""The command line: one JSON object, one line of error, nothing overwritten."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pyarrow")

from lunar_env.cli import main as fly
from training.cli import main
from training.results import read_results

PILOT = ["--pilot", "hoverslam+kalman", "--scenario", "ideal"]
LEARNED = ["evaluate", "--pilot", "ppo-m2-late-acquisition"]
ACTUATORS = ["evaluate", "--pilot", "random", "--control", "actuators", "--phase", "approach"]
EVALUATE = ["evaluate", *PILOT, "--landings", "9"]


def test_json_is_exactly_one_object(tmp_path, capsys):
    out = tmp_path / "r.parquet"
    assert main([*EVALUATE, "--seed", "2", "--out", str(out), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert set(result) == {
        *("success", "success_low", "success_high", "lost", "saved", "attainable"),
        *("success_not_lost", "success_not_lost_low", "success_not_lost_high"),
        *("speed_p50", "speed_p95", "speed_p99", "speed_p997", "speed_max"),
    }
    landings, metadata = read_results(out)
    assert landings["landed"].mean() == result["success"]
    assert metadata["seed"] == 2


def test_the_default_output_is_a_table(tmp_path, capsys):
    assert main([*EVALUATE, "--out", str(tmp_path / "r.parquet")]) == 0
    assert "hoverslam+kalman" in capsys.readouterr().out


def refused(capsys, *words, status=1):
    assert main([str(word) for word in words]) == status
    streams = capsys.readouterr()
    assert streams.out == ""
    assert streams.err.count("\n") == 1
    assert streams.err.startswith("error: ")
    return streams.err


def test_an_existing_file_is_rejected(tmp_path, capsys):
    out = tmp_path / "r.parquet"
    out.write_text("mine")
    assert "exists" in refused(capsys, *EVALUATE, "--out", out)
    assert out.read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["evaluate", "--pilot", "hoverslam+delay-awar"], "did you mean 'hoverslam+kalman'"),
        (["evaluate", "--pilot", "no-such.safetensors"], "no-such"),
        (["evaluate", "--pilot", "."], "policy.safetensors"),
        ([*EVALUATE, "--mission", "hakuto-r-m9"], "did you mean 'hakuto-r-m2'"),
        ([*EVALUATE, "--scenario", "idael"], "ideal"),
        ([*EVALUATE, "--landings", "0"], "--landings 0: must be"),
        ([*EVALUATE, "--phase", "power"], "did you mean 'powered'"),
        ([*EVALUATE, "--control", "actuators"], "use control 'throttle'"),
        ([*EVALUATE, "--seed", "-1"], "--seed -1: must be between"),
        ([*LEARNED, "--explain"], "--explain: ppo-m2-late-acquisition has no navigation filter"),
        (["evaluate", "--pilot", "random", "--explain"], "possible: law+filter"),
        ([*ACTUATORS, "--bounds"], "control 'actuators' (possible: throttle, thrust_vector)"),
    ],
)
def test_a_wrong_name_is_a_one_line_error(tmp_path, capsys, words, message):
    out = tmp_path / "r.parquet"
    assert message in refused(capsys, *words, "--out", out)
    assert not out.exists()


def test_an_unknown_command_is_a_one_line_error(capsys):
    assert "did you mean 'evaluate'" in refused(capsys, "evalute", status=2)
    assert "did you mean '--landings'" in refused(capsys, *EVALUATE, "--landing", 3, status=2)
    assert "did you mean '--ppo.gamma'" in refused(capsys, "train", "--ppo.gama", 1, status=2)
    assert "--landings takes INT, not 'x'" in refused(
        capsys, *EVALUATE, "--out", "x", "--landings", "x", status=2
    )
    assert "use lunar-env fly" in refused(capsys, "fly", "--seed", 3, status=2)
    assert "use python -m training bench-ppo" in refused(capsys, "bench", status=2)
    assert "use lunar-env describe" in refused(capsys, "describe", "slim", status=2)
    assert "did you mean 'demo'" in refused(capsys, "train", "--preset", "demmo")
    assert "use lunar-env fly" in refused(capsys, "watch", status=2)
    assert "'cache', which is lunar-env cache?" in refused(capsys, "cach", status=2)
    words = ["report", "a.parquet", "b.parquet", "--out", "r"]
    assert "unexpected argument: b.parquet" in refused(capsys, *words, status=2)


def test_a_mission_without_the_usual_phase_is_evaluated_in_its_first(tmp_path, capsys):
    out = tmp_path / "r.parquet"
    words = ["evaluate", *PILOT, "--mission", "gaudet-altimeter-1km", "--landings", "2"]
    assert main([*words, "--out", str(out)]) == 0
    assert read_results(out)[0]["mission"].tolist() == ["gaudet-altimeter-1km"] * 2
    capsys.readouterr()
    line = refused(capsys, *words, "--phase", "terminal", "--out", tmp_path / "s.parquet")
    assert "has no phase 'terminal' (available: approach)" in line


def test_a_report_needs_a_results_file_and_a_free_folder(tmp_path, capsys):
    assert "cannot be read" in refused(capsys, "report", tmp_path / "no", "--out", tmp_path / "o")
    assert not (tmp_path / "o").exists()
    out = tmp_path / "r.parquet"
    main([*EVALUATE, "--out", str(out)])
    capsys.readouterr()
    assert "exists" in refused(capsys, "report", out, "--out", tmp_path)
    assert main(["report", str(out), "--out", str(tmp_path / "o"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["groups"][0]["landings"] == 9
    assert (tmp_path / "o" / "report.html").exists()


def test_a_report_that_failed_can_be_repeated(tmp_path, capsys):
    resource = pytest.importorskip("resource")
    out, report = tmp_path / "r.parquet", tmp_path / "o"
    main([*EVALUATE, "--out", str(out)])
    capsys.readouterr()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:  # room for the summary, not for the page
        resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, before[1]))
        line = refused(capsys, "report", out, "--out", report)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert line == f"error: {report / 'report.html'}: cannot be written: File too large\n"
    assert [path.name for path in tmp_path.iterdir()] == ["r.parquet"]
    assert main(["report", str(out), "--out", str(report)]) == 0
    assert {path.name for path in report.iterdir()} == {"summary.json", "report.html"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_report_is_written_even_if_stdout_fails(tmp_path, capsys, monkeypatch):
    out, report = tmp_path / "r.parquet", tmp_path / "o"
    main([*EVALUATE, "--out", str(out)])
    capsys.readouterr()
    full = open("/dev/full", "w", buffering=1)  # noqa: PTH123, SIM115
    monkeypatch.setattr(sys, "stdout", full)
    assert main(["report", str(out), "--out", str(report)]) == 1
    page = report / "report.html"
    assert capsys.readouterr().err == (
        f"error: standard output: No space left on device; the report was written: {page}\n"
    )
    assert page.is_file()
    full.close()


def test_fly_repeats_a_landing_of_the_results(tmp_path, capsys):
    out = tmp_path / "r.parquet"
    main([*EVALUATE, "--out", str(out)])
    landings, _ = read_results(out)
    capsys.readouterr()
    assert fly(["fly", *PILOT, "--seed", str(landings["seed"][4]), "--json"]) == 0
    flight = json.loads(capsys.readouterr().out)
    assert flight["episode_key"] == landings["episode_key"][4]
    assert flight["outcome"] == landings["outcome"][4]
    assert flight["touchdown"]["v_vertical_m_s"] == pytest.approx(landings["v_vertical_m_s"][4])
    assert flight["first_fix_height_m"] == pytest.approx(landings["first_fix_height_m"][4])


def test_help_names_every_command(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    for name in ("train", "evaluate", "demo", "report", "export", "bench-ppo"):
        assert name in text
    assert main([]) == 2


@pytest.mark.train
def test_a_run_is_trained_exported_and_flown(tmp_path, capsys):
    run, weights = tmp_path / "run", tmp_path / "mine.safetensors"
    sizes = ["--task.num-envs", "8", "--ppo.n-steps", "16", "--ppo.batch-size", "64"]
    few = ["--selection.landings", "4", "--selection.report-landings", "4"]
    words = ["train", "--total-steps", "256", *sizes, *few, "--out", str(run)]
    assert main([*words, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["steps"] == 256
    assert "exists" in refused(capsys, *words)
    assert "is complete" in refused(capsys, "train", "--resume", run)
    resumed = ["train", "--resume", run]
    assert "accepts only" in refused(capsys, *resumed, "--ppo.gamma", "0.9")
    assert "--total-steps 128: " in refused(capsys, *resumed, "--total-steps", "128")
    assert "is not a run folder: it holds no config.toml" in refused(
        capsys, "train", "--resume", tmp_path
    )

    assert main(["export", str(run), "--out", str(weights), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["weights"] == str(weights)
    assert "exists" in refused(capsys, "export", run, "--out", weights)
    assert "holds no policy.safetensors" in refused(
        capsys, "export", tmp_path, "--out", tmp_path / "x"
    )

    scores = []
    for pilot in (run, weights):
        out = tmp_path / f"{pilot.stem}.parquet"
        words = ["evaluate", "--pilot", str(pilot), "--landings", "4", "--out", str(out)]
        assert main([*words, "--json"]) == 0
        scores.append(json.loads(capsys.readouterr().out))
        assert read_results(out)[0]["pilot"][0] == pilot.stem
    assert scores[0] == scores[1]
    # Bounds are shares of `evaluate --bounds` alone: NaN is written as null.
    assert [scores[0].pop(name) for name in ("saved", "attainable")] == [None, None]
    assert all(scores[0][name] == result[name] for name in scores[0])


def test_flying_needs_no_torch():
    program = (
        "import sys; sys.modules['torch'] = None; sys.modules['stable_baselines3'] = None\n"
        "from training.commands import evaluate, report\nfrom lunar_env.cli.commands import fly"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
