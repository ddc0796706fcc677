"""The lander as built: each engine has its own errors, from streams that nothing else disturbs."""

import numpy as np
import pytest
from scipy import stats

from lunar_env.physics.rows import FRICTION, VEHICLE
from lunar_env.specs import load_mission
from tests.sim.lander_batch import LanderBatch, built

ROWS = 3000
LAWS = {
    "thrust_frac": {"normal": [0.0, 0.01]},
    "isp_frac": {"normal": [0.0, 0.005]},
    "lag_frac": {"uniform": [-0.3, 0.6]},
    "thrust_direction_deg": {"normal": [0.0, 0.2]},
    "com_offset_m": {"normal": [0.0, 0.005]},
    "inertia_frac": {"uniform": [-0.25, 0.25]},
    "mass_frac": {"normal": [0.0, 0.003]},
}


def drawn(name, **laws):
    mission = load_mission(name).replace(vehicle={"dispersion": {**LAWS, **laws}})
    landers = LanderBatch(mission, rows=ROWS)
    landers.reset()
    return landers


@pytest.fixture(scope="module")
def four():
    return drawn("chandrayaan-3")


def relative(landers, name, mission="chandrayaan-3"):
    """Errors of a number of each engine, relative to its design, [rows, engines]."""
    nominal = LanderBatch(built(mission))
    nominal.reset()
    return landers.engine(name) / nominal.engine(name) - 1.0


def vehicle(landers, name):
    return landers.memory[:, getattr(VEHICLE, name)]


def follows(sample, law):
    return stats.kstest(sample, law.cdf).pvalue > 1e-3


@pytest.mark.parametrize(
    ("name", "law"),
    [
        ("thrust_max", stats.norm(0.0, 0.01)),
        ("lag_up", stats.uniform(-0.3, 0.9)),
        ("lag_down", stats.uniform(-0.3, 0.9)),
    ],
)
def test_dispersions_of_each_engine_follow_their_distribution(four, name, law):
    errors = relative(four, name)
    assert errors.shape == (ROWS, 4)
    for e in range(4):
        assert follows(errors[:, e], law)
    correlation = np.corrcoef(errors.T) - np.eye(4)
    assert np.abs(correlation).max() < 0.08


def test_the_specific_impulse_changes_the_mass_flow_at_any_thrust(four):
    better = 1.0 / (1.0 + relative(four, "flow")) - 1.0
    for e in range(4):
        assert follows(better[:, e], stats.norm(0.0, 0.005))
    np.testing.assert_allclose(relative(four, "flow_rise"), relative(four, "flow"), atol=1e-12)
    # Nor does it come with more thrust.
    both = np.corrcoef(better.ravel(), relative(four, "thrust_max").ravel())[0, 1]
    assert abs(both) < 0.05


def test_thrust_misalignment_is_drawn_about_two_axes(four):
    straight = LanderBatch(built("chandrayaan-3"))
    straight.reset()
    leans = []
    for k in "xy":
        name = f"direction_{k}"
        off = np.degrees(np.arcsin(four.engine(name) - straight.engine(name)))
        leans += list(off.T)
    for lean in leans:
        assert follows(lean, stats.norm(0.0, 0.2))
    assert np.abs(np.corrcoef(leans) - np.eye(8)).max() < 0.08
    length = sum(four.engine(f"direction_{k}") ** 2 for k in "xyz")
    np.testing.assert_allclose(length, 1.0, atol=1e-14)


def test_centre_of_mass_and_inertia_are_dispersed_for_each_axis(four):
    offsets = [vehicle(four, "com_x"), vehicle(four, "com_y")]
    for offset in offsets:
        assert follows(offset, stats.norm(0.0, 0.005))
    nominal = LanderBatch(built("chandrayaan-3"))
    nominal.reset()
    moments = [vehicle(four, f"k2_{k}") / vehicle(nominal, f"k2_{k}")[0] - 1.0 for k in "xyz"]
    for moment in moments:
        assert follows(moment, stats.uniform(-0.25, 0.5))
    assert np.abs(np.corrcoef([*offsets, *moments]) - np.eye(5)).max() < 0.08


def test_totals_of_the_lander_follow_from_its_engines(four):
    thrust, flow = four.engine("thrust_max"), four.engine("flow")
    np.testing.assert_allclose(vehicle(four, "thrust_max"), thrust.sum(axis=1))
    mean = thrust.sum(axis=1) / (thrust * flow).sum(axis=1)
    np.testing.assert_allclose(vehicle(four, "v_e"), mean)
    slowest = (0.05 * four.engine("dead_ticks") + four.engine("lag_up")).max(axis=1)
    np.testing.assert_allclose(vehicle(four, "lag"), slowest)


def test_another_engine_does_not_change_the_draws_of_the_others(four):
    """Streams count engines: those of the same number have the same errors in any cluster."""
    two = drawn("apex-1")
    for name in ("thrust_max", "lag_up"):
        ours = relative(two, name, "apex-1")
        np.testing.assert_allclose(ours, relative(four, name)[:, :2], atol=1e-12)


def test_one_distribution_does_not_change_the_draws_of_others(four):
    calm = drawn("chandrayaan-3", thrust_frac=0.0)
    assert not relative(calm, "thrust_max").any()
    for name in ("lag_up", "flow", "direction_x", "direction_y"):
        assert np.array_equal(calm.engine(name), four.engine(name))
    assert np.array_equal(vehicle(calm, "com_x"), vehicle(four, "com_x"))
    assert np.array_equal(vehicle(calm, "mass_dry"), vehicle(four, "mass_dry"))
    assert np.array_equal(calm.memory[:, FRICTION], four.memory[:, FRICTION])


def test_the_same_key_gives_the_same_lander(four):
    again = drawn("chandrayaan-3")
    assert np.array_equal(again.memory, four.memory, equal_nan=True)
