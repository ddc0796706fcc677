"""The constants against values from elsewhere, and the floats against the records."""

import math

import pytest

from lunar_env.data import constants
from lunar_env.data.constants import CONSTANTS

DAY_S = 86400.0
SIDEREAL_MONTH_S = 27.321661 * DAY_S


def test_constants_equal_their_records() -> None:
    for name, constant in CONSTANTS.items():
        value = getattr(constants, name)
        assert type(value) is float
        assert value == constant.value
        assert constant.uncertainty >= 0.0
        assert constant.unit


def test_surface_gravity_follows_from_the_constants() -> None:
    # A pendulum on the Moon: 1.62 m/s2, as every textbook has it.
    assert pytest.approx(1.6242, abs=5e-5) == constants.G_MOON


def test_the_gravity_fields_agree_within_the_uncertainty() -> None:
    # GRAIL's GL0660B has 4902.80031 km3/s2 (Konopliv et al. 2013).
    constant = CONSTANTS["GM_MOON"]
    assert abs(constant.value - 4902.80031e9) < constant.uncertainty


def test_the_moon_turns_once_a_sidereal_month() -> None:
    constant = CONSTANTS["OMEGA_MOON"]
    assert constant.value == pytest.approx(2.0 * math.pi / SIDEREAL_MONTH_S, rel=1e-6)


def test_a_low_lunar_orbit_takes_about_two_hours() -> None:
    # 100 km circular: 1,633.5 m/s and 117.8 minutes.
    radius = constants.R_MOON + 100e3
    speed = math.sqrt(constants.GM_MOON / radius)
    assert speed == pytest.approx(1633.5, abs=0.1)
    assert 2.0 * math.pi * radius / speed / 60.0 == pytest.approx(117.8, abs=0.1)


@pytest.mark.parametrize(
    ("name", "value"),
    [("G0", 9.80665), ("C_LIGHT", 299_792_458.0), ("H_PLANCK", 6.62607015e-34)],
)
def test_defined_constants_are_exact(name: str, value: float) -> None:
    assert CONSTANTS[name].value == value
    assert CONSTANTS[name].uncertainty == 0.0
