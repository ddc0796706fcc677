"""The estimate that a navigation filter gives, and the protocol of filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from ..base import BoolArray, Float64Array, PilotState
    from ..observation import Reading

__all__ = ["Estimate", "NavigationFilter"]


class Estimate(NamedTuple):
    """Estimated state, in the target's frame L; arrays of shape (n,)."""

    height_m: Float64Array  # of the footpads above the ground
    height_sigma_m: Float64Array
    v_z_m_s: Float64Array  # upwards
    v_z_sigma_m_s: Float64Array
    seen: BoolArray  # a range has been used in this episode
    x_m: Float64Array  # east of the target
    y_m: Float64Array  # north of it
    horizontal_sigma_m: Float64Array  # of x, of y
    v_x_m_s: Float64Array
    v_y_m_s: Float64Array
    v_lateral_sigma_m_s: Float64Array  # of v_x, of v_y
    rejected: BoolArray  # whether the last range was rejected
    height_v_z_cov: Float64Array | None = None  # m^2/s, None where a filter has none
    innovation_m: Float64Array | None = None  # of the last range; None where a filter has none
    innovation_sigma_m: Float64Array | None = None  # m, as expected

    @classmethod
    def vertical(
        cls,
        reading: Reading,
        height: tuple[Float64Array, Float64Array],
        v_z: tuple[Float64Array, Float64Array],
        seen: BoolArray,
        rejected: BoolArray,
    ) -> Estimate:
        """Return height and vertical velocity (mean, 1 sigma); the rest is dead reckoning."""
        return cls(
            *height,
            *v_z,
            seen,
            reading.x_m,
            reading.y_m,
            reading.horizontal_sigma_m,
            reading.v_x_m_s,
            reading.v_y_m_s,
            reading.v_lateral_sigma_m_s,
            rejected,
        )


class NavigationFilter(Protocol):
    """Estimates the state of a batch from observations alone."""

    @property
    def name(self) -> str:
        """Name used in a pilot's name, ``law+filter``."""

    @property
    def needs_truth(self) -> bool:
        """Whether it reads the true state, for bounds only."""

    def update(
        self, reading: Reading, memory: PilotState | None, starts: BoolArray
    ) -> tuple[Estimate, PilotState]:
        """Use one observation.

        Parameters
        ----------
        reading : Reading
            The observation in SI units.
        memory : tuple of ndarray or None
            What the last call returned; None at first.
        starts : ndarray of bool, shape (n,)
            Rows that begin an episode; their memory is cleared.

        Returns
        -------
        Estimate
            Arrays (n,), SI units, in the target's frame L.
        tuple of ndarray
            The new memory.
        """
