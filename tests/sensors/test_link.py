"""The link budget against the table of the reference unit, and what light alone decides."""

import math

import numpy as np
import pytest
from scipy.optimize import brentq

from lunar_env.sensors.link import (
    alarm_probability,
    detection_probability,
    echo_snr,
    photo_electrons,
    single_shot_snr,
    spread,
    summed_snr,
)
from tests.sensors.units import CLEAR, HEALTHY, REFERENCE, design

# Range [m], single-shot ratio and chance at full health; then with albedo 0.12, 40 deg incidence
# and 60 % energy (Lambert k = 1, no walk); the chance of a sum of ten.
TABLE = [
    (900.0, 82.9, 1.00, 27.7, 1.00, 1.00),
    (1500.0, 40.7, 1.00, 11.4, 1.00, 1.00),
    (2000.0, 25.8, 1.00, 6.7, 0.88, 1.00),
    (3000.0, 12.8, 1.00, 3.1, 0.007, 1.00),
    (4000.0, 7.5, 0.98, 1.7, 1e-4, 0.50),
    (5000.0, 4.9, 0.28, 1.1, 0.0, 0.03),
    (6000.0, 3.5, 0.02, 0.8, 0.0, 0.001),
]
TILTED = math.cos(math.radians(40.0))
LAMBERT = design(lambert_k=1.0, range_walk=0.0)


def shot(distance, reflected=0.25, cosine=1.0, lrf=REFERENCE):
    return single_shot_snr(photo_electrons(distance, cosine, reflected, lrf), lrf)


@pytest.mark.parametrize(("distance", "snr", "chance"), [row[:3] for row in TABLE])
def test_a_healthy_unit_sees_as_the_table_says(distance, snr, chance):
    assert shot(distance) == pytest.approx(snr, rel=0.05)
    assert detection_probability(shot(distance), 5.5) == pytest.approx(chance, abs=0.05)


@pytest.mark.parametrize(
    ("distance", "snr", "chance", "summed"), [(row[0], *row[3:]) for row in TABLE]
)
def test_a_degraded_unit_sees_as_the_table_says(distance, snr, chance, summed):
    """The ratios of the table have two digits, which is up to 6 % of the last of them."""
    found = shot(distance, 0.6 * 0.12, TILTED, LAMBERT)
    assert found == pytest.approx(snr, rel=0.05, abs=0.05)
    assert detection_probability(found, 5.5) == pytest.approx(chance, abs=0.05)
    ten = detection_probability(summed_snr(found, 0.0, LAMBERT), 5.5)
    assert ten == pytest.approx(summed, abs=0.05)


@pytest.mark.parametrize(
    ("closing", "distance"),
    [
        (3.0, 8500.0),
        (10.0, 6300.0),
        (30.0, 4710.0),
        (44.0, 4260.0),
        (66.0, 3830.0),
        (106.0, 3370.0),
    ],
)
def test_the_faster_it_closes_in_the_nearer_it_sees(closing, distance):
    """Range at which half of the sums are seen; 8.5 km lies beyond the unit's own gate."""
    lrf = design(gate_max=1e5)

    def beyond(there):
        echo = CLEAR._replace(range=there, closing=closing)
        return echo_snr(there, 1.0, echo, HEALTHY, lrf) - lrf.threshold

    assert brentq(beyond, 500.0, 2e4) == pytest.approx(distance, rel=0.05)


def test_single_shots_see_half_at_4710_m():
    assert brentq(lambda r: shot(r) - 5.5, 500.0, 2e4) == pytest.approx(4710.0, rel=0.01)


def test_false_alarms_follow_rice():
    """10 ns and a gate of 100 us: 7.8e-4 a shot at a threshold of 5.5."""
    from lunar_env.data.constants import C_LIGHT
    from lunar_env.specs import load_mission
    from lunar_env.specs.pack_rangefinder import pack_rangefinder

    unit = load_mission("hakuto-r-m2").rangefinder.replace(pulse_ns=10.0)
    lrf = pack_rangefinder(unit)
    gate = 0.5 * C_LIGHT * 100e-6
    assert alarm_probability(gate, 5.5, lrf) == pytest.approx(7.8e-4, rel=0.02)
    assert alarm_probability(gate, 5.0, lrf) > 10.0 * alarm_probability(gate, 5.5, lrf)
    assert alarm_probability(1e12, 5.5, lrf) == 1.0


def test_a_slope_widens_the_pulse():
    """0.5 mrad at 3 km and 45 deg: 0.38 m rms on top of the pulse's own width."""
    lrf = design(divergence=0.5e-3, pulse=0.0)
    assert spread(3000.0, math.cos(math.radians(45.0)), lrf) == pytest.approx(0.375, rel=0.02)
    assert spread(3000.0, 1.0, REFERENCE) == REFERENCE.pulse
    wide = [spread(r, TILTED, REFERENCE) for r in (100.0, 1000.0, 5000.0)]
    assert wide == sorted(wide)


def test_sunlight_and_half_a_spot_cost_signal():
    electrons = photo_electrons(2000.0, 1.0, 0.25, REFERENCE)
    dark, lit = (
        single_shot_snr(electrons, REFERENCE),
        single_shot_snr(electrons, design(background=1e4)),
    )
    assert lit == pytest.approx(dark * math.sqrt((2 * electrons + 14400) / (2 * electrons + 24400)))
    echo = CLEAR._replace(range=3000.0)
    halves = [echo_snr(3000.0, share, echo, HEALTHY, REFERENCE) for share in (1.0, 0.5)]
    assert np.all(np.array(halves) > 0.0)
    assert halves[1] < halves[0]
