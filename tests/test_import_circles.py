"""No module imports, directly or through others, a module that imports it; for types neither."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def modules(root: Path) -> dict[str, Path]:
    """Files of the three packages by the name under which they are imported."""
    paths = [
        path
        for name in ("lunar_env", "agents", "training")
        for path in root.glob(f"{name}/**/*.py")
    ]
    named = {".".join(path.relative_to(root).with_suffix("").parts): path for path in paths}
    return {name.removesuffix(".__init__"): path for name, path in named.items()}


def imported(name: str, path: Path, known: dict[str, Path]) -> set[str]:
    """Modules that a file imports, wherever in it; a package counts as its ``__init__``."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            parts = [*above, node.module] if node.level else [node.module]
            base = ".".join(part for part in parts if part)
            for alias in node.names:
                full = f"{base}.{alias.name}"
                found.add(full if full in known else base)
    return found & known.keys() - {name}


def sorted_modules(root: Path) -> list[str]:
    """Modules in an order in which they could be loaded one by one; CycleError if there is none."""
    known = modules(root)
    graph = {name: imported(name, path, known) for name, path in known.items()}
    return list(TopologicalSorter(graph).static_order())


def test_imports_have_no_circle() -> None:
    order = sorted_modules(ROOT)
    assert order.index("lunar_env.kernel.linalg") < order.index("lunar_env.sim.step")
    assert order.index("agents.guidance.types") < order.index("agents.registry")


@pytest.mark.parametrize(
    "line",
    [
        "from lunar_env.second import value",
        "import lunar_env.second",
        "from .second import value",
        "from . import second",
        "if TYPE_CHECKING:\n    from lunar_env.second import value",
        "def late():\n    from lunar_env.second import value",
    ],
)
def test_a_circle_is_found(tmp_path: Path, line: str) -> None:
    folder = tmp_path / "lunar_env"
    folder.mkdir()
    (folder / "__init__.py").write_text('"""A package."""\n', encoding="utf-8")
    (folder / "first.py").write_text(f"{line}\n", encoding="utf-8")
    (folder / "second.py").write_text("value = 1\n", encoding="utf-8")
    assert sorted_modules(tmp_path)[-1] == "lunar_env.first"
    (folder / "second.py").write_text("from lunar_env.first import late\n", encoding="utf-8")
    with pytest.raises(CycleError):
        sorted_modules(tmp_path)
