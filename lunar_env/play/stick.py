"""From hands to commands: what holding a key does, at every level."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lunar_env.envs.lookout import heading
from lunar_env.rendering.attitude import rotation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lunar_env.envs.settings import Settings
    from lunar_env.play.hands import Hands
    from lunar_env.rendering.snapshot import Quaternion, Snapshot

__all__ = ["Stick", "moved"]

THROTTLE_PER_S = 0.5
LEAN_PER_S = 1.0
TURN_RAD_S2 = 0.2
"""A light lander could turn faster than a hand can follow, a heavy one turns with all it has."""


class Stick:
    """The levers of a lander, in the positions in which hands have left them.

    Parameters
    ----------
    settings : Settings
        Of the environment that is flown.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._heading = heading(settings)
        self.throttle = 0.0
        """Of full thrust."""
        self.lean = 0.0
        """Tilt of the thrust to the right, as a fraction of the largest."""
        self._turning = np.zeros(3)
        """Torques that turn the lander as hands wish, as fractions of the largest."""

    def begin(self, arrival: Snapshot) -> None:
        """Fly on with the thrust that the lander arrives with, a multiple of 5 %."""
        settings = self._settings
        self.throttle = round(20.0 * min(arrival.throttle_frac, 1.0)) / 20.0
        largest = math.radians(settings.mission.phases.named(settings.phase).tilt_max_deg)
        self.lean = min(max(arrival.tilt_rad / largest, -1.0), 1.0)
        vehicle = settings.mission.vehicle
        mass_kg = vehicle.mass_dry_kg + vehicle.payload_kg + arrival.propellant_kg
        radii_m = np.array([vehicle.k_x_m, vehicle.k_y_m, vehicle.k_z_m])
        xy, z = vehicle.rcs.torque_max_xy_N_m, vehicle.rcs.torque_max_z_N_m
        self._turning = TURN_RAD_S2 * mass_kg * radii_m**2 / np.array([xy, xy, z])

    def move(self, hands: Hands, attitude: Quaternion) -> NDArray[np.float32]:
        """Return the action for the next control period.

        Parameters
        ----------
        hands : Hands
            What is held.
        attitude : tuple of float
            Of the lander: from body axes to right, away and up in the picture.

        Returns
        -------
        ndarray of float32, shape (actions,)
            In [-1, 1], of the environment's `action_fields`.
        """
        period_s = self._settings.mission.control_period_s
        self.throttle = moved(self.throttle, THROTTLE_PER_S * hands.up, period_s, low=0.0)
        self.lean = moved(self.lean, LEAN_PER_S * hands.right, period_s)
        thrust = 2.0 * (1.0 if hands.full else self.throttle) - 1.0
        named = {"throttle": thrust}
        if self._settings.control == "thrust_vector":
            named["tilt_east"] = self.lean * math.sin(self._heading)
            named["tilt_north"] = self.lean * math.cos(self._heading)
        elif self._settings.control == "actuators":
            torques = np.clip(self._turning * _about_body(hands, attitude), -1.0, 1.0).tolist()
            named |= {f"torque_{axis}": each for axis, each in zip("xyz", torques, strict=True)}
        action = [
            named.get(name, thrust if name.startswith("throttle") else 0.0)
            for name in (field.name for field in self._settings.action_fields)
        ]
        return np.array(action, np.float32)


def moved(value: float, rate: float, elapsed_s: float, low: float = -1.0) -> float:
    """Return where a lever is after it was moved for a time, from `low` to 1.

    Examples
    --------
    >>> moved(0.5, 0.5, 0.5), moved(0.1, -0.5, 1.0, low=0.0)
    (0.75, 0.0)
    """
    return min(max(value + rate * elapsed_s, low), 1.0)


def _about_body(hands: Hands, attitude: Quaternion) -> NDArray[np.float64]:
    """Return what hands turn about the body axes, from -1 to 1.

    A torque about the axis that points away tilts the lander to the right, one about the axis to
    the right tilts it towards the viewer, and one about its long axis turns it.
    """
    picture = -hands.away, hands.right, 0.0
    body = np.asarray(rotation(*attitude)).T @ picture
    body[2] -= hands.turn
    return np.asarray(body)
