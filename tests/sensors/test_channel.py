"""Channels: clock, delays, losses and streams of random numbers of a sensor."""

import numpy as np
import pytest

from lunar_env.physics.rows import ROW_WIDTH
from lunar_env.sensors.events import CAMERA, RADAR, RANGEFINDER, SENSOR_NAMES, VELOCIMETER
from lunar_env.sensors.rows import EVENT_COUNT, NEXT_CHANNEL_TIME
from lunar_env.sim.table import SENSED
from tests.sensors.falling import ALL, MAP, NDL, fall, fitted, same

AIDED = {name: int(SENSOR_NAMES.index(name)) for name in ALL}
CLEAN = {"dropout_frac": 0.0, "jitter_s": 0.0}


@pytest.fixture(scope="module")
def usual():
    return fall()


@pytest.mark.parametrize("sensor", ALL)
def test_samples_are_taken_by_the_sensors_own_clock(usual, sensor):
    mine, period = usual.of(AIDED[sensor]), 1.0 / ALL[sensor].rate_Hz
    phases = []
    for row in range(8):
        stamps = mine.stamps[mine.rows == row]
        phase = stamps.min() % period
        off = (stamps - phase + 0.5 * period) % period - 0.5 * period
        np.testing.assert_allclose(off, 0.0, atol=1e-9)
        assert len(set(stamps)) == len(stamps)
        phases.append(phase)
    assert len(set(phases)) == 8
    assert 0.0 <= min(phases) < max(phases) < period


@pytest.mark.parametrize("sensor", ALL)
def test_latency_is_constant_plus_exponential(sensor):
    flight = fall(fitted(camera={"rate_Hz": 1.0}), rows=64).of(AIDED[sensor])
    spec, waits = ALL[sensor], flight.waits
    assert waits.min() >= spec.latency_s
    late = waits - spec.latency_s
    few = 5.0 / np.sqrt(len(late))  # standard errors, of a distribution as wide as its mean
    assert late.mean() == pytest.approx(spec.jitter_s, rel=few)
    assert np.mean(late > spec.jitter_s) == pytest.approx(np.exp(-1.0), abs=0.5 * few)


def test_samples_are_read_in_the_step_in_which_they_arrive(usual):
    end = 0.2 * usual.steps
    arrived = usual.samples[:, 2]
    assert (arrived <= end + 1e-9).all()
    # The rangefinder began to search before the start.
    aided = usual.samples[:, 0] > 0
    assert (arrived[aided] > end[aided] - 0.2 - 1e-9).all()


@pytest.mark.parametrize("sensor", ["velocimeter", "radar"])
def test_every_sample_arrives_but_those_that_are_lost(sensor):
    flights = {
        fraction: fall(fitted(**{sensor: {**CLEAN, "dropout_frac": fraction}}), rows=64).of(
            AIDED[sensor]
        )
        for fraction in (0.0, 0.25, 1.0)
    }
    taken = np.floor((5.0 - ALL[sensor].latency_s - 1e-9) * 10.0)
    each = np.bincount(flights[0.0].rows, minlength=64)
    assert set(each) <= {taken, taken + 1.0}
    assert len(flights[1.0].samples) == 0
    assert len(flights[0.25].samples) / len(flights[0.0].samples) == pytest.approx(0.75, abs=0.03)
    # A lost sample takes nothing else with it.
    kept = {tuple(sample) for sample in flights[0.25].samples}
    assert kept < {tuple(sample) for sample in flights[0.0].samples}


def test_samples_may_overtake_each_other_and_the_last_arrival_is_kept():
    flight = fall(fitted(velocimeter={"jitter_s": 0.05, "dropout_frac": 0.0}), rows=16)
    mine = flight.of(VELOCIMETER)
    arrivals = [mine.samples[mine.rows == row, 1:3] for row in range(16)]
    assert all((np.diff(each[:, 1]) >= 0.0).all() for each in arrivals)
    assert any((np.diff(each[:, 0]) < 0.0).any() for each in arrivals)
    last = np.array([each[-1, 0] for each in arrivals])
    np.testing.assert_allclose(flight.landers.seen("dvl_age_s"), 5.0 - last, atol=1e-5)


@pytest.mark.parametrize(
    ("sensor", "quiet"),
    [
        *(("velocimeter", {key: 0.0}) for key in ("noise_m_s", "dropout_frac", "jitter_s")),
        *(("radar", {key: 0.0}) for key in ("noise_frac", "scale_sigma_frac", "jitter_s")),
        *(("camera", {key: 0.0}) for key in ("noise_horizontal_m", "jitter_s")),
        *((name, None) for name in ALL),
    ],
)
def test_a_sensor_switched_off_does_not_change_the_draws_of_others(usual, sensor, quiet):
    other = fall(fitted(**{sensor: quiet}))
    rest = [AIDED[name] for name in ALL if name != sensor]
    assert same(usual, other, RANGEFINDER, *rest)
    assert not np.array_equal(usual.of(AIDED[sensor]).samples, other.of(AIDED[sensor]).samples)
    np.testing.assert_array_equal(usual.states, other.states)


