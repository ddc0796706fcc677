"""Faults of the sensors besides the rangefinder, and propellant lost before the start."""

import numpy as np
import pytest

from lunar_env.sensors.events import CAMERA, RADAR, RANGEFINDER, SENSOR_NAMES, VELOCIMETER
from lunar_env.specs import load_mission
from lunar_env.specs.quantity import Draw
from lunar_env.specs.scenario import ScenarioSpec
from tests.envs.flying import exact
from tests.sensors.falling import ALL, fall, same
from tests.sim.lander_batch import LanderBatch, built

NEW = {
    "propellant_frac": 1.0,
    **dict.fromkeys(("camera_height_bias_m", "camera_place_bias_m", "camera_dead_frac"), 0.0),
    **dict.fromkeys(("velocimeter_dead_frac", "radar_dead_frac"), 0.0),
}


@pytest.fixture(scope="module")
def usual():
    return fall(height_m=1000.0)


def test_by_default_there_are_no_sensor_faults(usual):
    for name, value in NEW.items():
        assert ScenarioSpec.model_fields[name].default == Draw("constant", (value,))
    assert same(usual, fall(scenario=exact(**NEW)), RANGEFINDER, VELOCIMETER, RADAR, CAMERA)


def test_a_wrong_map_shifts_every_fix_equally(usual):
    faults = {"camera_height_bias_m": 80.0, "camera_place_bias_m": {"normal": [0.0, 250.0]}}
    wrong = fall(scenario=exact(**faults))
    shift = wrong.of(CAMERA).samples[:, 3:6] - usual.of(CAMERA).samples[:, 3:6]
    np.testing.assert_allclose(shift[:, 2], 80.0, atol=1e-9)
    for row in range(8):
        mine = shift[wrong.of(CAMERA).rows == row, :2]
        np.testing.assert_allclose(mine, np.broadcast_to(mine[0], mine.shape), atol=1e-9)
    assert np.abs(shift[:, 0]).min() > 0.0
    assert not np.allclose(shift[:, 0], shift[:, 1], atol=1.0)
    assert same(usual, wrong, RANGEFINDER, VELOCIMETER, RADAR)


def test_the_map_error_follows_its_distribution():
    dispersed = exact(camera_place_bias_m={"normal": [0.0, 250.0]})
    flight = fall(scenario=dispersed, rows=256).of(CAMERA)
    first = np.unique(flight.rows, return_index=True)[1]
    assert len(first) > 200
    for axis in (0, 1):
        error = flight.samples[first, 3 + axis] - flight.true(axis)[first]
        assert error.mean() == pytest.approx(0.0, abs=4.0 * 250.0 / np.sqrt(len(first)))
        assert error.std() == pytest.approx(250.0, rel=0.2)


@pytest.mark.parametrize("sensor", list(ALL))
def test_a_dead_unit_sends_nothing_and_changes_no_other_draw(usual, sensor):
    dead = fall(scenario=exact(**{f"{sensor}_dead_frac": 1.0}))
    number = SENSOR_NAMES.index(sensor)
    assert len(usual.of(number).samples) > 0
    assert len(dead.of(number).samples) == 0
    prefix = {"velocimeter": "dvl", "radar": "ralt", "camera": "cam"}[sensor]
    assert (dead.landers.seen(f"{prefix}_valid") == 0.0).all()
    np.testing.assert_allclose(dead.landers.seen(f"{prefix}_age_s"), 20.0)
    others = [n for n in (RANGEFINDER, VELOCIMETER, RADAR, CAMERA) if n != number]
    assert same(usual, dead, *others)


@pytest.mark.parametrize("sensor", list(ALL))
def test_the_fraction_of_dead_units_is_that_of_the_scenario(sensor):
    flight = fall(scenario=exact(**{f"{sensor}_dead_frac": 0.3}), rows=400)
    alive = len(set(flight.of(SENSOR_NAMES.index(sensor)).rows))
    assert alive / 400 == pytest.approx(0.7, abs=0.1)


def test_the_tanks_have_the_propellant_fraction_of_the_scenario():
    fraction = exact(propellant_frac={"uniform": [0.4, 0.6]})
    full, leaked = (
        LanderBatch(built("peregrine-1"), scenario=s, rows=200) for s in (exact(), fraction)
    )
    for landers in (full, leaked):
        landers.reset()
    phase = load_mission("peregrine-1").phases.terminal
    assert full.truth("propellant_kg") == pytest.approx(phase.propellant_kg)
    held = leaked.truth("propellant_kg") / phase.propellant_kg
    assert 0.4 <= held.min() < 0.42
    assert 0.58 < held.max() <= 0.6
    lost = full.truth("mass_kg") - leaked.truth("mass_kg")
    np.testing.assert_allclose(lost, full.truth("propellant_kg") * (1.0 - held))
    np.testing.assert_allclose(
        leaked.seen("propellant_kg"), leaked.truth("propellant_kg"), rtol=1e-5
    )
