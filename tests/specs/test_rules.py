"""Rules that tie several numbers of a spec together."""

import pytest

from lunar_env.errors import ConfigError
from lunar_env.specs import load_mission

M2 = load_mission("hakuto-r-m2")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"vehicle": {"limits": {"nominal": {"tilt_deg": 20.0}}}},
            r"nominal\.tilt_deg = 20 must not exceed survivable\.tilt_deg = 12",
        ),
        (
            {"vehicle": {"limits": {"survivable": {"v_vertical_m_s": 4.5}}}},
            r"survivable\.v_vertical_m_s = 4\.5 must not exceed hard\.v_vertical_m_s = 4",
        ),
        ({"vehicle": {"cg_height_m": 2.3}}, "must be below height_m"),
        ({"rangefinder": {"acquire_m": 7}}, "acquire_m = 7 must not exceed acquire_n = 6"),
        ({"rangefinder": {"mount_offset_m": 1.0}}, "below the foot pads"),
        ({"tick_s": 0.06}, r"control_period_s = 0\.2 must be a whole multiple of tick_s = 0\.06"),
        ({"tick_s": 0.4}, "must be a whole multiple"),
        ({"phases": {"terminal": {"propellant_kg": 631.0}}}, "propellant_capacity_kg = 630"),
        ({"phases": {"terminal": {"plan_touchdown_speed_m_s": 106.0}}}, "must be below plan_speed"),
    ],
)
def test_numbers_must_fit_together(change: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        M2.replace(**change)


def test_the_plan_stops_in_time() -> None:
    # 106 m/s at 3 km: v^2 / (2 h) is 1.87 m/s2, of the 2.3 m/s2 that full thrust leaves.
    assert M2.phases.terminal.plan_deceleration_m_s2 == pytest.approx(1.87, abs=0.005)


def test_integration_time_of_the_reference_unit() -> None:
    assert M2.rangefinder.integration_s == pytest.approx(0.5)
