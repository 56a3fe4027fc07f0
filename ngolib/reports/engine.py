"""Running a notebook in this process: an engine for papermill, and what makes two runs alike.

The cells run in an IPython shell without a kernel and its sockets; what they show is what they
would show in JupyterLab. `papermill --engine ngolib` takes the same engine.
"""

from __future__ import annotations

import io
import json
import logging
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

import nbformat
from ipykernel.compiler import XCachingCompiler
from ipykernel.jsonutil import encode_images
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from nbformat import NotebookNode
from nbformat.v4 import new_output
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines
from papermill.exceptions import PapermillException, PapermillExecutionError
from papermill.execute import execute_notebook
from traitlets import Type
from traitlets.config import Config

from ngolib.errors import ReportError
from ngolib.params import TAG, read_notebook
from ngolib.reports.run import At

INJECTED = "injected-parameters"
# Seconds that an ordinary kernel may take to start, and to hand over the last output of a cell.
PATIENCE = 120
# What papermill warns of (that it cannot read types, say) is checked here before; what fails
# arrives as an exception.
logging.getLogger("papermill").setLevel(logging.CRITICAL + 1)


class _Stream(io.TextIOBase):
    """Standard output or error of a notebook, and of the programs that it starts."""

    encoding = "UTF-8"

    def __init__(self, shell: Shell, name: str, descriptor: int) -> None:
        self.shell, self.name, self.descriptor = shell, name, descriptor
        self.file, self.kept, self.seen = tempfile.TemporaryFile(), os.dup(descriptor), 0
        os.dup2(self.file.fileno(), descriptor)

    def write(self, text: str) -> int:
        self.collect()
        self.shell.outputs.append(new_output("stream", name=self.name, text=text))
        return len(text)

    def fileno(self) -> int:
        return self.descriptor

    def collect(self) -> None:
        """Take what programs have written meanwhile."""
        if os.fstat(self.file.fileno()).st_size > self.seen:
            self.file.seek(self.seen)
            text = self.file.read().decode(errors="replace")
            self.seen = self.file.tell()
            self.shell.outputs.append(new_output("stream", name=self.name, text=text))

    def give_back(self) -> None:
        os.dup2(self.kept, self.descriptor)
        os.close(self.kept)
        self.file.close()


class _Publisher(DisplayPublisher):
    """Takes what `display` shows."""

    def publish(self, data: Any, metadata: Any = None, *, update: bool = False, **more: Any) -> None:
        name = (more.get("transient") or {}).get("display_id")
        if not update:
            self.shell.displays[name] = self.shell.put("display_data", data, metadata)
        elif name in self.shell.displays:
            self.shell.displays[name].update(_as_sent(data, metadata))

    def clear_output(self, wait: bool = False) -> None:
        self.shell.outputs.clear()


class _Hook(DisplayHook):
    """Takes the value of a cell's last line."""

    def __call__(self, result: Any = None) -> None:
        if result is not None and not self.quiet():
            data, metadata = self.compute_format_data(result)
            self.update_user_ns(result)
            self.shell.put("execute_result", data, metadata, execution_count=self.prompt_count)


class Shell(InteractiveShell):
    """A shell that keeps what cells show as a kernel would send it."""

    compiler_class = Type(XCachingCompiler)
    display_pub_class = Type(_Publisher)
    displayhook_class = Type(_Hook)
    # By this, pandas knows one of Jupyter's shells.
    kernel = None

    def __init__(self, **options: Any) -> None:
        self.outputs: list[NotebookNode] = []
        self.displays: dict[str | None, NotebookNode] = {}
        self.streams: list[_Stream] = []
        super().__init__(**options)

    def enable_gui(self, gui: Any = None) -> None:
        """Do nothing: there are no windows here."""

    def collect(self) -> None:
        """Take what programs have written meanwhile."""
        for stream in self.streams:
            stream.collect()

    def put(self, kind: str, data: Any, metadata: Any, **more: Any) -> NotebookNode:
        """Add an output to the cell that runs."""
        self.collect()
        self.outputs.append(new_output(kind, **_as_sent(data, metadata), **more))
        return self.outputs[-1]

    def _showtraceback(self, etype: type[BaseException], evalue: Any, stb: list[str]) -> None:
        name = etype.__name__
        self.outputs.append(new_output("error", ename=name, evalue=str(evalue), traceback=stb))


def _as_sent(data: Any, metadata: Any) -> NotebookNode:
    """Return what is shown as it comes through the messages of a kernel."""
    shown = {"data": encode_images(data), "metadata": metadata or {}}
    return nbformat.from_dict(json.loads(json.dumps(shown)))


@contextmanager
def fresh_shell() -> Iterator[Shell]:
    """Make a shell with an empty namespace the one of this process for a while.

    IPython's folder, with the user's settings and history, is neither read nor written.
    """
    InteractiveShell.clear_instance()
    config = Config(HistoryManager={"enabled": False, "hist_file": ":memory:"})
    with tempfile.TemporaryDirectory() as folder:
        shell: Shell = Shell.instance(ipython_dir=folder, config=config, colors="nocolor")
    ours = sys.stdout, sys.stderr
    shell.streams = [_Stream(shell, "stdout", 1), _Stream(shell, "stderr", 2)]
    sys.stdout, sys.stderr = shell.streams  # type: ignore[assignment]
    try:
        yield shell
    finally:
        sys.stdout, sys.stderr = ours
        for stream in shell.streams:
            stream.give_back()
        shell.restore_sys_module_state()
        Shell.clear_instance()


class NgolibEngine(Engine):
    """Runs the cells in this process, in an IPython shell without a kernel."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        on_cell_start: Callable[..., None] = lambda **_: None,
        execution_timeout: int | None = None,
        **_: Any,
    ) -> None:
        """Run one cell after the other, until one fails."""
        if execution_timeout:
            raise PapermillException("engine ngolib has no time limit; `ngolib report` has one")
        with fresh_shell() as shell:
            for index, cell in enumerate(nb_man.nb.cells):
                if cell.cell_type != "code" or not cell.source.strip():
                    continue
                nb_man.cell_start(cell, index)
                on_cell_start(cell=cell, cell_index=index)
                cell.outputs = shell.outputs = []
                result = shell.run_cell(cell.source, store_history=True)
                cell.execution_count = result.execution_count
                shell.collect()
                if not result.success:
                    nb_man.cell_exception(cell, index)
                nb_man.cell_complete(cell, index)
                if not result.success:
                    break


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
