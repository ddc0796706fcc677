"""Why landings are lost: the rules, one by one and in their order."""

import numpy as np
import pytest

pytest.importorskip("pyarrow")

from training.taxonomy import CAUSES, LOCKOUT_S, SATURATED_S, causes

# A lander that hit the ground too fast with thrust to spare, although it knew its height.
FAST = {
    "outcome": "CRASHED",
    "lost": False,
    "margin_v_vertical_m_s": -5.0,
    "margin_v_lateral_m_s": 0.5,
    "margin_tilt_deg": 5.0,
    "margin_rate_deg_s": 2.0,
    "first_fix_height_m": 1500.0,
    "fix_margin_m": 500.0,
    "lockout_s": 1.0,
    "full_thrust_end_s": 1.0,
    "propellant_left_kg": 10.0,
}
NO_CONTACT = {name: np.nan for name in FAST if name.startswith("margin")}
SOFT = {"margin_v_vertical_m_s": 1.0}


def cause(**changed):
    landing = FAST | changed
    return causes({name: np.array([value]) for name, value in landing.items()})[0]


CASES = [
    ("", {"outcome": "LANDED", **SOFT}),
    ("too fast", {}),
    ("doomed", {"lost": True}),
    ("clock", {"outcome": "TIME_LIMIT", **NO_CONTACT}),
    ("tipped", {"outcome": "TIPPED", **SOFT}),
    ("leaning", {"outcome": "HARD_LANDING", **SOFT, "margin_tilt_deg": -1.0}),
    ("hard", {"outcome": "HARD_LANDING", **SOFT}),
    ("never saw", {"first_fix_height_m": np.nan, "fix_margin_m": np.nan}),
    ("lock-out", {"lockout_s": LOCKOUT_S + 0.2}),
    ("saw too late", {"fix_margin_m": -1.0}),
    ("fuel", {"outcome": "FUEL_OUT", **NO_CONTACT}),
    ("fuel", {"propellant_left_kg": 0.0}),
    ("out of bounds", {"outcome": "OUT_OF_BOUNDS", **NO_CONTACT}),
    ("saturated", {"full_thrust_end_s": SATURATED_S}),
    ("sideways", {**SOFT, "margin_v_lateral_m_s": -0.1}),
    ("numeric", {"outcome": "NUMERIC", "lost": True, **NO_CONTACT}),
]


@pytest.mark.parametrize(("expected", "changed"), CASES)
def test_each_rule_gives_its_cause(expected, changed):
    assert cause(**changed) == expected


def test_root_causes_take_precedence_over_consequences():
    blind = {"first_fix_height_m": np.nan, "fix_margin_m": np.nan}
    # It groped for the ground until the tanks were dry.
    assert cause(outcome="FUEL_OUT", **blind, **NO_CONTACT) == "never saw"
    # It saw late because its filter held out, and braked as hard as it could.
    late = {"lockout_s": 20.0, "fix_margin_m": -50.0, "full_thrust_end_s": 9.0}
    assert cause(**late) == "lock-out"
    assert cause(**late | {"lockout_s": 0.0}) == "saw too late"
    # It fell over after a soft touchdown that it made blind.
    assert cause(outcome="TIPPED", **SOFT, **blind) == "tipped"


def test_every_cause_has_a_description_and_a_rule():
    assert {expected for expected, _ in CASES} == {"", *CAUSES}


def test_unknown_values_give_no_cause():
    unknown = dict.fromkeys(("fix_margin_m", "lockout_s", "full_thrust_end_s"), np.nan)
    assert cause(**unknown) == "too fast"
