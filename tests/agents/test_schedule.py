"""A mission's own schedule: its segments on a point mass, where each begins and ends, bad files."""

from __future__ import annotations

import numpy as np
import pytest

from agents import make_pilot
from agents.guidance.moon import Moon
from agents.guidance.schedule import ScheduleLaw
from agents.guidance.segments import Segment, end_state, read_segment
from agents.guidance.types import VectorInput
from agents.own import missions_with_own, read_own
from lunar_env.errors import ConfigError

G = 1.6242
FLAT = Moon(G)
ROUND = Moon(G, 1_737_400.0)
PERIOD_S = 0.1


def motion(r, v, time_s=0.0, moon=FLAT, thrust=5.0, steered=True):
    """What the law is told of landers at (n, 3) with so much installed thrust over mass."""
    r, v = np.atleast_2d(np.asarray(r, float)), np.atleast_2d(np.asarray(v, float))
    row = np.ones(len(r))
    end, end_v = np.zeros_like(r), np.zeros_like(r)
    end_v[:, 2] = -1.0  # the default touchdown speed: nothing is in doubt
    numbers = thrust * row, 0.0 * row, 3000.0 * row, time_s * row
    return VectorInput(r, v, end, end_v, moon.gravity(r), *numbers, steered, moon)


def fly(law, r, v, seconds, moon=FLAT, steered=True, thrust=5.0):
    """Follow the commands exactly; return times, places, velocities and programs."""
    r, v = np.array([r], float), np.array([v], float)
    memory, flown = law.start(1), []
    for k in range(round(seconds / PERIOD_S)):
        now = motion(r, v, k * PERIOD_S, moon, thrust, steered)
        command, memory = law.command(now, memory)
        flown.append((k * PERIOD_S, *r[0], *v[0], law.program(memory)[0]))
        a = command + moon.gravity(r)
        r, v = r + PERIOD_S * (v + 0.5 * PERIOD_S * a), v + PERIOD_S * a
    return np.array(flown)


def at_end_of(flown, number):
    """State when the segment after `number` took over."""
    return flown[np.argmax(flown[:, 7] > number)]


SINK = Segment("touchdown", "sink", end_descent_m_s=1.5)


def test_a_profile_is_flown_at_its_speed_and_ends_at_its_height():
    profile = Segment(
        "p", "profile", end_height_m=10.0, end_descent_m_s=2.0, deceleration_m_s2=1.87
    )
    law = ScheduleLaw((profile, SINK))
    start = np.sqrt(2.0**2 + 2 * 1.87 * (2990.0))
    flown = fly(law, [0.0, 0.0, 3000.0], [0.0, 0.0, -start], 75.0)
    on_it = flown[(flown[:, 7] == 0) & (flown[:, 3] > 60.0)]
    wanted = np.sqrt(2.0**2 + 2 * 1.87 * (on_it[:, 3] - 10.0))
    assert np.allclose(-on_it[:, 6], wanted, atol=0.5)
    assert at_end_of(flown, 0)[3] == pytest.approx(10.0, abs=0.5)
    assert -flown[-1, 6] == pytest.approx(1.5, abs=0.01)


def test_a_fall_segment_tilts_with_engines_off_unless_it_drifts():
    """Its top goes where an azimuth says, from north over east; drifting, it is not let go."""
    fall = Segment(
        *("f", "fall"),
        end_descent_m_s=1.8,
        lateral_most_m_s=0.5,
        lean_deg=6.0,
        lean_azimuth_deg=30.0,
    )
    law = ScheduleLaw((fall,))
    now = motion([[0.0, 0.0, 3.0]] * 2, [[0.1, 0.0, -1.0], [1.0, 0.0, -1.0]])
    command, _ = law.command(now, law.start(2))
    size = np.linalg.norm(command, axis=1)
    assert 0.0 < size[0] < 0.01
    assert size[1] > 0.5 * G
    assert np.degrees(np.arccos(command[0, 2] / size[0])) == pytest.approx(6.0)
    assert np.degrees(np.arctan2(command[0, 0], command[0, 1])) == pytest.approx(30.0)