def test_each_noise_has_its_own_stream(usual):
    """Without one of them the sensor's other numbers stay."""
    no_noise = fall(fitted(velocimeter={"noise_m_s": 0.0})).of(VELOCIMETER)
    assert np.array_equal(usual.of(VELOCIMETER).samples[:, :3], no_noise.samples[:, :3])
    no_jitter = fall(fitted(velocimeter={"jitter_s": 0.0})).of(VELOCIMETER)
    before = {(s[1], *s[3:]) for s in usual.of(VELOCIMETER).samples}
    common = before & {(s[1], *s[3:]) for s in no_jitter.samples}
    assert len(common) > 0.9 * len(before)


def test_missing_sensors_are_zero_and_take_no_samples():
    flight = fall(fitted(velocimeter=None, radar=None, camera=None))
    landers = flight.landers
    names = [f.name for f in landers.fields[:SENSED] if f.name[:4] in ("dvl_", "ralt", "cam_")]
    # What they measure, and their data sheets.
    assert len(names) == 28
    assert all((landers.seen(name) == 0.0).all() for name in names)
    assert np.isinf(landers.memory[:, NEXT_CHANNEL_TIME]).all()
    assert set(flight.samples[:, 0]) == {RANGEFINDER}


def test_sensors_do_not_change_the_rest_of_the_row(usual):
    bare = fall(fitted(velocimeter=None, radar=None, camera=None)).landers.memory[:, :ROW_WIDTH]
    full = usual.landers.memory[:, :ROW_WIDTH].copy()
    both = [NEXT_CHANNEL_TIME, EVENT_COUNT]  # when what is next, how many arrived
    full[:, both] = bare[:, both]
    np.testing.assert_array_equal(full, bare)


def test_a_dead_sensor_is_never_valid_and_its_age_is_the_largest():
    flight = fall(fitted(**{name: {"dropout_frac": 1.0} for name in ALL}))
    for prefix in ("dvl", "ralt", "cam"):
        assert (flight.landers.seen(f"{prefix}_valid") == 0.0).all()
        assert (flight.landers.seen(f"{prefix}_new") == 0.0).all()
        np.testing.assert_allclose(flight.landers.seen(f"{prefix}_age_s"), 20.0)
    assert (flight.landers.seen("dvl_v_z_m_s") == 0.0).all()


def test_the_last_sample_stays_until_it_is_too_old():
    """A velocimeter that loses sight of the ground on the way down, below its shortest range."""
    mission = fitted(velocimeter={"range_min_m": 950.0, "max_age_s": 1.0, "dropout_frac": 0.0})
    for steps in (9, 20):
        flight = fall(mission, steps=steps)
        age = flight.landers.seen("dvl_age_s")
        assert (flight.landers.seen("dvl_valid") == (age <= 1.0)).all()
        assert (flight.landers.seen("dvl_v_z_m_s") < -30.0).all()
    assert (age > 1.0).all()


def test_the_event_list_and_the_observation_agree():
    landers = fall(steps=0).landers
    for step in range(40):
        landers.step([-1.0] * (len(landers.actions) - 3) + [0.0] * 3)
        for row in range(8):
            number = int(landers.memory[row, EVENT_COUNT])
            samples = landers.world.events[row, :number]
            agree(landers, row, samples, 0.2 * (step + 1))


def agree(landers, row, samples, t):
    """The slots of the rangefinder and the last arrival of each other sensor."""
    ranges = samples[samples[:, 0] == RANGEFINDER]
    assert landers.seen("lrf_arrivals")[row] == len(ranges)
    for k, sample in enumerate(ranges[:4], start=1):
        assert landers.seen(f"lrf{k}_range_m")[row] == pytest.approx(sample[3], rel=1e-6)
        assert landers.seen(f"lrf{k}_age_s")[row] == pytest.approx(t - sample[1], abs=1e-5)
        assert landers.seen(f"lrf{k}_quality")[row] == pytest.approx(sample[6], rel=1e-6)
    shown = {
        VELOCIMETER: ("dvl", ("v_x_m_s", "v_y_m_s", "v_z_m_s")),
        RADAR: ("ralt", ("range_m",)),
        CAMERA: ("cam", ("x_m", "y_m", "z_m")),
    }
    for sensor, (prefix, values) in shown.items():
        mine = samples[samples[:, 0] == sensor]
        assert landers.seen(f"{prefix}_new")[row] == float(len(mine) > 0)
        if len(mine):
            assert landers.seen(f"{prefix}_age_s")[row] == pytest.approx(t - mine[-1, 1], abs=1e-5)
            # Upright and sure of it, so that B is L.
            for name, value in zip(values, mine[-1, 3:6], strict=False):
                seen = landers.seen(f"{prefix}_{name}")[row]
                assert seen == pytest.approx(value, rel=1e-5, abs=1e-3)


def test_sample_rates_and_columns_agree_with_the_data_files():
    """What the tests above fly: two samples a step, and one in ten."""
    assert NDL.rate_Hz == 10.0
    assert MAP.rate_Hz == 0.5
