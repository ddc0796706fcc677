"""Targets that a mission's own computer was loaded with; so far Apollo 11's, for the Lunar Module.

The files in ``lunar_env/data/guidance`` hold them, each number with its source.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

from lunar_env.data import DATA_DIR
from lunar_env.reading import read_toml

__all__ = ["Schedule", "Target", "has_targets", "read_schedule"]

T = TypeVar("T")  # a number, or an array with one for each row


class Target(NamedTuple, Generic[T]):
    """Where a program would end. Guidance frame: x up at the landing site, z on downrange."""

    r_x_m: T
    r_z_m: T
    v_x_m_s: T
    v_z_m_s: T
    a_x_m_s2: T
    a_z_m_s2: T
    j_z_m_s3: T
    switch_s: T  # time relative to the end at which the next program takes over, negative
    first_s: T  # that with which the program begins to look for its own


class Schedule(NamedTuple):
    """All that the descent needs to know."""

    braking: Target[float]  # P63
    approach: Target[float]  # P64
    full_z_m: float  # downrange coordinate up to which the engine idles
    lead_s: float  # how far ahead the acceleration is commanded
    full_frac: float  # throttle of the fixed position
    low_frac: float  # asked for less, the engine leaves it
    high_frac: float  # asked for more, it returns to it


@lru_cache(maxsize=16)
def has_targets(mission: str) -> bool:
    """Whether a mission of this name has targets of its own."""
    path = DATA_DIR / "guidance" / f"{mission}.toml"
    return path.is_file() and "braking" in read_toml(path)


@lru_cache(maxsize=4)
def read_schedule(mission: str) -> Schedule:
    """Read the targets of a mission that has some."""
    path = DATA_DIR / "guidance" / f"{mission}.toml"
    tables = read_toml(path)
    numbers = {
        group: {name: float(number["value"]) for name, number in tables[group].items()}
        for group in ("braking", "approach", "engine")
    }
    braking, approach = Target(**numbers["braking"]), Target(**numbers["approach"])
    return Schedule(braking, approach, **numbers["engine"])
