"""Jobs, some at a time, each in a process of its own that is forked from a warm one.

The standard library's fork server imports what is heavy once (`preload`). A process that dies or
takes too long is its own job's failure and nobody else's, and none outlives the command.
"""

import multiprocessing as mp
import os
import signal
import sys
import tempfile
import threading
import tomllib
import traceback
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import chdir, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.connection import Connection, wait
from pathlib import Path
from time import monotonic
from typing import Any

from ngolib.errors import NgolibError
from ngolib.project import ENVIRONMENT
from ngolib.reports.publish import WITHIN

# Seconds that a single cell may take, unless told.
TIMEOUT = 1800
# Elsewhere the systems' own libraries do not bear being forked.
METHOD = "forkserver" if sys.platform == "linux" else "spawn"
SETTINGS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
FIXED = SETTINGS["fixed"] | (SETTINGS["posix"] if os.name == "posix" else {})
# What a process inherits as blocked, where there is such a thing.
CTRL_C = {signal.SIGINT} if hasattr(signal, "pthread_sigmask") else set()

STOPPED: list[int] = []  # signals to stop: a library may swallow what tells of one
At = Callable[[str], None]  # what a job is told to call with where it is
Do = Callable[[Any, At], Any]
_context: Any = mp.get_context(METHOD)
_context.set_forkserver_preload(["ngolib.reports.preload"])
_starting = threading.Lock()


@dataclass(frozen=True)
class Attempt:
    """What came of a job: a result, or the reason (one line) and the account why there is none."""

    result: Any
    reason: str = ""
    account: str = ""
    seconds: float = 0.0


def at_a_time() -> int:
    """Return how many jobs run at a time, unless told: one more than there are processors."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (allowed or 1) + 1


def environment(root: Path) -> dict[str, str]:
    """Return the environment of a job: the user's, less what could change its outputs."""
    dropped = {name for name in os.environ if name.startswith("PYTHON")}
    dropped = dropped.difference(SETTINGS["python_kept"]).union(SETTINGS["dropped"])
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, **FIXED, ENVIRONMENT: str(root), WITHIN: "a notebook"}


