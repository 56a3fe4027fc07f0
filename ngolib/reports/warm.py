"""A warm parent of kernels, and how a command starts, watches and stops all its kernels.

On Linux a kernel is forked from a warm parent (`forkserver`) that has imported the heavy packages;
elsewhere, and on demand, it is an ordinary process of its own. Both are started in the same
environment and give the same outputs. Light on purpose: a command starts its warm parent before it
imports anything heavy itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ngolib.project import ENVIRONMENT

WARM, ORDINARY = "warm", "ordinary"
KINDS = (WARM, ORDINARY) if sys.platform == "linux" else (ORDINARY,)
# Begin of the names of folders that runs work in; the process that made one is part of its name.
FOLDER = "ngo-"
# Seconds that a single cell may take, and a kernel to start.
TIMEOUT, START_TIMEOUT = 1800, 120
# Of the user's settings for Python, those that say where packages are; others could change what a
# notebook shows.
PYTHON_KEPT = {
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONPYCACHEPREFIX",
    "PYTHONNOUSERSITE",
    "PYTHONUSERBASE",
}
# Further settings of a terminal or of another kernel that would change outputs.
DROPPED = {"COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "LANGUAGE"}
DROPPED |= {"JPY_PARENT_PID", "JPY_SESSION_NAME"}
FIXED = {
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "TZ": "UTC",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    # Several kernels run at a time: one thread each for linear algebra, with one order of sums.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
FIXED_POSIX = {"LC_ALL": "C.UTF-8", "MATPLOTLIBRC": os.devnull}


def environment(root: Path) -> dict[str, str]:
    """Return the environment of a kernel: the user's, less what could change its outputs."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in DROPPED and (not name.startswith("PYTHON") or name in PYTHON_KEPT)
    }
    fixed = FIXED | (FIXED_POSIX if os.name == "posix" else {})
    return {**kept, **fixed, ENVIRONMENT: str(root)}


@dataclass
class Forked:
    """A kernel that the warm parent forked, with the face of a `subprocess.Popen`."""

    pid: int
    returncode: int | None = None
    stdin: None = None
    stdout: None = None
    stderr: None = None
    ended: threading.Event = field(default_factory=threading.Event)

    def poll(self) -> int | None:
        """Return how it ended, if it has."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait until it has ended."""
        self.ended.wait(timeout)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, if it still runs."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it with all that it started, if it still runs."""
        if self.returncode is None:
            with suppress(OSError):
                os.killpg(self.pid, signal.SIGKILL)

    terminate = kill


