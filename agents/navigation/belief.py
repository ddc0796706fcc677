"""A vector environment whose observations also hold a filter's mean, covariance and innovation.

A learner that gets the estimate has to learn guidance only: the comparison shows which part of its
losses is due to navigation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, VectorWrapper
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from lunar_env import ConfigError, Field

from ..observation import ObservationReader
from .kalman import KalmanFilter

if TYPE_CHECKING:
    from lunar_env import LunarLandingVectorEnv

    from ..base import BoolArray, Float32Array, Float64Array, PilotState
    from .types import Estimate, NavigationFilter

__all__ = ["BeliefVectorWrapper", "belief_fields"]

_Wrapper: TypeAlias = VectorWrapper[NDArray[np.float32], NDArray[np.float32], NDArray[Any]]
# Fields of the belief, and the observed quantity whose scale each has; for "" it is 1.
_FIELDS: Final = {
    "belief_height_m": ("dr_height_m", "height of the pads over the ground"),
    "belief_v_z_m_s": ("dr_v_z_m_s", "vertical velocity, up"),
    "belief_x_m": ("dr_x_m", "east of the target"),
    "belief_y_m": ("dr_y_m", "north of the target"),
    "belief_v_x_m_s": ("dr_v_x_m_s", "velocity, east"),
    "belief_v_y_m_s": ("dr_v_y_m_s", "velocity, north"),
    "root_height_m": ("dr_height_sigma_m", "lower root of the covariance: of the height"),
    "root_cross_m_s": ("dr_v_vertical_sigma_m_s", "of the vertical velocity with the height"),
    "root_v_z_m_s": ("dr_v_vertical_sigma_m_s", "of the vertical velocity alone"),
    "root_place_m": ("dr_horizontal_sigma_m", "1 sigma of x, of y"),
    "root_v_lateral_m_s": ("dr_v_lateral_sigma_m_s", "1 sigma of v_x, of v_y"),
    "innovation_sigmas": ("", "of the last range, over what was expected"),
    "belief_sighted": ("", "1 after the first range has been used"),
    "belief_refused": ("", "1 while the last range is rejected"),
}
_SIGMAS: Final = 20.0


def belief_fields(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """Return the fields that are appended to an observation with these fields.

    Parameters
    ----------
    fields : tuple of Field
        The environment's; the belief has their scales and bounds, so that both compare.

    Returns
    -------
    tuple of Field
        All bounds are finite.
    """
    observed = {field.name: field for field in fields}
    flag = Field("", "-", 1.0, 0.0, 1.0, "")
    made = []
    for name, (like, doc) in _FIELDS.items():
        model = observed[like] if like else flag
        if name == "innovation_sigmas":
            model = Field(name, "-", 1.0, -_SIGMAS, _SIGMAS, doc)
        if name == "root_cross_m_s":
            model = model._replace(low=-model.high)
        made.append(model._replace(name=name, doc=f"filter's belief: {doc}"))
    return tuple(made)


class BeliefVectorWrapper(_Wrapper):
    """Appends a filter's belief to the observations of a `LunarLandingVectorEnv`.

    Parameters
    ----------
    env : LunarLandingVectorEnv
        In any autoreset mode; the belief of a new episode begins with its first observation, and
        ``final_obs`` has the belief of the old one.
    navigation : NavigationFilter, optional
        The Kalman filter by default.

    Raises
    ------
    ConfigError
        If the filter reads the true state.
    """

    def __init__(
        self, env: LunarLandingVectorEnv, navigation: NavigationFilter | None = None
    ) -> None:
        super().__init__(env)
        self.navigation: NavigationFilter = navigation or KalmanFilter()
        if self.navigation.needs_truth:
            raise ConfigError(f"{self.navigation.name!r} reads the truth, which is not a belief")
        fields = tuple(env.observation_fields)
        self._added = belief_fields(fields)
        self.observation_fields = (*fields, *self._added)
        self._reader = ObservationReader(fields)
        low = np.array([field.low for field in self.observation_fields], np.float32)
        high = np.array([field.high for field in self.observation_fields], np.float32)
        self.single_observation_space = gym.spaces.Box(low, high, dtype=np.float32)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self._memory: PilotState | None = None
        self._ended = np.zeros(self.num_envs, dtype=np.bool_)

    def reset(
        self, *, seed: Any = None, options: dict[str, Any] | None = None
    ) -> tuple[Float32Array, dict[str, Any]]:
        """Begin episodes; see `LunarLandingVectorEnv.reset`."""
        observation, info = self.env.reset(seed=seed, options=options)
        mask = (options or {}).get("reset_mask")
        everywhere = np.ones(self.num_envs, dtype=np.bool_)
        starts = everywhere if mask is None else np.asarray(mask, dtype=np.bool_)
        shown, memory = self._with_belief(observation, starts)
        # A row that is not reset has not flown since: its memory does not change.
        self._memory = _merged(starts, memory, self._memory)
        self._ended = self._ended & ~starts
        return shown, info

    def step(
        self, actions: NDArray[np.float32]
    ) -> tuple[Float32Array, NDArray[Any], NDArray[Any], NDArray[Any], dict[str, Any]]:
        """Fly every row for one control period; see `LunarLandingVectorEnv.step`."""
        observation, reward, terminated, truncated, info = self.env.step(actions)
        ended = terminated | truncated
        mode = self.env.metadata["autoreset_mode"]
        starts = ended if mode == AutoresetMode.SAME_STEP else self._ended
        if mode == AutoresetMode.SAME_STEP and ended.any():
            info = {**info, "final_obs": self._final(observation, ended, info["final_obs"])}
        shown, self._memory = self._with_belief(observation, starts)
        self._ended = ended
        return shown, reward, terminated, truncated, info

    def _final(
        self, observation: Float32Array, ended: BoolArray, final: NDArray[Any]
    ) -> NDArray[Any]:
        """Return last observations of ended rows with the belief of the episode that they end."""
        last = observation.copy()
        for i in np.flatnonzero(ended):
            last[i] = final[i]
        shown, _ = self._with_belief(last, np.zeros_like(ended))
        finals = np.full(self.num_envs, None, dtype=object)
        for i in np.flatnonzero(ended):
            finals[i] = shown[i].copy()
        return finals

    def _with_belief(
        self, observation: Float32Array, starts: BoolArray
    ) -> tuple[Float32Array, PilotState]:
        estimate, memory = self.navigation.update(
            self._reader.read(observation), self._memory, starts
        )
        belief = _columns(estimate) / np.array([field.scale for field in self._added])
        low = [field.low for field in self._added]
        high = [field.high for field in self._added]
        belief = np.clip(belief, low, high).astype(np.float32)
        return np.concatenate([observation, belief], axis=1), memory


def _columns(estimate: Estimate) -> Float64Array:
    """Return the belief in the order of the fields, SI units, (n, fields)."""
    e = estimate
    none = np.zeros_like(e.height_m)
    cross = none if e.height_v_z_cov is None else e.height_v_z_cov
    nu = none if e.innovation_m is None else e.innovation_m
    expected = none if e.innovation_sigma_m is None else e.innovation_sigma_m
    # Cholesky of the vertical covariance: [[l, 0], [c, r]].
    l_c = cross / np.maximum(e.height_sigma_m, 1e-9)
    rest = np.sqrt(np.maximum(e.v_z_sigma_m_s**2 - l_c**2, 0.0))
    sigmas = np.where(expected > 0.0, nu / np.where(expected > 0.0, expected, 1.0), 0.0)
    return np.stack(
        [
            *(e.height_m, e.v_z_m_s, e.x_m, e.y_m, e.v_x_m_s, e.v_y_m_s),
            *(e.height_sigma_m, l_c, rest, e.horizontal_sigma_m, e.v_lateral_sigma_m_s),
            *(sigmas, e.seen.astype(np.float64), e.rejected.astype(np.float64)),
        ],
        axis=1,
    )


def _merged(starts: BoolArray, new: PilotState, old: PilotState | None) -> PilotState:
    """Memory of the rows that start from `new`, of the others from `old`."""
    if old is None:
        return new
    return tuple(
        np.where(starts.reshape(-1, *[1] * (a.ndim - 1)), a, b)
        for a, b in zip(new, old, strict=True)
    )
