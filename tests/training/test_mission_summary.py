"""What is told of a mission's day: the sentence, the figures and their bands."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

pytest.importorskip("pyarrow")

from agents import make_pilot
from lunar_env.errors import ConfigError
from lunar_env.proportion import wilson
from lunar_env.specs import load_mission, load_scenario
from lunar_env.specs.published import FIGURES, SEGMENT_FIGURES, PublishedFigure, meaning_of
from training.missions.cases import Case, as_flown_of, flown_missions
from training.missions.sentence import sentence
from training.missions.summary import figures_of, has_key, mission_key, summarise_mission

M2 = "hakuto-r-m2"


def day(*published, ends=("CRASHED",)):
    """Return a flight of which some figures are published."""
    figures = [
        {"name": name, "value": value, **({"band": list(band)} if band else {})}
        for name, value, band in published
    ]
    about = {"phase": "terminal", "control": "throttle", "fitted": "a", "predicted": "b"}
    flight = load_scenario("as-flown", M2)
    return flight.replace(**about, ends=list(ends), published=figures)


def landings(n=20, **columns):
    full = {"outcome": np.array(["CRASHED"] * n, dtype=object), "landed": np.zeros(n, np.bool_)}
    return full | {name: np.full(n, value, float) for name, value in columns.items()}


def test_the_sentence_has_the_count_and_the_published_figures():
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


def test_the_sentence_of_a_landing_lists_its_segments():
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


def test_the_sentence_has_the_most_frequent_outcome_even_if_it_differs_from_the_flight():
    told = sentence(Counter(LANDED=150, CRASHED=50), day(), {})
    assert told == "Landed in 150 of 200 (68.6-80.5 %)."
    both = sentence(
        Counter(CRASHED=50, FUEL_OUT=140, LANDED=10), day(ends=("CRASHED", "FUEL_OUT")), {}
    )
    assert both.startswith("Fell with empty tanks in 190 of 200")
    fell = sentence(Counter(FUEL_OUT=200), day(), {"dry_height_m": 4890.0})
    assert fell == "Fell with empty tanks in 200 of 200 (98.1-100.0 %): tanks empty at 4.9 km."


def test_the_sentence_has_the_published_attitude_at_rest():
    flight = day(("rest_tilt_deg", 165.0, None), ends=("TIPPED",))
    medians = {"touchdown_v_vertical_m_s": 1.3, "touchdown_v_lateral_m_s": 0.8}
    told = sentence(Counter(TIPPED=200), flight, medians | {"rest_tilt_deg": 113.4})
    assert told.endswith(
        "touchdown at 1.3 m/s down and 0.8 m/s sideways, at rest 113 deg from upright."
    )


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
def test_a_flight_is_reproduced_if_outcome_and_bands_match(monkeypatch, speed, outcome, reproduced):
    flight = day(("speed_at_192m_m_s", 42.0, (35.7, 48.3)))
    monkeypatch.setattr("training.missions.summary.as_flown_of", lambda _: flight)
    table = landings(40, **({} if speed is None else {"speed_at_192m_m_s": speed}))
    table["outcome"][:] = outcome
    healthy = landings(40) | {"landed": np.arange(40) < 39}
    about = mission_key(M2, len(table["outcome"]), 3)._replace(commit="abc")
    summary = summarise_mission(about, table, healthy)
    assert has_key(summary, about)
    assert not has_key(summary, about._replace(seed=4))
    assert not has_key(None, about)
    assert summary["reproduced"] is reproduced
    assert summary["outcomes"] == {outcome: 40}
    assert (summary["healthy"]["count"], summary["healthy"]["of"]) == (39, 40)
    assert summary["healthy"]["low"] == pytest.approx(wilson(39, 40).low, abs=1e-4)
    assert summary["mission_digest"] == load_mission(M2).digest
    assert summary["as_flown_digest"] == flight.digest
    if speed is not None:
        entry = summary["figures"]["speed_at_192m_m_s"]
        assert entry["inside"] is (speed == 42.0)
        assert (entry["published"], entry["band"], entry["unit"]) == (42.0, [35.7, 48.3], "m/s")


def test_names_of_figures_are_checked_and_explained():
    assert meaning_of("speed_at_192m_m_s") == "descent speed at a height of 192 m"
    assert meaning_of("rough-braking_end_height_m") == "rough-braking: height at its end"
    assert PublishedFigure(name="delta_v_m_s", value=2090.0).provenance["value"].unit == "m/s"
    with pytest.raises(ConfigError, match="did you mean 'first_valid_height_m'"):
        PublishedFigure(name="first_valid_hight_m", value=893.0)
    with pytest.raises(ConfigError, match="'delta_v_m_s' appears more than once"):
        day(("delta_v_m_s", 1.0, None), ("delta_v_m_s", 2.0, None))


@pytest.mark.parametrize("mission", flown_missions())
def test_every_published_figure_is_measured(mission):
    flight = as_flown_of(mission)
    task = Case(mission).task()
    pilot = make_pilot("own", task.settings().frame_fields, mission=mission)
    programs = {name.lower() for name in pilot.programs}
    for figure in flight.published:
        suffixes = [s for s in SEGMENT_FIGURES if figure.name.endswith(f"_{s}")]
        if figure.name in FIGURES or figure.name.startswith("speed_at_"):
            continue
        segments = {figure.name.removesuffix(f"_{suffix}") for suffix in suffixes}
        assert segments & programs, f"{figure.name}: no such segment among {sorted(programs)}"
