"""The walls between the layers, and the sizes of files and functions."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("lunar_env", "agents", "training")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
# What reads a file that somebody else may have made, and the only places where it may be used:
# there its kind, size and content are checked.
READERS = {
    "tomllib.loads": {"lunar_env/reading.py"},
    "tomllib.load": set(),
    "json.loads": {"lunar_env/reading.py"},
    "json.load": set(),
    "np.load": set(),
    "pickle.loads": {"lunar_env/kernel/machine_code.py"},  # folders that nobody else can write to
    "pickle.load": set(),
    "zipfile.ZipFile": {"lunar_env/telemetry/members.py", "lunar_env/foreign.py"},
    "library.safe_open": {"agents/tensors.py"},
    "pq.ParquetFile": {"lunar_env/parquet.py"},
    "pq.read_table": set(),
    "pq.read_metadata": set(),
    # Own style sheets and scripts.
    ".read_text": {"training/page.py", "lunar_env/page/document.py"},
    # Own sources, and films that were just made.
    ".read_bytes": {
        *("lunar_env/kernel/machine_code.py", "training/report.py"),
    },
}
MAX_FILE_LINES = 350
MAX_FUNCTION_LINES = 40
MAX_ARGUMENTS = 7  # positional ones ...
MAX_LONG_SHARE = 0.03  # ... of all but this share of a package's functions


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", code, "--no-cache", "--config", str(ROOT / "pyproject.toml")],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function from its ``def``; explaining it at length costs nothing."""
    documented = ast.get_docstring(function) is not None
    docstring = function.body[0] if documented else None
    total = (function.end_lineno or 0) - function.lineno + 1
    return total - ((docstring.end_lineno or 0) - docstring.lineno + 1 if docstring else 0)


def too_long(path: Path) -> list[str]:
    return [
        f"{node.name}: {code_lines(node)} lines"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and code_lines(node) > MAX_FUNCTION_LINES
    ]


def test_the_import_contracts_hold() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 kept, 0 broken" in done.stdout


@pytest.mark.parametrize(
    ("where", "what"),
    [
        ("lunar_env/physics", "import gymnasium"),
        ("lunar_env/sensors", "import lunar_env.specs"),
        ("lunar_env/sim", "import lunar_env.specs.quantity"),
        ("lunar_env/kernel", "import lunar_env.physics"),
        ("lunar_env/data", "import lunar_env.kernel"),
        ("lunar_env/envs", "import training"),
        ("agents", "import lunar_env.sim"),
        ("agents", "from lunar_env.physics import types"),
    ],
)
@pytest.mark.slow
def test_violations_of_the_import_contracts_are_detected(
    where: str, what: str, tmp_path: Path
) -> None:
    for path in FILES:
        copy = tmp_path / relative(path)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    (tmp_path / where / "trespasser.py").write_text(f"{what}\n", encoding="utf-8")
    done = lint_imports(tmp_path)
    assert done.returncode != 0
    assert "trespasser" in done.stdout


def part_of(path: Path) -> str:
    """Package of a file; in `lunar_env` the sub-package, if it lies in one."""
    parts = path.relative_to(ROOT).parts
    return "/".join(parts[:2]) if parts[0] == "lunar_env" and len(parts) > 2 else parts[0]


def long_signatures(source: str) -> tuple[list[str], int]:
    """Return functions with too many positional arguments, and how many functions there are."""
    nodes = ast.walk(ast.parse(source))
    found = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    counts = [len(node.args.posonlyargs) + len(node.args.args) for node in found]
    longs = [node.name for node, count in zip(found, counts, strict=True) if count > MAX_ARGUMENTS]
    return longs, len(found)


def star_tuples(source: str) -> list[int]:
    """Return lines where a call unpacks a tuple or list that is written out right there."""
    return [
        argument.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        for argument in node.args
        if isinstance(argument, ast.Starred) and isinstance(argument.value, ast.Tuple | ast.List)
    ]


@pytest.mark.parametrize("part", sorted({part_of(path) for path in FILES}))
def test_what_travels_together_is_one_value(part: str) -> None:
    longs, total = [], 0
    for path in FILES:
        if part_of(path) == part:
            found, count = long_signatures(path.read_text(encoding="utf-8"))
            longs += [f"{relative(path)}: {name}" for name in found]
            total += count
    assert len(longs) <= MAX_LONG_SHARE * total, longs


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_no_call_hides_its_arguments_in_a_tuple(path: Path) -> None:
    assert star_tuples(path.read_text(encoding="utf-8")) == []


def test_long_signatures_and_star_tuples_are_noticed() -> None:
    seven = "def f(a, b, c, d, e, f, g, *, h): ..."
    assert long_signatures(seven + "\ndef g(a, b, c, /, d, e, f, g, h): ...") == (["g"], 2)
    planted = "f(a, *b)\nf(*(a, b))\ng(x, *[a])\nf((a, *b))\nh = *(a, b), c\n"
    assert star_tuples(planted) == [2, 3]


