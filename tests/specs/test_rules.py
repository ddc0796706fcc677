"""Rules that tie several numbers of a spec together."""

import pytest

from lunar_env.errors import ConfigError
from lunar_env.specs import MissionSpec, load_mission, load_scenario

M2 = load_mission("hakuto-r-m2")
PADS = {"azimuth_deg": 90.0, "reach_m": 1.0, "height_m": 2.0, "apart_m": 1.0}
IDEAL = load_scenario("ideal")


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
        ({"vehicle": {"com_z_dry_m": 2.4}}, r"must lie between gear\.hull_bottom_m = 0\.6"),
        ({"vehicle": {"com_z_tank_m": 0.5}}, r"com_z_tank_m = 0\.5 must lie between"),
        ({"vehicle": {"height_m": 2.2}}, r"hull_top_m = 2\.3 must not exceed height_m = 2\.2"),
        (
            {"vehicle": {"gear": {"hull_bottom_m": 2.3}}},
            r"hull_bottom_m = 2\.3 must be below hull_top_m = 2\.3",
        ),
        (
            {"vehicle": {"gear": {"hull_nose_m": 2.0}}},
            r"hull_nose_m = 2 must not be below hull_top_m = 2\.3",
        ),
        (
            {"vehicle": {"gear": {"hull_nose_m": 9.0}}},
            r"hull_nose_m = 9 must not exceed height_m",
        ),
        (
            {"vehicle": {"gear": {"side_pads": {**PADS, "height_m": 0.1}}}},
            r"side_pads\.height_m = 0\.1 must lie between hull_bottom_m = 0\.6",
        ),
        ({"vehicle": {"gear": {"side_pads": {**PADS, "reach_m": 0.0}}}}, "reach_m = 0"),
        ({"vehicle": {"gear": {"side_pads": {**PADS, "reach_m": 9.0}}}}, "is too far for a lander"),
        (
            {"vehicle": {"gear": {"side_pads": {**PADS, "azimut_deg": 0.0}}}},
            "did you mean 'azimuth_deg'",
        ),
        (
            {"vehicle": {"gear": {"rest_tilt_deg": [0.0, 181.0]}}},
            r"rest_tilt_deg = \[0, 181\] must stay in \[0, 180\]",
        ),
        ({"vehicle": {"dispersion": {"lag_frac": -1.0}}}, r"must stay in \[-0\.9, 10\]"),
        ({"inertial": {"gyro_bias_deg_h": -1.0}}, "gyro_bias_deg_h = -1"),
        ({"inertial": {"misalignment_deg": 2.0}}, "misalignment_deg = 2"),
        ({"inertial": {"accel_bias": 2.0}}, "did you mean 'accel_bias_ug'"),
        ({"rangefinder": {"acquire_m": 7}}, "acquire_m = 7 must not exceed acquire_n = 6"),
        ({"rangefinder": {"mount_offset_m": 1.0}}, "below the foot pads"),
        ({"tick_s": 0.06}, r"control_period_s = 0\.2 must be a whole multiple of tick_s = 0\.06"),
        ({"tick_s": 0.15}, "must be a whole multiple"),
        ({"contact_tick_s": 0.0015}, r"tick_s = 0\.05 must be a whole multiple of contact_tick_s"),
        ({"cutoff": "height"}, r"cutoff_height_m = 0 must be > 0 exactly where cutoff = 'height'"),
        ({"cutoff_height_m": 2.0}, r"cutoff_height_m = 2 .* cutoff = 'contact' is 'height'"),
        ({"friction": -0.1}, r"friction.*must stay in \[0, 5\]"),
        ({"phases": {"terminal": {"propellant_kg": 631.0}}}, "propellant_capacity_kg = 630"),
        ({"phases": {"terminal": {"plan_touchdown_speed_m_s": 106.0}}}, "must be below plan_speed"),
        ({"phases": {"terminal": {"downrange_m": 100.0}}}, "approach_azimuth_deg: is missing"),
        ({"phases": {"terminal": {"v_forward_m_s": 1.0}}}, "approach_azimuth_deg: is missing"),
        (
            {"phases": {"approach": {"downrange_m": {"uniform": [4e3, 3e4]}}}},
            "downrange_m can be 30000, which is outside box_m = 20000",
        ),
    ],
)
def test_inconsistent_numbers_are_rejected(change: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        M2.replace(**change)


def test_a_dead_time_must_fit_the_ticks() -> None:
    engine = {**M2.vehicle.to_table()["engines"][0], "dead_time_s": 0.2}
    M2.replace(vehicle={"engines": [engine]})
    engine["dead_time_s"] = 0.25
    message = r"dead_time_s = 0\.25 of 'main' must not exceed 4 ticks of 0\.05 s"
    with pytest.raises(ConfigError, match=message):
        M2.replace(vehicle={"engines": [engine]})


def test_a_mission_needs_a_phase() -> None:
    table = {**M2.to_table(), "phases": {}}
    message = "at least one of terminal, approach, powered"
    with pytest.raises(ConfigError, match=message):
        MissionSpec.from_table(table)


def test_phases_are_found_by_name() -> None:
    table = M2.to_table()
    table["phases"] = {"terminal": M2.phases.named("terminal").to_table()}
    alone = MissionSpec.from_table(table)
    assert alone.phases.offered == ("terminal",)
    assert alone.phases.named("terminal") == M2.phases.terminal
    with pytest.raises(ConfigError, match=r"phase = 'powered': this mission has terminal$"):
        alone.phases.named("powered")
    with pytest.raises(ConfigError, match=r"'terminl'.*; did you mean 'terminal'"):
        M2.phases.named("terminl")
    with pytest.raises(ConfigError, match="phase = 'offered'"):
        M2.phases.named("offered")


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (
            {},
            r"faults\.0: must have exactly one of at_time_s, below_height_m, below_start_frac,"
            " event, has none",
        ),
        ({"at_time_s": 1.0, "event": "contact"}, "has at_time_s, event"),
        ({"event": "ignited"}, "must be one of ignition, contact; did you mean 'ignition'"),
        ({"engine": 0, "at_time_s": 1.0}, "engine = 0: must be >= 1 and <= 8"),
        ({"health_frac": 1.5, "at_time_s": 1.0}, "health_frac = 1.5: must be >= 0 and <= 1"),
        ({"below_height_m": 0.0}, "below_height_m = 0.0: must be > 0"),
        ({"below_start_frac": {"uniform": [0.0, 1.5]}}, r"below_start_frac.* stay in \[0, 1\]"),
        ({"below_start_frac": {"normal": [0.5, 0.1]}}, "must be constant or uniform"),
    ],
)
def test_faults_are_checked(fault: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        IDEAL.replace(faults=[{"engine": 1, "health_frac": 0.0, **fault}])


def test_at_most_two_faults() -> None:
    fault = {"engine": 1, "health_frac": 0.5, "event": "contact"}
    assert len(IDEAL.replace(faults=[fault, fault]).faults) == 2
    with pytest.raises(ConfigError, match="faults: must hold at most 2"):
        IDEAL.replace(faults=[fault] * 3)


def test_the_plan_stops_in_time() -> None:
    # 106 m/s at 3 km: v^2 / (2 h) is 1.87 m/s2, of the 2.3 m/s2 that full thrust leaves.
    assert M2.phases.named("terminal").plan_deceleration_m_s2 == pytest.approx(1.87, abs=0.005)


def test_the_reference_unit_has_its_integration_time() -> None:
    assert M2.rangefinder.integration_s == pytest.approx(0.5)
