"""What a scenario with stakes takes from a lander, against the statement of each field."""

import numpy as np
import pytest
from scipy import stats

from lunar_env.physics.rows import ENGINE_STATE
from lunar_env.specs import load_mission, load_scenario
from tests.envs.flying import exact
from tests.sim.lander_batch import LanderBatch, built, throttle, thrusts_after

ROWS = 3000
SIGMA_M = 150.0


def started(mission="hakuto-r-m2", rows=ROWS, **changes):
    landers = LanderBatch(built(mission), scenario=exact(**changes), rows=rows)
    landers.reset()
    return landers


def test_an_overconfident_lander_is_not_told_the_factor_of_its_error():
    normal = {"normal": [0.0, SIGMA_M]}
    told = started(nav_height_error_m=normal)
    wide = started(nav_height_error_m=normal, nav_height_spread_frac={"uniform": [1.0, 4.0]})
    np.testing.assert_array_equal(wide.seen("dr_height_sigma_m"), told.seen("dr_height_sigma_m"))
    factor = wide.truth("nav_height_error_m") / told.truth("nav_height_error_m")
    assert stats.kstest(factor, stats.uniform(1.0, 3.0).cdf).pvalue > 1e-3
    # Independent of the error: the marginal is a mixture of normal distributions.
    error = wide.truth("nav_height_error_m") / SIGMA_M
    factors = np.linspace(1.0, 4.0, 301)

    def mixture(x):
        return stats.norm.cdf(np.divide.outer(x, factors)).mean(axis=-1)

    assert stats.kstest(error, mixture).pvalue > 1e-3
    assert np.mean(error**2) == pytest.approx(7.0, rel=0.1)  # (4**3 - 1)/9
    assert stats.kurtosis(error) > 0.5  # 1.18 in the limit, 0 for a normal distribution


def test_a_fixed_error_of_height_is_not_multiplied():
    landers = LanderBatch(scenario=exact(nav_height_spread_frac=3.0))
    landers.reset(nav_height_error_m=100.0)
    assert landers.truth("nav_height_error_m") == pytest.approx(100.0, abs=0.01)


@pytest.mark.parametrize(
    ("mission", "phase", "powered_kg"),
    [("hakuto-r-m2", "terminal", 408.0), ("slim", "approach", 215.0)],
)
def test_a_part_of_the_reserve_is_gone(mission, phase, powered_kg):
    lost = exact(reserve_lost_frac={"uniform": [0.3, 0.9]})
    landers = LanderBatch(built(mission), scenario=lost, phase=phase, rows=ROWS)
    landers.reset()
    full = load_mission(mission).phases.named(phase).propellant_kg
    gone = (full - landers.truth("propellant_kg")) / (0.03 * powered_kg)
    assert stats.kstest(gone, stats.uniform(0.3, 0.6).cdf).pvalue > 1e-3
    np.testing.assert_allclose(
        landers.seen("propellant_kg"), landers.truth("propellant_kg"), rtol=1e-5
    )


def test_weak_engines_give_less_than_the_lander_assumes():
    weak = started(
        "chandrayaan-3",
        engine_thrust_frac={"uniform": [0.9, 1.0]},
        engine_isp_frac={"uniform": [0.97, 1.0]},
    )
    told = started("chandrayaan-3", rows=1)
    thrust = weak.engine("thrust_max") / told.engine("thrust_max")
    isp = told.engine("flow") / weak.engine("flow")
    for ratio, low in ((thrust, 0.9), (isp, 0.97)):
        # One factor for all engines of a lander.
        np.testing.assert_allclose(ratio, ratio[:, :1].repeat(4, axis=1), rtol=1e-12)
        assert stats.kstest(ratio[:, 0], stats.uniform(low, 1.0 - low).cdf).pvalue > 1e-3
    assert abs(np.corrcoef(thrust[:, 0], isp[:, 0])[0, 1]) < 0.08
    for name in ("thrust_to_weight", "isp_s"):
        np.testing.assert_array_equal(weak.seen(name), told.seen(name)[0])


