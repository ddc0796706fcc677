"""Execute the notebooks, and keep what they print and show: `make notebooks`.

What is kept is the same in every run: no times, paths or versions of the machine. Every code cell
keeps a digest of its source, so that a test notices an edit after the last execution.
"""

import hashlib
import os
import tempfile
from pathlib import Path

import nbclient
import nbformat

FOLDER = Path(__file__).resolve().parent
DIGEST = "source_sha256"
# Seconds for a cell: the first use on a machine compiles the kernels.
TIMEOUT_S = 900


def source_digest(cell):
    """Return 16 hex digits of the source of a cell."""
    return hashlib.sha256(cell.source.encode()).hexdigest()[:16]


def execute(notebook, folder):
    """Execute a notebook in a folder; its cells get their outputs, tidied.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell fails.
    ValueError
        If a cell warns of something.
    """
    metadata = dict(notebook.metadata)
    client = nbclient.NotebookClient(
        notebook,
        timeout=TIMEOUT_S,
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute(env={**os.environ, "PYTHONPATH": str(FOLDER.parent)})
    notebook.metadata = nbformat.from_dict(metadata)  # without the version of Python
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata = nbformat.from_dict({DIGEST: source_digest(cell)})
            cell.outputs = tidy(cell.outputs)


def tidy(outputs):
    """Join what was printed in pieces, and leave out what compilation says.

    How a text is cut into pieces depends on time, and what is compiled on the cache.
    """
    tidied = []
    for output in outputs:
        if output.get("name") == "stderr":
            lines = output.text.splitlines()
            warnings = [line for line in lines if line and not line.startswith("lunar_env: ")]
            if warnings:
                raise ValueError("\n".join(warnings))
        elif output.output_type == "stream" and tidied and tidied[-1].output_type == "stream":
            tidied[-1].text += output.text
        else:
            tidied.append(output)
    return tidied


def main():
    for path in sorted(FOLDER.glob("*.ipynb")):
        print(path.name, flush=True)
        notebook = nbformat.read(path, as_version=4)
        with tempfile.TemporaryDirectory() as empty:
            execute(notebook, empty)
        nbformat.write(notebook, path)


if __name__ == "__main__":
    main()
