"""Memory of a batch: a row of float64 for each lander."""

from typing import Any, Final, NamedTuple

import numpy as np

from lunar_env.kernel.compile import inline_kernel
from lunar_env.kernel.linalg import Vec3
from lunar_env.kernel.records import Blocks, columns, part_record, row_record, width
from lunar_env.physics.rows import COLD, CONTACT, STATE, VEHICLE, Lander
from lunar_env.sensors.delay import ENTRY, ENTRY_WIDTH
from lunar_env.sensors.events import EVENT_COLUMNS
from lunar_env.sensors.rows import DRAWN_LRF, LRF, MEMORY_WIDTH, SENSORS_WIDTH
from lunar_env.sim.fields import (
    MAX_ACTIONS,
    PAST_ACTIONS,
    PRIVILEGED_FIELDS,
    REWARD_TERMS,
    SLOTS,
)


class Episode(NamedTuple):
    """State of an episode, apart from that of the lander and its sensors."""

    steps: float  # control steps flown
    start_height: float  # m, of the pads above the ground
    start_propellant: float  # kg
    lost: float  # 1 if no control could land from the start
    stop_margin: float  # m, height that full thrust at the start would have left
    fix_height: float  # m, at the first valid range; -1 before
    fix_speed: float  # m/s, descent rate at the first valid range; -1 before
    potential: float  # [-], at the last observation
    est_offset: float  # m, autopilot's height minus the dead-reckoned altitude
    has_fix: float  # 1 once a range has corrected the autopilot's height
    arrivals: float  # [-], number of ranges that arrived in the step
    step_mass: float  # kg, at the start of the step
    signal_loss: float  # dB, of the rangefinder
    time: float  # s, since the start
    height: float  # m, true height of the pads above the ground at the end of the last step
    ignited: float  # 1 once an engine was commanded to burn
    cut_off: float  # 1 once the mission's cut-off has shut down all engines
    holds: float  # 1 once a height is held for the cut-off: `cut_off.py`
    held_offset: float  # m, that height minus the dead-reckoned altitude
    votes: float  # [-], number of ranges in a row that agree
    vote_offset: float  # m, of the last range
    vote_stamp: float  # s, time stamp of the last range
    faults_applied: float  # faults that have been applied, as bits
    dry_touchdown: float  # 1 where the tanks were empty at the first contact
    ground_outcome: float  # Outcome of the motion on the ground, 0 before it ends
    touched: float  # 1 once the touchdown report holds a contact of this episode
    force: Vec3  # m/s^2, B: mean specific force of the last step


class Slot(NamedTuple):
    """A range that arrived in the last step."""

    range: float  # m
    stamp: float  # s
    quality: float  # [-]
    beam: float  # [-], from 0


class TouchdownReport(NamedTuple):
    """The touchdown as in `info`; nan without contact."""

    v_vertical_m_s: float
    v_lateral_m_s: float
    tilt_deg: float
    rate_deg_s: float
    miss_m: float
    propellant_used_kg: float
    first_fix_height_m: float
    rest_tilt_deg: float
    legs_broken: float
    stroke_m: float


class Start(NamedTuple):
    """Quantities that ``reset(options={"start": ...})`` may fix; nan where drawn."""

    height_m: float
    v_vertical_m_s: float
    v_lateral_m_s: float
    nav_height_error_m: float


# Blocks of a row that belong to the environment; physics and sensors own those before.
_HOT: Final = Blocks(SENSORS_WIDTH)
EPISODE: Final = _HOT.add(Episode)
EPISODE_END: Final = _HOT.end
SLOT_WIDTH: Final = width(Slot)
SLOT: Final = _HOT.room(SLOTS * SLOT_WIDTH)
SCENARIO: Final = _HOT.room()  # index of the row's scenario in the table
TOUCHDOWN_NAMES: Final = TouchdownReport._fields
TOUCHDOWN: Final = _HOT.room(width(TouchdownReport))
TOUCHDOWN_AT: Final = columns(TouchdownReport, TOUCHDOWN)
START_NAMES: Final = Start._fields
START: Final = _HOT.room(width(Start))
PAST: Final = _HOT.room(PAST_ACTIONS * MAX_ACTIONS)  # actions, the latest first, MAX_ACTIONS each
assert _HOT.end <= COLD, "the hot blocks of a row need more room than rows.COLD gives them"

load_force, store_force = row_record(Vec3, EPISODE.force)
load_slot, store_slot = part_record(Slot)
load_touchdown, store_touchdown = row_record(TouchdownReport, TOUCHDOWN)
load_start, store_start = row_record(Start, START)