def test_a_hover_keeps_its_duration_and_moves_to_its_divert():
    hover = Segment("h", "hover", end_height_m=100.0, lasts_s=60.0, divert_east_m=98.0)
    flown = fly(ScheduleLaw((hover, SINK)), [0.0, 0.0, 104.0], [0.0, 0.0, 0.0], 65.0)
    end = at_end_of(flown, 0)
    assert end[0] == pytest.approx(60.0)
    assert end[3] == pytest.approx(100.0, abs=0.5)
    assert end[1] == pytest.approx(98.0, abs=1.0)
    assert np.abs(flown[:, 4]).max() < 3.5  # lateral_most_m_s and a little overshoot


def test_without_steering_a_divert_has_no_effect():
    hover = Segment("h", "hover", end_height_m=100.0, lasts_s=20.0, divert_east_m=98.0)
    law = ScheduleLaw((hover, SINK))
    flown = fly(law, [0.0, 0.0, 100.0], [0.0, 0.0, 0.0], 20.0, steered=False)
    assert np.abs(flown[:, 1]).max() < 1e-6


def test_a_plan_reaches_a_state_far_before_the_target_on_the_sphere():
    braking = Segment(
        "b",
        "plan",
        end_height_m=7420.0,
        end_descent_m_s=61.0,
        end_forward_m_s=358.0,
        end_downrange_m=34e3,
        peak_frac=0.95,
    )
    law = ScheduleLaw((braking, SINK))
    angle = -500e3 / ROUND.radius_m
    up, ahead = (
        np.array([np.sin(angle), 0, np.cos(angle)]),
        np.array([np.cos(angle), 0, -np.sin(angle)]),
    )
    r = up * (ROUND.radius_m + 20e3) - np.array([0.0, 0.0, ROUND.radius_m])
    flown = fly(law, r, 1600.0 * ahead, 650.0, ROUND, thrust=2.45)
    end = at_end_of(flown, 0)
    place, velocity = end_state(
        braking,
        motion([[0.0, 0.0, 20e3]], [[0.0] * 3], moon=ROUND),
        np.zeros((1, 2)),
        np.array([[1.0, 0.0]]),
    )
    # It hands over two seconds early, and does not hurry in the last eight.
    assert np.linalg.norm(end[1:4] - place[0]) < 8.0 * 363.0
    assert np.linalg.norm(end[4:7] - velocity[0]) < 15.0


def test_the_end_of_a_plan_is_given_on_the_ground_below_it():
    segment = Segment(
        "b",
        "plan",
        end_height_m=5e3,
        end_descent_m_s=10.0,
        end_forward_m_s=300.0,
        end_downrange_m=100e3,
    )
    now = motion([[0.0, 0.0, 20e3]], [[0.0] * 3], moon=ROUND)
    place, velocity = end_state(segment, now, np.zeros((1, 2)), np.array([[0.0, 1.0]]))
    up = ROUND.up(place)
    assert ROUND.height(place)[0] == pytest.approx(5e3)
    assert velocity[0] @ up[0] == pytest.approx(-10.0)
    assert np.linalg.norm(velocity[0]) == pytest.approx(np.hypot(300.0, 10.0))


def test_a_plan_that_begins_low_ends_no_faster_than_its_height_allows():
    plan = Segment("p", "plan", end_height_m=4000.0, end_descent_m_s=90.0)
    place, ahead = np.zeros((1, 2)), np.array([[1.0, 0.0]])
    for height, rate in ((7500.0, 90.0), (5263.0, np.sqrt(47.0**2 + 1.2 * G * 1263.0))):
        now = motion([-1448.0, 0.0, height], [83.0, 0.0, -47.0])
        _, velocity = end_state(plan, now, place, ahead)
        assert velocity[0] == pytest.approx([0.0, 0.0, -rate])
    # Otherwise it would climb first, in order to fall.
    flown = fly(ScheduleLaw((plan, SINK)), now.r_m[0], now.v_m_s[0], 60.0)
    assert flown[:, 6].max() < 0.0


def test_a_plan_that_would_overfly_its_target_ends_ahead_of_it():
    plan = Segment("p", "plan", end_height_m=500.0, end_descent_m_s=10.0)
    # From 100 m/s it stops within 1.1 km at 4.5 m/s2, the target is at 500 m.
    flown = fly(ScheduleLaw((plan, SINK)), [-500.0, 0.0, 2000.0], [100.0, 0.0, -40.0], 60.0)
    end = at_end_of(flown, 0)
    assert end[1] > 500.0
    assert flown[: int(end[0] / PERIOD_S), 4].min() > -1.0  # it does not come back
    assert flown[:, 6].max() < 0.0  # nor climb
    # One that is reached in time is kept.
    kept = fly(ScheduleLaw((plan, SINK)), [-2500.0, 0.0, 2000.0], [100.0, 0.0, -40.0], 60.0)
    assert at_end_of(kept, 0)[1] == pytest.approx(0.0, abs=5.0)


