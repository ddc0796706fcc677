"""Link budget of the rangefinder; published ranges are in `tests/reference`."""

import math

import numpy as np
import pytest

from lunar_env.data.constants import C_LIGHT
from lunar_env.sensors.link import (
    alarm_probability,
    echo_snr,
    photo_electrons,
    single_shot_snr,
)
from lunar_env.sensors.smear import pulse_sigma
from lunar_env.specs import load_mission
from lunar_env.specs.pack_rangefinder import pack_rangefinder
from tests.sensors.rangefinder_bench import CLEAR, HEALTHY, REFERENCE, design

TILTED = math.cos(math.radians(40.0))


def test_the_false_alarm_rate_follows_rices_formula():
    """10 ns and a gate of 100 us: 7.8e-4 a shot at a threshold of 5.5."""
    mission = load_mission("hakuto-r-m2").replace(rangefinder={"pulse_ns": 10.0})
    lrf = pack_rangefinder(mission)
    gate = 0.5 * C_LIGHT * 100e-6
    assert alarm_probability(gate, 5.5, lrf) == pytest.approx(7.8e-4, rel=0.02)
    assert alarm_probability(gate, 5.0, lrf) > 10.0 * alarm_probability(gate, 5.5, lrf)
    assert alarm_probability(1e12, 5.5, lrf) == 1.0


def test_a_slope_widens_the_pulse():
    """0.5 mrad at 3 km and 45 deg: 0.38 m rms on top of the pulse's own width."""
    lrf = design(divergence=0.5e-3, pulse=0.0)
    assert pulse_sigma(3000.0, math.cos(math.radians(45.0)), lrf) == pytest.approx(0.375, rel=0.02)
    assert pulse_sigma(3000.0, 1.0, REFERENCE) == REFERENCE.pulse
    wide = [pulse_sigma(r, TILTED, REFERENCE) for r in (100.0, 1000.0, 5000.0)]
    assert wide == sorted(wide)


def test_sunlight_and_half_a_spot_reduce_the_signal():
    electrons = photo_electrons(2000.0, 1.0, 0.25, REFERENCE)
    dark, lit = (
        single_shot_snr(electrons, REFERENCE),
        single_shot_snr(electrons, design(background=1e4)),
    )
    assert lit == pytest.approx(dark * math.sqrt((2 * electrons + 14400) / (2 * electrons + 24400)))
    echo = CLEAR._replace(range=3000.0)
    halves = [echo_snr(3000.0, fraction, echo, HEALTHY, REFERENCE) for fraction in (1.0, 0.5)]
    assert np.all(np.array(halves) > 0.0)
    assert halves[1] < halves[0]
