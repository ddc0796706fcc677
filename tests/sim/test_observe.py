"""What a lander observes of its engines and of its own actions, under every control."""

import numpy as np
import pytest

from lunar_env.sim.fields import PAST_ACTIONS
from lunar_env.sim.world import EPISODE
from tests.sim.hangar import Hangar, built

FLOWN = [
    ("blue-ghost-m1", "throttle"),
    ("chandrayaan-3", "thrust_vector"),
    ("slim", "actuators"),
    ("im-1", "actuators"),
]


def make(mission, control, rows=3, history=1):
    hangar = Hangar(built(mission), control=control, rows=rows, history=history)
    hangar.reset(height_m=500.0)
    return hangar


@pytest.mark.parametrize(("mission", "control"), FLOWN)
def test_each_engine_shows_its_fraction_of_its_own_thrust(mission, control):
    hangar = make(mission, control)
    rng = np.random.default_rng(1)
    engines = hangar.thrusts().shape[1]
    for _ in range(5):
        expected = hangar.thrusts() / hangar.engine("thrust_max")
        for e in range(8):
            found = hangar.seen(f"eng{e + 1}_thrust_frac")
            if e < engines:
                np.testing.assert_allclose(found, expected[:, e], atol=1e-6)
            else:
                assert (found == 0.0).all()
        total = hangar.thrusts().sum(axis=1) / hangar.engine("thrust_max").sum(axis=1)
        np.testing.assert_allclose(hangar.seen("thrust_frac"), total, atol=1e-6)
        assert (hangar.seen("engine_on") == (total > 0.01)).all()
        hangar.step(rng.uniform(-1.0, 1.0, (3, len(hangar.actions))))
    assert np.ptp(expected) > 0.1


@pytest.mark.parametrize(("mission", "control"), FLOWN)
def test_the_last_four_actions_are_observed_after_clipping(mission, control):
    """The latest first, within the box; before the start, engines off, all else in the middle."""
    hangar = make(mission, control)
    names = [field.name for field in hangar.actions]
    idle = [-1.0 if name.startswith("throttle") else 0.0 for name in names]
    rng = np.random.default_rng(2)
    flown = [np.tile(idle, (3, 1))] * PAST_ACTIONS
    for _ in range(PAST_ACTIONS + 2):
        for k in range(1, PAST_ACTIONS + 1):
            seen = np.stack([hangar.seen(f"prev_{name}_{k}") for name in names], axis=1)
            np.testing.assert_allclose(seen, np.clip(flown[-k], -1.0, 1.0), atol=1e-6)
        flown.append(rng.uniform(-1.5, 1.5, (3, len(names))))
        hangar.step(flown[-1])
    hangar.reset(height_m=500.0)
    seen = np.stack([hangar.seen(f"prev_{name}_4") for name in names], axis=1)
    np.testing.assert_allclose(seen, flown[0])


def test_frames_shift_back_and_the_first_one_fills_the_history():
    hangar = make("slim", "actuators", history=3)
    first = hangar.seen("dr_v_z_m_s")
    for k in range(3):
        assert (hangar.seen("dr_v_z_m_s", frame=k) == first).all()
    past = [first]
    for _ in range(4):
        hangar.step(np.zeros(len(hangar.actions)))
        past.append(hangar.seen("dr_v_z_m_s"))
        for k in range(min(3, len(past))):
            assert (hangar.seen("dr_v_z_m_s", frame=k) == past[-1 - k]).all()
    assert len({float(speeds[0]) for speeds in past}) == 5


def test_the_specific_force_is_the_mean_over_the_step():
    """Its impulse is the change of speed beyond free fall."""
    hangar = make("hakuto-r-m2", "throttle")
    rng = np.random.default_rng(3)
    for _ in range(5):
        hangar.memory[:, 6:10] = 1.0, 0.0, 0.0, 0.0
        hangar.memory[:, 10:13] = 0.0
        before = hangar.truth("v_z_m_s")
        hangar.step(rng.uniform(-1.0, 1.0, (3, 1)))
        gained = hangar.truth("v_z_m_s") - before + 0.2 * 4.902800118e12 / 1.7379e6**2
        np.testing.assert_allclose(0.2 * hangar.memory[:, EPISODE.force.x + 2], gained, atol=2e-3)
        np.testing.assert_allclose(
            hangar.seen("f_z_m_s2"), hangar.memory[:, EPISODE.force.x + 2], atol=1e-5
        )


@pytest.mark.parametrize(("phase", "turned"), [("terminal", 0.01), ("powered", 0.4)])
def test_vertical_velocity_is_along_the_local_vertical(phase, turned):
    """At 600 km the target's axes are turned by a third of a radian."""
    hangar = Hangar(phase=phase, rows=2)
    hangar.reset()
    r = np.stack([hangar.truth(f"r_{k}_m") for k in "xyz"], axis=1)
    r[:, 2] += 1.7374e6
    v = np.stack([hangar.truth(f"v_{k}_m_s") for k in "xyz"], axis=1)
    up = r / np.linalg.norm(r, axis=1)[:, None]
    np.testing.assert_allclose(hangar.seen("dr_v_up_m_s"), np.sum(up * v, axis=1), atol=1e-3)
    assert (np.linalg.norm(up[:, :2], axis=1) < turned).all()
    if phase == "powered":
        assert (np.abs(hangar.seen("dr_v_up_m_s") - v[:, 2]) > 100.0).all()
