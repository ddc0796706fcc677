"""The digest of the sources: every edit changes it, and nothing else does."""

import ast
import importlib
import shutil
import sys
from pathlib import Path

import llvmlite
import numba
import pytest

import lunar_env
from agents.compiled import SOURCES
from agents.guidance import polynomial
from agents.navigation import kalman_rows, mounting
from lunar_env.kernel.cache_folder import CacheProblem
from lunar_env.kernel.compile import KERNELS, cached
from lunar_env.kernel.machine_code import Sources, functions_of
from lunar_env.sim import batch, ground
from lunar_env.sim.step import step_part

SOURCE = Path(lunar_env.__file__).parent


@pytest.fixture
def package(tmp_path):
    """A copy of the package, to be edited."""
    copy = tmp_path / "lunar_env"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def sources(package):
    return Sources(package, *KERNELS.patterns)


def edit(path):
    path.write_text(path.read_text(encoding="utf-8") + "\n# edited\n", encoding="utf-8")


def test_a_copy_has_the_same_digest(package):
    assert sources(package).digest == KERNELS.digest


@pytest.mark.parametrize(
    "name",
    [
        *("kernel/rng.py", "physics/gravity.py", "sensors/delay.py", "sim/step.py"),
        *("sim/fields.py", "data/constants.py"),
    ],
)
def test_an_edit_of_a_kernel_changes_the_digest(name, package):
    began_with = sources(package)
    edit(package / name)
    # Constants reach these kernels as numbers in the table: no recompilation.
    assert (sources(package).digest != began_with.digest) == (not name.startswith("data"))


def test_a_new_or_renamed_kernel_file_changes_the_digest(package):
    digests = [sources(package).digest]
    new = package / "physics" / "extra.py"
    new.write_text("", encoding="utf-8")
    digests.append(sources(package).digest)
    new.rename(package / "physics" / "other.py")
    digests.append(sources(package).digest)
    (package / "physics" / "deeper").mkdir()
    (package / "physics" / "deeper" / "more.py").write_text("", encoding="utf-8")
    digests.append(sources(package).digest)
    assert len(set(digests)) == 4


def test_a_line_moved_to_the_next_file_changes_the_digest(tmp_path):
    for name, text in (("a.py", "x = 1\n"), ("b.py", "y = 2\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    before = Sources(tmp_path, "*.py").digest
    (tmp_path / "a.py").write_text("", encoding="utf-8")
    (tmp_path / "b.py").write_text("x = 1\ny = 2\n", encoding="utf-8")
    assert Sources(tmp_path, "*.py").digest != before


@pytest.mark.parametrize(
    ("module", "name"), [(numba, "__version__"), (llvmlite, "__version__"), (sys, "version")]
)
def test_the_digest_depends_on_the_compiler(module, name, package, monkeypatch):
    before = sources(package).digest
    monkeypatch.setattr(module, name, "0.0.1")
    assert sources(package).digest != before


def test_an_edit_while_a_process_runs_is_detected(package):
    """What it imported is not what the digest is of."""
    began_with = sources(package)
    began_with.check()
    edit(package / "physics" / "gravity.py")
    with pytest.raises(CacheProblem, match="edited after this process began"):
        began_with.check()


def test_without_sources_there_is_no_digest(tmp_path):
    """A package in an archive, or with compiled files only."""
    with pytest.raises(CacheProblem, match="no sources in"):
        Sources(tmp_path, "**/*.py").check()


def test_code_of_edited_sources_is_not_cached(package, cache, capsys):
    others = sources(package)
    edit(package / "sim" / "step.py")

    def half(x):
        return 0.5 * x

    assert cached(half, others)(3.0) == 1.5
    assert not cache.exists()
    assert capsys.readouterr().err.splitlines() == [
        "lunar_env: machine code is not kept: the sources were edited after this process began",
        "lunar_env: compiling half, about 1 s on an idle core",
    ]


ENTRIES = [
    *(step_part, batch.reset_rows, batch.write_privileged_rows, ground.sample_ground),
    *(mounting._replace_cosines, kalman_rows.update_rows, polynomial._follow),
]


def imported_by(module):
    """Names that a module takes from others when it runs, with the file that they come from."""
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    for line in tree.body:
        if isinstance(line, ast.ImportFrom):
            name = "." * line.level + (line.module or "")
            path = getattr(importlib.import_module(name, module.__package__), "__file__", None)
            yield from ((alias.asname or alias.name, path) for alias in line.names)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.__name__)
def test_the_digest_covers_all_sources_of_an_entry(entry):
    """Functions that it calls, and constants of other modules that become part of the code."""
    covered = {str(path) for path in KERNELS.files()}
    if entry.py_func.__module__.startswith("agents"):
        covered |= {str(path) for group in SOURCES for path in group.files()}
    needed = set()
    for function in functions_of(entry.py_func):
        needed.add(function.__code__.co_filename)
        origin = dict(imported_by(sys.modules[function.__module__]))
        needed |= {origin[name] for name in function.__code__.co_names if name in origin}
    ours = (str(SOURCE), str(SOURCE.parent / "agents"))
    missing = {path for path in needed - covered if str(path).startswith(ours)}
    assert missing == set()
