"""Names, paths, inheritance, and files that are no good."""

import os
import re
from pathlib import Path

import pytest

from lunar_env.cli import main
from lunar_env.errors import ConfigError
from lunar_env.specs import (
    Draw,
    FaultSpec,
    ScenarioSpec,
    list_missions,
    list_scenarios,
    load_inertial,
    load_mission,
    load_scenario,
)

MINE = """
base = "noisy"
name = "mine"
title = "Mine"
description = "Noisy with many dropouts."
dropout_frac = 0.5
"""


PHASE_FOR_SERIES_1 = """
[phases.terminal]
propellant_kg = 40.0
[phases.approach]
propellant_kg = 70.0
[phases.powered]
propellant_kg = 400.0
"""


def write(folder: Path, text: str, name: str = "mine.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_package_has_the_documented_missions_and_scenarios() -> None:
    assert list_missions() == [
        *("apex-1", "apollo-11", "blue-ghost-m1", "chandrayaan-3", "change-5"),
        *("gaudet-altimeter-1km", "hakuto-r-m1", "hakuto-r-m2", "im-1", "im-2", "peregrine-1"),
        "slim",
    ]
    shifted = [
        *("bad-stamps", "dropouts", "dust", "everything", "late-acquisition", "latency"),
        *("terrain-step", "overconfident", "low-propellant", "weak-engine", "sticky-throttle"),
        *("engine-out-any-time", "low-and-late", "overconfident-and-late", "all-stakes"),
        *("false-ranges",),
    ]
    assert list_scenarios() == sorted(
        [
            *shifted,
            *(f"{name}-shifted" for name in shifted),
            "dead-unit",
            "engine-out",
            "gaudet",
            "gaudet-lateral",
            "ideal",
            "noisy",
        ]
    )
    tests = {name for name in list_scenarios() if load_scenario(name).test_only}
    assert tests == {f"{name}-shifted" for name in shifted}


@pytest.mark.parametrize("name", list_missions())
def test_missions_are_named_as_their_files(name: str) -> None:
    assert load_mission(name).name == name


@pytest.mark.parametrize("name", list_scenarios())
def test_scenarios_are_named_as_their_files(name: str) -> None:
    assert load_scenario(name).name == name


def test_a_spec_is_returned_unchanged() -> None:
    mission, scenario = load_mission("hakuto-r-m2"), load_scenario("ideal")
    assert load_mission(mission) is mission
    assert load_scenario(scenario) is scenario


def test_unknown_names_suggest_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"'hakuto-r-m4'; did you mean 'hakuto-r-m2'\?"):
        load_mission("hakuto-r-m4")
    with pytest.raises(
        ConfigError, match=r"'Latencey'; did you mean 'latency'\?.*available: all-stakes"
    ):
        load_scenario("Latencey")
    with pytest.raises(ConfigError, match="must be a name, a path or a ScenarioSpec"):
        load_scenario(3)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="must be a name, a path or a MissionSpec"):
        load_mission(load_scenario("ideal"))  # type: ignore[arg-type]


def test_the_scenarios_build_on_noisy() -> None:
    noisy, late = load_scenario("noisy"), load_scenario("late-acquisition")
    changed = {"name", "title", "description", "nav_height_error_m", "signal_loss_dB"}
    same = set(type(noisy).model_fields) - changed
    assert all(getattr(noisy, key) == getattr(late, key) for key in same)
    assert late.signal_loss_dB == Draw("uniform", (0.0, 14.0))
    assert late.nav_height_error_m == Draw("normal", (0.0, 300.0))
    assert load_scenario("latency").extra_latency_s == Draw("uniform", (0.2, 1.0))


def test_engine_out_loses_the_first_engine_near_the_ground() -> None:
    out, noisy = load_scenario("engine-out"), load_scenario("noisy")
    (fault,) = out.faults
    assert fault.digest == FaultSpec(engine=1, health_frac=0.0, below_height_m=50.0).digest
    assert out.jitter_s == noisy.jitter_s
    failing = {"engine-out", "engine-out-any-time", "engine-out-any-time-shifted"}
    others = [load_scenario(name) for name in set(list_scenarios()) - failing]
    assert all(scenario.faults == () for scenario in others)


def test_a_user_file_is_loaded_by_path(tmp_path: Path) -> None:
    path = write(tmp_path, MINE)
    for source in (path, str(path)):
        mine = load_scenario(source)
        assert mine.dropout_frac == Draw("constant", (0.5,))
        assert mine.jitter_s == load_scenario("noisy").jitter_s
        assert mine.provenance["jitter_s"] == load_scenario("noisy").provenance["jitter_s"]


