"""The delay line: samples come out in order of arrival, and none is lost for want of room."""

import math

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunar_env.kernel.rng import STREAM_LATENCY, uniform
from lunar_env.sensors.delay import QueuedRange, queue_range, take_range
from lunar_env.sensors.rows import NEXT_ARRIVAL
from lunar_env.specs import list_scenarios, load_mission, load_scenario
from lunar_env.specs.pack_rangefinder import places_in_flight
from tests.sensors.rangefinder_bench import REFERENCE, bench

times = st.lists(st.floats(0.0, 100.0), min_size=1, max_size=8, unique=True)


def drain(memory, line):
    """Arrival times and ranges in the order in which they come out."""
    out = []
    while memory[0, NEXT_ARRIVAL] < math.inf:
        due = float(memory[0, NEXT_ARRIVAL])
        taken = take_range(memory, line, 0)
        assert taken.arrives == due
        out.append((taken.arrives, taken.range))
    return out


@given(times)
def test_samples_come_out_in_order_of_arrival(arrivals):
    memory, line = bench(entries=8)
    for k, when in enumerate(arrivals):
        queue_range(memory, line, 0, QueuedRange(0.1 * k, when, 100.0 + k, 1.0, 0.0))
        assert memory[0, NEXT_ARRIVAL] == min(arrivals[: k + 1])
    expected = sorted((when, 100.0 + k) for k, when in enumerate(arrivals))
    assert drain(memory, line) == expected
    assert memory[0, NEXT_ARRIVAL] == math.inf


def test_samples_that_arrive_together_come_out_as_they_were_queued():
    memory, line = bench(entries=5)
    for k, when in enumerate((6.0, 5.0, 6.0, 5.0)):
        queue_range(memory, line, 0, QueuedRange(0.0, when, float(k), 1.0, 0.0))
    assert [slant_range for _, slant_range in drain(memory, line)] == [1.0, 3.0, 0.0, 2.0]


@given(times, times)
def test_slots_of_the_queue_are_reused(first, second):
    memory, line = bench(entries=8)
    for arrivals in (first, second):
        for when in arrivals:
            queue_range(memory, line, 0, QueuedRange(0.0, when, 0.0, 1.0, 0.0))
        assert [when for when, _ in drain(memory, line)] == sorted(arrivals)


def test_a_sample_keeps_both_of_its_times_and_its_value():
    memory, line = bench(entries=4)
    queue_range(memory, line, 0, QueuedRange(3.25, 3.9, 1234.5, 1.7, 2.0))
    assert take_range(memory, line, 0) == QueuedRange(3.25, 3.9, 1234.5, 1.7, 2.0)


def test_a_full_queue_drops_the_latest_arrival():
    memory, line = bench(entries=3)
    for when in (5.0, 9.0, 7.0):
        queue_range(memory, line, 0, QueuedRange(0.0, when, when, 1.0, 0.0))
    queue_range(memory, line, 0, QueuedRange(0.0, 6.0, 6.0, 1.0, 0.0))
    assert [when for when, _ in drain(memory, line)] == [5.0, 6.0, 7.0]


@numba.njit
def most_in_flight(latency, jitter, integration, count):
    """Largest number of samples under way at once, counted without a line."""
    arrivals = np.full(64, np.inf)
    most = 0
    for k in range(count):
        now = k * integration
        under_way = 0
        free = 0
        for j in range(64):
            if arrivals[j] <= now:
                arrivals[j] = np.inf
            if arrivals[j] < np.inf:
                under_way += 1
            else:
                free = j
        wait = latency - jitter * math.log(uniform(np.uint64(5), STREAM_LATENCY, k))
        arrivals[free] = now + wait
        most = max(most, under_way + 1)
    return most


@pytest.mark.parametrize("name", list_scenarios())
def test_the_queue_has_room_for_every_sample_of_a_scenario(name):
    """The slowest rangefinder that the scenario can draw, over two million windows."""
    scenario = load_scenario(name)
    slowest = max(scenario.processing_s.support[1], 0.0) + scenario.extra_latency_s.support[1]
    jitter = scenario.jitter_s.support[1]
    assert math.isfinite(slowest + jitter)
    entries = places_in_flight(load_mission("hakuto-r-m2"), [scenario])
    assert most_in_flight(slowest, jitter, REFERENCE.integration, 2_000_000) <= entries
    assert entries <= 20


def test_the_queue_is_sized_for_the_slowest_of_several_scenarios():
    slow = load_scenario("noisy").replace(extra_latency_s={"uniform": [2.0, 8.0]})
    mission = load_mission("hakuto-r-m2")
    alone = places_in_flight(mission, [slow])
    assert places_in_flight(mission, [load_scenario("ideal"), slow]) == alone
    assert alone >= 8.0 / REFERENCE.integration
