"""Files are written whole or not at all, and not over something where that was not asked for."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lunar_env.errors import ConfigError
from lunar_env.files import (
    OutputError,
    OutputExistsError,
    check_output,
    optional_output,
    output,
    require_suffix,
    write_file,
)
from lunar_env.temporary import remove_leftovers

LEFTOVER = ".x.parquet.0123abcd.lunar-env-part"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_complete(tmp_path):
    path = tmp_path / "a.json"
    with output(path) as file:
        assert file.temporary.parent == path.parent
        file.write("half")
        assert not path.exists()
        file.write("all")
    assert path.read_text() == "all"
    assert names(tmp_path) == ["a.json"]


def test_text_is_written_as_utf_8_and_bytes_unchanged(tmp_path):
    write_file(tmp_path / "text", "1 µs\n")
    write_file(tmp_path / "bytes", b"\r\n\0")
    assert (tmp_path / "text").read_bytes() == b"1 \xc2\xb5s\n"
    assert (tmp_path / "bytes").read_bytes() == b"\r\n\0"


@pytest.mark.parametrize("end", [KeyboardInterrupt, ValueError, OSError])
@pytest.mark.parametrize("replace", [False, True])
def test_an_interrupted_write_keeps_the_old_file(tmp_path, end, replace):
    path = tmp_path / "a.json"
    if replace:
        path.write_text("old")
    before = names(tmp_path)

    def interrupted():
        with output(path, replace=replace) as file:
            file.write("half")
            raise end

    with pytest.raises(end):
        interrupted()
    assert names(tmp_path) == before
    assert not replace or path.read_text() == "old"


def test_a_file_is_replaced_on_request(tmp_path):
    write_file(tmp_path / "a", "old", replace=True)
    write_file(tmp_path / "a", "new", replace=True)
    assert (tmp_path / "a").read_text() == "new"
    with pytest.raises(OutputExistsError, match="exists"):
        write_file(tmp_path / "a", "newer")
    assert (tmp_path / "a").read_text() == "new"


def test_an_empty_output_leaves_no_file(tmp_path):
    check_output(tmp_path / "a")
    with optional_output(None) as file:
        assert file is None
    assert names(tmp_path) == []


def test_a_file_created_meanwhile_is_not_replaced_and_the_output_is_kept(tmp_path):
    path = tmp_path / "a.txt"

    def overtaken():
        with output(path) as file:
            file.write("ours")
            path.write_text("theirs")

    with pytest.raises(OutputExistsError, match=r"the output is in .*a-[0-9a-f]{8}\.txt"):
        overtaken()
    assert path.read_text() == "theirs"
    assert sorted(p.read_text() for p in tmp_path.iterdir()) == ["ours", "theirs"]


def test_without_hard_links_a_file_is_renamed(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)
    write_file(tmp_path / "a", "content")
    assert (tmp_path / "a").read_text() == "content"
    assert names(tmp_path) == ["a"]


def test_missing_parent_folders_are_created(tmp_path):
    write_file(tmp_path / "a" / "b" / "c.txt", "x")
    assert (tmp_path / "a" / "b" / "c.txt").read_text() == "x"


def cannot_be_written(folder):
    """Names that no file can be written to, and what is said of each."""
    (folder / "file").write_text("mine")
    (folder / "link").symlink_to(folder / "nowhere")
    (folder / "folder").mkdir()
    return {
        folder / "file": "exists",
        folder / "link": "exists",
        folder / "folder": "exists",
        folder / "file" / "a": "file is not a folder",
        folder / "file" / "b" / "a": "file is not a folder",
        folder / ("n" * 300): "File name too long",
        folder / ("n" * 300) / "a": "File name too long",
        Path("/proc/lunar"): "cannot be written",
        Path("/proc/lunar/a"): "cannot be written",
    }


def test_an_unwritable_output_is_an_error_before_the_work(tmp_path):
    for path, message in cannot_be_written(tmp_path).items():
        with pytest.raises(OutputError, match=message) as caught:
            output(path).__enter__()
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
    assert names(tmp_path) == ["file", "folder", "link"]
    assert (tmp_path / "file").read_text() == "mine"


def test_an_impossible_file_name_is_a_one_line_error(tmp_path):
    with pytest.raises(OutputError, match="cannot be written: embedded null byte"):
        write_file(tmp_path / "nul\0", "x")


def test_a_folder_is_not_replaced_by_a_file(tmp_path):
    with pytest.raises(OutputError, match="it is a folder"):
        output(tmp_path, replace=True).__enter__()


def test_missing_permission_is_an_error(tmp_path):
    code = (
        "import os, sys; from lunar_env.files import write_file\n"
        "if os.getuid() == 0: os.setuid(65534)\n"
        "try: write_file(sys.argv[1], 'x')\n"
        "except Exception as problem: print(problem)"
    )
    tmp_path.chmod(0o500)
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.txt")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{tmp_path / 'a.txt'}: cannot be written: Permission denied\n"


@pytest.mark.parametrize("call", ["write", "fsync", "ftruncate"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_full_disk_is_a_one_line_error_and_leaves_no_file(tmp_path, monkeypatch, call, number):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def full(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, call, full)
    with pytest.raises(OutputError) as caught:
        write_file(path, "new", replace=True)
    assert str(caught.value) == f"{path}: cannot be written: {os.strerror(number)}"
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_a_file_above_the_size_limit_is_a_one_line_error(tmp_path):
    code = (
        "import resource, sys; from lunar_env.files import write_file\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: write_file(sys.argv[1], bytes(2000), replace=True)\n"
        "except Exception as problem: print(problem)"
    )
    path = tmp_path / "a.bin"
    path.write_text("old")
    command = [sys.executable, "-c", code, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"{path}: cannot be written: File too large\n"
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.bin"]


def begun(path):
    """Another process that has begun to write a file."""
    code = (
        "import sys; from lunar_env.files import output\n"
        "with output(sys.argv[1]) as file:\n"
        "    file.write('half')\n"
        "    print('ready', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_leftovers_of_killed_processes_are_removed_and_those_of_running_ones_kept(tmp_path):
    with begun(tmp_path / "killed.txt") as killed, begun(tmp_path / "alive.txt") as alive:
        assert len(names(tmp_path)) == 2
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        write_file(tmp_path / "new.txt", "x")
        left = names(tmp_path)
        assert len(left) == 2
        assert left[0].startswith(".alive.txt.")
        alive.communicate("", timeout=30)
        assert alive.returncode == 0
    assert names(tmp_path) == ["alive.txt", "new.txt"]
    assert (tmp_path / "alive.txt").read_text() == "half"


def test_only_leftovers_are_removed(tmp_path):
    theirs = [".x.parquet.part", ".lunar-env-part", "x.0123abcd.lunar-env-part", "a.parquet"]
    for name in theirs:
        (tmp_path / name).write_text("mine")
    (tmp_path / ".link.0123abcd.lunar-env-part").symlink_to(tmp_path / "a.parquet")
    os.mkfifo(tmp_path / ".pipe.0123abcd.lunar-env-part")
    before = names(tmp_path)
    (tmp_path / LEFTOVER).write_text("half")
    remove_leftovers(tmp_path)
    assert names(tmp_path) == before


def test_a_temporary_file_removed_as_a_leftover_is_created_again(tmp_path, monkeypatch):
    import fcntl

    flock, raced = fcntl.flock, []

    def race(descriptor, operation):
        if not raced:
            raced.append(next(tmp_path.iterdir()))
            raced[0].unlink()
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", race)
    write_file(tmp_path / "a.txt", "x")
    assert len(raced) == 1
    assert names(tmp_path) == ["a.txt"]


def test_the_suffix_determines_the_format(tmp_path):
    require_suffix(Path("a.npz"), (".npz",), "a flight")
    with pytest.raises(
        ConfigError, match=r"^a\.csv: the name of a flight must end in \.npz or \.npy"
    ):
        require_suffix(Path("a.csv"), (".npz", ".npy"), "a flight")


def test_an_open_output_is_not_inherited(tmp_path):
    with output(tmp_path / "a") as file:
        assert not os.get_inheritable(file._descriptor)
