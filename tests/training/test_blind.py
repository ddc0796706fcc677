"""What a pilot does while it has no range: the experiments, their curves and their page."""

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("pyarrow")

from lunar_env.pilots import resolve
from lunar_env.task import Task
from training.blind import study as study_module
from training.blind.bands import band, first_at, stop_curve
from training.blind.page import heights_of, sentence
from training.blind.scenarios import ASSUMED_M, DRAWN_M, OVERCONFIDENT_M, outages, silent, unbroken
from training.blind.study import EXPERIMENTS, study
from training.blind.track import fly
from training.cli import main
from training.seeds import Domain, episode_seeds

M2 = "hakuto-r-m2"
TASK = Task(M2, "noisy")
SEEDS = episode_seeds(0, Domain.BENCH, 24)


@pytest.fixture(scope="module")
def pilots():
    names = ("hoverslam+kalman", "hoverslam-trusting+kalman", "hoverslam+oracle")
    return {name: resolve(name, TASK) for name in names}


@pytest.fixture(scope="module")
def blind(pilots):
    counts = []
    found = study(list(pilots.values()), 40, 0, on_progress=lambda n, _: counts.append(n))
    assert counts[-1] == 40 * EXPERIMENTS * len(pilots)
    assert len(counts) == EXPERIMENTS * len(pilots)
    return dict(zip(pilots, found, strict=True))


def track_of(entry, scenario):
    return fly(entry, TASK._replace(scenario=scenario), SEEDS)


def test_the_assumption_changes_neither_error_nor_dead_reckoning(pilots):
    entry = pilots["hoverslam+oracle"]
    assumed, overconfident = (
        track_of(entry, silent(M2, each, DRAWN_M)) for each in (DRAWN_M, OVERCONFIDENT_M)
    )
    assert np.array_equal(assumed.height_m, overconfident.height_m)
    assert np.array_equal(assumed.believed_m, overconfident.believed_m)
    error = (assumed.believed_m - assumed.height_m)[0]
    assert 0.7 * DRAWN_M < error.std() < 1.4 * DRAWN_M
    assert not assumed.fixed.any()
    assert np.all(assumed.ranges == 0)


def test_a_track_ends_at_the_ground_and_knows_how_old_a_range_is(pilots):
    track = track_of(pilots["hoverslam+kalman"], unbroken(M2, DRAWN_M, DRAWN_M))
    assert np.all(np.diff(track.flying.astype(int), axis=0) <= 0)
    last = track.flying.sum(axis=0) - 1
    assert np.all(track.height_m[last, np.arange(len(SEEDS))] < 5.0)
    assert np.all(track.age_s[~track.fixed & track.flying] == 20.0)
    assert np.all(track.age_s[track.fixed & track.flying] < 4.0)
    assert np.all((track.throttle >= 0.0) & (track.throttle <= 1.0))
    assert np.all(np.diff(track.ranges[track.flying[:, 0], 0]) >= 0)


def test_flights_are_the_same_until_a_range_is_lost(pilots):
    entry = pilots["hoverslam+kalman"]
    tracks = [track_of(entry, each(M2, DRAWN_M, DRAWN_M)) for each in (unbroken, outages)]
    steps = min(len(track.flying) for track in tracks)
    whole, cut = (type(each)(*(column[:steps] for column in each)) for each in tracks)
    lost = np.logical_or.accumulate(whole.ranges > cut.ranges, axis=0)
    assert np.array_equal(whole.throttle[~lost], cut.throttle[~lost])
    assert np.array_equal(whole.height_m[~lost], cut.height_m[~lost])
    during = study_module._first_outage(whole, cut)
    assert during.any()
    assert np.all(cut.fixed[during])
    for flight in np.flatnonzero(during.any(axis=0)):
        steps_in_it = np.flatnonzero(during[:, flight])
        assert np.all(np.diff(steps_in_it) == 1)  # one outage
        age = cut.age_s[steps_in_it, flight]
        assert np.all((np.diff(age) > 0.0) | (age[1:] == 20.0))  # nothing arrives in it
        assert whole.ranges[steps_in_it[0], flight] == cut.ranges[steps_in_it[0], flight] + 1


def test_each_flight_counts_once_where_it_first_gets_to():
    height = np.array([[100.0, 60.0], [80.0, 55.0], [80.0, 40.0], [90.0, 20.0], [50.0, 10.0]])
    values = np.arange(10.0).reshape(5, 2)
    during = np.ones((5, 2), dtype=bool)
    during[4, 1] = False
    read = first_at(height, np.array([100.0, 80.0, 50.0, 10.0]), during, values)
    expected = [[0.0, np.nan], [2.0, np.nan], [8.0, 5.0], [np.nan, np.nan]]
    assert np.array_equal(read, expected, equal_nan=True)
    ages = np.array([[1.0], [1.2], [2.5]])
    read = first_at(ages, np.array([0.5, 1.0, 2.0, 3.0]), np.ones((3, 1), bool), ages)
    assert np.array_equal(read, [[np.nan], [1.0], [2.5], [np.nan]], equal_nan=True)


def test_a_curve_ends_where_too_few_flights_get_to():
    read = np.array([[1.0, 2.0, 3.0], [4.0, np.nan, 6.0], [np.nan, np.nan, 9.0]])
    curve = band(np.array([3.0, 2.0, 1.0]), read, 2)
    assert curve.at.tolist() == [3.0, 2.0]
    assert curve.middle.tolist() == [2.0, 5.0]
    assert curve.flights.tolist() == [3.0, 2.0]
    assert curve.value(2.5) == 3.5
    assert np.isnan(curve.value(1.0))
    assert np.isnan(band(np.empty(0), np.empty((0, 3)), 1).value(1.0))


