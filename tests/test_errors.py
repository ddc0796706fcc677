"""The exceptions: what they derive from, what they say, and the hint for a misspelt name."""

import pickle

import pytest

from lunar_env.errors import ConfigError, LunarEnvError, MissingExtra, nearest


@pytest.mark.parametrize(
    ("name", "options", "hint"),
    [
        ("latencey", ["ideal", "latency"], "; did you mean 'latency'?"),
        ("Latency", ["ideal", "latency"], "; did you mean 'latency'?"),
        ("prf_hz", ["prf_Hz"], "; did you mean 'prf_Hz'?"),
        ("zzzzzz", ["ideal", "latency"], ""),
        ("ideal", [], ""),
        (3, ["ideal"], ""),
        (None, ["ideal"], ""),
    ],
)
def test_nearest_suggests_a_similar_name(name: object, options: list[str], hint: str) -> None:
    assert nearest(name, options) == hint


def test_errors_have_their_base_classes() -> None:
    assert issubclass(ConfigError, LunarEnvError)
    assert issubclass(ConfigError, ValueError)
    assert issubclass(MissingExtra, LunarEnvError)
    assert issubclass(MissingExtra, ImportError)


def test_a_missing_extra_says_how_to_install_it() -> None:
    error = MissingExtra("render", "drawing")
    assert str(error) == "drawing needs an extra: pip install 'lunar-env[render]'"
    assert error.extra == "render"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
