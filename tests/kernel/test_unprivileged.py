"""Users who cannot keep machine code fly the physics of the sources that are there, uncached."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.kernel.clones import PULL, clone, compiled, run, said_in, start, triple_gravity

NOBODY = 65534

# Whoever is root becomes nobody. Python itself may be out of nobody's reach, so everything that is
# imported late is imported before, by the same work, with a cache that cannot be used.
FLY_TWICE = """
import errno, os, pathlib, pwd, resource, sys

def forget():
    for name in [*sys.modules]:
        if name.partition(".")[0] in ("lunar_env", "pull"):
            del sys.modules[name]

chosen, stderr = os.environ.pop("LUNAR_ENV_CACHE_DIR", None), sys.stderr
sys.stderr, os.environ["LUNAR_ENV_CACHE_DIR"] = None, os.devnull
import lunar_env
from pull import pull
lunar_env.LunarLandingEnv()
pull(0.0)
forget()
sys.stderr = stderr
del os.environ["LUNAR_ENV_CACHE_DIR"]
if chosen:
    os.environ["LUNAR_ENV_CACHE_DIR"] = chosen
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
INJECTED
for line in sys.stdin:  # one for each flight
    forget()
    from pull import value
    print(value().hex(), flush=True)
    print("landed", file=sys.stderr, flush=True)
"""

NO_PASSWD = """
def nobody(uid):
    raise KeyError(uid)
pwd.getpwuid = nobody
"""
FULL = """
resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))
"""
NO_SPACE = """
def replace(*given, **named):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
os.replace = pathlib.Path.replace = replace
"""
FLIGHT = PULL.replace(
    "def value():\n    return pull(0.0)",
    """
def value():
    import lunar_env

    env = lunar_env.LunarLandingEnv(render_mode=None)
    env.reset(seed=0)
    for _ in range(20):
        env.step([-1.0])
    return float(env.privileged[5])
""",
)


@pytest.fixture
def place():
    """A folder that every user reaches, unlike pytest's."""
    folder = Path(tempfile.mkdtemp(prefix="lunar_env-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def own(folder, mode=0o755):
    """Make a folder of the user who flies."""
    folder.mkdir()
    folder.chmod(mode)
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    return folder


def nothing_kept(place):
    return {"HOME": own(place / "home", 0o555)}


def a_file(place):
    (place / "file").write_text("in the way", encoding="utf-8")
    return {"LUNAR_ENV_CACHE_DIR": place / "file"}


def a_folder(place):
    return {"LUNAR_ENV_CACHE_DIR": own(place / "cache")}


def a_folder_of_all(place):
    return {"LUNAR_ENV_CACHE_DIR": own(place / "cache", 0o777)}


# What is the matter, the environment, what is injected, what is said of it.
CASES = {
    "read-only home": (nothing_kept, "", "Permission denied"),
    "no home": (lambda _: {"HOME": None}, NO_PASSWD, "Could not determine home directory"),
    "a file": (a_file, "", "is not a folder"),
    "full: limit of size": (a_folder, FULL, "File too large"),
    "full: no space": (a_folder, NO_SPACE, "No space left on device"),
    "writable by others": (a_folder_of_all, "", "can be written by other users"),
}


def fly_twice(folder, injected, between, environment):
    """Fly, call `between`, fly again; return both values and what was said."""
    program = FLY_TWICE.replace("NOBODY", str(NOBODY)).replace("INJECTED", injected)
    unset = {"LUNAR_ENV_CACHE_DIR": None, "XDG_CACHE_HOME": None}
    process = start(folder, program, **{**unset, **environment})
    process.stdin.write("first\n")
    process.stdin.flush()
    first = process.stdout.readline()
    between()
    second, err = process.communicate("second\n", timeout=900)
    assert process.returncode == 0, err
    said = [said_in(part) for part in err.split("landed\n")]
    return (float.fromhex(first), said[0]), (float.fromhex(second), said[1])


def numba_files(folder):
    return [path for path in folder.rglob("*") if path.suffix in (".nbi", ".nbc")]


@pytest.mark.parametrize("case", CASES)
def test_without_a_cache_what_is_flown_is_what_is_there(case, place):
    prepare, injected, reason = CASES[case]
    folder = clone(place / "clone")
    first, second = fly_twice(folder, injected, lambda: triple_gravity(folder), prepare(place))
    pull = -4.9e12 / 1.7e6**2
    assert [first[0], second[0]] == pytest.approx([pull, 3.0 * pull])
    for _, said in (first, second):
        (line,) = (line for line in said if "compiling pull" not in line)
        assert "machine code is not kept" in line
        assert reason in line
        assert len(said) == 2
    assert numba_files(folder) == []


def test_a_folder_that_another_user_filled_is_read(place):
    """An administrator may compile for all."""
    folder = clone(place / "clone")
    cache = place / "cache"
    filled = run(folder, LUNAR_ENV_CACHE_DIR=cache)
    for path in (cache, *cache.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    read, _ = fly_twice(folder, "", lambda: None, {"LUNAR_ENV_CACHE_DIR": cache})
    for path in (cache, *cache.rglob("*")):
        path.chmod(0o755)
    assert compiled(filled) == 1
    assert read == (filled.value, [])


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_whole_landers_fly_without_a_cache(case, place):
    """As above, with all that an environment compiles."""
    prepare, injected, reason = CASES[case]
    folder = clone(place / "clone", FLIGHT)
    first, second = fly_twice(folder, injected, lambda: triple_gravity(folder), prepare(place))
    assert second[0] - first[0] < -10.0  # m/s: 4 s of twice the Moon's gravity more
    for _, said in (first, second):
        assert sum("compiling" in line for line in said) == 3
        (line,) = (line for line in said if "not kept" in line)
        assert reason in line
