"""Missions on their days: what is measured, what is told of it, and where it is kept."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("pyarrow")

from gymnasium.vector import AutoresetMode

from agents import make_pilot
from lunar_env.errors import ConfigError
from lunar_env.specs import list_missions, list_scenarios, load_mission, load_scenario
from lunar_env.specs.published import FIGURES, SEGMENT_FIGURES, PublishedFigure, meaning_of
from training.cli import main
from training.evaluate import fly_seeds
from training.missions.flights import Leg, flight_of, flown_missions, fly_legs
from training.missions.log import FlightLog
from training.missions.matrix import Matrix, legs_of, markdown
from training.missions.results import read_missions, write_missions
from training.missions.sentence import sentence
from training.missions.summary import figures_of, summarise_mission
from training.pilots import prepare
from training.seeds import Domain, episode_seeds
from training.statistics import wilson
from training.task import Task, make_vector_env, truth_column

M2 = "hakuto-r-m2"
LANDINGS = 6
LEARNED = "ppo-m2-late-acquisition"


@pytest.fixture(scope="module")
def flown():
    """Return landings of a plain pilot, their log, and every step's truth of each."""
    task = Task(M2, "noisy")
    pilot = prepare("hoverslam+kalman", task).pilot
    env = make_vector_env(task, LANDINGS, AutoresetMode.NEXT_STEP, 1)
    truth = []

    class Listening(FlightLog):
        def begin(self, rows, at):
            super().begin(rows, at)
            truth.append(env.privileged)

        def step(self, rows, at, ended):
            super().step(rows, at, ended)
            truth.append(env.privileged)

    log = Listening(env, LANDINGS, (), (192.0, 1000.0))
    rows = fly_seeds(pilot, env, episode_seeds(0, Domain.BENCH, LANDINGS), log=log)
    return rows, log.figures(), np.array(truth)


def of(truth, name, row):
    """One quantity of one row over time, to the end of its episode."""
    time_s = truth[:, row, truth_column("time_s")]
    last = int(np.argmax(time_s))  # after it the row begins another episode
    return truth[: last + 1, row, truth_column(name)]


def test_what_the_recorder_sees_too_is_the_same(flown):
    rows, figures, _ = flown
    for name, column in (
        ("first_valid_height_m", "first_fix_alt_m"),
        ("first_valid_speed_m_s", "first_fix_speed_m_s"),
        ("first_valid_time_s", "first_fix_time_s"),
        ("propellant_left_kg", "propellant_left_kg"),
    ):
        np.testing.assert_allclose(figures[name], rows[column], rtol=1e-12, err_msg=name)
    share = rows["propellant_left_kg"] / (rows["propellant_left_kg"] + rows["propellant_used_kg"])
    np.testing.assert_allclose(figures["propellant_left_frac"], share, rtol=1e-12)


def test_figures_follow_from_the_truth_of_every_step(flown):
    _, figures, truth = flown
    for row in range(LANDINGS):
        height, speed = of(truth, "height_m", row), -of(truth, "v_z_m_s", row)
        for passed in (192.0, 1000.0):
            # Heights fall from step to step: the speed at one of them is looked up between two.
            seen = np.interp(passed, height[::-1], speed[::-1])
            assert figures[f"speed_at_{passed:.0f}m_m_s"][row] == pytest.approx(seen, abs=0.05)
        place = of(truth, "r_x_m", row)[-1], of(truth, "r_y_m", row)[-1]
        assert figures["miss_m"][row] == pytest.approx(np.hypot(*place), rel=1e-9)
        touched = of(truth, "time_s", row)[np.argmax(of(truth, "touching", row) > 0)]
        assert 0.0 <= touched - figures["descent_time_s"][row] <= touched


def test_delta_v_is_the_integral_of_thrust_over_mass(flown):
    _, figures, truth = flown
    for row in range(LANDINGS):
        pushed = of(truth, "thrust_N", row) / of(truth, "mass_kg", row)
        aloft = int(np.argmax(of(truth, "touching", row) > 0))
        spent = np.trapezoid(pushed[: aloft + 1], of(truth, "time_s", row)[: aloft + 1])
        # Thrust is known at the ends of the steps alone.
        assert figures["delta_v_m_s"][row] == pytest.approx(spent, rel=0.01)


