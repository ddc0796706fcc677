"""Where results go is free, or that is an error before any work is done."""

import json
import math

import pytest

from lunar_env.errors import LunarEnvError
from lunar_env.files import OutputExistsError
from training.output import json_text, new_file, new_folder, write_text


def test_a_taken_name_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "results.parquet"
    path.write_text("mine")
    with pytest.raises(OutputExistsError, match="exists"):
        new_file(path)
    with pytest.raises(OutputExistsError, match="exists"):
        new_folder(path)
    assert path.read_text() == "mine"


def test_an_existing_folder_is_refused_even_if_empty(tmp_path):
    with pytest.raises(OutputExistsError):
        new_folder(tmp_path)


def test_the_way_there_is_made(tmp_path):
    assert new_folder(tmp_path / "a" / "b").is_dir()
    assert not new_file(tmp_path / "c" / "d.txt").exists()
    assert (tmp_path / "c").is_dir()


def test_a_file_on_the_way_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LunarEnvError, match="not a folder"):
        new_file(tmp_path / "file" / "results.parquet")


def test_a_text_takes_the_place_of_the_old_one(tmp_path):
    write_text(tmp_path / "a.txt", "old")
    write_text(tmp_path / "a.txt", "new")
    assert [p.read_text() for p in tmp_path.iterdir()] == ["new"]


def test_json_has_no_nan():
    text = json_text({"a": math.nan, "b": [math.inf, 1.5], "c": {"d": -math.inf}})
    assert json.loads(text) == {"a": None, "b": [None, 1.5], "c": {"d": None}}
