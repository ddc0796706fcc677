"""All memory of a batch: a row of float64 for each lander."""

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
    """What the environment keeps of an episode."""

    steps: float  # control steps flown
    start_height: float  # m
    start_propellant: float  # kg
    recover_margin: float  # m
    fix_height: float  # m, -1 before the first valid range
    fix_speed: float  # m/s
    potential: float  # of the last observation's state
    est_offset: float  # m, autopilot's correction of the dead-reckoned height
    has_fix: float
    arrivals: float  # samples of this step
    step_mass: float  # kg at the start of the step
    signal_loss: float  # dB
    time: float  # s since the start
    height: float  # m, true height of the pads at the end of the last step
    ignited: float  # 1 once an engine was commanded to burn
    cut_off: float  # 1 once the mission's cut-off has put all engines out
    faults_applied: float  # faults that have happened, as bits
    dry_touchdown: float  # 1 where the tanks were empty at the first contact
    ground_outcome: float  # Outcome of the motion on the ground, 0 while it goes on
    touched: float  # 1 once the touchdown report holds a contact of this episode
    force: Vec3  # m/s^2, B: specific force of the last step


class Slot(NamedTuple):
    """A range that arrived in the last step."""

    range: float  # m
    stamp: float  # s
    quality: float  # [-]
    beam: float  # [-], from 0


class TouchdownReport(NamedTuple):
    """What `info` says of a touchdown; nan without contact."""

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
    """What ``reset(options={"start": ...})`` may fix; nan means drawn."""

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

# Lines of the report, what Python asks of all landers after every step: a line for each quantity,
# because rows lie far apart.
_LINES: Final = Blocks()
TERMS: Final = _LINES.room(len(REWARD_TERMS))
REWARD: Final = _LINES.room()
TERMINATED: Final = _LINES.room()
TRUNCATED: Final = _LINES.room()
OUTCOME: Final = _LINES.room()
NEEDS_RESET: Final = _LINES.room()  # ended; the next step begins a new episode (NEXT_STEP)
WAITING: Final = _LINES.room()  # NEEDS_RESET as this step began
REPORT_LINES: Final = _LINES.end


# Everything in a row that has a name, for `column_of`.
_NAMED: Final = {
    "state": STATE,
    "vehicle": VEHICLE,
    "contact": CONTACT,
    "rangefinder": LRF,
    "drawn_rangefinder": DRAWN_LRF,
    "episode": EPISODE,
}


def column_of(name: str) -> int:
    """Column of a row by the name of its record and field, such as ``state.r.x``.

    Raises
    ------
    KeyError
        If there is none; the message lists the records, or the fields of the one that was named.
    """
    found: Any = _NAMED
    for part in name.split("."):
        known = found if isinstance(found, dict) else getattr(found, "_asdict", dict)()
        if part not in known:
            raise KeyError(f"{name!r}: no {part!r} among {', '.join(known)}")
        found = known[part]
    return int(found)


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


class Shared(NamedTuple):
    """What all landers of a batch have in common."""

    table: np.ndarray  # float64, task, designs, limits and laws: `table.py`
    tiles: np.ndarray  # (BANDS, n, n) float32, relief of the ground
    terrain: np.ndarray  # float64, numbers of the ground: `physics/landforms.py`


class BatchRow(NamedTuple):
    """One row of a batch, and all that its sensors and the rules of its episode look at."""

    lander: Lander
    line: np.ndarray  # of all rows, as in `World`
    events: np.ndarray
    table: np.ndarray
    key: np.uint64  # of the running episode


@inline_kernel
def batch_row(world: World, shared: Shared, i: int) -> BatchRow:
    """The flight of row `i`, for kernels only.

    An entry counts references and would release the arrays that it is given back; it leaves this to
    a kernel, which counts none.
    """
    lander = Lander(world.memory, shared.tiles, shared.terrain, i)
    return BatchRow(lander, world.line, world.events, shared.table, world.key[i])


def allocate(rows: int, frame: int, history: int, places: int, arrivals: int = 0) -> World:
    """A world of `rows` landers that observe `history` frames, with `places` in each delay line.

    Besides what waits in the delay line, `arrivals` samples can be read in one step.
    """
    memory = np.zeros((rows, MEMORY_WIDTH))
    memory[:, START : START + len(START_NAMES)] = np.nan
    return World(
        memory=memory,
        line=np.zeros((rows, places, ENTRY_WIDTH)),
        events=np.zeros((rows, places + arrivals, len(EVENT_COLUMNS))),
        report=np.zeros((REPORT_LINES, rows)),
        key=np.zeros(rows, np.uint64),
        observation=np.zeros((rows, frame * history), np.float32),
        final_observation=np.zeros((rows, frame * history), np.float32),
        final_privileged=np.zeros((rows, len(PRIVILEGED_FIELDS))),
        final_key=np.zeros(rows, np.uint64),
    )


def with_delay_line(world: World, places: int) -> World:
    """The same world with at least so many places in each delay line."""
    rows, now, width = world.line.shape
    if places <= now:
        return world
    room = np.zeros((rows, places - now, width))
    room[:, :, ENTRY.arrives] = np.inf  # free
    more = np.zeros((rows, places - now, len(EVENT_COLUMNS)))
    return world._replace(
        line=np.concatenate([world.line, room], axis=1),
        events=np.concatenate([world.events, more], axis=1),
    )