@pytest.mark.parametrize("path", FILES + TESTS, ids=relative)
def test_files_and_functions_are_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_FILE_LINES
    assert too_long(path) == []


def calls(path: Path) -> set[str]:
    """Return what a file calls, as ``json.loads`` and, whatever it is called on, ``.loads``."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    names = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
    return names | {f".{name.rpartition('.')[2]}" for name in names if "." in name}


def test_files_from_outside_are_read_in_one_place() -> None:
    found: dict[str, set[str]] = {name: set() for name in READERS}
    for path in FILES:
        for name in calls(path) & set(READERS):
            found[name].add(relative(path))
    elsewhere = {name: files - READERS[name] for name, files in found.items()}
    assert {name: files for name, files in elsewhere.items() if files} == {}


def test_files_are_named_after_their_idea() -> None:
    vague = {"utils.py", "util.py", "helpers.py", "misc.py", "common.py"}
    assert [relative(path) for path in FILES if path.name in vague] == []


def test_every_module_has_a_docstring() -> None:
    silent = [
        relative(path)
        for path in FILES
        if ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) is None
    ]
    assert silent == []


# What writes, and where else than in the one module that writes files whole or not at all.
WRITERS = {
    *("write_text", "write_bytes", "writelines", "truncate", "mkdir", "makedirs"),
    *("rename", "symlink_to", "hardlink_to", "link", "symlink", "copyfile", "copytree"),
    *("save_file", "savez", "savez_compressed", "savetxt", "tofile", "imsave", "savefig", "save"),
    *("write_table", "to_parquet", "to_csv", "to_json", "dump", "mkstemp", "mkdtemp"),
    *("NamedTemporaryFile", "TemporaryDirectory"),
}
WRITES_ELSEWHERE = {
    "lunar_env/folders.py": {"mkdir"},
    "lunar_env/temporary.py": {"mkdir"},
    "lunar_env/kernel/cache_folder.py": {"mkdir", "open"},  # machine code, lost at no cost
    "lunar_env/cli/plot.py": {"savefig"},  # to memory
    "lunar_env/cli/streams.py": {"open"},  # the null device
    "lunar_env/foreign.py": {"open"},  # a member of an archive, to read
    "lunar_env/rendering/film.py": {"save"},  # to memory
    "lunar_env/telemetry/archive.py": {"savez_compressed"},  # to memory
    "agents/tensors.py": {"save"},  # to memory
    "training/bounds/stored.py": {"mkdir"},  # results that can be flown again
    "training/checkpoint.py": {"save"},  # to memory
    "lunar_env/parquet.py": {"write_table"},  # to memory
    "training/study/plots.py": {"savefig"},  # to memory
    "training/study/run.py": {"mkdir"},  # landings that can be flown again
    "training/accidents/pictures.py": {"savefig"},  # to memory
    "training/svg.py": {"savefig"},  # to memory
    "training/supervisor.py": {"save", "dump"},  # its own method, and TensorBoard
    "training/train.py": {"save"},  # the same
}


def written_by(path: Path) -> set[str]:
    """Names of functions that a file calls to write."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            name = node.func.id if isinstance(node.func, ast.Name) else name
            modes = [*node.args, *(word.value for word in node.keywords)]
            texts = [mode.value for mode in modes if isinstance(mode, ast.Constant)]
            opened = [text for text in texts if isinstance(text, str) and set("wax+") & set(text)]
            if name in WRITERS or (name in {"open", "fdopen"} and opened):
                found.add(name)
    return found


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_files_are_written_by_one_module(path: Path) -> None:
    if relative(path) != "lunar_env/files.py":
        assert written_by(path) <= WRITES_ELSEWHERE.get(relative(path), set())


def test_calls_that_write_are_detected(tmp_path: Path) -> None:
    path = tmp_path / "writer.py"
    path.write_text("Path(x).write_text(y)\nopen(x, 'wb')\npath.open(mode='a')\nopen(x, 'rb')\n")
    assert written_by(path) == {"write_text", "open"}


def other_doors(source: str) -> list[str]:
    """Names that a module offers and only imports; an ``__init__`` is there to do so."""
    tree = ast.parse(source)
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    aliases = [alias for node in imports for alias in node.names]
    found = [alias.name for alias in aliases if alias.asname == alias.name]
    offered: list[object] = []
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            offered = [n.value for n in ast.walk(node.value) if isinstance(n, ast.Constant)]
    return found + [alias.name for alias in aliases if alias.name in offered]


def test_each_name_has_one_door() -> None:
    found = {
        relative(path): other_doors(path.read_text(encoding="utf-8"))
        for path in FILES
        if path.name != "__init__.py"
    }
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize("line", ["from a import b as b", '__all__ = ["b"]\nfrom a import b'])
def test_a_second_door_is_found(line: str) -> None:
    assert other_doors(line) == ["b"]
