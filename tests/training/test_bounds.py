"""Bounds of a task: chosen on other episodes, flown once, kept on disk; and losses explained."""

from __future__ import annotations

import numpy as np
import pytest

from agents.gains import shipped_gains
from lunar_env import ConfigError
from lunar_env.pilots import resolve
from lunar_env.task import Task
from training.bounds import flights, portfolio, race, stored
from training.bounds.explain import explain, explanation_table
from training.bounds.shares import Bounds, bounds_of
from training.evaluate import evaluate
from training.seeds import Domain, episode_seeds

TASK = Task("hakuto-r-m2", "late-acquisition")
_GENTLE = (
    ("oracle", portfolio.TUNED),
    ("oracle", portfolio.Variant(True, portfolio.GENTLE)),
)


@pytest.fixture(autouse=True)
def small(monkeypatch, tmp_path):
    """A portfolio of one law with its usual gains, and a folder of its own."""
    monkeypatch.setattr(portfolio, "LAWS", ("hoverslam",))
    monkeypatch.setattr(portfolio, "OWN_GIVEN", {})
    tuned = {name: (name, portfolio.TUNED) for name in ("oracle", "informed", "kalman")}
    usual = {"saved": (tuned["oracle"],), "attainable": (tuned["informed"], tuned["kalman"])}
    monkeypatch.setattr(portfolio, "PORTFOLIO", usual)
    monkeypatch.setattr(race, "HEAT_LANDINGS", 4)
    monkeypatch.setattr(race, "TUNE_LANDINGS", 8)
    monkeypatch.setattr(stored, "base_folder", lambda: tmp_path)


def test_bounds_are_flown_once_and_then_read(monkeypatch, tmp_path):
    bounds = bounds_of(TASK, 30, 1, threads=1)
    assert bounds.saved_pilot == "hoverslam+oracle"
    assert bounds.portfolio == ("hoverslam+oracle",)
    assert (bounds.saved == bounds.saved_by_any).all()
    assert bounds.saved.sum() >= 28
    assert bounds.attainable.shape == (30,)
    flown = []
    monkeypatch.setattr(flights, "_flown", lambda _, __, seeds, ___: flown.append(len(seeds)))
    again = bounds_of(TASK._replace(history=3), 30, 1, threads=1)
    assert not flown
    assert all(np.array_equal(a, b) for a, b in zip(bounds, again, strict=True))


def test_a_stopped_computation_goes_on_where_it_was(monkeypatch, tmp_path):
    """Each flight is kept when it is flown: after a stop only the others are flown."""
    original, flown = flights._flown, []

    def stopping(member, task, seeds, threads):
        if len(flown) == 3:
            raise KeyboardInterrupt
        flown.append((member.label, len(seeds)))
        return original(member, task, seeds, threads)

    monkeypatch.setattr(flights, "_flown", stopping)
    with pytest.raises(KeyboardInterrupt):
        bounds_of(TASK, 10, 1, threads=1)
    files = list((tmp_path / "bounds").glob("*.json"))
    assert len(files) == 3
    files[0].write_text("{")  # a damaged file costs only time
    monkeypatch.setattr(flights, "_flown", lambda *flight: flown.append(1) or original(*flight))
    bounds_of(TASK, 10, 1, threads=1)
    # Some of three pilots on both parts of the tune domain, and the best of each kind.
    assert len(list((tmp_path / "bounds").glob("*.json"))) == len(flown) - 1


def test_flights_of_pilots_that_were_flown_elsewhere_are_used():
    seeds, member = [1, 2, 3], portfolio.Member("hoverslam+kalman", {})
    landed = np.array([True, False, True])  # not what it lands
    flights.keep_flight(member, TASK, seeds, landed)
    assert (flights.landed_by(member, TASK, seeds) == landed).all()
    assert flights.landed_by(member, TASK, []).shape == (0,)
    other = portfolio.Member("hoverslam+kalman", {"terminal": {"touchdown_m_s": 1.0}})
    assert flights.landed_by(other, TASK, seeds, 1).all()


