"""Figures that follow from others must still follow when either is changed."""

import math

import pytest

from lunar_env.data.constants import C_LIGHT, G0, G_MOON, H_PLANCK
from lunar_env.physics.landforms import landforms
from lunar_env.physics.types import Patch
from lunar_env.specs import (
    Draw,
    list_missions,
    list_scenarios,
    load_inertial,
    load_mission,
    load_scenario,
    load_terrain,
)
from lunar_env.specs.terrain import make_ground

M2 = load_mission("hakuto-r-m2")


def test_the_planned_landing_leaves_some_propellant() -> None:
    # Constant net deceleration from 106 m/s: thrust pays for it and for gravity.
    terminal, lander = M2.phases.named("terminal"), M2.vehicle
    deceleration = terminal.plan_deceleration_m_s2
    duration = (terminal.plan_speed_m_s - terminal.plan_touchdown_speed_m_s) / deceleration
    delta_v = (deceleration + G_MOON) * duration
    start = lander.mass_dry_kg + lander.payload_kg + terminal.propellant_kg
    used = start * (1.0 - math.exp(-delta_v / (lander.isp_s * G0)))
    assert terminal.propellant_kg - used == pytest.approx(12.0, abs=1.5)


def test_the_reference_unit_has_its_single_shot_range() -> None:
    # Half of the single shots are detected where the signal-to-noise ratio is the threshold.
    unit = M2.rangefinder
    photons = unit.pulse_energy_uJ * 1e-6 * unit.wavelength_nm * 1e-9 / (H_PLANCK * C_LIGHT)
    collected = photons * unit.eta_optics * unit.eta_quantum * M2.albedo
    area = (unit.aperture_mm * 1e-3 / 2.0) ** 2
    # SNR = N / sqrt(F N + Ne^2) = T, solved for N.
    snr, excess, amplifier = unit.threshold_snr, unit.excess_noise, unit.amplifier_noise_e
    needed = (snr**2 * excess + snr * math.sqrt((snr * excess) ** 2 + 4.0 * amplifier**2)) / 2.0
    assert math.sqrt(collected * area / needed) == pytest.approx(4710.0, rel=0.01)


@pytest.mark.parametrize(
    ("name", "thrust_max_N", "isp_s", "lag_s", "touchdown_kg"),
    [
        ("hakuto-r-m2", 400.0 + 6 * 200.0, 296.0, 0.15, 370.0),
        ("apex-1", 2 * 2200.0, 310.0, 0.25, 1050.0),
        ("blue-ghost-m1", 1200.0 + 8 * 200.0, 301.4, 0.2, 563.0),
        ("peregrine-1", 5 * 667.0, 310.0, 0.15, 490.0),
        ("im-1", 4000.0, 325.0, 0.25, 775.0),
        ("im-2", 3700.0, 325.0, 0.25, 805.0),
        ("slim", 2 * 500.0, 321.0, 0.15, 202.4),
        ("chandrayaan-3", 4 * 800.0, 305.0, 0.25, 770.0),
        ("apollo-11", 46700.0, 311.0, 0.25, 6855.0),
        ("change-5", 7500.0, 310.0, 0.25, 1795.0),
    ],
)
def test_missions_carry_the_documented_equipment(
    name: str, thrust_max_N: float, isp_s: float, lag_s: float, touchdown_kg: float
) -> None:
    lander = load_mission(name).vehicle
    assert lander.thrust_max_N == thrust_max_N
    assert lander.isp_s == pytest.approx(isp_s, abs=0.05)
    assert lander.engine_lag_s == pytest.approx(lag_s)
    assert lander.mass_dry_kg + lander.payload_kg == touchdown_kg


def test_the_lumped_engine_of_series_1() -> None:
    (engine,), dispersion = M2.vehicle.engines, M2.vehicle.dispersion
    assert (engine.lag_up_s, engine.lag_down_s, engine.dead_time_s) == (0.15, 0.15, 0.0)
    # A lag of 0.1 to 0.3 s, as a fraction of the nominal one.
    low, high = dispersion.lag_frac.parameters
    assert engine.lag_up_s * (1.0 + low) == pytest.approx(0.1, abs=1e-5)
    assert engine.lag_up_s * (1.0 + high) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("name", "throttle", "isp_s"),
    [("apollo-11", 0.1, 285.0), ("chandrayaan-3", 0.4, 300.0), ("im-1", 0.3, 315.0)],
)
def test_throttled_down_engines_are_less_efficient(
    name: str, throttle: float, isp_s: float
) -> None:
    engine = load_mission(name).vehicle.engines[0]
    # 1/Isp is linear in the thrust.
    inverse = throttle / engine.isp_s + (1.0 - throttle) / engine.isp_floor_s
    assert 1.0 / inverse == pytest.approx(isp_s, abs=0.1)


def test_the_full_lunar_module_has_its_published_inertia() -> None:
    # 38, 35 and 42 thousand kg m2 at 15.1 t.
    lander, propellant = load_mission("apollo-11").vehicle, 8248.0
    dry, apart = lander.mass_dry_kg, lander.com_z_dry_m - lander.com_z_tank_m
    tank = propellant * lander.k_tank_m**2
    across = tank + dry * propellant / (dry + propellant) * apart**2
    moments = [dry * lander.k_x_m**2 + across, dry * lander.k_y_m**2 + across]
    moments += [dry * lander.k_z_m**2 + tank]
    assert moments == pytest.approx([38e3, 35e3, 42e3], rel=0.2)


