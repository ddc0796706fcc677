"""Where results go is free, or that is an error before any work is done."""

import json
import math

import pytest

from lunar_env.errors import LunarEnvError
from lunar_env.files import OutputExistsError
from training.output import folder_begun, json_text, new_file, new_folder, write_text


def test_a_taken_name_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "results.parquet"
    path.write_text("mine")
    with pytest.raises(OutputExistsError, match="exists"):
        new_file(path)
    with pytest.raises(OutputExistsError, match="exists"):
        new_folder(path)
    assert path.read_text() == "mine"


def test_a_folder_is_free_if_all_it_holds_is_temporary(tmp_path):
    (tmp_path / ".summary.123.part.json").write_text("{")
    assert new_folder(tmp_path) == tmp_path
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(OutputExistsError):
        new_folder(tmp_path)
    with pytest.raises(OutputExistsError), folder_begun(tmp_path):
        pytest.fail("begun")
    assert (tmp_path / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize("made", [False, True])
def test_a_folder_appears_with_its_first_files(tmp_path, made):
    path = tmp_path / "way" / "run"
    if made:
        path.mkdir(parents=True)
        (path / ".summary.123.part.json").write_text("{")
    with folder_begun(path) as begun:
        (begun / "config.toml").write_text("seed = 1")
        assert not (path / "config.toml").exists()
    assert [entry.name for entry in path.iterdir()] == ["config.toml"]
    assert [entry.name for entry in path.parent.iterdir()] == ["run"]


def test_a_folder_whose_first_files_fail_does_not_appear(tmp_path):
    def begin():
        with folder_begun(tmp_path / "run") as begun:
            (begun / "config.toml").write_text("seed")
            (begun / "config.toml" / "parts").mkdir()

    with pytest.raises(NotADirectoryError):
        begin()
    assert list(tmp_path.iterdir()) == []


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
