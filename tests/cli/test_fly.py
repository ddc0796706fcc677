"""``fly``: any pilot, told, shown, recorded, or counted."""

from __future__ import annotations

import csv
import math
import shlex
import sys

import numpy as np
import pytest

from lunar_env import LunarLandingEnv, MissionSpec, load_mission
from lunar_env.cli import main
from lunar_env.data import DATA_DIR
from lunar_env.flyer import Flyer
from lunar_env.pilots import choose, resolve
from lunar_env.proportion import wilson
from lunar_env.registration import IDS
from lunar_env.specs import load_scenario
from lunar_env.task import Task
from lunar_env.telemetry import load_flight

LEARNED = "ppo-m2-late-acquisition"


def test_a_pilot_lands(run):
    flown = run("fly", "--scenario", "ideal", "--seed", "3")
    assert (flown["pilot"], flown["scenario"]) == ("hoverslam+kalman", "ideal")
    assert flown["outcome"] == "LANDED"
    assert flown["touchdown"]["v_vertical_m_s"] < 3.0
    again = run("fly", "--scenario", "ideal", "--episode-key", flown["episode_key"])
    assert {**again, "seed": 3} == flown


def test_a_mission_without_the_usual_phase_is_flown_from_its_first(run, refused):
    words = ["fly", "--mission", "gaudet-altimeter-1km", "--scenario", "ideal"]
    assert run(*words)["phase"] == "approach"
    assert "has no phase 'terminal' (available: approach)" in refused(*words, "--phase", "terminal")


def test_a_mission_without_the_phase_it_flew_is_named(tmp_path, refused):
    table = load_mission("slim").to_table()
    del table["phases"]["powered"]
    path = tmp_path / "slim.toml"
    path.write_text(MissionSpec.from_table(table).to_toml(), encoding="utf-8")
    line = refused("fly", "--mission", path, "--scenario", "as-flown")
    assert "starts in phase 'powered', which the mission does not have" in line
    assert "give --phase (available: terminal, approach)" in line


def test_people_get_a_table_with_units_and_the_end(capsys):
    assert main(["fly", "--pilot", "random", "--seed", "32"]) == 0
    *table, end = capsys.readouterr().out.splitlines()
    text = " ".join(" ".join(table).split())
    for unit in ("[s]", "[m]", "[m/s]", "[%]", "[kg]"):
        assert unit in text
    assert "reckoning" in text
    assert end.startswith("CRASHED after ")
    assert "first valid range at" in end