# Lines of the report, which Python reads for all landers after every step: one line for each
# quantity, because rows are far apart in memory.
_LINES: Final = Blocks()
TERMS: Final = _LINES.room(len(REWARD_TERMS))
REWARD: Final = _LINES.room()
TERMINATED: Final = _LINES.room()
TRUNCATED: Final = _LINES.room()
OUTCOME: Final = _LINES.room()
NEEDS_RESET: Final = _LINES.room()  # ended; the next step begins a new episode (NEXT_STEP)
WAITING: Final = _LINES.room()  # NEEDS_RESET as this step began
REPORT_LINES: Final = _LINES.end


# Records of a row that `column_of` knows by name.
_NAMED: Final = {
    "state": STATE,
    "vehicle": VEHICLE,
    "contact": CONTACT,
    "rangefinder": LRF,
    "drawn_rangefinder": DRAWN_LRF,
    "episode": EPISODE,
}


def column_of(name: str) -> int:
    """Column of a row by the name of its record and field.

    Parameters
    ----------
    name : str
        Record and field, with the axis of a vector, such as ``state.r.x``.

    Returns
    -------
    int
        Column of `World.memory`.

    Raises
    ------
    KeyError
        If there is none; the message lists the records, or the fields of the record.
    """
    found: Any = _NAMED
    for part in name.split("."):
        known = found if isinstance(found, dict) else getattr(found, "_asdict", dict)()
        if part not in known:
            raise KeyError(f"{name!r}: no {part!r} among {', '.join(known)}")
        found = known[part]
    return int(found)


class World(NamedTuple):
    """Arrays of a batch: one row for each lander, except for the report."""

    memory: np.ndarray  # (N, MEMORY_WIDTH)
    line: np.ndarray  # (N, entries, 5), delay line of the rangefinder
    events: np.ndarray  # (N, entries, 7), measurements of all sensors that arrived in the last step
    report: np.ndarray  # (REPORT_LINES, N), of the last step
    key: np.ndarray  # (N,) uint64, of the running episode
    observation: np.ndarray  # (N, frames) float32
    final_observation: np.ndarray  # (N, frames) float32, at the end of the row's last episode
    final_privileged: np.ndarray  # (N, P), likewise
    final_key: np.ndarray  # (N,) uint64, likewise


class Shared(NamedTuple):
    """Arrays that all landers of a batch share."""

    table: np.ndarray  # float64, task, designs, limits and distributions: `table.py`
    tiles: np.ndarray  # (BANDS, n, n) float32, relief of the ground
    terrain: np.ndarray  # float64, parameters of the ground: `physics/landforms.py`


class BatchRow(NamedTuple):
    """One row of a batch: its lander, and the arrays that sensors and rules of the episode use."""

    lander: Lander
    line: np.ndarray  # of all rows, as in `World`
    events: np.ndarray
    table: np.ndarray
    key: np.uint64  # of the running episode


@inline_kernel
def batch_row(world: World, shared: Shared, i: int) -> BatchRow:
    """Row `i` of a batch, for kernels only.

    An entry counts references and would release arrays that a kernel returns to it; kernels do not
    count references.
    """
    lander = Lander(world.memory, shared.tiles, shared.terrain, i)
    return BatchRow(lander, world.line, world.events, shared.table, world.key[i])


def allocate(rows: int, frame: int, history: int, entries: int, arrivals: int = 0) -> World:
    """Allocate the arrays of a batch.

    Parameters
    ----------
    rows : int
        Number of landers.
    frame : int
        Elements of an observed frame.
    history : int
        Number of frames in an observation.
    places : int
        Entries of each delay line.
    arrivals : int
        Measurements of other sensors that can arrive in one step.

    Returns
    -------
    World
        Zeros; all options of `Start` are nan.
    """
    memory = np.zeros((rows, MEMORY_WIDTH))
    memory[:, START : START + len(START_NAMES)] = np.nan
    return World(
        memory=memory,
        line=np.zeros((rows, entries, ENTRY_WIDTH)),
        events=np.zeros((rows, entries + arrivals, len(EVENT_COLUMNS))),
        report=np.zeros((REPORT_LINES, rows)),
        key=np.zeros(rows, np.uint64),
        observation=np.zeros((rows, frame * history), np.float32),
        final_observation=np.zeros((rows, frame * history), np.float32),
        final_privileged=np.zeros((rows, len(PRIVILEGED_FIELDS))),
        final_key=np.zeros(rows, np.uint64),
    )


def with_delay_line(world: World, entries: int) -> World:
    """Extend the delay lines of a batch.

    Parameters
    ----------
    world : World
        The batch.
    places : int
        Least number of entries of each delay line.

    Returns
    -------
    World
        `world` itself where its delay lines are long enough.
    """
    rows, now, width = world.line.shape
    if entries <= now:
        return world
    room = np.zeros((rows, entries - now, width))
    room[:, :, ENTRY.arrives] = np.inf  # free
    more = np.zeros((rows, entries - now, len(EVENT_COLUMNS)))
    return world._replace(
        line=np.concatenate([world.line, room], axis=1),
        events=np.concatenate([world.events, more], axis=1),
    )
