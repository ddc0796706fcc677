"""Every output of ``training``: known to be possible before the work, whole, or one line."""

import os
import shutil
import subprocess
import sys

import pytest

pytest.importorskip("pyarrow")

from agents.registry import WEIGHTS
from training import demo, train
from training.cli import main
from training.commands import benchmark, evaluate, explain, missions, report, tune
from training.results import read_results, write_results

PILOT = ["--pilot", "hoverslam+kalman"]
EVALUATE = ["evaluate", *PILOT, "--scenario", "ideal", "--landings", "3"]
TUNE = ["tune", *PILOT, "--scenario", "ideal", "--trials", "1", "--landings", "2"]
# Words, suffix of the output, and where the work begins.
FILES = {
    "evaluate": (EVALUATE, ".parquet", (evaluate, "evaluate")),
    "tune": (TUNE, ".toml", (tune, "tune")),
    "export": (["export", "RUN"], ".safetensors", None),
}
REPLACED = {
    "missions": (["missions", "--missions", "slim"], ".toml", (missions, "fly_cases")),
    "what-if": (["missions", "--what-if"], ".md", (missions, "fly_matrix")),
}
FOLDERS = {
    "train": (["train"], (train, "_run")),
    "benchmark": (["benchmark", "--pilots", PILOT[1]], (benchmark, "fly_benchmark")),
    "demo": (["demo", "--quick"], (demo, "train")),
    "explain": (["explain", *PILOT], (explain, "study")),
    "report": (["report", "RESULTS"], (report, "write_report")),
}


def worked(*_, **__):
    raise AssertionError("the work began")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def words(tmp_path, make_landings):
    """Put a run and a results file in place of RUN and RESULTS."""
    folder = tmp_path / "inputs"
    folder.mkdir()
    run, results = folder / "run", folder / "r.parquet"
    run.mkdir()
    shipped = WEIGHTS / "ppo-m2-late-acquisition"
    for suffix in (".safetensors", ".json"):
        shutil.copy(shipped.with_suffix(suffix), run / f"policy{suffix}")
    write_results(results, make_landings("a", "ideal", [1, 0, 1]), {"seed": 1})
    known = {"RUN": str(run), "RESULTS": str(results)}
    return lambda given: [known.get(word, word) for word in given]


@pytest.fixture
def refused(capsys):
    def refused(*given):
        assert main([str(word) for word in given]) == 1
        streams = capsys.readouterr()
        assert streams.out == ""
        assert streams.err.count("\n") == 1
        assert streams.err.startswith("error: ")
        return streams.err

    return refused


def impossible(folder, suffix):
    (folder / "file").write_text("mine")
    return {
        folder / "file" / f"a{suffix}": "file is not a folder",
        folder / f"{'n' * 300}{suffix}": "File name too long",
        f"/proc/a{suffix}": "/proc/a",
    }


@pytest.mark.parametrize("name", [*FILES, *REPLACED])
def test_an_unwritable_file_is_an_error_before_the_work(
    tmp_path, words, refused, monkeypatch, name
):
    given, suffix, work = {**FILES, **REPLACED}[name]
    if work is not None:
        monkeypatch.setattr(*work, worked)
    folder = tmp_path / "out"
    folder.mkdir()
    paths = {**impossible(folder, suffix), folder / "a.txt": "must end in ."}
    if name in FILES:
        (folder / f"taken{suffix}").write_text("mine")
        paths[folder / f"taken{suffix}"] = "exists"
    for path, message in paths.items():
        assert message in refused(*words(given), "--out", path)
    assert set(names(folder)) <= {"file", f"taken{suffix}"}


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_that_cannot_be_created_is_an_error_before_the_work(
    tmp_path, words, refused, monkeypatch, name
):
    given, work = FOLDERS[name]
    monkeypatch.setattr(*work, worked)
    folder = tmp_path / "out"
    folder.mkdir()
    for path, message in {**impossible(folder, ""), folder: "exists"}.items():
        assert message in refused(*words(given), "--out", path)
    assert names(folder) == ["file"]


@pytest.mark.parametrize("suffix", [".csv", ".json", ".PARQUET", ""])
def test_results_are_written_only_as_parquet(tmp_path, refused, monkeypatch, suffix):
    monkeypatch.setattr(evaluate, "evaluate", worked)
    message = refused(*EVALUATE, "--out", tmp_path / f"a{suffix}")
    assert "a results file must end in .parquet" in message
    assert names(tmp_path) == []


def full_from(monkeypatch, number):
    """Let the disk be full from the write of that number on."""
    write, left = os.write, [number]

    def full(descriptor, content):
        if not left[0]:
            raise OSError(28, os.strerror(28))
        left[0] -= 1
        return write(descriptor, content)

    monkeypatch.setattr(os, "write", full)


@pytest.mark.parametrize(
    ("given", "out", "number"),
    [
        (EVALUATE, "a.parquet", 0),
        (["export", "RUN"], "a.safetensors", 0),
        (["export", "RUN"], "a.safetensors", 1),
        (["report", "RESULTS"], "a", 0),
        (["report", "RESULTS"], "a", 1),
    ],
)
def test_a_full_disk_is_a_one_line_error_without_a_damaged_file(
    tmp_path, words, refused, monkeypatch, given, out, number
):
    folder = tmp_path / "out"
    words = words(given)
    full_from(monkeypatch, number)
    message = refused(*words, "--out", folder / out)
    assert "cannot be written: No space left on device" in message
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_a_file_above_the_size_limit_is_a_one_line_error(tmp_path, make_landings):
    results, folder = tmp_path / "r.parquet", tmp_path / "report"
    write_results(results, make_landings("a", "ideal", [1, 0, 1], traces=3), {"seed": 1})
    code = (
        "import resource, sys; from training.cli import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    given = ["report", str(results), "--out", str(folder)]
    done = subprocess.run(
        [sys.executable, "-c", code, *given], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    page = folder / "report.html"
    assert done.stderr.splitlines()[-1] == f"error: {page}: cannot be written: File too large"
    assert not folder.exists()


def test_results_are_kept_if_their_file_cannot_be_replaced(tmp_path, make_landings, monkeypatch):
    path = tmp_path / "r.parquet"
    write_results(path, make_landings("a", "ideal", [1, 0, 1]), {"seed": 1})
    before = path.read_bytes()
    full_from(monkeypatch, 0)
    with pytest.raises(Exception, match="No space left on device"):
        write_results(path, make_landings("b", "ideal", [1]), {"seed": 1})
    assert path.read_bytes() == before
    assert read_results(path)[1]["seed"] == 1
