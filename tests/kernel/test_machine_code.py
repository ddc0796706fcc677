"""Machine code that cannot be used is compiled anew, and whoever waits for it is told."""

import importlib
import io
import os
import signal
import subprocess
import sys
import time

import numba
import pytest

from lunar_env.kernel import compile as compiling
from lunar_env.kernel import machine_code
from lunar_env.kernel.file_lock import FileLock
from lunar_env.sim import batch
from lunar_env.sim.step import step_part
from tests.kernel.clones import clone, compiled, result, run, start


def fresh():
    """The same entry, as another process would make it."""

    @compiling.entry
    def square_of(x):
        return x * x

    return square_of


def misses(function):
    return sum(function.stats.cache_misses.values())


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\x80", b"not machine code at all" * 100),
        bytes.fromhex("80058c00942e"),  # a pickle
    ],
)
def test_a_damaged_file_is_replaced_and_named_once(content, cache, capsys):
    fresh()(2.0)
    (path,) = cache.rglob("*.code")
    path.write_bytes(content)
    capsys.readouterr()
    again = fresh()
    assert again(3.0) == 9.0
    said = capsys.readouterr().err.splitlines()
    assert [line for line in said if "recompiling" in line] == said[:1]
    assert str(path) in said[0]
    assert len(said) == 2
    healed = fresh()
    assert healed(3.0) == 9.0
    assert (misses(again), misses(healed)) == (1, 0)


def test_code_of_another_function_is_not_used(cache, capsys):
    """A whole file under the wrong name."""

    @compiling.entry
    def cube_of(x):
        return x * x * x

    fresh()(2.0)
    (path,) = cache.rglob("*.code")
    cube_of(2.0)
    (other,) = set(cache.rglob("*.code")) - {path}
    path.write_bytes(other.read_bytes())
    assert fresh()(3.0) == 9.0
    assert "holds the code of another function" in capsys.readouterr().err


PLANTED = "raise SystemExit('planted code ran')"


class Planted:
    def __reduce__(self):
        return exec, (PLANTED,)


def test_a_planted_file_is_not_unpickled(cache, capsys):
    """Who can write to the folder could otherwise run code as this user."""
    function = fresh()
    function(2.0)
    (path,) = cache.rglob("*.code")
    machine_code.cache_folder.write(path, machine_code.dumps(Planted()))
    with pytest.raises(SystemExit):
        fresh()(3.0)  # it would run, were the folder trusted
    cache.chmod(0o777)
    assert fresh()(3.0) == 9.0
    assert f"{cache} can be written by other users" in capsys.readouterr().err


class Closed(io.StringIO):
    def __init__(self):
        super().__init__()
        self.close()


class Broken(io.StringIO):
    def write(self, text):
        raise BrokenPipeError


@pytest.mark.parametrize("stream", [None, Closed(), Broken()])
def test_a_program_without_stderr_runs(stream, cache, monkeypatch):
    monkeypatch.setattr(sys, "stderr", stream)
    assert fresh()(3.0) == 9.0


def test_a_problem_is_reported_once_and_a_compilation_each_time(cache, capsys):
    cache.parent.mkdir(exist_ok=True)
    cache.write_text("in the way", encoding="utf-8")
    function = fresh()
    assert (function(3.0), function(3), function(4.0)) == (9.0, 9, 16.0)
    said = capsys.readouterr().err.splitlines()
    assert ["not kept" in line for line in said] == [True, False, False]
    assert ["compiling square_of" in line for line in said] == [False, True, True]


def test_announced_times_grow_with_code_size(cache):
    """The estimate counts the functions that are called, not the entry alone."""
    sizes = [
        sum(len(each.__code__.co_code) for each in machine_code.functions_of(entry.py_func))
        for entry in (step_part, batch.reset_rows, batch.write_privileged_rows)
    ]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 20 * len(step_part.py_func.__code__.co_code)


def test_closures_are_not_cached(cache):
    """Their values are in the code, and in no source."""
    factor = 3.0

    @compiling.entry
    def times_of(x):
        return factor * x

    assert times_of(2.0) == 6.0
    assert list(cache.rglob("*.code")) == []


def test_code_without_a_file_is_not_cached(cache):
    """What was typed may be typed again, and differ."""
    for number in (2.0, 3.0):
        names = {"entry": compiling.entry, "__name__": __name__}
        exec(f"@entry\ndef typed(x):\n    return {number} * x", names)
        assert names["typed"](1.0) == number
    assert list(cache.rglob("*.code")) == []


