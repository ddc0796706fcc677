"""Films and pictures: whole, or one line that says why not."""

import gc
import itertools
import subprocess
import sys
import warnings

import numpy as np
import pytest

from lunar_env.errors import ConfigError
from lunar_env.files import OutputError, output
from lunar_env.rendering.film import check_film, write_film

SUFFIXES = [".gif", ".mp4", ".png"]
HEADS = {".gif": b"GIF89a", ".mp4": b"ftyp", ".png": b"\x89PNG"}


def frames(count, height=34, width=46):
    """Noise, which compresses badly."""
    generator = np.random.default_rng(0)
    for _ in range(count):
        yield generator.integers(0, 256, (height, width, 3), np.uint8)


def film(path, pictures, **keywords):
    with output(path) as file:
        write_film(file, pictures, 10.0, **keywords)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_film_of_odd_size_is_written(tmp_path, suffix):
    path = tmp_path / f"film{suffix}"
    film(path, frames(5, 33, 45))
    assert HEADS[suffix] in path.read_bytes()[:16]
    assert names(tmp_path) == [path.name]


def test_a_film_has_all_frames_in_the_requested_width(tmp_path):
    import imageio_ffmpeg

    film(tmp_path / "film.mp4", frames(7), width=92)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the library leaves its pipes open
        reader = imageio_ffmpeg.read_frames(str(tmp_path / "film.mp4"))
        size, count = next(reader)["size"], sum(1 for _ in reader)
        del reader
        gc.collect()
    assert (size, count) == ((92, 68), 7)


def test_a_film_of_another_kind_is_rejected(tmp_path):
    with pytest.raises(ConfigError, match=r"film\.avi: .* must end in \.gif, \.mp4 or \.png"):
        check_film(tmp_path / "film.avi")


FULL = """
import itertools, resource, sys
from pathlib import Path
from tests.rendering.test_film import film, frames
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
try:
    film(Path(sys.argv[1]), frames(int(sys.argv[2]), 200, 300))
except Exception as problem:
    print(problem)
"""


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("count", [1, 60])
def test_a_full_disk_is_a_one_line_error_and_leaves_no_film(tmp_path, suffix, count):
    path = tmp_path / f"film{suffix}"
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path), str(count)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{path}: cannot be written: File too large\n"
    assert done.stderr == ""
    assert names(tmp_path) == []


def test_the_last_line_of_ffmpeg_is_the_reason(tmp_path):
    with pytest.raises(OutputError, match=r"film\.mp4: cannot be written: ffmpeg: .+") as caught:
        film(tmp_path / "film.mp4", frames(3), width=10**9)
    assert "\n" not in str(caught.value)
    assert names(tmp_path) == []


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("end", [KeyboardInterrupt, OutputError])
def test_a_failed_flight_leaves_no_film_and_no_process(tmp_path, suffix, end, monkeypatch):
    begun = []

    def begin(*words, **options):
        begun.append(popen(*words, **options))
        return begun[-1]

    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", begin)

    def broken():
        yield from itertools.islice(frames(9), 3)
        raise end("stop")

    with pytest.raises(end, match="stop"):
        film(tmp_path / f"film{suffix}", broken())
    assert names(tmp_path) == []
    assert len(begun) == (suffix == ".mp4")
    assert all(process.returncode is not None for process in begun)