def test_the_race_takes_the_best_of_all_tune_episodes(monkeypatch):
    """Four of six members fly the final; the winner of the heat is not the best of all."""
    names = ("a+x", "a+y", "b+x", "c+x", "c+y", "d+x")
    heat = dict(zip(names, (3, 1, 2, 2, 2, 0), strict=True))
    rest = dict(zip(names, (0, 9, 2, 3, 3, 9), strict=True))
    monkeypatch.setattr(race, "members", lambda *_: [portfolio.Member(n, {}) for n in names])
    monkeypatch.setattr(race, "FINALISTS", 4)

    def landed_by(member, task, seeds, threads):
        return np.full((heat if len(seeds) == 4 else rest)[member.pilot], 1)

    monkeypatch.setattr(race, "landed_by", landed_by)
    monkeypatch.setattr(race, "TUNE_LANDINGS", 9)
    chosen = race.best_of("saved", TASK)
    assert chosen.best.pilot == "c+x"  # the earlier of two that land five
    assert [member.pilot for member in chosen.of_laws] == ["c+x", "b+x", "a+x", "d+x"]
    monkeypatch.setattr(portfolio.Member, "knows_more", property(lambda m: m.law in "bc"))
    assert race.best_of("saved", TASK).classical.pilot == "a+x"
    monkeypatch.setattr(portfolio.Member, "knows_more", property(lambda _: True))
    assert race.best_of("saved", TASK).classical is None


def test_flights_that_cannot_change_the_choice_are_left_out(monkeypatch):
    names = ("a+x", "b+x", "c+x", "d+x", "e+x")
    monkeypatch.setattr(race, "members", lambda *_: [portfolio.Member(n, {}) for n in names])
    monkeypatch.setattr(race, "FINALISTS", 2)
    lost, flown = {("a+x", 4): 1, ("b+x", 4): 0, ("c+x", 4): 0, ("b+x", 5): 0}, []

    def landed_by(member, task, seeds, threads):
        flown.append((member.pilot, len(seeds)))
        return np.arange(len(seeds)) >= lost[flown[-1]]

    monkeypatch.setattr(race, "landed_by", landed_by)
    monkeypatch.setattr(race, "TUNE_LANDINGS", 9)
    chosen = race.best_of("saved", TASK)
    assert flown == [("a+x", 4), ("b+x", 4), ("c+x", 4), ("b+x", 5)]
    assert chosen.best.pilot == "b+x"
    assert [member.pilot for member in chosen.of_laws] == ["b+x", "c+x", "a+x", "d+x", "e+x"]


def test_what_any_law_lands_is_flown_on_the_losses_alone(monkeypatch):
    monkeypatch.setattr(portfolio, "LAWS", ("hoverslam", "velocity-profile"))
    task = TASK._replace(scenario="low-and-late")
    bounds = bounds_of(task, 20, 0, threads=1)
    others = [m for m in portfolio.members("saved", task) if m.label != bounds.saved_pilot]
    landed = [flights.landed_by(m, task, episode_seeds(0, Domain.BENCH, 20), 1) for m in others]
    assert (bounds.saved_by_any == (bounds.saved | np.any(landed, axis=0))).all()


def test_the_digest_depends_on_all_that_is_flown():
    digests = {
        stored.digest_of(TASK, 1),
        stored.digest_of(TASK, 2),
        stored.digest_of(TASK._replace(scenario="noisy"), 1),
        stored.digest_of(TASK._replace(phase="approach"), 1),
        stored.digest_of(TASK._replace(control="thrust_vector"), 1),
    }
    assert len(digests) == 5
    assert stored.digest_of(TASK, 1) in digests


def test_a_pilot_above_a_bound_is_an_error_to_explain():
    some, all_ = np.arange(20) < 14, np.ones(20, bool)
    bounds = Bounds(some, all_, all_, all_, "a+oracle", "a+informed", "a+kalman", ("a+oracle",))
    assert bounds.above(some, "p") == []
    (line,) = bounds.above(all_, "p")
    assert "p lands 20 of 20 episodes, the bound saved (a+oracle) 14 (6 only by it, 0" in line
    assert line.endswith("p = 0.031): an error to explain")  # 2 / 2^6
    (line,) = bounds.above(np.arange(20) < 15, "p")
    assert line.endswith("(1 only by it, 0 only by the bound, p = 1): within chance")
    # Pilots of the portfolio without the state count, too.
    lines = bounds.to_dict({"p": some})["exceeded"]
    assert [line.split()[0] for line in lines] == ["a+kalman", "a+informed"]
    # Those that are given it may exceed what the chosen one lands.
    assert bounds.to_dict({"hoverslam+oracle": all_})["exceeded"] == lines


