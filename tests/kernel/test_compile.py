"""The disk cache: every edit of a kernel is noticed, and old machine code is thrown away."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numba
import pytest
from numba import config as numba_config

import lunar_env
from lunar_env.kernel import compile as compiling

SOURCE = Path(lunar_env.__file__).parent
OLD = time.time() - 60 * 24 * 3600.0


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of the package for digests to look at."""
    copy = tmp_path / "lunar_env"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(compiling, "_PACKAGE_ROOT", copy)
    return copy


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("LUNAR_ENV_CACHE_DIR", str(folder))
    return folder


def edit(path):
    path.write_text(path.read_text(encoding="utf-8") + "\n# edited\n", encoding="utf-8")


@pytest.mark.parametrize(
    "name",
    [
        "kernel/rng.py",
        "physics/gravity.py",
        "sensors/delay.py",
        "sim/step.py",
        "sim/fields.py",
        "data/constants.py",
    ],
)
def test_an_edit_of_a_kernel_changes_the_digest(name, package):
    before = compiling.source_digest()
    edit(package / name)
    # Constants reach kernels as numbers in the table: no recompilation.
    assert (compiling.source_digest() != before) == (not name.startswith("data"))


def test_a_new_or_renamed_kernel_file_changes_the_digest(package):
    digests = [compiling.source_digest()]
    (package / "physics" / "extra.py").write_text("", encoding="utf-8")
    digests.append(compiling.source_digest())
    (package / "physics" / "extra.py").rename(package / "physics" / "other.py")
    digests.append(compiling.source_digest())
    assert len(set(digests)) == 3


def test_the_digest_knows_numba(package, monkeypatch):
    before = compiling.source_digest()
    monkeypatch.setattr(numba, "__version__", "0.0.1")
    assert compiling.source_digest() != before


def test_an_entry_is_cached_in_the_folder_of_its_digest(cache):
    @compiling.entry
    def twice_for_the_cache(x):
        return 2.0 * x

    assert not compiling.is_compiled(twice_for_the_cache)
    assert twice_for_the_cache(4.0) == 8.0
    assert compiling.is_compiled(twice_for_the_cache)
    folder = cache / compiling.source_digest()
    files = folder.rglob("*twice_for_the_cache*")
    assert sorted(path.suffix for path in files) == [".nbc", ".nbi"]


def test_old_digests_are_pruned_and_fresh_ones_kept(cache):
    for name, age in (("old", OLD), ("fresh", time.time())):
        (cache / name).mkdir(parents=True)
        os.utime(cache / name, (age, age))
    current = cache / compiling.source_digest()
    current.mkdir()
    os.utime(current, (OLD, OLD))
    with compiling._cache_directory(compiling.source_digest()):
        used = numba_config.CACHE_DIR
    assert used == str(current)
    assert sorted(path.name for path in cache.iterdir()) == sorted(["fresh", current.name])
    assert current.stat().st_mtime > OLD + 1.0


def test_the_cache_setting_of_others_is_left_alone(cache):
    before = numba_config.CACHE_DIR
    with compiling._cache_directory(compiling.source_digest()):
        during = numba_config.CACHE_DIR
    after = numba_config.CACHE_DIR
    assert during != before
    assert after == before


def test_a_cache_folder_that_cannot_be_made_is_no_error(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("LUNAR_ENV_CACHE_DIR", str(blocked / "cache"))

    @compiling.entry
    def once_without_a_cache(x):
        return x + 1.0

    assert once_without_a_cache(1.0) == 2.0


def test_the_cache_follows_the_environment(monkeypatch):
    monkeypatch.delenv("LUNAR_ENV_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert compiling.cache_root() == Path("/somewhere/lunar_env")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert compiling.cache_root() == Path.home() / ".cache" / "lunar_env"


SCRIPT = """
import sys, numba, math
from lunar_env.kernel.compile import entry, is_compiled
from lunar_env.physics.gravity import free_fall
from lunar_env.physics.types import Site
from lunar_env.kernel.linalg import Vec3

@entry
def pull(z):
    site = Site(4.9e12, 1.7e6, 0.0, 0.0, 0.0, 1.0)
    return free_fall(Vec3(0.0, 0.0, z), Vec3(0.0, 0.0, 0.0), site).z

print(is_compiled(pull), pull(0.0))
"""


@pytest.mark.slow
def test_an_edit_of_an_imported_kernel_is_flown(tmp_path):
    """Numba alone would load the machine code of the unchanged entry."""
    shutil.copytree(SOURCE, tmp_path / "lunar_env")
    (tmp_path / "pull.py").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "cache").mkdir()

    def run():
        done = subprocess.run(
            [sys.executable, "-c", "import pull"],
            cwd=tmp_path,
            env={**os.environ, "LUNAR_ENV_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": ""},
            capture_output=True,
            text=True,
            check=True,
        )
        known, value = done.stdout.split()
        return known == "True", float(value)

    first, again = run(), run()
    gravity = tmp_path / "lunar_env" / "physics" / "gravity.py"
    text = gravity.read_text(encoding="utf-8")
    assert "(site.mu + flat" in text
    gravity.write_text(text.replace("(site.mu +", "(2.0 * site.mu +"), encoding="utf-8")
    edited = run()
    assert (first[0], again[0], edited[0]) == (False, True, False)
    assert again[1] == first[1]
    assert edited[1] == pytest.approx(2.0 * first[1])
