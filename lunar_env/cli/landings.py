"""Many landings of one pilot: flown as a batch, and counted with intervals."""

from __future__ import annotations

import math
import shlex
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from gymnasium.vector import AutoresetMode
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from lunar_env import LunarLandingVectorEnv, Outcome
from lunar_env.info import unsigned
from lunar_env.pilots import shown_to
from lunar_env.proportion import wilson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from lunar_env.pilots import Entry
    from lunar_env.telemetry import Flight

__all__ = ["Landing", "count", "fly_landings", "landing_of", "print_count"]

# Landers flown at once; the results do not depend on it.
ROWS = 256
LANDED = Outcome.LANDED.name


class Landing(NamedTuple):
    """How one landing ended."""

    seed: int | None
    episode_key: int
    outcome: str
    v_vertical_m_s: float  # at the fastest contact, into the ground; NaN without contact
    v_lateral_m_s: float  # along it
    tilt_deg: float  # at the first contact


def landing_of(flight: Flight) -> Landing:
    """Return how a recorded flight ended."""
    met = flight.touchdown or {}
    speeds = (float(met.get(name, math.nan)) for name in Landing._fields[3:])
    return Landing(flight.seed, flight.episode_key, flight.outcome, *speeds)


def fly_landings(entry: Entry, seeds: Sequence[int]) -> list[Landing]:
    """Fly the episodes of some seeds.

    Parameters
    ----------
    entry : Entry
        Who flies what.
    seeds : sequence of int
        One for each landing: that of ``fly --seed``.

    Returns
    -------
    list of Landing
        In the order of the seeds.
    """
    landings: list[Landing] = []
    for first in range(0, len(seeds), ROWS):
        landings += _fly_batch(entry, seeds[first : first + ROWS])
    return landings


def _fly_batch(entry: Entry, seeds: Sequence[int]) -> list[Landing]:
    env = LunarLandingVectorEnv(
        len(seeds), autoreset_mode=AutoresetMode.NEXT_STEP, **entry.task.keywords()
    )
    observation, info = env.reset(seed=list(seeds))
    keys = info["episode_key"]
    landings: dict[int, Landing] = {}
    state, start, begun = None, np.ones(len(seeds), np.bool_), np.zeros(len(seeds), np.bool_)
    while len(landings) < len(seeds):
        seen = shown_to(entry.pilot, observation, env)
        action, state = entry.pilot.predict(seen, state, start, deterministic=True)
        observation, _, terminated, truncated, info = env.step(action)
        ended = terminated | truncated
        for row in np.flatnonzero(ended).tolist():
            if row not in landings:  # a row that has landed flies on, uncounted
                touched, end = info["touched"][row] > 0, Outcome(int(info["outcome_code"][row]))
                met = [float(info[name][row]) if touched else math.nan for name in _MET]
                landings[row] = Landing(seeds[row], unsigned(keys[row]), end.name, *met)
        # A row that has ended is reset in the next step, and its new episode starts there.
        start, begun = begun, ended
    env.close()
    return [landings[row] for row in range(len(seeds))]


_MET = Landing._fields[3:]


def count(entry: Entry, landings: Sequence[Landing]) -> dict[str, object]:
    """Return the counts, and every landing, as JSON content."""
    share = wilson(sum(each.outcome == LANDED for each in landings), len(landings))
    names = "success", "success_low", "success_high"
    settings = entry.task.settings()
    return {
        "pilot": entry.label,
        "mission": settings.mission.name,
        "scenario": settings.scenario.name,
        "control": settings.control,
        "phase": settings.phase,
        "landings": len(landings),
        **dict(zip(names, (share.value, share.low, share.high), strict=True)),
        "outcomes": dict(Counter(each.outcome for each in landings).most_common()),
        "flights": [each._asdict() for each in landings],
    }


def print_count(
    entry: Entry, landings: Sequence[Landing], command: Sequence[str], out: Console
) -> None:
    """Print how many ended how, with 95 % Wilson intervals, and how fast.

    Parameters
    ----------
    entry : Entry
        Who flew what.
    landings : sequence of Landing
        How they ended.
    command : sequence of str
        What flies one of them, but for its seed.
    out : Console
        Where people read.
    """
    settings = entry.task.settings()
    table = Table(
        title=f"{entry.label} pilot on {settings.mission.name}, scenario {settings.scenario.name}",
        box=SIMPLE_HEAD,
        padding=(0, 1),
    )
    table.add_column("outcome", no_wrap=True)
    for head in (
        "of",
        "share [%]",
        "95 % interval",
        "vertical touchdown speed [m/s]: median",
        "maximum",
    ):
        table.add_column(head, justify="right")
    counts = Counter(each.outcome for each in landings)
    for outcome in sorted(counts, key=lambda name: (name != LANDED, -counts[name])):
        share = wilson(counts[outcome], len(landings))
        down = [each.v_vertical_m_s for each in landings if each.outcome == outcome]
        met = [speed for speed in down if not math.isnan(speed)]
        table.add_row(
            outcome,
            f"{counts[outcome]} of {len(landings)}",
            f"{100 * share.value:.1f}",
            f"{100 * share.low:.1f} to {100 * share.high:.1f}",
            f"{np.median(met):.2f}" if met else "-",
            f"{max(met):.2f}" if met else "-",
        )
    out.print(table)
    lost = next((each for each in landings if each.outcome != LANDED), None)
    if lost is not None and lost.seed is not None:
        again = shlex.join([*command, "--seed", str(lost.seed)])
        out.print(Text(f"first loss: {again}", style="dim"), soft_wrap=True)
