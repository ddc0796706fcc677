"""The layout of rows and table: blocks in order, nothing overlapping, names in their places."""

import numpy as np
import pytest

from lunar_env.envs.settings import DEFAULT_REWARD
from lunar_env.kernel.draws import DRAW_WIDTH
from lunar_env.physics import rows as physics_rows
from lunar_env.physics.types import Engine, Gear, Limits, Vehicle
from lunar_env.sensors import rows as sensor_rows
from lunar_env.sensors.camera import Camera
from lunar_env.sensors.channel import Channel
from lunar_env.sensors.inertial import Imu, NavErrors
from lunar_env.sensors.link import Echo, Rangefinder, Unit
from lunar_env.sensors.radar import Radar
from lunar_env.sensors.spread import ACCEL_BIAS, KINDS, Sigmas, Walks
from lunar_env.sensors.velocimeter import Velocimeter
from lunar_env.sim import table as tables
from lunar_env.sim import world
from lunar_env.sim.fields import (
    ACTION_FIELDS,
    MAX_ACTIONS,
    OBSERVATION_FIELDS,
    PAST_ACTIONS,
    PRIVILEGED_FIELDS,
    REWARD_TERMS,
    SLOTS,
    frame_fields,
)
from lunar_env.specs import list_missions, load_mission, load_scenario
from lunar_env.specs.pack import actions_of, pack, pack_task
from lunar_env.specs.pack_vehicle import pack_vehicle
from lunar_env.specs.sensors import MAX_IN_FLIGHT

CONTROLS = ("throttle", "thrust_vector", "actuators")


def flat_size(kind):
    """Floats of a NamedTuple, nested ones counted through."""
    nested = {"Vec3": 3, "Quat": 4}
    return sum(nested.get(getattr(t, "__name__", str(t)), 1) for t in kind.__annotations__.values())


def test_the_hot_blocks_of_a_row_follow_each_other():
    assert physics_rows.STATE == 0
    assert len(physics_rows.STATE_NAMES) == physics_rows.VEHICLE
    assert physics_rows.VEHICLE + len(Vehicle._fields) == physics_rows.TRIM
    assert physics_rows.TRIM + 3 == physics_rows.FLOWN == physics_rows.NEAR_EAST
    assert sensor_rows.LRF == physics_rows.PHYSICS_WIDTH
    assert sensor_rows.ECHO + len(Echo._fields) == sensor_rows.LAST_RANGE
    assert sensor_rows.UNIT + len(Unit._fields) == sensor_rows.NAV
    assert sensor_rows.NAV + flat_size(NavErrors) == sensor_rows.IMU
    assert sensor_rows.IMU + flat_size(Imu) == sensor_rows.SIGMAS
    assert sensor_rows.SIGMAS + len(Sigmas._fields) == sensor_rows.GATHERED
    assert sensor_rows.GATHERED + 3 == sensor_rows.AIDS
    assert sensor_rows.SWITCH + 1 == sensor_rows.SENSORS_WIDTH
    assert world.STEPS == sensor_rows.SENSORS_WIDTH
    assert world.SCENARIO - world.SLOT == 4 * SLOTS
    assert world.START + len(world.START_NAMES) == world.PAST
    assert world.PAST + PAST_ACTIONS * MAX_ACTIONS == world.HOT_END <= physics_rows.COLD


