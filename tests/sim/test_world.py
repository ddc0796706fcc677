"""The layout of rows and table: blocks in order, nothing overlapping, names in their places."""

import numpy as np

from lunar_env.envs.settings import DEFAULT_REWARD
from lunar_env.physics import rows as physics_rows
from lunar_env.physics.types import Ground, Limits, Vehicle
from lunar_env.sensors import rows as sensor_rows
from lunar_env.sensors.inertial import NavErrors
from lunar_env.sensors.rangefinder import Rangefinder, Unit
from lunar_env.sim import world
from lunar_env.sim.fields import OBSERVATION_FIELDS, PRIVILEGED_FIELDS, REWARD_TERMS, SLOTS
from lunar_env.sim.observe import FRAME
from lunar_env.specs import load_mission, load_scenario
from lunar_env.specs.pack import pack, pack_task, pack_vehicle


def flat_size(kind):
    """Floats of a NamedTuple, nested ones counted through."""
    nested = {"Vec3": 3, "Quat": 4}
    return sum(nested.get(getattr(t, "__name__", str(t)), 1) for t in kind.__annotations__.values())


def test_the_blocks_of_a_row_follow_each_other():
    assert physics_rows.STATE == 0
    assert len(physics_rows.STATE_NAMES) == physics_rows.VEHICLE
    assert physics_rows.VEHICLE + len(Vehicle._fields) == physics_rows.GROUND
    assert physics_rows.GROUND + len(Ground._fields) == physics_rows.PHYSICS_WIDTH
    assert sensor_rows.LRF == physics_rows.PHYSICS_WIDTH
    assert sensor_rows.NEXT_ARRIVAL < sensor_rows.UNIT
    assert sensor_rows.UNIT + len(Unit._fields) == sensor_rows.NAV
    assert sensor_rows.NAV + flat_size(NavErrors) == sensor_rows.SENSORS_WIDTH
    assert world.STEPS == sensor_rows.SENSORS_WIDTH
    assert world.TERMS - world.PAST == 4
    assert world.PAST - world.SLOT == 3 * SLOTS
    assert len(REWARD_TERMS) == world.REWARD - world.TERMS
    assert world.START + len(world.START_NAMES) <= world.ROW_WIDTH


def test_no_two_scalars_share_a_column():
    blocks = {"LRF", "STEPS", "SLOT", "SENSORS_WIDTH", "PHYSICS_WIDTH"}
    for module, low, high in (
        (sensor_rows, sensor_rows.LRF, sensor_rows.UNIT),
        (world, world.STEPS, world.EPISODE_END),
    ):
        columns = [
            value
            for name, value in vars(module).items()
            if name.isupper() and isinstance(value, int) and low <= value < high
            if name not in blocks - {"STEPS"}
        ]
        assert len(set(columns)) == len(columns) == high - low


def test_the_first_privileged_columns_are_the_first_of_the_row():
    names = [field.name for field in PRIVILEGED_FIELDS]
    assert tuple(names[:14]) == physics_rows.STATE_NAMES[:14]


def test_a_frame_is_as_long_as_the_table():
    assert len(OBSERVATION_FIELDS) == FRAME
    fresh = world.allocate(3, 4, 5)
    assert fresh.observation.shape == (3, 4 * FRAME)
    assert fresh.memory.shape == (3, world.ROW_WIDTH)
    assert fresh.line.shape == (3, 5, 4)
    assert fresh.final_privileged.shape == (3, len(PRIVILEGED_FIELDS))
    assert fresh.key.dtype == fresh.final_key.dtype == np.uint64


def table():
    mission = load_mission("hakuto-r-m2")
    scenarios = [load_scenario("ideal"), load_scenario("latency")]
    return mission, pack(mission, mission.phases.terminal, scenarios, DEFAULT_REWARD, 200.0)


def test_the_table_is_full_and_its_blocks_stand_where_kernels_look():
    mission, packed = table()
    assert packed.dtype == np.float64
    assert packed.size == world.SCENARIOS + 2 * world.SCENARIO_WIDTH
    assert np.isfinite(packed).all()
    task = pack_task(mission, mission.phases.terminal, 200.0)
    assert tuple(packed[world.TASK : world.NOMINAL]) == tuple(map(float, task))
    nominal = tuple(map(float, pack_vehicle(mission.vehicle)))
    assert tuple(packed[world.NOMINAL : world.LIMITS]) == nominal
    assert 3 * len(Limits._fields) == world.DESIGN - world.LIMITS
    assert len(Rangefinder._fields) == world.SCALES - world.DESIGN
    scales = [field.scale for field in OBSERVATION_FIELDS]
    np.testing.assert_allclose(packed[world.SCALES : world.LOWS], 1.0 / np.array(scales))
    worth = [DEFAULT_REWARD[name] for name in (*REWARD_TERMS, "gamma")]
    assert packed[world.WORTH : world.MISSION].tolist() == worth


def test_every_distribution_has_a_stream_of_its_own():
    _, packed = table()
    width = world.DRAW_WIDTH
    mission = packed[world.MISSION : world.SCENARIOS : width]
    one = packed[world.SCENARIOS : world.SCENARIOS + world.SCENARIO_WIDTH : width]
    other = packed[world.SCENARIOS + world.SCENARIO_WIDTH :: width]
    assert np.array_equal(one, other)  # the same quantity, the same stream in any scenario
    streams = [*mission, *one]
    assert len(set(streams)) == len(streams)
    assert len(mission) == len(world.MISSION_DRAWS)
    assert len(one) == len(world.SCENARIO_DRAWS)
