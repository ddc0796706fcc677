"""The sigma of the dead-reckoned climb rate at orbital speed, where an error of place turns it."""

from __future__ import annotations

import numpy as np
import pytest

from agents import make_pilot
from lunar_env import PRIVILEGED_FIELDS, LunarLandingVectorEnv
from lunar_env.data.constants import R_MOON

FLIGHTS = 300
TRUTH = {field.name: k for k, field in enumerate(PRIVILEGED_FIELDS)}


def climb_rate(true):
    """Velocity [m/s] along the local vertical, from the privileged state, (n,)."""
    r = true[:, [TRUTH[f"r_{axis}_m"] for axis in "xyz"]] + np.array([0.0, 0.0, R_MOON])
    v = true[:, [TRUTH[f"v_{axis}_m_s"] for axis in "xyz"]]
    return np.sum(r * v, axis=1) / np.linalg.norm(r, axis=1)


@pytest.mark.slow
def test_sigma_of_the_climb_rate_is_right_in_the_braking_burn():
    """Mean squares of 300 independent flights are 1 within 3 sigma of 0.08; 95 % within 2 sigma."""
    env = LunarLandingVectorEnv(
        FLIGHTS, "chandrayaan-3", "noisy", phase="powered", control="thrust_vector"
    )
    fields = {field.name: (k, field.scale) for k, field in enumerate(env.observation_fields)}
    pilot = make_pilot("e-guidance+kalman", env.observation_fields, mission="chandrayaan-3")
    shown, _ = env.reset(seed=50_000)
    state, starts = None, np.ones(FLIGHTS, bool)
    squares = []
    for _ in range(1000):  # 200 s
        told = [
            shown[:, k].astype(np.float64) * scale
            for k, scale in (fields["dr_v_up_m_s"], fields["dr_v_vertical_sigma_m_s"])
        ]
        squares.append(((told[0] - climb_rate(env.privileged.astype(np.float64))) / told[1]) ** 2)
        action, state = pilot.predict(shown, state, starts)
        shown, _, terminated, truncated, _ = env.step(action)
        assert not np.any(terminated | truncated)
        starts[:] = False
    env.close()
    means = np.array([square.mean() for square in squares])
    assert means.min() > 0.75
    assert means.max() < 1.25
    assert np.mean(np.array(squares) <= 4.0) == pytest.approx(0.954, abs=0.036)
