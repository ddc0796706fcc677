"""The Kalman filter over a batch, compiled: store, propagate, update."""

import math
from typing import Final, NamedTuple

import numpy as np

from lunar_env.data.constants import R_MOON
from lunar_env.kernel.compile import inline_kernel
from lunar_env.kernel.linalg import Vec3, dot
from lunar_env.kernel.records import line_record, width

from ..compiled import entry
from ..sheet import SHEET_ROW
from .aids import use_camera, use_radar, use_velocity
from .axis import (
    AXIS,
    CROSS,
    driven,
    load_axis,
    propagate_cross,
    propagated,
    rougher,
    store_axis,
)
from .begin import ground_below, unaided_level, update_accel_variance, vertical_now
from .gains import KalmanGains
from .ground import hillside, survey
from .history import SPAN_S, Past, remember, restart
from .inputs import ROW
from .memory import (
    AIDED_LEVEL,
    AIDED_UP,
    CONSIDERED_LEVEL,
    CONSIDERED_UP,
    EAST,
    GAIN_ACCEL,
    GROUNDED,
    LEVEL_SPEED,
    MEMORY,
    NORTH,
    OTHERS,
    RANGE,
    SHEET,
    SIGHTED,
    TIME,
    UP,
    UP_OF_RANGE,
    UP_SPEED,
)
from .rival import load_channel
from .samples import (
    use_ranges,
)
from .spot import below_lander, lean_of

__all__ = ["BELIEF", "Belief", "FilterMemory", "update_rows"]


class Belief(NamedTuple):
    """Estimate of a row, frame L."""

    height: float  # m
    height_sigma: float  # m
    v_z: float  # m/s
    v_z_sigma: float  # m/s
    covariance: float  # m^2/s, of height and vertical velocity
    x: float  # m
    y: float  # m
    horizontal_sigma: float  # m
    v_x: float  # m/s
    v_y: float  # m/s
    lateral_sigma: float  # m/s
    sighted: float  # 1 after the first range has been used
    rejected: float  # 1 while the last range is rejected
    innovation: float  # m, of the last range
    innovation_sigma: float  # m


class FilterMemory(NamedTuple):
    """Memory of a batch; arrays, rows first."""

    state: np.ndarray  # float64, (n, MEMORY), axes and channels, see `memory.py`
    history: np.ndarray  # float32, (n, LENGTH, WIDTH), of dead reckoning


BELIEF: Final = width(Belief)
store_belief = line_record(Belief)[1]
_NOW, _X, _Y, _H = ROW["elapsed_s"], ROW["x_m"], ROW["y_m"], ROW["height_m"]
_VX, _VY, _VZ = ROW["v_x_m_s"], ROW["v_y_m_s"], ROW["v_z_m_s"]
_THRUST, _RATIO, _G = ROW["thrust_frac"], ROW["thrust_to_weight"], ROW["gravity_m_s2"]
_ATTITUDE: Final = ROW["attitude_sigma_rad"]
_TOLD: Final = {name: SHEET + row for name, row in SHEET_ROW.items()}
# Above zero where the sensor is fitted; that of a camera without noise is known by its first fix.
_RADAR, _DVL = _TOLD["ralt_half_width_rad"], _TOLD["dvl_cant_rad"]
_CAMERA: Final = _TOLD["cam_noise_height_sigma_m"]
_QW, _QX, _QY, _QZ = ROW["q_w"], ROW["q_x"], ROW["q_y"], ROW["q_z"]


@inline_kernel
def present(table: np.ndarray, i: int) -> Past:
    """Dead reckoning now, from the table of `inputs.table_of`."""
    x, y, height = table[_X, i], table[_Y, i], table[_H, i]
    rho = R_MOON + height
    east, north = x / rho, y / rho
    up = Vec3(east, north, math.sqrt(max(1.0 - east * east - north * north, 0.0)))
    w, a, b, c = table[_QW, i], table[_QX, i], table[_QY, i], table[_QZ, i]
    axis = Vec3(2.0 * (a * c + w * b), 2.0 * (b * c - w * a), 1.0 - 2.0 * (a * a + b * b))
    cos_tilt = min(max(dot(axis, up), -1.0), 1.0)
    lean = lean_of(cos_tilt, axis, up)
    speeds = (table[_VX, i], table[_VY, i], table[_VZ, i])
    return Past(table[_NOW, i], x, y, height, *speeds, cos_tilt, lean.x, lean.y)


@inline_kernel
def tilting_accel(table: np.ndarray, i: int, now: Past) -> Vec3:
    """Error [m/s^2] of each axis of L by one sigma of the attitude, which turns the thrust.

    The velocity of a velocimeter is turned by the same attitude. A thrust against the velocity
    changes the dead-reckoned one as the same error does: then the signs are equal.
    """
    w, a, b, c = table[_QW, i], table[_QX, i], table[_QY, i], table[_QZ, i]
    force = table[_THRUST, i] * table[_RATIO, i] * table[_G, i]
    x, y, z = 2.0 * (a * c + w * b), 2.0 * (b * c - w * a), 1.0 - 2.0 * (a * a + b * b)
    against = 1.0 if x * now.v_x + y * now.v_y + z * now.v_z < 0.0 else -1.0
    size = against * force * table[_ATTITUDE, i]
    return Vec3(
        size * math.sqrt(y * y + z * z),
        size * math.sqrt(x * x + z * z),
        size * math.sqrt(x * x + y * y),
    )


