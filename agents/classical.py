"""A classical pilot: a navigation filter, a guidance law, and a descent before the first range.

Every law flies both controls. In `throttle` a law that commands a vector gives the component of its
thrust along the body axis, which the autopilot holds against the velocity: the horizontal position
cannot be steered, so the end of its plan is a height and a velocity. In `thrust_vector` it commands
direction and throttle towards the mission's target; a law that commands a throttle adds the
direction of a gravity turn (`guidance/braking.py`).
"""

from __future__ import annotations

import copy
import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from lunar_env.data.constants import G_MOON, R_MOON
from lunar_env.errors import LunarEnvError

from .base import Z, as_batch, as_starts
from .guidance.blind import BlindGains
from .guidance.braking import Braking, braking_axis
from .guidance.final import begins_m, final_descent, raise_end
from .guidance.moon import Moon
from .guidance.propellant import Budget, start_budget
from .guidance.steering import (
    from_local_vertical,
    limit_lean,
    limit_thrust,
    tilt_action,
)
from .guidance.terminal import idle_frac, max_lean
from .guidance.types import GuidanceLaw, Scheduled
from .guidance_inputs import GuidanceInputs
from .layout import action_names, is_far
from .observation import ObservationReader
from .thrust_scale import (
    ThrustScale,
    initial_thrust_scale,
    update_thrust_scale,
    with_measured_thrust,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from .base import BoolArray, FieldLike, Float32Array, Float64Array, PilotState
    from .guidance.tip import Tip
    from .guidance.types import VectorLaw
    from .guidance_inputs import PredictedState
    from .navigation.types import Estimate, NavigationFilter
    from .observation import Reading

__all__ = ["CONTROLS", "ClassicalPilot", "Decision"]

CONTROLS: Final = (("throttle",), ("tilt_east", "tilt_north", "throttle"))
# Largest tilt of a command by default, by `is_far`: in the terminal phase, and in those before.
_TILT_MAX_DEG: Final = {False: 60.0, True: 120.0}
_BUDGET: Final = len(Budget._fields)
_OWN: Final = _BUDGET + len(ThrustScale._fields)


class Decision(NamedTuple):
    """A command with what it was chosen from; rows first."""

    command: Float32Array  # (n, actions), in [-1, 1]
    estimate: Estimate
    predicted: PredictedState
    reading: Reading  # with the thrust over weight as measured
    thrust_scale: ThrustScale
    memory: PilotState


class ClassicalPilot:
    """A guidance law on a navigation filter; implements `Pilot` for batches.

    Parameters
    ----------
    law : GuidanceLaw or VectorLaw
        Commands a throttle from a height and a speed, or a thrust vector.
    navigation : NavigationFilter
        Estimates height, position and velocity.
    fields : sequence of Field
        Observation fields of the environment; the control and the phase follow from them.
    trusting : bool
        Fly the plan on dead reckoning before the first range, instead of on the low side.
    blind : BlindGains, optional
        Margins before the first range.
    tilt_max_deg : float, optional
        Tilt of a `thrust_vector` action of one [deg], from the mission's phase; by default 60 in
        the terminal phase and 120 before, as in all missions of the package.
    tip : Tip, optional
        How a steered lander falls onto its side, if it is one that does not stand.
    label : str, optional
        Name, if it is not that of law and filter.

    Attributes
    ----------
    steered : bool
        Whether it commands a thrust vector, not a throttle alone.
    tilt_max_rad : float
        Tilt of a `thrust_vector` action of one [rad].

    Notes
    -----
    Memory is a flat tuple of arrays, as Stable-Baselines3 passes it: the pilot's own, the law's,
    then the filter's. It is never changed in place, so that a caller may store and replay it.
    """

    def __init__(
        self,
        law: GuidanceLaw | VectorLaw,
        navigation: NavigationFilter,
        fields: Sequence[FieldLike],
        *,
        trusting: bool = False,
        blind: BlindGains | None = None,
        tilt_max_deg: float | None = None,
        tip: Tip | None = None,
        label: str | None = None,
    ) -> None:
        self._label = label
        self._tip = tip
        self.law = law
        self.navigation = navigation
        self.trusting = trusting
        self.blind = blind or BlindGains()
        self._reader = ObservationReader(fields, truth=navigation.needs_truth)
        self.steered = action_names(fields) == CONTROLS[1]
        far = is_far(fields)
        self.tilt_max_rad = math.radians(tilt_max_deg or _TILT_MAX_DEG[far])
        moon = Moon(G_MOON, R_MOON) if far else Moon()
        self._guidance = GuidanceInputs(trusting, self.blind, moon)
        self._law_width = len(law.start(0))

    @property
    def needs_truth(self) -> bool:
        """Whether its observations must have ``env.privileged`` appended, as the oracle's must."""
        return self.navigation.needs_truth

    @property
    def name(self) -> str:
        """Name of law, variant and filter, unless it was given one."""
        return (
            self._label
            or f"{self.law.name}{'-trusting' if self.trusting else ''}+{self.navigation.name}"
        )

    def predict(
        self,
        observation: ArrayLike,
        state: PilotState | None = None,
        episode_start: ArrayLike | None = None,
        deterministic: bool = True,  # noqa: ARG002 (part of the protocol; a law has no noise)
    ) -> tuple[Float32Array, PilotState]:
        """Choose the command of one control period; see `Pilot.predict`."""
        batch, single = as_batch(observation, self._reader.width)
        starts = as_starts(episode_start, len(batch), fresh=state is None)
        decision = self.decide(batch, state, starts)
        return (decision.command[0] if single else decision.command), decision.memory

    def decide(self, batch: Float32Array, state: PilotState | None, starts: BoolArray) -> Decision:
        """Choose the commands of one control period, and say from what.

        Parameters
        ----------
        batch : ndarray of float32, shape (n, obs_dim)
            Observations.
        state : tuple of ndarray or None
            The memory; None at first.
        starts : ndarray of bool, shape (n,)
            Rows that begin an episode; all where there is no memory.

        Returns
        -------
        Decision
            Commands, estimate, predicted state and the new memory.
        """
        reading = self._reader.read(batch)
        own = self._own(reading, state, starts)
        estimate, memory = self.navigation.update(reading, self._filters(state), starts)
        thrust_scale = update_thrust_scale(ThrustScale(*own[_BUDGET:_OWN]), reading)
        reading, budget = with_measured_thrust(reading, Budget(*own[:_BUDGET]), thrust_scale)

        guidance = self._guidance.with_observed_gravity(reading)
        predicted = guidance.predict(estimate, reading, budget)
        view = guidance, predicted, reading
        if isinstance(self.law, GuidanceLaw):
            action, law_memory = self._by_throttle(self.law, *view, own[_OWN:])
        else:
            action, law_memory = self._by_vector(self.law, *view, own[_OWN:])
        command = np.clip(action, -1.0, 1.0).astype(np.float32)
        memory = (*own[:_BUDGET], *thrust_scale, *law_memory, *memory)
        return Decision(command, estimate, predicted, reading, thrust_scale, memory)

    @property
    def width(self) -> int:
        """Least number of elements of an observation."""
        return self._reader.width

    def with_navigation(self, navigation: NavigationFilter) -> ClassicalPilot:
        """Return a copy that flies on another filter of the same memory."""
        other = copy.copy(self)
        other.navigation = navigation
        return other

    def estimate(
        self,
        observation: ArrayLike,
        state: PilotState | None = None,
        episode_start: ArrayLike | None = None,
    ) -> Estimate:
        """Return the estimate that `predict` with the same arguments flies on.

        Parameters
        ----------
        observation, state, episode_start
            As for `predict`.

        Returns
        -------
        Estimate
            Arrays (n,), SI units, in the target's frame L.
        """
        batch, _ = as_batch(observation, self._reader.width)
        starts = as_starts(episode_start, len(batch), fresh=state is None)
        return self.navigation.update(self._reader.read(batch), self._filters(state), starts)[0]

    def belief(
        self,
        observation: ArrayLike,
        state: PilotState | None = None,
        episode_start: ArrayLike | None = None,
    ) -> tuple[Float64Array, ...]:
        """Return the columns of `lunar_env.belief.Belief`, (n,), of the estimate of `predict`."""
        believed, moon = self.estimate(observation, state, episode_start), self._guidance.moon
        up = moon.up(moon.position(believed.x_m, believed.y_m, believed.height_m))
        v = np.stack((believed.v_x_m_s, believed.v_y_m_s, believed.v_z_m_s), axis=1)
        climb = np.sum(v * up, axis=1)
        lateral = np.linalg.norm(v - climb[:, np.newaxis] * up, axis=1)
        return believed.height_m, believed.height_sigma_m, climb, lateral

    @property
    def programs(self) -> tuple[str, ...]:
        """Names of the parts of the descent that its law reports; empty for most laws."""
        return self.law.programs if isinstance(self.law, Scheduled) else ()

    def program(self, state: PilotState) -> NDArray[np.integer[Any]]:
        """Return which of `programs` each row flew last, (n,), from the memory of `predict`.

        Raises
        ------
        LunarEnvError
            If the law reports none.
        """
        if not isinstance(self.law, Scheduled):
            raise LunarEnvError(f"pilot {self.name!r} has no programs")
        return self.law.program(state[_OWN : _OWN + self._law_width])

    def _filters(self, state: PilotState | None) -> PilotState | None:
        """Part of the memory that belongs to the filter."""
        return None if state is None else state[_OWN + self._law_width :]

    def _own(self, reading: Reading, state: PilotState | None, starts: BoolArray) -> PilotState:
        """Budget, strength and the law's memory, cleared where an episode begins."""
        if state is not None and not starts.any():
            return state[: _OWN + self._law_width]
        fresh = (
            *start_budget(reading),
            *initial_thrust_scale(reading),
            *self.law.start(len(starts)),
        )
        if state is None:
            return fresh
        return tuple(
            np.where(starts.reshape(-1, *[1] * (new.ndim - 1)), new, old)
            for new, old in zip(fresh, state, strict=False)
        )

    def _by_throttle(
        self,
        law: GuidanceLaw,
        guidance: GuidanceInputs,
        predicted: PredictedState,
        reading: Reading,
        memory: PilotState,
    ) -> tuple[Float64Array, PilotState]:
        """Fly a law that commands a throttle; in `throttle` control the autopilot points it."""
        inputs = guidance.throttle_input(predicted, reading)
        if not self.steered:
            throttle, burning = law.throttle(inputs, memory[0])
            return (2.0 * throttle - 1.0)[:, np.newaxis], (burning,)
        final = raise_end(
            guidance.vector_input(predicted, reading, law.terminal, True), law.terminal
        )
        rate, end_m = -final.end_m_s[:, Z], begins_m(law.terminal)
        over = law.terminal.handover_m - end_m
        raised = inputs._replace(height=inputs.height + over, blind_rate=rate)
        throttle, burning = law.throttle(raised, memory[0])
        size = (throttle * predicted.thrust_m_s2)[:, np.newaxis]
        moving = predicted.v_m_s, predicted.up, inputs.height - end_m, rate
        lander = inputs.gravity, predicted.thrust_m_s2, final.end_m - predicted.r_m
        axis = braking_axis(Braking(*moving, *lander))
        low = (inputs.height <= end_m)[:, np.newaxis]
        thrust = np.where(low, final_descent(final, law.terminal), size * axis)
        return self._steer(thrust, predicted, reading), (burning,)

    def _steer(
        self, thrust: Float64Array, predicted: PredictedState, reading: Reading
    ) -> Float64Array:
        """Tilt and throttle (n, 3) [-] of a thrust (n, 3) [m/s^2, L]."""
        up = predicted.up
        if self._tip is not None:
            thrust = self._tip.cut(thrust, predicted.v_m_s, up, predicted.height_m)
        thrust = limit_thrust(thrust, predicted.thrust_m_s2, up)
        # During a change of attitude only the component along the body axis is commanded.
        along = np.sum(thrust * predicted.thrust_axis, axis=1) / predicted.thrust_m_s2
        throttle = 2.0 * np.clip(along, idle_frac(reading.throttle_min_frac), 1.0) - 1.0
        norm = np.maximum(np.linalg.norm(thrust, axis=1, keepdims=True), 1e-9)
        return np.column_stack((tilt_action(thrust / norm, up, self.tilt_max_rad), throttle))

    def _by_vector(
        self,
        law: VectorLaw,
        guidance: GuidanceInputs,
        predicted: PredictedState,
        reading: Reading,
        memory: PilotState,
    ) -> tuple[Float64Array, PilotState]:
        """Fly a law that commands a vector; in `throttle` control its component along the axis."""
        terminal = law.terminal
        inputs = guidance.vector_input(predicted, reading, terminal, self.steered)
        thrust, memory = law.command(inputs, memory)
        up, axis = predicted.up, predicted.thrust_axis
        if self.steered:
            if isinstance(law, Scheduled):  # the others limit the lean themselves
                low = predicted.height_m <= terminal.handover_m
                lean = max_lean(predicted.v_m_s, up, terminal)
                thrust = np.where(low[:, np.newaxis], limit_lean(thrust, up, lean), thrust)
            return self._steer(thrust, predicted, reading), memory
        if inputs.moon is not guidance.moon:
            axis = from_local_vertical(axis, up)
        along = np.sum(thrust * axis, axis=1) / inputs.thrust_m_s2
        throttle_action = 2.0 * np.clip(along, idle_frac(inputs.throttle_min), 1.0) - 1.0
        return throttle_action[:, np.newaxis], memory
