"""The recipes of CONTRIBUTING.md: each is followed on one copy of the sources, which then flies."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONTRIBUTING = ROOT / "CONTRIBUTING.md"

SCENARIO = """
base = "noisy"
name = "sluggish-unit"
title = "Sluggish unit"
description = "As noisy, with one more second of processing for every range."

extra_latency_s = {value = 1.0, source = "own", confidence = "assumed", note = "for a test"}
"""

MISSION = """
base = "hakuto-r-m2"
name = "second-try"
title = "Mission 2 with a lighter lander"
vehicle = "featherweight"
"""

LANDER = """
base = "series-1"
name = "featherweight"
title = "A lighter Series 1"

payload_kg = {value = 0.0, source = "own", confidence = "assumed", note = "for a test"}
"""

LAW = '''
"""Full thrust below a height."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .types import TerminalGains


@dataclass(frozen=True, slots=True)
class AllOrNothingGains:
    """Numbers of the law."""

    below_m: float = 700.0


@dataclass(frozen=True, slots=True)
class AllOrNothingLaw:
    """Fall freely, then burn in full."""

    gains: AllOrNothingGains = field(default_factory=AllOrNothingGains)
    terminal: TerminalGains = field(default_factory=TerminalGains)
    name: str = "all-or-nothing"

    def start(self, rows):
        return (np.zeros(rows, dtype=np.bool_),)

    def throttle(self, now, burning):
        return np.where(now.height < self.gains.below_m, 1.0, 0.0), burning
