"""The samples that arrived in the last step, as their sensors gave them: for estimators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from lunar_env.sensors.rows import EVENT_COUNT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lunar_env.sim.world import World

__all__ = ["Events", "events_of"]

_COUNT: Final = EVENT_COUNT


class Events(NamedTuple):
    """What arrived in the last step.

    Of a sample, `EVENT_COLUMNS` are: the sensor (its place in `SENSOR_NAMES`), when it was measured
    by its stamp, when it arrived, up to three values, and its quality. The values are: rangefinder
    and radar the range [m]; velocimeter the velocity over the ground in B [m/s], not turned by any
    attitude; camera east and north of the target in L and the altitude of the pads [m]. The quality
    is log10 of the signal-to-noise ratio for the rangefinder, for the others the 1 sigma that the
    sensor states: of a beam [m/s], of the range, of a horizontal axis [m].
    """

    samples: NDArray[np.float64]
    """(n, 7) for one lander, (num_envs, n, 7) for many; rows beyond the number mean nothing."""
    number: NDArray[np.int64]
    """How many samples there are: a number, or one for each lander."""


def events_of(world: World) -> Events:
    """Copy the samples of the last step, or of the start after a reset."""
    return Events(world.events.copy(), world.memory[:, _COUNT].astype("int64"))
