"""A classical pilot: a navigation filter, a guidance law, and what it does while blind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.base import as_batch, as_starts
from agents.guidance.blind import BlindGains, Budget, blind_descent, start_budget
from agents.guidance.types import Situation
from agents.observation import ObservationReader
from lunar_env.data.constants import G0, G_MOON

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from agents.base import BoolArray, FieldLike, Float32Array, PilotState
    from agents.guidance.types import GuidanceLaw
    from agents.navigation.types import Estimate, NavigationFilter
    from agents.observation import Reading

__all__ = ["ClassicalPilot"]

_OWN_WIDTH = 3  # burning, and the two of the budget


class ClassicalPilot:
    """Law on filter; implements `agents.base.Pilot` for whole batches.

    Parameters
    ----------
    law : GuidanceLaw
        Chooses the throttle for a height and a speed.
    navigation : NavigationFilter
        Finds them.
    fields : sequence of Field
        Observation fields of the environment.
    trusting : bool
        Fly the plan on dead reckoning while blind, instead of braking on the low side.
    blind : BlindGains, optional
        How careful the default is.

    Notes
    -----
    Memory is a flat tuple of arrays, as Stable-Baselines3 passes it: the pilot's own, then the
    filter's. It is never changed in place, so that a caller may keep and replay it.
    """

    def __init__(
        self,
        law: GuidanceLaw,
        navigation: NavigationFilter,
        fields: Sequence[FieldLike],
        *,
        trusting: bool = False,
        blind: BlindGains | None = None,
    ) -> None:
        self.law = law
        self.navigation = navigation
        self.trusting = trusting
        self.blind = blind or BlindGains()
        self._reader = ObservationReader(fields, truth=navigation.needs_truth)

    @property
    def needs_truth(self) -> bool:
        """Whether its observations must have ``env.privileged`` appended: the oracle's must."""
        return self.navigation.needs_truth

    @property
    def name(self) -> str:
        """Name of law, variant and filter."""
        return f"{self.law.name}{'-trusting' if self.trusting else ''}+{self.navigation.name}"

    def predict(
        self,
        observation: ArrayLike,
        state: PilotState | None = None,
        episode_start: ArrayLike | None = None,
        deterministic: bool = True,  # noqa: ARG002 (part of the protocol; a law has no noise)
    ) -> tuple[Float32Array, PilotState]:
        """Choose the throttle of one control period; see `agents.base.Pilot.predict`."""
        batch, single = as_batch(observation, self._reader.width)
        starts = as_starts(episode_start, len(batch), fresh=state is None)
        reading = self._reader.read(batch)
        burning, budget = self._recall(reading, state, starts)
        memory = None if state is None else state[_OWN_WIDTH:]
        estimate, memory = self.navigation.update(reading, memory, starts)

        situation = self._situation(estimate, reading, budget)
        throttle, burning = self.law.throttle(situation, burning)
        action = (2.0 * throttle - 1.0).astype(np.float32)[:, np.newaxis]
        return (action[0] if single else action), (burning, *budget, *memory)

    def estimate(
        self,
        observation: ArrayLike,
        state: PilotState | None = None,
        episode_start: ArrayLike | None = None,
    ) -> Estimate:
        """Return what `predict` with the same arguments believes, for plots and tests."""
        batch, _ = as_batch(observation, self._reader.width)
        starts = as_starts(episode_start, len(batch), fresh=state is None)
        memory = None if state is None else state[_OWN_WIDTH:]
        return self.navigation.update(self._reader.read(batch), memory, starts)[0]

    def _recall(
        self, reading: Reading, state: PilotState | None, starts: BoolArray
    ) -> tuple[BoolArray, Budget]:
        fresh = start_budget(reading)
        if state is None:
            return np.zeros(len(starts), dtype=np.bool_), fresh
        old = Budget(*state[1:_OWN_WIDTH])
        budget = Budget(*(np.where(starts, a, b) for a, b in zip(fresh, old, strict=True)))
        return state[0] & ~starts, budget

    def _situation(self, estimate: Estimate, reading: Reading, budget: Budget) -> Situation:
        """Choose the height to fly on, and carry the state on until a command begins to act."""
        height, blind_rate = estimate.height_m, np.zeros_like(estimate.height_m)
        if not self.trusting:
            height = height - self.blind.sigmas * estimate.height_sigma_m
            rate = blind_descent(estimate, reading, budget, self.blind)
            blind_rate = np.where(estimate.seen, blind_rate, rate)
        # A first-order lag is, to the impulse, a delay during which the thrust stays as it is.
        lag = reading.engine_lag_s
        a_z = G_MOON * (reading.thrust_frac * reading.thrust_to_weight * reading.cos_tilt - 1.0)
        return Situation(
            height=height + lag * (estimate.v_z_m_s + 0.5 * a_z * lag),
            descent=-(estimate.v_z_m_s + a_z * lag),
            lateral=np.hypot(reading.v_x_m_s, reading.v_y_m_s),
            descent_sigma=estimate.v_z_sigma_m_s,
            blind_rate=blind_rate,
            thrust_ratio=reading.thrust_to_weight,
            throttle_min=reading.throttle_min_frac,
            v_e=reading.isp_s * G0,
        )
