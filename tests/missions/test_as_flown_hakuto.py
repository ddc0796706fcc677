"""The two HAKUTO-R landers on their days, and what each would have done without what ailed it."""

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from lunar_env.pilots import resolve
from lunar_env.specs import AsFlownSpec, load_mission, load_scenario
from lunar_env.specs.quantity import Draw
from lunar_env.task import Task
from training.evaluate import evaluate, fly_seeds
from training.missions.cases import Case, FlownPart, as_flown_of
from training.missions.log import FlightLog
from training.results import Landings
from training.vector_env import make_vector_env

ROWS = 200


def flown(
    mission: str,
    scenario: object,
    pilot: str = "own",
    rows: int = ROWS,
    sigmas: float | None = None,
) -> Landings:
    """Landings from the phase of the mission's flight; `sigmas` is the margin while blind."""
    flight = as_flown_of(mission)
    gains = None if sigmas is None else {"blind": {"sigmas": sigmas}}
    task = Task(mission, scenario, control=flight.control, phase=flight.phase)
    entry = resolve(pilot, task, gains=gains)
    return evaluate(entry.pilot, entry.task, rows, 0, label=pilot, batch=rows)


def without(mission: str, **causes: float) -> AsFlownSpec:
    """The flight with other values for some of its causes."""
    flight = load_scenario("as-flown", mission)
    draws = {name: Draw("constant", (value,)) for name, value in causes.items()}
    return flight.model_copy(update=draws)


def is_inside(figures: Landings, mission: str) -> dict[str, bool]:
    """Whether the medians of the published figures lie in their bands."""
    return {
        figure.name: figure.band[0] <= np.nanmedian(figures[figure.name]) <= figure.band[1]
        for figure in as_flown_of(mission).published
        if figure.band is not None
    }


def test_resilience_crashes_as_it_did() -> None:
    figures = FlownPart(Case("hakuto-r-m2"), 0, 0, ROWS).run()
    assert np.mean(figures["outcome"] == "CRASHED") >= 0.9
    inside = is_inside(figures, "hakuto-r-m2")
    assert len(inside) == 4
    assert all(inside.values()), inside


def test_resilience_lands_when_it_knows_its_height_however_late_the_range() -> None:
    table = flown("hakuto-r-m2", without("hakuto-r-m2", nav_height_error_m=0.0))
    assert np.nanmedian(table["first_fix_height_m"]) < 1100.0
    assert np.mean(table["landed"]) >= 0.95


def test_resilience_lands_with_its_error_when_the_unit_is_healthy() -> None:
    """It is saved by 2 % of thrust: some 0.6 % of 4,000 crashed."""
    table = flown("hakuto-r-m2", without("hakuto-r-m2", signal_loss_dB=0.0))
    assert np.mean(table["landed"]) >= 0.97


@pytest.mark.parametrize("control", ["throttle", "thrust_vector"])
def test_resilience_lands_without_faults(control: str) -> None:
    entry = resolve("own", Task("hakuto-r-m2", "noisy", control=control))
    table = evaluate(entry.pilot, entry.task, ROWS, 0, label="own", batch=ROWS)
    assert np.mean(table["landed"]) >= 0.95


@pytest.mark.parametrize("pilot", ["hoverslam+kalman", "e-guidance+kalman"])
def test_the_confidence_of_resilience_in_its_height_decides_the_outcome(pilot: str) -> None:
    """An error of 430 m is below 2.5 sigmas of 300 m, and not of the 150 m that it assumes."""
    unsure = without("hakuto-r-m2", nav_height_sigma_m=300.0)
    trusted = flown("hakuto-r-m2", "as-flown", pilot, sigmas=2.5)
    doubted = flown("hakuto-r-m2", unsure, pilot, sigmas=2.5)
    assert np.mean(trusted["landed"]) <= 0.6
    assert np.mean(doubted["landed"]) >= 0.9


def test_the_learned_pilot_saves_resilience() -> None:
    table = flown("hakuto-r-m2", "as-flown", "ppo-m2-late-acquisition")
    assert np.mean(table["landed"]) >= 0.95


@pytest.fixture(scope="module")
def lost_over_the_rim() -> Landings:
    return FlownPart(Case("hakuto-r-m1"), 0, 0, 60).run()