def test_code_of_other_files_is_part_of_the_key(cache, tmp_path, monkeypatch):
    """A test's kernels are in no digest of packages."""
    monkeypatch.syspath_prepend(tmp_path)
    callee = "from lunar_env.kernel.compile import kernel\n@kernel\ndef scaled(x):\n    return "
    caller = "from callee import scaled\n@entry\ndef call(x):\n    return scaled(x)\n"
    (tmp_path / "caller.py").write_text(
        f"from lunar_env.kernel.compile import entry\n{caller}", encoding="utf-8"
    )
    for number in (2.0, 31.0):
        (tmp_path / "callee.py").write_text(f"{callee}{number} * x\n", encoding="utf-8")
        for name in ("caller", "callee"):
            sys.modules.pop(name, None)
        importlib.invalidate_caches()
        assert importlib.import_module("caller").call(1.0) == number
    for name in ("caller", "callee"):
        del sys.modules[name]
    assert len(list(cache.rglob("*.code"))) == 2


def test_a_setting_of_numba_that_changes_code_is_in_the_key(cache, monkeypatch):
    fresh()(2.0)
    monkeypatch.setattr(numba.config, "BOUNDSCHECK", 1)
    other = fresh()
    other(2.0)
    assert misses(other) == 1


def test_an_error_while_compiling_frees_the_lock(cache):
    @compiling.entry
    def nonsense(x):
        return x.no_such_thing

    with pytest.raises(numba.TypingError):
        nonsense(2.0)
    assert nonsense._cache._lock._descriptor is None


def test_without_compilation_functions_run_in_python(monkeypatch):
    monkeypatch.setattr(numba.config, "DISABLE_JIT", True)

    def plain(x):
        return x

    assert compiling.entry(plain) is plain


TOGETHER = """
import pathlib, time
from pull import pull
pathlib.Path(f"{NAME}.ready").touch()
while not pathlib.Path("go").exists():
    time.sleep(0.001)
print(pull(0.0).hex())
"""


def test_only_one_of_several_processes_compiles(tmp_path):
    folder = clone(tmp_path / "clone")
    cache = tmp_path / "cache"
    programs = [TOGETHER.replace("{NAME}", str(k)) for k in range(3)]
    started = [start(folder, program, LUNAR_ENV_CACHE_DIR=cache) for program in programs]
    while len(list(folder.glob("*.ready"))) < 3 and all(p.poll() is None for p in started):
        time.sleep(0.01)
    (folder / "go").touch()
    ran = [result(process) for process in started]
    assert len({each.value for each in ran}) == 1
    assert sum(map(compiled, ran)) == 1
    for each in ran:  # those who did not compile waited for it, or came when it was done
        waited = [line for line in each.said if "waiting for another process" in line]
        assert len(each.said) == compiled(each) + len(waited)


HOLDER = """
import os, sys, time
from pathlib import Path
from lunar_env.kernel.file_lock import FileLock
held = FileLock()
held.take(Path(sys.argv[1]), 0.0, lambda: sys.exit("taken"))
if os.fork():
    print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path):
    """A process that holds a lock, and has a child."""
    words = [sys.executable, "-c", HOLDER, str(tmp_path / "lock")]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout.readline() == "held\n"
    yield process
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


def test_a_lock_is_released_when_its_process_ends(holder, tmp_path):
    """Even if a child of it lives on."""
    waits = []
    lock = FileLock()
    lock.take(tmp_path / "lock", 0.0, lambda: waits.append("held"))
    assert waits == ["held"]  # and patience ends
    lock.release()
    holder.kill()
    holder.wait()
    lock.take(tmp_path / "lock", 600.0, lambda: waits.append("killed"))
    lock.release()
    assert waits == ["held"]


def test_compilation_works_without_a_lock_file(tmp_path):
    lock = FileLock()
    lock.take(tmp_path / "no" / "lock", 600.0, pytest.fail)
    lock.release()


def test_a_truncated_file_is_replaced_by_the_next_process(tmp_path):
    folder, cache = clone(tmp_path / "clone"), tmp_path / "cache"
    first = run(folder, LUNAR_ENV_CACHE_DIR=cache)
    (path,) = cache.rglob("*.code")
    path.write_bytes(path.read_bytes()[:-1000])
    second = run(folder, LUNAR_ENV_CACHE_DIR=cache)
    assert second.value == first.value
    assert compiled(second) == 1
    assert run(folder, LUNAR_ENV_CACHE_DIR=cache) == (first.value, [])
