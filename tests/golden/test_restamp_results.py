"""Results keep their figures and get new digests only where the same is flown."""

import copy
import json

import pytest

from lunar_env.specs import load_mission, load_scenario
from tests.golden.restamp_results import content_of, missions, restamped

M2 = "hakuto-r-m2"
MISSION = load_mission(M2)


@pytest.fixture(scope="module")
def now():
    return json.loads(json.dumps(missions()))


@pytest.fixture
def before(now):
    """The same missions, with the digests that they had before."""
    old = copy.deepcopy(now)
    for name, entry in old.items():
        entry["digests"] = [f"{name} then", f"{name} as flown then"]
    return old


def results_of(checkout):
    keys = "mission_digest", "as_flown_digest"
    return {
        name: {"landings": 200, **dict(zip(keys, entry["digests"], strict=True))}
        for name, entry in checkout.items()
    }


def test_equal_content_is_stamped(now, before):
    stamped, left = restamped(results_of(before), before, now)
    assert left == []
    assert stamped == results_of(now)


def test_results_that_are_up_to_date_stay(now, before):
    assert restamped(results_of(now), before, now) == ({}, [])


@pytest.mark.parametrize("place", [0, 1, 2])
def test_another_value_is_to_be_flown_again(now, before, place):
    before[M2]["content"][place]["name"] = "another"
    stamped, left = restamped(results_of(before), before, now)
    assert left == [M2]
    assert M2 not in stamped


def test_results_of_an_older_checkout_are_to_be_flown_again(now, before):
    results = results_of(before)
    results[M2]["as_flown_digest"] = "older"
    assert restamped(results, before, now)[1] == [M2]


def test_the_content_is_all_that_a_flight_depends_on():
    table = MISSION.to_table()
    reworded = MISSION.replace(
        title="Another",
        outcome="Another",
        time_limit_s={"value": MISSION.time_limit_s, "source": "own", "note": "another"},
    )
    assert content_of(reworded.to_table()) == content_of(table)
    for change in (
        {"time_limit_s": 201.0},
        {"vehicle": {"payload_kg": 31.0}},
        {"rangefinder": {"name": "another"}},
        {"phases": {"terminal": {"height_m": {"uniform": [2900.0, 3101.0]}}}},
    ):
        assert content_of(MISSION.replace(**change).to_table()) != content_of(table)
    noisy = load_scenario("noisy")
    harder = noisy.replace(dropout_frac=0.02)
    assert content_of(harder.to_table()) != content_of(noisy.to_table())
