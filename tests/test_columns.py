"""Records own their columns: nobody in kernels and pilots counts one by hand."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = (
    *("lunar_env/kernel", "lunar_env/physics", "lunar_env/sensors", "lunar_env/sim"),
    *("lunar_env/telemetry", "lunar_env/terrain"),
    "agents",
)
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


def is_number(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int


def has_offset(index: ast.AST) -> bool:
    """Whether an index adds or subtracts a number, as in ``BLOCK + 7``."""
    sums = (n for n in ast.walk(index) if isinstance(n, ast.BinOp))
    shifts = (n for n in sums if isinstance(n.op, ast.Add | ast.Sub))
    return any(is_number(n.left) or is_number(n.right) for n in shifts)


def counted_by_hand(source: str) -> list[str]:
    """Columns that are written as numbers, or as a name and a number."""
    tree, found = ast.parse(source), []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Subscript):
            continue
        several = isinstance(node.slice, ast.Tuple)
        indices = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        last = getattr(indices[-1], "operand", None)  # of -1, say
        bare = several and (is_number(last) or any(is_number(index) for index in indices))
        if bare or any(has_offset(index) for index in indices):
            found.append(ast.unparse(node))
    for node in ast.walk(tree):
        named = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
        value = getattr(node, "value", None)
        if (
            isinstance(value, ast.BinOp)
            and isinstance(value.op, ast.Add)
            and is_number(value.right)
        ):
            constants = [
                n for n in (*named, value.left) if isinstance(n, ast.Name) and n.id.isupper()
            ]
            if len(constants) == 2:
                found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_column_is_counted_by_hand(path):
    assert counted_by_hand(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "planted",
    [
        "f[i, 3] = height",
        "mass = memory[i, STATE + 13]",
        "x = m[i, j + 1]",
        "report[TERMS + 3, i] = -burned",
        "engines = int(table[NOMINAL + 1])",
        "SPEED: Final = HEIGHT + 1",
        "SPEED = HEIGHT + 1",
        "def f():\n    SPEED = HEIGHT + 1",
        "last = m[i, -1]",
    ],
)
def test_a_hand_counted_column_is_detected(planted):
    assert len(counted_by_hand(planted)) == 1


@pytest.mark.parametrize(
    "allowed",
    [
        "memory[i, CONTACT.touching]",
        "t[at + DISTRIBUTION.first]",
        "line.shape[1]",
        "x[at + N * k + lane]",
    ],
)
def test_named_and_computed_columns_are_allowed(allowed):
    assert counted_by_hand(allowed) == []
