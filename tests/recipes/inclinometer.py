"""A new kind of sensor, as the recipe of CONTRIBUTING.md says."""

# A new kind of sensor: an inclinometer, which measures the lean of the lander.
INCLINOMETER = {
    "lunar_env/sensors/inclinometer.py": '''
"""An inclinometer: the angle of the body axis from the local vertical."""

import math
from typing import NamedTuple

import numpy as np

from lunar_env.kernel.compile import kernel
from lunar_env.kernel.draws import X
from lunar_env.kernel.linalg import Vec3, dot, rotate
from lunar_env.kernel.records import table_record
from lunar_env.kernel.rng import Index
from lunar_env.physics.site import vertical
from lunar_env.physics.types import Site, State
from lunar_env.sensors.channel import Measurement, noise
from lunar_env.sensors.events import INCLINE


class Inclinometer(NamedTuple):
    """Design of an inclinometer."""

    period: float
    latency: float
    jitter: float
    dropout: float
    max_age: float
    noise: float


load_inclinometer = table_record(Inclinometer, kernel)[0]


@kernel
def measure_lean(
    key: np.uint64, n: Index, state: State, design: Inclinometer, site: Site
) -> Measurement:
    """Angle from the local vertical [rad]."""
    up = dot(rotate(state.q, Vec3(0.0, 0.0, 1.0)), vertical(state.r, site))
    value = math.acos(min(1.0, max(-1.0, up))) + design.noise * noise(key, INCLINE, n, X)
    found = Vec3(value, 0.0, 0.0)
    return Measurement(1.0, found, found, design.noise)
''',
    "lunar_env/data/sensors/inclinometers/bubble.toml": """
name = "bubble"
title = "A bubble in a tube"

rate_Hz = {value = 10.0, source = "own", confidence = "assumed", note = "for a test"}
latency_s = {value = 0.3, source = "own", confidence = "assumed", note = "for a test"}
jitter_s = {value = 0.0, source = "own", confidence = "assumed", note = "for a test"}
dropout_frac = {value = 0.0, source = "own", confidence = "assumed", note = "for a test"}
max_age_s = {value = 1.0, source = "own", confidence = "assumed", note = "for a test"}
noise_rad = {value = 0.0, source = "own", confidence = "assumed", note = "for a test"}
""",
}
AFTER, BEFORE = "after", "before"
# Where it is named: a text that stands there once, and what comes after or before it.
SENSOR = {
    "sensors/rows.py": [
        (
            "CAM: Final = np.int64(_COLD.room(CHANNEL_WIDTH))\n",
            AFTER,
            "INCLINE: Final = np.int64(_COLD.room(CHANNEL_WIDTH))\n",
        ),
    ],
    "sensors/events.py": [
        ("CAMERA: Final = np.int64(3)\n", AFTER, "INCLINE: Final = np.int64(4)\n"),
        ('"radar", "camera"', AFTER, ', "inclinometer"'),
    ],
    "sim/table.py": [
        (
            "from lunar_env.sensors.link",
            BEFORE,
            "from lunar_env.sensors.inclinometer import Inclinometer\n",
        ),
        (
            "GAUGE_QUANTUM: Final",
            BEFORE,
            "INCLINE_DESIGN: Final = np.int64(_TABLE.room(width(Inclinometer)))\n",
        ),
    ],
    "specs/sensors.py": [
        (
            "class CameraSpec(",
            BEFORE,
            "class InclinometerSpec(ChannelSpec):\n"
            '    """An inclinometer."""\n\n'
            "    noise_rad: NonNegative\n"
            '    """Standard deviation of a sample."""\n\n\n',
        ),
    ],
    "specs/mission.py": [
        ("import CameraSpec, ", AFTER, "InclinometerSpec, "),
        (
            "    camera: CameraSpec | None = None\n",
            BEFORE,
            '    inclinometer: InclinometerSpec | None = None\n    """Its inclinometer."""\n',
        ),
    ],
    "specs/files.py": [
        (
            '    "camera": "sensors/cameras",\n',
            AFTER,
            '    "inclinometer": "sensors/inclinometers",\n',
        ),
        ('"radar", "camera", ', AFTER, '"inclinometer", '),
    ],
    "specs/parts.py": [
        ("import CameraSpec, ", AFTER, "InclinometerSpec, "),
        ('    "camera": CameraSpec,\n', AFTER, '    "inclinometer": InclinometerSpec,\n'),
    ],
    "specs/pack_sensors.py": [
        (
            "from lunar_env.sensors.radar",
            BEFORE,
            "from lunar_env.sensors.inclinometer import Inclinometer\n",
        ),
        (
            "def pack_camera(",
            BEFORE,
            "def pack_inclinometer(spec):\n"
            "    if spec is None:\n"
            "        return Inclinometer(*[0.0] * len(Inclinometer._fields))\n"
            "    return Inclinometer(*_channel(spec), noise=spec.noise_rad)\n\n\n",
        ),
        ("mission.radar, mission.camera)", BEFORE, "mission.inclinometer, "),
    ],
    "specs/pack.py": [
        ("    CAM_DESIGN,\n", AFTER, "    INCLINE_DESIGN,\n"),
        ("import inertial_laws, pack_camera, ", AFTER, "pack_inclinometer, "),
        (
            "        int(CAM_DESIGN)",
            BEFORE,
            "        int(INCLINE_DESIGN): _row(pack_inclinometer(mission.inclinometer)),\n",
        ),
    ],
    "sim/draw.py": [
        ("    CAM_DESIGN,\n", AFTER, "    INCLINE_DESIGN,\n"),
        ("from lunar_env.sensors.events import CAMERA, ", AFTER, "INCLINE as INCLINOMETER, "),
        ("    CAM,\n", AFTER, "    INCLINE,\n"),
        (
            "    reset_channel(memory, i, CAM,",
            BEFORE,
            "    design = load_channel(table, INCLINE_DESIGN)\n"
            "    reset_channel(memory, i, INCLINE, key, INCLINOMETER, design)\n",
        ),
    ],
    "sim/instruments.py": [
        ("    CAM_DESIGN,\n", AFTER, "    INCLINE_DESIGN,\n"),
        ("from lunar_env.sensors.events import CAMERA, ", AFTER, "INCLINE as INCLINOMETER, "),
        (
            "from lunar_env.sensors.radar",
            BEFORE,
            "from lunar_env.sensors.inclinometer import load_inclinometer, measure_lean\n",
        ),
        ("    CHANNEL,\n    DVL", BEFORE, "    INCLINE,\n"),
        ("from lunar_env.sim.frame import FRAME, ObservedCamera, ", AFTER, "ObservedLean, "),
        ("    soonest = min(", BEFORE, "    lean = next_channel_time(memory, i, INCLINE)\n"),
        ("    soonest = min(", AFTER, "lean, "),
        (
            "    read_arrivals(memory, events, i, CAM, CAMERA, t)\n",
            BEFORE,
            "    while memory[i, INCLINE + CHANNEL.next_sample] <= t + SAME_TIME:\n"
            "        _sample_lean(row, state_at(memory, lanes, lane, i, INCLINE, task.tick))\n"
            "    read_arrivals(memory, events, i, INCLINE, INCLINOMETER, t)\n",
        ),
        (
            "@kernel\ndef _sample_place(",
            BEFORE,
            "@kernel\n"
            "def _sample_lean(row: BatchRow, state: State) -> None:\n"
            "    memory, i = row.lander.memory, row.lander.i\n"
            "    table, key = row.table, row.key\n"
            "    inclinometer = load_inclinometer(table, INCLINE_DESIGN)\n"
            "    n = int(memory[i, INCLINE + CHANNEL.samples])\n"
            "    sample = measure_lean(key, n, state, inclinometer, load_site(load_task(table)))\n"
            "    design = load_channel(table, INCLINE_DESIGN)\n"
            "    queue_measurement(memory, i, INCLINE, key, INCLINOMETER, design, sample)\n\n\n",
        ),
        (
            "store_camera = row_record",
            BEFORE,
            'store_lean = row_record(ObservedLean, FRAME["Lean"])[1]\n',
        ),
        (
            "    channel = load_channel(table, CAM_DESIGN)\n",
            BEFORE,
            "    channel = load_channel(table, INCLINE_DESIGN)\n"
            "    if channel.period > 0.0:\n"
            "        s = last_arrival(memory, i, INCLINE, channel, t, since)\n"
            "        store_lean(f, i, ObservedLean(s.value.x, s.age, s.valid, s.new))\n",
        ),
    ],
    "sim/frame.py": [
        ('        "Camera": _camera(s),\n', AFTER, '        "Lean": _lean(),\n'),
        (
            "def _camera(",
            BEFORE,
            "def _lean() -> tuple[Field, ...]:\n"
            '    angle = Field("inc_lean_rad", "rad", 1.0, 0.0, 4.0, "inclinometer: lean")\n'
            '    return (angle, *_last_arrival("inc"))\n\n\n',
        ),
        (
            'ObservedCamera: Any = _RECORDS["Camera"]\n',
            AFTER,
            'ObservedLean: Any = _RECORDS["Lean"]\n',
        ),
    ],
    "envs/restoring.py": [
        ("    CAM,\n", AFTER, "    INCLINE,\n"),
        ("for at in (DVL, RALT, CAM", AFTER, ", INCLINE"),
    ],
}
