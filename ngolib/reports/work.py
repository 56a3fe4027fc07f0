"""Running jobs: some at a time, in threads or elsewhere, each with what became of it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from ngolib.errors import NgolibError
from ngolib.reports import warm
from ngolib.reports.console import Progress

# Seconds between two looks at whether the command is to stop, where nothing wakes it; and that
# threads have to end after it was told to.
LOOK, GRACE = 0.5, 1.2
Item = TypeVar("Item")
Result = TypeVar("Result")


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def at_a_time() -> int:
    """Return how many run at a time, unless told: while one is exported, its kernel is idle."""
    return cores() + 1


@dataclass(frozen=True)
class Running:
    """How reports or notebooks are run.

    Parameters
    ----------
    workers : int, optional
        How many run at a time; by default, one more than there are processors.
    kernel : str
        `warm` or `ordinary`: see `warm`.
    timeout : int
        Seconds that a single cell may take.
    executor : context manager, optional
        Gives what runs jobs elsewhere than in threads of this process, on a cluster for instance.
    """

    workers: int = field(default_factory=at_a_time)
    kernel: str = warm.KINDS[0]
    timeout: int = warm.TIMEOUT
    executor: AbstractContextManager[Executor] | None = None


@dataclass(frozen=True)
class Attempt(Generic[Result]):
    """What came of running one job: a result, or why there is none."""

    result: Result | None
    reason: str
    account: str
    seconds: float


def attempt(work: Callable[[Item], Result], item: Item, root: Path) -> Attempt[Result]:
    """Run one job; whatever goes wrong is told, in words that can travel between machines.

    Parameters
    ----------
    work : callable
        What to do.
    item : object
        With what.
    root : pathlib.Path
        The project.

    Returns
    -------
    Attempt
    """
    begin = time.monotonic()
    try:
        result = work(item)
    except Exception as error:
        seconds = time.monotonic() - begin
        return Attempt(None, reason_of(error, root), account_of(error), seconds)
    return Attempt(result, "", "", time.monotonic() - begin)


def reason_of(error: BaseException, root: Path) -> str:
    """Say in one line why something failed; the line is published, so no path of the machine."""
    if isinstance(error, OSError) and error.strerror:
        return f"{type(error).__name__}: {error.strerror}"
    text = str(error).replace(f"{root}{os.sep}", "")
    first = next(iter(text.splitlines()), "")
    return first if isinstance(error, NgolibError) else f"{type(error).__name__}: {first}"


def account_of(error: BaseException) -> str:
    """Tell in full why something failed."""
    import traceback

    notes = getattr(error, "__notes__", None)
    return "\n".join([str(error), *notes] if notes else traceback.format_exception(error))


def in_threads(
    work: Callable[[Item], Result], root: Path, progress: Progress
) -> Callable[[str, Item], Attempt[Result]]:
    """Make the function that runs a job in a thread of this process and says that it begins."""

    def begun(name: str, item: Item) -> Attempt[Result]:
        progress.started(name)
        return attempt(work, item, root)

    return begun


def each(
    executor: Executor,
    run: Callable[[str, Item], Attempt[Result]],
    items: Mapping[str, Item],
) -> Iterator[tuple[str, Attempt[Result]]]:
    """Run some at a time and yield each by its name when it has ended.

    What has been yielded is not kept, so that a long list needs no more memory than a short one.
    """
    names = {executor.submit(run, name, item): name for name, item in items.items()}
    try:
        while names:
            # Not without end: on some systems nothing else would let Ctrl-C through.
            ended, _ = wait(names, timeout=LOOK, return_when=FIRST_COMPLETED)
            for future in ended:
                name, error = names.pop(future), future.exception()
                # An error here is the executor's own: a worker that was lost, say.
                told = f"{type(error).__name__}: {error}" if error else ""
                yield name, Attempt(None, told, told, 0.0) if error else future.result()
            ended.clear()
    except BaseException:
        for future in names:
            future.cancel()
        warm.stop_all()
        wait(names, timeout=GRACE)
        raise


def longest_first(items: Mapping[str, Item], seconds: Mapping[str, float]) -> dict[str, Item]:
    """Put first what took longest the last time, and before it what is not known."""
    unknown_first = float("inf")
    order = sorted(items, key=lambda name: -seconds.get(name, unknown_first))
    return {name: items[name] for name in order}


@contextmanager
def executor_for(running: Running, count: int) -> Iterator[Executor]:
    """Make what runs jobs."""
    if running.executor is not None:
        with running.executor as executor:
            yield executor
        return
    executor = ThreadPoolExecutor(max(1, min(running.workers, count)), thread_name_prefix="report")
    try:
        yield executor
    finally:
        # After Ctrl-C, threads have had their time to end.
        executor.shutdown(wait=False, cancel_futures=True)
