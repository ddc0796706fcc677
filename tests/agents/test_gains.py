"""Gains of classical pilots: changed by hand, read from files, refused where they make no sense."""

from __future__ import annotations

from typing import Any

import pytest

from agents import gains as gains_module
from agents import make_pilot
from agents.classical import ClassicalPilot
from lunar_env import list_missions
from lunar_env.errors import ConfigError
from lunar_env.pilots import default_phase, resolve
from lunar_env.reading import read_toml
from lunar_env.task import Task

NAME = "e-guidance+kalman"


def made(**groups: dict[str, Any]) -> Any:
    pilot = make_pilot(NAME, gains=groups)
    assert isinstance(pilot, ClassicalPilot)
    return pilot


def test_every_group_of_gains_reaches_its_part():
    pilot = made(
        law={"peak_frac": 0.8},
        terminal={"tau_s": 1},
        blind={"sigmas": 1.5},
        filter={"gate_sigmas": 4.0},
    )
    assert pilot.law.gains.peak_frac == 0.8
    assert pilot.law.terminal.tau_s == 1.0
    assert pilot.blind.sigmas == 1.5
    assert pilot.navigation.gains.gate_sigmas == 4.0
    assert pilot.law.gains.period_s == made().law.gains.period_s


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({"laws": {}}, "unknown group of gains 'laws'; did you mean 'law'. .available: law, "),
        ({"law": {"peak_fraq": 0.9}}, "has no gain 'peak_fraq'; did you mean 'peak_frac'"),
        ({"law": {"peak_frac": 1.2}}, "peak_frac = 1.2 must be between 0.3 and 1"),
        ({"law": {"peak_frac": "high"}}, "peak_frac = 'high' must be a number"),
        ({"blind": {"sigmas": float("nan")}}, "sigmas = nan must be between"),
        ({"filter": {"certain": -2}}, "certain = -2 must be between 0 and"),
        ({"filter": {"gate_sigma": 4.0}}, "has no gain .gate_sigma.; did you mean .gate_sigmas."),
    ],
)
def test_invalid_values_are_rejected(groups, message):
    with pytest.raises(ConfigError, match=message):
        made(**groups)


def test_a_learned_pilot_has_no_gains():
    with pytest.raises(ConfigError, match="it has no gains"):
        make_pilot("ppo-m2-late-acquisition", gains={"law": {}})


def test_a_shipped_file_is_loaded(tmp_path, monkeypatch):
    monkeypatch.setattr(gains_module, "GAINS", tmp_path)
    text = '[law]\npeak_frac = 0.85\n[study]\nmission = "hakuto-r-m2"\nlandings = 1000\n'
    (tmp_path / f"{NAME}.toml").write_text(text, encoding="utf-8")
    tuned, other = make_pilot(NAME), make_pilot("fp2dg+kalman")
    assert isinstance(tuned, ClassicalPilot)
    assert isinstance(other, ClassicalPilot)
    assert tuned.law.gains.peak_frac == 0.85
    assert other.law.gains.peak_frac != 0.85
    assert made().law.gains.peak_frac != 0.85


def test_gains_of_a_file_may_be_for_one_control_or_mission(tmp_path):
    path = tmp_path / "x.toml"
    text = """
        blind = {sigmas = 5.0, fastest_m_s = 45.0}
        control.thrust_vector.blind = {fastest_m_s = 8.0}
        mission.slim.blind = {sigmas = 2.0}
        mission.slim.terminal = {flare_s = 15.0}
    """
    path.write_text(text, encoding="utf-8")
    read = gains_module.read_gains
    assert read(path) == {"blind": {"sigmas": 5.0, "fastest_m_s": 45.0}}
    assert read(path, "throttle", "im-2") == read(path)
    assert read(path, "thrust_vector")["blind"] == {"sigmas": 5.0, "fastest_m_s": 8.0}
    slim = {"blind": {"sigmas": 2.0, "fastest_m_s": 8.0}, "terminal": {"flare_s": 15.0}}
    assert read(path, "thrust_vector", "slim") == slim


def test_shipped_gains_are_those_of_the_control_and_the_mission():
    for path in gains_module.GAINS.glob("*.toml"):
        table = read_toml(path)
        for mission in table.get("mission", {}):
            assert mission in list_missions()
        for control in ("throttle", "thrust_vector"):
            for mission in ("hakuto-r-m2", *table.get("mission", {})):
                phase = default_phase(mission)
                task = Task(mission, "noisy", control=control, phase=phase)
                pilot = resolve(path.stem, task).pilot
                shipped = gains_module.shipped_gains(path.stem, control, mission)
                for name, value in shipped["blind"].items():
                    assert getattr(pilot.blind, name) == value
                for name, value in shipped["terminal"].items():
                    assert getattr(pilot.law.terminal, name) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("control.trottle.blind.sigmas = 5.0", "unknown control 'trottle'; did you mean 'thrott"),
        ("control = 3", "control = 3 must be a table of tables"),
        ("mission.slim = 3", "mission.slim = 3 must be a table of gains"),
        ("mission.slim.blind = 3", "mission.slim.blind = 3 must be a table of gains"),
    ],
)
def test_wrong_gains_of_a_control_or_mission_are_rejected(tmp_path, text, message):
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        gains_module.read_gains(path, "throttle", "slim")


def test_a_damaged_file_is_named_in_the_error(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text("law = 3\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"x\.toml: law = 3 must be a table"):
        gains_module.read_gains(path)
