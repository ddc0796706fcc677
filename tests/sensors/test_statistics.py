"""Monte Carlo of the other sensors: each number of each data file, recovered from many flights."""

import math

import numpy as np
import pytest
from scipy import stats

from lunar_env.physics.mass import com_height
from lunar_env.physics.rows import load_vehicle
from lunar_env.sensors.events import CAMERA, RADAR, VELOCIMETER
from lunar_env.sensors.rows import CAM, CHANNEL, DVL, RALT
from lunar_env.specs import load_terrain
from lunar_env.specs.parts import list_parts, load_part
from lunar_env.specs.terrain import FeatureSpec, make_ground
from tests.envs.flying import exact
from tests.sensors.falling import NDL, fall, fitted

ROWS, STEPS, HEIGHT = 320, 40, 2600.0
KINDS = {"radar": RADAR, "velocimeter": VELOCIMETER, "camera": CAMERA}
UNITS = [(kind, name) for kind in KINDS for name in list_parts(kind) if "gaudet" not in name]
SCALE_ERROR = int(RALT) + CHANNEL.scale_error
OFFSET = 0.5  # m, below the centre of mass
FEW = 1e-4  # least p value of a test: some hundred are made


@pytest.fixture(scope="module", params=UNITS, ids=lambda unit: f"{unit[0]}-{unit[1]}")
def flown(request):
    """A kind, its unit and what it measured on many landers that fall for 8 s, well in range."""
    part, name = request.param
    unit = load_part(part, name)
    fit = {**dict.fromkeys(KINDS), part: values(unit)}
    flight = fall(fitted(**fit), rows=ROWS, steps=STEPS, height_m=HEIGHT)
    return part, unit, flight.of(KINDS[part])


def values(unit):
    """The numbers of a unit, as changes of the usual one, at its place in the lander."""
    numbers = {field: getattr(unit, field) for field in type(unit).model_fields}
    return numbers | ({"mount_offset_m": OFFSET} if "mount_offset_m" in numbers else {})


def errors(part, unit, flight):
    """Errors of all samples and axes over their stated sigmas, without constant ones."""
    true = [flight.true(k) for k in range(6)]
    if part == "radar":
        scale = flight.landers.memory[flight.rows, SCALE_ERROR]
        reach = true[2] - OFFSET
        sigma = np.hypot(unit.noise_m, unit.noise_frac * reach)
        return ((flight.samples[:, 3] - reach * (1.0 + scale)) / sigma)[:, None]
    if part == "velocimeter":
        return _beam_errors(unit, flight.samples[:, 3:6], np.stack(true[3:6], axis=1))
    vehicle = load_vehicle(flight.landers.memory, 0)
    pads = true[2] - [com_height(mass, vehicle) for mass in flight.true(13)]
    error = flight.samples[:, 3:6] - np.stack([true[0], true[1], pads], axis=1)
    return error / [unit.noise_horizontal_m, unit.noise_horizontal_m, unit.noise_height_m]


def _beam_errors(unit, measured, true):
    """Errors of the three beams over their sigmas: upright landers, B is L."""
    cant, turn = math.radians(unit.cant_deg), 2.0 * math.pi / 3.0
    around = turn * np.arange(3)
    aside = math.sin(cant) * np.array([np.cos(around), np.sin(around)])
    beams = np.array([*aside, np.full(3, -math.cos(cant))]).T
    speed = true @ beams.T
    return (measured @ beams.T - speed) / np.hypot(unit.noise_m_s, unit.noise_frac * speed)


def test_noise_is_normal_with_the_stated_sigma(flown):
    error = errors(*flown)
    for axis in error.T:
        assert stats.kstest(axis, "norm").pvalue > FEW
        assert axis.std() == pytest.approx(1.0, abs=4.0 / math.sqrt(2.0 * axis.size))


def test_noise_is_white_and_independent_between_axes_and_landers(flown):
    part, unit, flight = flown
    error = errors(part, unit, flight)
    count = len(error)
    order = np.lexsort((flight.stamps, flight.rows))
    same = np.diff(flight.rows[order]) == 0
    for axis in error[order].T:
        next_to = axis[:-1][same], axis[1:][same]
        assert abs(np.corrcoef(*next_to)[0, 1]) < 4.0 / math.sqrt(same.sum())
    if error.shape[1] > 1:
        assert np.abs(np.corrcoef(error.T) - np.eye(3)).max() < 4.0 / math.sqrt(count)
    means = np.array([error[flight.rows == row, 0].sum() for row in range(ROWS)])
    number = np.bincount(flight.rows, minlength=ROWS)
    used = number > 0
    spread = means[used] / np.sqrt(number[used])
    assert stats.kstest(spread, "norm").pvalue > FEW


