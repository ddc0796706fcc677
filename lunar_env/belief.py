"""The state estimate of a pilot, as tables, windows and recorded flights show it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lunar_env.sim.fields import Field

__all__ = ["ONBOARD_FIELDS", "Belief", "onboard", "onboard_of"]

ONBOARD_FIELDS = (
    *("est_height_m", "dr_height_sigma_m", "lrf_seen"),
    *("dr_v_x_m_s", "dr_v_y_m_s", "dr_v_z_m_s", "dr_v_up_m_s"),
)
"""Observed quantities that `onboard` reads."""


class Belief(NamedTuple):
    """The estimate that a pilot uses at one instant; numbers may be NaN."""

    height_m: float  # of the footpads above the ground
    height_sigma_m: float
    v_vertical_m_s: float  # along the local vertical, upwards
    v_lateral_m_s: float  # across it


def onboard(observed: Mapping[str, float]) -> Belief:
    """Return the estimate of the lander's computer, the belief of a pilot without filter.

    Parameters
    ----------
    observed : mapping of str to float
        At least `ONBOARD_FIELDS`, in the units of their names.
    """
    up = observed["dr_v_up_m_s"]
    x, y, z = (observed[f"dr_v_{axis}_m_s"] for axis in "xyz")
    # After the first range the height is that of the range, for which there is no sigma.
    sigma = 0.0 if observed["lrf_seen"] > 0.5 else observed["dr_height_sigma_m"]
    lateral = math.sqrt(max(x * x + y * y + z * z - up * up, 0.0))
    return Belief(observed["est_height_m"], sigma, up, lateral)


def onboard_of(fields: Sequence[Field], frame: Iterable[float]) -> Belief:
    """Return the estimate of the lander's computer from a frame of an observation.

    Parameters
    ----------
    fields : sequence of Field
        Of a frame.
    frame : iterable of float
        The present frame, the first of an observation; what follows is not read.
    """
    return onboard({f.name: x * f.scale for f, x in zip(fields, frame, strict=False)})
