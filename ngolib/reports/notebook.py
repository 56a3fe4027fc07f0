"""Running a notebook by papermill, so that the same inputs give the same notebook."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_output
from papermill.engines import papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.execute import execute_notebook

from ngolib.errors import ReportError
from ngolib.params import TAG, read_notebook
from ngolib.reports.engine import NgolibEngine
from ngolib.reports.run import At

INJECTED = "injected-parameters"
# Seconds that an ordinary kernel may take to start, and to hand over the last output of a cell.
PATIENCE = 120
# What papermill warns of (that it cannot read types, say) is checked here before; what fails
# arrives as an exception.
logging.getLogger("papermill").setLevel(logging.CRITICAL + 1)
# Where the package is not installed but only found, papermill does not know of it.
papermill_engines.register("ngolib", NgolibEngine)


def read(path: Path) -> NotebookNode:
    """Read a notebook; every cell has a permanent id, and what earlier runs left is taken out."""
    notebook = nbformat.from_dict(read_notebook(path))
    seen: set[str] = set()
    for number, cell in enumerate(notebook.cells, start=1):
        if not cell.get("id") or cell["id"] in seen:
            cell["id"] = f"cell-{number}"
        seen.add(cell["id"])
        for key in ("execution", "papermill"):
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    notebook.nbformat_minor = max(notebook.nbformat_minor, 5)
    return notebook


def write(notebook: NotebookNode) -> bytes:
    """Return a notebook as the bytes of its file, always in the same form."""
    return (nbformat.writes(notebook).rstrip("\n") + "\n").encode()


def _without_chance(text: str) -> str:
    """Take out what is chance: places in memory, and names of files that stand for cells.

    They look like `<Line2D at 0x7f66e8cd5f10>` and, in warnings, `/tmp/ipykernel_9/2785477715.py`.
    """
    text = re.sub(r"\bat 0x[0-9a-fA-F]{6,}", "at 0x0", text)
    return re.sub(r"[^\s'\"(]*ipykernel_\d+[/\\]+", "cell-", text)


def _settle_streams(outputs: Sequence[NotebookNode]) -> list[NotebookNode]:
    """Join what a cell prints between two displays, output before errors.

    In which order and in how many pieces the two streams arrive is a matter of chance.
    """
    settled: list[NotebookNode] = []
    for is_stream, group in groupby(outputs, key=lambda output: output.output_type == "stream"):
        if not is_stream:
            settled += group
            continue
        pieces = list(group)
        for name in ("stdout", "stderr"):
            text = "".join(piece.text for piece in pieces if piece.name == name)
            if text:
                settled.append(new_output("stream", name=name, text=_without_chance(text)))
    return settled


def _clean(notebook: NotebookNode, source: NotebookNode) -> NotebookNode:
    """Take out what differs from run to run: times, paths, random ids, versions of the machine."""
    metadata_of = {cell.id: cell.metadata for cell in source.cells}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = _settle_streams(cell.outputs)
            for output in cell.outputs:
                if "text/plain" in output.get("data", {}):
                    output.data["text/plain"] = _without_chance(output.data["text/plain"])
        if INJECTED in cell.metadata.get("tags", ()):
            cell["id"] = INJECTED
            cell.metadata = nbformat.from_dict({"tags": [INJECTED]})
        else:
            cell.metadata = metadata_of[cell.id]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    about = {"kernelspec": kernel, "language_info": {"name": "python"}}
    notebook.metadata = nbformat.from_dict(about)
    return notebook


def _cell_number(source: NotebookNode, index: int, injected: bool) -> int:
    """Place, counted from 1 in the source, of the cell that has this index in the executed one."""
    tags = [TAG in cell.metadata.get("tags", ()) for cell in source.cells]
    declaration = tags.index(True) if True in tags else -1
    return index if injected and index > declaration else index + 1


def _one_line(text: str) -> str:
    first_line, *rest = text.splitlines() or [""]
    return first_line + (f" (and more, {len(rest)} lines)" if rest else "")


def execute(
    path: Path,
    parameters: Mapping[str, Any],
    root: Path,
    at: At = lambda where: None,
    kernel: str | None = None,
) -> NotebookNode:
    """Run a notebook from its first cell to its last.

    Parameters
    ----------
    path : pathlib.Path
        The notebook; it is only read.
    parameters : mapping
        Values to be set after the cell tagged `parameters`; none = the notebook's own.
    root : pathlib.Path
        The project, in which the notebook runs.
    at : callable
        Is told which cell begins.
    kernel : str, optional
        Name of a Jupyter kernel to run it in; by default, it runs in this process.

    Returns
    -------
    nbformat.NotebookNode
        The notebook with its outputs; two runs of the same inputs give equal ones.

    Raises
    ------
    ngolib.errors.ReportError
        If a cell fails or the kernel dies: which cell, and why; its notes tell all.
    """
    source = read(path)
    where = path.name

    def begins(cell: NotebookNode, cell_index: int) -> None:
        nonlocal where
        if cell.cell_type == "code":
            where = f"{path.name}, cell {_cell_number(source, cell_index, bool(parameters))}"
            at(where)

    try:
        executed = execute_notebook(
            nbformat.from_dict(source),
            None,
            parameters=dict(parameters) or None,
            engine_name=None if kernel else "ngolib",
            kernel_name=kernel or "python3",
            language="python",
            progress_bar=False,
            request_save_on_cell_execute=False,
            start_timeout=PATIENCE,
            cwd=root,
            on_cell_start=begins,
            iopub_timeout=PATIENCE,
        )
    except PapermillExecutionError as error:
        failure = ReportError(f"{where}: {error.ename}: {_one_line(error.evalue)}")
        failure.add_note(re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error.traceback)))
        raise failure from None
    except Exception as error:  # an ordinary kernel that did not start, or died
        raise ReportError(f"{where}: {type(error).__name__}: {_one_line(str(error))}") from error
    return _clean(executed, source)
