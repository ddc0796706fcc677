"""How the environments fill in `info`; `lunar_env/info.py` says what its keys mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lunar_env.errors import ConfigError, nearest
from lunar_env.info import INFO, TERM_KEYS, signed
from lunar_env.sim.batch import SAME_STEP
from lunar_env.sim.fields import Outcome
from lunar_env.sim.world import REWARD, TERMS, TOUCHDOWN_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lunar_env.envs.simulator import Simulator

    BoolArray = NDArray[np.bool_]
    Table = tuple[NDArray[np.int64], NDArray[np.float64]]

__all__ = ["STYLES", "Report"]

STYLES: Final = ("full", "numeric")
"""With and without the name of the outcome at ends."""

_NAMES: Final = tuple(outcome.name for outcome in Outcome)
_WHOLE: Final = tuple(key.name for key in INFO if key.kind is int)  # the episode key comes first
_REAL: Final = tuple(key.name for key in INFO if key.kind is float)  # the reward terms come first
_MASKS: Final = tuple(f"_{key.name}" for key in INFO)
_TERMS: Final = len(TERM_KEYS)
_END_WHOLE, _END_REAL = _WHOLE[1:], _REAL[_TERMS:]
_LEGS: Final = TOUCHDOWN_NAMES.index("legs_broken")
_REST: Final = TOUCHDOWN_NAMES.index("rest_tilt_deg")


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
        limits = [
            [getattr(tier, name) for name in TOUCHDOWN_NAMES[:4]]
            for tier in (tiers.survivable, tiers.nominal)
        ]
        self._limits = np.array(limits)[:, :, np.newaxis]
        self._blank: dict[str, Any] = {key.name: key.kind() for key in INFO}

    def begin(self) -> dict[str, Any]:
        """Return the info of row 0 after a reset."""
        self._blank["episode_key"] = signed(self._simulator.world.key[0])
        return self._blank.copy()

    def step(self, terms: Sequence[float], *, ended: bool) -> dict[str, Any]:
        """Return the info of row 0 after a step with these reward terms."""
        info = self._blank.copy()
        info.update(zip(TERM_KEYS, terms, strict=True))
        if ended:
            whole, real = self._ends(np.zeros(1, np.intp))
            info.update(zip(_END_WHOLE, whole[:, 0].tolist(), strict=True))
            info.update(zip(_END_REAL, real[:, 0].tolist(), strict=True))
            if self._named:
                info["outcome"] = _NAMES[info["outcome_code"]]
        return info

    def begin_rows(self, begun: BoolArray) -> dict[str, Any]:
        """Return the vector info after a reset of some rows."""
        whole, real = self._empty()
        whole[0, begun] = self._keys[begun]
        return _columns((whole, real), begun.copy())

    def step_rows(self, ended: BoolArray, mode: int) -> dict[str, Any]:
        """Return the vector info after a step that ended the episodes of some rows."""
        world = self._simulator.world
        table = whole, real = self._empty()
        whole[0] = self._keys
        real[:_TERMS] = world.report[TERMS:REWARD]
        info = _columns(table, np.ones(len(ended), np.bool_))
        rows = np.flatnonzero(ended)
        if not rows.size:
            return info
        end_whole, end_real = self._ends(rows)
        if mode != SAME_STEP:
            whole[1:, rows], real[_TERMS:, rows] = end_whole, end_real
            return info | self._outcomes(rows, ended)
        # The rows have begun their next episode, and report its beginning: the end is apart.
        last = last_whole, last_real = self._empty()
        last_whole[0, rows] = world.final_key[rows].view(np.int64)
        last_whole[1:, rows], last_real[_TERMS:, rows] = end_whole, end_real
        last_real[:_TERMS, rows] = real[:_TERMS, rows]
        real[:_TERMS, rows] = 0.0
        final = _columns(last, ended) | self._outcomes(rows, ended)
        return info | {"final_info": final, "_final_info": ended}

    @property
    def _keys(self) -> NDArray[np.int64]:
        return self._simulator.world.key.view(np.int64)

    def _empty(self) -> Table:
        rows = self._simulator.rows
        return np.zeros((len(_WHOLE), rows), np.int64), np.zeros((len(_REAL), rows))

    def _ends(self, rows: NDArray[np.intp]) -> Table:
        """`_END_WHOLE` and `_END_REAL` of rows whose episodes are over, one a column."""
        codes = self._simulator.outcome[rows].astype(np.int64)
        values = self._simulator.touchdown[rows].T
        flags = codes == Outcome.LANDED, codes, ~np.isnan(values).all(axis=0)
        margins = (self._limits - values[:4]).reshape(-1, len(rows))
        told = np.concatenate([values, margins])
        at_rest = np.isfinite(told[_REST])
        # What is unknown, without a contact or without a rest, counts as zero.
        told = np.where(np.isfinite(told), told, 0.0)
        whole = np.stack([*flags, at_rest, told[_LEGS].astype(np.int64)])
        return whole, np.delete(told, _LEGS, axis=0)

    def _outcomes(self, rows: NDArray[np.intp], ended: BoolArray) -> dict[str, Any]:
        if not self._named:
            return {}
        outcome = np.full(len(ended), None, dtype=object)
        outcome[rows] = [_NAMES[int(code)] for code in self._simulator.outcome[rows]]
        return {"outcome": outcome, "_outcome": ended}


def _columns(table: Table, mask: BoolArray) -> dict[str, Any]:
    """Gymnasium's dict of arrays: every key has a mask beside it, here one for all."""
    whole, real = table
    columns = dict(zip(_WHOLE, whole, strict=True)) | dict(zip(_REAL, real, strict=True))
    return columns | dict.fromkeys(_MASKS, mask)
