"""The sensors beside the rangefinder of an episode: their clocks, their errors, which are dead."""

from typing import Final

from lunar_env.kernel.compile import cold_kernel
from lunar_env.kernel.draws import X, Y, draw, draw_index
from lunar_env.kernel.linalg import Vec3
from lunar_env.sensors.channel import begin_channel, draw_scale, load_channel, silence
from lunar_env.sensors.events import CAMERA, RADAR, VELOCIMETER
from lunar_env.sensors.radar import load_radar
from lunar_env.sensors.rows import CAM, DVL, EVENTS, GAUGES, RALT, store_bias
from lunar_env.sim.instruments import await_next
from lunar_env.sim.table import (
    CAM_DESIGN,
    DVL_DESIGN,
    RALT_DESIGN,
    SCENARIO_WIDTH,
    SCENARIOS,
    of_mission,
    of_scenario,
)
from lunar_env.sim.world import SCENARIO, Flight

_SCALE: Final = of_mission("propellant_scale_frac")
_OFFSET: Final = of_mission("propellant_offset_kg")
_SWITCH: Final = of_mission("engine_switch_frac")
_HEIGHT_BIAS: Final = of_scenario("camera_height_bias_m")
_PLACE_BIAS: Final = of_scenario("camera_place_bias_m")
_DEAD_CAMERA: Final = of_scenario("camera_dead_frac")
_DEAD_VELOCIMETER: Final = of_scenario("velocimeter_dead_frac")
_DEAD_RADAR: Final = of_scenario("radar_dead_frac")


@cold_kernel
def begin_channels(flight: Flight) -> None:
    """Start the clocks of the sensors that are fitted, and draw the errors of their units."""
    memory, i = flight.lander.memory, flight.lander.i
    table, key = flight.table, flight.key
    begin_channel(memory, i, DVL, key, VELOCIMETER, load_channel(table, DVL_DESIGN))
    begin_channel(memory, i, RALT, key, RADAR, load_channel(table, RALT_DESIGN))
    begin_channel(memory, i, CAM, key, CAMERA, load_channel(table, CAM_DESIGN))
    draw_scale(memory, i, RALT, key, RADAR, load_radar(table, RALT_DESIGN).scale_sigma)
    memory[i, GAUGES.scale] = draw(table, _SCALE, key)
    memory[i, GAUGES.offset] = draw(table, _OFFSET, key)
    memory[i, GAUGES.switch] = draw(table, _SWITCH, key)
    memory[i, EVENTS] = 0.0
    _draw_faults(flight)
    await_next(memory, i)


@cold_kernel
def _draw_faults(flight: Flight) -> None:
    """What the scenario does to these sensors: units that are dead, a map that is wrong."""
    memory, i = flight.lander.memory, flight.lander.i
    table, key = flight.table, flight.key
    s = SCENARIOS + SCENARIO_WIDTH * int(memory[i, SCENARIO])
    silence(memory, i, DVL, key, VELOCIMETER, draw(table, s + _DEAD_VELOCIMETER, key))
    silence(memory, i, RALT, key, RADAR, draw(table, s + _DEAD_RADAR, key))
    silence(memory, i, CAM, key, CAMERA, draw(table, s + _DEAD_CAMERA, key))
    east = draw_index(table, s + _PLACE_BIAS, key, X)
    north = draw_index(table, s + _PLACE_BIAS, key, Y)
    store_bias(memory, i, Vec3(east, north, draw(table, s + _HEIGHT_BIAS, key)))
