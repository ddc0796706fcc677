"""Every output of ``lunar-env``: known to be possible before the flight, or one line."""

import os
import subprocess
import sys

import pytest

from lunar_env.cli import main
from lunar_env.flyer import Flyer
from lunar_env.telemetry import Replay, load_flight

FLY = ["fly", "--pilot", "random", "--seed", "1"]
OPTIONS = {
    "--record": ".npz",
    "--csv": ".csv",
    "--plot": ".svg",
    "--film": ".png",
}


def worked(*_, **__):
    yield from ()
    raise AssertionError("the work began")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def impossible(folder, suffix):
    """Names that cannot be written to, and what is said of each."""
    taken, file = folder / f"taken{suffix}", folder / "file"
    taken.write_text("mine")
    file.write_text("mine")
    return {
        taken: "exists",
        file / f"a{suffix}": "file is not a folder",
        folder / f"{'n' * 300}{suffix}": "File name too long",
        f"/proc/a{suffix}": "cannot be written",
        folder / "a.txt": "must end in .",
        folder / "a": "must end in .",
    }


@pytest.mark.parametrize("option", OPTIONS)
def test_an_unwritable_output_is_an_error_before_the_flight(tmp_path, refused, monkeypatch, option):
    monkeypatch.setattr(Flyer, "instants", worked)
    for path, message in impossible(tmp_path, OPTIONS[option]).items():
        assert message in refused(*FLY, option, path)
    assert names(tmp_path) == ["file", f"taken{OPTIONS[option]}"]


@pytest.mark.parametrize(("option", "suffix"), [("--out", ".png"), ("--csv", ".csv")])
def test_an_unwritable_output_is_an_error_before_the_replay(
    tmp_path, recorded, refused, monkeypatch, option, suffix
):
    monkeypatch.setattr(Replay, "instants", worked)
    folder = tmp_path / "out"
    folder.mkdir()
    for path, message in impossible(folder, suffix).items():
        assert message in refused("replay", recorded, "--headless", option, path)
    assert names(folder) == ["file", f"taken{suffix}"]


def test_missing_parent_folders_are_created(tmp_path):
    assert main([*FLY, "--record", str(tmp_path / "a" / "b" / "f.npz")]) == 0
    assert load_flight(tmp_path / "a" / "b" / "f.npz").seed == 1


def errors(capsys):
    """Lines of stderr, without those on compilation."""
    lines = capsys.readouterr().err.splitlines()
    return [line for line in lines if "compiling" not in line]


@pytest.mark.parametrize(
    ("problem", "status", "said"),
    [
        (BrokenPipeError(), 141, []),
        (OSError(28, "Full"), 1, ["error: standard output: Full"]),
    ],
)
def test_every_output_is_written_where_stdout_fails(
    tmp_path, run_without_stdout, capsys, problem, status, said
):
    paths = [tmp_path / f"flight{suffix}" for suffix in OPTIONS.values()]
    words = [word for pair in zip(OPTIONS, paths, strict=True) for word in pair]
    assert run_without_stdout(*FLY, *words, problem=problem) == status
    assert errors(capsys) == said
    film, table = tmp_path / "again.png", tmp_path / "again.csv"
    replayed = ["replay", paths[0], "--out", film, "--csv", table]
    assert run_without_stdout(*replayed, problem=problem) == status
    assert errors(capsys) == said
    assert names(tmp_path) == sorted(path.name for path in (*paths, film, table))
    assert load_flight(paths[0]).steps > 0


def full_from(monkeypatch, number):
    """Let the disk be full from the write of that number on."""
    write, left = os.write, [number]

    def full(descriptor, content):
        if not left[0]:
            raise OSError(28, os.strerror(28))
        left[0] -= 1
        return write(descriptor, content)

    monkeypatch.setattr(os, "write", full)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_earlier_outputs_survive_a_full_disk(tmp_path, monkeypatch, capsys, number):
    order = ("--record", "--csv", "--plot")
    paths = [tmp_path / f"flight{OPTIONS[option]}" for option in order]
    words = [str(word) for pair in zip(order, paths, strict=True) for word in pair]
    full_from(monkeypatch, number)
    assert main([*FLY, *words]) == 1
    error = f"error: {paths[number]}: cannot be written: No space left on device\n"
    assert capsys.readouterr().err == error
    assert names(tmp_path) == sorted(path.name for path in paths[:number])


def test_a_film_above_the_file_size_limit_is_a_one_line_error_and_leaves_no_file(
    tmp_path, recorded
):
    film = tmp_path / "film.mp4"
    code = (
        "import resource, sys; from lunar_env.cli import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    words = ["replay", str(recorded), "--out", str(film)]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1] == f"error: {film}: cannot be written: File too large"
    assert names(tmp_path) == [recorded.name]
