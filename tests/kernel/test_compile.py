"""Entries keep their machine code: for every process and clone of the same sources, no other."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numba
import pytest
from numba.core import caching

import lunar_env
from lunar_env.kernel import compile as compiling
from lunar_env.kernel import machine_code

SOURCE = Path(lunar_env.__file__).parent


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A folder for machine code, and a process that has said nothing yet."""
    monkeypatch.setenv("LUNAR_ENV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(machine_code, "_said", set())
    return tmp_path / "cache"


def code_files(cache):
    return sorted(cache.glob("lunar_env/kernels-*/*.code"))


def twice():
    """The same entry, as another process would make it."""

    @compiling.entry
    def twice_of(x):
        return 2.0 * x

    return twice_of


def test_machine_code_is_kept_and_its_compilation_announced(cache, capsys):
    assert twice()(4.0) == 8.0
    (path,) = code_files(cache)
    assert path.parent.name == f"kernels-{compiling.KERNELS.digest}"
    assert capsys.readouterr().err == (
        "lunar_env: compiling twice_of, about 1 s of a free core (once for these sources)\n"
    )
    again = twice()
    assert again(4.0) == 8.0
    assert sum(again.stats.cache_hits.values()) == 1
    assert sum(again.stats.cache_misses.values()) == 0
    assert capsys.readouterr().err == ""


def test_every_signature_has_code_of_its_own(cache):
    """Asked for one that is not kept, the code of another is no answer."""
    assert twice()(4.0) == 8.0
    other = twice()
    assert other(4) == 8.0
    assert sum(other.stats.cache_misses.values()) == 1
    assert len(code_files(cache)) == 2


def test_a_call_is_numbas_own(cache):
    """Nothing of Python runs between a caller and the machine code."""
    assert type(twice()).__call__ is numba.core.registry.CPUDispatcher.__call__


def test_the_cache_has_all_that_numba_asks_for():
    wanted = {name for name in vars(caching._Cache) if not name.startswith("_")}
    assert wanted == {
        *("cache_path", "load_overload", "save_overload", "enable", "disable", "flush")
    }
    assert issubclass(machine_code.MachineCode, caching._Cache)
    assert not machine_code.MachineCode.__abstractmethods__


def test_recompiling_replaces_what_is_kept(cache):
    entry = twice()
    entry(4.0)
    (path,) = code_files(cache)
    size = path.stat().st_size
    path.write_bytes(b"")
    entry.recompile()
    assert entry(4.0) == 8.0
    assert sum(entry.stats.cache_misses.values()) == 2
    assert path.stat().st_size == size


def test_numbas_folder_setting_is_not_used(cache, tmp_path, monkeypatch):
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "numba"))
    twice()(1.0)
    assert not (tmp_path / "numba").exists()
    assert len(code_files(cache)) == 1


PULL = """
from lunar_env.kernel.compile import entry
from lunar_env.physics.gravity import free_fall
from lunar_env.physics.types import Site
from lunar_env.kernel.linalg import Vec3

@entry
def pull(z):
    site = Site(4.9e12, 1.7e6, 0.0, 0.0, 0.0, 1.0)
    return free_fall(Vec3(0.0, 0.0, z), Vec3(0.0, 0.0, 0.0), site).z

print(pull(0.0).hex())
"""


@pytest.fixture
def clone(tmp_path):
    """Make a clone of the sources, with a program that compiles a little of them."""

    def clone(name):
        folder = tmp_path / name
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(SOURCE, folder / "lunar_env", ignore=ignored)
        (folder / "pull.py").write_text(PULL, encoding="utf-8")
        return folder

    return clone


def run(folder, cache):
    """Run the program of a clone; return the value and what it compiled."""
    done = subprocess.run(
        [sys.executable, "-B", "-c", "import pull"],
        cwd=folder,
        env={**os.environ, "LUNAR_ENV_CACHE_DIR": str(cache), "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    return float.fromhex(done.stdout), done.stderr.count("compiling pull")


def triple_gravity(folder):
    path = folder / "lunar_env" / "physics" / "gravity.py"
    text = path.read_text(encoding="utf-8")
    assert "(site.mu + flat" in text
    path.write_text(text.replace("(site.mu +", "(3.0 * site.mu +"), encoding="utf-8")


def test_clones_share_machine_code_until_one_is_edited(clone, tmp_path):
    """Neither the path nor the time of a file matters, but every edit of an imported kernel."""
    cache = tmp_path / "cache"
    one, other = clone("one"), clone("other")
    os.utime(other / "pull.py", (0, 0))
    first, again = run(one, cache), run(other, cache)
    assert (first[1], again[1]) == (1, 0)
    assert again[0] == first[0]
    triple_gravity(other)
    edited = run(other, cache)
    assert edited == (pytest.approx(3.0 * first[0]), 1)
    assert run(one, cache) == (first[0], 0)