def test_a_hold_keeps_direction_and_fraction_of_thrust():
    hold = Segment("h", "hold", lasts_s=3.0, throttle_frac=0.5)
    law = ScheduleLaw(
        (Segment("p", "profile", end_height_m=99.0, deceleration_m_s2=1.0), hold, SINK)
    )
    memory = law.start(1)
    _, memory = law.command(motion([0, 0, 100.0], [0.0, 0.0, -5.0], 0.0), memory)
    held = [law.command(motion([0, 0, 98.0], [0.0, 0.0, -5.0], t), memory) for t in (0.1,)]
    thrust, memory = held[0]
    assert law.program(memory)[0] == 1
    assert thrust[0] == pytest.approx([0.0, 0.0, 2.5])
    thrust, memory = law.command(motion([0, 0, 90.0], [3.0, 0.0, -5.0], 3.0), memory)
    assert thrust[0] == pytest.approx([0.0, 0.0, 2.5])
    _, memory = law.command(motion([0, 0, 85.0], [3.0, 0.0, -5.0], 3.2), memory)
    assert law.program(memory)[0] == 2


def test_an_episode_that_starts_lower_skips_higher_segments():
    law = ScheduleLaw(
        (
            Segment("b", "plan", end_height_m=7000.0, end_descent_m_s=60.0, end_downrange_m=3e4),
            Segment("h", "hold", lasts_s=10.0, throttle_frac=1.0),
            Segment("f", "plan", end_height_m=1000.0, end_descent_m_s=10.0),
            SINK,
        )
    )
    starts = [[0.0, -6e5, 3e4], [0.0, -2e4, 8e3], [0.0, -5e3, 5e3], [0.0, 0.0, 500.0]]
    _, memory = law.command(motion(starts, np.zeros((4, 3)) - 1.0), law.start(4))
    assert law.program(memory).tolist() == [0, 2, 2, 3]


def test_rows_are_independent():
    profile = Segment("p", "profile", end_height_m=10.0, end_descent_m_s=1.0, deceleration_m_s2=1.0)
    law = ScheduleLaw(
        (Segment("b", "plan", end_height_m=900.0, end_descent_m_s=40.0), profile, SINK)
    )
    r = np.array([[300.0, 40.0, 3000.0], [0.0, 0.0, 500.0], [5.0, 5.0, 4.0]])
    v = np.array([[-10.0, 3.0, -80.0], [1.0, 0.0, -30.0], [0.1, 0.0, -1.0]])
    together, memory = law.command(motion(r, v), law.start(3))
    for i in range(3):
        alone, _ = law.command(motion(r[i], v[i]), law.start(1))
        assert np.array_equal(alone[0], together[i])
    before = [part.copy() for part in memory]
    law.command(motion(r, v, 0.2), memory)
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(before, memory, strict=True))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"name": "a", "kind": "glide"}, "kind = 'glide' must be one of plan, hold"),
        ({"name": "a", "kind": "sink"}, "end_descent_m_s is missing, a sink needs it"),
        ({"kind": "sink", "end_descent_m_s": 1.0}, "name is missing"),
        ({"name": "a", "kind": "sink", "end_decent_m_s": 1.0}, "did you mean 'end_descent_m_s'"),
        ({"name": "a", "kind": "sink", "end_descent_m_s": "1"}, "must be a number"),
    ],
)
def test_an_invalid_segment_is_an_error(table, said):
    with pytest.raises(ConfigError, match="guidance/x") as told:
        read_segment(table, "guidance/x")
    assert said in str(told.value)


@pytest.mark.parametrize("mission", missions_with_own())
def test_every_own_pilot_can_be_made(mission):
    pilot = make_pilot("own", mission=mission)
    assert pilot.name == "own"
    read = read_own(mission)
    assert read.law == "apollo" or read.segments[-1].kind in ("sink", "fall")


def test_own_needs_a_mission_that_has_one():
    with pytest.raises(
        ConfigError, match="'hakuto-r-m3' has no pilot 'own'; did you mean 'hakuto-r-m2'"
    ):
        make_pilot("own", mission="hakuto-r-m3")
    with pytest.raises(ConfigError, match="pilot 'own' needs a mission"):
        make_pilot("own")
