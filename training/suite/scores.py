"""The scores of a suite, from its rows: by task, over all tasks, and between pilots."""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from lunar_env.proportion import wilson_bounds
from training.benchmark.summary import causes_of
from training.bounds.distance import Mean, distance_to_attainable
from training.statistics import Comparison, holm, mcnemar, sign_test
from training.summary import rows_where, summarise

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from training.bounds.shares import Bounds
    from training.results import Landings
    from training.suite.tasks import SuiteTask

__all__ = ["ALPHA", "mean_over_tasks", "scores"]

FORMAT = "lunar-env-suite/1"
ALPHA = 0.05


def mean_over_tasks(landed: Sequence[np.ndarray]) -> Mean:
    """Return the mean share of landings over tasks.

    Landing i has the same seed in every task, so that the tasks are not independent: the mean over
    tasks of one i is one observation, and the spread of these gives the variance of the mean. The
    interval is Wilson's for the number of independent landings that has this variance.

    Parameters
    ----------
    landed : sequence of ndarray of bool, shape (n,)
        Success in each task, in the order of the landings.

    Returns
    -------
    Mean
        In [0, 1]; without tasks NaN.
    """
    if not landed:
        return Mean(math.nan, math.nan, math.nan)
    by_landing = np.mean(np.asarray(landed, dtype=np.float64), axis=0)
    value, count = float(by_landing.mean()), len(by_landing)
    variance = float(by_landing.var(ddof=1)) / count if count > 1 else 0.0
    # Without any spread, all landings alike, the tasks count as one.
    effective = value * (1.0 - value) / variance if variance > 0.0 else float(count)
    return Mean(value, *wilson_bounds(value, effective))


def scores(
    flown: Mapping[str, Landings],
    tasks: Sequence[SuiteTask],
    pilots: Sequence[str],
    not_applicable: Mapping[str, Mapping[str, str]],
    metadata: Mapping[str, Any],
    bounds: Mapping[str, Bounds],
) -> dict[str, Any]:
    """Return the leaderboard as JSON content.

    Parameters
    ----------
    flown : mapping of str to dict of ndarray
        Columns of the results by task.
    tasks : sequence of SuiteTask
        The tasks.
    pilots : sequence of str
        Labels of the pilots.
    not_applicable : mapping
        By task and pilot, why a pilot cannot fly it.
    metadata : mapping
        Settings, versions, digests.
    bounds : mapping of str to Bounds
        By task, of the same episodes; may be empty.

    Returns
    -------
    dict
        ``boards``, one for each task with a row for each pilot; ``overall``; ``comparisons`` of all
        pairs of pilots, with p-values adjusted by Holm over the tasks; and the metadata.
    """
    by_task = {
        task.name: {
            pilot: rows_where(flown[task.name], flown[task.name]["pilot"] == pilot)
            for pilot in pilots
            if task.name in flown and pilot not in not_applicable[task.name]
        }
        for task in tasks
    }
    boards = [
        _board(task, pilots, by_task[task.name], not_applicable[task.name], bounds.get(task.name))
        for task in tasks
    ]
    scored = [task.name for task in tasks if task.score == "success"]
    pairs = [_compare(pair, tasks, by_task) for pair in combinations(pilots, 2)]
    overall = [_overall(pilot, scored, by_task, pairs, bounds) for pilot in pilots]
    overall.sort(key=lambda row: (-row["tasks"], -_or_zero(row["success"])))
    return {
        "format": FORMAT,
        **metadata,
        "boards": boards,
        "overall": overall,
        "comparisons": pairs,
    }


def _board(
    task: SuiteTask,
    pilots: Sequence[str],
    rows: Mapping[str, Landings],
    reasons: Mapping[str, str],
    bounds: Bounds | None,
) -> dict[str, Any]:
    names = ("name", "question", "mission", "scenario", "phase", "control", "score", "saturated")
    lines = [
        _line(rows[pilot], bounds)
        if pilot in rows
        else {"pilot": pilot, "not_applicable": reasons[pilot]}
        for pilot in pilots
    ]
    found = {name: getattr(task, name) for name in names}
    landed = {pilot: landings["landed"] for pilot, landings in rows.items()}
    return {**found, "bounds": {} if bounds is None else bounds.to_dict(landed), "rows": lines}