def test_full_throttle_of_weak_engines_has_the_drawn_force_and_flow():
    landers = LanderBatch(
        built("hakuto-r-m2"), scenario=exact(engine_thrust_frac=0.9, engine_isp_frac=0.98)
    )
    landers.reset()
    landers.at_once()
    landers.step(throttle(1.0))
    before = landers.truth("mass_kg")[0]
    assert landers.truth("thrust_N") == pytest.approx(0.9 * 1600.0)
    landers.step(throttle(1.0))
    burned = before - landers.truth("mass_kg")[0]
    assert burned == pytest.approx(0.2 * 1440.0 / (0.98 * 296.0 * 9.80665), rel=1e-3)


def valve_positions(fractions, stick, mission="hakuto-r-m2"):
    """Thrust of the first engine over its full thrust, after each command."""
    landers = LanderBatch(built(mission), scenario=exact(throttle_stick_frac=stick))
    landers.reset()
    landers.at_once()
    full = landers.engine("thrust_max")[0, 0]
    return [float(thrusts_after(landers, fraction)[0] / full) for fraction in fractions]


def test_a_sticking_valve_follows_larger_changes_only():
    commands = [0.5, 0.55, 0.59, 0.62, 0.53, 0.51, 1.0, 0.95]
    held = [0.5, 0.5, 0.5, 0.62, 0.62, 0.51, 1.0, 1.0]
    assert valve_positions(commands, 0.1) == pytest.approx(held, abs=1e-6)
    assert valve_positions(commands, 0.0) == pytest.approx(commands, abs=1e-6)


def test_shutdown_and_ignition_do_not_stick():
    assert valve_positions([0.05, 0.0, 0.05, 0.1], 0.2) == pytest.approx(
        [0.05, 0.0, 0.05, 0.05], abs=1e-6
    )


def test_pulsed_engines_have_no_valve_that_could_stick():
    commands = [0.5, 0.52, 0.54]
    assert valve_positions(commands, 0.2, "slim") == pytest.approx(
        valve_positions(commands, 0.0, "slim"), abs=1e-9
    )


def struck(scenario, mission="chandrayaan-3", seconds=600.0):
    """Height and engine at which the fault of each row strikes, from 500 m straight down."""
    landers = LanderBatch(built(mission), scenario=scenario, rows=400)
    landers.reset(height_m=500.0, v_vertical_m_s=-20.0, v_lateral_m_s=0.0)
    heights, which = np.full(400, np.nan), np.full(400, -1)
    for _ in range(200):
        before = landers.truth("height_m")
        landers.step(throttle(0.0))
        dead = landers.engine(ENGINE_STATE.health) == 0.0
        fresh = dead.any(axis=1) & (which < 0)
        heights[fresh], which[fresh] = before[fresh], dead.argmax(axis=1)[fresh]
        if (before < 40.0).any():
            break
    return heights / 500.0, which, dead


def test_one_drawn_engine_fails_at_a_drawn_height():
    fault = {"health_frac": 0.0, "below_start_frac": {"uniform": [0.2, 1.0]}}
    heights, which, dead = struck(exact(faults=[fault]))
    assert (dead.sum(axis=1) == 1).all()
    # Each control period at some 20 to 40 m/s is 1 % of the height, or 2.
    found = stats.kstest(heights, stats.uniform(0.2, 0.8).cdf)
    assert found.statistic < 0.1
    assert stats.chisquare(np.bincount(which, minlength=4)).pvalue > 1e-3


def test_the_scenario_takes_one_engine_anywhere():
    (fault,) = load_scenario("engine-out-any-time").faults
    assert (fault.engine, fault.health_frac) == (None, 0.0)
    assert fault.below_start_frac.support == (0.0, 1.0)