class WarmParent:
    """The command's end of a warm parent; starts to warm up at once.

    Parameters
    ----------
    root : pathlib.Path
        The project for which kernels are started.
    """

    def __init__(self, root: Path) -> None:
        self._socket, other = socket.socketpair()
        with other:
            self._process = subprocess.Popen(
                [sys.executable, "-m", f"{__package__}.forkserver"],
                stdin=other.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=root,
                env=environment(root),
                start_new_session=True,
            )
        self._asking = threading.Lock()
        self._kernels: dict[int, Forked] = {}
        self._asked = threading.Condition()
        self._answers: list[Forked] = []
        self._gone = False
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        """Take note of kernels that were started and that ended, until the parent is gone."""
        with suppress(OSError, ValueError), self._socket.makefile("rb") as lines:
            for line in lines:
                self._note(json.loads(line))
        with self._asked:
            self._gone = True
            for kernel in self._kernels.values():
                kernel.returncode = -signal.SIGKILL
                kernel.ended.set()
            self._asked.notify_all()

    def _note(self, said: Mapping[str, int]) -> None:
        with self._asked:
            if "status" in said:
                kernel = self._kernels.pop(said["pid"])
                kernel.returncode = said["status"]
                kernel.ended.set()
            else:
                kernel = self._kernels[said["pid"]] = Forked(said["pid"])
                self._answers.append(kernel)
                self._asked.notify_all()

    def fork(self, argv: list[str], env: Mapping[str, str], cwd: str, output: Path) -> Forked:
        """Start a kernel.

        Parameters
        ----------
        argv : list of str
            What an ordinary kernel would be started with: file of the launcher, then its options.
        env : mapping
            Its whole environment.
        cwd : str
            Where it runs.
        output : pathlib.Path
            Where what it writes outside of any cell goes.

        Returns
        -------
        Forked

        Raises
        ------
        OSError
            If the parent is gone.
        """
        request = {"argv": argv, "env": dict(env), "cwd": cwd, "output": str(output)}
        with self._asking:
            self._socket.sendall(json.dumps(request).encode() + b"\n")
            with self._asked:
                self._asked.wait_for(lambda: self._answers or self._gone)
                if not self._answers:
                    raise ConnectionError("the parent of the kernels has stopped")
                return self._answers.pop()

    def close(self) -> None:
        """Stop the parent, which stops all its kernels."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        try:
            self._process.wait(1 if self._kernels else 0)
        except subprocess.TimeoutExpired:
            # Perhaps it still imports; if it has kernels, the system kills them with it.
            self._process.kill()
            self._process.wait()
        self._socket.close()


@dataclass
class Settings:
    """How kernels are started, for all runs of a command.

    Parameters
    ----------
    parent : WarmParent, optional
        What kernels are forked from; none = each is an ordinary process.
    timeout : int
        Seconds that a single cell may take.
    stopped : bool
        Whether no kernel may be started any more.
    """

    parent: WarmParent | None = None
    timeout: int = TIMEOUT
    stopped: bool = False


_settings = Settings()
_running: set[Run] = set()


def settings() -> Settings:
    """Return how kernels are started now."""
    return _settings


@contextmanager
def session(root: Path, kind: str = ORDINARY, timeout: int = TIMEOUT) -> Iterator[None]:
    """Start kernels in one way for a while; when that ends, no kernel is left.

    Parameters
    ----------
    root : pathlib.Path
        The project.
    kind : str
        `warm` or `ordinary`; where there is no warm parent, all are ordinary.
    timeout : int
        Seconds that a single cell may take.
    """
    global _settings
    before = _settings
    parent = WarmParent(root) if kind == WARM and WARM in KINDS else None
    _settings = Settings(parent, timeout)
    try:
        yield
    finally:
        stop_all()
        if parent is not None:
            parent.close()
        _settings = before


def stop_all() -> None:
    """Kill every kernel that runs, with all that it started; this session starts no other."""
    _settings.stopped = True
    for run in list(_running):
        run.kill()


@dataclass(eq=False)
class Run:
    """What is known of the kernel of one run."""

    root: Path
    folder: Path
    process: Any = None
    # Index of the cell that runs or ran last.
    cell: int | None = None

    @property
    def output(self) -> Path:
        """Where what the kernel writes outside of any cell goes."""
        return self.folder / "output.txt"

    def begins(self, cell: Any, cell_index: int) -> None:
        """Note which cell runs; called before each."""
        if cell.cell_type == "code":
            self.cell = cell_index

    def kill(self) -> None:
        """Kill the kernel, if it runs."""
        if self.process is None or self.process.poll() is not None:
            return
        if os.name == "posix":
            with suppress(OSError):
                os.killpg(self.process.pid, signal.SIGKILL)
                return
        with suppress(OSError):
            self.process.kill()

    def status(self) -> int | None:
        """Return how the kernel ended by itself, negative for a signal; None if it did not."""
        return None if self.process is None else self.process.poll()


def watch(run: Run, process: Any) -> None:
    """Note that the kernel of a run was started."""
    run.process = process
    _running.add(run)
    if _settings.stopped:  # meanwhile
        run.kill()


def forget(run: Run) -> None:
    """Note that a run is over; its kernel is killed if it still runs."""
    run.kill()
    _running.discard(run)


def folder_name(root: Path) -> str:
    """Begin of the names of the folders that runs of a project work in."""
    return f"{FOLDER}{hashlib.sha256(str(root).encode()).hexdigest()[:8]}-"


def remove_leftovers(root: Path) -> None:
    """Remove the folders of runs of a project that were killed.

    Parameters
    ----------
    root : pathlib.Path
        The project.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{folder_name(root)}*"):
        process = folder.name.split("-")[2]
        if process.isdigit() and not _is_alive(int(process)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(process: int) -> bool:
    import psutil  # type: ignore[import-untyped]

    return psutil.pid_exists(process)
