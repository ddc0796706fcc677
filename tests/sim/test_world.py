"""The layout of rows and table: blocks in order, nothing overlapping, names in their places."""

import numpy as np
import pytest

from lunar_env.envs.settings import DEFAULT_REWARD
from lunar_env.kernel.draws import DRAW_WIDTH
from lunar_env.kernel.records import width
from lunar_env.physics import rows as physics_rows
from lunar_env.physics.types import Limits
from lunar_env.sensors import rows as sensor_rows
from lunar_env.sensors.camera import Camera
from lunar_env.sensors.channel import Channel
from lunar_env.sensors.covariance import ACCEL_BIAS, KINDS
from lunar_env.sensors.link import Rangefinder
from lunar_env.sensors.radar import Radar
from lunar_env.sensors.types import DrivingSigmas
from lunar_env.sensors.velocimeter import Velocimeter
from lunar_env.sim import table as tables
from lunar_env.sim import world
from lunar_env.sim.fields import (
    ACTION_FIELDS,
    MAX_ACTIONS,
    PAST_ACTIONS,
    PRIVILEGED_FIELDS,
    REWARD_TERMS,
)
from lunar_env.sim.frame import OBSERVATION_FIELDS, frame_fields
from lunar_env.specs import list_missions, load_mission, load_scenario
from lunar_env.specs.pack import actions_of, pack, pack_task
from lunar_env.specs.pack_vehicle import pack_vehicle
from lunar_env.specs.sensors import MAX_IN_FLIGHT

CONTROLS = ("throttle", "thrust_vector", "actuators")


def test_the_hot_blocks_end_before_the_cold_ones_begin():
    assert world.PAST + PAST_ACTIONS * MAX_ACTIONS <= physics_rows.COLD == physics_rows.GEAR.legs


def test_blocks_are_as_large_as_their_content():
    assert sensor_rows.QUEUE_LENGTH == MAX_IN_FLIGHT
    assert width(DrivingSigmas) == KINDS - ACCEL_BIAS
    assert 3 * KINDS == sensor_rows.ERROR_COLUMN_COUNT
    assert tables.RewardScales._fields == (*REWARD_TERMS, "gamma")


def test_a_column_is_found_by_its_name():
    assert world.column_of("state.v.z") == physics_rows.STATE.v.z
    assert world.column_of("episode.time") == world.EPISODE.time
    with pytest.raises(KeyError, match="no 'speed' among steps, start_height"):
        world.column_of("episode.speed")
    with pytest.raises(KeyError, match="no 'lander' among state, vehicle"):
        world.column_of("lander.mass")


@pytest.mark.parametrize("name", list_missions())
@pytest.mark.parametrize("control", CONTROLS)
def test_a_frame_has_the_measurements_and_past_actions(name, control):
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
    assert world.with_delay_line(fresh, 8).events.shape == (3, 8, 7)
    assert fresh.line.shape == (3, 5, 5)
    assert fresh.final_privileged.shape == (3, len(PRIVILEGED_FIELDS))
    assert fresh.key.dtype == fresh.final_key.dtype == np.uint64


def packed(name="hakuto-r-m2", phase="terminal", control="throttle"):
    mission = load_mission(name)
    scenarios = [load_scenario("ideal"), load_scenario("engine-out")]
    frame = frame_fields(phase, actions_of(mission.vehicle, control))
    table = pack(mission, phase, control, scenarios, DEFAULT_REWARD, 200.0, frame)
    return mission, frame, table


def test_the_table_is_full_and_its_blocks_are_where_kernels_read_them():
    mission, frame, table = packed()
    assert table.dtype == np.float64
    assert table.size == tables.SCENARIOS + 2 * tables.SCENARIO_WIDTH
    assert np.isfinite(table).all()
    task = pack_task(mission, "terminal", "throttle", 200.0)
    assert tuple(table[tables.TASK : tables.NOMINAL]) == tuple(map(float, task))
    nominal = tuple(map(float, pack_vehicle(mission.vehicle)))
    assert tuple(table[tables.NOMINAL : tables.NOMINAL_ENGINES]) == nominal
    assert 3 * len(Limits._fields) == tables.LRF_DESIGN - tables.LIMITS
    assert len(Rangefinder._fields) == tables.DVL_DESIGN - tables.LRF_DESIGN
    assert len(Velocimeter._fields) == tables.RALT_DESIGN - tables.DVL_DESIGN
    assert len(Radar._fields) == tables.CAM_DESIGN - tables.RALT_DESIGN
    assert len(Camera._fields) == tables.GAUGE_QUANTUM - tables.CAM_DESIGN
    for design in (Velocimeter, Radar, Camera):
        assert design._fields[: len(Channel._fields)] == Channel._fields
    scales = np.array([field.scale for field in frame])
    np.testing.assert_allclose(table[tables.SCALES :][: len(frame)], 1.0 / scales)
    worth = [DEFAULT_REWARD[name] for name in (*REWARD_TERMS, "gamma")]
    assert table[tables.REWARD_SCALES : tables.MISSION].tolist() == worth
    assert len(ACTION_FIELDS) == task.actions == 1.0


@pytest.mark.parametrize("control", CONTROLS)
def test_the_action_before_the_start_leaves_the_engines_off(control):
    mission, _, table = packed("im-1", "approach", control)
    actions = actions_of(mission.vehicle, control)
    before = table[tables.PRESTART_ACTION :][: len(actions)]
    for action, value in zip(actions, before, strict=True):
        assert value == (-1.0 if action.name.startswith("throttle") else 0.0)


def test_a_fault_is_packed_with_its_trigger_and_others_are_empty():
    _, _, table = packed()
    width = tables.FAULT_WIDTH
    places = [tables.SCENARIOS + tables.FAULTS + k * tables.SCENARIO_WIDTH for k in range(2)]
    calm, failing = (table[at : at + tables.MAX_FAULTS * width].reshape(-1, width) for at in places)
    assert (calm[:, 0] == -1.0).all()
    assert failing[0].tolist() == [0.0, 0.0, tables.BELOW_HEIGHT, 50.0, 50.0]
    assert failing[1, 0] == -1.0


def test_every_distribution_has_its_own_stream():
    _, _, table = packed()
    mission = table[tables.MISSION : tables.SCENARIOS : DRAW_WIDTH]
    start = tables.SCENARIOS
    one = table[start : start + tables.FAULTS : DRAW_WIDTH]
    after = start + tables.SHEET
    start += tables.SCENARIO_WIDTH
    other = table[start : start + tables.FAULTS : DRAW_WIDTH]
    assert np.array_equal(one, other)  # the same quantity, the same stream in any scenario
    inertial = table[tables.SCENARIOS + tables.INERTIAL : after : DRAW_WIDTH]
    streams = [*mission, *one, *inertial]
    assert len(set(streams)) == len(streams)
    assert len(mission) == len(tables.MISSION_DRAWS)
    assert len(one) == len(tables.SCENARIO_DRAWS)
    assert len(inertial) == len(tables.INERTIAL_DRAWS)
