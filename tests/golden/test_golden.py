"""One seeded trajectory of each id, compared with the one on file."""

import json

import numpy as np
import pytest

from lunar_env.registration import IDS
from tests.golden.regenerate import fly, path_of

# Sizes below which a difference of a number is compared absolutely: sines, rates, small speeds.
SIZE = 1.0


@pytest.fixture(scope="module", params=[row.name for row in IDS])
def flights(request):
    path = path_of(request.param)
    assert path.is_file(), "python -m tests.golden.regenerate"
    return fly(request.param), json.loads(path.read_text(encoding="utf-8"))


def test_the_layout_is_that_of_the_file(flights):
    flown, kept = flights
    for key in ("id", "seed", "scenario", "privileged_fields", "observation_fields"):
        assert flown[key] == kept[key]


def test_the_flight_is_that_of_the_file(flights):
    flown, kept = flights
    assert [m["step"] for m in flown["moments"]] == [m["step"] for m in kept["moments"]]
    for ours, theirs in zip(flown["moments"], kept["moments"], strict=True):
        truth = np.array(ours["privileged"]), np.array(theirs["privileged"])
        np.testing.assert_allclose(*truth, rtol=1e-9, atol=1e-9 * SIZE)
        assert ours["return"] == pytest.approx(theirs["return"], rel=1e-9, abs=1e-9)
        seen = np.array(ours["observation"]), np.array(theirs["observation"])
        np.testing.assert_allclose(*seen, rtol=1e-6, atol=1e-6 * SIZE)


def test_the_end_is_that_of_the_file(flights):
    flown, kept = flights
    assert flown["outcome"] == kept["outcome"]
    assert (flown["touchdown"] is None) == (kept["touchdown"] is None)
    if flown["touchdown"] is not None:
        margins = flown["touchdown"].pop("margins"), kept["touchdown"].pop("margins")
        for ours, theirs in (margins, (flown["touchdown"], kept["touchdown"])):
            assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-9, nan_ok=True)


def test_the_flight_passes_through_what_matters(flights):
    """It moves through many moments; that of the throttle sees the ground, and ends on it."""
    _, kept = flights
    assert len(kept["moments"]) > 10
    if kept["id"] != IDS[0].name:
        return
    track = kept["observation_fields"].index("lrf_track")
    seen = [m["observation"][track] for m in kept["moments"]]
    assert seen[0] == 0.0
    assert max(seen) == 1.0
    assert kept["touchdown"] is not None


def test_every_file_has_its_id():
    folder = path_of(IDS[0].name).parent
    assert sorted(folder.glob("*.json")) == sorted(path_of(row.name) for row in IDS)
