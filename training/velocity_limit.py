"""What the error of the believed velocity alone costs: a limit for every law on that filter.

A lander that nulls the horizontal velocity that it believes to have touches down with the error of
that belief. Where the error is larger than the legs survive, no law on the same filter lands, but
by luck. The error is taken from the last command before the first contact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
from gymnasium.vector import AutoresetMode

from lunar_env import load_mission
from lunar_env.errors import ConfigError
from lunar_env.pilots import shown_to
from training.pilot_log import with_recording_filter
from training.seeds import Domain, episode_seeds
from training.truth import step_truth, truth_column
from training.vector_env import make_vector_env

if TYPE_CHECKING:
    from agents.base import Pilot
    from agents.navigation.types import Estimate
    from lunar_env.task import Task

__all__ = ["VelocityLimit", "velocity_limit"]

_TRUE = [truth_column("v_x_m_s"), truth_column("v_y_m_s")]


class VelocityLimit(NamedTuple):
    """Errors of the believed horizontal velocity, and what they allow."""

    error_m_s: np.ndarray  # (n,), size of the error at the last command before the first contact
    survivable_m_s: float  # largest lateral speed that the lander survives

    @property
    def share(self) -> float:
        """Share of the landings whose error is survivable [-]."""
        return float(np.mean(self.error_m_s <= self.survivable_m_s))


def velocity_limit(
    pilot: Pilot, task: Task, landings: int, seed: int, domain: Domain = Domain.TUNE
) -> VelocityLimit:
    """Fly a pilot and compare the velocity that its filter believes with the true one.

    Parameters
    ----------
    pilot : Pilot
        ``law+filter``.
    task : Task
        Mission, scenario and the other arguments of the environment.
    landings : int
        Number of episodes; each is a row of the environment.
    seed : int
        The user's seed, which determines the episodes together with the domain.
    domain : Domain, optional
        What the episodes are used for.

    Returns
    -------
    VelocityLimit
        One error per landing.

    Raises
    ------
    ConfigError
        If the pilot has no filter whose estimate can be recorded.
    """
    flown, recording = with_recording_filter(pilot)
    if recording is None:
        raise ConfigError(
            f"pilot {pilot.name!r} has no navigation filter; give law+filter, as in"
            " 'hoverslam+kalman'"
        )
    env = make_vector_env(task, landings, AutoresetMode.NEXT_STEP, None)
    observation, _ = env.reset(seed=episode_seeds(seed, domain, landings))
    rows, error = np.arange(landings), np.zeros(landings)
    flying, start, state = np.ones(landings, dtype=np.bool_), np.ones(landings, np.bool_), None
    while flying.any():
        action, state = flown.predict(shown_to(flown, observation, env), state, start)
        estimate = cast("Estimate", recording.latest)  # the pilot has just asked for it
        believed = np.stack((estimate.v_x_m_s, estimate.v_y_m_s), axis=1)
        wrong = np.linalg.norm(believed - env.privileged[:, _TRUE], axis=1)
        error = np.where(flying, wrong, error)
        observation, _, terminated, truncated, _ = env.step(action)
        flying &= ~(terminated | truncated | step_truth(env, rows).touched)
        start = np.zeros(landings, dtype=np.bool_)
    env.close()
    vehicle = load_mission(task.mission).vehicle
    return VelocityLimit(error, float(vehicle.limits.survivable.v_lateral_m_s))
