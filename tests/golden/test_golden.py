"""One seeded trajectory of each id, compared with the one on file."""

import json

import numpy as np
import pytest

from lunar_env.registration import IDS
from tests.golden.regenerate import BY_HAND, fly, path_of

# Sizes below which a difference of a number is compared absolutely: sines, rates, small speeds.
SIZE = 1.0
CLOSE = 1e-9
# On the ground a difference grows: a pad that sticks or slides, a leg that breaks.
ROUGHLY = 1e-5


@pytest.fixture(scope="module", params=[row.name for row in IDS])
def flights(request):
    path = path_of(request.param)
    assert path.is_file(), "python -m tests.golden.regenerate"
    return fly(request.param), json.loads(path.read_text(encoding="utf-8"))


def test_layouts_agree_with_the_golden_files(flights):
    flown, kept = flights
    for key in ("id", "seed", "scenario", "privileged_fields", "observation_fields"):
        assert flown[key] == kept[key]


def test_flights_agree_with_the_golden_files(flights):
    flown, kept = flights
    assert [m["step"] for m in flown["moments"]] == [m["step"] for m in kept["moments"]]
    for ours, theirs in zip(flown["moments"], kept["moments"], strict=True):
        truth = np.array(ours["privileged"]), np.array(theirs["privileged"])
        seen = np.array(ours["observation"]), np.array(theirs["observation"])
        down = seen[1][kept["observation_fields"].index("contact")] > 0.0
        most = ROUGHLY if down else CLOSE
        np.testing.assert_allclose(*truth, rtol=most, atol=most * SIZE)
        assert ours["return"] == pytest.approx(theirs["return"], rel=most, abs=most)
        most = ROUGHLY if down else 1e-6
        np.testing.assert_allclose(*seen, rtol=most, atol=most * SIZE)


def test_ends_agree_with_the_golden_files(flights):
    flown, kept = flights
    assert flown["outcome"] == kept["outcome"]
    assert (flown["touchdown"] is None) == (kept["touchdown"] is None)
    if flown["touchdown"] is not None:
        margins = flown["touchdown"].pop("margins"), kept["touchdown"].pop("margins")
        for ours, theirs in (margins, (flown["touchdown"], kept["touchdown"])):
            assert ours == pytest.approx(theirs, rel=ROUGHLY, abs=ROUGHLY, nan_ok=True)


def test_golden_flights_cover_the_important_events(flights):
    """That of the throttle sees the ground and hits it; that by hand comes to rest there."""
    _, kept = flights
    assert len(kept["moments"]) > 10
    fields = kept["observation_fields"]
    if kept["id"] == IDS[0].name:
        seen = [m["observation"][fields.index("lrf_track")] for m in kept["moments"]]
        assert seen[0] == 0.0
        assert max(seen) == 1.0
        assert kept["touchdown"] is not None
    if kept["id"] == BY_HAND:
        contact = [m["observation"][fields.index("contact")] for m in kept["moments"]]
        assert contact[:3] == [0.0] * 3
        assert contact[-4:] == [1.0] * 4
        assert kept["touchdown"]["rest_tilt_deg"] > 0.0


def test_every_file_has_its_id():
    folder = path_of(IDS[0].name).parent
    assert sorted(folder.glob("*.json")) == sorted(path_of(row.name) for row in IDS)
