"""Users who cannot keep machine code fly the physics of the sources that are there, uncached."""

import os
import shutil
import stat
import tempfile
from pathlib import Path

import pytest

from tests.kernel.clones import PULL, clone, compiled, run, said_in, start, triple_gravity

NOBODY, STRANGER = 65534, 1234

# Whoever is root becomes nobody. Python itself may be out of nobody's reach, so everything that is
# imported late is imported before, by the same work, with a cache that cannot be used.
FLY = """
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
QUEUE = PULL.replace(
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


def fly(folder, injected, environment, *changes):
    """Fly, and again after each change; return each flight's value and what was said of it."""
    program = FLY.replace("NOBODY", str(NOBODY)).replace("INJECTED", injected)
    unset = {"LUNAR_ENV_CACHE_DIR": None, "XDG_CACHE_HOME": None}
    process = start(folder, program, **{**unset, **environment})
    values = []
    for change in (lambda: None, *changes):
        change()
        process.stdin.write("fly\n")
        process.stdin.flush()
        values.append(process.stdout.readline())
        if not values[-1]:
            break
    _, err = process.communicate(timeout=900)
    assert process.returncode == 0, err
    said = [said_in(part) for part in err.split("landed\n")]
    return [(float.fromhex(value), lines) for value, lines in zip(values, said, strict=False)]


def numba_files(folder):
    return [path for path in folder.rglob("*") if path.suffix in (".nbi", ".nbc")]


@pytest.mark.parametrize("case", CASES)
def test_without_a_cache_the_present_sources_are_used(case, place):
    prepare, injected, reason = CASES[case]
    folder = clone(place / "clone")
    first, second = fly(folder, injected, prepare(place), lambda: triple_gravity(folder))
    pull = -4.9e12 / 1.7e6**2
    assert [first[0], second[0]] == pytest.approx([pull, 3.0 * pull])
    for _, said in (first, second):
        (line,) = (line for line in said if "compiling pull" not in line)
        assert "machine code is not kept" in line
        assert reason in line
        assert len(said) == 2
    assert numba_files(folder) == []


def test_a_cache_filled_by_another_user_is_read(place):
    """An administrator may compile for all."""
    folder = clone(place / "clone")
    cache = place / "cache"
    filled = run(folder, LUNAR_ENV_CACHE_DIR=cache)
    for path in (cache, *cache.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    (read,) = fly(folder, "", {"LUNAR_ENV_CACHE_DIR": cache})
    for path in (cache, *cache.rglob("*")):
        path.chmod(0o755)
    assert compiled(filled) == 1
    assert read == (filled.value, [])


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_landers_fly_without_a_cache(case, place):
    """As above, with all that an environment compiles."""
    prepare, injected, reason = CASES[case]
    folder = clone(place / "clone", QUEUE)
    first, second = fly(folder, injected, prepare(place), lambda: triple_gravity(folder))
    assert second[0] - first[0] < -10.0  # m/s: 4 s of twice the Moon's gravity more
    for _, said in (first, second):
        assert sum("compiling" in line for line in said) == 3
        (line,) = (line for line in said if "not kept" in line)
        assert reason in line


ROOT_ONLY = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files to others"
)


def code_of(cache, name):
    """File of an entry's machine code."""
    (path,) = cache.rglob(f"*.{name}-*.code")
    return path


def cut(path, length):
    """Leave so many bytes of a file; fewer than none are those that its end loses."""
    os.truncate(path, length if length >= 0 else path.stat().st_size + length)


def give_away(path):
    os.chown(path, STRANGER, STRANGER)


def let_a_group_write(path):
    os.chown(path, NOBODY, STRANGER)
    path.chmod(path.stat().st_mode | stat.S_IWGRP)


DAMAGED = "is damaged or was not written by lunar_env"
FOREIGN, GROUP = f"belongs to another user (uid {STRANGER})", "can be written by other users"
# What is done to the file of an entry, and what is said of it. The last entry compiles fast: of its
# file nothing is left, half of the seal, half of the digest, no code, nearly all.
DAMAGE = [
    ("reset_rows", lambda path: cut(path, 100_000), DAMAGED),
    ("step_part", lambda path: cut(path, -1), DAMAGED),
    *(
        ("write_privileged_rows", lambda path, length=length: cut(path, length), DAMAGED)
        for length in (0, 12, 40, 57, -1000)
    ),
    ("write_privileged_rows", give_away, FOREIGN),
    ("write_privileged_rows", let_a_group_write, GROUP),
]


@pytest.mark.slow
@ROOT_ONLY
def test_whole_landers_do_not_fly_what_is_cut_or_foreign(place):
    """Each file is named on one line and compiled anew, and the flight keeps its bits."""
    folder, cache = clone(place / "clone", QUEUE), own(place / "cache")
    changes = [lambda n=name, do=do: do(code_of(cache, n)) for name, do, _ in DAMAGE]
    (fresh, _), *again = fly(folder, "", {"LUNAR_ENV_CACHE_DIR": cache}, *changes)
    assert [value for value, _ in again] == [fresh] * len(DAMAGE)
    for (name, _, reason), (_, said) in zip(DAMAGE, again, strict=True):
        problem, compiling = said
        assert problem.startswith(f"lunar_env: recompiling: {code_of(cache, name)}")
        assert reason in problem
        assert f"compiling {name}" in compiling
    owners = {path.stat().st_uid for path in cache.rglob("*.code")}
    assert owners == {NOBODY}


@pytest.mark.slow
@ROOT_ONLY
def test_whole_landers_do_not_fly_what_is_in_a_foreign_folder(place):
    """Nor, after an edit, what was compiled before it."""
    folder, cache = clone(place / "clone", QUEUE), own(place / "cache")

    def open_to_a_group():
        os.chown(code_of(cache, "reset_rows").parent, NOBODY, NOBODY)
        let_a_group_write(cache / "lunar_env")
        triple_gravity(folder)

    fresh, foreign, edited = fly(
        folder,
        "",
        {"LUNAR_ENV_CACHE_DIR": cache},
        lambda: give_away(code_of(cache, "reset_rows").parent),
        open_to_a_group,
    )
    assert foreign[0] == fresh[0]
    assert edited[0] - fresh[0] < -10.0  # m/s: 4 s of twice the Moon's gravity more
    for (_, said), reason in ((foreign, FOREIGN), (edited, GROUP)):
        problem, *rest = said
        assert "machine code is not kept" in problem
        assert reason in problem
        assert len(rest) == sum("compiling" in line for line in rest) == 3
    assert len(list(cache.rglob("*.code"))) == 3
