"""One run at a time: a lock on the folder of reports that the system gives up when a run dies."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ngolib.errors import ReportError

LOCK = ".lock"


def _holder(path: Path) -> str:
    """Say which process holds the lock, if it has written that down."""
    try:
        number = path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        number = ""
    return f"process {number}" if number.isdigit() else "another process"


@contextmanager
def exclusive(folder: Path, tell: Callable[[str], None]) -> Iterator[bool]:
    """Hold the lock of a folder; wait for whoever holds it, and say so."""
    from filelock import FileLock, Timeout

    path, waited = folder / LOCK, False
    lock = FileLock(path)
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            waited = True
            tell(f"{_holder(path)} is at work in {folder.name}/; waiting until it ends")
            lock.acquire()
    except OSError as error:
        raise ReportError(f"{folder.name}/ cannot be written: {error.strerror}") from None
    try:
        with suppress(OSError):  # who holds it is only told to others
            path.write_text(str(os.getpid()), encoding="ascii")
        yield waited
    finally:
        lock.release()
