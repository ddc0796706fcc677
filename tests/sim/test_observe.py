"""What a lander observes of its engines and of its own actions, under every control."""

import numpy as np
import pytest

from lunar_env.sim.fields import PAST_ACTIONS
from lunar_env.sim.world import EPISODE
from tests.sim.lander_batch import LanderBatch, built

FLOWN = [
    ("blue-ghost-m1", "throttle"),
    ("chandrayaan-3", "thrust_vector"),
    ("slim", "actuators"),
    ("im-1", "actuators"),
]


def make(mission, control, rows=3, history=1):
    landers = LanderBatch(built(mission), control=control, rows=rows, history=history)
    landers.reset(height_m=500.0)
    return landers


@pytest.mark.parametrize(("mission", "control"), FLOWN)
def test_each_engine_shows_its_fraction_of_its_own_thrust(mission, control):
    landers = make(mission, control)
    rng = np.random.default_rng(1)
    engines = landers.thrusts().shape[1]
    for _ in range(5):
        expected = landers.thrusts() / landers.engine("thrust_max")
        for e in range(8):
            found = landers.seen(f"eng{e + 1}_thrust_frac")
            if e < engines:
                np.testing.assert_allclose(found, expected[:, e], atol=1e-6)
            else:
                assert (found == 0.0).all()
        total = landers.thrusts().sum(axis=1) / landers.engine("thrust_max").sum(axis=1)
        np.testing.assert_allclose(landers.seen("thrust_frac"), total, atol=1e-6)
        assert (landers.seen("engine_on") == (total > 0.01)).all()
        landers.step(rng.uniform(-1.0, 1.0, (3, len(landers.actions))))
    assert np.ptp(expected) > 0.1


@pytest.mark.parametrize(("mission", "control"), FLOWN)
def test_the_last_four_actions_are_observed_after_clipping(mission, control):
    """The latest first, within the box; before the start, engines off, all else in the middle."""
    landers = make(mission, control)
    names = [field.name for field in landers.actions]
    idle = [-1.0 if name.startswith("throttle") else 0.0 for name in names]
    rng = np.random.default_rng(2)
    flown = [np.tile(idle, (3, 1))] * PAST_ACTIONS
    for _ in range(PAST_ACTIONS + 2):
        for k in range(1, PAST_ACTIONS + 1):
            seen = np.stack([landers.seen(f"prev_{name}_{k}") for name in names], axis=1)
            np.testing.assert_allclose(seen, np.clip(flown[-k], -1.0, 1.0), atol=1e-6)
        flown.append(rng.uniform(-1.5, 1.5, (3, len(names))))
        landers.step(flown[-1])
    landers.reset(height_m=500.0)
    seen = np.stack([landers.seen(f"prev_{name}_4") for name in names], axis=1)
    np.testing.assert_allclose(seen, flown[0])


def test_frames_shift_back_and_the_first_one_fills_the_history():
    landers = make("slim", "actuators", history=3)
    first = landers.seen("dr_v_z_m_s")
    for k in range(3):
        assert (landers.seen("dr_v_z_m_s", frame=k) == first).all()
    past = [first]
    for _ in range(4):
        landers.step(np.zeros(len(landers.actions)))
        past.append(landers.seen("dr_v_z_m_s"))
        for k in range(min(3, len(past))):
            assert (landers.seen("dr_v_z_m_s", frame=k) == past[-1 - k]).all()
    assert len({float(speeds[0]) for speeds in past}) == 5


def test_the_specific_force_is_the_mean_over_the_step():
    """Its impulse is the change of speed beyond free fall."""
    landers = make("hakuto-r-m2", "throttle")
    rng = np.random.default_rng(3)
    for _ in range(5):
        landers.memory[:, 6:10] = 1.0, 0.0, 0.0, 0.0
        landers.memory[:, 10:13] = 0.0
        before = landers.truth("v_z_m_s")
        landers.step(rng.uniform(-1.0, 1.0, (3, 1)))
        gained = landers.truth("v_z_m_s") - before + 0.2 * 4.902800118e12 / 1.7379e6**2
        np.testing.assert_allclose(0.2 * landers.memory[:, EPISODE.force.x + 2], gained, atol=2e-3)
        np.testing.assert_allclose(
            landers.seen("f_z_m_s2"), landers.memory[:, EPISODE.force.x + 2], atol=1e-5
        )


@pytest.mark.parametrize(("phase", "turned"), [("terminal", 0.01), ("powered", 0.4)])
def test_vertical_velocity_is_along_the_local_vertical(phase, turned):
    """At 600 km the target's axes are turned by a third of a radian."""
    landers = LanderBatch(phase=phase, rows=2)
    landers.reset()
    r = np.stack([landers.truth(f"r_{k}_m") for k in "xyz"], axis=1)
    r[:, 2] += 1.7374e6
    v = np.stack([landers.truth(f"v_{k}_m_s") for k in "xyz"], axis=1)
    up = r / np.linalg.norm(r, axis=1)[:, None]
    np.testing.assert_allclose(landers.seen("dr_v_up_m_s"), np.sum(up * v, axis=1), atol=1e-3)
    assert (np.linalg.norm(up[:, :2], axis=1) < turned).all()
    if phase == "powered":
        assert (np.abs(landers.seen("dr_v_up_m_s") - v[:, 2]) > 100.0).all()
