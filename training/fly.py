"""One landing, told: what was true, what the lander believed, what it did."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import gymnasium as gym
import numpy as np

from lunar_env import Outcome
from lunar_env.info import touchdown_of, unsigned
from training.pilots import shown_to
from training.task import truth_column

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from agents import Pilot
    from lunar_env import LunarLandingEnv
    from training.pilots import Entry
    from training.task import Task

__all__ = [
    "FILM_FPS",
    "Flight",
    "Moment",
    "film_frames",
    "fly_landing",
    "make_env",
    "moments",
]

# A control period is 0.2 s: four times as fast as it happens.
FILM_FPS = 20.0

POSITION = slice(truth_column("r_x_m"), truth_column("r_z_m") + 1)
VELOCITY = slice(truth_column("v_x_m_s"), truth_column("v_z_m_s") + 1)
BEAM_STATES = ("OFF", "WARMUP", "SEARCH", "TRACK", "LOST")


class Moment(NamedTuple):
    """The state at the end of one control period."""

    time_s: float
    height_m: float  # true
    believed_height_m: float  # dead-reckoned
    v_vertical_m_s: float  # true, up
    v_lateral_m_s: float
    thrust_frac: float
    propellant_kg: float
    beam: str
    last_range_m: float  # NaN before the first
    last_range_age_s: float


class Flight(NamedTuple):
    """A whole landing."""

    moments: list[Moment]
    outcome: str
    touchdown: dict[str, Any] | None
    recoverable: bool
    first_fix_alt_m: float  # NaN if the ground was never seen
    episode_key: int

    def to_dict(self) -> dict[str, Any]:
        """Return the end of the flight as JSON content."""
        last = self.moments[-1]
        return {
            "outcome": self.outcome,
            "recoverable": self.recoverable,
            "duration_s": last.time_s,
            "propellant_left_kg": last.propellant_kg,
            "first_fix_alt_m": self.first_fix_alt_m,
            "touchdown": self.touchdown,
            "episode_key": self.episode_key,
        }


def make_env(task: Task, render_mode: str | None = None) -> LunarLandingEnv:
    """Return the single environment of a task.

    Parameters
    ----------
    task : Task
        What is flown.
    render_mode : str, optional
        ``human`` or ``rgb_array``.

    Returns
    -------
    LunarLandingEnv
        Not reset yet, without Gymnasium's wrappers.
    """
    env = gym.make(task.env_id(), render_mode=render_mode, **task.keywords())
    unwrapped: LunarLandingEnv = env.unwrapped  # type: ignore[assignment]
    return unwrapped


def fly_landing(
    env: LunarLandingEnv, pilot: Pilot, seed: int | None, episode_key: int | None = None
) -> Flight:
    """Fly one landing to its end.

    Parameters
    ----------
    env : LunarLandingEnv
        Where.
    pilot : Pilot
        Who.
    seed : int or None
        Seed of the episode.
    episode_key : int, optional
        Key of an episode to fly again, instead of a seed.

    Returns
    -------
    Flight
        Every moment, and the end.
    """
    steps = moments(env, pilot, seed, episode_key)
    told: list[Moment] = []
    while True:
        try:
            told.append(next(steps))
        except StopIteration as end:
            info: dict[str, Any] = end.value
            break
    truth = env.privileged
    fix = float(truth[truth_column("first_fix_alt_m")])
    return Flight(
        moments=told,
        outcome=Outcome(info["outcome_code"]).name,
        touchdown=touchdown_of(info),
        recoverable=bool(truth[truth_column("recoverable")] > 0.5),
        first_fix_alt_m=fix if fix >= 0 else float("nan"),
        episode_key=unsigned(info["episode_key"]),
    )


def moments(
    env: LunarLandingEnv, pilot: Pilot, seed: int | None, episode_key: int | None = None
) -> Generator[Moment, None, dict[str, Any]]:
    """Fly one landing, a control period at a time.

    Parameters
    ----------
    env : LunarLandingEnv
        Where.
    pilot : Pilot
        Who.
    seed : int or None
        Seed of the episode.
    episode_key : int, optional
        Key of an episode to fly again, instead of a seed.

    Yields
    ------
    Moment
        At the start and after every step; the generator returns the last info.
    """
    options = None if episode_key is None else {"episode_key": episode_key}
    observation, info = env.reset(seed=seed, options=options)
    start = np.ones(1, dtype=np.bool_)
    state = None
    ended = False
    yield _moment(env, observation)
    while not ended:
        seen = shown_to(pilot, observation[np.newaxis], env)
        action, state = pilot.predict(seen, state, start, deterministic=True)
        observation, _, terminated, truncated, info = env.step(action[0])
        start = np.zeros(1, dtype=np.bool_)
        ended = terminated or truncated
        yield _moment(env, observation)
    return info


def film_frames(entry: Entry, episode_key: int) -> Iterator[np.ndarray]:
    """Fly an episode and return its frames.

    Parameters
    ----------
    entry : Entry
        Who flies what.
    episode_key : int
        Which episode.

    Yields
    ------
    ndarray of uint8, shape (height, width, 3)
        One frame per control period.
    """
    env = make_env(entry.task, "rgb_array")
    env.pilot = entry.label
    for _ in moments(env, entry.pilot, None, episode_key):
        frame = env.render()
        if frame is not None:  # never in this mode
            yield frame
    env.close()


def _moment(env: LunarLandingEnv, observation: np.ndarray) -> Moment:
    frame, truth = env.settings.frame_fields, env.privileged
    present = observation[: len(frame)].tolist()
    read: dict[str, float] = {f.name: x * f.scale for f, x in zip(frame, present, strict=True)}

    def seen(name: str) -> float:
        return read[name]

    def true(name: str) -> float:
        return float(truth[truth_column(name)])

    beam = next((s for s in BEAM_STATES if seen(f"lrf_{s.lower()}") > 0.5), BEAM_STATES[0])
    fixed = seen("lrf_seen") > 0.5
    # Along the vertical of the lander, which far from the target is not the target's.
    from_centre = truth[POSITION] + (0.0, 0.0, env.settings.mission.planet.radius_m)
    v = truth[VELOCITY]
    v_up = float(v @ from_centre / np.linalg.norm(from_centre))
    return Moment(
        time_s=true("time_s"),
        height_m=true("height_m"),
        believed_height_m=seen("dr_height_m"),
        v_vertical_m_s=v_up,
        v_lateral_m_s=math.sqrt(max(float(v @ v) - v_up**2, 0.0)),
        thrust_frac=seen("thrust_frac"),
        propellant_kg=true("propellant_kg"),
        beam=beam,
        last_range_m=seen("lrf_last_range_m") if fixed else float("nan"),
        last_range_age_s=seen("lrf_last_age_s") if fixed else float("nan"),
    )