def test_what_does_not_happen_is_no_figure(flown):
    _, figures, _ = flown
    for name in ("dry_height_m", "dry_speed_m_s", "dry_time_s"):
        assert np.isnan(figures[name]).all()


@pytest.fixture
def falling():
    """Return a batch of two that falls, and its log with two segments."""
    env = make_vector_env(Task(M2, "ideal"), 2, AutoresetMode.NEXT_STEP, 1)
    log = FlightLog(env, 2, ("First", "second"))
    env.reset(seed=1)
    rows = np.arange(2)
    log.begin(rows, rows)

    def step(estimate=None, program=None, throttle=-1.0):
        log.decide(rows, rows, estimate, program)
        _, _, terminated, truncated, _ = env.step(np.full((2, 1), throttle, np.float32))
        ended = terminated | truncated
        log.step(rows, rows, ended)
        return ended

    return env, log, step


def believed(*heights, x=0.0, y=0.0):
    n = len(heights)
    return SimpleNamespace(height_m=np.array(heights), x_m=np.full(n, x), y_m=np.full(n, y))


def test_a_segment_ends_where_the_next_begins(falling):
    env, log, step = falling
    for k in range(15):
        if k == 10:
            truth = env.privileged
        step(program=np.array([min(k // 10, 1), 0]))
    figures = log.figures()
    assert set(figures) == {
        *FIGURES,
        *(f"{s}_{f}" for s in ("first", "second") for f in SEGMENT_FIGURES),
    }
    assert figures["first_time_s"][0] == pytest.approx(2.0)
    assert figures["first_end_time_s"][0] == pytest.approx(2.0)
    for name, column in (("end_height_m", "height_m"), ("end_v_vertical_m_s", "v_z_m_s")):
        value = truth[0, truth_column(column)] * (-1.0 if column == "v_z_m_s" else 1.0)
        assert figures[f"first_{name}"][0] == pytest.approx(value, rel=1e-4)
    assert np.isnan(figures["first_time_s"][1])
    assert np.isnan(figures["second_time_s"]).all()


def test_downrange_is_the_way_over_the_ground():
    mission = "chandrayaan-3"
    task = Task(mission, "ideal", control="thrust_vector", phase="powered")
    env = make_vector_env(task, 1, AutoresetMode.NEXT_STEP, 1)
    log, at = FlightLog(env, 1, ("coast", "rest")), np.zeros(1, np.int64)
    env.reset(seed=1)
    before = env.privileged[0, truth_column("downrange_m")]
    log.begin(at, at)
    for k in range(51):
        if k == 50:
            after = env.privileged[0, truth_column("downrange_m")]
        log.decide(at, at, None, np.array([k // 50]))
        env.step(np.array([[0.0, 0.0, -1.0]], np.float32))
        log.step(at, at, np.zeros(1, np.bool_))
    figures = log.figures()
    assert figures["coast_downrange_m"][0] == pytest.approx(before - after, rel=2e-3)
    assert figures["coast_downrange_m"][0] > 15e3  # 10 s of 1.68 km/s


def test_a_belief_of_zero_is_noted_once_with_the_true_height(falling):
    env, log, step = falling
    step(believed(500.0, 500.0))
    height = env.privileged[:, truth_column("height_m")]
    step(believed(-1.0, 400.0))
    step(believed(-50.0, 300.0))
    figures = log.figures()
    assert figures["believed_zero_height_m"][0] == pytest.approx(height[0])
    assert figures["believed_zero_time_s"][0] == pytest.approx(0.2)
    assert np.isnan(figures["believed_zero_height_m"][1])


def test_errors_of_belief_are_those_before_the_contact(falling):
    env, log, step = falling
    ended = np.zeros(2, np.bool_)
    while not ended.any():
        truth = env.privileged
        ended = step(believed(*(truth[:, truth_column("height_m")] + 7.0), x=3000.0))
    figures, row = log.figures(), int(np.argmax(ended))
    assert figures["touchdown_height_error_m"][row] == pytest.approx(7.0)
    place = truth[row, truth_column("r_x_m")], truth[row, truth_column("r_y_m")]
    off = np.hypot(3000.0 - place[0], place[1])
    assert figures["touchdown_position_error_m"][row] == pytest.approx(off)
    after = env.privileged[row, truth_column("time_s")]
    # What was burning at the start dies away; from then on to the contact it is one descent.
    assert after - 0.2 <= figures["descent_time_s"][row] <= after


def test_where_the_tanks_run_dry_is_noted():
    mission = load_mission(M2)
    terminal = mission.phases.terminal.to_table() | {"propellant_kg": 5.0}
    poor = mission.replace(phases={"terminal": terminal})
    env = make_vector_env(Task(poor, "ideal"), 1, AutoresetMode.NEXT_STEP, 1)
    log, at = FlightLog(env, 1), np.zeros(1, np.int64)
    env.reset(seed=1)
    log.begin(at, at)
    for _ in range(80):
        left = env.privileged[0, truth_column("propellant_kg")]
        log.decide(at, at, None, None)
        if left == 0.0:
            break
        env.step(np.ones((1, 1), np.float32))
        log.step(at, at, np.zeros(1, np.bool_))
    figures, truth = log.figures(), env.privileged[0]
    assert left == 0.0
    assert figures["dry_height_m"][0] == pytest.approx(truth[truth_column("height_m")])
    assert figures["dry_speed_m_s"][0] == pytest.approx(-truth[truth_column("v_z_m_s")], rel=1e-4)
    assert 5.0 < figures["dry_time_s"][0] < 15.0


# What is told of it.


def day(*published, ends=("CRASHED",)):
    """Return a flight of which some figures are published."""
    figures = [
        {"name": name, "value": value, **({"band": list(band)} if band else {})}
        for name, value, band in published
    ]
    about = {"phase": "terminal", "control": "throttle", "fitted": "a", "predicted": "b"}
    flight = load_scenario("flight", M2)
    return flight.replace(**about, ends=list(ends), published=figures)


def landings(n=20, **columns):
    full = {"outcome": np.array(["CRASHED"] * n, dtype=object), "landed": np.zeros(n, np.bool_)}
    return full | {name: np.full(n, value, float) for name, value in columns.items()}


def test_the_sentence_counts_and_tells_what_is_known_of_the_day():
    flight = day(
        ("first_valid_height_m", 893.0, None),
        ("speed_at_192m_m_s", 42.0, None),
        ("believed_zero_height_m", 5000.0, None),
    )
    medians = {
        "first_valid_height_m": 893.4,
        "first_valid_speed_m_s": 66.2,
        "speed_at_192m_m_s": 42.4,
        "believed_zero_height_m": 4890.0,
        "touchdown_v_vertical_m_s": 27.1,
    }
    medians["dry_height_m"] = 39.0  # of the few that ran dry: nothing to tell of the others
    told = sentence(Counter(CRASHED=198, LANDED=2), flight, medians)
    assert told == (
        "Crashed in 198 of 200 (96.4-99.7 %): first valid range at 893 m at 66 m/s,"
        " 42 m/s at 192 m, believed zero at 4.9 km, impact at 27 m/s."
    )


def test_the_sentence_of_a_landing_tells_its_segments():
    flight = day(
        ("rough-braking_time_s", 690.0, None),
        ("rough-braking_end_height_m", 7420.0, None),
        ("hover_end_height_m", 150.0, None),
        ("braking_time_s", 540.0, None),
        ("braking_end_speed_m_s", 40.0, None),
        ("descent_time_s", 755.0, None),
        ("delta_v_m_s", 2090.0, None),
        ends=("LANDED",),
    )
    medians = {
        "rough-braking_time_s": 688.2,
        "rough-braking_end_height_m": 7450.0,
        "hover_end_height_m": 150.0,
        "braking_time_s": 538.0,
        "braking_end_height_m": 1500.0,
        "braking_end_speed_m_s": 40.2,
        "descent_time_s": 1100.0,
        "delta_v_m_s": 2094.0,
        "touchdown_v_vertical_m_s": 1.52,
        "touchdown_v_lateral_m_s": 0.11,
    }
    told = sentence(Counter(LANDED=200), flight, medians)
    assert told == (
        "Landed in 200 of 200 (98.1-100.0 %): rough braking 688 s to 7.5 km,"
        " braking 538 s to 40 m/s,"
        " 1,100 s of powered descent, 2,094 m/s spent,"
        " touchdown at 1.5 m/s down and 0.1 m/s sideways."
    )


def test_the_sentence_says_what_happens_mostly_even_if_it_did_not_then():
    told = sentence(Counter(LANDED=150, CRASHED=50), day(), {})
    assert told == "Landed in 150 of 200 (68.6-80.5 %)."
    both = sentence(
        Counter(CRASHED=50, FUEL_OUT=140, LANDED=10), day(ends=("CRASHED", "FUEL_OUT")), {}
    )
    assert both.startswith("Fell with empty tanks in 190 of 200")
    fell = sentence(Counter(FUEL_OUT=200), day(), {"dry_height_m": 4890.0})
    assert fell == "Fell with empty tanks in 200 of 200 (98.1-100.0 %): tanks empty at 4.9 km."


def test_figures_are_observed_values_and_published_ones_come_first():
    flight = day(("dry_height_m", 4000.0, None))
    table = landings(100)
    table["dry_height_m"] = np.where(np.arange(100) < 2, 3900.0, np.nan)
    table["first_valid_height_m"] = np.arange(100.0)
    table["descent_time_s"] = np.where(np.arange(100) < 2, 3900.0, np.nan)
    figures = figures_of(table, flight)
    assert list(figures) == ["dry_height_m", "first_valid_height_m"]
    assert figures["dry_height_m"] == (3900.0, 3900.0, 3900.0, 2)
    assert figures["first_valid_height_m"] == (49.0, 4.0, 94.0, 100)


@pytest.mark.parametrize(
    ("speed", "outcome", "reproduced"),
    [
        (42.0, "CRASHED", True),
        (50.0, "CRASHED", False),
        (42.0, "LANDED", False),
        (None, "CRASHED", False),
    ],
)
def test_a_day_is_reproduced_where_outcome_and_bands_hold(monkeypatch, speed, outcome, reproduced):
    flight = day(("speed_at_192m_m_s", 42.0, (35.7, 48.3)))
    monkeypatch.setattr("training.missions.summary.flight_of", lambda _: flight)
    table = landings(40, **({} if speed is None else {"speed_at_192m_m_s": speed}))
    table["outcome"][:] = outcome
    healthy = landings(40) | {"landed": np.arange(40) < 39}
    summary = summarise_mission(M2, table, healthy, 3, "abc")
    assert summary["reproduced"] is reproduced
    assert summary["outcomes"] == {outcome: 40}
    assert (summary["healthy"]["count"], summary["healthy"]["of"]) == (39, 40)
    assert summary["healthy"]["low"] == pytest.approx(wilson(39, 40).low, abs=1e-4)
    assert summary["mission_digest"] == load_mission(M2).digest
    assert summary["flight_digest"] == flight.digest
    if speed is not None:
        entry = summary["figures"]["speed_at_192m_m_s"]
        assert entry["inside"] is (speed == 42.0)
        assert (entry["published"], entry["band"], entry["unit"]) == (42.0, [35.7, 48.3], "m/s")


def test_names_of_figures_are_checked_and_explained():
    assert meaning_of("speed_at_192m_m_s") == "fall speed when 192 m high"
    assert meaning_of("rough-braking_end_height_m") == "rough-braking: height at its end"
    assert PublishedFigure(name="delta_v_m_s", value=2090.0).provenance["value"].unit == "m/s"
    with pytest.raises(ConfigError, match="did you mean 'first_valid_height_m'"):
        PublishedFigure(name="first_valid_hight_m", value=893.0)
    with pytest.raises(ConfigError, match="'delta_v_m_s' stands there more than once"):
        day(("delta_v_m_s", 1.0, None), ("delta_v_m_s", 2.0, None))


@pytest.mark.parametrize("mission", flown_missions())
def test_every_published_figure_is_measured(mission):
    flight = flight_of(mission)
    task = Leg(mission).task()
    pilot = make_pilot("own", task.settings().frame_fields, mission=mission)
    programs = {name.lower() for name in pilot.programs}
    for figure in flight.published:
        suffixes = [s for s in SEGMENT_FIGURES if figure.name.endswith(f"_{s}")]
        if figure.name in FIGURES or figure.name.startswith("speed_at_"):
            continue
        segments = {figure.name.removesuffix(f"_{suffix}") for suffix in suffixes}
        assert segments & programs, f"{figure.name}: no such segment among {sorted(programs)}"


# Where it is kept.


def result(outcome):
    return {"outcome": outcome, "landings": 2, "figures": {"miss_m": {"median": 1.5, "unit": "m"}}}


def test_only_the_missions_flown_are_replaced(tmp_path):
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


def test_a_broken_file_is_not_written_over(tmp_path):
    path = tmp_path / "results.toml"
    path.write_text("[slim", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be read as results of missions"):
        write_missions(path, {"slim": result("one")})
    assert path.read_text(encoding="utf-8") == "[slim"


# What if.


def test_pilots_fly_only_what_they_are_made_for():
    missions = flown_missions()
    legs = legs_of(missions, ["own", LEARNED])
    assert [leg.mission for leg in legs if leg.pilot == LEARNED] == [M2]
    assert [leg.mission for leg in legs if leg.pilot == "own"] == missions
    terminal = [name for name in missions if flight_of(name).phase == "terminal"]
    assert [leg.mission for leg in legs_of(missions, ["hoverslam+kalman"])] == terminal
    assert [leg.mission for leg in legs_of(missions, ["e-guidance+oracle"])] == missions
    with pytest.raises(ConfigError, match="unknown pilot 'owl'"):
        legs_of([M2], ["owl"])


def test_the_matrix_is_markdown():
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
        name for name in list_missions() if "flight" in list_scenarios(name)
    }
    with pytest.raises(ConfigError, match=f"did you mean '{M2}'"):
        flown_missions(["hakuto-r-m3x"])
    with pytest.raises(ConfigError, match="named twice"):
        flown_missions([M2, M2])


def test_the_healthy_flight_begins_where_the_flight_says() -> None:
    for mission in flown_missions():
        flight = flight_of(mission)
        phases = {scenario: Leg(mission, scenario).task().phase for scenario in ("flight", "noisy")}
        assert phases == {"flight": flight.phase, "noisy": flight.healthy_phase or flight.phase}


def test_parts_and_processes_change_nothing(monkeypatch):
    whole = fly_legs([Leg(M2)], 5, 4)[0]
    monkeypatch.setattr("training.missions.flights.CHUNK", 2)
    parts = fly_legs([Leg(M2)], 5, 4)[0]
    assert len(whole["outcome"]) == len(parts["outcome"]) == 5
    for name, column in whole.items():
        if not name.startswith("trace"):
            np.testing.assert_array_equal(parts[name], column, err_msg=name)


def test_the_command_writes_what_it_says(tmp_path, capsys):
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


def test_fly_takes_pilot_and_phase_of_the_flight(capsys):
    assert main(["fly", "--mission", M2, "--scenario", "flight", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["pilot"] == "own"
    assert main(["fly", "--mission", M2, "--scenario", "flight", "--pilot", LEARNED, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["pilot"] == LEARNED


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--landings", "0"], "landings = 0 must be at least 1"),
        (["--workers", "0"], "workers = 0 must be at least 1"),
        (["--missions", "hakuto-r-m22"], "did you mean 'hakuto-r-m2'"),
        (["--what-if", "--pilots", "own,hoverslam+kalmann"], "did you mean 'hoverslam+kalman'"),
    ],
)
def test_what_cannot_be_flown_is_refused_in_one_line(words, problem, capsys):
    assert main(["missions", *words]) == 1
    error = capsys.readouterr().err
    assert problem in error
    assert len(error.splitlines()) == 1