def test_gains_of_a_member_are_the_tuned_ones_with_its_changes():
    tuned = shipped_gains("hoverslam+kalman", TASK.control, TASK.mission)
    member = portfolio.Member("hoverslam+kalman", {"terminal": {"handover_m": 30.0}})
    assert member.gains(TASK)["terminal"] == {**tuned["terminal"], "handover_m": 30.0}
    assert member.label == "hoverslam+kalman terminal.handover_m=30"
    member = portfolio.Member("hoverslam+oracle", {})
    assert member.gains(TASK) == {group: tuned[group] for group in tuned if group != "filter"}
    member = portfolio.Member("hoverslam+oracle", {}, tuned=False)
    assert (member.gains(TASK), member.label) == ({}, "hoverslam+oracle code defaults")
    assert member.knows_more
    member = portfolio.Member("hoverslam+kalman", portfolio.GENTLE)
    assert (member.label, member.knows_more) == ("hoverslam+kalman gentle", False)
    assert not portfolio.Member("own", {}).knows_more
    assert portfolio.Member("own", {}, "state").knows_more


def test_gains_of_steered_landers_are_tried_in_thrust_vector_control(monkeypatch):
    monkeypatch.setattr(portfolio, "PORTFOLIO", {"saved": _GENTLE})
    assert [m.changes for m in portfolio.members("saved", TASK)] == [{}]
    steered = TASK._replace(control="thrust_vector")
    assert [m.changes for m in portfolio.members("saved", steered)] == [{}, portfolio.GENTLE]


def test_a_lander_with_one_engine_of_two_can_be_landed():
    """SLIM's engine out: gains that let it lean hold its thrust, which is askew by 12 degrees."""
    task = Task("slim", "engine-out", control="thrust_vector", phase="approach")
    for_slim = portfolio.Member("hoverslam+kalman", {})
    assert flights.landed_by(for_slim, task, list(range(20)), 1).sum() >= 15
    usual = resolve("hoverslam+kalman", task, gains=shipped_gains("hoverslam+kalman"))
    assert evaluate(usual.pilot, task, 20, 0, label="p", num_threads=1)["landed"].sum() <= 2


def test_gains_for_im2_see_through_the_noise_of_its_altimeter():
    task = Task("im-2", "false-ranges", control="thrust_vector", phase="approach")
    landed = {}
    for mission in (None, "im-2"):
        gains = shipped_gains("velocity-profile+kalman", task.control, mission)
        pilot = resolve("velocity-profile+kalman", task, gains=gains).pilot
        landed[mission] = evaluate(pilot, task, 60, 3, label="p", num_threads=1)["landed"].sum()
    assert landed["im-2"] >= 52
    assert landed["im-2"] > landed[None]


def test_gains_that_a_mission_ships_are_not_tried_again(monkeypatch):
    monkeypatch.setattr(portfolio, "PORTFOLIO", {"saved": _GENTLE})
    task = Task("slim", "noisy", control="thrust_vector", phase="approach")
    assert [m.changes for m in portfolio.members("saved", task)] == [{}]


def test_the_own_pilot_of_a_mission_is_given_the_state(monkeypatch):
    monkeypatch.setattr(portfolio, "OWN_GIVEN", {"saved": "state"})
    task = TASK._replace(control="thrust_vector")
    usual, own = portfolio.members("saved", task)
    assert (usual.label, own.label) == ("hoverslam+oracle", "own given state")
    assert flights.landed_by(own, task, list(range(10)), 1).sum() >= 8


def test_a_control_that_no_law_flies_has_no_bounds():
    with pytest.raises(ConfigError, match="flies control 'actuators'"):
        bounds_of(TASK._replace(mission="slim", control="actuators"), 4, 0, threads=1)


def test_losses_are_explained_by_the_part_that_saves_them():
    """A pilot that trusts its dead reckoning loses for want of the height, or of its sigma."""
    entry = resolve("hoverslam-trusting+kalman", TASK)
    landings = evaluate(entry.pilot, entry.task, 150, 0, label="p", num_threads=1)
    failed = ~landings["landed"] & ~landings["lost"]
    assert failed.sum() >= 5
    found = explain(entry.pilot, entry.task, landings, 100, 1)
    assert found.failed == failed.sum()
    assert found.landed["height"] == found.landed["state"] == found.failed
    assert found.landed["place"] == 0  # throttle alone steers nowhere
    assert found.never == 0
    assert explanation_table(found).row_count == len(found.landed) + 1


def test_without_losses_nothing_is_flown_again():
    entry = resolve("hoverslam+kalman", TASK._replace(scenario="ideal"))
    landings = evaluate(entry.pilot, entry.task, 10, 0, label="p", num_threads=1)
    assert explain(entry.pilot, entry.task, landings, 10, 1).failed == 0
