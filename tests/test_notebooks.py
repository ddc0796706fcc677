"""Notebooks run from the first cell to the last, and stay small."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")
pytest.importorskip("matplotlib")
pytest.importorskip("pygame")

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MAX_CELLS = 15
# What a notebook has to print, besides showing a picture.
TELLS = {
    "01_first_landing": "LANDED",
    "02_rangefinder": "three losses, no range walk  median  2",
    "03_guidance": "optimum       48.70             1.000",
    "04_missions": "own: 0 of 60 land",
}
# The first use on a machine compiles the kernels.
TIMEOUT_S = 600


def read(path: Path):
    return nbformat.read(path, as_version=4)


def test_there_are_notebooks() -> None:
    assert [path.stem for path in NOTEBOOKS] == list(TELLS)


@pytest.mark.notebook
@pytest.mark.filterwarnings("default")  # Jupyter's own are not ours to settle
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_runs(path: Path, tmp_path: Path) -> None:
    if path.stem == "03_guidance":
        pytest.importorskip("cvxpy")
    notebook = read(path)
    where = {"metadata": {"path": str(tmp_path)}}
    client = nbclient.NotebookClient(notebook, timeout=TIMEOUT_S, resources=where)
    client.execute(env={**os.environ, "PYTHONPATH": str(ROOT)})
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    printed = "".join(output.get("text", "") for output in outputs)
    assert TELLS[path.stem] in printed
    assert list(tmp_path.iterdir()) == []  # it leaves no file behind


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_is_short_and_stripped(path: Path) -> None:
    notebook = read(path)
    assert len(notebook.cells) < MAX_CELLS
    for cell in notebook.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
