"""Flights to make pages of."""

from typing import Any, NamedTuple

import pytest

from lunar_env.flyer import Flyer
from lunar_env.pilots import resolve
from lunar_env.task import Task
from lunar_env.telemetry import Flight


class Flown(NamedTuple):
    flight: Flight
    env: Any  # reset to the same episode


def fly_one(pilot, task, seed=32, most_steps=None):
    flyer = Flyer(resolve(pilot, task))
    for k, _ in enumerate(flyer.instants(seed)):
        if k == most_steps:
            break
    return Flown(flyer.recorder.flight, flyer.env)


@pytest.fixture(name="fly")
def fly_fixture():
    return fly_one


@pytest.fixture(scope="session")
def flown():
    """Resilience's lander lands after a late first range."""
    return fly_one("hoverslam+kalman", Task("hakuto-r-m2", "late-acquisition"))


@pytest.fixture(scope="session")
def flown_from_afar():
    """The first minute of a powered descent, beyond the horizon."""
    task = Task("chandrayaan-3", "noisy", control="thrust_vector", phase="powered")
    return fly_one("own", task, most_steps=300)
