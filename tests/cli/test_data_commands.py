"""``missions``, ``describe`` and ``check``."""

from __future__ import annotations

import sys
import tomllib
import warnings

import gymnasium as gym
import pytest

from lunar_env import MissionSpec, ScenarioSpec, list_missions, list_scenarios, load_mission
from lunar_env.cli import main
from lunar_env.cli.commands import check, describe, missions
from lunar_env.data import DATA_DIR
from lunar_env.errors import ConfigError
from lunar_env.reading import read_toml
from lunar_env.registration import IDS
from lunar_env.specs import CONFIDENCES, load_scenario
from lunar_env.specs.parts import PARTS, list_parts, load_part

OWN_SCENARIO = """
base = "noisy"
name = "mine"
title = "Mine"
description = "Test [of] markup."
range_noise_m = 0.5
"""


def test_every_mission_is_listed(run, capsys):
    listed = run("missions")["missions"]
    assert [mission["name"] for mission in listed] == list_missions()
    assert {m["name"]: m["date"] for m in listed}["hakuto-r-m2"] == "2025-06-05"
    assert main(["missions"]) == 0
    table = capsys.readouterr().out
    assert "Mare Frigoris" in table
    assert "reported and simulated" in table


def test_missing_results_are_reported(run, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(missions, "DATA_DIR", tmp_path)
    assert {m["outcome_here"] for m in run("missions")["missions"]} == {None}
    assert main(["missions"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "No results yet: in a clone, python -m training missions" in text


def test_simulated_outcomes_come_from_the_results_file(run, capsys, monkeypatch, tmp_path):
    (tmp_path / "results.toml").write_text('[hakuto-r-m2]\noutcome = "Lands 97 of 100."\n')
    monkeypatch.setattr(missions, "DATA_DIR", tmp_path)
    told = {m["name"]: m["outcome_here"] for m in run("missions")["missions"]}
    assert told["hakuto-r-m2"] == "Lands 97 of 100."
    assert set(told.values()) == {None, "Lands 97 of 100."}
    main(["missions"])
    text = capsys.readouterr().out
    assert "Lands 97" in text
    assert "No results yet" not in text


def test_results_of_changed_data_are_marked(run, refused, monkeypatch, tmp_path):
    path = tmp_path / "results.toml"
    path.write_text('[slim]\noutcome = "Rests on its nose."\nmission_digest = "0"\n')
    monkeypatch.setattr(missions, "DATA_DIR", tmp_path)
    told = {m["name"]: m["outcome_here"] for m in run("missions")["missions"]}
    assert told["slim"] == "Rests on its nose. (Simulated with an earlier version of its data.)"
    digest = load_mission("slim").digest
    path.write_text(f'[slim]\noutcome = "Rests on its nose."\nmission_digest = "{digest}"\n')
    told = {m["name"]: m["outcome_here"] for m in run("missions")["missions"]}
    assert told["slim"] == "Rests on its nose."
    path.write_text("[slim")
    assert "results.toml: is not valid TOML" in refused("missions")
    path.write_text("slim = 3")
    assert "results.toml: slim = 3: must be a table" in refused("missions")
    path.write_text("[slim]\noutcome = []")
    assert "results.toml: slim.outcome = []: must be text" in refused("missions")


def test_every_figure_of_a_mission_is_described(run):
    described = run("describe", "hakuto-r-m2")
    figures = {figure["key"]: figure for figure in described["figures"]}
    assert described["kind"] == "mission"
    assert described["digest"] == load_mission("hakuto-r-m2").digest
    thrust = figures["vehicle.engines.main.thrust_N"]
    assert (thrust["value"], thrust["unit"], thrust["source"]) == (1600.0, "N", "R14")
    assert thrust["confidence"] == "official"
    assert figures["phases.terminal.height_m"]["value"] == {"uniform": [2900.0, 3100.0]}
    assert "rangefinder.prf_Hz" in figures
    assert "vehicle.limits.survivable.v_vertical_m_s" in figures
    assert all(figure["meaning"] for figure in figures.values())
    assert {figure["source"] for figure in figures.values()} <= set(described["sources"])


FLOWN = [name for name in list_missions() if "as-flown" in list_scenarios(name)]


@pytest.mark.parametrize("name", FLOWN)
def test_a_mission_is_described_with_its_flight(name, run, capsys):
    described, flight = run("describe", name), load_scenario("as-flown", name)
    told = described["as-flown"]
    assert (told["fitted"], told["predicted"]) == (flight.fitted, flight.predicted)
    assert told["digest"] == flight.digest
    assert [each["name"] for each in told["published"]] == [each.name for each in flight.published]
    keys = {figure["key"] for figure in described["figures"]}
    assert {f"as-flown.published.{each.name}.value" for each in flight.published} <= keys
    assert "as-flown.nav_height_error_m" in keys
    assert any(key.startswith("own pilot.") for key in keys)
    assert run("describe", name, "--kind", "as-flown")["digest"] == flight.digest
    assert main(["describe", name]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert f"scenario as-flown: {flight.title}" in text
    assert "fitted: " in text


def test_published_and_simulated_figures_are_shown_together(run, capsys, monkeypatch, tmp_path):
    published = load_scenario("as-flown", "hakuto-r-m2").published[0]
    seen = "{median = 877.5, p5 = 801.5, p95 = 989.5}"
    (tmp_path / "results.toml").write_text(
        f'[hakuto-r-m2]\noutcome = "Crashed."\n[hakuto-r-m2.figures]\n{published.name} = {seen}\n'
    )
    monkeypatch.setattr(describe, "DATA_DIR", tmp_path)
    told = run("describe", "hakuto-r-m2")["as-flown"]
    assert told["outcome_here"] == "Crashed."
    assert told["published"][0]["value"] == published.value
    assert told["published"][0]["here"]["median"] == 877.5
    assert main(["describe", "hakuto-r-m2"]) == 0
    text = capsys.readouterr().out
    assert "simulated outcome: Crashed." in text
    assert "801.5 to 989.5" in text


def test_a_mission_is_described_on_a_short_page(run, capsys):
    described = run("describe", "chandrayaan-3")
    assert len(described["engines"]) == len(load_mission("chandrayaan-3").vehicle.engine_list)
    assert all(engine["thrust_N"] > 0.0 for engine in described["engines"])
    assert described["gear"]["legs"] == 4
    assert described["sensors"] == ["lasa", "laser-doppler", "ka-band", "crater-map"]
    assert set(described["phases"]) == {"terminal", "approach", "powered"}
    assert described["phases"]["powered"]["downrange_m"] == "748000"
    assert described["actions"]["thrust_vector"] == ["tilt_east", "tilt_north", "throttle"]
    assert "engines" not in run("describe", "ideal")
    assert main(["describe", "hakuto-r-m1"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for part in ("gear: 4 legs", "terrain: ", "a crater", "phase powered: ", "control actuators: "):
        assert part in text


PART_NAMES = {name for kind in PARTS for name in list_parts(kind)}


@pytest.mark.parametrize("kind", PARTS)
def test_parts_are_described_by_themselves(kind, run):
    name = list_parts(kind)[0]
    described = run("describe", name, "--kind", kind)
    assert described["kind"] == kind
    assert described["title"] == load_part(kind, name).title
    assert described["figures"]
    assert all(figure["meaning"] for figure in described["figures"])


def test_an_ambiguous_name_is_an_error(run, capsys):
    assert run("describe", "slim")["kind"] == "mission"
    assert run("describe", "slim", "--kind", "vehicle")["kind"] == "vehicle"
    assert run("describe", "series-1")["kind"] == "vehicle"
    assert main(["describe", "slim"]) == 0
    assert "There is also a vehicle with this name: --kind vehicle" in capsys.readouterr().out


@pytest.mark.parametrize("name", sorted({*list_missions(), *list_scenarios(), *PART_NAMES}))
def test_every_name_has_a_text_description(name, capsys):
    assert main(["describe", name]) == 0
    text = capsys.readouterr().out
    pages = [line for line in text.splitlines() if "http" not in line]
    assert max(map(len, pages)) <= 120
    assert name not in list_missions() or len(pages) < 120
    assert main(["describe", name, "--all"]) == 0
    text = capsys.readouterr().out
    assert any(word in text for word in CONFIDENCES)
    named = {word for line in text.splitlines() for word in line.split()}
    assert named & set(read_toml(DATA_DIR / "sources.toml"))


def test_the_short_page_of_a_mission_has_links_and_names_the_full_page(capsys):
    assert main(["describe", "slim"]) == 0
    text = capsys.readouterr().out
    assert "lunar-env describe slim --all" in text
    assert "https://" in text
    assert "touchdown_v_vertical_m_s" in text  # not cut
    assert "vehicle.engines" not in text
    assert main(["describe", "slim", "--all"]) == 0
    every = capsys.readouterr().out
    assert "vehicle.engines" in every
    assert every.count("https://") > text.count("https://")


@pytest.mark.parametrize("columns", [60, 80])
def test_the_missions_fit_a_narrow_page(columns, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    assert main(["missions"]) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= columns
    assert set(list_missions()) <= set(text.split())


def test_the_resolved_toml_is_the_spec(capsys):
    assert main(["describe", "late-acquisition", "--toml"]) == 0
    table = tomllib.loads(capsys.readouterr().out)
    assert ScenarioSpec.from_table(table) == load_scenario("late-acquisition")
    assert main(["describe", "hakuto-r-m2", "--toml"]) == 0
    table = tomllib.loads(capsys.readouterr().out)
    assert MissionSpec.from_table(table) == load_mission("hakuto-r-m2")


def test_the_kind_of_a_file_is_recognised_by_its_keys(run, tmp_path, capsys):
    scenario, mission = tmp_path / "mine.toml", tmp_path / "flight.toml"
    scenario.write_text(OWN_SCENARIO)
    mission.write_text(load_mission("hakuto-r-m2").to_toml())
    described = run("describe", scenario)
    assert (described["kind"], described["description"]) == ("scenario", "Test [of] markup.")
    assert run("describe", mission)["kind"] == "mission"
    main(["describe", str(scenario)])
    assert "Test [of] markup." in capsys.readouterr().out


def test_what_cannot_be_described_is_a_one_line_error(refused, tmp_path):
    assert "did you mean 'latency'" in refused("describe", "latencey")
    assert "no such mission file" in refused("describe", tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text(OWN_SCENARIO + "range_noise = 1.0\n")
    assert "did you mean 'range_noise_m'" in refused("describe", tmp_path / "bad.toml")
    (tmp_path / "cut.toml").write_text(OWN_SCENARIO[:20])
    assert "is not valid TOML" in refused("describe", tmp_path / "cut.toml")
    assert "--toml and --json exclude each other" in refused(
        "describe", "ideal", "--toml", "--json"
    )
    assert "did you mean 'radar'" in refused("describe", "ideal", "--kind", "rader")
    assert "give the mission and --kind as-flown" in refused("describe", "as-flown")
    for words in (("flight",), ("slim", "--kind", "flight")):
        assert "scenario 'flight' is now called 'as-flown'" in refused("describe", *words)


def test_check_passes_without_optional_packages(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "pygame", None)
    found = run("check")
    assert found["ok"]
    environments = [f["what"] for f in found["checks"] if f["what"].startswith("environment")]
    assert len(environments) == len(IDS)
    assert all("no picture: extra render is not installed" in what for what in environments)


def test_check_passes_on_this_installation(run, capsys):
    found = run("check")
    assert found["ok"]
    names = {finding["what"] for finding in found["checks"]}
    assert {"environment LunarEnv/ThrottleLanding-v0", "mission hakuto-r-m2"} <= names
    assert {"scenario latency", "vehicle series-1", "sensor reference-1550"} <= names
    assert {"inertial navigation", "inertial tactical", "inertial mems"} <= names
    assert {"velocimeter ndl", "radar slim-pulse", "camera crater-map"} <= names
    assert main(["check"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(names)


@pytest.mark.parametrize("how", ["error", "warning"])
def test_a_failed_check_is_reported_and_sets_the_exit_status(how, monkeypatch, capsys):
    def fail(_):
        if how == "error":
            raise ConfigError("limits.nominal: unknown key 'tilt'")
        warnings.warn("limits.nominal: unknown key 'tilt'", UserWarning, stacklevel=2)

    monkeypatch.setattr(check, "load_mission", fail)
    monkeypatch.setattr(check, "list_missions", lambda: ["hakuto-r-m2"])
    monkeypatch.setattr(check, "check_env", lambda _: None)
    assert main(["check"]) == 1
    out = capsys.readouterr().out
    assert "FAILED  mission hakuto-r-m2: limits.nominal: unknown key 'tilt'" in out
    assert out.count("FAILED") == 1


def test_warnings_of_gymnasiums_checker_are_failures(monkeypatch, capsys):
    def complain(_):
        gym.logger.warn("the observation is strange")

    monkeypatch.setattr(check, "check_env", complain)
    assert main(["check"]) == 1
    assert "the observation is strange" in capsys.readouterr().out