'''

LAW_NAMED = (
    '    "convex": ConvexLaw,\n',
    '    "convex": ConvexLaw,\n    "all-or-nothing": AllOrNothingLaw,\n',
)
LAW_IMPORTED = (
    "from .guidance.apollo import ApolloLaw\n",
    "from .guidance.all_or_nothing import AllOrNothingLaw\n"
    "from .guidance.apollo import ApolloLaw\n",
)
# A cost of time: its field, its default, what it is, and that it adds up.
REWARD = {
    "sim/fields.py": [("    shaping: float\n", "    shaping: float\n    haste: float\n")],
    "envs/settings.py": [
        ('        "gamma": 1.0,\n', '        "haste": 0.0,\n        "gamma": 1.0,\n')
    ],
    "sim/reward.py": [
        (
            "Terms(0.0, 0.0, 0.0, propellant, shaping)",
            "Terms(0.0, 0.0, 0.0, propellant, shaping, haste)",
        ),
        ("] = propellant + shaping", "] = propellant + shaping + haste"),
        ("flown.propellant, flown.shaping)", "flown.propellant, flown.shaping, flown.haste)"),
        ("    propellant = -scales", "    haste = -scales.haste * 0.2\n    propellant = -scales"),
    ],
}
FIELD = (
    '        Field("dr_v_up_m_s",',
    '        Field("dr_speed_m_s", "m/s", 50.0, 0.0, 10.0, "dead-reckoned speed"),\n'
    '        Field("dr_v_up_m_s",',
)
FIELD_VALUE = (
    "        dr_v_up_m_s=",
    "        dr_speed_m_s=math.sqrt(dot(believed.v, believed.v)),\n        dr_v_up_m_s=",
)
TRIED = ("A scenario", "A mission", "A guidance law", "A reward term", "An observed quantity")

FLY = """
import json
import lunar_env
from agents import list_pilots, make_pilot

PRIVILEGED = [field.name for field in lunar_env.PRIVILEGED_FIELDS]
SHOWN = ("dr_speed_m_s", "dr_v_x_m_s", "dr_v_y_m_s", "dr_v_z_m_s", "lrf_arrivals")

def mass(env):
    return float(env.privileged[PRIVILEGED.index("mass_kg")])

plain = lunar_env.LunarLandingEnv(scenario="noisy")
plain.reset(seed=3)
env = lunar_env.LunarLandingEnv(
    mission="second-try", scenario="sluggish-unit", reward={"haste": 2.0}
)
fields = env.observation_fields
place = {field.name: k for k, field in enumerate(fields)}
gains = {"law": {"below_m": 2500.0}}
pilot = make_pilot("all-or-nothing+kalman", fields, gains=gains)
observation, _ = env.reset(seed=3)
masses, state, steps, ended = (mass(plain), mass(env)), None, [], False
while not ended and len(steps) < 150:
    action, state = pilot.predict(observation, state)
    observation, reward, terminated, truncated, info = env.step(action)
    ended = terminated or truncated
    terms = [info["reward_" + term] for term in lunar_env.REWARD_TERMS]
    shown = {name: float(observation[place[name]]) * fields[place[name]].scale for name in SHOWN}
    lag = float(observation[place["lrf1_age_s"]]) * fields[place["lrf1_age_s"]].scale
    step = {"reward": reward, "terms": terms, "haste": info["reward_haste"], "age": lag}
    steps.append({**step, **shown, "throttle": 0.5 * (float(action[0]) + 1.0)})
named = [lunar_env.list_scenarios(), lunar_env.list_missions(), list_pilots()]
print(json.dumps({"names": named, "masses": masses, "steps": steps}))
"""


def edit(path, old, new):
    """Replace a text that stands once in a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path.name}: {text.count(old)} times {old!r}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def add_everything(copy):
    """Follow every recipe."""
    data, guidance, sim = copy / "lunar_env/data", copy / "agents/guidance", copy / "lunar_env/sim"
    for path, text in (
        (data / "scenarios/sluggish-unit.toml", SCENARIO),
        (data / "missions/second-try.toml", MISSION),
        (data / "vehicles/featherweight.toml", LANDER),
        (guidance / "all_or_nothing.py", LAW),
    ):
        path.write_text(text.lstrip(), encoding="utf-8")
    registry = copy / "agents/registry.py"
    edit(registry, *LAW_NAMED)
    edit(registry, *LAW_IMPORTED)
    for name, changes in REWARD.items():
        for old, new in changes:
            edit(copy / "lunar_env" / name, old, new)
    edit(sim / "frame.py", *FIELD)
    edit(sim / "observe.py", *FIELD_VALUE)


@pytest.fixture(scope="module")
def flown(tmp_path_factory):
    """What a copy of the sources flies in which every recipe was followed."""
    copy = tmp_path_factory.mktemp("recipes")
    for package in ("lunar_env", "agents"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, copy / package, ignore=ignored)
    add_everything(copy)
    done = subprocess.run(
        [sys.executable, "-B", "-c", FLY],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_new_scenario_is_listed_and_delays_its_ranges(flown):
    assert "sluggish-unit" in flown["names"][0]
    ages = [step["age"] for step in flown["steps"] if step["lrf_arrivals"] > 0.0]
    assert len(ages) > 10
    assert min(ages) >= 1.0


def test_a_new_mission_flies_its_lighter_lander(flown):
    assert "second-try" in flown["names"][1]
    before, lighter = flown["masses"]
    assert before - lighter == pytest.approx(30.0, rel=0.1)


def test_a_new_law_flies_with_every_filter(flown):
    assert {"all-or-nothing+naive", "all-or-nothing+kalman"} <= set(flown["names"][2])
    throttles = [step["throttle"] for step in flown["steps"]]
    assert throttles[0] == 0.0
    assert throttles[-1] == 1.0
    assert throttles == sorted(throttles)


def test_a_new_reward_term_is_scaled_summed_and_reported(flown):
    for step in flown["steps"]:
        assert step["haste"] == pytest.approx(-2.0 * 0.2)
        assert sum(step["terms"]) == pytest.approx(step["reward"])


def test_a_new_observed_quantity_is_the_speed(flown):
    for step in flown["steps"]:
        parts = [step[f"dr_v_{axis}_m_s"] ** 2 for axis in "xyz"]
        assert step["dr_speed_m_s"] == pytest.approx(sum(parts) ** 0.5, rel=1e-5)


def recipes():
    """Titles of the recipes with their numbered lines."""
    text = CONTRIBUTING.read_text(encoding="utf-8")
    part = text.split("## How to add something", 1)[1].split("\n## ", 1)[0]
    return dict(re.findall(r"\*\*(An? [^*]+)\*\*(.*?)(?=\n\*\*An? |\Z)", part, flags=re.DOTALL))


def test_recipes_have_five_lines():
    found = {title: re.findall(r"^(\d)\. ", text, flags=re.M) for title, text in recipes().items()}
    assert set(found) == set(TRIED)
    assert {title: steps for title, steps in found.items() if steps != list("12345")} == {}


def test_recipes_name_files_that_exist():
    named = [
        name for text in recipes().values() for name in re.findall(r"`([^`\s]+/[^`\s]*)`", text)
    ]
    assert len(named) > 10
    # What a recipe makes has NAME in it; the folder is there already.
    paths = [ROOT / (name.rpartition("/")[0] if "NAME" in name else name) for name in named]
    assert [str(path) for path in paths if not path.exists()] == []
