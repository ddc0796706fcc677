"""Entries keep their machine code: for every process and clone of the same sources, no other."""

import os

import numba
import pytest
from numba.core import caching

from lunar_env.kernel import compile as compiling
from lunar_env.kernel import machine_code
from tests.kernel.clones import clone, compiled, run, triple_gravity


def code_files(cache):
    return sorted(cache.glob("lunar_env/kernels-*/*.code"))


def twice():
    """The same entry, as another process would make it."""

    @compiling.entry
    def twice_of(x):
        return 2.0 * x

    return twice_of


def test_machine_code_is_cached_and_compilation_announced(cache, capsys):
    assert twice()(4.0) == 8.0
    (path,) = code_files(cache)
    assert path.parent.name == f"kernels-{compiling.KERNELS.digest}"
    assert capsys.readouterr().err == (
        "lunar_env: compiling twice_of, about 1 s on an idle core (only once for this version)\n"
    )
    again = twice()
    assert again(4.0) == 8.0
    assert sum(again.stats.cache_hits.values()) == 1
    assert sum(again.stats.cache_misses.values()) == 0
    assert capsys.readouterr().err == ""


def test_every_signature_has_its_own_code(cache):
    """Asked for one that is not kept, the code of another is no answer."""
    assert twice()(4.0) == 8.0
    other = twice()
    assert other(4) == 8.0
    assert sum(other.stats.cache_misses.values()) == 1
    assert len(code_files(cache)) == 2


def test_a_call_goes_through_numbas_dispatcher(cache):
    """Nothing of Python runs between a caller and the machine code."""
    assert type(twice()).__call__ is numba.core.registry.CPUDispatcher.__call__


def test_the_cache_implements_numbas_interface():
    wanted = {name for name in vars(caching._Cache) if not name.startswith("_")}
    assert wanted == {
        *("cache_path", "load_overload", "save_overload", "enable", "disable", "flush")
    }
    assert issubclass(machine_code.MachineCode, caching._Cache)
    assert not machine_code.MachineCode.__abstractmethods__


def test_recompiling_replaces_cached_code(cache):
    entry = twice()
    entry(4.0)
    (path,) = code_files(cache)
    size = path.stat().st_size
    path.write_bytes(b"")
    entry.recompile()
    assert entry(4.0) == 8.0
    assert sum(entry.stats.cache_misses.values()) == 2
    assert path.stat().st_size == size


def test_numbas_cache_folder_setting_is_ignored(cache, tmp_path, monkeypatch):
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "numba"))
    twice()(1.0)
    assert not (tmp_path / "numba").exists()
    assert len(code_files(cache)) == 1


def test_clones_share_machine_code_until_one_is_edited(tmp_path):
    """Neither the path nor the time of a file matters, but every edit of an imported kernel."""
    cache = tmp_path / "cache"
    one, other = clone(tmp_path / "one"), clone(tmp_path / "other")
    os.utime(other / "pull.py", (0, 0))
    first = run(one, LUNAR_ENV_CACHE_DIR=cache)
    assert compiled(first) == 1
    assert run(other, LUNAR_ENV_CACHE_DIR=cache) == (first.value, [])
    triple_gravity(other)
    edited = run(other, LUNAR_ENV_CACHE_DIR=cache)
    assert compiled(edited) == 1
    assert edited.value == pytest.approx(3.0 * first.value)
    assert run(one, LUNAR_ENV_CACHE_DIR=cache) == (first.value, [])
