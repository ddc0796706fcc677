"""Names for the numbers of the environment, and small ways to fly it."""

from __future__ import annotations

import math
import tomllib
from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numpy as np

from lunar_env import (
    OBSERVATION_FIELDS,
    PRIVILEGED_FIELDS,
    LunarLandingEnv,
    LunarLandingVectorEnv,
    MissionSpec,
    ScenarioSpec,
    load_mission,
)
from lunar_env.data import DATA_DIR
from lunar_env.data.constants import R_MOON
from lunar_env.registration import IDS
from lunar_env.specs import load_scenario

if TYPE_CHECKING:
    from collections.abc import Callable

ID = "LunarEnv/ThrottleLanding-v0"
NAMES = [row.name for row in IDS]
SEEN = {field.name: k for k, field in enumerate(OBSERVATION_FIELDS)}
TRUE = {field.name: k for k, field in enumerate(PRIVILEGED_FIELDS)}
SCALE = {field.name: field.scale for field in OBSERVATION_FIELDS}
FRAME = len(OBSERVATION_FIELDS)
G = 1.6242
PERFECT_GAUGES = {
    **dict.fromkeys(("propellant_scale_frac", "propellant_offset_kg"), 0.0),
    **{"propellant_resolution_kg": 0.0, "engine_switch_frac": 0.01},
}
THRUST_MAX_N = 1600.0


def level(name: str = "hakuto-r-m2", slope_deg: float = 0.0, **changes: Any) -> MissionSpec:
    """A mission over flat ground, or from above the target over a slope that rises northwards."""
    text = (DATA_DIR / "terrains" / "flat.toml").read_text(encoding="utf-8")
    hill = {"kind": "hillside", "east_m": 0.0, "north_m": 0.0, "azimuth_deg": 0.0}
    features = [{**hill, "slope_deg": slope_deg, "half_length_m": 1e5}] if slope_deg else []
    ground: dict[str, Any] = {"terrain": tomllib.loads(text), "features": features}
    if slope_deg:
        above = {"position_east_m": 0.0, "position_north_m": 0.0}
        ground["phases"] = {"terminal": above}
    return load_mission(name).replace(**ground, **changes)


def single(name: str, **keywords: Any) -> LunarLandingEnv:
    """The environment of an id, without Gymnasium's wrappers."""
    return LunarLandingEnv(**{**gym.spec(name).kwargs, **keywords})


def vector(name: str, rows: int, **keywords: Any) -> LunarLandingVectorEnv:
    """The vector environment of an id, on one thread."""
    kwargs = {**gym.spec(name).kwargs, "num_threads": 1, **keywords}
    return LunarLandingVectorEnv(rows, **kwargs)


def random_actions(env: Any, steps: int, seed: int = 0) -> np.ndarray:
    """Actions (steps, rows, n) of an environment, a few of them beyond the box."""
    rows = getattr(env, "num_envs", 1)
    shape = (steps, rows, len(env.action_fields))
    return np.random.default_rng(seed).uniform(-1.1, 1.1, shape).astype(np.float32)


def seen(observation: np.ndarray, name: str) -> Any:
    """What an observation says, in SI."""
    return observation[..., SEEN[name]].astype(np.float64) * SCALE[name]


def truth(env: LunarLandingEnv | LunarLandingVectorEnv, name: str) -> Any:
    """A number of the true state."""
    return env.privileged[..., TRUE[name]]


def local_motion(env: Any) -> tuple[Any, Any]:
    """True speed up and across, in the lander's own vertical."""
    state = env.privileged
    from_centre = state[..., :3] + (0.0, 0.0, R_MOON)
    v = state[..., 3:6]
    up = np.sum(v * from_centre, axis=-1) / np.linalg.norm(from_centre, axis=-1)
    return up, np.sqrt(np.maximum(np.sum(v * v, axis=-1) - up**2, 0.0))


def throttle(fraction: Any) -> np.ndarray:
    """The action of a fraction of installed thrust, one or a column of them."""
    return np.atleast_1d(2.0 * np.asarray(fraction) - 1.0).astype(np.float32)


def exact(name: str = "ideal", **changes: Any) -> ScenarioSpec:
    """A scenario without errors of navigation, with some numbers changed."""
    quiet = dict.fromkeys(
        (
            *("nav_height_error_m", "nav_position_error_m", "nav_v_vertical_error_m_s"),
            *("nav_v_lateral_error_m_s", "accel_bias_m_s2", "attitude_error_deg"),
        ),
        0.0,
    )
    quiet["inertial_frac"] = 0.0
    return load_scenario(name).replace(**{**quiet, **changes})


def hold_speed(env: Any, speed: Any) -> np.ndarray:
    """Throttle (rows, 1) that keeps the true fall speed; the pilot of an all-knowing bench."""
    state = env.privileged
    excess = -state[:, TRUE["v_z_m_s"]] - speed
    weight = state[:, TRUE["mass_kg"]] * G
    up = np.cos(state[:, TRUE["tilt_rad"]])
    return throttle((weight / up + 400.0 * excess) / THRUST_MAX_N)[:, None]


def crash(env: LunarLandingEnv, fraction: float = 0.0) -> tuple[np.ndarray, dict[str, Any]]:
    """Keep one throttle until the episode ends; the last observation and info."""
    while True:
        observation, _, terminated, truncated, info = env.step(throttle(fraction))
        if terminated or truncated:
            return observation, info


def bumpy_actions(steps: int, rows: int, seed: int = 0) -> np.ndarray:
    """Actions (steps, rows, 1) that bring the rows down at different times; some beyond the box."""
    rng = np.random.default_rng(seed)
    level = rng.uniform(-0.8, 0.3, rows)
    noise = rng.normal(0.0, 0.4, (steps, rows))
    return (level + noise)[:, :, None].astype(np.float32)


def tilted(degrees: float) -> Callable[[np.ndarray], None]:
    """A change of the true state: leaning by an angle about the first axis."""

    def poke(row: np.ndarray) -> None:
        half = math.radians(0.5 * degrees)
        row[TRUE["q_w"] : TRUE["q_z"] + 1] = math.cos(half), math.sin(half), 0.0, 0.0

    return poke
