"""Landers side by side: each flies as if it were alone, to the last bit, wherever it sits."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from lunar_env.kernel.linalg import Quat, Vec3
from lunar_env.physics.lanes import (
    BEFORE,
    LANES,
    NOW,
    SCRATCH,
    lane_state,
    lane_vec,
    lane_vehicle,
    load_lane,
    set_lane_state,
    set_lane_vec,
)
from lunar_env.physics.rows import TRIM, load_vehicle
from tests.physics.cluster_flight import fly_rows, row_of
from tests.physics.landers import TURNING_MOON, engine, ring, steered, still, uneven

GIMBALLED = {"gimbal_max": 0.1, "gimbal_rate": 0.2}


def eight(seed=0, gimballed=False):
    """Eight landers of one kind, as different as two episodes can be; the third is nearly dry."""
    random = np.random.default_rng(seed)
    rows = []
    for k in range(LANES):
        changes = GIMBALLED if gimballed else {}
        engines = [engine(1500.0, (0.0, 0.0, 0.3), lag_up=0.1, dead_ticks=1, **changes)]
        for one in steered(ring(4, 0.9, azimuth=45.0, thrust=400.0, isp_floor=250.0)):
            lean = 0.01 * random.standard_normal(2)
            engines.append(one._replace(direction_x=lean[0], direction_y=lean[1]))
        lander = uneven(
            engines,
            com_x=0.02 * random.standard_normal(),
            com_y=0.02 * random.standard_normal(),
            rcs_flow=1e-4,
            impulse_bit=0.5,
            steering=1.0,
        )
        q = random.standard_normal(4)
        state = still(
            400.7 if k == 2 else random.uniform(420.0, 900.0),
            1e4 * random.standard_normal(3),
            v=Vec3(*(50.0 * random.standard_normal(3)).tolist()),
            q=Quat(*(q / np.linalg.norm(q)).tolist()),
            omega=Vec3(*(0.1 * random.standard_normal(3)).tolist()),
        )
        rows.append(row_of(lander, engines, state, burning=random.uniform(0.0, 400.0, 5)))
    commands = random.uniform(0.0, 400.0, (10, LANES, 5))
    axis = random.standard_normal((10, LANES, 3))
    error = np.array([1.0, 0.0, 0.0, 0.0]) + 0.01 * random.standard_normal((10, LANES, 4))
    return np.concatenate(rows), {
        "commands": commands,
        "axis": axis / np.linalg.norm(axis, axis=-1, keepdims=True),
        "error": error / np.linalg.norm(error, axis=-1, keepdims=True),
        "torque": 20.0 * random.standard_normal((10, LANES, 3)),
        "angles": 0.1 * random.standard_normal((10, LANES, 5, 2)),
    }


def flown(memory, inputs, lanes, by_hand):
    """Fly some of the landers, in the order of `lanes`; what they are after two seconds."""
    memory = memory[lanes].copy()
    chosen = {k: v[:, lanes] for k, v in inputs.items()}
    if not by_hand:
        del chosen["torque"], chosen["angles"]
    path = fly_rows(memory, **chosen, seconds=2.0, per=4, site=TURNING_MOON)
    assert np.isfinite(path.motion).all()
    return memory, np.concatenate(
        [path.motion, path.torque, path.specific_force, path.engines], axis=-1
    )


@pytest.mark.parametrize("by_hand", [False, True])
@pytest.mark.parametrize("gimballed", [False, True])
def test_other_lanes_and_the_lane_index_do_not_change_results(gimballed, by_hand):
    memory, inputs = eight(gimballed=gimballed)
    together, path = flown(memory, inputs, list(range(LANES)), by_hand)
    assert together[2, 13] == 400.0  # the third ran dry among the others
    for order in ([7, 6, 5, 4, 3, 2, 1, 0], [2, 5], [4, 2, 0, 1, 3], *[[k] for k in range(LANES)]):
        other, other_path = flown(memory, inputs, order, by_hand)
        np.testing.assert_array_equal(other, together[order])
        np.testing.assert_array_equal(other_path, path[order])


def test_the_compared_landers_differ():
    memory, inputs = eight()
    _, path = flown(memory, inputs, list(range(LANES)), by_hand=False)
    assert np.all(np.abs(np.diff(path[:, -1], axis=0)).max(axis=1) > 0.0)
    assert np.ptp(path[:, -1, 0]) > 1e3


@numba.njit
def _there_and_back(memory, x, i, lane):
    load_lane(x, lane, memory, i, True)
    state, vehicle = lane_state(x, NOW, lane), lane_vehicle(x, lane)
    set_lane_state(x, BEFORE, lane, state)
    trim = lane_vec(x, NOW + 8 * TRIM.x, lane)
    set_lane_vec(x, 0, lane, Vec3(-1.0, -2.0, -3.0))
    return state, vehicle, lane_state(x, BEFORE, lane), trim, load_vehicle(memory, i)


@pytest.mark.parametrize("lane", range(LANES))
def test_values_loaded_into_a_lane_are_found_there(lane):
    memory, _ = eight()
    memory[:, TRIM.x : TRIM.x + 3] = np.arange(24.0).reshape(8, 3)
    x = np.full(SCRATCH, np.nan)
    state, vehicle, copied, trim, loaded = _there_and_back(memory, x, 5, lane)
    flat = [*state.r, *state.v, *state.q, *state.omega, state.mass, state.thrust]
    np.testing.assert_array_equal(flat, memory[5, :15])
    assert copied == state
    assert vehicle == loaded
    np.testing.assert_array_equal(vehicle, memory[5, 15 : 15 + len(vehicle)])
    np.testing.assert_array_equal(trim, [15.0, 16.0, 17.0])
    # Other lanes were not touched.
    others = np.delete(np.arange(SCRATCH).reshape(-1, LANES), lane, axis=1).ravel()
    assert np.isnan(x[others]).all()
