"""A classical pilot: a navigation filter, a guidance law, and what it does while blind.

Every law flies both controls. In `throttle` a law of the vector commands the part of its thrust
along the body axis, which the autopilot holds against the velocity: no place can be steered to, so
the end of its plan is a height and a velocity. In `thrust_vector` it commands direction and
throttle towards the mission's target; a law of the throttle points as the autopilot would.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lunar_env.data.constants import G_MOON, R_MOON
from lunar_env.errors import LunarEnvError

from .base import as_batch, as_starts
from .briefing import Briefing
from .guidance.blind import BlindGains, Budget, start_budget
from .guidance.moon import Moon
from .guidance.steering import from_local_vertical, leaning, retrograde_axis, tilt_action, within
from .guidance.terminal import idle_share, lean_limit
from .guidance.types import GuidanceLaw, Scheduled
from .layout import action_names, is_far
from .observation import ObservationReader
from .strength import Strength, feel, start_strength

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from .base import BoolArray, FieldLike, Float32Array, Float64Array, PilotState
    from .briefing import Outlook
    from .guidance.types import VectorLaw
    from .navigation.types import Estimate, NavigationFilter
    from .observation import Reading

__all__ = ["CONTROLS", "ClassicalPilot"]

CONTROLS: Final = (("throttle",), ("tilt_east", "tilt_north", "throttle"))
# Largest tilt of a command where nobody says: near the target, and in the phases before.
_TILT_MAX_DEG: Final = {False: 60.0, True: 120.0}
_BUDGET: Final = len(Budget._fields)
_OWN: Final = _BUDGET + len(Strength._fields)


class ClassicalPilot:
    """Law on filter; implements `Pilot` for whole batches.

    Parameters
    ----------
    law : GuidanceLaw or VectorLaw
        Chooses a throttle for a height and a speed, or a thrust vector.
    navigation : NavigationFilter
        Finds where the lander is.
    fields : sequence of Field
        Observation fields of the environment; they tell the control, and how far away it begins.
    trusting : bool
        Fly the plan on dead reckoning while blind, instead of braking on the low side.
    blind : BlindGains, optional
        How careful the default is.
    tilt_max_deg : float, optional
        Tilt that a `thrust_vector` action of one means, of the mission's phase; by default 60 in
        the terminal phase and 120 before, as in all missions of the package.
    label : str, optional
        Name, where it is not that of law and filter.

    Notes
    -----
    Memory is a flat tuple of arrays, as Stable-Baselines3 passes it: the pilot's own, the law's,
    then the filter's. It is never changed in place, so that a caller may keep and replay it.
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
        label: str | None = None,
    ) -> None:
        self._label = label
        self.law = law
        self.navigation = navigation
        self.trusting = trusting
        self.blind = blind or BlindGains()
        self._reader = ObservationReader(fields, truth=navigation.needs_truth)
        self._steered = action_names(fields) == CONTROLS[1]
        far = is_far(fields)
        self._tilt_max = math.radians(tilt_max_deg or _TILT_MAX_DEG[far])
        moon = Moon(G_MOON, R_MOON) if far else Moon()
        self._briefing = Briefing(trusting, self.blind, moon)
        self._law_width = len(law.start(0))

    @property
    def needs_truth(self) -> bool:
        """Whether its observations must have ``env.privileged`` appended: the oracle's must."""
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
        reading = self._reader.read(batch)
        own = self._own(reading, state, starts)
        estimate, memory = self.navigation.update(reading, self._filters(state), starts)
        strength = feel(Strength(*own[_BUDGET:_OWN]), reading)
        reading, budget = _as_felt(reading, Budget(*own[:_BUDGET]), strength)

        briefing = self._briefing.under(reading)
        outlook = briefing.outlook(estimate, reading, budget)
        view = briefing, outlook, reading
        if isinstance(self.law, GuidanceLaw):
            action, kept = self._by_throttle(self.law, *view, own[_OWN:])
        else:
            action, kept = self._by_vector(self.law, *view, own[_OWN:])
        command = np.clip(action, -1.0, 1.0).astype(np.float32)
        return (command[0] if single else command), (*own[:_BUDGET], *strength, *kept, *memory)

    def estimate(
        self,
        observation: ArrayLike,
        state: PilotState | None = None,
        episode_start: ArrayLike | None = None,
    ) -> Estimate:
        """Return what `predict` with the same arguments believes, for plots and tests."""
        batch, _ = as_batch(observation, self._reader.width)
        starts = as_starts(episode_start, len(batch), fresh=state is None)
        return self.navigation.update(self._reader.read(batch), self._filters(state), starts)[0]

    def belief(
        self,
        observation: ArrayLike,
        state: PilotState | None = None,
        episode_start: ArrayLike | None = None,
    ) -> tuple[Float64Array, ...]:
        """Return the columns of `lunar_env.belief.Belief`, (n,), of what `predict` believes."""
        told, moon = self.estimate(observation, state, episode_start), self._briefing.moon
        up = moon.up(moon.place(told.x_m, told.y_m, told.height_m))
        v = np.stack((told.v_x_m_s, told.v_y_m_s, told.v_z_m_s), axis=1)
        climb = np.sum(v * up, axis=1)
        lateral = np.linalg.norm(v - climb[:, np.newaxis] * up, axis=1)
        return told.height_m, told.height_sigma_m, climb, lateral

    @property
    def programs(self) -> tuple[str, ...]:
        """Names of the parts of the descent that its law tells apart; empty for most."""
        return self.law.programs if isinstance(self.law, Scheduled) else ()

    def program(self, state: PilotState) -> NDArray[np.integer[Any]]:
        """Return which of `programs` each row flew last, (n,), from the memory of `predict`.

        Raises
        ------
        LunarEnvError
            If the law tells none apart.
        """
        if not isinstance(self.law, Scheduled):
            raise LunarEnvError(f"pilot {self.name!r} has no programs")
        return self.law.program(state[_OWN : _OWN + self._law_width])

    def _filters(self, state: PilotState | None) -> PilotState | None:
        """Part of the memory that is the filter's."""
        return None if state is None else state[_OWN + self._law_width :]

    def _own(self, reading: Reading, state: PilotState | None, starts: BoolArray) -> PilotState:
        """Budget, strength and the law's memory, cleared where an episode begins."""
        if state is not None and not starts.any():
            return state[: _OWN + self._law_width]
        fresh = (*start_budget(reading), *start_strength(reading), *self.law.start(len(starts)))
        if state is None:
            return fresh
        return tuple(
            np.where(starts.reshape(-1, *[1] * (new.ndim - 1)), new, old)
            for new, old in zip(fresh, state, strict=False)
        )

    def _by_throttle(
        self,
        law: GuidanceLaw,
        briefing: Briefing,
        outlook: Outlook,
        reading: Reading,
        memory: PilotState,
    ) -> tuple[Float64Array, PilotState]:
        """Fly a law of the throttle; where it has to point too, as the autopilot would."""
        throttle, burning = law.throttle(briefing.situation(outlook, reading), memory[0])
        share = 2.0 * throttle - 1.0
        if not self._steered:
            return share[:, np.newaxis], (burning,)
        axis = retrograde_axis(outlook.v_m_s, outlook.up, outlook.height_m)
        tilt = tilt_action(axis, outlook.up, self._tilt_max)
        return np.column_stack((tilt, share)), (burning,)

    def _by_vector(
        self,
        law: VectorLaw,
        briefing: Briefing,
        outlook: Outlook,
        reading: Reading,
        memory: PilotState,
    ) -> tuple[Float64Array, PilotState]:
        """Fly a law of the vector: its direction where that is commanded, else its part along."""
        terminal = law.terminal
        motion = briefing.motion(outlook, reading, terminal, self._steered)
        thrust, memory = law.command(motion, memory)
        up, axis = outlook.up, outlook.axis
        if not self._steered and motion.moon is not briefing.moon:
            axis = from_local_vertical(axis, up)
        if self._steered:
            low = outlook.height_m <= terminal.handover_m
            lean = lean_limit(outlook.v_m_s, up, terminal)
            thrust = np.where(low[:, np.newaxis], leaning(thrust, up, lean), thrust)
            thrust = within(thrust, motion.thrust_m_s2, up)
        # Until it has turned to a new direction the lander gives what helps.
        along = np.sum(thrust * axis, axis=1) / motion.thrust_m_s2
        share = 2.0 * np.clip(along, idle_share(motion.throttle_min), 1.0) - 1.0
        if not self._steered:
            return share[:, np.newaxis], memory
        size = np.maximum(np.linalg.norm(thrust, axis=1, keepdims=True), 1e-9)
        return np.column_stack((tilt_action(thrust / size, up, self._tilt_max), share)), memory


def _as_felt(reading: Reading, budget: Budget, strength: Strength) -> tuple[Reading, Budget]:
    """Thrust over weight as it is felt, now and at the start, instead of the design's."""
    now = reading.thrust_to_weight * strength.ratio
    then = budget.thrust_ratio * strength.ratio
    return reading._replace(thrust_to_weight=now), budget._replace(thrust_ratio=then)
