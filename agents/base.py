"""The protocol of pilots, its types, and the checks of a batch.

A pilot sees observations and nothing else. Its signature is that of Stable-Baselines3, so that a
classical law, a learned policy and a trainer's model are flown by the same loop. Read next:
`observation.py` (names to numbers), `classical.py` (filter + law), `registry.py` (pilots by name).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np

from lunar_env.errors import ConfigError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "BoolArray",
    "FieldLike",
    "Float32Array",
    "Float64Array",
    "Pilot",
    "PilotState",
    "X",
    "Y",
    "Z",
    "as_batch",
    "as_starts",
]

Float32Array: TypeAlias = "NDArray[np.float32]"
Float64Array: TypeAlias = "NDArray[np.float64]"
BoolArray: TypeAlias = "NDArray[np.bool_]"
# Columns of vectors (..., 3): in the target's frame L these are east, north and up.
X, Y, Z = range(3)
# What a pilot remembers of the past: arrays whose first axis is the row of the batch.
PilotState: TypeAlias = "tuple[NDArray[Any], ...]"


class FieldLike(Protocol):
    """The part of `lunar_env.Field` that a pilot needs."""

    @property
    def name(self) -> str:
        """Name of the observation element."""

    @property
    def scale(self) -> float:
        """The element is the quantity divided by this."""


class Pilot(Protocol):
    """Anything that flies: maps a batch of observations to actions."""

    @property
    def name(self) -> str:
        """Name under which results are reported."""

    def predict(
        self,
        observation: ArrayLike,
        state: PilotState | None = None,
        episode_start: ArrayLike | None = None,
        deterministic: bool = True,
    ) -> tuple[Float32Array, PilotState | None]:
        """Choose the actions of one control period.

        Parameters
        ----------
        observation : array_like of float32, shape (n, obs_dim)
            Observations as the environment returns them.
        state : tuple of ndarray, optional
            What the previous call returned; None at the beginning.
        episode_start : array_like of bool, shape (n,), optional
            True for rows that begin an episode; their memory is cleared.
        deterministic : bool
            Take the mean action of a stochastic policy.

        Returns
        -------
        action : ndarray of float32, shape (n, actions)
            In [-1, 1]; a pilot flies the one control that it was made for.
        state : tuple of ndarray or None
            Pass it to the next call.

        Raises
        ------
        ConfigError
            If the observation or `episode_start` has the wrong shape.
        """


def as_batch(observation: ArrayLike, width: int) -> tuple[Float32Array, bool]:
    """Observations as float32, shape (n, obs_dim), and whether a single one was given.

    Raises
    ------
    ConfigError
        If the array has more than two axes or fewer than `width` columns.
    """
    array = np.asarray(observation, dtype=np.float32)
    single = array.ndim == 1
    batch = array[np.newaxis] if single else array
    if batch.ndim != 2 or batch.shape[1] < width:
        raise ConfigError(
            f"observation has shape {array.shape}, expected (n, obs_dim) with obs_dim >= {width}"
        )
    return batch, single


def as_starts(episode_start: ArrayLike | None, rows: int, fresh: bool) -> BoolArray:
    """Mask (n,) of rows that begin an episode: all where there is no memory, else those given.

    Raises
    ------
    ConfigError
        If the mask does not have one element per row.
    """
    if fresh:
        return np.ones(rows, dtype=np.bool_)
    if episode_start is None:
        return np.zeros(rows, dtype=np.bool_)
    starts = np.asarray(episode_start, dtype=np.bool_).reshape(-1)
    if starts.shape != (rows,):
        raise ConfigError(f"episode_start has {starts.size} rows, the observation has {rows}")
    return starts