def test_a_base_may_be_a_path_relative_to_the_file(tmp_path: Path) -> None:
    write(tmp_path, load_scenario("noisy").to_toml(), "below.toml")
    above = write(tmp_path, MINE.replace('"noisy"', '"below.toml"'))
    assert load_scenario(above).jitter_s == load_scenario("noisy").jitter_s


def test_inheritance_has_one_level(tmp_path: Path) -> None:
    path = write(tmp_path, MINE.replace('"noisy"', '"latency"'))
    with pytest.raises(ConfigError, match=r"'latency' itself has a base \('noisy'\)"):
        load_scenario(path)


def test_a_derived_file_needs_its_own_name(tmp_path: Path) -> None:
    path = write(tmp_path, 'base = "noisy"\ndropout_frac = 0.5\n')
    with pytest.raises(ConfigError, match=r"mine.toml: name, title, description are missing$"):
        load_scenario(path)


def test_an_incomplete_file_names_missing_keys_and_a_complete_example(tmp_path: Path) -> None:
    path = write(tmp_path, 'name = "mine"\ntitle = "M"\nrange_noise = 0.5\n')
    with pytest.raises(ConfigError) as caught:
        load_scenario(path)
    text = str(caught.value)
    needed = {n for n, field in ScenarioSpec.model_fields.items() if field.is_required()}
    assert all(name in text for name in needed - {"name", "title"})
    assert "unknown key 'range_noise'; did you mean 'range_noise_m'?; " in text
    assert "more)" not in text
    assert "base = 'noisy'" in text
    assert "'lunar-env describe noisy --kind scenario --toml'" in text


@pytest.mark.parametrize(
    ("load", "kind"),
    [(load_mission, "mission"), (load_scenario, "scenario"), (load_inertial, "inertial")],
)
def test_the_suggested_command_prints_a_complete_file(load, kind, tmp_path, capsys) -> None:
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, 'title = "M"\n'))
    command = re.search("'lunar-env (describe .* --toml)'", str(caught.value))
    assert command is not None
    assert f"--kind {kind} " in command[1]
    assert main(command[1].split()) == 0
    assert load(write(tmp_path, capsys.readouterr().out, "whole.toml")).title


def test_an_as_flown_scenario_is_recognised_by_its_keys(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--kind as-flown --toml"):
        load_scenario(write(tmp_path, 'phase = "terminal"\n'))


@pytest.mark.parametrize("name", ["mine.TOML", "mine.Toml"])
def test_a_suffix_in_capitals_is_recognised_as_a_path(
    tmp_path: Path, monkeypatch, name: str
) -> None:
    write(tmp_path, MINE, name)
    monkeypatch.chdir(tmp_path)
    assert load_scenario(name).name == "mine"
    assert main(["describe", name, "--toml"]) == 0


def test_a_byte_order_mark_is_ignored(tmp_path: Path) -> None:
    path = write(tmp_path, "\ufeff" + MINE)
    assert load_scenario(path).name == "mine"


@pytest.mark.parametrize("source", ["~nobody-at-all/x.toml", "a" * 5000 + ".toml", "x\0.toml"])
def test_invalid_paths_are_errors(source: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_scenario(source)
    assert str(caught.value).isprintable()


def test_a_part_that_is_a_pipe_is_rejected_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    text = 'base = "hakuto-r-m2"\nname = "m"\ntitle = "M"\n'
    for line in ('vehicle = "pipe.toml"', 'rangefinder = "/dev/zero"'):
        with pytest.raises(ConfigError, match="is not a file"):
            load_mission(write(tmp_path, text + line))
    with pytest.raises(ConfigError, match="not a file"):
        load_mission(write(tmp_path, 'base = "pipe.toml"'))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('base = "flight"', "scenario 'flight' is now called 'as-flown'"),
        ('base = "noisey"', "unknown scenario 'noisey'; did you mean 'noisy'"),
        ("base = 3", "base = 3: must be a name or a path"),
        ('base = "absent.toml"', r"absent\.toml: no such scenario file"),
        ("name =\nrest = 1", "is not valid TOML.*line 1"),
        (MINE + "dropout = 0.5", "unknown key 'dropout'; did you mean 'dropout_frac'"),
        (MINE + "range_noise_m = inf", "range_noise_m.*finite"),
        (MINE + "range_noise_m = nan", "range_noise_m.*finite"),
        (MINE + 'range_noise_m = "0.1"', "range_noise_m.*must be a number"),
    ],
)
def test_invalid_files_are_errors(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError, match=message) as caught:
        load_scenario(path)
    assert "\n" not in str(caught.value)


