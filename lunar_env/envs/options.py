"""Options of `reset`: a documented set of keys, each checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from lunar_env.envs.values import real, whole
from lunar_env.errors import ConfigError, nearest
from lunar_env.info import unsigned
from lunar_env.sim.world import START_NAMES
from lunar_env.specs import ScenarioSpec, load_scenario

if TYPE_CHECKING:
    from lunar_env.envs.settings import Settings

__all__ = ["ResetOptions", "autoreset", "checked_seed", "parse", "row_seeds"]

_KEYS: Final = ("scenario", "phase", "start", "episode_key")
_CEILING: Final = 3.0  # the highest start that can be asked for, over the highest of the phase
_FASTEST_M_S: Final = 3e3  # beyond what an orbit of the Moon can have
_EPISODE_KEYS: Final = -(2**63), 2**64 - 1  # both readings of 64 bits


@dataclass(frozen=True)
class ResetOptions:
    """What `reset` was asked for."""

    scenario: ScenarioSpec
    start: NDArray[np.float64]  # (rows, 4), nan where drawn
    keys: NDArray[np.uint64] | None
    mask: NDArray[np.bool_]


def parse(
    options: Mapping[str, Any] | None, settings: Settings, rows: int, *, vector: bool
) -> ResetOptions:
    """Check the options of a reset.

    Raises
    ------
    ConfigError
        Where a key is unknown or a value is of the wrong kind or out of range.
    """
    options = {} if options is None else options
    if not isinstance(options, Mapping):
        raise ConfigError(f"options = {options!r} must be a mapping of names to values")
    known = (*_KEYS, "reset_mask") if vector else _KEYS
    for key in options:
        if key not in known:
            raise ConfigError(
                f"unknown reset option {key!r}{nearest(key, known)} (available: {', '.join(known)})"
            )
    phase = options.get("phase", settings.phase)
    if phase != settings.phase:
        raise ConfigError(
            f"phase {phase!r} differs from the environment's, {settings.phase!r}: each phase"
            " has its own observation scales; make another environment (keyword 'phase')"
        )
    scenario = options.get("scenario")
    return ResetOptions(
        scenario=settings.scenario
        if scenario is None
        else load_scenario(scenario, settings.mission),
        start=_start(options.get("start"), settings, rows),
        keys=_keys(options.get("episode_key"), rows),
        mask=_mask(options.get("reset_mask"), rows),
    )


def _start(start: object, settings: Settings, rows: int) -> NDArray[np.float64]:
    """Table of what was asked for, nan where it is drawn."""
    if start is None:
        return np.full((rows, len(START_NAMES)), np.nan)
    if not isinstance(start, Mapping):
        raise ConfigError(f"reset option 'start' must be a mapping, not {type(start).__name__}")
    for name in start:
        if name not in START_NAMES:
            raise ConfigError(
                f"unknown start value {name!r}{nearest(name, START_NAMES)}"
                f" (available: {', '.join(START_NAMES)})"
            )
    lowest, highest = settings.mission.phases.named(settings.phase).height_m.support
    ceiling = _CEILING * highest
    ranges = {
        "height_m": (1.0, ceiling),
        "v_vertical_m_s": (-_FASTEST_M_S, _FASTEST_M_S),
        "v_lateral_m_s": (-_FASTEST_M_S, _FASTEST_M_S),
    }
    values = {
        name: real(f"start[{name!r}]", start[name], *ranges[name])
        for name in ranges
        if name in start
    }
    error = "nav_height_error_m"
    if error in start:
        # Neither the true height nor the believed one, the true plus the error, leaves its range.
        height = values.get("height_m")
        fits = (highest - ceiling, lowest - 1.0) if height is None else (-height, ceiling - height)
        values[error] = real(f"start[{error!r}]", start[error], *fits)
    return np.tile([values.get(name, np.nan) for name in START_NAMES], (rows, 1))


def _keys(key: object, rows: int) -> NDArray[np.uint64] | None:
    if key is None:
        return None
    given: list[Any] = list(key) if isinstance(key, Sequence | np.ndarray) else [key] * rows
    if len(given) != rows:
        raise ConfigError(f"episode_key has {len(given)} keys for {rows} row(s)")
    keys = [unsigned(whole("episode_key", one, *_EPISODE_KEYS)) for one in given]
    return np.array(keys, dtype=np.uint64)


def _mask(mask: object, rows: int) -> NDArray[np.bool_]:
    if mask is None:
        return np.ones(rows, np.bool_)
    if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_ or mask.shape != (rows,):
        raise ConfigError(f"reset_mask must be a boolean array of shape ({rows},)")
    if not mask.any():
        raise ConfigError("reset_mask selects no row")
    return mask


def checked_seed(seed: object) -> int | None:
    """Return the seed of one episode, or None to go on.

    Raises
    ------
    ConfigError
        Where it is no whole number, or negative.
    """
    return None if seed is None else whole("seed", seed, 0)


def row_seeds(seed: object, rows: int) -> list[int | None]:
    """Seed of each row: ``seed + i``, its own of a sequence, or None to go on.

    Raises
    ------
    ConfigError
        Where a seed is no whole number or negative, or a sequence has another length.
    """
    if isinstance(seed, str) or not isinstance(seed, Sequence | np.ndarray):
        first = checked_seed(seed)
        return [None if first is None else first + i for i in range(rows)]
    if len(seed) != rows:
        raise ConfigError(f"seed has {len(seed)} values for {rows} rows")
    return [checked_seed(one) for one in seed]


def autoreset(mode: AutoresetMode | str) -> AutoresetMode:
    """Autoreset mode by name or value.

    Raises
    ------
    ConfigError
        If there is no mode of that name.
    """
    if isinstance(mode, AutoresetMode):
        return mode
    by_name = {m.name: m for m in AutoresetMode} | {m.value: m for m in AutoresetMode}
    if not isinstance(mode, str) or mode not in by_name:
        names = [m.name for m in AutoresetMode]
        hint = nearest(mode, names)
        raise ConfigError(f"unknown autoreset_mode {mode!r}{hint} (available: {', '.join(names)})")
    return by_name[mode]
