"""Figures that follow from others must still follow when either is changed."""

import math

import pytest

from lunar_env.data.constants import C_LIGHT, G0, G_MOON, H_PLANCK
from lunar_env.specs import Draw, list_missions, list_scenarios, load_mission, load_scenario

M2 = load_mission("hakuto-r-m2")


def test_the_planned_landing_leaves_some_propellant() -> None:
    # Constant net deceleration from 106 m/s: thrust pays for it and for gravity.
    terminal, lander = M2.phases.terminal, M2.vehicle
    deceleration = terminal.plan_deceleration_m_s2
    duration = (terminal.plan_speed_m_s - terminal.plan_touchdown_speed_m_s) / deceleration
    delta_v = (deceleration + G_MOON) * duration
    start = lander.mass_dry_kg + lander.payload_kg + terminal.propellant_kg
    used = start * (1.0 - math.exp(-delta_v / (lander.isp_s * G0)))
    assert terminal.propellant_kg - used == pytest.approx(12.0, abs=1.5)


@pytest.mark.parametrize("name", list_missions())
def test_the_plan_is_within_the_engine(name: str) -> None:
    mission = load_mission(name)
    terminal, lander = mission.phases.terminal, mission.vehicle
    mass = lander.mass_dry_kg + lander.payload_kg + terminal.propellant_kg
    assert lander.thrust_max_N / mass > terminal.plan_deceleration_m_s2 + G_MOON


def test_single_shot_range_of_the_reference_unit() -> None:
    # Half of the single shots are detected where the signal-to-noise ratio is the threshold.
    unit = M2.rangefinder
    photons = unit.pulse_energy_uJ * 1e-6 * unit.wavelength_nm * 1e-9 / (H_PLANCK * C_LIGHT)
    collected = photons * unit.eta_optics * unit.eta_quantum * M2.albedo
    area = (unit.aperture_mm * 1e-3 / 2.0) ** 2
    # SNR = N / sqrt(F N + Ne^2) = T, solved for N.
    snr, excess, amplifier = unit.threshold_snr, unit.excess_noise, unit.amplifier_noise_e
    needed = (snr**2 * excess + snr * math.sqrt((snr * excess) ** 2 + 4.0 * amplifier**2)) / 2.0
    assert math.sqrt(collected * area / needed) == pytest.approx(4710.0, rel=0.01)


def test_series_1_installed_thrust() -> None:
    assert M2.vehicle.thrust_max_N == 400.0 + 6 * 200.0


@pytest.mark.parametrize("name", list_scenarios())
def test_what_the_lander_believes_about_its_height(name: str) -> None:
    scenario = load_scenario(name)
    deviation = 300.0 if name == "late-acquisition" else 150.0
    assert scenario.nav_height_error_m == Draw("normal", (0.0, deviation))
    assert scenario.nav_v_vertical_error_m_s == Draw("normal", (0.0, 0.3))
    assert scenario.nav_v_lateral_error_m_s == Draw("normal", (0.0, 0.1))


def test_the_ideal_rangefinder_has_no_ills() -> None:
    ideal = load_scenario("ideal")
    ills = [key for key in type(ideal).model_fields if key.startswith(("range_", "signal_"))]
    ills += ["processing_s", "extra_latency_s", "jitter_s", "dropout_frac"]
    assert all(getattr(ideal, key) == Draw("constant", (0.0,)) for key in ills)
