"""The summary of a benchmark: bins of success, propellant against the optimum."""

import numpy as np
import pytest

pytest.importorskip("pyarrow")

from training.benchmark.summary import propellant_ratio, survival


def test_all_pilots_have_the_same_bins(make_landings):
    rng = np.random.default_rng(0)
    parts = [make_landings(p, "s", rng.random(100) < 0.5) for p in ("a", "b")]
    table = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    table["latency_s"] = np.tile(np.linspace(0.1, 2.0, 100), 2)
    curves = survival(table, "latency_s")
    assert list(curves) == ["a", "b"]
    for pilot, bins in curves.items():
        assert sum(b.share.trials for b in bins) == 100
        landed = table["landed"][table["pilot"] == pilot]
        assert sum(b.share.successes for b in bins) == landed.sum()
        low = landed[np.linspace(0.1, 2.0, 100) < bins[0].high]
        assert bins[0].share.successes == low.sum()
        assert [b.low for b in bins] == [b.low for b in curves["a"]]
    assert survival(table, "missed_share") == {}  # the same for all


def test_the_propellant_ratio_counts_only_landings_with_an_optimum(make_landings):
    table = make_landings("a", "s", [1, 1, 0, 1])
    table["propellant_used_kg"] = np.array([11.0, 12.0, 13.0, 14.0])
    table["optimum_kg"] = np.array([10.0, 10.0, 10.0, np.nan])
    ratio = propellant_ratio(table)
    assert (ratio["p50"], ratio["max"], ratio["landings"]) == (1.1, 1.2, 2)
