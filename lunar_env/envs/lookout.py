"""A row as a picture shows it: the truth, what the lander believes of it, and the ground around."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lunar_env.belief import ONBOARD_FIELDS, onboard
from lunar_env.envs.surroundings import Surroundings
from lunar_env.physics.rows import ENGINE_STATE, ENGINE_WIDTH, ENGINES, POINT, POINT_WIDTH, POINTS
from lunar_env.rendering.attitude import quaternion, rotation
from lunar_env.rendering.log import Log
from lunar_env.rendering.plan import Plan
from lunar_env.rendering.snapshot import LegState, Snapshot
from lunar_env.rendering.solids import model_of
from lunar_env.sensors.rows import DRAWN_LRF, LRF
from lunar_env.sim.fields import PRIVILEGED_FIELDS, SLOTS, Outcome
from lunar_env.sim.world import EPISODE, SLOT, SLOT_WIDTH, TOUCHDOWN_NAMES, Slot

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lunar_env.belief import Belief
    from lunar_env.envs.settings import Settings
    from lunar_env.envs.simulator import Simulator
    from lunar_env.rendering.snapshot import Quaternion

__all__ = ["Lookout", "heading"]

_BEAM_STATES = ("OFF", "WARMUP", "SEARCH", "TRACK", "LOST")
_TRUE = {field.name: k for k, field in enumerate(PRIVILEGED_FIELDS)}
_SEEN = {"thrust_frac", "dr_height_m", "lrf_last_range_m", "lrf_last_age_s", *ONBOARD_FIELDS}
_QUALITY = Slot._fields.index("quality")
_EAST_DEG = 90.0
_DEFAULT_SUN_DEG = 30.0


class _View(NamedTuple):
    """The vertical plane that is drawn, at the place of the lander."""

    x_m: float  # along it, over the surface from the target
    across_m: float  # lateral distance from it
    east: float  # its direction on the map of the site
    north: float
    v_up: float  # m/s
    v_lateral: float
    v_along: float  # to the right
    tilt: float  # rad, of the body axis towards its direction
    attitude: Quaternion  # from body axes to right, away and up


def heading(settings: Settings) -> float:
    """Direction to the right in the picture, clockwise from north [rad]."""
    azimuth = settings.mission.phases.named(settings.phase).approach_azimuth_deg
    return math.radians(_EAST_DEG if azimuth is None else azimuth)


class Lookout:
    """Takes snapshots of a row, and records its path and its log in the episode.

    It looks north, or, in a phase with a direction of flight, so that the flight goes to the right.
    """

    def __init__(self, simulator: Simulator, row: int = 0) -> None:
        settings = simulator.settings
        self._simulator, self._row = simulator, row
        self._heading = heading(settings)
        frame = enumerate(settings.frame_fields)
        self._fields = [(f.name, k, f.scale) for k, f in frame if f.name in _SEEN]
        self._radius_m = settings.mission.planet.radius_m
        unit = settings.mission.rangefinder
        self._boresight = math.radians(0.0 if unit is None else unit.boresight_tilt_deg)
        self._thrusts_n = [e.spec.thrust_N for e in settings.mission.vehicle.engine_list]
        self._legs = settings.mission.vehicle.gear.legs
        self._plan: Plan | None = None
        self._constant: dict[str, Any] = {}
        self._trail: list[tuple[float, float]] = []
        self._trail_s = 0.0  # time of its last place
        self._log = Log()
        self._snr = math.nan
        # Episode, time and place of the last snapshot.
        self._seen_at = (-1, math.inf, (math.nan, math.nan))
        self._ground: Surroundings | None = None

    def _prepare(self) -> Plan:
        """Make what is constant, with the first picture: who draws none pays nothing."""
        settings = self._simulator.settings
        mission, phase = settings.mission, settings.mission.phases.named(settings.phase)
        place = math.radians(mission.latitude_deg), math.radians(mission.longitude_deg)
        sun = mission.sun_elevation_deg
        self._plan = Plan(phase)
        self._constant = {
            "mission": mission.title,
            "model": model_of(mission.vehicle),
            "sun_elevation_deg": _DEFAULT_SUN_DEG if sun is None else sun,
            # The Earth is above 0 N, 0 E, but for libration.
            "earth_elevation_deg": math.degrees(math.asin(math.cos(place[0]) * math.cos(place[1]))),
            "planned_path": self._plan.path,
        }
        return self._plan

    def begin(self) -> None:
        """Begin a new path and a new log, with the next snapshot."""
        self._seen_at = (-1, math.inf, (math.nan, math.nan))

    def snapshot(self, pilot: str, belief: Belief | None = None) -> Snapshot:
        """Return the present instant; `pilot` is the name to show, `belief` what it believes."""
        plan = self._plan or self._prepare()
        simulator, row = self._simulator, self._row
        observed = simulator.world.observation[row].tolist()
        seen = {name: observed[k] * scale for name, k, scale in self._fields}
        known = _known(seen, belief or onboard(seen))
        true = dict(zip(_TRUE, self._truth(), strict=True))
        view = _view(true, self._heading, self._radius_m)
        new = self._is_new(true["time_s"], (view.x_m, true["altitude_m"]))
        ground = self._ground
        if ground is None or new:
            ground = self._ground = Surroundings.of(simulator, row, view.east, view.north)
        elevation = ground.elevation(view.x_m, view.across_m)
        self._remember(true["time_s"], (view.x_m, elevation + true["height_m"]))
        memory = simulator.world.memory[row]
        shot = Snapshot(
            time_s=true["time_s"],
            height_m=true["height_m"],
            downrange_m=true["downrange_m"],
            com_height_m=true["altitude_m"] - elevation - true["height_m"],
            throttle_frac=seen["thrust_frac"],
            propellant_kg=true["propellant_kg"],
            propellant_start_kg=float(memory[EPISODE.start_propellant]),
            beam_angle_rad=self._boresight - view.tilt,
            **_marks(true),
            planned_height_m=plan.height_m(-view.v_up),
            planned_v_vertical_m_s=-plan.speed_m_s(true["height_m"]),
            elevation_m=elevation,
            ground=ground,
            outcome=Outcome(int(true["outcome"])).name,
            scenario=simulator.scenario_of(row).name,
            pilot=pilot,
            trail=tuple(self._trail),
            **_motion(view),
            **self._machinery(memory),
            **self._met(),
            **known,
            **self._constant,
        )
        return shot._replace(log=self._log.after(shot, touching=true["touching"] > 0.0))

    def _is_new(self, time_s: float, place: tuple[float, float]) -> bool:
        """Whether an episode has begun since the last snapshot; its path and log are empty."""
        key = int(self._simulator.world.key[self._row])
        last_key, last_s, last_place = self._seen_at
        new = key != last_key or time_s < last_s or (time_s == last_s and place != last_place)
        self._seen_at = key, time_s, place
        if new:
            self._trail.clear()
            self._log = Log()
            self._snr = math.nan
        return new

    def _remember(self, time_s: float, place: tuple[float, float]) -> None:
        """Add a place to the path, once for each instant."""
        if not self._trail or time_s > self._trail_s:
            self._trail.append(place)
            self._trail_s = time_s

    def _machinery(self, memory: NDArray[np.float64]) -> dict[str, Any]:
        """Return the state of engines, legs and rangefinder."""
        thrusts = memory[ENGINES + ENGINE_STATE.thrust :: ENGINE_WIDTH].tolist()
        pads = [POINTS + leg * POINT_WIDTH for leg in range(self._legs)]
        return {
            "throttles": tuple(
                have / full for have, full in zip(thrusts, self._thrusts_n, strict=False)
            ),
            "legs": tuple(
                LegState(float(memory[pad + POINT.crushed]), bool(memory[pad + POINT.broken] > 0.0))
                for pad in pads
            ),
            "beam_state": _BEAM_STATES[int(memory[LRF.mode])],
            "range_snr": self._range_snr(memory),
            "snr_threshold": float(memory[DRAWN_LRF.threshold]),
        }

    def _met(self) -> dict[str, Any]:
        """Return how the lander met the ground."""
        report = self._simulator.touchdown[self._row].tolist()
        met = dict(zip(TOUCHDOWN_NAMES, report, strict=True))
        return {
            "touchdown_v_vertical_m_s": met["v_vertical_m_s"],
            "touchdown_v_lateral_m_s": met["v_lateral_m_s"],
            "touchdown_tilt_rad": math.radians(met["tilt_deg"]),
        }

    def _range_snr(self, memory: NDArray[np.float64]) -> float:
        """Return the signal-to-noise ratio of the range that arrived last."""
        arrivals = min(int(memory[EPISODE.arrivals]), SLOTS)
        if arrivals > 0:
            self._snr = 10.0 ** float(memory[SLOT + (arrivals - 1) * SLOT_WIDTH + _QUALITY])
        return self._snr

    def _truth(self) -> list[float]:
        mask = np.zeros(self._simulator.rows, np.bool_)
        mask[self._row] = True
        truth: list[float] = self._simulator.reveal(mask)[0].tolist()
        return truth


def _view(true: dict[str, float], heading: float, radius_m: float) -> _View:
    """Position, velocity and tilt of the lander in the plane of the picture."""
    east, north = math.sin(heading), math.cos(heading)
    x, y = true["r_x_m"], true["r_y_m"]
    # The map keeps directions and distances from the target (azimuthal equidistant).
    lateral = math.hypot(x, y)
    stretch = true["downrange_m"] / lateral if lateral > 0.0 else 1.0
    up = _unit((x, y, true["r_z_m"] + radius_m))
    v = true["v_x_m_s"], true["v_y_m_s"], true["v_z_m_s"]
    v_up = _dot(v, up)
    lean = _dot((east, north, 0.0), up)
    forward = _unit((east - lean * up[0], north - lean * up[1], -lean * up[2]))
    body = rotation(true["q_w"], true["q_x"], true["q_y"], true["q_z"])
    axis = body[0][2], body[1][2], body[2][2]
    away = _cross(up, forward)
    turn = [[_dot(a, column) for column in zip(*body, strict=True)] for a in (forward, away, up)]
    return _View(
        x_m=stretch * (x * east + y * north),
        across_m=stretch * (y * east - x * north),
        east=east,
        north=north,
        v_up=v_up,
        v_lateral=math.sqrt(max(_dot(v, v) - v_up * v_up, 0.0)),
        v_along=_dot(v, forward),
        tilt=math.atan2(_dot(axis, forward), _dot(axis, up)),
        attitude=quaternion(turn),
    )


def _marks(true: dict[str, float]) -> dict[str, Any]:
    """Return heights and ranges that may be none."""
    fix, stop, slant = true["first_fix_height_m"], true["stop_height_m"], true["slant_range_m"]
    return {
        "first_fix_height_m": _only(fix >= 0.0, fix),
        "stop_height_m": _only(stop < 1e6, stop),
        "slant_range_m": slant if slant >= 0.0 else math.inf,
    }


def _motion(view: _View) -> dict[str, Any]:
    return {
        "x_m": view.x_m,
        "y_m": view.across_m,
        "v_vertical_m_s": view.v_up,
        "v_lateral_m_s": view.v_lateral,
        "v_along_m_s": view.v_along,
        "tilt_rad": view.tilt,
        "attitude": view.attitude,
    }


_Vector = tuple[float, float, float]


def _cross(a: _Vector, b: _Vector) -> _Vector:
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def _dot(a: _Vector, b: _Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _unit(a: _Vector) -> _Vector:
    size = math.sqrt(_dot(a, a))
    return a[0] / size, a[1] / size, a[2] / size


def _known(seen: dict[str, float], belief: Belief) -> dict[str, Any]:
    """Return what is known on board: the belief, dead reckoning, and the last range."""
    has_range = seen["lrf_seen"] > 0.5
    return {
        "believed_height_m": belief.height_m,
        "believed_sigma_m": belief.height_sigma_m,
        "believed_v_vertical_m_s": belief.v_vertical_m_s,
        "believed_v_lateral_m_s": belief.v_lateral_m_s,
        "dead_reckoned_height_m": seen["dr_height_m"],
        "last_range_m": _only(has_range, seen["lrf_last_range_m"]),
        "last_range_age_s": _only(has_range, seen["lrf_last_age_s"]),
    }


def _only(known: bool, value: float) -> float:
    """Return the value where it is known, else nan."""
    return value if known else math.nan
