"""How the environments fill in `info`; `lunar_env/info.py` says what its keys mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lunar_env.errors import ConfigError, nearest
from lunar_env.info import INFO, TERM_KEYS, signed
from lunar_env.sim.fields import Outcome
from lunar_env.sim.step import SAME_STEP
from lunar_env.sim.world import REWARD, TERMS, TOUCHDOWN_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lunar_env.envs.simulator import Simulator

    BoolArray = NDArray[np.bool_]

__all__ = ["STYLES", "Report"]

STYLES: Final = ("full", "numeric")
"""With and without the name of the outcome at ends."""

_NAMES: Final = tuple(outcome.name for outcome in Outcome)
_KEYS: Final = tuple(key.name for key in INFO)
_MASKS: Final = tuple(f"_{name}" for name in _KEYS)
# What an end fills in: whole numbers, then those of the touchdown's report, then the margins.
_END_WHOLE: Final = tuple(key.name for key in INFO[1:] if key.kind is int)
_END_REAL: Final = tuple(key.name for key in INFO if key.kind is float)[len(TERM_KEYS) :]
_WHOLE: Final = ("episode_key", *_END_WHOLE)
_LEGS: Final = TOUCHDOWN_NAMES.index("legs_broken")
_REST: Final = TOUCHDOWN_NAMES.index("rest_tilt_deg")
_REPORTED: Final = [k for k in range(len(TOUCHDOWN_NAMES)) if k != _LEGS]
_LIMITED: Final = [*range(4), *range(4)]  # by the survivable limits, and by the nominal ones


class Report:
    """Makes the infos of an environment from what its simulator keeps.

    Parameters
    ----------
    simulator : Simulator
        Whose rows are reported.
    style : {"full", "numeric"}
        Whether ends have the name of their outcome.

    Raises
    ------
    ConfigError
        If there is no such style.
    """

    def __init__(self, simulator: Simulator, style: str) -> None:
        if style not in STYLES:
            hint = nearest(style, STYLES)
            raise ConfigError(f"unknown info {style!r}{hint} (available: {', '.join(STYLES)})")
        self._simulator, self._named = simulator, style == "full"
        tiers = simulator.settings.mission.vehicle.limits
        self._limits = np.array(
            [
                getattr(tier, name)
                for tier in (tiers.survivable, tiers.nominal)
                for name in TOUCHDOWN_NAMES[:4]
            ]
        )
        self._blank: dict[str, Any] = {key.name: key.kind() for key in INFO}

    def begin(self) -> dict[str, Any]:
        """Return the info of row 0 after a reset."""
        self._blank["episode_key"] = signed(self._simulator.world.key[0])
        return self._blank.copy()

    def step(self, terms: Sequence[float], *, ended: bool) -> dict[str, Any]:
        """Return the info of row 0 after a step with these reward terms."""
        info = self._blank.copy()
        info.update(zip(TERM_KEYS, terms, strict=False))  # strict costs half a microsecond
        if ended:
            whole, real = self._ends(np.zeros(1, np.intp))
            info.update(zip(_END_WHOLE, whole[:, 0].tolist(), strict=True))
            info.update(zip(_END_REAL, real[:, 0].tolist(), strict=True))
            if self._named:
                info["outcome"] = _NAMES[info["outcome_code"]]
        return info

    def begin_rows(self, begun: BoolArray) -> dict[str, Any]:
        """Return the vector info after a reset of some rows."""
        info = _quiet(begun.copy())
        info["episode_key"] = np.where(begun, self._simulator.world.key.view(np.int64), 0)
        return info

    def step_rows(self, ended: BoolArray, mode: int) -> dict[str, Any]:
        """Return the vector info after a step that ended the episodes of some rows."""
        world, rows = self._simulator.world, np.flatnonzero(ended)
        info = _quiet(np.ones(len(ended), np.bool_))
        info["episode_key"] = world.key.view(np.int64).copy()
        terms = world.report[TERMS:REWARD].copy()
        info.update(zip(TERM_KEYS, terms, strict=False))  # strict costs half a microsecond
        if not rows.size:
            return info
        end = self._end_columns(rows, ended)
        if mode != SAME_STEP:
            return info | end
        # The rows are in their next episode and report its start: the end is reported separately.
        final = _quiet(ended)
        final["episode_key"] = np.where(ended, world.final_key.view(np.int64), 0)
        final.update(zip(TERM_KEYS, np.where(ended, terms, 0.0), strict=True))
        terms[:, rows] = 0.0
        return info | {"final_info": final | end, "_final_info": ended}

    def _end_columns(self, rows: NDArray[np.intp], ended: BoolArray) -> dict[str, Any]:
        """Columns over all rows of what those that ended report."""
        whole = np.zeros((len(_END_WHOLE), len(ended)), np.int64)
        real = np.zeros((len(_END_REAL), len(ended)))
        whole[:, rows], real[:, rows] = self._ends(rows)
        columns: dict[str, Any] = dict(zip(_END_WHOLE, whole, strict=True))
        columns.update(zip(_END_REAL, real, strict=True))
        if self._named:
            outcome = np.full(len(ended), None, dtype=object)
            outcome[rows] = [_NAMES[int(code)] for code in self._simulator.outcome[rows]]
            columns |= {"outcome": outcome, "_outcome": ended}
        return columns

    def _ends(self, rows: NDArray[np.intp]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """`_END_WHOLE` and `_END_REAL` of rows whose episodes are over, one a column.

        What is unknown, without a contact or without a rest, counts as zero.
        """
        values = self._simulator.touchdown[rows]
        known = np.isfinite(values)
        report = np.where(known, values, 0.0)
        margins = np.where(known[:, _LIMITED], self._limits - report[:, _LIMITED], 0.0)
        whole = np.empty((len(_END_WHOLE), len(rows)), np.int64)
        whole[1] = self._simulator.outcome[rows]
        whole[0] = whole[1] == Outcome.LANDED
        whole[2] = known.any(axis=1)
        whole[3], whole[4] = known[:, _REST], report[:, _LEGS]
        return whole, np.concatenate([report[:, _REPORTED], margins], axis=1).T


def _quiet(mask: BoolArray) -> dict[str, Any]:
    """Gymnasium's dict of arrays, every key with a mask, of rows that report nothing.

    Zeros and masks are one array each: what is not zero replaces its column.
    """
    info: dict[str, Any] = dict.fromkeys(_KEYS, np.zeros(len(mask)))
    info.update(dict.fromkeys(_WHOLE, np.zeros(len(mask), np.int64)))
    info.update(dict.fromkeys(_MASKS, mask))
    return info
