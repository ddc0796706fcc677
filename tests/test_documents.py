"""The Python examples of README and the documentation run, as they stand."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples(path: Path) -> list[tuple[int, str]]:
    """Return the line before each example, and the example."""
    text = path.read_text(encoding="utf-8")
    return [(text.count("\n", 0, found.start(1)), found[1]) for found in BLOCK.finditer(text)]


EXAMPLES = [
    pytest.param(path, line, code, id=f"{path.relative_to(ROOT).as_posix()}:{line}")
    for path in DOCUMENTS
    for line, code in examples(path)
]
# What an example has to print.
TELLS = {"README.md": "LANDED"}


def test_examples_are_found():
    found = {path.relative_to(ROOT).as_posix() for path in DOCUMENTS if examples(path)}
    assert {"README.md", "docs/adapters.md"} <= found


@pytest.mark.train
@pytest.mark.parametrize(("path", "line", "code"), EXAMPLES)
def test_the_example_runs(path, line, code, tmp_path, monkeypatch, capsys):
    for library in ("stable_baselines3", "rsl_rl"):
        if f"from {library}" in code:
            pytest.importorskip(library)
    monkeypatch.chdir(tmp_path)
    # The lines of a traceback are those of the document.
    exec(compile("\n" * line + code, str(path), "exec"), {"__name__": "example"})
    assert TELLS.get(path.relative_to(ROOT).as_posix(), "") in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []  # it leaves no file behind
