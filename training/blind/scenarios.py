"""The scenarios of the experiments: as noisy, with what the lander assumes about its height.

The error of the initial height is drawn with a standard deviation of `drawn_m`; the lander's
computer assumes `assumed_m`. Everything else is the same, drawn from the same seeds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lunar_env.specs import load_scenario

if TYPE_CHECKING:
    from lunar_env import MissionSpec, ScenarioSpec

__all__ = ["ASSUMED_M", "DRAWN_M", "OVERCONFIDENT_M", "late", "outages", "silent", "unbroken"]

ASSUMED_M: Final = (75.0, 150.0, 300.0, 600.0)
"""Standard deviations that are drawn and assumed alike: half that of `noisy`, and its doubles up
to twice that of `late-acquisition`."""
DRAWN_M: Final = 300.0
"""Standard deviation that is drawn where a smaller one is assumed, as in `late-acquisition`."""
OVERCONFIDENT_M: Final = 100.0
"""The smaller one: a third of what is drawn, as in `overconfident-shifted`."""

_NO_HEIGHT: Final = {"unit_dead_frac": 1.0, "radar_dead_frac": 1.0, "camera_dead_frac": 1.0}
_WEAK: Final = {"signal_loss_dB": {"uniform": [0.0, 14.0]}}  # as in late-acquisition
# A burst begins as often as in `dropouts` and loses 20 samples on average, so that old ranges,
# which are to be shown, are not rare.
_OUTAGES: Final = {"burst_begin_frac": 0.02, "burst_end_frac": 0.05}


def silent(mission: str | MissionSpec, assumed_m: float, drawn_m: float) -> ScenarioSpec:
    """Return a scenario in which nothing measures the height: the flight is blind to its end."""
    return _noisy(mission, "silent", assumed_m, drawn_m, _NO_HEIGHT)


def late(mission: str | MissionSpec, assumed_m: float, drawn_m: float) -> ScenarioSpec:
    """Return a scenario with the weak echoes of `late-acquisition`."""
    return _noisy(mission, "late", assumed_m, drawn_m, _WEAK)


def unbroken(mission: str | MissionSpec, assumed_m: float, drawn_m: float) -> ScenarioSpec:
    """Return a scenario in which ranges arrive as in `noisy`."""
    return _noisy(mission, "unbroken", assumed_m, drawn_m, {})


def outages(mission: str | MissionSpec, assumed_m: float, drawn_m: float) -> ScenarioSpec:
    """Return a scenario as `unbroken`, with bursts of lost ranges."""
    return _noisy(mission, "outages", assumed_m, drawn_m, _OUTAGES)


def _noisy(
    mission: str | MissionSpec, name: str, assumed_m: float, drawn_m: float, changes: dict[str, Any]
) -> ScenarioSpec:
    return load_scenario("noisy", mission).replace(
        name=f"{name}-{assumed_m:.0f}-of-{drawn_m:.0f}",
        nav_height_error_m={"normal": [0.0, drawn_m]},
        nav_height_sigma_m=assumed_m,
        **changes,
    )
