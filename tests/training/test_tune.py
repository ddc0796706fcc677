"""Tuning: what is written flies, is no worse than the code, and comes out the same again."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import shlex
import signal
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("optuna")
pytest.importorskip("pyarrow")

import training.tune as tuning
from agents import list_pilots, make_pilot
from agents.gains import read_gains
from agents.tunable import tunable
from lunar_env.errors import ConfigError, MissingExtra
from lunar_env.task import Task
from training.cli import main
from training.objective import score, total
from training.suite.tasks import load_suite
from training.tune import Study, defaults, fly, tune
from training.tune_file import write_gains

NAME = "hoverslam+kalman"
TASKS = (Task("hakuto-r-m2", "noisy"), Task("hakuto-r-m2", "late-acquisition"))
STUDY = Study(NAME, TASKS, trials=3, landings=8, seed=1)
WORDS = ["tune", "--pilot", NAME, "--trials", "3", "--landings", "8"]


@pytest.fixture(scope="module")
def found():
    return tune(STUDY)


def test_the_first_trial_has_the_default_gains_and_the_result_is_no_worse(found):
    assert found.trials == 3
    assert found.default == fly(STUDY, {})
    assert total(found.best) <= total(found.default)
    assert [entry.scenario for entry in found.best] == ["noisy", "late-acquisition"]


def test_the_written_gains_reproduce_the_scores(found):
    assert fly(STUDY, found.gains) == found.best


def test_the_same_seed_gives_the_same_gains(found):
    assert tune(STUDY) == found
    assert tune(STUDY._replace(seed=2)).default != found.default


def test_the_file_is_read_back_by_the_pilot(found, tmp_path):
    path = tmp_path / "gains.toml"
    write_gains(path, STUDY, found)
    gains = read_gains(path)
    assert gains == found.gains
    pilot = make_pilot(NAME, gains=gains)
    assert pilot.law.gains.use_frac == gains["law"]["use_frac"]
    assert pilot.law.terminal.handover_m == gains["terminal"]["handover_m"]
    assert pilot.blind.sigmas == gains["blind"]["sigmas"]
    study = tomllib.loads(path.read_text())["study"]
    assert study["landings"] == 8
    assert study["domain"] == "TUNE"
    assert study["score"] == total(found.best)
    assert study["default_score"] == total(found.default)
    assert set(study["tasks"]) == {"noisy", "late-acquisition"}


def test_an_unknown_gain_is_rejected():
    with pytest.raises(ConfigError, match=r"use_fraction.*did you mean 'use_frac'"):
        make_pilot(NAME, gains={"law": {"use_fraction": 0.9}})
    with pytest.raises(ConfigError, match=r"terminla.*did you mean 'terminal'"):
        make_pilot(NAME, gains={"terminla": {"tau_s": 0.9}})


@pytest.mark.parametrize("name", [n for n in list_pilots() if "+" in n])
def test_every_search_range_contains_the_default_gain(name):
    start = defaults(STUDY._replace(pilot=name))
    for gain, span in tunable(name).items():
        assert span.low <= start[gain] <= span.high, gain
        # Both ends can be flown.
        group, _, field = gain.partition(".")
        for end in span:
            make_pilot(name, gains={group: {field: end}})


def test_a_study_may_hold_a_mission_whose_targets_are_flown_without_a_search():
    tasks = (Task("apollo-11", "noisy", control="thrust_vector", phase="approach"), *TASKS)
    study = Study("apollo+kalman", tasks, trials=2, landings=2, seed=1)
    assert defaults(study) == defaults(study._replace(tasks=TASKS))
    flown = fly(study, {"law": {"peak_frac": 0.8}, "terminal": {"touchdown_m_s": 1.2}})
    assert [one.landings for one in flown] == [2, 2, 2]


def test_filters_without_gains_have_defaults():
    pilot = make_pilot("hoverslam+latched", gains={"filter": {"gate_sigmas": 4}})
    assert (pilot.navigation.gains.gate_sigmas, pilot.navigation.gains.latches) == (4.0, 1.0)
    with pytest.raises(ConfigError, match="has no gains"):
        make_pilot("hoverslam+naive", gains={"filter": {"gate_sigmas": 4.0}})


def table(make_landings, landed, **columns):
    landings = make_landings("p", "noisy", landed, **columns)
    # The ground is met at `speed`; the nominal tier allows 2 m/s.
    landings["margin_nominal_v_vertical_m_s"] = 2.0 - landings["v_vertical_m_s"]
    return landings


def test_a_loss_weighs_more_than_speed_and_speed_more_than_propellant(make_landings):
    landed = np.ones(400, bool)
    good = score(table(make_landings, landed))
    assert (good.failed, good.not_lost, good.speed_p997_m_s) == (0, 400, 1.0)
    assert good.value == pytest.approx(0.1 * 0.5)  # one of two kilograms used
    hard = score(table(make_landings, landed, speed=np.full(400, 2.5)))
    assert hard.value == pytest.approx(0.05 + 0.5 / 1.5)
    one = np.arange(400) > 0
    failed = score(table(make_landings, one))
    assert failed.value > score(table(make_landings, landed, speed=np.full(400, 50.0))).value
    # No gains could land a lost start, so it weighs nothing.
    spared = score(table(make_landings, one, lost=~one))
    assert (spared.failed, spared.failed_of_all, spared.not_lost) == (0, 1, 399)
    assert spared.value == pytest.approx(good.value)


def stop_at(trial, number):
    """Fly, but be stopped by a signal in a trial."""
    calls = []

    def flown(study, gains, beaten=math.inf):
        calls.append(gains)
        if len(calls) == trial + 1:
            os.kill(os.getpid(), number)
        return fly(study, gains, beaten)

    return flown


def test_a_stopped_study_keeps_its_trials_and_resumes(monkeypatch, tmp_path, capsys, found):
    out = tmp_path / "g.toml"
    words = [*WORDS, "--seed", "1", "--out", str(out), "--json"]
    with monkeypatch.context() as patch:
        patch.setattr(tuning, "fly", stop_at(1, signal.SIGTERM))
        assert main(words) == 143
    streams = capsys.readouterr()
    assert streams.out == ""
    assert "Traceback" not in streams.err
    assert shlex.split(streams.err.splitlines()[-1])[3:] == [*words, "--resume"]
    study = tomllib.loads(out.read_text())["study"]
    assert (study["trials"], study["trials_asked"]) == (1, 3)
    assert "continue with --resume" in refused(capsys, *words)
    assert "was started with other settings: landings was 8, is 9" in refused(
        capsys, *words, "--resume", "--landings", "9"
    )
    assert main([*words, "--resume"]) == 0
    assert json.loads(capsys.readouterr().out)["gains"] == found.gains
    write_gains(tmp_path / "whole.toml", STUDY, found)
    assert out.read_bytes() == (tmp_path / "whole.toml").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["g.toml", "whole.toml"]


def test_a_study_stopped_before_its_first_trial_can_be_repeated(monkeypatch, tmp_path, capsys):
    out = tmp_path / "g.toml"
    words = [*WORDS, "--trials", "1", "--out", str(out)]
    with monkeypatch.context() as patch:
        patch.setattr(tuning, "fly", stop_at(0, signal.SIGINT))
        assert main(words) == 130
    assert not out.exists()
    assert main(words) == 0
    assert out.exists()
    assert "exists" in refused(capsys, *words, "--resume")


class Kept:
    """A journal in memory."""

    def __init__(self, entries):
        self.entries = list(entries)

    def add(self, entry):
        self.entries.append(json.loads(json.dumps(entry)))


def test_trials_depend_only_on_the_results_of_earlier_trials(monkeypatch):
    # Enough of them that the estimator has begun to learn from the others.
    study, one = STUDY._replace(trials=16), fly(STUDY, {})

    def bowl(_, gains, beaten=math.inf):
        far = sum(abs(value - 0.8) for group in gains.values() for value in group.values())
        return tuple(score._replace(value=far) for score in one)

    monkeypatch.setattr(tuning, "fly", bowl)
    whole = Kept([])
    tune(study, journal=whole)
    for done in (1, 7, 13):
        part = Kept(whole.entries[:done])
        tune(study, journal=part)
        assert part.entries == whole.entries
    assert len({str(entry["params"]) for entry in whole.entries}) == 16


def test_a_trial_that_cannot_win_ends_early_and_still_ranks_behind():
    whole = fly(STUDY, {})
    assert fly(STUDY, {}, total(whole) + 1.0) == whole
    # The first task alone has more than the whole study may.
    part = fly(STUDY, {}, 0.4 * whole[0].value)
    assert part == whole[:1]
    assert total(part) >= 0.4 * whole[0].value


def test_finalists_fly_again_with_more_landings():
    study, journal = STUDY._replace(finalists=1, final_landings=12), Kept([])
    result = tune(study, journal=journal)
    first, best = journal.entries[3:]
    assert [entry["final"] for entry in (first, best)] == [True, True]
    assert first["params"] == journal.entries[0]["params"]
    assert best["params"] == min(journal.entries[1:3], key=lambda e: e["total"])["params"]
    assert {one["landings"] for entry in (first, best) for one in entry["scores"]} == {12}
    assert result.trials == 3
    assert total(result.best) == min(first["total"], best["total"])
    assert total(result.default) == first["total"]
    # A study that was stopped between the two goes on with the second.
    part = Kept(journal.entries[:4])
    assert tune(study, journal=part) == result
    assert part.entries == journal.entries


def test_gains_found_by_hand_are_the_second_trial():
    journal = Kept([])
    tune(STUDY._replace(trials=2, start=(("blind.sigmas", 6.0),)), journal=journal)
    first, second = (entry["params"] for entry in journal.entries)
    assert second == first | {"blind.sigmas": 6.0}


def test_the_start_has_the_gains_for_the_control_of_the_tasks(monkeypatch, tmp_path, found):
    flown = []
    monkeypatch.setattr(tuning, "fly", lambda _, gains, *__: flown.append(gains) or found.best)
    start = tmp_path / "start.toml"
    start.write_text("blind.sigmas = 6.0\ncontrol.throttle.blind.sigmas = 7.0\n")
    assert main([*map(str, WORDS), "--start", str(start), "--out", str(tmp_path / "g.toml")]) == 0
    assert flown[1]["blind"]["sigmas"] == 7.0


@pytest.mark.parametrize(
    ("gains", "words", "message"),
    [
        ("sigma = 6.0", (), "'blind.sigma' of the start is not searched; did you mean 'blind.sig"),
        ("sigmas = 60.0", (), "blind.sigmas = 60.0 of the start must be between 1.5 and 10.0"),
        ("sigmas = 6.0", ("--trials", 1), "--trials 1: must be at least 2: the start is the sec"),
    ],
)
def test_a_wrong_start_is_rejected_before_the_first_trial(
    monkeypatch, tmp_path, capsys, gains, words, message
):
    monkeypatch.setattr(tuning, "fly", None)
    start, out = tmp_path / "start.toml", tmp_path / "g.toml"
    start.write_text(f"[blind]\n{gains}\n")
    assert message in refused(capsys, *WORDS, "--start", start, "--out", out, *words)
    assert list(tmp_path.iterdir()) == [start]


def test_tasks_of_several_missions_have_names_of_their_own():
    tasks = (Task("hakuto-r-m2", "noisy"), Task("im-1", "noisy", phase="approach"))
    study = STUDY._replace(tasks=tasks)
    assert study.labels() == ("hakuto-r-m2 terminal noisy", "im-1 approach noisy")
    assert STUDY.labels() == ("noisy", "late-acquisition")


def test_tasks_are_read_from_a_file(tmp_path, capsys):
    listed = tmp_path / "tasks.toml"
    listed.write_text(
        'title = "Two"\n'
        + "".join(
            f'[[tasks]]\nname = "{name}"\nmission = "hakuto-r-m2"\nscenario = "{name}"\n'
            'phase = "terminal"\ncontrol = "throttle"\nquestion = "Does it land?"\n'
            for name in ("noisy", "latency")
        )
    )
    out = tmp_path / "g.toml"
    words = ["tune", "--pilot", NAME, "--tasks", str(listed), "--trials", "1", "--landings", "4"]
    assert main([*words, "--out", str(out), "--json"]) == 0
    capsys.readouterr()
    assert set(tomllib.loads(out.read_text())["study"]["tasks"]) == {"noisy", "latency"}
    # Those of the package can all be flown.
    assert len(load_suite(Path("training/tuning.toml")).chosen(())) == 8


def refused(capsys, *words):
    assert main([str(word) for word in words]) == 1
    return capsys.readouterr().err


def test_wrong_tune_options_are_rejected(tmp_path, capsys):
    out = tmp_path / "g.toml"
    assert "--trials 0: must be" in refused(capsys, *WORDS, "--trials", 0, "--out", out)
    assert "must end in .toml" in refused(capsys, *WORDS, "--out", tmp_path / "g.json")
    words = ["tune", "--pilot", "hoverslm+kalman", "--out", out]
    assert "did you mean 'hoverslam+kalman'" in refused(capsys, *words)
    learned = ["tune", "--pilot", "ppo-m2-late-acquisition", "--out", out]
    assert "no gains to tune" in refused(capsys, *learned)
    own = ["tune", "--pilot", "own", "--mission", "slim", "--out", out]
    assert "tune takes a guidance law and a filter" in refused(capsys, *own)
    twice = [*WORDS, "--scenario", "noisy", "noisy", "--out", out]
    assert "--scenario: 'noisy' is given twice" in refused(capsys, *twice)
    for name, value in (
        *(("mission", "slim"), ("scenario", "noisy")),
        *(("control", "throttle"), ("phase", "terminal")),
    ):
        words = [*WORDS, "--tasks", "training/tuning.toml", "--out", out, f"--{name}", value]
        assert f"--tasks and --{name} exclude each other" in refused(capsys, *words)
    assert not out.exists()
    out.write_text("mine")
    assert "exists" in refused(capsys, *WORDS, "--out", out)
    assert out.read_text() == "mine"


def test_without_optuna_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtra, match=r"lunar-env\[train\]"):
        tune(STUDY)


def test_gains_are_frozen():
    pilot = make_pilot(NAME)
    with pytest.raises(dataclasses.FrozenInstanceError):
        pilot.law.gains.use_frac = 1.0
