"""Numbers and distributions: what is accepted, what they mean, what is refused."""

import math

import pytest

from lunar_env.errors import ConfigError
from lunar_env.specs import CONFIDENCES, Draw, Quantity, ScenarioSpec, load_mission, load_scenario
from lunar_env.specs.quantity import as_draw, split_provenance, unit_of

IDEAL = load_scenario("ideal")


def scenario_with(**changes: object) -> ScenarioSpec:
    return IDEAL.replace(**changes)


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("accel_bias_m_s2", "m/s2"),
        ("v_lateral_m_s", "m/s"),
        ("torque_max_z_N_m", "N m"),
        ("rate_deg_s", "deg/s"),
        ("engine_lag_s", "s"),
        ("impulse_bit_N_m_s", "N m s"),
        ("height_m", "m"),
        ("thrust_max_N", "N"),
        ("isp_frac", "-"),
        ("lambert_k", "-"),
        ("amplifier_noise_e", "electrons"),
        ("signal_loss_dB", "dB"),
    ],
)
def test_the_suffix_is_the_unit(name: str, unit: str) -> None:
    assert unit_of(name) == unit


@pytest.mark.parametrize(
    ("raw", "draw", "support"),
    [
        (3, Draw("constant", (3.0,)), (3.0, 3.0)),
        ({"uniform": [1, 2.5]}, Draw("uniform", (1.0, 2.5)), (1.0, 2.5)),
        ({"normal": [1.0, 2.0]}, Draw("normal", (1.0, 2.0)), (-math.inf, math.inf)),
        ({"normal": [1.0, 0.0]}, Draw("normal", (1.0, 0.0)), (1.0, 1.0)),
        ({"exponential": [2.0]}, Draw("exponential", (2.0,)), (0.0, math.inf)),
        ({"exponential": [0.0]}, Draw("exponential", (0.0,)), (0.0, 0.0)),
        ({"choice": [3, 1, 2]}, Draw("choice", (3.0, 1.0, 2.0)), (1.0, 3.0)),
    ],
)
def test_distributions_are_parsed(raw: object, draw: Draw, support: tuple[float, float]) -> None:
    assert as_draw(raw) == draw
    assert draw.support == support


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"uniform": [2.0, 1.0]}, "low must not exceed high"),
        ({"uniform": [2.0]}, r"needs \[low, high\]"),
        ({"normal": [2.0, -1.0]}, "standard deviation must not be negative"),
        ({"exponential": [-1.0]}, "mean must not be negative"),
        ({"exponential": [1.0, 2.0]}, r"needs \[mean\]"),
        ({"choice": []}, "1 to 8 options"),
        ({"choice": list(range(9))}, "1 to 8 options"),
        ({"normal": [0.0, math.nan]}, "finite"),
        ({"uniform": [0.0, math.inf]}, "finite"),
        ({"uniform": 3.0}, "must be a list"),
        ({"uniform": [True, 2.0]}, "must be a number"),
        ("x", "must be a number or a distribution"),
        (True, "must be a number or a distribution"),
        (math.inf, "finite"),
        ({}, "must hold one of uniform"),
        ({"foo": [1.0]}, "must hold one of uniform"),
        ({"normal": [0.0, 1.0], "uniform": [0.0, 1.0]}, "must hold one of uniform"),
    ],
)
def test_invalid_distributions_are_rejected(raw: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        as_draw(raw)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"unifrom": [0.0, 1.0]}, "unknown key 'unifrom'; did you mean 'uniform'"),
        ({"value": 1.0, "sorce": "R1"}, "unknown key 'sorce'; did you mean 'source'"),
        ({"uniform": [0.0, 1.0], "normal": [0.0, 1.0]}, "must hold one of"),
        ({"source": "R1"}, "must hold one of"),
        ({"value": 1.0, "confidence": "offical"}, "did you mean 'official'"),
        ({"value": 1.0, "source": 3}, "source = 3: must be text"),
    ],
)
def test_a_number_with_invalid_provenance_is_rejected(raw: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        split_provenance(raw)


@pytest.mark.parametrize(
    ("key", "raw", "message"),
    [
        ("dropout_frac", {"uniform": [0.5, 1.5]}, r"must stay in \[0, 1\]"),
        ("dropout_frac", -0.1, r"must stay in \[0, 1\]"),
        ("range_noise_m", {"normal": [1.0, 0.1]}, "must stay in"),
        ("jitter_s", {"exponential": [0.1]}, r"must stay in \[0, 10\]"),
        ("signal_loss_dB", {"choice": [0.0, 200.0]}, r"must stay in \[0, 100\]"),
    ],
)
def test_every_value_of_a_distribution_must_be_valid(key: str, raw: object, message: str) -> None:
    with pytest.raises(ConfigError, match=f"{key}.*{message}"):
        scenario_with(**{key: raw})


def test_a_number_keeps_its_provenance() -> None:
    lander = load_mission("hakuto-r-m2").vehicle
    assert lander.provenance["mass_dry_kg"] == Quantity(340.0, "kg", "R11", "official")
    # Whole numbers count things: acquire_m is not in metres.
    assert lander.gear.provenance["legs"][:3] == (4, "-", "R12")
    assert load_mission("hakuto-r-m2").rangefinder.provenance["acquire_m"].unit == "-"
    # Nested tables keep their own.
    nominal = lander.limits.nominal.provenance["v_vertical_m_s"]
    assert (nominal.value, nominal.unit, nominal.source) == (2.0, "m/s", "R30")
    assert "limits" not in lander.provenance


def test_a_draw_keeps_its_provenance() -> None:
    loss = load_scenario("late-acquisition").provenance["signal_loss_dB"]
    assert loss.value == Draw("uniform", (0.0, 14.0))
    assert (loss.unit, loss.source, loss.confidence) == ("dB", "R4", "assumed")


def test_a_plain_number_has_no_source() -> None:
    changed = scenario_with(range_noise_m=0.5)
    assert changed.provenance["range_noise_m"] == Quantity(Draw("constant", (0.5,)), "m", "", "")


def test_provenance_is_read_only() -> None:
    with pytest.raises(TypeError):
        IDEAL.provenance["range_noise_m"] = Quantity(0.0, "m", "", "")  # type: ignore[index]


def test_items_of_a_list_keep_their_own_provenance() -> None:
    main, spectra = load_mission("blue-ghost-m1").vehicle.engines
    assert main.provenance["thrust_N"][:4] == (1200.0, "N", "R33", "assumed")
    assert spectra.provenance["thrust_N"][:4] == (400.0, "N", "R34", "press")
    # What the file does not say has a value, but no source.
    assert main.provenance["gap_low_frac"] == Quantity(1.0, "-", "", "")


def test_intervals_are_quantities() -> None:
    tilt = load_mission("slim").vehicle.gear.provenance["rest_tilt_deg"]
    assert tilt[:4] == ((0.0, 100.0), "deg", "own", "assumed")


def test_missing_provenance_is_not_written() -> None:
    terminal = load_mission("hakuto-r-m2").phases.terminal
    assert terminal is not None
    assert terminal.v_vertical_m_s is None
    assert terminal.provenance["v_vertical_m_s"].value is None
    assert "v_vertical_m_s" not in terminal.to_table()


def test_every_confidence_is_explained() -> None:
    assert all(meaning for meaning in CONFIDENCES.values())