def test_latency_jitter_and_losses_are_those_of_the_file(flown):
    _, unit, flight = flown
    late = flight.waits - unit.latency_s
    assert late.min() >= -1e-9
    # The longest delays have not arrived by the end: only samples that had the time are counted.
    old = flight.stamps < 0.2 * STEPS - unit.latency_s - 12.0 * unit.jitter_s
    assert stats.kstest(late[old], stats.expon(scale=unit.jitter_s).cdf).pvalue > FEW
    span = 0.2 * STEPS - unit.latency_s - 12.0 * unit.jitter_s
    first = _first_samples(flight)
    due = np.sum(np.floor((span - first) * unit.rate_Hz - 1e-9) + 1.0)
    lost = int(due) - int(old.sum())
    assert stats.binomtest(max(lost, 0), int(due), unit.dropout_frac).pvalue > FEW


def _first_samples(flight):
    """Time of the first sample of each lander [s], lost or not."""
    memory = flight.landers.memory
    for at in (DVL, RALT, CAM):
        if (memory[:, int(at) + CHANNEL.samples] > 0.0).all():
            return memory[:, int(at) + CHANNEL.first_sample]
    raise AssertionError("no sensor is fitted")


def test_the_clocks_of_landers_have_any_phase(flown):
    _, unit, flight = flown
    phase = _first_samples(flight) * unit.rate_Hz
    assert stats.kstest(phase, "uniform").pvalue > FEW


@pytest.mark.parametrize("name", list_parts("radar"))
def test_the_scale_error_of_a_radar_is_that_of_its_file(name):
    unit = load_part("radar", name)
    mission = fitted(velocimeter=None, camera=None, radar=values(unit))
    landers = fall(mission, rows=2000, steps=1, height_m=HEIGHT).landers
    scale = landers.memory[:, SCALE_ERROR]
    assert stats.kstest(scale / unit.scale_sigma_frac, "norm").pvalue > FEW
    assert scale.std() == pytest.approx(unit.scale_sigma_frac, rel=0.08)


def test_biases_of_the_map_are_constant_normal_and_independent():
    law = {"normal": [5.0, 40.0]}
    drawn = exact(camera_height_bias_m=law, camera_place_bias_m=law)
    clean = {"noise_horizontal_m": 0.0, "noise_height_m": 0.0, "rate_Hz": 1.0, "dropout_frac": 0.0}
    flight = fall(
        fitted(velocimeter=None, radar=None, camera=clean),
        rows=1000,
        steps=20,
        height_m=HEIGHT,
        scenario=drawn,
    ).of(CAMERA)
    vehicle = load_vehicle(flight.landers.memory, 0)
    pads = flight.true(2) - com_height(flight.true(13)[0], vehicle)
    error = flight.samples[:, 3:6] - np.stack([flight.true(0), flight.true(1), pads], axis=1)
    first = np.unique(flight.rows, return_index=True)[1]
    bias = error[first]
    assert len(bias) > 900
    np.testing.assert_allclose(error, bias[flight.rows], atol=0.05)
    for axis in bias.T:
        assert stats.kstest((axis - 5.0) / 40.0, "norm").pvalue > FEW
    assert np.abs(np.corrcoef(bias.T) - np.eye(3)).max() < 4.0 / math.sqrt(len(bias))


@pytest.mark.parametrize(("cut_deg", "returns"), [(50.0, False), (51.5, True)])
def test_each_beam_of_a_velocimeter_has_its_own_incidence(cut_deg, returns):
    """Over a slope of 30 degrees that rises northwards, the beam to the south-west has 50.6."""
    cant, slope = math.radians(NDL.cant_deg), math.radians(30.0)
    south = math.sin(cant) * math.sin(2.0 * math.pi / 3.0) * math.sin(slope)
    incidence = math.degrees(math.acos(math.cos(cant) * math.cos(slope) - south))
    assert incidence == pytest.approx(50.6, abs=0.1)
    hill = FeatureSpec(
        kind="hillside",
        **{"east_m": 0.0, "north_m": 0.0, "azimuth_deg": 0.0},
        **{"slope_deg": 30.0, "half_length_m": 1e5},
    )
    ground = make_ground(load_terrain("flat"), [hill], 0.0, 0.0)
    mission = fitted(velocimeter={"incidence_cut_deg": cut_deg}, radar=None, camera=None)
    flight = fall(mission, rows=2, steps=5, velocity=(0.0, 0.0, 0.0), ground=ground)
    assert (len(flight.of(VELOCIMETER).samples) > 0) == returns
