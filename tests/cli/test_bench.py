"""``bench``: every number is there, and measured with the peer in one run."""

from __future__ import annotations

import itertools
import subprocess
import sys

import pytest

from lunar_env.cli import main, measure
from lunar_env.cli.commands import bench
from lunar_env.cli.measure import interleave, timed

ID = "LunarEnv/ThrottleLanding-v0"
SMALL = ["bench", "--seconds", "0.05", "--rows", "64"]


@pytest.fixture
def no_new_process(monkeypatch):
    monkeypatch.setattr(bench, "start_s", lambda _, *, vector: 2.0 if vector else 1.0)


@pytest.mark.usefixtures("no_new_process")
def test_bench_measures_every_case(run):
    pytest.importorskip("Box2D")
    pytest.importorskip("pygame")
    result = run(*SMALL)
    assert result["rows"] == 64
    for case in (
        *("vector_env", "vector_env_1_thread", "vector_kernel", "vector_kernel_1_thread"),
        *("single_env", "peer_single_env"),
    ):
        spread = result["steps_per_s"][case]
        assert 0.0 < spread["low"] <= spread["median"] <= spread["high"], case
    steps = {name: spread["median"] for name, spread in result["steps_per_s"].items()}
    ratios = result["ratios"]
    assert ratios["single_to_peer"] == steps["single_env"] / steps["peer_single_env"]
    assert ratios["vector_env_threads"] == steps["vector_env"] / steps["vector_env_1_thread"]
    assert ratios["frames_to_peer"] == pytest.approx(
        result["render_ms"]["peer"] / result["render_ms"]["ours"]
    )
    assert 0.0 < result["reset_us_per_row"] < 1000.0
    assert 0.1 < result["memory_mb"] < 64.0
    assert result["start_s"] == {"single": 1.0, "vector": 2.0}


@pytest.mark.usefixtures("no_new_process")
def test_another_id_reports_its_own_figures(run):
    pytest.importorskip("Box2D")
    pytest.importorskip("pygame")
    result = run(*SMALL, "--id", "LunarEnv/PoweredDescent-v0")
    assert result["id"] == "LunarEnv/PoweredDescent-v0"
    assert result["steps_per_s"]["vector_env"]["median"] > 0.0


@pytest.mark.usefixtures("no_new_process")
def test_the_default_output_is_a_table(capsys):
    pytest.importorskip("Box2D")
    pytest.importorskip("pygame")
    assert main(SMALL) == 0
    out = capsys.readouterr().out
    assert "peer_single_env" in out
    assert "times LunarLander-v3" in out


def test_without_envpool_its_extra_is_named(refused, monkeypatch):
    monkeypatch.setitem(sys.modules, "Box2D", None)
    assert "pip install 'lunar-env[bench]'" in refused(*SMALL)


def test_wrong_numbers_are_one_line_errors(refused):
    assert "--seconds 0: must be" in refused("bench", "--seconds", "0")
    assert "--seconds inf: must be" in refused("bench", "--seconds", "inf")
    assert "--rows 0: must be" in refused("bench", "--rows", "0")
    message = refused("bench", "--id", "LunarEnv/PoweredDescend-v0")
    assert "did you mean 'LunarEnv/PoweredDescent-v0'" in message


def test_cases_alternate_and_the_median_is_reported():
    turns = []
    durations = itertools.cycle([1.0, 1.0, 2.0])

    def slow():
        turns.append("slow")
        return 10, 5.0

    def moody():
        turns.append("moody")
        return 10, next(durations)

    spreads = interleave({"slow": slow, "moody": moody}, 0.0)
    assert turns == ["slow", "moody"] * (measure.ROUNDS + 1)
    assert spreads["slow"] == (2.0, 2.0, 2.0)
    assert spreads["moody"] == (10.0, 5.0, 10.0)


def test_only_the_steps_are_timed():
    units, seconds = timed(7, lambda: sum(range(1000)))
    assert units == 7
    assert 0.0 < seconds < 0.1


@pytest.mark.slow
def test_a_new_process_compiles_nothing_again():
    """What the start then takes is for `lunar-env bench` to tell."""
    code = f"""
import gymnasium, numpy, lunar_env
env = gymnasium.make({ID!r})
env.reset(seed=0)
env.step(numpy.zeros(1, numpy.float32))
"""

    def said():
        words = [sys.executable, "-c", code]
        return subprocess.run(words, check=True, capture_output=True, text=True).stderr

    said()  # whatever is not compiled yet
    assert said() == ""
    assert measure.start_s(ID, vector=False) > 0.0