def test_the_fastest_stop_is_that_of_the_physics(blind):
    """With full thrust of constant deceleration a the height is v^2/(2a); mass loss shortens it."""
    stop = blind["hoverslam+kalman"].stop
    deceleration = stop.at**2 / (2.0 * np.maximum(stop.middle, 1.0))
    fast = stop.at > 40.0
    assert np.all(np.diff(stop.middle[stop.at > 10.0]) > 0.0)
    assert 2.0 < deceleration[fast].min() < deceleration[fast].max() < 3.0
    assert len(stop_curve(np.full(3, 1e9), np.ones(3)).at) == 0


def test_a_pilot_that_trusts_dead_reckoning_does_not_heed_its_sigma(blind):
    trusting, usual = (blind[f"hoverslam{kind}+kalman"] for kind in ("-trusting", ""))
    speeds = [trusting.believed[assumed].value(1000.0) for assumed in ASSUMED_M]
    assert np.ptp(speeds) < 2.0
    low = [usual.believed[assumed].value(100.0) for assumed in ASSUMED_M]
    assert low == sorted(low)
    assert low[-1] - low[0] > 10.0  # braked from further above: no height is left to brake in
    # Overconfident, it comes faster, and more of its first ranges are too late.
    assert usual.true["overconfident"].value(1000.0) > usual.true["correct"].value(1000.0) + 3.0
    assert (
        usual.late["overconfident"].too_late.successes >= usual.late["correct"].too_late.successes
    )


def test_a_pilot_with_the_true_state_heeds_neither(blind):
    knows = blind["hoverslam+oracle"]
    assert np.array_equal(knows.true["correct"].middle, knows.true["overconfident"].middle)
    assert knows.late["correct"].landed == knows.late["overconfident"].landed
    for curve in knows.throttle.values():
        assert len(curve.at) > 5
        assert np.abs(curve.high).max() == np.abs(curve.low).max() == 0.0


def test_results_depend_on_neither_threads_nor_company(pilots, blind):
    entry = pilots["hoverslam+kalman"]
    alone = study([entry], 40, 0, threads=1)[0].to_dict()
    assert json.dumps(alone) == json.dumps(blind["hoverslam+kalman"].to_dict())


@pytest.mark.parametrize("name", ["ppo-m2-late-acquisition", "random"])
def test_other_pilots_are_explained_too(name):
    found = study([resolve(name, TASK)], 6, 0)[0]
    assert set(found.believed) == set(ASSUMED_M)
    assert len(found.true["correct"].at) > 20


def test_a_radar_measures_no_height_in_silence_either():
    task = Task("apollo-11", "noisy", control="thrust_vector", phase="terminal")
    entry = resolve("hoverslam+kalman", task)
    tracks = [
        fly(entry, task._replace(scenario=each("apollo-11", DRAWN_M, DRAWN_M)), SEEDS[:2])
        for each in (silent, unbroken)
    ]
    assert [bool(track.fixed.any()) for track in tracks] == [False, True]


def test_the_command_writes_page_and_numbers(tmp_path, capsys):
    out = tmp_path / "explained"
    words = ["explain", "--pilot", "hoverslam-trusting+kalman", "--landings", "12", "--json"]
    assert main([*words, "--out", str(out)]) == 0
    printed = json.loads(capsys.readouterr().out)
    written = json.loads((out / "explain.json").read_text())
    assert {each["pilot"]: each for each in written["pilots"]} == printed
    assert list(printed) == ["hoverslam-trusting+kalman", "hoverslam+kalman"]
    page = (out / "explain.html").read_text()
    assert page.count("<svg") == 3
    assert "--p1" in page  # the colour of the second
    assert "hakuto-r-m2" in page
    assert main([*words, "--out", str(out)]) == 1
    assert "exists" in capsys.readouterr().err
    for wrong in (["--against", "hoverslam+kallman"], ["--landings", "1"]):
        assert main([*words, *wrong, "--out", str(tmp_path / "no")]) == 1
        assert not (tmp_path / "no").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"explained"}


def test_a_pilot_of_actuators_is_shown_alone(tmp_path, capsys):
    words = ["explain", "--pilot", "random", "--mission", "slim", "--control", "actuators"]
    words += ["--landings", "2", "--out", str(tmp_path / "alone")]
    assert main(words) == 1
    assert "use control 'throttle'" in capsys.readouterr().err
    assert main([*words, "--against", "random"]) == 0
    assert "No range was lost" in (tmp_path / "alone" / "explain.html").read_text()


def test_the_sentence_tells_the_speeds_of_the_table(blind):
    usual = blind["hoverslam+kalman"]
    heights = heights_of([usual])
    assert heights == [2000.0, 1000.0, 500.0, 100.0]
    assert f"{usual.believed[ASSUMED_M[0]].value(500.0):.1f} m/s at 500 m" in sentence(usual)


def test_the_report_of_a_run_shows_the_policy_blind(tmp_path, blind, make_landings):
    from training.curve import Curve
    from training.report import write_run_report

    table = make_landings("mine", "noisy", [True, False])
    shown = [blind["hoverslam+kalman"]._replace(pilot="mine"), blind["hoverslam-trusting+kalman"]]
    for name, pilots_shown in (("without", ()), ("with", shown)):
        path = Path(tmp_path / f"{name}.html")
        write_run_report(path, table, {}, Curve(tmp_path / "curve.json"), pilots_shown)
        assert ("Before the first range" in path.read_text()) == bool(pilots_shown)
