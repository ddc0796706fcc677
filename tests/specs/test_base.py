"""What all specs promise: strictness, round trip, digest, immutability."""

import copy
import math
import os
import pickle
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lunar_env.errors import ConfigError
from lunar_env.specs import (
    Draw,
    MissionSpec,
    RangefinderSpec,
    ScenarioSpec,
    TouchdownTier,
    list_missions,
    list_scenarios,
    load_mission,
    load_scenario,
)

SPECS = [
    *(pytest.param(load_mission(name), id=name) for name in list_missions()),
    *(pytest.param(load_scenario(name), id=name) for name in list_scenarios()),
]
Loaded = MissionSpec | ScenarioSpec
M2 = load_mission("hakuto-r-m2")
ANOTHER = {**M2.vehicle.to_table()["engines"][0], "name": "another"}


@pytest.mark.parametrize("spec", SPECS)
def test_specs_round_trip_through_toml(spec: Loaded, tmp_path: Path) -> None:
    path = tmp_path / "resolved.toml"
    path.write_text(spec.to_toml(), encoding="utf-8")
    load = load_mission if isinstance(spec, MissionSpec) else load_scenario
    again = load(path)
    assert again == spec  # includes the provenance at every level
    assert again.digest == spec.digest
    assert again.to_toml() == spec.to_toml()


@pytest.mark.parametrize("spec", SPECS)
def test_the_resolved_toml_is_self_contained(spec: Loaded) -> None:
    table = tomllib.loads(spec.to_toml())
    assert "base" not in table
    assert all(isinstance(table.get(part, {}), dict) for part in ("vehicle", "rangefinder"))


@given(st.floats(-1e7, 1e7), st.floats(0.0, 1e7), st.text())
def test_any_number_and_text_round_trips_through_toml(
    mean: float, deviation: float, text: str
) -> None:
    spec = load_scenario("ideal").replace(
        nav_height_error_m={"normal": [mean, deviation], "note": text}, description=text
    )
    assert ScenarioSpec.from_table(tomllib.loads(spec.to_toml())) == spec


def test_equal_content_has_equal_digest() -> None:
    table = M2.to_table()
    assert MissionSpec.from_table(dict(reversed(table.items()))).digest == M2.digest
    assert M2.replace(time_limit_s=200).digest == M2.digest  # a whole number is the same number
    noted = {"value": 200.0, "source": "elsewhere", "confidence": "press"}
    assert M2.replace(time_limit_s=noted).digest == M2.digest
    assert M2.replace(time_limit_s=noted) != M2


@pytest.mark.parametrize(
    ("spec", "change"),
    [
        (M2, {"title": "Another", "operator": "Another", "site": "Another", "outcome": "Another"}),
        (M2, {"vehicle": {"title": "Another"}, "rangefinder": {"title": "Another"}}),
        (load_scenario("noisy"), {"title": "Another", "description": "Another"}),
        (load_scenario("as-flown", M2), {"fitted": "Another", "predicted": "Another"}),
    ],
)
def test_wording_does_not_enter_the_digest(spec: Loaded, change: dict[str, object]) -> None:
    reworded = spec.replace(**change)
    assert reworded != spec
    assert reworded.digest == spec.digest


@pytest.mark.parametrize(
    "change",
    [
        {"time_limit_s": 200.0000001},
        {"name": "other"},
        {"date": "2025-06-06"},
        {"friction": {"uniform": [0.4, 0.9]}},
        {"friction": {"choice": [0.4, 0.8]}},
        {"vehicle": {"gear": {"legs": 5}}},
        {"vehicle": {"gear": {"rest_tilt_deg": [0.0, 21.0]}}},
        {"vehicle": {"engines": [*M2.vehicle.to_table()["engines"], ANOTHER]}},
        {"vehicle": {"limits": {"nominal": {"tilt_deg": 4.0}}}},
        {"rangefinder": {"range_walk": False}},
        {"phases": {"terminal": {"box_m": 5999.0}}},
    ],
)
def test_other_content_has_another_digest(change: dict[str, object]) -> None:
    assert M2.replace(**change).digest != M2.digest


def test_the_digest_does_not_depend_on_the_process_or_the_version() -> None:
    tier = TouchdownTier(v_vertical_m_s=2.0, v_lateral_m_s=0.5, tilt_deg=5.0, rate_deg_s=2.0)
    expected = "dd8c92a8137199b401c85dbf45d2e62e"
    assert tier.digest.startswith(expected)
    code = "from lunar_env.specs import load_mission; print(load_mission('hakuto-r-m2').digest)"
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.strip() == M2.digest


def test_specs_are_immutable_values() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        M2.time_limit_s = 100.0
    twin = MissionSpec.from_table(M2.to_table())
    assert twin == M2
    assert twin is not M2
    assert len({twin, M2}) == 1
    assert pickle.loads(pickle.dumps(M2)) == M2
    assert copy.deepcopy(M2) == M2


