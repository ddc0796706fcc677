"""All memory of a batch: a row of float64 for each lander."""

from typing import Final, NamedTuple

import numpy as np

from lunar_env.physics.rows import COLD
from lunar_env.sensors.delay import ARRIVES, PLACE_WIDTH
from lunar_env.sensors.events import EVENT_COLUMNS
from lunar_env.sensors.rows import MEMORY_WIDTH, SENSORS_WIDTH
from lunar_env.sim.fields import (
    MAX_ACTIONS,
    PAST_ACTIONS,
    PRIVILEGED_FIELDS,
    REWARD_TERMS,
    SLOTS,
)

# Blocks of a row that belong to the environment; physics and sensors own those before.
STEPS: Final = SENSORS_WIDTH  # control steps flown
START_HEIGHT: Final = STEPS + 1  # m
START_PROPELLANT: Final = STEPS + 2  # kg
RECOVER_MARGIN: Final = STEPS + 3  # m
FIX_HEIGHT: Final = STEPS + 4  # m, -1 before the first valid range
FIX_SPEED: Final = STEPS + 5  # m/s
POTENTIAL: Final = STEPS + 6  # of the last observation's state
EST_OFFSET: Final = STEPS + 7  # m, autopilot's correction of the dead-reckoned height
HAS_FIX: Final = STEPS + 8
ARRIVALS: Final = STEPS + 9  # samples of this step
STEP_MASS: Final = STEPS + 10  # kg at the start of the step
SIGNAL_LOSS: Final = STEPS + 11  # dB
TIME: Final = STEPS + 12  # s since the start
HEIGHT: Final = STEPS + 13  # m, true height of the pads at the end of the last step
IGNITED: Final = STEPS + 14  # 1 once an engine was commanded to burn
CUT_OFF: Final = STEPS + 15  # 1 once the mission's cut-off has put all engines out
STRUCK: Final = STEPS + 16  # faults that have happened, as bits
DRY_TOUCHDOWN: Final = STEPS + 17  # 1 where the tanks were empty at the first contact
VERDICT: Final = STEPS + 18  # Outcome of the motion on the ground, 0 while it goes on
TOUCHED: Final = STEPS + 19  # 1 once the touchdown report holds a contact of this episode
PULL: Final = STEPS + 20  # m/s^2, B: specific force of the last step, 3
EPISODE_END: Final = PULL + 3
SLOT: Final = EPISODE_END  # SLOTS times (range, stamp, quality, beam)
SCENARIO: Final = SLOT + 4 * SLOTS  # index of the row's scenario in the table
TOUCHDOWN_NAMES: Final = (
    *("v_vertical_m_s", "v_lateral_m_s", "tilt_deg", "rate_deg_s"),
    *("miss_m", "propellant_used_kg", "first_fix_height_m"),
    *("rest_tilt_deg", "legs_broken", "stroke_m"),
)
TOUCHDOWN: Final = SCENARIO + 1  # TOUCHDOWN_NAMES, nan without contact
# What `reset(options={"start": ...})` may fix; nan means drawn.
START_NAMES: Final = ("height_m", "v_vertical_m_s", "v_lateral_m_s", "nav_height_error_m")
START: Final = TOUCHDOWN + len(TOUCHDOWN_NAMES)
PAST: Final = START + len(START_NAMES)  # actions, the latest first, MAX_ACTIONS each
HOT_END: Final = PAST + PAST_ACTIONS * MAX_ACTIONS
assert HOT_END <= COLD, "the hot blocks of a row need more room than rows.COLD gives them"

# Lines of the report, what Python asks of all landers after every step: a line for each quantity,
# because rows lie far apart.
TERMS: Final = 0  # REWARD_TERMS
REWARD: Final = TERMS + len(REWARD_TERMS)
TERMINATED: Final = REWARD + 1
TRUNCATED: Final = REWARD + 2
OUTCOME: Final = REWARD + 3
NEEDS_RESET: Final = REWARD + 4  # ended; the next step begins a new episode (NEXT_STEP)
WAITING: Final = REWARD + 5  # NEEDS_RESET as this step began
REPORT_LINES: Final = REWARD + 6


class World(NamedTuple):
    """One row for each lander, but for the report."""

    memory: np.ndarray  # (N, MEMORY_WIDTH)
    line: np.ndarray  # (N, places, 5), ranges on their way
    events: np.ndarray  # (N, places, 7), samples of all sensors that arrived in the last step
    report: np.ndarray  # (REPORT_LINES, N), of the last step
    key: np.ndarray  # (N,) uint64, of the running episode
    observation: np.ndarray  # (N, frames) float32
    final_observation: np.ndarray  # (N, frames) float32, at the last end of the row
    final_privileged: np.ndarray  # (N, P)
    final_key: np.ndarray  # (N,) uint64


def allocate(rows: int, frame: int, history: int, places: int, arrivals: int = 0) -> World:
    """A world of `rows` landers that observe `history` frames, with `places` in each delay line.

    Besides what waits in the delay line, `arrivals` samples can be read in one step.
    """
    memory = np.zeros((rows, MEMORY_WIDTH))
    memory[:, START : START + len(START_NAMES)] = np.nan
    return World(
        memory=memory,
        line=np.zeros((rows, places, PLACE_WIDTH)),
        events=np.zeros((rows, places + arrivals, len(EVENT_COLUMNS))),
        report=np.zeros((REPORT_LINES, rows)),
        key=np.zeros(rows, np.uint64),
        observation=np.zeros((rows, frame * history), np.float32),
        final_observation=np.zeros((rows, frame * history), np.float32),
        final_privileged=np.zeros((rows, len(PRIVILEGED_FIELDS))),
        final_key=np.zeros(rows, np.uint64),
    )


def with_places(world: World, places: int) -> World:
    """The same world with at least so many places in each delay line."""
    rows, now, width = world.line.shape
    if places <= now:
        return world
    room = np.zeros((rows, places - now, width))
    room[:, :, ARRIVES] = np.inf  # free
    more = np.zeros((rows, places - now, len(EVENT_COLUMNS)))
    return world._replace(
        line=np.concatenate([world.line, room], axis=1),
        events=np.concatenate([world.events, more], axis=1),
    )