@pytest.mark.parametrize("columns", [40, 60, 80, 100, 200])
def test_the_table_is_as_wide_as_the_page(columns, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    assert main(["fly", "--pilot", "random", "--every-s", "10"]) == 0
    *table, _ = capsys.readouterr().out.splitlines()
    assert max(map(len, table)) <= columns
    assert "height" in "".join(table)


@pytest.mark.parametrize("columns", [80, 100, 110, 120, 200])
def test_no_column_of_the_table_is_cut(columns, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    assert main(["fly", "--pilot", "random", "--every-s", "10"]) == 0
    table = capsys.readouterr().out.splitlines()
    head = next(number for number, line in enumerate(table) if "t [s]" in line)
    assert table[head].count("[") == table[head].count("]")
    columns_shown = table[head].count("]") + table[head].count("beam")
    assert len(table[head + 2].split()) == columns_shown


def test_a_lost_start_is_called_so(capsys, run):
    """Of 128 starts of `everything` 2 % are lost; nothing lands them."""
    words = ["--pilot", LEARNED, "--scenario", "everything"]
    flights = run("fly", *words, "--landings", "128")["flights"]
    crashed = [flight["seed"] for flight in flights if flight["outcome"] != "LANDED"]
    lost = [seed for seed in crashed if run("fly", *words, "--seed", seed)["lost"]]
    for seed, is_lost in ((lost[0], True), (flights[0]["seed"], False)):
        assert main(["fly", *words, "--seed", str(seed)]) == 0
        assert ("no control whatever could have landed" in capsys.readouterr().out) is is_lost


@pytest.mark.parametrize("row", IDS[1:], ids=lambda row: row.name)
def test_any_control_and_phase_is_flown_and_replayed(row, run, tmp_path):
    flown = ["--mission", row.mission, "--control", row.control, "--phase", row.phase]
    path, film = tmp_path / "flight.npz", tmp_path / "film.png"
    words = ["fly", "--pilot", "random", "--seed", "1", *flown, "--film", film, "--record", path]
    told = run(*words, "--speed", "1000")
    assert (told["control"], told["phase"]) == (row.control, row.phase)
    assert film.read_bytes()[:4] == b"\x89PNG"
    assert run("replay", path, "--headless")["identical"]


def test_a_mission_is_flown_with_its_recorded_faults(run):
    """The day names phase, control and pilot; what is given wins."""
    day = load_scenario("as-flown", "slim")
    name, task = choose(mission="slim", scenario="as-flown")
    assert name == "own"
    assert (task.control, task.phase) == (day.control, day.phase)
    name, task = choose("random", "slim", "as-flown", phase="terminal")
    assert (name, task.control, task.phase) == ("random", day.control, "terminal")
    flown = run("fly", "--mission", "hakuto-r-m2", "--scenario", "as-flown")
    assert (flown["pilot"], flown["scenario"]) == ("own", "as-flown")


def test_a_policy_flies_its_training_task_by_default():
    _, task = choose(LEARNED)
    assert (task.mission, task.scenario) == ("hakuto-r-m2", "late-acquisition")
    assert (task.control, task.phase) == ("throttle", "terminal")
    _, told = choose(LEARNED, "slim", "noisy", "actuators", "powered")
    assert told[:2] == ("slim", "noisy")
    assert (told.control, told.phase) == ("actuators", "powered")


def test_landings_are_counted_with_intervals_and_are_those_of_the_seeds(run):
    words = ["fly", "--pilot", "hoverslam-trusting+naive", "--scenario", "latency"]
    counted = run(*words, "--landings", "8", "--seed", "2")
    flights, outcomes = counted["flights"], counted["outcomes"]
    assert [flight["seed"] for flight in flights] == list(range(2, 10))
    share = wilson(outcomes.get("LANDED", 0), 8)
    assert (counted["success"], counted["success_low"]) == (share.value, share.low)
    assert counted["success_high"] == share.high
    assert sum(outcomes.values()) == 8
    alone = run(*words, "--seed", "7")
    assert alone["episode_key"] == flights[5]["episode_key"]
    assert alone["outcome"] == flights[5]["outcome"]
    assert alone["touchdown"]["v_vertical_m_s"] == flights[5]["v_vertical_m_s"]


def test_the_default_output_of_several_landings_is_the_count(capsys):
    assert main(["fly", "--pilot", "random", "--landings", "4"]) == 0
    text = capsys.readouterr().out
    assert "95 % interval" in text
    assert "4 of 4" in text


def test_a_lost_landing_is_flown_by_the_command_that_is_printed(tmp_path, run, capsys):
    mission = tmp_path / "my mission.toml"
    mission.write_text((DATA_DIR / "missions" / "hakuto-r-m2.toml").read_text())
    words = ["fly", "--pilot", "hoverslam-trusting+naive", "--mission", mission]
    words += ["--scenario", "latency", "--control", "throttle", "--phase", "terminal"]
    landings = run(*words, "--landings", "8", "--seed", "2")["flights"]
    lost = next(landing for landing in landings if landing["outcome"] != "LANDED")
    assert main([*map(str, words), "--landings", "8", "--seed", "2"]) == 0
    (line,) = [text for text in capsys.readouterr().out.splitlines() if "lunar-env fly" in text]
    program, *again = shlex.split(line.partition(": ")[2])
    assert program == "lunar-env"
    assert again == [*map(str, words), "--seed", str(lost["seed"])]
    flight = run(*again)
    assert (flight["episode_key"], flight["outcome"]) == (lost["episode_key"], lost["outcome"])


def test_a_count_is_not_cropped_on_a_narrow_page(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    assert main(["fly", "--pilot", "random", "--landings", "4", "--seed", "3"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["of", "4", "of", "4"] in lines
    assert ["share", "[%]", "100.0"] in lines
    assert any(line[:3] == ["95", "%", "interval"] and line[-1] == "100.0" for line in lines)


@pytest.mark.usefixtures("dummy_screen")
def test_the_window_shows_one_landing_or_several(capsys):
    words = ["fly", "--pilot", "random", "--seed", "32", "--window", "--speed", "5000"]
    assert main(words) == 0
    assert "CRASHED" in capsys.readouterr().out
    assert main([*words, "--landings", "2"]) == 0
    assert "2 of 2" in capsys.readouterr().out


def test_the_window_can_be_closed(dummy_screen, capsys, monkeypatch):
    shown = []

    def show(*_):
        shown.append(1)
        return len(shown) < 5

    monkeypatch.setattr("lunar_env.rendering.viewer.Viewer.show", show)
    assert main(["fly", "--pilot", "random", "--seed", "32", "--window"]) == 0
    assert "FLYING after 0.8 s" in capsys.readouterr().out


@pytest.mark.usefixtures("dummy_screen")
def test_the_window_is_shown_every_instant_at_the_speed(monkeypatch):
    seen = []

    def show(self, snapshot, rate):
        seen.append((snapshot.time_s, snapshot.outcome, rate))
        return True

    monkeypatch.setattr("lunar_env.rendering.viewer.Viewer.show", show)
    words = ["fly", "--pilot", "random", "--seed", "32", "--window"]
    assert main([*words, "--speed", "100"]) == 0
    assert seen[1][0] - seen[0][0] == pytest.approx(0.2)
    assert {rate for *_, rate in seen} == {100.0}
    assert seen[-1][1] == "CRASHED"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--size", "10", "800"], "width = 10 pixels must be between"),
        (["--fps", "0"], "--fps 0: must be between 1 and 120"),
    ],
)
def test_sizes_and_rates_out_of_range_are_rejected(capsys, words, message):
    assert main(["fly", "--pilot", "random", "--window", *words]) == 1
    assert message in capsys.readouterr().err


def test_the_estimate_is_the_same_in_all_outputs(tmp_path, run, capsys):
    """In the table, in the picture, in the record and in its replay: the pilot's own estimate."""
    name, task = choose("hoverslam+kalman", scenario="late-acquisition")
    entry = resolve(name, task)
    flyer = Flyer(entry)
    shown = [flyer.env.snapshot() for _ in flyer.instants(32)]
    flight = flyer.recorder.flight
    believed = np.array([snapshot.believed_height_m for snapshot in shown])
    np.testing.assert_array_equal(flight.beliefs[:, 0], believed)
    # It is the filter's, which is not dead reckoning's: that stands beside it.
    filtered = entry.pilot.estimate(flight.observations[:1]).height_m[0]
    assert believed[0] == filtered
    reckoned = flight.quantity("observations", "dr_height_m")
    assert abs(believed[-1] - flight.quantity("privileged", "height_m")[-1]) < 5.0
    assert abs(reckoned[-1] - believed[-1]) > 20.0
    assert shown[-1].dead_reckoned_height_m == pytest.approx(reckoned[-1], abs=1e-3)

    path, table = tmp_path / "flight.npz", tmp_path / "flight.csv"
    flyer.recorder.save(path)
    np.testing.assert_array_equal(load_flight(path).beliefs, flight.beliefs)
    run("replay", path, "--headless", "--csv", table)
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert float(rows[-1]["believed.height_m"]) == pytest.approx(believed[-1], rel=1e-6, abs=1e-6)
    assert float(rows[-1]["observed.dr_height_m"]) == pytest.approx(reckoned[-1], rel=1e-6)

    assert main(["fly", "--seed", "32"]) == 0
    last = capsys.readouterr().out.splitlines()[-3].split()
    assert float(last[2]) == pytest.approx(believed[-1], abs=0.051)
    assert float(last[3]) == pytest.approx(reckoned[-1], abs=0.051)


def test_without_a_filter_the_estimate_is_dead_reckoning():
    flyer = Flyer(resolve(LEARNED, choose(LEARNED)[1]))
    steps = flyer.instants(5)
    next(steps)
    seen = flyer.recorder.flight
    assert seen.beliefs[0, 0] == seen.quantity("observations", "est_height_m")[0]
    assert flyer.env.snapshot().believed_height_m == seen.beliefs[0, 0]


def test_an_estimate_is_shown_only_at_its_own_time():
    flyer = Flyer(resolve("hoverslam+kalman", Task("hakuto-r-m2", "ideal")))
    next(flyer.instants(0))
    assert flyer.env.belief is not None
    flyer.recorder.step(np.zeros(1, np.float32))
    assert flyer.env.belief is None
    assert np.isnan(flyer.recorder.flight.beliefs[1]).all()
    env = LunarLandingEnv(scenario="ideal")
    env.reset(seed=0)
    env.belief = flyer.env.belief
    assert math.isfinite(env.snapshot().believed_height_m)


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_a_plot_is_written(tmp_path, suffix):
    pytest.importorskip("matplotlib")
    path = tmp_path / f"flight{suffix}"
    assert main(["fly", "--scenario", "ideal", "--plot", str(path)]) == 0
    assert path.stat().st_size > 5000


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--pilot", "hoverslm+naive"], "did you mean 'hoverslam+naive'"),
        (["--pilot", "hoverslm+naive"], "lunar-env list pilots"),
        (["--scenario", "idael"], "did you mean 'ideal'"),
        (["--mission", "hakuto-r-m3"], "did you mean 'hakuto-r-m2'"),
        (["--control", "actuators"], "use control 'throttle'"),
        (["--seed", "-1"], "--seed -1"),
        (["--speed", "0"], "--speed 0: must be positive"),
        (["--speed", "nan"], "--speed nan: must be positive"),
        (["--every-s", "0"], "--every-s 0: must be positive"),
        (["--landings", "0"], "--landings 0: must be at least 1"),
        (["--landings", "2", "--record", "x.npz"], "--record needs --landings 1, not 2"),
        (["--landings", "2", "--episode-key", "5"], "--episode-key needs --landings 1, not 2"),
        (["--seed", "1", "--episode-key", "5"], "--seed and --episode-key exclude each other"),
        (["--window", "--film", "x.png"], "--window and --film exclude each other"),
        (["--film", "film.avi"], "must end in .gif, .mp4 or .png"),
        (["--plot", "plot.gif"], "a plot must end in"),
    ],
)
def test_wrong_input_is_a_one_line_error(refused, words, message):
    assert message in refused("fly", *words)


def test_without_the_clone_s_pilots_the_error_says_so(refused, monkeypatch):
    monkeypatch.setattr("lunar_env.pilots._sources", {})
    monkeypatch.setitem(sys.modules, "agents", None)
    assert "needs the package 'agents' of a clone" in refused("fly")
    assert "random" in refused("fly")
