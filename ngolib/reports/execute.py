"""Running a notebook in a kernel of its own, so that the same inputs give the same notebook."""

from __future__ import annotations

import logging
import os
import re
import signal
import tempfile
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat.v4 import new_output

from ngolib.errors import ReportError
from ngolib.params import TAG, read_notebook
from ngolib.reports import warm

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from ngolib.reports.warm import Run

INJECTED = "injected-parameters"
OUT_OF_MEMORY = Path("/proc/vmstat")


def _times_out_of_memory() -> int | None:
    """How often the system has killed a process because memory ran out, if it tells."""
    try:
        counts = dict(line.split() for line in OUT_OF_MEMORY.read_text().splitlines())
        return int(counts["oom_kill"])
    except (OSError, ValueError, KeyError):
        return None


def number_cells(notebook: NotebookNode) -> None:
    """Give every cell a permanent id: its own if it has one, else one after its place."""
    seen: set[str] = set()
    for number, cell in enumerate(notebook.cells, start=1):
        if not cell.get("id") or cell["id"] in seen:
            cell["id"] = f"cell-{number}"
        seen.add(cell["id"])
    notebook.nbformat_minor = max(notebook.nbformat_minor, 5)


def read(path: Path) -> NotebookNode:
    """Read a notebook; every cell has an id, and what earlier runs left is taken out."""
    notebook = nbformat.from_dict(read_notebook(path))
    number_cells(notebook)
    for cell in notebook.cells:
        for key in ("execution", "papermill"):
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
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
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    return notebook


def _plain(text: str) -> str:
    """Take terminal colours out of a text."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def _cell_number(source: NotebookNode, index: int, injected: bool) -> int:
    """Place, counted from 1 in the source, of the cell that has this index in the executed one."""
    tags = [TAG in cell.metadata.get("tags", ()) for cell in source.cells]
    declaration = tags.index(True) if True in tags else -1
    return index if injected and index > declaration else index + 1


def _end_of(run: Run, error: BaseException, out_of_memory: bool) -> str:
    """Say how a kernel ended that should not have, as far as it can be told."""
    status = run.status()
    if run.cell is None:
        first_line = next(iter(str(error).splitlines()), "no reason known")
        return f"the kernel did not start: {first_line}"
    if os.name == "posix" and status == -signal.SIGKILL:
        if out_of_memory:
            return "the kernel was killed: the system ran out of memory (try fewer --jobs)"
        return "the kernel was killed (signal 9), by someone or for want of memory"
    if status is not None and status < 0:
        return f"the kernel stopped: signal {-status} ({signal.strsignal(-status)})"
    return f"the kernel stopped: it ended with status {status}"


def run(path: Path, parameters: Mapping[str, Any], root: Path) -> NotebookNode:
    """Run a notebook from its first cell to its last.

    Parameters
    ----------
    path : pathlib.Path
        The notebook; it is only read.
    parameters : mapping
        Values to be set after the cell tagged `parameters`; none = the notebook's own.
    root : pathlib.Path
        The project, in which the notebook runs.

    Returns
    -------
    nbformat.NotebookNode
        The notebook with its outputs; two runs of the same inputs give equal ones.

    Raises
    ------
    ngolib.errors.ReportError
        If a cell fails or the kernel dies: which cell, and why; its notes tell all.
    """
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import execute_notebook

    from ngolib.reports.kernels import manager_class

    # What papermill warns of (that it cannot read types, say) is checked here before; what fails
    # arrives as an exception.
    logging.getLogger("papermill").setLevel(logging.CRITICAL + 1)
    source = read(path)
    name = path.name
    out_of_memory = _times_out_of_memory()
    timeout = warm.settings().timeout
    with tempfile.TemporaryDirectory(
        prefix=f"{warm.folder_name(root)}{os.getpid()}-", ignore_cleanup_errors=True
    ) as folder:
        run = warm.Run(root, Path(folder))
        try:
            executed = execute_notebook(
                nbformat.from_dict(source),
                None,
                parameters=dict(parameters) or None,
                kernel_name="python3",
                language="python",
                progress_bar=False,
                request_save_on_cell_execute=False,
                start_timeout=warm.START_TIMEOUT,
                execution_timeout=timeout,
                # The rest goes to nbclient.
                kernel_manager_class=manager_class(run),
                shutdown_kernel="immediate",
                record_timing=False,
                on_cell_start=run.begins,
                # On a busy machine the last output may come long after the cell has ended.
                iopub_timeout=warm.START_TIMEOUT,
            )
        except PapermillExecutionError as error:
            number = _cell_number(source, error.cell_index, bool(parameters))
            first_line, *rest = _plain(error.evalue).splitlines() or [""]
            more = f" (and more, {len(rest)} lines)" if rest else ""
            failure = ReportError(f"{name}, cell {number}: {error.ename}: {first_line}{more}")
            failure.add_note(_plain("\n".join(error.traceback)))
            raise failure from None
        except (DeadKernelError, CellTimeoutError, RuntimeError, TimeoutError) as error:
            where = name
            if run.cell is not None:
                where += f", cell {_cell_number(source, run.cell, bool(parameters))}"
            if isinstance(error, CellTimeoutError):
                failure = ReportError(
                    f"{where}: took longer than {timeout} seconds (see --timeout)"
                )
            else:
                ran_out = out_of_memory is not None and _times_out_of_memory() != out_of_memory
                failure = ReportError(f"{where}: {_end_of(run, error, ran_out)}")
            if run.output.is_file():
                failure.add_note(run.output.read_text(encoding="utf-8", errors="replace"))
            raise failure from error
        finally:
            warm.forget(run)
    return _clean(executed, source)
