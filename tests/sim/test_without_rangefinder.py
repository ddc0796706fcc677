"""A lander without a laser rangefinder: its radar is what measures the height, for all on board."""

import numpy as np
import pytest

from lunar_env import OBSERVATION_FIELDS, LunarLandingVectorEnv
from lunar_env.pilots import resolve
from lunar_env.specs import load_mission
from lunar_env.task import Task
from training.evaluate import evaluate

APOLLO = load_mission("apollo-11")
INDEX = {field.name: number for number, field in enumerate(OBSERVATION_FIELDS)}
SCALE = {field.name: field.scale for field in OBSERVATION_FIELDS}
ROWS = 40
# Elements of the rangefinder that are not zero without one: that it is off, how old a range is that
# never came, and the mounting, that of the radar.
NOT_ZERO = {"lrf_off": 1.0, "lrf_last_age_s": 20.0, "lrf_mount_offset_m": 1.0}


def seen(observation: np.ndarray, name: str) -> np.ndarray:
    return observation[:, INDEX[name]] * SCALE[name]


@pytest.fixture(scope="module")
def descended():
    """Apollo 11 from P64 on, 20 s at the thrust of its weight."""
    env = LunarLandingVectorEnv(ROWS, mission="apollo-11", scenario="noisy", phase="terminal")
    observation, _ = env.reset(seed=0)
    start = observation.copy()
    for _ in range(100):
        weight = np.clip(2.0 / seen(observation, "thrust_to_weight") - 1.0, -1.0, 1.0)
        observation, *_ = env.step(weight.astype(np.float32)[:, np.newaxis])
    return start, observation, env


def test_apollo_carries_no_laser() -> None:
    assert APOLLO.rangefinder is None
    assert APOLLO.radar is not None
    assert APOLLO.velocimeter is not None


def test_the_block_of_the_rangefinder_stays_zero(descended) -> None:
    for observation in descended[:2]:
        for name in INDEX:
            if name.startswith("lrf"):
                expected = NOT_ZERO.get(name, 0.0)
                assert seen(observation, name) == pytest.approx(expected, abs=1e-6), name


def test_the_autopilot_takes_its_height_from_the_radar(descended) -> None:
    """To the radar's errors, 1 % and 2 m a sample and 0.5 % a unit, and the error of an age of a
    second; dead reckoning alone is 150 m off."""
    _, observation, env = descended
    height = env.glimpse(["episode.height"], np.arange(ROWS))[:, 0]
    assert (seen(observation, "est_has_fix") > 0.5).all()
    wrong = seen(observation, "est_height_m") - height
    assert np.sqrt(np.mean(wrong**2)) < 0.02 * np.median(height) + 4.0
    dead = seen(observation, "dr_height_m") - height
    assert np.sqrt(np.mean(dead**2)) > 100.0


@pytest.mark.parametrize("pilot", ["hoverslam+naive", "hoverslam+apollo", "hoverslam+kalman"])
def test_every_filter_lands_on_the_radar(pilot: str) -> None:
    entry = resolve(pilot, Task(APOLLO, "noisy", control="thrust_vector", phase="approach"))
    table = evaluate(entry.pilot, entry.task, ROWS, 0, label=pilot, batch=ROWS)
    assert np.nanmedian(table["first_fix_height_m"]) > 1000.0
    assert np.nanmedian(table["v_vertical_m_s"]) < 3.0
