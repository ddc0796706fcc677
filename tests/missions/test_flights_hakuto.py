"""The two HAKUTO-R landers on their days, and what each would have done without what ailed it."""

import numpy as np
import pytest

from lunar_env.specs import FlightSpec, load_scenario
from lunar_env.specs.quantity import Draw
from training.evaluate import evaluate
from training.missions.flights import FlownPart, Leg, flight_of
from training.pilots import prepare
from training.results import Landings
from training.task import Task

ROWS = 200


def flown(mission: str, scenario: object, pilot: str = "own", rows: int = ROWS) -> Landings:
    """Landings from the phase of the mission's flight."""
    flight = flight_of(mission)
    entry = prepare(pilot, Task(mission, scenario, control=flight.control, phase=flight.phase))
    return evaluate(entry.pilot, entry.task, rows, 0, label=pilot, batch=rows)


def without(mission: str, **causes: float) -> FlightSpec:
    """The flight with other values for some of its causes."""
    flight = load_scenario("flight", mission)
    draws = {name: Draw("constant", (value,)) for name, value in causes.items()}
    return flight.model_copy(update=draws)


def is_inside(figures: Landings, mission: str) -> dict[str, bool]:
    """Whether the medians of the published figures lie in their bands."""
    return {
        figure.name: figure.band[0] <= np.nanmedian(figures[figure.name]) <= figure.band[1]
        for figure in flight_of(mission).published
        if figure.band is not None
    }


def test_resilience_crashes_as_it_did() -> None:
    figures = FlownPart(Leg("hakuto-r-m2"), 0, 0, ROWS).run()
    assert np.mean(figures["outcome"] == "CRASHED") >= 0.9
    inside = is_inside(figures, "hakuto-r-m2")
    assert len(inside) == 4
    assert all(inside.values()), inside


def test_resilience_lands_when_it_knows_its_height_however_late_the_range() -> None:
    table = flown("hakuto-r-m2", without("hakuto-r-m2", nav_height_error_m=0.0))
    assert np.nanmedian(table["first_fix_alt_m"]) < 1100.0
    assert np.mean(table["landed"]) >= 0.95


def test_resilience_lands_with_its_error_when_the_unit_is_healthy() -> None:
    """It is saved by 2 % of thrust: some 0.6 % of 4,000 crashed."""
    table = flown("hakuto-r-m2", without("hakuto-r-m2", signal_loss_dB=0.0))
    assert np.mean(table["landed"]) >= 0.97


@pytest.mark.parametrize("control", ["throttle", "thrust_vector"])
def test_resilience_lands_when_nothing_ails_it(control: str) -> None:
    entry = prepare("own", Task("hakuto-r-m2", "noisy", control=control))
    table = evaluate(entry.pilot, entry.task, ROWS, 0, label="own", batch=ROWS)
    assert np.mean(table["landed"]) >= 0.95


@pytest.mark.parametrize("pilot", ["hoverslam+kalman", "e-guidance+kalman"])
def test_no_pilot_saves_resilience(pilot: str) -> None:
    """At the first valid range all of the thrust would hardly do, had it been there at once."""
    table = flown("hakuto-r-m2", "flight", pilot)
    assert np.mean(table["landed"]) <= 0.1
