"""The warm parent of kernels: imports and reads what is heavy once, forks a kernel per request.

Run as `python -m ngolib.reports.forkserver`, with a socket as its standard input; `kernels` is
the other end. Lines of JSON come in, one per kernel (`argv`, `env`, `cwd`, `output`), and go out:
the process of each kernel (`pid`), in the order asked for, and how each ended (`pid`, `status`).

No kernel outlives the command. When the command ends, however it ends, its socket closes: the
parent then kills every kernel with all that it started, and ends. When the parent is killed, the
system kills the kernels. For Linux only.
"""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import gc
import importlib
import json
import os
import pkgutil
import random
import select
import signal
import socket
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

PR_SET_PDEATHSIG = 1
# What nearly every notebook or kernel imports. Not the backends of pyplot: they set themselves up
# for the shell that is there when they are imported.
HEAVY = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "IPython.core.display",
    "IPython.display",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_svg",
    "matplotlib.backends.backend_agg",
    "pydantic",
)
# What notebooks import from, each with all its modules; these import what they need of the rest.
ROOMS = ("ngolib.params", "ngolib.analysis", "ngolib.display")


def _modules_of(room: str) -> list[str]:
    """List a module and, if it is a package, all modules in it."""
    path = getattr(sys.modules.get(room), "__path__", ())
    return [part.name for part in pkgutil.walk_packages(path, f"{room}.", onerror=lambda _: None)]


def _import_pandas() -> None:
    """Import pandas as in a kernel: it asks once whether it is in one, and shows more if not."""
    vars(builtins)["get_ipython"] = lambda: SimpleNamespace(kernel=None)
    try:
        _try_import("pandas")
    finally:
        del vars(builtins)["get_ipython"]
    if "pandas" in sys.modules:
        # It also asked for the encoding of the output, which a kernel calls so.
        sys.modules["pandas"].set_option("display.encoding", "UTF-8")


def _import_heavy() -> None:
    """Import what is heavy; what cannot be imported is left to the notebook, which will say so."""
    _import_pandas()
    for name in (*HEAVY, *ROOMS):
        _try_import(name)
    for room in ROOMS:
        for name in _modules_of(room):
            _try_import(name)


def _read_data() -> None:
    """Read the project's data: a kernel reads them again only if they have changed by then.

    Data with a defect are left to the notebook as well.
    """
    with contextlib.suppress(Exception):
        from ngolib import evidence, texts
        from ngolib.evidence.lookup import lookup

        evidence.load_events()
        evidence.load_rules()
        texts.load_articles()
        texts.load_sentences()
        lookup([])


def _try_import(name: str) -> None:
    with contextlib.suppress(Exception):
        importlib.import_module(name)


def _become_kernel(request: dict[str, Any], parent: int) -> None:
    """Make an ordinary kernel of a process that was just forked; does not return."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for descriptor, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, request["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND),
        (2, request["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND),
    ):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    os.chdir(request["cwd"])
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    # Set by `ngolib.reports` for its own needs.
    if "rfc3987_syntax" in sys.modules and sys.modules["rfc3987_syntax"] is None:
        del sys.modules["rfc3987_syntax"]
    sys.argv = request["argv"]
    from ipykernel.kernelapp import IPKernelApp

    IPKernelApp.launch_instance(argv=request["argv"][1:])


def _fork(request: dict[str, Any], own: list[int]) -> int:
    """Fork a kernel, which gets none of the parent's own descriptors, and return its process."""
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        for descriptor in own:
            os.close(descriptor)
        _become_kernel(request, parent)
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        os._exit(status)


def _kill(kernels: set[int]) -> None:
    """Kill kernels with all that they started, and take leave of them."""
    for kernel in kernels:
        for kill in (os.killpg, os.kill):  # the group is there a moment after the process
            with contextlib.suppress(OSError):
                kill(kernel, signal.SIGKILL)
    for kernel in kernels:
        with contextlib.suppress(OSError):
            os.waitpid(kernel, 0)


def _reap(kernels: set[int]) -> list[dict[str, int]]:
    """Take leave of kernels that have ended."""
    ended = []
    while kernels:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            break
        if not pid:
            break
        kernels.discard(pid)
        ended.append({"pid": pid, "status": os.waitstatus_to_exitcode(status)})
    return ended


def serve(command: socket.socket) -> None:
    """Fork kernels until the command is gone.

    Parameters
    ----------
    command : socket.socket
        Where requests come from and answers go to.
    """
    kernels: set[int] = set()
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    own = [command.fileno(), woken, wake]
    buffer = b""
    try:
        while True:
            ready, _, _ = select.select([command.fileno(), woken], [], [])
            answers: list[dict[str, int]] = []
            if woken in ready:
                os.read(woken, 4096)
                answers += _reap(kernels)
            if command.fileno() in ready:
                data = command.recv(65536)
                if not data:
                    return
                *lines, buffer = (buffer + data).split(b"\n")
                for line in lines:
                    kernel = _fork(json.loads(line), own)
                    kernels.add(kernel)
                    answers.append({"pid": kernel})
            for answer in answers:
                command.sendall(json.dumps(answer).encode() + b"\n")
    except OSError:
        return  # the command is gone
    finally:
        _kill(kernels)


def main() -> None:
    """Warm up, then serve the command at the other end of the standard input."""
    # Ctrl-C on the terminal is the command's; it ends this process by closing the socket.
    command = socket.socket(fileno=os.dup(0))
    # As the launcher of ordinary kernels does: what lies in the project hides no package.
    if sys.path[0] in ("", str(Path.cwd())):
        del sys.path[0]
    _import_heavy()
    _read_data()
    # What is here stays for good: kernels share its memory as long as nothing touches it.
    gc.collect()
    gc.freeze()
    serve(command)


if __name__ == "__main__":
    main()
