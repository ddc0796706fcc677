"""Targets of a mission's guidance computer; so far those of Apollo 11's Lunar Module.

They are in ``lunar_env/data/guidance``, each number with its source.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

from lunar_env.data import DATA_DIR
from lunar_env.reading import read_toml

__all__ = ["Schedule", "Target", "has_targets", "read_schedule"]

T = TypeVar("T")  # a number, or an array with one for each row


class Target(NamedTuple, Generic[T]):
    """End state of a program. Guidance frame: x up at the landing site, z downrange."""

    r_x_m: T
    r_z_m: T
    v_x_m_s: T
    v_z_m_s: T
    a_x_m_s2: T
    a_z_m_s2: T
    j_z_m_s3: T
    switch_s: T  # time relative to the end at which the next program takes over, negative
    first_s: T  # first guess of the time to the end, negative


class Schedule(NamedTuple):
    """Targets, throttle settings and lead of the descent."""

    braking: Target[float]  # P63
    approach: Target[float]  # P64
    full_z_m: float  # downrange coordinate up to which the engine idles
    lead_s: float  # how far ahead the acceleration is commanded
    full_frac: float  # throttle of the fixed position
    low_frac: float  # below this command the engine leaves it
    high_frac: float  # above this command it returns to it


@lru_cache(maxsize=16)
def has_targets(mission: str) -> bool:
    """Whether a mission of this name has targets of its own."""
    path = DATA_DIR / "guidance" / f"{mission}.toml"
    return path.is_file() and "braking" in read_toml(path)


@lru_cache(maxsize=4)
def read_schedule(mission: str) -> Schedule:
    """Read the targets of a mission that has some, see `has_targets`.

    Raises
    ------
    ConfigError
        If the file cannot be read.
    """
    path = DATA_DIR / "guidance" / f"{mission}.toml"
    tables = read_toml(path)
    numbers = {
        group: {name: float(number["value"]) for name, number in tables[group].items()}
        for group in ("braking", "approach", "engine")
    }
    braking, approach = Target(**numbers["braking"]), Target(**numbers["approach"])
    return Schedule(braking, approach, **numbers["engine"])
