"""The phases are parts of one descent: who flies down from `powered` comes by where `terminal`
starts."""

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from lunar_env import PRIVILEGED_FIELDS
from lunar_env.pilots import resolve, shown_to
from lunar_env.specs import list_missions, load_mission
from lunar_env.task import Task
from training.vector_env import make_vector_env

FIELD = {field.name: number for number, field in enumerate(PRIVILEGED_FIELDS)}
STEPS = 6000  # of 0.2 s at least: longer than any descent
# What an attitude turns by in two or three seconds is no difference between two starts; nor is a
# tenth of the propellant, of which a start has no scatter and the flights that come by have.
TURN_DEG = 20.0
PROPELLANT_FRAC = 0.1
# Starts scatter around a mean by what they say: the median of the flights is within three sigma.
SIGMAS = 3.0
MISSIONS = [name for name in list_missions() if "powered" in load_mission(name).phases.offered]
Passing = dict[str, np.ndarray]


def seen(truth: np.ndarray, mission: str) -> Passing:
    """Height, speed down, and velocity and place along and across the flight, per row."""
    azimuth = np.radians(load_mission(mission).phases.named("powered").approach_azimuth_deg)
    ahead = np.array([np.sin(azimuth), np.cos(azimuth)])
    right = np.array([ahead[1], -ahead[0]])
    place = truth[:, [FIELD["r_x_m"], FIELD["r_y_m"]]]
    velocity = truth[:, [FIELD["v_x_m_s"], FIELD["v_y_m_s"]]]
    return {
        "height_m": truth[:, FIELD["altitude_m"]],
        "down_m_s": -truth[:, FIELD["v_z_m_s"]],
        "forward_m_s": velocity @ ahead,
        "cross_m_s": velocity @ right,
        "before_m": -place @ ahead,
        "aside_m": place @ right,
        "tilt_deg": np.degrees(truth[:, FIELD["tilt_rad"]]),
        "propellant_kg": truth[:, FIELD["propellant_kg"]],
    }


def starts(mission: str, phase: str, rows: int = 100) -> Passing:
    """How the episodes of a phase start."""
    task = Task(mission, "ideal", control="thrust_vector", phase=phase)
    env = make_vector_env(task, rows, AutoresetMode.NEXT_STEP)
    env.reset(seed=1)
    return seen(env.privileged, mission)


def passings(mission: str, height_m: float, rows: int) -> Passing:
    """How the mission's own pilot, flying from the powered start, passes a height."""
    task = Task(mission, "ideal", control="thrust_vector", phase="powered")
    entry = resolve("own", task)
    env = make_vector_env(entry.task, rows, AutoresetMode.NEXT_STEP)
    observation, _ = env.reset(seed=0)
    memory, fresh = None, np.ones(rows, dtype=np.bool_)
    met = np.full((rows, len(PRIVILEGED_FIELDS)), np.nan)
    lost = np.zeros(rows, dtype=np.bool_)
    for _ in range(STEPS):
        shown = shown_to(entry.pilot, observation, env)
        action, memory = entry.pilot.predict(shown, memory, fresh)
        fresh = np.zeros(rows, dtype=np.bool_)
        observation, _, terminated, truncated, _ = env.step(action)
        lost |= terminated | truncated
        open_ = np.isnan(met[:, 0])
        now = open_ & ~lost & (env.privileged[:, FIELD["altitude_m"]] <= height_m)
        met[now] = env.privileged[now]
        if not (open_ & ~now & ~lost).any():
            break
    return seen(met, mission)


def assert_joins(mission: str, rows: int) -> None:
    """The medians of the passings lie in the box of the starts, and nobody is lost before."""
    box = starts(mission, "terminal")
    flown = passings(mission, float(np.mean(box["height_m"])), rows)
    assert not np.isnan(flown["height_m"]).any()
    off = {}
    for name in ("down_m_s", "forward_m_s", "cross_m_s", "before_m", "aside_m"):
        off[name] = (np.median(flown[name]) - np.mean(box[name])) / np.std(box[name]) / SIGMAS
    off["tilt_deg"] = (np.median(flown["tilt_deg"]) - np.mean(box["tilt_deg"])) / TURN_DEG
    most = PROPELLANT_FRAC * box["propellant_kg"][0]
    off["propellant_kg"] = (np.median(flown["propellant_kg"]) - box["propellant_kg"][0]) / most
    assert max(map(abs, off.values())) <= 1.0, off


def test_resilience_passes_the_start_of_its_final_descent() -> None:
    assert_joins("hakuto-r-m2", 8)


@pytest.mark.slow
@pytest.mark.parametrize("mission", MISSIONS)
def test_own_pilots_pass_the_start_of_the_terminal_phase(mission: str) -> None:
    assert_joins(mission, 16)
