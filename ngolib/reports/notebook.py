"""Running a notebook by papermill, so that the same inputs give the same notebook."""

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
from ngolib.params import INJECTED, TAG, read_notebook
from ngolib.reports.engine import NgolibEngine
from ngolib.reports.run import At

# What papermill warns of is checked here before; what fails arrives as an exception.
logging.getLogger("papermill").setLevel(logging.CRITICAL + 1)
# Where the package is not installed but only found, papermill does not know of it.
papermill_engines.register("ngolib", NgolibEngine)

_ID = re.compile("[a-zA-Z0-9_-]{1,64}")  # of a cell, as the format allows it


def read(path: Path) -> NotebookNode:
    """Read a notebook; every cell has a permanent id, and what earlier runs left is taken out."""
    notebook = nbformat.from_dict(read_notebook(path))
    seen: set[str] = set()
    for number, cell in enumerate(notebook.cells, start=1):
        if not _ID.fullmatch(cell.get("id") or "") or cell["id"] in seen:
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
    """Take out places in memory, and names of files that stand for cells (in warnings)."""
    text = text.encode("utf-8", "backslashreplace").decode()  # half a character is shown as such
    text = re.sub(r"\bat 0x[0-9a-fA-F]{6,}", "at 0x0", text)
    return re.sub(r"(?<![^\s'\"(])[^\s'\"(]*ipykernel_\d+[/\\]+", "cell-", text)


def _settle_streams(outputs: Sequence[NotebookNode]) -> list[NotebookNode]:
    """Join what a cell prints between two displays, output before errors."""
    # In which order and in how many pieces the two streams arrive is a matter of chance.
    settled: list[NotebookNode] = []
    for is_stream, group in groupby(outputs, key=lambda output: output.output_type == "stream"):
        outs = list(group)
        if not is_stream:
            settled += outs
            continue
        for name in ("stdout", "stderr"):
            if text := "".join(piece.text for piece in outs if piece.name == name):
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
    told = {"kernelspec": kernel, "language_info": {"name": "python"}}
    notebook.metadata = nbformat.from_dict({**source.metadata, **told})
    return notebook


def execute(path: Path, parameters: Mapping[str, Any], at: At = lambda where: None) -> NotebookNode:
    """Run a notebook in this process, in its own folder, as JupyterLab does.

    The same inputs give an equal one. `at` is told which cell begins. If a cell fails, the
    `ReportError` says which and why; its notes tell all.
    """
    source, where = read(path), path.name
    tagged = [n for n, cell in enumerate(source.cells) if TAG in cell.metadata.get("tags", ())]

    def begins(cell: NotebookNode, cell_index: int) -> None:
        nonlocal where
        # Papermill sets parameters in a cell of its own, after the tagged one or as the first.
        number = cell_index + (not parameters or cell_index <= max(tagged, default=-1))
        if cell.cell_type == "code":
            where = f"{path.name}, cell {number}"
            at(where)

    how: dict[str, Any] = {"engine_name": "ngolib", "kernel_name": "python3", "language": "python"}
    how |= {"progress_bar": False, "request_save_on_cell_execute": False, "on_cell_start": begins}
    given = nbformat.from_dict(source), None, dict(parameters) or None
    try:
        executed = execute_notebook(*given, cwd=path.parent, **how)
    except PapermillExecutionError as error:
        first, *rest = error.evalue.splitlines() or [""]
        more = f" (and more, {len(rest)} lines)" if rest else ""
        failure = ReportError(f"{where}: {error.ename}: {first}{more}")
        failure.add_note(re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error.traceback)))
        raise failure from None
    # Papermill takes a notebook that ends itself for one that has come to its end.
    shown = (output for cell in executed.cells for output in cell.get("outputs", ()))
    if any(output.get("ename") == "SystemExit" for output in shown):
        raise ReportError(f"{where}: it ends the notebook; the cells behind it were not run")
    return _clean(executed, source)