def test_mission_1_estimates_zero_height_far_up_and_falls_with_empty_tanks(
    lost_over_the_rim: Landings,
) -> None:
    figures = lost_over_the_rim
    assert np.mean(figures["outcome"] == "FUEL_OUT") >= 0.9
    inside = is_inside(figures, "hakuto-r-m1")
    assert len(inside) == 2
    assert all(inside.values()), inside
    slow = np.abs(np.nanmedian(figures["dry_speed_m_s"]))
    # It hung there, and climbs or sinks by the error of the rate that the filter kept when it lost
    # the range: metres per second.
    assert slow < 6.0
    hung = np.nanmedian(figures["dry_time_s"] - figures["believed_zero_time_s"])
    assert 20.0 < hung < 90.0


def test_mission_1_rejects_ranges_permanently_after_the_crater_rim(
    lost_over_the_rim: Landings,
) -> None:
    figures = lost_over_the_rim
    assert np.median(figures["first_valid_height_m"]) > 12_000.0
    assert np.median(figures["lockout_s"]) > 200.0


@pytest.mark.slow
def test_the_recovering_filter_reaches_the_ground() -> None:
    """With the same causes, the same law of the plan, and a gate that opens again."""
    table = flown("hakuto-r-m1", "as-flown", "e-guidance+kalman", 60)
    assert np.mean(table["outcome"] == "FUEL_OUT") <= 0.2
    assert np.nanmedian(table["v_vertical_m_s"]) < 2.0


@pytest.mark.parametrize("control", ["throttle", "thrust_vector"])
def test_mission_1_lands_from_inside_the_crater_without_faults(control: str) -> None:
    entry = resolve("own", Task("hakuto-r-m1", "noisy", control=control, phase="terminal"))
    table = evaluate(entry.pilot, entry.task, ROWS, 0, label="own", batch=ROWS)
    assert np.mean(table["landed"]) >= 0.95


@pytest.mark.parametrize(
    ("mission", "phase"),
    [
        ("hakuto-r-m1", "approach"),
        ("hakuto-r-m1", "powered"),
        ("hakuto-r-m2", "approach"),
        # As long as that of Mission 1, and flown below where nothing drifts.
        pytest.param("hakuto-r-m2", "powered", marks=pytest.mark.slow),
    ],
)
def test_a_healthy_lander_lands_by_dead_reckoning_and_ranges(mission: str, phase: str) -> None:
    """Nothing on board sees the speed across: that of Resilience was known to well under 1 m/s."""
    entry = resolve("own", Task(mission, "noisy", control="thrust_vector", phase=phase))
    table = evaluate(entry.pilot, entry.task, 100, 0, label="own", batch=100)
    assert np.mean(table["landed"]) >= 0.95
    assert np.nanmedian(table["v_lateral_m_s"]) < 0.5


def test_resilience_flies_from_its_perilune_to_the_start_of_its_final_descent() -> None:
    """Where nothing drifts."""
    mission = load_mission("hakuto-r-m2")
    entry = resolve("own", Task(mission, "ideal", control="thrust_vector", phase="powered"))
    env = make_vector_env(entry.task, 20, AutoresetMode.NEXT_STEP)
    log = FlightLog(env, 20, entry.pilot.programs)
    table = fly_seeds(entry.pilot, env, list(range(20)), log=log)
    assert np.mean(table["landed"]) >= 0.95
    figures, start = log.figures(), mission.phases.named("terminal")
    low, high = start.height_m.support
    # The first range comes here and says how high the ground is: the pitch-up ends early or late.
    assert low - 150.0 < np.median(figures["pitch-up_end_height_m"]) < high + 150.0
    down = np.median(figures["pitch-up_end_v_vertical_m_s"])
    assert down == pytest.approx(start.plan_speed_m_s, abs=3.0)
    assert np.median(figures["pitch-up_end_v_lateral_m_s"]) < 1.5
    left = np.median(table["propellant_left_kg"]) / mission.phases.named("powered").propellant_kg
    assert 0.02 < left < 0.05


@pytest.mark.parametrize("pilot", ["velocity-profile+naive", "e-guidance+apollo"])
def test_single_beam_filters_use_a_canted_unit(pilot: str) -> None:
    """Taken for a range along the body axis it would be wrong by two fifths."""
    entry = resolve(pilot, Task("hakuto-r-m1", "noisy"))
    table = evaluate(entry.pilot, entry.task, 60, 0, label=pilot, batch=60)
    assert np.mean(table["landed"]) >= 0.9