def test_the_cold_blocks_of_a_row_follow_each_other():
    assert physics_rows.GEAR == physics_rows.COLD
    assert physics_rows.GEAR + len(Gear._fields) == physics_rows.BAND_EAST
    assert physics_rows.FRICTION + 1 == physics_rows.STEP_RISE
    assert physics_rows.STEP_PLACE + 1 == physics_rows.ENGINES
    assert len(Engine._fields) == physics_rows.THRUST
    assert physics_rows.PENDING + physics_rows.MAX_DEAD_TICKS + 1 == physics_rows.ENGINE_WIDTH
    engines = physics_rows.MAX_ENGINES * physics_rows.ENGINE_WIDTH
    assert physics_rows.ENGINES + engines == physics_rows.POINTS
    points = physics_rows.MAX_LEGS + physics_rows.HULL_POINTS
    assert physics_rows.POINTS + points * physics_rows.POINT_WIDTH == physics_rows.ROW_WIDTH
    assert physics_rows.ROW_WIDTH == sensor_rows.DVL
    assert sensor_rows.CAM + sensor_rows.CHANNEL_WIDTH == sensor_rows.SPREAD
    assert sensor_rows.FLIGHT_PLACES == MAX_IN_FLIGHT
    assert sensor_rows.DRIVES + KINDS - ACCEL_BIAS == sensor_rows.WALKS
    assert sensor_rows.WALKS + len(Walks._fields) == sensor_rows.COLUMNS
    assert 3 * KINDS == sensor_rows.COLUMN_COUNT


def columns(module, low, high, without):
    """Names of a module's columns from `low` to `high`, and their places."""
    return {
        name: value
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, int) and low <= value < high
        if name not in without
    }


@pytest.mark.parametrize(
    ("module", "low", "high", "without"),
    [
        (sensor_rows, sensor_rows.LRF, sensor_rows.ECHO, {"LRF", "PHYSICS_WIDTH"}),
        (sensor_rows, sensor_rows.LAST_RANGE, sensor_rows.UNIT, set()),
        (world, world.STEPS, world.PULL, {"SENSORS_WIDTH"}),
    ],
)
def test_no_two_scalars_share_a_column(module, low, high, without):
    others = {"SENSORS_WIDTH", "PHYSICS_WIDTH", "ROW_WIDTH", "COLD", "CHANNEL_WIDTH"}
    found = columns(module, low, high, without | others)
    assert sorted(found.values()) == list(range(low, high))


def test_the_first_privileged_columns_are_the_first_of_the_row():
    names = [field.name for field in PRIVILEGED_FIELDS]
    assert tuple(names[:14]) == physics_rows.STATE_NAMES[:14]


@pytest.mark.parametrize("name", list_missions())
@pytest.mark.parametrize("control", CONTROLS)
def test_a_frame_is_what_is_sensed_and_the_past_actions(name, control):
    mission = load_mission(name)
    actions = actions_of(mission.vehicle, control)
    for phase in mission.phases.offered:
        frame = frame_fields(phase, actions)
        assert len(frame) == tables.SENSED + PAST_ACTIONS * len(actions) <= tables.MAX_FRAME
        # What every control senses lies in the same places.
        sensed = [field.name for field in frame[: tables.SENSED]]
        assert sensed == [field.name for field in OBSERVATION_FIELDS[: tables.SENSED]]
        past = [f"prev_{a.name}_{k}" for k in range(1, PAST_ACTIONS + 1) for a in actions]
        assert [field.name for field in frame[tables.SENSED :]] == past


def test_a_world_has_a_row_for_each_lander():
    frame = len(OBSERVATION_FIELDS)
    fresh = world.allocate(3, frame, 4, 5)
    assert fresh.observation.shape == fresh.final_observation.shape == (3, 4 * frame)
    assert fresh.memory.shape == (3, sensor_rows.MEMORY_WIDTH)
    assert fresh.events.shape == (3, 5, 7)
    assert world.allocate(3, frame, 4, 5, 6).events.shape == (3, 11, 7)
    assert world.with_places(fresh, 8).events.shape == (3, 8, 7)
    assert fresh.line.shape == (3, 5, 5)
    assert fresh.final_privileged.shape == (3, len(PRIVILEGED_FIELDS))
    assert fresh.key.dtype == fresh.final_key.dtype == np.uint64


