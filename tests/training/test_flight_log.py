"""What is measured of a flight while it is flown."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("pyarrow")

from gymnasium.vector import AutoresetMode

from lunar_env.pilots import resolve
from lunar_env.specs import load_mission
from lunar_env.specs.published import FIGURES, SEGMENT_FIGURES
from lunar_env.task import Task
from training.evaluate import fly_seeds
from training.missions.log import FlightLog
from training.seeds import Domain, episode_seeds
from training.truth import truth_column
from training.vector_env import make_vector_env

M2 = "hakuto-r-m2"
LANDINGS = 6


@pytest.fixture(scope="module")
def flown():
    """Return landings of a plain pilot, their log, and every step's truth of each."""
    task = Task(M2, "noisy")
    pilot = resolve("hoverslam+kalman", task).pilot
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


def test_flight_log_and_recorder_agree(flown):
    rows, figures, _ = flown
    for name, column in (
        ("first_valid_height_m", "first_fix_height_m"),
        ("first_valid_speed_m_s", "first_fix_speed_m_s"),
        ("first_valid_time_s", "first_fix_time_s"),
        ("propellant_left_kg", "propellant_left_kg"),
    ):
        np.testing.assert_allclose(figures[name], rows[column], rtol=1e-12, err_msg=name)
    share = rows["propellant_left_kg"] / (rows["propellant_left_kg"] + rows["propellant_used_kg"])
    np.testing.assert_allclose(figures["propellant_left_frac"], share, rtol=1e-12)


def test_figures_agree_with_the_true_state_of_every_step(flown):
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


def test_events_that_do_not_happen_give_nan(flown):
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


def test_downrange_is_the_distance_over_the_ground():
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


def test_the_true_height_at_the_first_zero_estimate_is_recorded(falling):
    env, log, step = falling
    step(believed(500.0, 500.0))
    height = env.privileged[:, truth_column("height_m")]
    step(believed(-1.0, 400.0))
    step(believed(-50.0, 300.0))
    figures = log.figures()
    assert figures["believed_zero_height_m"][0] == pytest.approx(height[0])
    assert figures["believed_zero_time_s"][0] == pytest.approx(0.2)
    assert np.isnan(figures["believed_zero_height_m"][1])


def test_estimate_errors_are_those_before_contact(falling):
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


def test_the_height_of_exhaustion_is_recorded():
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
