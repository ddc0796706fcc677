"""The statistics of the suite against closed forms, simulation and SciPy."""

import numpy as np
import pytest
from scipy import stats

pytest.importorskip("pyarrow")

from lunar_env.proportion import wilson
from training.bounds.distance import mean_difference
from training.statistics import holm, sign_test
from training.suite.scores import mean_over_tasks, scores
from training.suite.tables import best_pilot, headroom
from training.suite.tasks import SuiteTask


def test_one_task_has_the_interval_of_wilson():
    landed = np.arange(400) < 372
    mean, share = mean_over_tasks([landed]), wilson(372, 400)
    assert mean.value == share.value
    # The variance of a sample has n - 1.
    assert (mean.low, mean.high) == pytest.approx((share.low, share.high), abs=1e-4)


def test_tasks_that_always_agree_count_as_one():
    landed = np.random.default_rng(0).random(500) < 0.8
    assert mean_over_tasks([landed] * 9) == pytest.approx(mean_over_tasks([landed]))
    assert mean_over_tasks([np.ones(50, bool)] * 3).low == pytest.approx(wilson(50, 50).low)


def test_the_interval_covers_the_mean_of_dependent_tasks():
    """Three tasks whose landings share a part of their luck; 2,000 suites of 300 landings."""
    rng = np.random.default_rng(1)
    limits = stats.norm.ppf([0.9, 0.97, 0.6])
    luck = np.sqrt(0.6) * rng.standard_normal((2000, 1, 300))
    luck = luck + np.sqrt(0.4) * rng.standard_normal((2000, 3, 300))
    means = [mean_over_tasks(list(one < limits[:, None])) for one in luck]
    true = (0.9 + 0.97 + 0.6) / 3
    covered = np.mean([mean.low <= true <= mean.high for mean in means])
    assert covered == pytest.approx(0.95, abs=0.015)


def test_the_distance_to_the_attainable_share_has_the_interval_of_paired_differences():
    rng = np.random.default_rng(3)
    attainable, landed = rng.random((2, 400)) < 0.97, rng.random((2, 400)) < 0.9
    paired = (attainable.astype(int) - landed).mean(axis=0)
    mean = mean_difference(list(attainable), list(landed))
    low, high = stats.norm.interval(0.95, paired.mean(), stats.sem(paired))
    assert mean == pytest.approx((paired.mean(), low, high))
    assert mean_difference([landed[0]], [landed[0]]) == (0.0, 0.0, 0.0)


def test_holm_rejects_as_its_sequential_procedure_does():
    rng = np.random.default_rng(2)
    for _ in range(200):
        p = rng.random(7) ** 3
        rejected = set()
        for rank, k in enumerate(np.argsort(p)):
            if p[k] > 0.05 / (7 - rank):
                break
            rejected.add(k)
        assert {k for k, value in enumerate(holm(p.tolist())) if value <= 0.05} == rejected
    assert holm([]) == []


@pytest.mark.parametrize(("heads", "tails"), [(0, 0), (3, 12), (40, 25), (1000, 1100)])
def test_the_sign_test_is_exact(heads, tails):
    expected = stats.binomtest(heads, heads + tails).pvalue if heads + tails else 1.0
    assert sign_test(heads, tails) == pytest.approx(expected, rel=1e-9)


def task(name, **changes):
    place = {"mission": "hakuto-r-m2", "phase": "terminal", "control": "throttle"}
    return SuiteTask(name=name, scenario="s", question="Who lands?", **(place | changes))


def joined(make_landings, **outcomes):
    parts = [make_landings(pilot, "s", landed) for pilot, landed in outcomes.items()]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def test_pilots_are_compared_in_each_task_by_what_it_is_scored_by(make_landings):
    tasks = [task("a"), task("b"), task("c", score="propellant")]
    ones = np.ones(40, bool)
    good, bad = ones.copy(), np.arange(40) >= 15
    flown = {
        "a": joined(make_landings, x=good, y=bad),
        "b": joined(make_landings, x=good, y=np.arange(40) >= 3),
        "c": joined(make_landings, x=ones, y=ones),
    }
    kg = np.linspace(20.0, 30.0, 40)
    flown["c"]["propellant_used_kg"] = np.concatenate([kg + 1.0, kg])
    none = {name: {} for name in flown}
    content = scores(flown, tasks, ["x", "y"], none, {"landings": 40}, {})
    (pair,) = content["comparisons"]
    assert (pair["first_better"], pair["second_better"]) == (["a"], ["c"])
    tests = {test["task"]: test for test in pair["tests"]}
    assert (tests["a"]["only_first"], tests["a"]["only_second"]) == (15, 0)
    assert tests["a"]["p_value"] == pytest.approx(2.0**-14)
    assert tests["b"]["p_holm"] == pytest.approx(0.25)
    # Gained 15 and 3 of 40 in two tasks that are scored by landings.
    by_pilot = {row["pilot"]: row for row in content["overall"]}
    assert by_pilot["y"]["success"] == pytest.approx(1.0 - 18 / 80)
    assert by_pilot["x"]["tasks"] == 2
    assert (by_pilot["x"]["comparisons_won"], by_pilot["x"]["comparisons_lost"]) == (1, 1)


def test_tasks_with_something_left_to_win_are_named():
    def board(name, attainable, classical, *shares, **changes):
        rows = [{"success": share, "pilot": "p"} for share in shares] + [{"not_applicable": "x"}]
        bounds = {"attainable": attainable, "classical": classical, "classical_pilot": "q gentle"}
        return {"name": name, "score": "success", "bounds": bounds, "rows": rows, **changes}

    boards = [
        board("a", 0.98, 0.9, 0.9, 0.95),  # 3 points from the better pilot
        board("b", 0.98, 0.9, 0.97),
        board("c", 0.9, 0.9, 0.99),  # above the bound
        board("d", 0.5, 0.1),  # no pilot of the suite flies it
        board("e", 0.9, 0.9, 0.0),  # a pilot with other gains does
        board("f", 0.9, 0.9, 0.1, bounds={}),
        board("g", 0.9, 0.1, 0.1, score="propellant"),
    ]
    assert headroom(boards) == (
        "2 of 5 tasks have 2 points or more between the best pilot that knows no more than a lander"
        " and the attainable share: a (3.0), d (40.0)"
    )
    assert best_pilot(boards[0]) == (0.95, "p")
    assert best_pilot(boards[4]) == (0.9, "q gentle")
    assert best_pilot(boards[5]) == (0.1, "p")
    assert headroom(boards[5:]) == ""
    told = {"success": 1.0, "pilot": "hoverslam+oracle"}
    boards[0]["rows"].append(told)
    assert best_pilot(boards[0]) == (0.95, "p")
    used = [
        {"success": 1.0, "pilot": p, "propellant_used_p50_kg": kg} for p, kg in (("a", 9), ("b", 8))
    ]
    assert best_pilot({**boards[6], "rows": used}) == (1.0, "b")
