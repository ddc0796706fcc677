"""Known touchdowns through the environment: from a metre up, engines off, until it is over.

Chang'e-5 and IM-1 are in missions.md with their sources; `tests/reference/test_touchdown.py` has
the same at the level of the kernel, with more draws and legs that cannot break.
"""

import math
from collections import Counter
from typing import NamedTuple

import numpy as np
import pytest

from lunar_env import LunarLandingVectorEnv, Outcome, load_mission
from lunar_env.info import TOUCHDOWN_KEYS
from tests.envs.flying import G, exact, level, throttle

ABOVE_M = 1.0
# At the target, so that the ground under the lander is where the lander is told to start above.
THERE = dict.fromkeys(
    ("position_east_m", "position_north_m", "v_lateral_m_s", "downrange_m", "v_forward_m_s"), 0.0
)


class Ends(NamedTuple):
    """How the landings of a batch ended, one a row."""

    outcomes: Counter
    touchdown: dict[str, np.ndarray]


def let_go(mission, rows, start, seed=0, share=0.0):
    """Fly `rows` draws of a start at one throttle, off by default; the attitude is still held."""
    env = LunarLandingVectorEnv(rows, mission, scenario=exact(), num_threads=1)
    env.reset(seed=seed, options={"start": {"height_m": ABOVE_M, **start}})
    action = np.broadcast_to(throttle(share), (rows, 1))
    ended, outcomes, reports = np.zeros(rows, np.bool_), {}, {}
    while not ended.all():
        _, _, terminated, truncated, info = env.step(action)
        for row in np.flatnonzero((terminated | truncated) & ~ended):
            outcomes[row] = str(info["outcome"][row])
            reports[row] = {name: info[name][row] for name in ("outcome_code", *TOUCHDOWN_KEYS)}
        ended |= terminated | truncated
    names = reports[0]
    table = {name: np.array([reports[row][name] for row in range(rows)]) for name in names}
    return Ends(Counter(outcomes.values()), table)


def speed_above(mission, speed):
    """Vertical speed at the start from which it falls to the ground at `speed`, engines off.

    The engines burn at the start as the plan asks, and go out with their dead time and lag.
    """
    last = last_push(mission, G + mission.phases.terminal.plan_deceleration_m_s2)
    return -(last + math.sqrt(last**2 + speed**2 - 2.0 * G * ABOVE_M))


def last_push(mission, acceleration):
    """Speed that an acceleration still takes while the engines go out."""
    ring = mission.vehicle.engines[0]
    return acceleration * (ring.dead_time_s + ring.lag_down_s)


def test_change_5_lands_in_every_draw():
    """1.99 m/s down and 0.01 m/s across on level ground."""
    mission = level("change-5").replace(phases={"terminal": THERE})
    start = {"v_vertical_m_s": speed_above(mission, 1.99), "v_lateral_m_s": 0.01}
    ends = let_go(mission, 50, start)
    assert ends.touchdown["v_vertical_m_s"] == pytest.approx(1.99, abs=0.15)
    assert ends.outcomes == {"LANDED": 50}
    assert (ends.touchdown["legs_broken"] == 0.0).all()
    assert (ends.touchdown["rest_tilt_deg"] < 2.0).all()


def test_change_5_lands_on_the_ground_of_its_site_nearly_always():
    """There, rocks and small craters under a pad may tilt it beyond its limits."""
    mission = load_mission("change-5").replace(phases={"terminal": THERE})
    start = {"v_vertical_m_s": speed_above(mission, 1.99), "v_lateral_m_s": 0.01}
    outcomes = let_go(mission, 50, start).outcomes
    assert outcomes["LANDED"] >= 45
    assert outcomes["TIPPED"] == outcomes["CRASHED"] == 0


@pytest.mark.parametrize("name", ["im-1", "im-2"])
def test_nova_c_breaks_no_leg_at_the_speed_that_it_survives(name):
    """With the propellant that its own pilot has left."""
    mission = level(name).replace(phases={"terminal": {**THERE, "propellant_kg": 32.0}})
    survivable = mission.vehicle.limits.survivable.v_vertical_m_s
    ends = let_go(mission, 30, {"v_vertical_m_s": speed_above(mission, survivable - 0.15)})
    assert ends.touchdown["v_vertical_m_s"] == pytest.approx(survivable, abs=0.15)
    assert (ends.touchdown["legs_broken"] == 0.0).all()
    assert (ends.touchdown["rest_tilt_deg"] < 3.0).all()


def under_the_target(crater):
    """IM-1's crater, moved from where it came down to its target."""
    place = {"east_m": crater.east_m + 1060.0, "north_m": crater.north_m + 1060.0}
    return crater.replace(**place).to_table()


def odysseus(gear=None):
    """IM-1's touchdown on its crater's wall, 3 m/s down and 2 m/s across, from eight directions."""
    outcomes, reports = Counter(), []
    for k in range(8):
        heading = {"approach_azimuth_deg": 45.0 * k, "v_forward_m_s": 2.0}
        mission = load_mission("im-1").replace(phases={"terminal": {**THERE, **heading}})
        mission = mission.replace(features=[under_the_target(mission.features[0])])
        mission = mission if gear is None else mission.replace(vehicle={"gear": gear})
        ends = let_go(mission, 8, {"v_vertical_m_s": -3.05}, seed=100 * k)
        outcomes += ends.outcomes
        reports.append(ends.touchdown)
    return outcomes, {name: np.concatenate([r[name] for r in reports]) for name in reports[0]}


def test_odysseus_breaks_legs_and_tips_over_in_most_draws():
    outcomes, touchdown = odysseus()
    assert touchdown["v_vertical_m_s"].mean() == pytest.approx(3.0, abs=0.1)
    assert touchdown["v_lateral_m_s"].mean() == pytest.approx(2.0, abs=0.1)
    assert outcomes["TIPPED"] > 0.6 * outcomes.total()
    assert outcomes["LANDED"] == 0
    known = (touchdown["at_rest"] > 0) | (touchdown["outcome_code"] == Outcome.TIPPED)
    assert (touchdown["legs_broken"][known] > 0).all()


def test_odysseus_with_unbreakable_legs_stays_upright_in_most_draws():
    outcomes, touchdown = odysseus({"stroke_m": 1e6, "side_load_N": 1e9})
    assert outcomes["TIPPED"] < 0.4 * outcomes.total()
    assert np.max(touchdown["legs_broken"]) == 0


@pytest.mark.parametrize(
    ("speed", "outcome"), [(1.5, "LANDED"), (3.5, "HARD_LANDING"), (10.0, "CRASHED")]
)
@pytest.mark.parametrize("ground", ["level", "site"])
def test_the_touchdown_speed_decides_the_outcome_of_resilience(speed, outcome, ground):
    """The thrust holds the weight until the contact: no fall from a metre is slower than 1.8."""
    mission = level() if ground == "level" else load_mission("hakuto-r-m2")
    mission = mission.replace(phases={"terminal": THERE})
    vehicle, propellant = mission.vehicle, mission.phases.terminal.propellant_kg
    weight = (vehicle.mass_dry_kg + vehicle.payload_kg + propellant) * G
    share = weight / vehicle.thrust_max_N
    excess = last_push(mission, mission.phases.terminal.plan_deceleration_m_s2)
    ends = let_go(mission, 30, {"v_vertical_m_s": -(speed + excess)}, share=share)
    assert ends.touchdown["v_vertical_m_s"].mean() == pytest.approx(speed, abs=0.15)
    assert ends.outcomes[outcome] >= (30 if ground == "level" else 27)
