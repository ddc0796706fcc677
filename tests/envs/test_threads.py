"""Sharing work between threads: every part once, whoever is free, and no error lost."""

import threading
import time

import pytest

from lunar_env.envs.threads import share


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_every_part_runs_once(threads):
    done = []
    share(done.append, 40, threads)
    assert sorted(done) == list(range(40))


def test_free_threads_take_the_next_part():
    """One slow part does not hold up the others."""
    doers: dict[int, int] = {}
    others_done = threading.Event()

    def work(part):
        doers[part] = threading.get_ident()
        if part == 0:
            assert others_done.wait(30.0)
        elif len(doers) == 12:
            others_done.set()

    share(work, 12, 2)
    assert len({doers[part] for part in range(1, 12)} - {doers[0]}) == 1
    assert [part for part, doer in doers.items() if doer == doers[0]] == [0]


def test_more_callers_than_threads_are_served():
    """Nobody waits for a helper who is busy elsewhere."""
    sums = [0] * 20

    def call(k):
        def work(_part):
            time.sleep(0.001)
            sums[k] += 1

        share(work, 5, 2)

    callers = [threading.Thread(target=call, args=(k,)) for k in range(20)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(30.0)
    assert sums == [5] * 20


def test_an_error_in_a_part_reaches_the_caller():
    def work(part):
        if part == 3:
            raise ValueError("part 3")

    with pytest.raises(ValueError, match="part 3"):
        share(work, 6, 2)
    done = []
    share(done.append, 6, 2)
    assert len(done) == 6
