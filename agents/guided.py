"""What a guided policy sees and says: a classical pilot's belief, and a command or a residual.

The guide, a guidance law on a navigation filter, flies along. The network sees what the guide
believes (`policy_inputs.py`). It commands the throttle itself, or corrects the command of the guide
by an amount that is bounded: the throttle by a fixed fraction, the direction of the thrust by
degrees that shrink with height, along the velocity and towards the target. With outputs of zero
such a policy is the guide.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lunar_env.errors import ConfigError, nearest

from .base import X, Y
from .policy_inputs import INPUTS, Course, inputs_of, update_course, view_of

if TYPE_CHECKING:
    from .base import BoolArray, Float32Array, Float64Array, PilotState
    from .classical import ClassicalPilot
    from .guide import Residual
    from .policy_inputs import View

__all__ = ["Guided", "Seen", "residuals"]

# Columns of a command, and of what a network says; a throttle is the last, or the only one.
TILT: Final = slice(0, 2)
THROTTLE: Final = -1
ALONG, TOWARDS = range(2)
_SHRINKS_M: Final = 50.0  # at this height the largest residual of the direction is half of it
_SOFT_M_S: Final = 0.5  # speed, and distance, below which a direction has no meaning
_SOFT_M: Final = 5.0
_COURSE: Final = len(Course._fields)


def residuals(steered: bool) -> tuple[str, ...]:
    """Return the names of the outputs of a network that corrects a command.

    Examples
    --------
    >>> residuals(steered=True)
    ('along_velocity', 'towards_target', 'throttle')
    """
    return (*(("along_velocity", "towards_target") if steered else ()), "throttle")


class Seen(NamedTuple):
    """What the network sees, and what is needed to act on what it says."""

    inputs: Float32Array  # (n, inputs)
    view: View
    memory: PilotState


class Guided:
    """The way from observations to inputs of a network, and from its outputs to commands.

    Parameters
    ----------
    guide : ClassicalPilot
        The guide, for the observations of one environment.
    inputs : tuple of str
        What the network sees.
    residual : Residual or None
        Limits of a residual; None for a policy that commands the throttle itself.

    Raises
    ------
    ConfigError
        If an input is unknown, or the policy is to command a direction itself.
    """

    def __init__(
        self, guide: ClassicalPilot, inputs: tuple[str, ...], residual: Residual | None
    ) -> None:
        for name in inputs:
            if name not in INPUTS:
                hint = nearest(name, INPUTS)
                raise ConfigError(
                    f"unknown input {name!r} of a policy{hint} (available: {', '.join(INPUTS)})"
                )
        if guide.steered and residual is None:
            raise ConfigError(
                "a policy that sees a belief commands a throttle: in thrust_vector control it"
                " corrects the command of its guide"
            )
        self.guide, self.names, self.residual = guide, inputs, residual

    def see(self, batch: Float32Array, state: PilotState | None, starts: BoolArray) -> Seen:
        """Turn observations into inputs.

        Parameters
        ----------
        batch : ndarray of float32, shape (n, obs_dim)
            Observations.
        state : tuple of ndarray or None
            The memory of the last call; None at first.
        starts : ndarray of bool, shape (n,)
            Rows that begin an episode.

        Returns
        -------
        Seen
            Inputs, what `command` needs, and the new memory.
        """
        own = None if state is None else state[:_COURSE]
        decision = self.guide.decide(batch, self.memory_of_guide(state), starts)
        course = update_course(own, decision, starts)
        view = view_of(decision, course, self.guide.tilt_max_rad)
        return Seen(inputs_of(self.names, view), view, (*course, *decision.memory))

    @staticmethod
    def memory_of_guide(state: PilotState | None) -> PilotState | None:
        """Return the part of the memory that belongs to the guide."""
        return None if state is None else state[_COURSE:]

    def command(self, seen: Seen, outputs: Float32Array) -> Float32Array:
        """Turn outputs into commands.

        Parameters
        ----------
        seen : Seen
            What the network saw.
        outputs : ndarray of float32, shape (n, actions)
            In [-1, 1]: commands, or `residuals` over the largest.

        Returns
        -------
        ndarray of float32, shape (n, actions)
            In [-1, 1].
        """
        if self.residual is None:
            return outputs
        law = seen.view.decision.command
        command = law.copy()
        command[:, THROTTLE] += np.float32(self.residual.throttle) * outputs[:, THROTTLE]
        if self.guide.steered:
            command[:, TILT] += self._turned(seen.view, outputs)
        return np.clip(command, np.float32(-1.0), np.float32(1.0))

    def outputs(self, seen: Seen, command: Float32Array) -> Float32Array:
        """Return the outputs that come nearest to commands: the inverse of `command`.

        Parameters
        ----------
        seen : Seen
            What the network saw.
        command : ndarray of float32, shape (n, actions)
            In [-1, 1].

        Returns
        -------
        ndarray of float32, shape (n, actions)
            In [-1, 1].
        """
        if self.residual is None:
            return command
        missing = (command - seen.view.decision.command).astype(np.float64)
        outputs = np.zeros_like(missing)
        outputs[:, THROTTLE] = missing[:, THROTTLE] / self.residual.throttle
        if self.guide.steered:
            along, towards = self._directions(seen.view)
            most = np.maximum(self._largest_turn(seen.view), 1e-6)[:, np.newaxis]
            wanted = missing[:, TILT] / most
            # Least squares: where both directions are one, each gets half.
            pair = np.stack((along, towards), axis=2)
            outputs[:, TILT] = np.einsum("nij,nj->ni", np.linalg.pinv(pair), wanted)
        return np.clip(outputs, -1.0, 1.0).astype(np.float32)

    def _turned(self, view: View, outputs: Float32Array) -> Float32Array:
        """Change of the tilt commands (n, 2) [-]."""
        along, towards = self._directions(view)
        turn = outputs[:, [ALONG]] * along + outputs[:, [TOWARDS]] * towards
        size = np.maximum(np.hypot(turn[:, X], turn[:, Y]), 1.0)  # both together count as one
        change = turn * (self._largest_turn(view) / size)[:, np.newaxis]
        return change.astype(np.float32)

    def _largest_turn(self, view: View) -> Float64Array:
        """Largest change of a tilt command (n,) [-]."""
        assert self.residual is not None
        height = np.maximum(view.decision.predicted.height_m, 0.0)
        most = math.radians(self.residual.tilt_deg) / view.tilt_max_rad
        return most * height / (height + _SHRINKS_M)

    @staticmethod
    def _directions(view: View) -> tuple[Float64Array, Float64Array]:
        """Horizontal directions (n, 2) of the velocity and of the target; short where they fade."""
        along = view.across / np.hypot(view.speed_across, _SOFT_M_S)[:, np.newaxis]
        towards = view.to_target / np.hypot(view.distance, _SOFT_M)[:, np.newaxis]
        return along, towards
