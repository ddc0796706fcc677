"""What the lander knows of its tanks and engines: a gauge and a switch with errors."""

import numpy as np
import pytest
from scipy import stats

from lunar_env.sim.frame import OBSERVATION_FIELDS
from lunar_env.specs import load_mission
from tests.envs.flying import PERFECT_GAUGES
from tests.sim.lander_batch import LanderBatch, built, throttle

NAMES = [field.name for field in OBSERVATION_FIELDS]


def make(rows=200, **gauges):
    landers = LanderBatch(built("hakuto-r-m2", {"gauges": {**PERFECT_GAUGES, **gauges}}), rows=rows)
    landers.reset()
    return landers


def error(landers):
    return landers.seen("propellant_kg") - landers.truth("propellant_kg")


def test_the_gauge_has_a_constant_scale_error_and_offset():
    scale = make(propellant_scale_frac={"normal": [0.0, 0.05]})
    offset = make(propellant_offset_kg={"normal": [0.0, 2.0]})
    first = error(scale) / scale.truth("propellant_kg"), error(offset)
    assert first[0].std() == pytest.approx(0.05, rel=0.2)
    assert first[1].std() == pytest.approx(2.0, rel=0.2)
    for _ in range(20):
        scale.step(throttle(1.0))
        offset.step(throttle(1.0))
    assert (scale.truth("propellant_kg") < 38.0).all()
    np.testing.assert_allclose(error(scale) / scale.truth("propellant_kg"), first[0], atol=1e-6)
    np.testing.assert_allclose(error(offset), first[1], atol=1e-4)


def test_the_gauge_is_quantised_and_never_negative():
    coarse = make(propellant_resolution_kg=0.5)
    for _ in range(10):
        coarse.step(throttle(0.6))
        steps = coarse.seen("propellant_kg") / 0.5
        np.testing.assert_allclose(steps, np.round(steps), atol=1e-4)
        assert (np.abs(error(coarse)) <= 0.25 + 1e-4).all()
    assert (make(propellant_offset_kg=-100.0).seen("propellant_kg") == 0.0).all()


def test_the_thrust_switch_closes_at_its_own_threshold():
    landers = make(engine_switch_frac={"uniform": [0.2, 0.8]})
    seen = []
    for fraction in np.linspace(0.1, 1.0, 10):
        for _ in range(8):  # the lag
            landers.step(throttle(fraction))
        seen.append(landers.seen("engine_on"))
    closed = np.sum(seen, axis=0)
    assert closed.min() <= 4
    assert closed.max() >= 7
    assert (np.diff(seen, axis=0) >= 0.0).all()


def test_each_gauge_error_is_drawn_independently():
    """One of them left out changes nothing of the others, nor of the flight."""
    laws = {
        "propellant_scale_frac": {"normal": [0.0, 0.01]},
        "engine_switch_frac": {"uniform": [0.1, 0.3]},
    }
    both, one = make(**laws), make(propellant_scale_frac=laws["propellant_scale_frac"])
    for landers in (both, one):
        landers.step(throttle(0.2))
    mine = [k for k, name in enumerate(NAMES) if name != "engine_on"]
    np.testing.assert_array_equal(both.world.observation[:, mine], one.world.observation[:, mine])
    off = make()
    off.step(throttle(0.2))
    np.testing.assert_array_equal(off.memory[:, :15], both.memory[:, :15])


def test_without_gauges_in_its_file_a_lander_reads_true_values():
    table = load_mission("slim").vehicle.to_table()
    del table["gauges"]
    vehicle = type(load_mission("slim").vehicle).from_table(table)
    assert vehicle.gauges.propellant_scale_frac.parameters == (0.0,)
    assert vehicle.gauges.propellant_resolution_kg == 0.0


def test_errors_of_the_gauge_are_normal_and_independent():
    """Both laws at once over two thousand landers, told apart by two levels of the tank."""
    laws = {
        "propellant_scale_frac": {"normal": [0.01, 0.03]},
        "propellant_offset_kg": {"normal": [-0.5, 2.0]},
    }
    landers = make(rows=2000, **laws)
    levels = [landers.truth("propellant_kg")]
    found = [error(landers)]
    for _ in range(60):
        landers.step(throttle(1.0))
    levels.append(landers.truth("propellant_kg"))
    found.append(error(landers))
    scale = (found[0] - found[1]) / (levels[0] - levels[1])
    offset = found[0] - scale * levels[0]
    assert stats.kstest((scale - 0.01) / 0.03, "norm").pvalue > 1e-4
    assert stats.kstest((offset + 0.5) / 2.0, "norm").pvalue > 1e-4
    assert abs(np.corrcoef(scale, offset)[0, 1]) < 4.0 / np.sqrt(2000.0)