def packed(name="hakuto-r-m2", phase="terminal", control="throttle"):
    mission = load_mission(name)
    scenarios = [load_scenario("ideal"), load_scenario("engine-out")]
    frame = frame_fields(phase, actions_of(mission.vehicle, control))
    table = pack(mission, phase, control, scenarios, DEFAULT_REWARD, 200.0, frame)
    return mission, frame, table


def test_the_table_is_full_and_its_blocks_stand_where_kernels_look():
    mission, frame, table = packed()
    assert table.dtype == np.float64
    assert table.size == tables.SCENARIOS + 2 * tables.SCENARIO_WIDTH
    assert np.isfinite(table).all()
    task = pack_task(mission, "terminal", "throttle", 200.0)
    assert tuple(table[tables.TASK : tables.NOMINAL]) == tuple(map(float, task))
    nominal = tuple(map(float, pack_vehicle(mission.vehicle)))
    assert tuple(table[tables.NOMINAL : tables.NOMINAL_ENGINES]) == nominal
    assert tables.NOMINAL_GEAR + len(Gear._fields) == tables.LIMITS
    assert 3 * len(Limits._fields) == tables.DESIGN - tables.LIMITS
    assert len(Rangefinder._fields) == tables.DVL_DESIGN - tables.DESIGN
    assert len(Velocimeter._fields) == tables.RALT_DESIGN - tables.DVL_DESIGN
    assert len(Radar._fields) == tables.CAM_DESIGN - tables.RALT_DESIGN
    assert len(Camera._fields) == tables.GAUGE_QUANTUM - tables.CAM_DESIGN
    for design in (Velocimeter, Radar, Camera):
        assert design._fields[: len(Channel._fields)] == Channel._fields
    scales = np.array([field.scale for field in frame])
    np.testing.assert_allclose(table[tables.SCALES :][: len(frame)], 1.0 / scales)
    worth = [DEFAULT_REWARD[name] for name in (*REWARD_TERMS, "gamma")]
    assert table[tables.WORTH : tables.MISSION].tolist() == worth
    assert len(ACTION_FIELDS) == task.actions == 1.0


@pytest.mark.parametrize("control", CONTROLS)
def test_the_action_before_the_start_leaves_the_engines_off(control):
    mission, _, table = packed("im-1", "approach", control)
    actions = actions_of(mission.vehicle, control)
    before = table[tables.IDLE :][: len(actions)]
    for action, value in zip(actions, before, strict=True):
        assert value == (-1.0 if action.name.startswith("throttle") else 0.0)


def test_a_fault_is_packed_with_its_trigger_and_others_are_empty():
    _, _, table = packed()
    width = tables.FAULT_WIDTH
    places = [tables.SCENARIOS + tables.FAULTS + k * tables.SCENARIO_WIDTH for k in range(2)]
    calm, failing = (table[at : at + tables.MAX_FAULTS * width].reshape(-1, width) for at in places)
    assert (calm[:, 0] == -1.0).all()
    assert failing[0].tolist() == [0.0, 0.0, tables.BELOW_HEIGHT, 50.0]
    assert failing[1, 0] == -1.0


def test_every_distribution_has_a_stream_of_its_own():
    _, _, table = packed()
    mission = table[tables.MISSION : tables.SCENARIOS : DRAW_WIDTH]
    start = tables.SCENARIOS
    one = table[start : start + tables.FAULTS : DRAW_WIDTH]
    start += tables.SCENARIO_WIDTH
    other = table[start : start + tables.FAULTS : DRAW_WIDTH]
    assert np.array_equal(one, other)  # the same quantity, the same stream in any scenario
    inertial = table[tables.SCENARIOS + tables.INERTIAL : start : DRAW_WIDTH]
    streams = [*mission, *one, *inertial]
    assert len(set(streams)) == len(streams)
    assert len(mission) == len(tables.MISSION_DRAWS)
    assert len(one) == len(tables.SCENARIO_DRAWS)
    assert len(inertial) == len(tables.INERTIAL_DRAWS)
