"""The recipes of CONTRIBUTING.md: each is followed on one copy of the sources, which then flies."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.recipes.additions import (
    FIELD,
    FIELD_VALUE,
    LANDER,
    LAW,
    LAW_IMPORTED,
    LAW_NAMED,
    MISSION,
    REWARD,
    SCENARIO,
)
from tests.recipes.inclinometer import AFTER, INCLINOMETER, SENSOR

ROOT = Path(__file__).parents[2]
CONTRIBUTING = ROOT / "CONTRIBUTING.md"

TRIED = (
    "A scenario",
    "A mission",
    "A sensor",
    "A guidance law",
    "A reward term",
    "An observed quantity",
)

FLY = """
import json
import lunar_env
from agents import list_pilots, make_pilot

PRIVILEGED = [field.name for field in lunar_env.PRIVILEGED_FIELDS]
SHOWN = ("dr_speed_m_s", "dr_v_x_m_s", "dr_v_y_m_s", "dr_v_z_m_s", "lrf_arrivals")
LEAN = ("inc_lean_rad", "inc_age_s", "inc_valid", "inc_new")

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
    shown = {n: float(observation[place[n]]) * fields[place[n]].scale for n in SHOWN + LEAN}
    lag = float(observation[place["lrf1_age_s"]]) * fields[place["lrf1_age_s"]].scale
    step = {"reward": reward, "terms": terms, "haste": info["reward_haste"], "age": lag}
    steps.append({**step, **shown, "throttle": 0.5 * (float(action[0]) + 1.0)})
    steps[-1]["true_lean"] = float(env.privileged[PRIVILEGED.index("tilt_rad")])
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
    making = copy / "agents/making.py"
    edit(making, *LAW_NAMED)
    edit(making, *LAW_IMPORTED)
    for name, changes in REWARD.items():
        for old, new in changes:
            edit(copy / "lunar_env" / name, old, new)
    edit(sim / "frame.py", *FIELD)
    edit(sim / "observe.py", *FIELD_VALUE)
    for name, text in INCLINOMETER.items():
        (copy / name).parent.mkdir(exist_ok=True)
        (copy / name).write_text(text.lstrip(), encoding="utf-8")
    for name, changes in SENSOR.items():
        for old, where, new in changes:
            edit(copy / "lunar_env" / name, old, old + new if where == AFTER else new + old)


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


def test_a_new_sensor_shows_the_lean_with_its_delay(flown):
    steps = flown["steps"]
    assert [step["inc_valid"] for step in steps[:1]] == [0.0]
    later = steps[3:]
    assert all(step["inc_valid"] == step["inc_new"] == 1.0 for step in later)
    # Ten samples a second, each 0.3 s late: at the end of a step the newest is 0.3 to 0.4 s old.
    assert all(0.3 - 1e-6 <= step["inc_age_s"] <= 0.4 + 1e-6 for step in later)
    # Two steps back the truth was this, but for what the lander turns meanwhile.
    pairs = zip(steps[1:-2], later, strict=True)
    turned = [abs(now["inc_lean_rad"] - then["true_lean"]) for then, now in pairs]
    assert max(turned) < 0.05
    assert max(step["true_lean"] for step in steps) > 0.01


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


def test_commands_of_recipes_have_these_options():
    text = "".join(recipes().values())
    commands = re.findall(r"`(python -m training|lunar-env) (\w+)([^`]*)`", text)
    assert len(commands) >= 3
    for program, command, rest in commands:
        package = "training" if program.startswith("python") else "lunar_env"
        run = f"import sys; from {package}.cli import main; sys.exit(main())"
        shown = subprocess.run(
            [sys.executable, "-c", run, command, "--help"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert shown.returncode == 0, shown.stderr
        options = re.findall(r"--[\w-]+", rest)
        assert [option for option in options if option not in shown.stdout] == []
