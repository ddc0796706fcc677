"""Missions on their days: what their own pilots bring about, and where they pass on their way."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from gymnasium.vector import AutoresetMode

from lunar_env import load_mission
from lunar_env.data.constants import R_MOON
from lunar_env.pilots import resolve
from lunar_env.specs.quantity import Draw
from lunar_env.task import Task
from tests.envs.flying import TRUE
from training.missions.cases import Case, FlownPart, as_flown_of
from training.vector_env import make_vector_env

if TYPE_CHECKING:
    from lunar_env.specs.phase import PhaseSpec
    from training.results import Landings

PASSED = ("downrange_m", "v_forward_m_s", "v_vertical_m_s", "propellant_kg")


def flown(mission: str, scenario: str, rows: int) -> Landings:
    """Figures of a mission's own pilot."""
    return FlownPart(Case(mission, scenario), 0, 0, rows).run()


def outside(figures: Landings, mission: str) -> dict[str, float]:
    """Medians of the published figures that miss their bands."""
    medians = {
        figure.name: (float(np.nanmedian(figures[figure.name])), figure.band)
        for figure in as_flown_of(mission).published
        if figure.band is not None
    }
    return {name: got for name, (got, (low, high)) in medians.items() if not low <= got <= high}


def on_the_way(mission: str, heights: dict[str, float], rows: int) -> dict[str, np.ndarray]:
    """What `PASSED` names, (rows, 4), where the own pilot's descent from afar passes heights."""
    task = Task(mission, "noisy", control="thrust_vector", phase="powered")
    pilot = resolve("own", task).pilot
    env = make_vector_env(task, rows, AutoresetMode.DISABLED)
    azimuth = math.radians(load_mission(mission).phases.powered.approach_azimuth_deg)
    observation, _ = env.reset(seed=3)
    state, start = None, np.ones(rows, np.bool_)
    passed = {name: np.full((rows, len(PASSED)), np.nan) for name in heights}
    lowest = min(passed, key=heights.__getitem__)
    while np.isnan(passed[lowest][:, 0]).any():
        action, state = pilot.predict(observation, state, start)
        start = np.zeros(rows, np.bool_)
        observation, _, terminated, truncated, _ = env.step(action)
        assert not (terminated | truncated).any()
        truth = env.privileged
        for name, height in heights.items():
            now = np.isnan(passed[name][:, 0]) & (truth[:, TRUE["height_m"]] <= height)
            passed[name][now] = _seen(truth[now], azimuth)
    return passed


def _seen(truth: np.ndarray, azimuth: float) -> np.ndarray:
    """Downrange to go, forward speed, fall speed and propellant, (k, 4)."""
    r = truth[:, [TRUE[f"r_{axis}_m"] for axis in "xyz"]] + np.array([0.0, 0.0, R_MOON])
    v = truth[:, [TRUE[f"v_{axis}_m_s"] for axis in "xyz"]]
    up = r / np.linalg.norm(r, axis=1, keepdims=True)
    ahead = np.array([math.sin(azimuth), math.cos(azimuth)])
    climb = np.sum(v * up, axis=1)
    forward = (v - climb[:, None] * up)[:, :2] @ ahead
    back = -R_MOON * np.arctan2(r[:, :2] @ ahead, r[:, 2])
    return np.column_stack((back, forward, -climb, truth[:, TRUE["propellant_kg"]]))


def box_of(phase: PhaseSpec) -> dict[str, tuple[float, float]]:
    """Between which values a phase starts, to three sigma."""
    height = sum(_ends(phase.height_m)) / 2.0
    fall = phase.v_vertical_m_s
    on_plan = math.sqrt(
        phase.plan_touchdown_speed_m_s**2 + 2.0 * phase.plan_deceleration_m_s2 * height
    )
    vertical = Draw("constant", (on_plan,)) if fall is None else fall
    place, side = _ends(phase.position_east_m)[1], _ends(phase.v_lateral_m_s)[1]
    sums = {
        "downrange_m": (phase.downrange_m, place),
        "v_forward_m_s": (phase.v_forward_m_s, side),
        "v_vertical_m_s": (vertical, _ends(phase.v_vertical_scatter_m_s)[1]),
        "propellant_kg": (Draw("constant", (phase.propellant_kg,)), 0.0),
    }
    return {
        name: (_ends(draw)[0] - more, _ends(draw)[1] + more) for name, (draw, more) in sums.items()
    }


def _ends(draw: Draw) -> tuple[float, float]:
    """Ends of a distribution, of a normal one three sigma from its middle."""
    if draw.kind == "normal":
        middle, sigma = draw.parameters
        return middle - 3.0 * sigma, middle + 3.0 * sigma
    return draw.support


def middle_of(phase: PhaseSpec) -> float:
    """Height at which a phase starts, on average."""
    return sum(_ends(phase.height_m)) / 2.0
