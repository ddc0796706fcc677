"""Folders of runs and reports are new or empty, and appear with their first files."""

import os
import signal
import subprocess
import sys

import pytest

from lunar_env.files import OutputError, OutputExistsError, write_file
from lunar_env.folders import folder_begun, is_free, new_folder
from lunar_env.temporary import remove_leftovers

LEFTOVER = ".x.parquet.0123abcd.lunar-env-part"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def begin(path):
    with folder_begun(path) as begun:
        (begun / "config.toml").write_text("seed = 1")


@pytest.mark.parametrize("create", [new_folder, begin])
def test_a_folder_is_free_or_empty(tmp_path, create):
    create(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "c").mkdir()
    # That of a process that was killed before it wrote anything.
    (tmp_path / "c" / LEFTOVER).write_text("half")
    assert is_free(tmp_path / "c")
    create(tmp_path / "c")
    assert LEFTOVER not in names(tmp_path / "c")
    assert names(tmp_path) == ["a", "c"]


@pytest.mark.parametrize("create", [new_folder, begin])
def test_an_impossible_new_folder_is_a_one_line_error(tmp_path, create):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("mine")
    for name in ("file", "link", "full"):
        with pytest.raises(OutputExistsError, match="exists"):
            create(tmp_path / name)
    with pytest.raises(OutputError, match="file is not a folder"):
        create(tmp_path / "file" / "a" / "b")
    with pytest.raises(OutputError, match="File name too long"):
        create(tmp_path / ("n" * 300))
    assert names(tmp_path) == ["file", "full", "link"]
    assert (tmp_path / "full" / "file").read_text() == "mine"


@pytest.mark.parametrize("made", [False, True])
def test_a_folder_appears_with_its_first_files(tmp_path, made):
    path = tmp_path / "way" / "run"
    if made:
        path.mkdir(parents=True)
        (path / LEFTOVER).write_text("half")
    with folder_begun(path) as begun:
        (begun / "config.toml").write_text("seed = 1")
        assert not (path / "config.toml").exists()
    assert names(path) == ["config.toml"]
    assert names(path.parent) == ["run"]


def test_a_folder_whose_first_files_fail_does_not_appear(tmp_path):
    def fail():
        with folder_begun(tmp_path / "run") as begun:
            (begun / "config.toml").write_text("seed")
            (begun / "config.toml" / "parts").mkdir()

    with pytest.raises(NotADirectoryError):
        fail()
    assert names(tmp_path) == []


def test_an_error_names_the_folder_as_given(tmp_path):
    def fail():
        with folder_begun(tmp_path / "run") as begun:
            (begun / "page.html").mkdir()
            write_file(begun / "page.html", "text", replace=True)

    with pytest.raises(OutputError) as error:
        fail()
    assert (
        str(error.value) == f"{tmp_path / 'run' / 'page.html'}: cannot be written: it is a folder"
    )
    assert names(tmp_path) == []


def test_a_folder_filled_meanwhile_is_not_changed(tmp_path):
    def overtaken():
        with folder_begun(tmp_path / "run") as begun:
            (begun / "config.toml").write_text("ours")
            (tmp_path / "run").mkdir()
            (tmp_path / "run" / "config.toml").write_text("theirs")

    with pytest.raises(OutputExistsError, match="exists"):
        overtaken()
    assert names(tmp_path) == ["run"]
    assert (tmp_path / "run" / "config.toml").read_text() == "theirs"


def test_folders_of_killed_processes_are_removed_and_those_of_running_ones_kept(tmp_path):
    code = (
        "import sys; from lunar_env.folders import folder_begun\n"
        "with folder_begun(__import__('pathlib').Path(sys.argv[1])) as begun:\n"
        "    (begun / 'config.toml').write_text('x')\n"
        "    print('ready', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    command = [sys.executable, "-c", code, str(tmp_path / "run")]
    with subprocess.Popen(command, **pipes) as killed:
        assert killed.stdout.readline() == "ready\n"
        remove_leftovers(tmp_path)
        assert len(names(tmp_path)) == 1
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    write_file(tmp_path / "new.txt", "x")
    assert names(tmp_path) == ["new.txt"]


def test_a_full_disk_is_a_one_line_error(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "mkdir", full)
    with pytest.raises(OutputError, match="run: cannot be created: No space left on device"):
        begin(tmp_path / "run")
