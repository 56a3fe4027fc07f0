"""An engine for papermill that runs a notebook in this process, in an IPython shell.

What cells show is what they would show in JupyterLab. Papermill imports this module (`papermill
--engine ngolib`): whoever imports it first, before papermill, has a circle.
"""

import io
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import process
from pathlib import Path
from typing import Any

import nbformat
from ipykernel.compiler import XCachingCompiler
from ipykernel.jsonutil import encode_images
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.shellapp import InteractiveShellApp
from nbformat import NotebookNode
from nbformat.v4 import new_output
from papermill.engines import Engine, NotebookExecutionManager
from traitlets import Type
from traitlets.config import Config

from ngolib.errors import ReportError
from ngolib.reading import recorded
from ngolib.reports.used import PACKAGES


class _Stream(io.TextIOBase):
    """Standard output or error of a notebook, and of the programs that it starts."""

    encoding = "UTF-8"

    def __init__(self, shell: "Shell", name: str, descriptor: int) -> None:
        self.shell, self.name, self.descriptor = shell, name, descriptor
        self.file = tempfile.TemporaryFile()  # noqa: SIM115
        self.kept, self.seen = os.dup(descriptor), 0
        os.dup2(self.file.fileno(), descriptor)

    def write(self, text: str) -> int:
        self.collect()
        self._add(text)
        return len(text)

    def _add(self, text: str) -> None:
        last = self.shell.outputs[-1] if self.shell.outputs else {}
        if last.get("name") == self.name:
            last["text"].append(text)  # joined once, at the end
        else:
            self.shell.outputs.append(new_output("stream", name=self.name, text=[text]))

    def fileno(self) -> int:
        return self.descriptor

    def collect(self) -> None:
        """Take what programs have written meanwhile."""
        if os.fstat(self.file.fileno()).st_size > self.seen:
            self.file.seek(self.seen)
            self._add(self.file.read().decode(errors="replace"))
            self.seen = self.file.tell()


class _Publisher(DisplayPublisher):
    """Takes what `display` shows."""

    shell: "Shell"

    def publish(self, data: Any, metadata: Any = None, source: Any = None, **more: Any) -> None:
        name = (more.get("transient") or {}).get("display_id")
        if not more.get("update"):
            self.shell.displays[name] = self.shell.put("display_data", data, metadata)
        elif name in self.shell.displays:
            self.shell.displays[name].update(_as_sent(data, metadata))

    def clear_output(self, wait: bool = False) -> None:
        self.shell.outputs.clear()


class _Hook(DisplayHook):
    """Takes the value of a cell's last line."""

    shell: "Shell"

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
    ask_exit = sys.exit  # what `exit()` asks for

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
    """Make a shell with an empty namespace the one of this process for a while."""
    InteractiveShell.clear_instance()
    # IPython's folder, with the user's settings and history, is neither read nor written.
    config = Config(HistoryManager={"enabled": False, "hist_file": ":memory:"})
    with tempfile.TemporaryDirectory() as folder:
        shell: Shell = Shell.instance(ipython_dir=folder, config=config)
    ours = sys.stdout, sys.stderr
    InteractiveShellApp().init_path()  # modules beside the notebook come before packages
    vars(process)["ORIGINAL_DIR"] = str(Path.cwd())  # also by processes that it starts anew
    shell.streams = [_Stream(shell, "stdout", 1), _Stream(shell, "stderr", 2)]
    sys.stdout, sys.stderr = shell.streams
    try:
        yield shell
    finally:
        sys.stdout, sys.stderr = ours
        with suppress(ValueError):  # a notebook may have tidied it
            sys.path.remove("")
        for stream in shell.streams:
            os.dup2(stream.kept, stream.descriptor)
            os.close(stream.kept)
            stream.file.close()
        shell.restore_sys_module_state()
        Shell.clear_instance()


def _check_modules() -> None:
    """Refuse a module beside the notebook in whose stead this process has a package already."""
    for name, module in [*sys.modules.items()]:
        if f"{getattr(module, '__file__', '')}".startswith(PACKAGES) and "." not in name:
            for own in (own for own in (f"{name}.py", f"{name}/__init__.py") if Path(own).exists()):
                said = "has the name of a package that ngolib uses; give it another one"
                raise ReportError(f"notebooks/{own}: {said}")


class NgolibEngine(Engine):
    """Runs the cells in this process, in an IPython shell without a kernel."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        on_cell_start: Callable[..., None] = lambda **_: None,
        **_: Any,
    ) -> None:
        """Run one cell after the other, until one fails."""
        _check_modules()
        with recorded(), fresh_shell() as shell:  # it shows what it read itself
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
                    failed = result.error_before_exec or result.error_in_exec
                    if not any(output.output_type == "error" for output in cell.outputs):
                        shell._showtraceback(type(failed), failed, [f"{failed}"])
                    nb_man.cell_exception(cell, index)
                nb_man.cell_complete(cell, index)
                if not result.success:
                    break
            else:
                page = getattr(sys.modules.get("ngolib.page"), "Page", ())
                for own in [own for own in shell.user_ns.values() if isinstance(own, page)]:
                    own.check_shown()
            for output in (one for cell in nb_man.nb.cells for one in cell.get("outputs", ())):
                if output.output_type == "stream":
                    output.text = "".join(output.text)
