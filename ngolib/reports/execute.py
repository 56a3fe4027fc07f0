"""Running a notebook in a kernel of its own, so that the same inputs give the same notebook."""

from __future__ import annotations

import logging
import os
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat.v4 import new_output

from ngolib.errors import ReportError
from ngolib.params import TAG, read_notebook
from ngolib.project import ENVIRONMENT

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager
    from nbformat import NotebookNode

INJECTED = "injected-parameters"
START_TIMEOUT = 120
# Longest path of a Unix socket that every system allows, less the ending that the kernel adds.
LONGEST_SOCKET = 90


def _kernel_class(root: Path, folder: Path) -> type[AsyncKernelManager]:
    """Make the class that starts a kernel for one run.

    The kernel is this interpreter, whatever kernels are installed on the machine; what it writes
    (connection, history, settings of IPython) goes to `folder`, so that Jupyter's own folders are
    neither read nor need to be writable; and two runs at a time cannot take each other's port,
    because where the system has them, Unix sockets are used.
    """
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    connection = folder / "kernel.json"
    sockets = os.name == "posix" and len(str(connection)) < LONGEST_SOCKET

    class RunKernel(AsyncKernelManager):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.connection_file = str(connection)
            self.transport = "ipc" if sockets else "tcp"

        @property
        def kernel_spec(self) -> KernelSpec:
            launch = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(argv=launch, display_name="Python 3", language="python")

        async def _async_start_kernel(self, **options: Any) -> None:
            environment = {
                **os.environ,
                ENVIRONMENT: str(root),
                "IPYTHONDIR": str(folder / "ipython"),
                "PYTHONHASHSEED": "0",
                "TZ": "UTC",
            }
            with (folder / "stderr.txt").open("wb") as stderr:
                await super()._async_start_kernel(
                    **options, cwd=str(root), env=environment, stderr=stderr
                )

        start_kernel = _async_start_kernel

    return RunKernel


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


def _without_addresses(text: str) -> str:
    """Take out where in memory an object lay (`<Line2D at 0x7f66e8cd5f10>`)."""
    return re.sub(r"\bat 0x[0-9a-fA-F]{6,}", "at 0x0", text)


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
                settled.append(new_output("stream", name=name, text=_without_addresses(text)))
    return settled


def _clean(notebook: NotebookNode, source: NotebookNode) -> NotebookNode:
    """Take out what differs from run to run: times, paths, random ids, versions of the machine."""
    metadata_of = {cell.id: cell.metadata for cell in source.cells}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = _settle_streams(cell.outputs)
            for output in cell.outputs:
                if "text/plain" in output.get("data", {}):
                    output.data["text/plain"] = _without_addresses(output.data["text/plain"])
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

    # What papermill warns of (that it cannot read types, say) is checked here before; what fails
    # arrives as an exception.
    logging.getLogger("papermill").setLevel(logging.CRITICAL + 1)
    source = read(path)
    name = path.name
    with tempfile.TemporaryDirectory(prefix="ngo-", ignore_cleanup_errors=True) as folder:
        try:
            executed = execute_notebook(
                nbformat.from_dict(source),
                None,
                parameters=dict(parameters) or None,
                kernel_name="python3",
                language="python",
                progress_bar=False,
                request_save_on_cell_execute=False,
                start_timeout=START_TIMEOUT,
                # The rest goes to nbclient.
                kernel_manager_class=_kernel_class(root, Path(folder)),
                shutdown_kernel="immediate",
                record_timing=False,
            )
        except PapermillExecutionError as error:
            number = _cell_number(source, error.cell_index, bool(parameters))
            first_line, *rest = _plain(error.evalue).splitlines() or [""]
            more = f" (and more, {len(rest)} lines)" if rest else ""
            failure = ReportError(f"{name}, cell {number}: {error.ename}: {first_line}{more}")
            failure.add_note(_plain("\n".join(error.traceback)))
            raise failure from None
        except (DeadKernelError, CellTimeoutError, RuntimeError, TimeoutError) as error:
            failure = ReportError(f"{name}: the kernel stopped: {str(error).splitlines()[0]}")
            stderr = Path(folder) / "stderr.txt"
            if stderr.is_file():
                failure.add_note(stderr.read_text(encoding="utf-8", errors="replace"))
            raise failure from error
    return _clean(executed, source)
