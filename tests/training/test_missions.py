"""Missions on their days: where results are kept, what if, and the commands."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
import tomllib

import numpy as np
import pytest

pytest.importorskip("pyarrow")

from lunar_env.errors import ConfigError
from lunar_env.proportion import wilson
from lunar_env.specs import list_missions, list_scenarios, load_mission
from lunar_env.task import Task
from training.cli import main
from training.missions.cases import Case, as_flown_of, flown_missions, fly_cases
from training.missions.matrix import Matrix, cases_of, markdown
from training.missions.results import RESULTS, read_missions, write_missions

M2 = "hakuto-r-m2"
LEARNED = "ppo-m2-late-acquisition"


# Where it is kept.


def result(outcome):
    miss = {"median": 1.5, "p5": 1.0, "p95": 2.0, "unit": "m"}
    return {"outcome": outcome, "landings": 2, "figures": {"miss_m": miss}}


def test_results_replace_only_the_missions_flown(tmp_path):
    path = tmp_path / "results.toml"
    assert read_missions(path) == {}
    write_missions(path, {"slim": result("one"), "apollo-11": result("two")})
    write_missions(path, {"slim": result('a "third"'), M2: result("four")})
    text = path.read_text(encoding="utf-8")
    table = tomllib.loads(text)
    assert table == read_missions(path)
    assert list(table) == ["apollo-11", "slim", M2]  # by date
    assert [table[name]["outcome"] for name in table] == ["two", 'a "third"', "four"]
    assert table[M2] == result("four")
    assert text.startswith("# Written by: python -m training missions.")
    assert list(tmp_path.iterdir()) == [path]


def test_a_damaged_results_file_is_not_overwritten(tmp_path):
    path = tmp_path / "results.toml"
    path.write_text("[slim", encoding="utf-8")
    with pytest.raises(ConfigError, match="is not valid TOML"):
        write_missions(path, {"slim": result("one")})
    assert path.read_text(encoding="utf-8") == "[slim"


# What if.


def test_pilots_fly_only_the_missions_they_support():
    missions = flown_missions()
    cases = cases_of(missions, ["own", LEARNED])
    assert [case.mission for case in cases if case.pilot == LEARNED] == [M2]
    assert [case.mission for case in cases if case.pilot == "own"] == missions
    terminal = [name for name in missions if as_flown_of(name).phase == "terminal"]
    assert [case.mission for case in cases_of(missions, ["hoverslam+kalman"])] == terminal
    assert [case.mission for case in cases_of(missions, ["e-guidance+oracle"])] == missions
    with pytest.raises(ConfigError, match="unknown pilot 'owl'"):
        cases_of([M2], ["owl"])


def test_the_matrix_is_written_as_markdown():
    landed = {
        ("slim", "own"): wilson(0, 20),
        (M2, "own"): wilson(1, 20),
        (M2, LEARNED): wilson(20, 20),
    }
    text = markdown(Matrix(["slim", M2], ["own", LEARNED], landed, 20, 0))
    assert text.splitlines()[:4] == [
        f"| mission | `own` | `{LEARNED}` |",
        "| --- | ---: | ---: |",
        f"| {load_mission('slim').title} | 0.0 (0.0-16.1) | - |",
        f"| {load_mission(M2).title} | 5.0 (0.9-23.6) | 100.0 (83.9-100.0) |",
    ]
    assert "20 flights" in text


# The commands.


def test_missions_with_a_flight_are_found():
    assert set(flown_missions()) == {
        name for name in list_missions() if "as-flown" in list_scenarios(name)
    }
    with pytest.raises(ConfigError, match=f"did you mean '{M2}'"):
        flown_missions(["hakuto-r-m3x"])
    with pytest.raises(ConfigError, match="given twice"):
        flown_missions([M2, M2])


def test_healthy_flights_start_in_the_phase_of_the_mission_file() -> None:
    for mission in flown_missions():
        flight = as_flown_of(mission)
        phases = {
            scenario: Case(mission, scenario).task().phase for scenario in ("as-flown", "noisy")
        }
        assert phases == {"as-flown": flight.phase, "noisy": flight.healthy_phase or flight.phase}


def test_the_number_of_processes_does_not_change_the_results(monkeypatch):
    ((_, whole),) = fly_cases([Case(M2)], 5, 4)
    monkeypatch.setattr("training.missions.cases.CHUNK", 2)
    ((_, parts),) = fly_cases([Case(M2)], 5, 4)
    assert len(whole["outcome"]) == len(parts["outcome"]) == 5
    for name, column in whole.items():
        if not name.startswith("trace"):
            np.testing.assert_array_equal(parts[name], column, err_msg=name)


def test_the_missions_command_writes_the_results_it_prints(tmp_path, capsys):
    path = tmp_path / "results.toml"
    words = ["missions", "--missions", M2, "--landings", "4", "--workers", "1"]
    assert main([*words, "--out", str(path), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    assert table == said["missions"]
    assert table[M2]["landings"] == 4
    assert table[M2]["pilot"] == "own"
    assert table[M2]["outcome"] in " ".join(_printed(words, path, capsys).split())


def _printed(words, path, capsys):
    assert main([*words, "--out", str(path)]) == 0
    return capsys.readouterr().out


def test_what_if_prints_and_writes_the_matrix(tmp_path, capsys):
    path = tmp_path / "what-if.md"
    words = ["missions", "--missions", M2, "--what-if", "--landings", "4", "--workers", "1"]
    assert main([*words, "--pilots", f"own,{LEARNED}", "--out", str(path)]) == 0
    text = path.read_text(encoding="utf-8")
    assert text in capsys.readouterr().out
    assert text.splitlines()[0] == f"| mission | `own` | `{LEARNED}` |"


def test_what_if_is_written_where_nobody_reads_stdout(tmp_path, monkeypatch):
    path = tmp_path / "what-if.md"
    words = ["missions", "--missions", M2, "--what-if", "--landings", "1", "--workers", "1"]
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", pipe)
        assert main([*words, "--pilots", LEARNED, "--out", str(path)]) == 141
    assert path.read_text(encoding="utf-8").startswith("| mission |")


def test_nothing_is_written_without_an_output_option(tmp_path, capsys, monkeypatch):
    package = tmp_path / "package.toml"
    monkeypatch.setattr("training.commands.missions.RESULTS", package)
    words = ["missions", "--missions", M2, "--landings", "2", "--workers", "1"]
    before = RESULTS.read_bytes()
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["results"] is None
    assert list(tmp_path.iterdir()) == []
    assert main([*words, "--update-package", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["results"] == str(package)
    assert list(read_missions(package)) == [M2]
    assert RESULTS.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--landings", "0"], "--landings 0: must be at least 1"),
        (["--workers", "0"], "--workers 0: must be at least 1"),
        (["--missions", "hakuto-r-m22"], "did you mean 'hakuto-r-m2'"),
        (["--update-package", "--what-if"], "--update-package excludes --out and --what-if"),
        (["--what-if", "--pilots", "own,hoverslam+kalmann"], "did you mean 'hoverslam+kalman'"),
    ],
)
def test_wrong_mission_options_are_one_line_errors(words, problem, capsys):
    assert main(["missions", *words]) == 1
    error = capsys.readouterr().err
    assert problem in error
    assert len(error.splitlines()) == 1


class Signals:
    """Stands for the flights: counts the cases, and is stopped by a signal before one of them."""

    def __init__(self, original, before=None):
        self.cases, self._original, self._before = [], original, before

    def __call__(self, cases, *arguments, **keywords):
        for case in cases:
            if len(self.cases) == self._before:
                os.kill(os.getpid(), signal.SIGTERM)
            self.cases.append(case)
            yield from self._original([case], *arguments, **keywords)


@pytest.fixture
def stop_before(monkeypatch):
    def patch(place, number=None):
        signals = Signals(fly_cases, number)
        monkeypatch.setattr(f"{place}.fly_cases", signals)
        return signals.cases

    return patch


def test_missions_resume_after_a_stop(tmp_path, capsys, monkeypatch, stop_before):
    monkeypatch.setattr("training.commands.missions.flown_missions", lambda _: ["peregrine-1", M2])
    task = Task(M2, "as-flown")
    monkeypatch.setattr(Case, "task", lambda case: task._replace(scenario=case.scenario))
    words = ["missions", "--landings", "1", "--workers", "1", "--out"]
    path, whole = tmp_path / "results.toml", tmp_path / "whole.toml"
    place = "training.commands.missions"
    stop_before(place)
    assert main([*words, str(whole)]) == 0
    stop_before(place, 3)
    assert main([*words, str(path)]) == 143
    assert list(tomllib.loads(path.read_text(encoding="utf-8"))) == ["peregrine-1"]
    again = shlex.split(capsys.readouterr().err.splitlines()[-1])
    cases = stop_before(place)
    assert main(again[3:]) == 0
    assert [case.mission for case in cases] == [M2, M2]
    assert path.read_bytes() == whole.read_bytes()


def test_what_if_resumes_after_a_stop(tmp_path, capsys, stop_before):
    pilots = "own,hoverslam+naive,velocity-profile+naive"
    words = ["missions", "--missions", M2, "--what-if", "--landings", "1", "--workers", "1"]
    words += ["--pilots", pilots, "--out"]
    path, whole = tmp_path / "what-if.md", tmp_path / "whole.md"
    assert main([*words, str(whole)]) == 0
    stop_before("training.missions.matrix", 2)
    assert main([*words, str(path)]) == 143
    assert not path.exists()
    again = shlex.split(capsys.readouterr().err.splitlines()[-1])
    cases = stop_before("training.missions.matrix")
    assert main(again[3:]) == 0
    assert [case.pilot for case in cases] == ["velocity-profile+naive"]
    assert path.read_bytes() == whole.read_bytes()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["what-if.md", "whole.md"]
