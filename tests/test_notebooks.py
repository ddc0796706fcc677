"""Notebooks run from the first cell to the last, are short, and hold what they print and show."""

from __future__ import annotations

import ast
import math
import re
from pathlib import Path

import pytest

pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")
pytest.importorskip("matplotlib")
pytest.importorskip("pygame")

import nbformat

from notebooks.execute import DIGEST, execute, source_digest, tidy
from notebooks.picture import snapshots

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
EACH = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
MAX_CELLS = 15
MAX_BYTES = 1_000_000
# What a notebook has to print, besides showing a picture.
TELLS = {
    "01_first_landing": "LANDED",
    "02_rangefinder": "three losses, no range walk  median  2",
    "03_guidance": "optimum       48.70             1.000",
    "04_missions": "own: 0 of 60 land",
    "05_train": "the best student lands over 95 %",
}
# Libraries that a notebook needs besides those of all.
NEEDS = {"03_guidance": ["cvxpy"], "05_train": ["torch", "stable_baselines3"]}
SHOWN = {"text/plain", "image/png"}
PATH = re.compile(r"(?<![\w/.])(?:~|/[\w.-]+)/[\w.-]+|\b[A-Za-z]:\\")
TIME = re.compile(r"\b20\d\d-\d\d-\d\d[ T]\d\d:\d\d")


def read(path: Path):
    return nbformat.read(path, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def printed(notebook):
    """What each code cell prints."""
    cells = code_cells(notebook)
    return ["".join(output.get("text", "") for output in cell.outputs) for cell in cells]


def shows(cell):
    """Whether something comes out of a cell: it prints or shows outside of functions' bodies."""
    outside = ast.parse(cell.source)
    outside.body = [
        node for node in outside.body if not isinstance(node, ast.FunctionDef | ast.ClassDef)
    ]
    called = {ast.unparse(node.func) for node in ast.walk(outside) if isinstance(node, ast.Call)}
    return bool(called & {"print", "plt.show"})


def faults_of_output(output):
    if output.output_type == "error":
        return [f"an error: {output.ename}"]
    if output.get("name") == "stderr":
        return ["a warning"]
    data = output.get("data", {})
    text = output.get("text", "") + data.get("text/plain", "")
    found = [f"output of type {kind}" for kind in sorted(set(data) - SHOWN)]
    found += [f"a path: {path}" for path in PATH.findall(text)]
    return found + [f"a time: {time}" for time in TIME.findall(text)]


def faults(notebook):
    """What is wrong with the outputs that a notebook holds."""
    extra = set(notebook.metadata) - {"kernelspec", "language_info"}
    found = [f"metadata {name}" for name in sorted(extra)]
    if set(notebook.metadata.language_info) != {"name"}:
        found.append("the version of Python")
    for number, cell in enumerate(code_cells(notebook), start=1):
        own = [] if cell.execution_count == number else ["not executed in this order"]
        if cell.metadata.get(DIGEST) != source_digest(cell):
            own.append("edited after it was executed")
        own += [f"metadata {name}" for name in sorted(set(cell.metadata) - {DIGEST})]
        if shows(cell) and not cell.outputs:
            own.append("no output")
        own += [fault for output in cell.outputs for fault in faults_of_output(output)]
        found += [f"{cell.id}: {fault}" for fault in own]
    return found


def test_the_notebooks_are_found() -> None:
    assert [path.stem for path in NOTEBOOKS] == list(TELLS)


@pytest.mark.notebook
@pytest.mark.filterwarnings("default")  # Jupyter's own are not ours to settle
@EACH
def test_the_notebook_runs_and_prints_what_it_holds(path: Path, tmp_path: Path) -> None:
    for name in NEEDS.get(path.stem, ()):
        pytest.importorskip(name)
    saved, notebook = read(path), read(path)
    execute(notebook, tmp_path)
    assert printed(notebook) == printed(saved)
    assert faults(notebook) == []
    assert list(tmp_path.iterdir()) == []  # it leaves no file behind


@EACH
def test_the_notebook_holds_what_it_prints_and_shows(path: Path) -> None:
    notebook = read(path)
    assert faults(notebook) == []
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert TELLS[path.stem] in "".join(printed(notebook))


@EACH
def test_the_notebook_is_short(path: Path) -> None:
    assert len(read(path).cells) < MAX_CELLS
    assert path.stat().st_size < MAX_BYTES


def stream(text, name="stdout"):
    return nbformat.v4.new_output("stream", name=name, text=text)


def edit_source(cell):
    cell.source += "\nprint(1)"


def remove_outputs(cell):
    cell.outputs = []


def print_a_path(cell):
    cell.outputs.append(stream("saved to /home/somebody/x.npz\n"))


def print_the_time(cell):
    cell.outputs.append(stream("done at 2026-05-01 12:30\n"))


def warn(cell):
    cell.outputs.append(stream("UserWarning: no", "stderr"))


def fail(cell):
    cell.outputs.append(nbformat.v4.new_output("error", ename="KeyError", evalue="", traceback=[]))


def show_a_widget(cell):
    data = {"application/vnd.jupyter.widget-view+json": {}}
    cell.outputs.append(nbformat.v4.new_output("display_data", data))


def execute_again(cell):
    cell.execution_count += 7


def time_it(cell):
    cell.metadata["execution"] = {"iopub.execute_input": "2026-05-01T12:30:00Z"}


@pytest.mark.parametrize(
    ("plant", "fault"),
    [
        (edit_source, "edited after it was executed"),
        (remove_outputs, "no output"),
        (print_a_path, "a path: /home/somebody"),
        (print_the_time, "a time: 2026-05-01 12:30"),
        (warn, "a warning"),
        (fail, "an error: KeyError"),
        (show_a_widget, "output of type application/vnd.jupyter.widget-view+json"),
        (execute_again, "not executed in this order"),
        (time_it, "metadata execution"),
    ],
)
def test_a_planted_fault_is_found(plant, fault) -> None:
    notebook = read(NOTEBOOKS[0])
    cell = next(cell for cell in code_cells(notebook) if shows(cell))
    plant(cell)
    assert faults(notebook) == [f"{cell.id}: {fault}"]


def test_metadata_of_the_machine_is_found() -> None:
    notebook = read(NOTEBOOKS[0])
    notebook.metadata["widgets"] = {}
    notebook.metadata.language_info["version"] = "3.11.7"
    assert faults(notebook) == ["metadata widgets", "the version of Python"]


def test_what_is_kept_depends_on_neither_time_nor_cache() -> None:
    compiling = stream("lunar_env: compiling step_part, about 31 s on an idle core\n", "stderr")
    assert tidy([stream("a\n"), compiling, stream("b\n")]) == [stream("a\nb\n")]
    with pytest.raises(ValueError, match="UserWarning: no"):
        tidy([stream("UserWarning: no\n", "stderr")])


def test_the_caption_of_the_picture_tells_its_flight() -> None:
    flown = list(snapshots())
    fixed = next(shown for shown in flown if math.isfinite(shown.first_fix_height_m))
    caption = (
        f"first fix at {fixed.first_fix_height_m:.0f} m, falling at"
        f" {-fixed.v_vertical_m_s:.0f} m/s](notebooks/figures/landing.png)"
    )
    assert caption in (Path(__file__).parents[1] / "README.md").read_text()
    assert flown[-1].height_m < 0.1
