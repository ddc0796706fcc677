"""Files say what format they have, and JSON is standard JSON."""

import json
import math

import pytest

from lunar_env import __version__
from lunar_env.errors import ConfigError
from lunar_env.formats import check_format, json_text


def test_the_format_of_this_version_is_read():
    check_format("lunar-env-results/2", "lunar-env-results/2", "r.parquet")


@pytest.mark.parametrize(("found", "age"), [(3, "a newer"), (1, "an older")])
def test_an_unknown_version_is_named_with_the_known_one(found, age):
    with pytest.raises(ConfigError) as caught:
        check_format(f"lunar-env-results/{found}", "lunar-env-results/2", "r.parquet")
    assert str(caught.value) == (
        f"r.parquet: has format lunar-env-results/{found}, of {age} version of lunar_env; version"
        f" {__version__} reads lunar-env-results/2"
    )


@pytest.mark.parametrize(
    "found",
    [None, 2, [], "results/2", "lunar-env-flight/2", "lunar-env-results/x", "x" * 9999],
)
def test_another_kind_of_file_is_a_one_line_error(found):
    with pytest.raises(ConfigError, match="is not of format lunar-env-results/2") as caught:
        check_format(found, "lunar-env-results/2", "r.parquet")
    assert len(str(caught.value)) < 200


def test_json_output_has_no_nan():
    text = json_text({"a": math.nan, "b": [math.inf, 1.5], "c": {"d": -math.inf}})
    assert json.loads(text) == {"a": None, "b": [None, 1.5], "c": {"d": None}}
