"""The `info` of an environment: reward terms, outcome and touchdown, with the margins."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lunar_env.sim.fields import REWARD_TERMS, Outcome
from lunar_env.sim.world import TOUCHDOWN_NAMES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lunar_env.envs.simulator import Simulator
    from lunar_env.specs.vehicle import TouchdownLimits

__all__ = ["EndInfo", "end_info", "end_infos", "term_infos"]

_JUDGED: Final = TOUCHDOWN_NAMES[:4]


class EndInfo(dict[str, Any]):
    """The info of a step that ended an episode; ``info["touchdown"]`` is None without contact.

    The key itself is then absent: Gymnasium's SyncVectorEnv merges infos by key and cannot mix a
    None with the dictionary of another row.
    """

    def __missing__(self, key: str) -> None:
        """Answer for a touchdown that did not happen."""
        if key != "touchdown":
            raise KeyError(key)


def end_info(simulator: Simulator) -> EndInfo:
    """Report of row 0, whose episode is over."""
    info = EndInfo(
        outcome=Outcome(int(simulator.outcome[0])).name,
        episode_key=simulator.world.final_key[0],
    )
    values = simulator.touchdown[0].tolist()
    if not math.isnan(values[0]):
        touchdown = dict(zip(TOUCHDOWN_NAMES, values, strict=True))
        limits = simulator.settings.mission.vehicle.limits
        info["touchdown"] = {**touchdown, "margins": _margins(limits, values)}
    return info


def _margins(limits: TouchdownLimits, values: Any) -> dict[str, Any]:
    """Limit minus value, by tier; negative where a limit is broken. Works on columns as well."""
    tiers = (("", limits.survivable), ("nominal_", limits.nominal))
    return {
        f"{prefix}{name}": getattr(tier, name) - values[k]
        for prefix, tier in tiers
        for k, name in enumerate(_JUDGED)
    }


def term_infos(simulator: Simulator, info: dict[str, Any]) -> None:
    """Add the reward terms of all rows to a vector info."""
    everywhere = np.ones(simulator.rows, np.bool_)
    info["reward_terms"] = _masked(
        dict(zip(REWARD_TERMS, simulator.terms, strict=True)), everywhere
    )
    info["_reward_terms"] = everywhere


def end_infos(simulator: Simulator, ended: NDArray[np.bool_]) -> dict[str, Any]:
    """Outcome, key and touchdown of the rows that ended, as Gymnasium's dict of arrays."""
    outcome = np.full(simulator.rows, None, dtype=object)
    outcome[ended] = [Outcome(int(code)).name for code in simulator.outcome[ended]]
    key = np.where(ended, simulator.world.final_key, 0).astype(np.uint64)
    info = _masked({"outcome": outcome, "episode_key": key}, ended)
    # Few rows end at once: work on those, then spread them over full columns.
    rows = np.flatnonzero(ended)
    rows = rows[~np.isnan(simulator.touchdown[rows, 0])]
    if rows.size > 0:
        touched = np.zeros(simulator.rows, np.bool_)
        touched[rows] = True
        values = simulator.touchdown[rows].T
        limits = simulator.settings.mission.vehicle.limits
        reported = dict(zip(TOUCHDOWN_NAMES, values, strict=True))
        touchdown = _spread(reported, rows, touched)
        touchdown |= {"margins": _spread(_margins(limits, values), rows, touched)}
        touchdown |= {"_margins": touched}
        info |= {"touchdown": touchdown, "_touchdown": touched}
    return info


def _spread(
    values: dict[str, Any], rows: NDArray[np.intp], mask: NDArray[np.bool_]
) -> dict[str, Any]:
    """Columns over all rows, zero but in `rows`, with Gymnasium's mask beside each."""
    table = np.zeros((len(values), len(mask)))
    table[:, rows] = list(values.values())
    return _masked(dict(zip(values, table, strict=True)), mask)


def _masked(columns: dict[str, Any], mask: NDArray[np.bool_]) -> dict[str, Any]:
    """Columns with Gymnasium's mask beside each."""
    return {
        k: v for name, column in columns.items() for k, v in ((name, column), (f"_{name}", mask))
    }