def test_unreadable_files_are_errors(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such mission file"):
        load_mission(tmp_path / "absent.toml")
    with pytest.raises(ConfigError, match="is not a file"):
        load_mission(tmp_path)
    path = tmp_path / "latin.toml"
    path.write_bytes('name = "fr\xe9"'.encode("latin-1"))
    with pytest.raises(ConfigError, match="is not UTF-8"):
        load_mission(path)


def test_a_mission_may_change_its_lander(tmp_path: Path) -> None:
    text = """
    base = "hakuto-r-m2"
    name = "empty"
    title = "Without payload"
    [vehicle]
    payload_kg = 0.0
    """
    mission = load_mission(write(tmp_path, text))
    assert mission.vehicle.payload_kg == 0.0
    assert mission.vehicle.mass_dry_kg == 340.0
    assert mission.rangefinder == load_mission("hakuto-r-m2").rangefinder


def test_a_mission_may_define_its_own_rangefinder(tmp_path: Path) -> None:
    own = load_mission("hakuto-r-m2").rangefinder.replace(name="own", aperture_mm=50.0)
    write(tmp_path, own.to_toml(), "unit.toml")
    text = 'base = "hakuto-r-m2"\nname = "m"\ntitle = "M"\nrangefinder = "unit.toml"\n'
    mission = load_mission(write(tmp_path, text))
    assert mission.rangefinder == own
    with pytest.raises(ConfigError, match="unknown vehicle 'series-2'; did you mean 'series-1'"):
        load_mission(write(tmp_path, text + 'vehicle = "series-2"'))


def test_a_mission_names_its_inertial_unit(tmp_path: Path) -> None:
    assert load_mission("hakuto-r-m2").inertial == load_inertial("calibrated")
    assert load_mission("chandrayaan-3").inertial == load_inertial("navigation")
    text = 'base = "hakuto-r-m2"\nname = "m"\ntitle = "M"\n'
    assert load_mission(write(tmp_path, text)).inertial == load_inertial("calibrated")
    named = load_mission(write(tmp_path, text + 'inertial = "mems"'))
    assert named.inertial == load_inertial("mems")
    changed = load_mission(write(tmp_path, text + "[inertial]\naccel_bias_ug = 30.0"))
    assert changed.inertial == load_inertial("calibrated").replace(accel_bias_ug=30.0)
    with pytest.raises(ConfigError, match="unknown inertial 'tactica'; did you mean 'tactical'"):
        load_mission(write(tmp_path, text + 'inertial = "tactica"'))
    own = load_inertial("mems").replace(name="own")
    assert load_inertial(write(tmp_path, own.to_toml(), "unit.toml")) == own
    with pytest.raises(ConfigError, match="must be a name, a path or a InertialSpec"):
        load_inertial(3)  # type: ignore[arg-type]


def test_a_named_part_replaces_that_of_the_base_completely(tmp_path: Path) -> None:
    text = 'base = "blue-ghost-m1"\nname = "m"\ntitle = "M"\nvehicle = "series-1"\n'
    changed = load_mission(write(tmp_path, text + PHASE_FOR_SERIES_1))
    assert changed.vehicle == load_mission("hakuto-r-m2").vehicle


def test_lists_are_inherited_or_replaced(tmp_path: Path) -> None:
    lander = load_mission("im-2").vehicle  # its file builds on that of IM-1's lander
    gear = load_mission("im-1").vehicle.gear
    assert lander.gear.rest_tilt_deg == gear.rest_tilt_deg
    # Of a table only what the file states is replaced.
    stated = {name: getattr(lander.gear, name) for name in ("crush_force_N", "side_load_N")}
    assert lander.gear.digest != gear.digest
    assert lander.gear.digest == gear.replace(**stated).digest
    assert [engine.thrust_N for engine in lander.engines] == [3700.0]
    out = load_scenario("engine-out")
    write(tmp_path, out.to_toml(), "below.toml")
    text = 'base = "below.toml"\nname = "mine"\ntitle = "M"\ndescription = "D"\n'
    assert load_scenario(write(tmp_path, text)).faults == out.faults
    assert load_scenario(write(tmp_path, text + "faults = []")).faults == ()


def test_problems_name_the_file_and_the_key(tmp_path: Path) -> None:
    path = write(tmp_path, MINE.replace("0.5", "1.5"))
    with pytest.raises(ConfigError) as caught:
        load_scenario(path)
    assert str(caught.value) == (
        f"{path}: dropout_frac: constant = [1.5]: can give [1.5, 1.5], must stay in [0, 1]"
    )
