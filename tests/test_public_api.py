"""What the package exports, and that it is what the documentation promises."""

import contextlib
import importlib
import importlib.resources
import inspect
import pkgutil
import subprocess
import sys

import gymnasium as gym
import pytest

import lunar_env

PROMISED = {
    *("LunarLandingEnv", "LunarLandingVectorEnv", "Outcome", "Field"),
    *("OBSERVATION_FIELDS", "ACTION_FIELDS", "PRIVILEGED_FIELDS", "REWARD_TERMS"),
    *("MissionSpec", "VehicleSpec", "RangefinderSpec", "ScenarioSpec"),
    *("load_mission", "list_missions", "list_scenarios"),
    *("LunarEnvError", "ConfigError", "MissingExtra", "__version__"),
}


def test_all_lists_the_documented_names_and_they_exist():
    assert set(lunar_env.__all__) == PROMISED
    assert len(lunar_env.__all__) == len(PROMISED)
    for name in PROMISED:
        assert hasattr(lunar_env, name)


def test_nothing_else_is_public():
    """Apart from submodules and what `__all__` names, every name starts with an underscore."""
    modules = {info.name for info in pkgutil.iter_modules(lunar_env.__path__)}
    others = {name for name in vars(lunar_env) if not name.startswith("_")} - PROMISED - modules
    assert others <= {"register_all"}


def test_a_field_has_the_documented_attributes():
    assert lunar_env.Field._fields == ("name", "unit", "scale", "low", "high", "doc")


def test_the_outcomes_are_the_documented_ones():
    names = "FLYING LANDED HARD_LANDING TIPPED CRASHED FUEL_OUT OUT_OF_BOUNDS NUMERIC TIME_LIMIT"
    assert [outcome.name for outcome in lunar_env.Outcome] == names.split()


def test_errors_can_be_caught_in_two_ways():
    assert issubclass(lunar_env.ConfigError, lunar_env.LunarEnvError)
    assert issubclass(lunar_env.ConfigError, ValueError)
    assert issubclass(lunar_env.MissingExtra, ImportError)


def test_missions_and_scenarios_are_listed():
    assert "hakuto-r-m2" in lunar_env.list_missions()
    assert {"ideal", "noisy", "latency", "late-acquisition"} <= set(lunar_env.list_scenarios())
    for name in lunar_env.list_missions():
        assert isinstance(lunar_env.load_mission(name), lunar_env.MissionSpec)


def parameters(function):
    return {
        name: value.default
        for name, value in inspect.signature(function).parameters.items()
        if name not in ("self", "unknown")
    }


def test_the_keywords_and_defaults_of_the_environments():
    shared = {
        "mission": "hakuto-r-m2",
        "scenario": "late-acquisition",
        "control": "throttle",
        "phase": "terminal",
        "history": 1,
        "reward": None,
        "time_limit_s": None,
        "render_mode": None,
        "render_size": (800, 544),
        "max_episode_steps": None,
        "info": "full",
    }
    assert parameters(lunar_env.LunarLandingEnv.__init__) == shared
    mode = parameters(lunar_env.LunarLandingVectorEnv.__init__).pop("autoreset_mode")
    assert mode.name == "NEXT_STEP"
    vector = {**shared, "num_envs": 1, "num_threads": None, "autoreset_mode": mode}
    assert parameters(lunar_env.LunarLandingVectorEnv.__init__) == vector


@pytest.mark.parametrize("kind", ["LunarLandingEnv", "LunarLandingVectorEnv"])
def test_the_environments_have_the_documented_properties(kind):
    promised = ("privileged", "final_privileged", "observation_fields", "action_fields", "world")
    for name in promised:
        assert isinstance(getattr(getattr(lunar_env, kind), name), property)
    assert callable(getattr(lunar_env, kind).snapshot)


def test_the_ids_are_the_documented_ones():
    ids = {
        "LunarEnv/ThrottleLanding-v0": ("throttle", "terminal", "hakuto-r-m2"),
        "LunarEnv/VectorLanding-v0": ("thrust_vector", "approach", "blue-ghost-m1"),
        "LunarEnv/PoweredDescent-v0": ("thrust_vector", "powered", "chandrayaan-3"),
        "LunarEnv/ActuatorLanding-v0": ("actuators", "terminal", "slim"),
    }
    registered = {name for name in gym.registry if name.startswith("LunarEnv/")}
    assert registered == set(ids)
    for name, flown in ids.items():
        kwargs = gym.spec(name).kwargs
        assert (kwargs["control"], kwargs["phase"], kwargs["mission"]) == flown


def test_every_public_object_is_documented():
    for name in PROMISED:
        thing = getattr(lunar_env, name)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            assert inspect.getdoc(thing), name


def test_every_module_can_be_imported():
    for info in pkgutil.walk_packages(lunar_env.__path__, "lunar_env."):
        if not info.name.endswith("__main__"):
            with contextlib.suppress(lunar_env.MissingExtra):
                importlib.import_module(info.name)


def test_importing_the_package_imports_no_trainer_and_no_window():
    code = (
        "import sys, lunar_env;"
        "print(sorted(m for m in ('torch', 'pygame', 'stable_baselines3', 'matplotlib',"
        " 'pyarrow') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_package_is_typed():
    root = importlib.resources.files(lunar_env)
    assert (root / "py.typed").is_file()