def _line(landings: Landings, bounds: Bounds | None) -> dict[str, Any]:
    group = summarise(landings)
    known = [] if bounds is None else [bounds.attainable]
    return {
        "pilot": group.pilot,
        "landings": group.success.trials,
        "landed": group.success.successes,
        "success": group.success.value,
        "success_low": group.success.low,
        "success_high": group.success.high,
        "lost": group.lost.value,
        "success_not_lost": group.success_not_lost.value,
        "success_not_lost_low": group.success_not_lost.low,
        "success_not_lost_high": group.success_not_lost.high,
        **distance_to_attainable([landings["landed"]][: len(known)], known),
        "speed_p50_m_s": group.speed["p50"],
        "speed_p997_m_s": group.speed["p997"],
        "propellant_used_p50_kg": group.propellant_used_p50_kg,
        "outcomes": group.outcomes,
        "causes": causes_of(landings),
    }


def _overall(
    pilot: str,
    scored: Sequence[str],
    by_task: Mapping[str, Mapping[str, Landings]],
    pairs: Sequence[Mapping[str, Any]],
    bounds: Mapping[str, Bounds],
) -> dict[str, Any]:
    done = [by_task[name][pilot]["landed"] for name in scored if pilot in by_task[name]]
    mean = mean_over_tasks(done)
    bounded = [name for name in scored if pilot in by_task[name] and name in bounds]
    won = sum(len(p["first_better"]) for p in pairs if p["first"] == pilot)
    won += sum(len(p["second_better"]) for p in pairs if p["second"] == pilot)
    lost = sum(len(p["second_better"]) for p in pairs if p["first"] == pilot)
    lost += sum(len(p["first_better"]) for p in pairs if p["second"] == pilot)
    return {
        "pilot": pilot,
        "tasks": len(done),
        "of_tasks": len(scored),
        "success": mean.value,
        "success_low": mean.low,
        "success_high": mean.high,
        **distance_to_attainable(
            [by_task[name][pilot]["landed"] for name in bounded],
            [bounds[name].attainable for name in bounded],
        ),
        "comparisons_won": won,
        "comparisons_lost": lost,
    }


def _compare(
    pair: tuple[str, str], tasks: Sequence[SuiteTask], by_task: Mapping[str, Mapping[str, Landings]]
) -> dict[str, Any]:
    """Compare two pilots in every task that both fly."""
    both = [task for task in tasks if set(pair) <= set(by_task[task.name])]
    tests = [_test(task, *(by_task[task.name][pilot] for pilot in pair)) for task in both]
    adjusted = holm([test.p_value for test in tests])
    better: tuple[list[str], list[str]] = ([], [])
    lines = []
    for task, test, p_holm in zip(both, tests, adjusted, strict=True):
        lines.append({"task": task.name, **test._asdict(), "p_holm": p_holm})
        if p_holm < ALPHA:
            better[test.only_first < test.only_second].append(task.name)
    names = dict(zip(("first", "second"), pair, strict=True))
    return {**names, "first_better": better[0], "second_better": better[1], "tests": lines}


def _test(task: SuiteTask, first: Landings, second: Landings) -> Comparison:
    """Compare landings by McNemar's test, or propellant where both land by the sign test."""
    assert np.array_equal(first["seed"], second["seed"])
    if task.score == "success":
        return mcnemar(first["landed"], second["landed"])
    both = first["landed"] & second["landed"]
    used = [landings["propellant_used_kg"][both] for landings in (first, second)]
    less, more = int((used[0] < used[1]).sum()), int((used[0] > used[1]).sum())
    return Comparison(less, more, sign_test(less, more))


def _or_zero(value: float) -> float:
    return 0.0 if math.isnan(value) else value