def test_replace_leaves_the_original_and_the_rest() -> None:
    heavier = M2.replace(vehicle={"payload_kg": 31.0})
    assert heavier.vehicle.payload_kg == 31.0
    assert M2.vehicle.payload_kg == 30.0
    assert heavier.vehicle.limits == M2.vehicle.limits
    # The new number is the caller's: it no longer has the old one's source.
    assert heavier.vehicle.provenance["payload_kg"].source == ""
    assert heavier.vehicle.provenance["mass_dry_kg"].source == "R11"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"vehicle": {"mas_dry_kg": 1.0}},
            "unknown key 'mas_dry_kg'; did you mean 'mass_dry_kg'",
        ),
        ({"vehicle": {"mass_dry_kg": -3.0}}, r"vehicle\.mass_dry_kg = -3\.0: must be > 0$"),
        ({"vehicle": {"mass_dry_kg": "340"}}, r"vehicle\.mass_dry_kg = '340': must be a number$"),
        ({"vehicle": {"mass_dry_kg": True}}, "must be a number"),
        ({"vehicle": {"mass_dry_kg": [340.0]}}, "must be a number"),
        ({"vehicle": {"mass_dry_kg": {"uniform": [1.0, 2.0]}}}, "a table: must be a number"),
        ({"vehicle": {"mass_dry_kg": math.nan}}, "mass_dry_kg = nan: must be finite"),
        ({"vehicle": {"mass_dry_kg": {"value": math.inf}}}, "mass_dry_kg = inf: must be finite"),
        ({"vehicle": {"gear": {"legs": 4.0}}}, r"legs = 4\.0: must be a whole number"),
        ({"vehicle": {"gear": {"legs": 2}}}, "legs = 2: must be >= 3 and <= 8"),
        ({"rangefinder": {"range_walk": 1}}, "range_walk = 1: must be true or false"),
        ({"vehicle": {"rate_max_deg_s": 400.0}}, "must be > 0 and <= 360"),
        ({"vehicle": {"engines": []}}, r"vehicle\.engines: must hold at least 1"),
        ({"vehicle": {"engines": 3}}, r"vehicle\.engines = 3: must be a list"),
        ({"vehicle": {"engines": [3]}}, r"vehicle\.engines\.0 = 3: must be a table"),
        (
            {"vehicle": {"engines": [{**ANOTHER, "isp": 290.0}]}},
            r"vehicle\.engines\.0: unknown key 'isp'; did you mean 'isp_s'",
        ),
        (
            {"vehicle": {"engines": [{**ANOTHER, "thrust_N": -1.0}]}},
            r"vehicle\.engines\.0\.thrust_N = -1\.0: must be > 0$",
        ),
        (
            {"vehicle": {"steering": "engine"}},
            "steering = 'engine': must be one of thrusters, engines; did you mean 'engines'",
        ),
        (
            {"vehicle": {"gear": {"rest_tilt_deg": 20.0}}},
            r"gear\.rest_tilt_deg.*20\.0: must be \[low, high\]",
        ),
        (
            {"vehicle": {"gear": {"rest_tilt_deg": [20.0, 0.0]}}},
            "rest_tilt_deg.*low must not exceed high",
        ),
        ({"vehicle": {"title": 3}}, "title = 3: must be text"),
        ({"vehicle": {"limits": {"hard": {"tilt_deg": 91.0}}}}, r"limits\.hard\.tilt_deg = 91\.0"),
        ({"vehicle": 3}, "vehicle = 3: must be a table"),
        ({"phases": {"terminl": {}}}, "unknown key 'terminl'; did you mean 'terminal'"),
        ({"name": "No Spaces"}, "name = 'No Spaces': must match"),
        ({"date": "June"}, "date = 'June': must match"),
        ({"latitude_deg": 91.0}, "must be >= -90 and <= 90"),
    ],
)
def test_errors_name_the_invalid_input(change: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        M2.replace(**change)
    assert "\n" not in str(caught.value)
    assert "pydantic" not in str(caught.value)


def test_a_misspelt_key_is_reported_before_the_missing_one() -> None:
    table = M2.rangefinder.to_table()
    table["prf_hz"] = table.pop("prf_Hz")
    with pytest.raises(ConfigError, match=r"unknown key 'prf_hz'; did you mean 'prf_Hz'\?$"):
        RangefinderSpec.from_table(table)


def test_a_missing_key_is_named() -> None:
    table = M2.rangefinder.to_table()
    del table["prf_Hz"]
    with pytest.raises(ConfigError, match=r"^RangefinderSpec: prf_Hz: is missing$"):
        RangefinderSpec.from_table(table)


def test_errors_can_be_pickled() -> None:
    with pytest.raises(ConfigError) as caught:
        M2.replace(vehicle={"mass_dry_kg": -3.0})
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_constant_draw_is_written_as_a_number() -> None:
    spec = load_scenario("ideal").replace(range_noise_m=0.25)
    assert "range_noise_m = 0.25\n" in spec.to_toml()
    assert spec.range_noise_m == Draw("constant", (0.25,))