def _set_environment(settings: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(settings)


@contextmanager
def _beginning_with(settings: Mapping[str, str]) -> Iterator[None]:
    """Let a process that is started here begin with these settings; Ctrl-C is not for it."""
    with _starting:
        environ, options = dict(os.environ), sys.warnoptions[:]
        # Blocked, not ignored: what comes now is for us, and is heard when it has started.
        heard = signal.pthread_sigmask(signal.SIG_BLOCK, CTRL_C) if CTRL_C else set()
        _set_environment(settings)
        sys.warnoptions[:] = ["default"] * sys.flags.dev_mode  # as the standard library expects
        try:
            yield
        finally:
            _set_environment(environ)
            sys.warnoptions[:] = options
            if CTRL_C:
                signal.pthread_sigmask(signal.SIG_SETMASK, heard)


def warm_up(root: Path) -> None:
    """Let the fork server import what is heavy while the command does something else."""
    if METHOD == "forkserver":
        from multiprocessing import forkserver, resource_tracker

        tempfile.tempdir = str(Path(tempfile.gettempdir()).absolute())  # from any folder
        settings = environment(root)
        if path := settings.get("PYTHONPATH"):
            settings["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, path.split(os.pathsep)))
        # What lies in the folder of the command hides no package, and sets nothing.
        for part in (resource_tracker, forkserver):  # the first lets Ctrl-C through at its end
            with _beginning_with(settings), chdir("/"):
                part.ensure_running()


def each(
    jobs: Mapping[str, Any],
    do: Do,
    root: Path,
    workers: int,
    timeout: float = TIMEOUT,
    started: Callable[[str], None] = lambda name: None,
    meanwhile: Callable[[Callable[[], bool]], None] = lambda writing: None,
) -> Generator[tuple[str, Attempt]]:
    """Do jobs; yield name and outcome as each ends. The timeout is that of a cell."""
    waiting, running = dict(jobs), dict[str, _Running]()
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                name = next(iter(waiting))
                # Known before it is started, so that a stop that comes then ends it too.
                running[name] = _Running(do, waiting.pop(name), root)
                running[name].start()
                started(name)
            news = [one.line for one in running.values()]
            wait([*news, *(one.process.sentinel for one in running.values())], timeout=0.2)
            ended = {name: one.ended(timeout) for name, one in running.items()}
            # What has ended may have read what is looked at here.
            meanwhile(lambda: any(one.writes.value for one in running.values()))
            if STOPPED:
                raise KeyboardInterrupt(*STOPPED)
            for name, attempt in ended.items():
                if attempt is not None:
                    running[name].kill()  # known until it is ended, for a stop may come in between
                    del running[name]
                    yield name, attempt
    finally:
        for one in running.values():
            one.kill()


class _Running:
    """A job that runs in a process of its own."""

    def __init__(self, do: Do, item: Any, root: Path) -> None:
        self.root, settings = root, environment(root)
        self.writes, (self.line, self.there) = _context.RawValue("b"), _context.Pipe(duplex=False)
        given = self.there, do, item, root, settings, self.writes
        self.process = _context.Process(target=_work, args=given)
        self.begun = self.since = monotonic()
        self.where = "before its first cell"

    def start(self) -> None:
        """Start its process."""
        warm_up(self.root)  # it may not be there yet, or no more
        settings = environment(self.root)
        with nullcontext() if METHOD == "forkserver" else _beginning_with(settings):
            self.process.start()  # waits for what is still warming up
        self.there.close()

    def ended(self, timeout: float) -> Attempt | None:
        """Return what came of it, if it has ended or takes too long."""
        alive = self.process.is_alive()
        try:
            while self.line.poll():
                said = self.line.recv()
                if not isinstance(said, str):
                    return replace(said, seconds=monotonic() - self.begun)
                self.where, self.since = said, monotonic()
        except EOFError:
            self.process.join(timeout=1)
            alive = False
        if alive and monotonic() - self.since <= timeout:
            return None
        late = f"took longer than {timeout} seconds (see --timeout)"
        reason = f"{self.where}: {late if alive else _end_of(self.process.exitcode)}"
        return Attempt(None, reason, reason, monotonic() - self.begun)

    def kill(self) -> None:
        """End it with all that it started."""
        if self.process.pid is not None:
            _kill(self.process.pid)
            self.process.join()
        self.line.close()


def _work(line: Connection, do: Do, item: Any, root: Path, settings: Any, writes: Any) -> None:
    """Do one job in the process that was made for it, and send what came of it."""
    from ngolib.reports import used  # no help or list needs it

    used.writes = partial(setattr, writes, "value", 1)
    with suppress(AttributeError):
        os.setsid()
        os.register_at_fork(after_in_child=line.close)  # what a cell forks must not speak for it
    mp.set_start_method(None, force=True)  # a notebook's own processes start as anywhere else
    job = os.getpid()
    if METHOD != "forkserver":
        threading.Thread(target=_end_with_the_command, args=(job,), daemon=True).start()
    elif not os.fork():  # a process of its own, for a cell in C may let no thread run
        _end_with_the_command(job)
        os._exit(0)
    _set_environment(settings)
    places = ["before its first cell"]

    def at(where: str) -> None:
        places.append(where)
        line.send(where)

    try:
        line.send(Attempt(do(item, at)))
    except BaseException as error:
        notes = getattr(error, "__notes__", None)
        account = [str(error), *notes] if notes else traceback.format_exception(error)
        line.send(Attempt(None, _reason_of(error, root, places[-1]), "\n".join(account)))
    threading.Event().wait()  # to be ended with all that it started, which is its child till then


def _end_with_the_command(job: int) -> None:
    if command := mp.parent_process():
        command.join()
    _kill(job)


def _kill(pid: int) -> None:
    """Kill a process with all that it started, be it in a session of its own."""
    import psutil

    with suppress(psutil.Error):
        others = psutil.Process(pid).children(recursive=True)
        for process in (one for one in others if one.pid != os.getpid()):
            with suppress(psutil.Error):
                process.kill()
    with suppress(OSError, AttributeError):
        os.killpg(pid, signal.SIGKILL)
    with suppress(psutil.Error):
        psutil.Process(pid).kill()


def _reason_of(error: BaseException, root: Path, where: str) -> str:
    """Say in one line why something failed; the line is published, so no path of the machine."""
    if isinstance(error, OSError) and error.strerror:
        name = str(error.filename or "").removeprefix(f"{root}{os.sep}")
        name = f"{Path(name).name if Path(name).is_absolute() else name}: " if name else ""
        return f"{where}: {type(error).__name__}: {name}{error.strerror}"
    text = str(error).replace(f"{root}{os.sep}", "")
    first = next(iter(text.splitlines()), "")
    return first if isinstance(error, NgolibError) else f"{where}: {type(error).__name__}: {first}"


def _end_of(status: int | None) -> str:
    """Say how a process ended that should not have, as far as it can be told."""
    if status is None or status >= 0:
        return f"the process stopped: it ended with status {status}"
    if status == -9:
        return "the process was killed, by someone or for want of memory (try fewer --jobs)"
    return f"the process stopped: signal {-status} ({signal.strsignal(-status)})"