@pytest.mark.parametrize(
    "name", [name for name in list_scenarios() if not name.startswith("gaudet")]
)
def test_height_errors_have_the_documented_distributions(name: str) -> None:
    scenario = load_scenario(name)
    wide = ("late-acquisition", "everything", "low-and-late")
    deviation = 300.0 if name.startswith(wide) else 150.0
    assert scenario.nav_height_error_m == Draw("normal", (0.0, deviation))
    assert scenario.nav_v_vertical_error_m_s == Draw("normal", (0.0, 0.3))
    assert scenario.nav_v_lateral_error_m_s == Draw("normal", (0.0, 0.1))


def test_the_ideal_rangefinder_has_no_errors() -> None:
    ideal = load_scenario("ideal")
    ills = [key for key in type(ideal).model_fields if key.startswith(("range_", "signal_"))]
    ills += ["processing_s", "extra_latency_s", "jitter_s", "dropout_frac"]
    ills.remove("range_noise_told_m")  # no error: what is said of one
    assert all(getattr(ideal, key) == Draw("constant", (0.0,)) for key in ills)


def test_the_ideal_inertial_unit_has_no_errors() -> None:
    ideal = load_scenario("ideal")
    assert ideal.inertial_frac == 0.0
    assert ideal.accel_bias_m_s2 == ideal.attitude_error_deg == Draw("constant", (0.0,))


def test_grades_of_inertial_units_have_increasing_errors() -> None:
    """From the best to the least, figure by figure."""
    grades = [load_inertial(name) for name in ("navigation", "tactical", "mems")]
    for key in type(grades[0]).model_fields:
        if key not in ("name", "title"):
            values = [getattr(unit, key) for unit in grades]
            assert values == sorted(values), key
    assert [unit.gyro_bias_deg_h for unit in grades] == [0.005, 1.0, 10.0]
    # 0.07 m/s/sqrt(h) of a density in micro-g/sqrt(Hz).
    walk = grades[2].velocity_walk_ug_sqrt_Hz * 1e-6 * 9.80665 * 60.0
    assert walk == pytest.approx(0.07, rel=0.01)


def landform_of(name: str, east_m: float, north_m: float) -> Patch:
    mission = load_mission(name)
    _, header = make_ground(load_terrain("flat"), mission.features, 0.0, 0.0)
    return landforms(header, east_m, north_m)


@pytest.mark.parametrize(
    ("name", "place_m", "slope_deg"),
    [("im-1", -1060.0, 12.0), ("im-2", -177.0, 12.0), ("slim", 0.0, 15.0)],
)
def test_site_slopes_are_the_published_ones(name: str, place_m: float, slope_deg: float) -> None:
    """Where it came down, so far east and north of its target; a small crater lies beside."""
    ground = landform_of(name, place_m, place_m)
    steepness = math.hypot(ground.slope_east, ground.slope_north)
    assert math.degrees(math.atan(steepness)) == pytest.approx(slope_deg, abs=0.1)


def test_the_rim_of_atlas_lies_under_the_track() -> None:
    mission = load_mission("hakuto-r-m1")
    assert mission.phases.named("powered").approach_azimuth_deg == 180.0  # it comes from the north
    ahead = [landform_of("hakuto-r-m1", 0.0, 1e3 * k).elevation for k in range(40)]
    assert max(ahead) - ahead[0] == pytest.approx(3000.0, rel=0.01)
    assert ahead.index(max(ahead)) == 20  # km before the target


def test_each_lander_carries_its_own_instruments() -> None:
    """One unit for three landers of which nothing is known; Apollo had no laser."""
    names = [name for name in list_missions() if "as-flown" in list_scenarios(name)]
    units = {name: load_mission(name).rangefinder for name in names}
    assert [name for name, unit in units.items() if unit is None] == ["apollo-11"]
    like_m2 = [name for name, unit in units.items() if unit == M2.rangefinder]
    assert like_m2 == ["apex-1", "blue-ghost-m1", "hakuto-r-m2"]
    # By their published ranges: Chang'e-4 more than 40 km, a test of IM-2 at 30 km.
    assert units["change-5"].gate_max_m == 40_000.0
    assert units["im-2"].gate_max_m >= 30_000.0
    assert units["im-1"] == units["im-2"]
    # The radar of SLIM measured to 3.5 km, its laser in the last phase.
    assert units["slim"].gate_max_m < load_mission("slim").radar.range_max_m == 3500.0
    # Those without camera, radar and velocimeter need the best inertial unit.
    for name in names:
        mission = load_mission(name)
        aided = any((mission.camera, mission.radar, mission.velocimeter))
        assert aided or mission.inertial.name == "calibrated", name


@pytest.mark.parametrize("name", ["hakuto-r-m1", "hakuto-r-m2"])
def test_the_payload_manifest_adds_up_to_the_payload_mass(name: str) -> None:
    mission = load_mission(name)
    assert len(mission.payloads) == 6
    total = sum(payload.mass_kg for payload in mission.payloads)
    assert total == pytest.approx(mission.vehicle.payload_kg)


def test_the_payload_of_resilience_includes_tenacious() -> None:
    assert any("TENACIOUS" in payload.name for payload in M2.payloads)