@inline_kernel
def propagate_errors(table: np.ndarray, m: np.ndarray, i: int, now: Past, g: KalmanGains) -> None:
    """Propagate the errors over the time since the last call."""
    dt = max(now.time - m[i, TIME], 0.0)
    # Gravity decreases upwards, and leads to the Moon's centre: over no longer than the history is.
    fall = table[_G, i] / R_MOON * min(SPAN_S / max(dt, 1e-6), 1.0)
    q_b, kept = g.drift_density_m_s_sqrt_s**2, math.exp(-dt / g.turn_s)
    q_a = (1.0 - kept * kept) * m[i, GAIN_ACCEL] / max(dt, 1e-6)
    others = m[i, OTHERS] > 0.0
    tilting = tilting_accel(table, i, now) if others else Vec3(0.0, 0.0, 0.0)
    if m[i, AIDED_UP] > 0.0:
        up = propagated(load_axis(m, i, UP), dt, kept, 2.0 * fall, q_b, q_a)
        count = CONSIDERED_UP if others else UP_OF_RANGE
        propagate_cross(m, i, UP + AXIS, count, dt, kept, 2.0 * fall)
        if others:
            up = driven(up, m, i, UP + AXIS + CROSS * UP_SPEED, 0.0, tilting.z, dt)
        store_axis(m, i, UP, up)
    if m[i, AIDED_LEVEL] > 0.0:
        for k in range(2):
            at = EAST if k == 0 else NORTH
            level = propagated(load_axis(m, i, at), dt, kept, -fall, q_b, q_a)
            propagate_cross(m, i, at + AXIS, CONSIDERED_LEVEL, dt, kept, -fall)
            accel, c = tilting.x if k == 0 else tilting.y, at + AXIS + CROSS * LEVEL_SPEED
            store_axis(m, i, at, driven(level, m, i, c, 0.0, accel, dt))
    m[i, TIME] = now.time


@inline_kernel
def store_estimate(
    table: np.ndarray, m: np.ndarray, i: int, now: Past, g: KalmanGains, out: np.ndarray
) -> None:
    """Write the estimate of row `i`; axes without measurements are those of dead reckoning."""
    up = below_lander(vertical_now(table, m, i), m, i, now, g)
    if m[i, GROUNDED] == 0.0:
        up = rougher(up, ground_below(table, m, i, g))
    aided = m[i, AIDED_LEVEL] > 0.0
    east = load_axis(m, i, EAST) if aided else unaided_level(table, m, i)
    north = load_axis(m, i, NORTH) if aided else unaided_level(table, m, i)
    ranges = load_channel(m, i, RANGE)
    belief = Belief(
        height=now.height + up.e - hillside(m, i, now.x, now.y)[0],
        height_sigma=math.sqrt(up.p_ee),
        v_z=now.v_z + up.b,
        v_z_sigma=math.sqrt(up.p_bb),
        covariance=up.p_eb,
        x=now.x + east.e,
        y=now.y + north.e,
        horizontal_sigma=math.sqrt(0.5 * (east.p_ee + north.p_ee)),
        v_x=now.v_x + east.b,
        v_y=now.v_y + north.b,
        lateral_sigma=math.sqrt(0.5 * (east.p_bb + north.p_bb)),
        sighted=m[i, SIGHTED],
        rejected=1.0 if ranges.rejected > 0.0 else 0.0,
        innovation=ranges.innovation,
        innovation_sigma=math.sqrt(ranges.variance),
    )
    store_belief(out, i, belief)


@entry
def update_rows(
    table: np.ndarray,
    sheet: np.ndarray,
    starts: np.ndarray,
    old: FilterMemory,
    new: FilterMemory,
    g: KalmanGains,
    out: np.ndarray,
) -> None:
    """Use one observation of every row.

    Parameters
    ----------
    table : ndarray of float64, shape (quantities, n)
        As `inputs.table_of` makes it.
    sheet : ndarray of float64, shape (n, figures)
        Data sheet; not read, and without rows, where no episode begins.
    starts : ndarray of bool, shape (n,)
        Rows that begin an episode; their old memory is not used.
    old, new : FilterMemory
        Memory before and after; the latter is filled.
    g : KalmanGains
        Noise and gate.
    out : ndarray of float64, shape (BELIEF, n)
        Filled with the estimate, see `Belief`.
    """
    m, history = new.state, new.history
    for i in range(starts.size):
        now = present(table, i)
        if starts[i]:
            for j in range(MEMORY):
                m[i, j] = 0.0
            for j in range(sheet.shape[1]):
                m[i, SHEET + j] = sheet[i, j]
            m[i, OTHERS] = 1.0 if m[i, _RADAR] + m[i, _CAMERA] + m[i, _DVL] > 0.0 else 0.0
            survey(m, i, g)
            restart(history, i, now)
        else:
            for j in range(MEMORY):
                m[i, j] = old.state[i, j]
            remember(old.history, history, i, now)
        update_accel_variance(table, m, i)
        propagate_errors(table, m, i, now, g)
        use_radar(table, history, m, i, g)
        use_camera(table, history, m, i, g)
        use_velocity(table, history, m, i, g)
        use_ranges(table, history, m, i, g)
        store_estimate(table, m, i, now, g, out)
