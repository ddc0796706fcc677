"""Rate of range of a beam that sweeps over the ground while the lander turns."""

import math

import numba
import numpy as np
import pytest

from lunar_env.kernel.linalg import Quat, Vec3
from lunar_env.physics.rows import Lander
from lunar_env.physics.types import State
from lunar_env.sensors.link import echo_snr
from lunar_env.sensors.rows import load_drawn_rangefinder
from lunar_env.sim.rangefinder import find_echo
from lunar_env.sim.table import load_rangefinder
from lunar_env.sim.world import BatchRow
from lunar_env.specs.pack import pack_terrain
from tests.envs.flying import exact, level
from tests.sim.lander_batch import LanderBatch

G = 1.6242
NARROW = {"divergence_mrad": 0.01, "mount_offset_m": -3.0, "boresight_tilt_deg": 10.0}


@numba.njit
def look(memory, line, events, tiles, terrain, table, state):
    """Slant range, incidence and closing rate of the beam from a state, and the ratio of a sum."""
    row = BatchRow(Lander(memory, tiles, terrain, 0), line, events, table, np.uint64(1))
    echo = find_echo(row, state, 0.0)
    drawn, lrf = load_drawn_rangefinder(memory, 0), load_rangefinder(table)
    ratio = echo_snr(echo.range, 1.0, echo, drawn, lrf)
    return echo.range, echo.cosine, echo.closing, ratio


def seen(batch, state):
    """What `look` says of a batch's first lander in a state."""
    world, shared = batch.world, batch.shared
    arrays = world.memory, world.line, world.events, shared.tiles, shared.terrain, shared.table
    return look(*arrays, state)


def moved(height, v, rate_deg_s, tilt_deg, t):
    """State of a free fall that turns about one horizontal axis at a constant rate."""
    half = 0.5 * math.radians(tilt_deg + rate_deg_s * t)
    r = Vec3(v[0] * t, v[1] * t, height + v[2] * t - 0.5 * G * t * t)
    speed = Vec3(v[0], v[1], v[2] - G * t)
    q = Quat(math.cos(half), math.sin(half), 0.0, 0.0)
    return State(r, speed, q, Vec3(math.radians(rate_deg_s), 0.0, 0.0), 400.0, 0.0)


def bench(slope_deg, **rangefinder):
    mission = level(slope_deg=slope_deg, rangefinder=rangefinder)
    landers = LanderBatch(mission, scenario=exact(), ground=pack_terrain(mission))
    landers.reset()
    return landers


@pytest.fixture(scope="module")
def slopes():
    return {slope: bench(slope, **NARROW) for slope in (0.0, 12.0)}


@pytest.mark.parametrize("slope", [0.0, 12.0])
@pytest.mark.parametrize("rate", [-10.0, 0.0, 10.0])
@pytest.mark.parametrize("tilt", [-30.0, 5.0, 30.0])
def test_the_closing_rate_is_that_of_the_true_slant_range(slopes, slope, rate, tilt):
    """Central differences over 0.2 s of a fall, over a slope, with the unit 3 m off the centre."""
    flight, dt = (1200.0, (4.0, -15.0, -40.0), rate, tilt), 0.1
    batch = slopes[slope]
    before, now, after = (seen(batch, moved(*flight, t)) for t in (-dt, 0.0, dt))
    difference = (before[0] - after[0]) / (2.0 * dt)
    # A ray ends within 0.05 m of the ground; curvature of the range over 0.2 s.
    assert now[2] == pytest.approx(difference, abs=0.5 + 0.004 * abs(difference))


@pytest.mark.parametrize(("tilt", "ratio"), [(25.0, 16.1), (40.0, 7.7), (49.0, 4.1)])
def test_the_sweep_of_a_turning_lander_smears_its_sums(tilt, ratio):
    """10 deg/s from upright at rest at 1.5 km; without its sweep the ratio is five times that."""
    t = tilt / 10.0
    state = moved(1500.0, (0.0, 0.0, 0.0), 10.0, 0.0, t)
    slant, cosine, closing, found = seen(bench(0.0), state)
    assert found == pytest.approx(ratio, rel=0.04)
    fall = G * t / cosine
    sweep = slant * math.radians(10.0) * math.tan(math.radians(tilt))
    assert closing == pytest.approx(fall - sweep, rel=0.01)
