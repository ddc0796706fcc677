"""Bounds of a task: chosen on other episodes, flown once, kept on disk; and losses explained."""

from __future__ import annotations

import numpy as np
import pytest

from lunar_env import ConfigError
from lunar_env.pilots import resolve
from lunar_env.task import Task
from training.bounds import portfolio, shares, stored
from training.bounds.explain import explain, explanation_table
from training.bounds.shares import Bounds, bounds_of
from training.evaluate import evaluate
from training.seeds import Domain

TASK = Task("hakuto-r-m2", "late-acquisition")


@pytest.fixture(autouse=True)
def small(monkeypatch, tmp_path):
    """A portfolio of one law with its usual gains, and a folder of its own."""
    monkeypatch.setattr(portfolio, "LAWS", ("hoverslam",))
    monkeypatch.setattr(portfolio, "OWN_GIVEN", {})
    usual = {"saved": {"oracle": ({},)}, "attainable": {"informed": ({},), "kalman": ({},)}}
    for module in (portfolio, shares):
        monkeypatch.setattr(module, "PORTFOLIO", usual)
        monkeypatch.setattr(module, "TUNE_LANDINGS", 8)
    monkeypatch.setattr(stored, "base_folder", lambda: tmp_path)


def test_bounds_are_flown_once_and_then_read(monkeypatch, tmp_path):
    bounds = bounds_of(TASK, 30, 1, threads=1)
    assert bounds.saved_pilot == "hoverslam+oracle"
    assert bounds.portfolio == ("hoverslam+oracle",)
    assert (bounds.saved == bounds.saved_by_any).all()
    assert bounds.saved.sum() >= 28
    assert bounds.attainable.shape == (30,)
    flights = []
    monkeypatch.setattr(shares, "fly_member", lambda *_: flights.append(1) or np.ones(30, bool))
    again = bounds_of(TASK._replace(history=3), 30, 1, threads=1)
    assert not flights
    assert all(np.array_equal(a, b) for a, b in zip(bounds, again, strict=True))
    (file,) = (tmp_path / "bounds").glob("*.json")
    file.write_text("{")
    bounds_of(TASK, 30, 1, threads=1)
    assert flights  # a damaged file costs only time


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
    some, all_ = np.arange(10) < 8, np.ones(10, bool)
    bounds = Bounds(some, all_, all_, "a+oracle", "a+informed", ("a+oracle",))
    assert bounds.above(some, "p") == []
    (line,) = bounds.above(all_, "p")
    assert "p lands 10 of 10 episodes, the bound saved (a+oracle) 8" in line


def test_gains_of_a_member_are_the_usual_ones_with_its_changes():
    member = portfolio.Member("hoverslam+kalman", {"terminal": {"handover_m": 30.0}})
    assert member.gains["terminal"]["handover_m"] == 30.0
    assert member.label == "hoverslam+kalman terminal.handover_m=30"


def test_the_own_pilot_of_a_mission_is_given_the_state(monkeypatch):
    monkeypatch.setattr(portfolio, "OWN_GIVEN", {"saved": "state"})
    task = TASK._replace(control="thrust_vector")
    usual, own = portfolio.members("saved", task)
    assert (usual.label, own.label) == ("hoverslam+oracle", "own given state")
    assert portfolio.fly_member(own, task, 10, 0, Domain.TUNE, 1).sum() >= 8


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
