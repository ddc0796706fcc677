"""A filter that reads the true state: a bound for all filters.

It is not for pilots: it can be made only for fields that include the true state, and its caller has
to append ``env.privileged`` to every observation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lunar_env.errors import ConfigError

from .types import Estimate

if TYPE_CHECKING:
    from ..base import BoolArray, PilotState
    from ..observation import Reading

__all__ = ["OracleFilter"]


@dataclass(frozen=True, slots=True)
class OracleFilter:
    """The true state, with zero variance."""

    name: str = "oracle"
    needs_truth: bool = True

    def update(
        self,
        reading: Reading,
        memory: PilotState | None,  # noqa: ARG002 (part of the protocol; it has no memory)
        starts: BoolArray,
    ) -> tuple[Estimate, PilotState]:
        """Return the true state.

        Raises
        ------
        ConfigError
            If the reading does not hold it.
        """
        true = reading.truth
        if true is None:
            raise ConfigError("the oracle was given a reading without the truth")
        sure, known = np.zeros_like(true.height_m), np.ones(starts.shape, dtype=np.bool_)
        estimate = Estimate(
            true.height_m,
            sure,
            true.v_z_m_s,
            sure,
            known,
            true.x_m,
            true.y_m,
            sure,
            true.v_x_m_s,
            true.v_y_m_s,
            sure,
            ~known,
            sure,
            sure,
            sure,
        )
        return estimate, ()
