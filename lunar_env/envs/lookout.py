"""A row as a picture shows it: the truth, what the lander believes of it, and the ground around."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lunar_env.belief import ONBOARD_FIELDS, onboard
from lunar_env.rendering.layout import view_height_m
from lunar_env.rendering.snapshot import FARTHEST_M, Snapshot
from lunar_env.sensors.rows import LRF
from lunar_env.sim.fields import PRIVILEGED_FIELDS, Outcome
from lunar_env.sim.world import EPISODE, TOUCHDOWN_NAMES

if TYPE_CHECKING:
    from lunar_env.belief import Belief
    from lunar_env.envs.settings import Settings
    from lunar_env.envs.simulator import Simulator

__all__ = ["Lookout", "heading"]

_BEAM_STATES = ("OFF", "WARMUP", "SEARCH", "TRACK", "LOST")
_TRUE = {field.name: k for k, field in enumerate(PRIVILEGED_FIELDS)}
_SEEN = {"thrust_frac", "dr_height_m", "lrf_last_range_m", "lrf_last_age_s", *ONBOARD_FIELDS}
# The ground is sampled this far to both sides, in heights of the view, at this many places.
_REACH = 0.8
_SAMPLES = 24
# A profile is used while the lander is within this number of spacings of it.
_SAME_PROFILE = 0.25
_EAST_DEG = 90.0

Profile = tuple[tuple[float, float], ...]


class _View(NamedTuple):
    """The vertical plane that is drawn, at the place of the lander."""

    x_m: float  # along it, over the surface from the target
    across_m: float  # lateral distance from it
    east: float  # its direction on the map of the site
    north: float
    v_up: float  # m/s
    v_lateral: float
    tilt: float  # rad, of the body axis towards its direction


def heading(settings: Settings) -> float:
    """Direction to the right in the picture, clockwise from north [rad]."""
    azimuth = settings.mission.phases.named(settings.phase).approach_azimuth_deg
    return math.radians(_EAST_DEG if azimuth is None else azimuth)


class Lookout:
    """Takes snapshots of a row, and records its path in the episode.

    It looks north, or, in a phase with a direction of flight, so that the flight goes to the right.
    """

    def __init__(self, simulator: Simulator, row: int = 0) -> None:
        settings = simulator.settings
        self._simulator, self._row = simulator, row
        self._heading = heading(settings)
        frame = enumerate(settings.frame_fields)
        self._fields = [(f.name, k, f.scale) for k, f in frame if f.name in _SEEN]
        vehicle = settings.mission.vehicle
        self._constant: dict[str, Any] = {
            "mission": settings.mission.title,
            "vehicle_height_m": vehicle.height_m,
            "vehicle_width_m": vehicle.width_m,
            "legs": vehicle.gear.legs,
            "engines": len(vehicle.engine_list),
        }
        self._height_m = vehicle.height_m
        self._radius_m = settings.mission.planet.radius_m
        unit = settings.mission.rangefinder
        self._boresight = math.radians(0.0 if unit is None else unit.boresight_tilt_deg)
        self._trail: list[tuple[float, float]] = []
        self._seen_at = (0, math.inf)  # episode and time of the last snapshot
        self._shown = (0, 0.0, 0, 0)  # episode, spacing and place of the profile
        self._profile: Profile = ()

    def snapshot(self, pilot: str, belief: Belief | None = None) -> Snapshot:
        """Return the present instant; `pilot` is the name to show, `belief` what it believes."""
        simulator, row = self._simulator, self._row
        observed = simulator.world.observation[row].tolist()
        seen = {name: observed[k] * scale for name, k, scale in self._fields}
        true = dict(zip(_TRUE, self._truth(), strict=True))
        view = _view(true, self._heading, self._radius_m)
        elevation, ground = self._ground(view, true["height_m"])
        self._remember(true["time_s"], (view.x_m, elevation + true["height_m"]))
        memory = simulator.world.memory[row]
        fix, stop = true["first_fix_height_m"], true["stop_height_m"]
        met = dict(zip(TOUCHDOWN_NAMES, simulator.touchdown[row].tolist(), strict=True))
        return Snapshot(
            time_s=true["time_s"],
            height_m=true["height_m"],
            x_m=view.x_m,
            y_m=view.across_m,
            downrange_m=true["downrange_m"],
            v_vertical_m_s=view.v_up,
            v_lateral_m_s=view.v_lateral,
            tilt_rad=view.tilt,
            throttle_frac=seen["thrust_frac"],
            propellant_kg=true["propellant_kg"],
            propellant_start_kg=float(memory[EPISODE.start_propellant]),
            slant_range_m=true["slant_range_m"] if true["slant_range_m"] >= 0.0 else math.inf,
            beam_state=_BEAM_STATES[int(memory[LRF.mode])],
            beam_angle_rad=self._boresight - view.tilt,
            first_fix_height_m=_only(fix >= 0.0, fix),
            stop_height_m=_only(stop < 1e6, stop),
            elevation_m=elevation,
            ground=ground,
            outcome=Outcome(int(true["outcome"])).name,
            scenario=simulator.scenario_of(row).name,
            pilot=pilot,
            trail=tuple(self._trail),
            touchdown_v_vertical_m_s=met["v_vertical_m_s"],
            touchdown_v_lateral_m_s=met["v_lateral_m_s"],
            touchdown_tilt_rad=math.radians(met["tilt_deg"]),
            **_known(seen, belief or onboard(seen)),
            **self._constant,
        )

    def _truth(self) -> list[float]:
        mask = np.zeros(self._simulator.rows, np.bool_)
        mask[self._row] = True
        truth: list[float] = self._simulator.reveal(mask)[0].tolist()
        return truth

    def _remember(self, time_s: float, place: tuple[float, float]) -> None:
        """Add a position to the path, once per instant; a new episode begins a new path."""
        episode, last_s = self._seen_at
        key = int(self._simulator.world.key[self._row])
        if key != episode or time_s < last_s:
            self._trail.clear()
        if not self._trail or time_s > last_s:
            self._trail.append(place)
        self._seen_at = key, time_s

    def _ground(self, view: _View, height_m: float) -> tuple[float, Profile]:
        """Elevation under the lander, and the profile of the ground within the view.

        The places stay where they are while the lander moves: they are multiples of a spacing that
        doubles with the height of the view, so that the last profile can usually be reused.
        """
        reach = _REACH * view_height_m(_drawable(height_m), self._height_m)
        spacing = 2.0 ** math.ceil(math.log2(reach / _SAMPLES))
        middle, across = _drawable(view.x_m), _drawable(view.across_m)
        cell, lateral = math.floor(middle / spacing), round(across / (_SAME_PROFILE * spacing))
        shown = int(self._simulator.world.key[self._row]), spacing, cell, lateral
        if shown != self._shown:
            self._shown = shown
            places = spacing * np.arange(cell - _SAMPLES, cell + _SAMPLES + 2)
            aside = lateral * _SAME_PROFILE * spacing
            east = places * view.east - aside * view.north
            north = places * view.north + aside * view.east
            found = self._simulator.ground(self._row, np.stack([east, north], axis=1), spacing)
            self._profile = tuple(zip(places.tolist(), found.tolist(), strict=True))
        (x0, y0), (_, y1) = self._profile[_SAMPLES : _SAMPLES + 2]
        return y0 + (y1 - y0) * (middle - x0) / spacing, self._profile


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
    axis = _body_axis(true["q_w"], true["q_x"], true["q_y"], true["q_z"])
    return _View(
        x_m=stretch * (x * east + y * north),
        across_m=stretch * (y * east - x * north),
        east=east,
        north=north,
        v_up=v_up,
        v_lateral=math.sqrt(max(_dot(v, v) - v_up * v_up, 0.0)),
        tilt=math.atan2(_dot(axis, forward), _dot(axis, up)),
    )


_Vector = tuple[float, float, float]


def _body_axis(w: float, x: float, y: float, z: float) -> _Vector:
    return 2.0 * (x * z + w * y), 2.0 * (y * z - w * x), 1.0 - 2.0 * (x * x + y * y)


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


def _drawable(length_m: float) -> float:
    """Return a length within reach, 0 where it is no number."""
    return min(max(length_m, -FARTHEST_M), FARTHEST_M) if math.isfinite(length_m) else 0.0


def _only(known: bool, value: float) -> float:
    """Return the value where it is known, else nan."""
    return value if known else math.nan
