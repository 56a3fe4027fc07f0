"""One run at a time: a lock on the folder of reports that the system gives up when a run dies."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ngolib.errors import ReportError

LOCK = ".lock"
# Seconds between two looks; waiting is rare, and a look costs nothing.
PAUSE = 0.1

if sys.platform == "win32":
    import msvcrt

    # What is locked cannot be read there: so a byte far behind the number of the process.
    FAR = 4096

    def _take(file: IO[str]) -> None:
        file.seek(FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _holder(path: Path) -> str:
    """Say which process holds the lock, if it has written that down."""
    try:
        number = path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        number = ""
    return f"process {number}" if number.isdigit() else "another process"


@contextmanager
def exclusive(folder: Path, tell: Callable[[str], None]) -> Iterator[bool]:
    """Hold the lock of a folder; wait for whoever holds it, and say so.

    The system lets go of the lock when the process ends, however it ends, so that no lock is ever
    left over. The file itself stays.

    Parameters
    ----------
    folder : pathlib.Path
        What only one run at a time may write to.
    tell : callable
        Is told, once, that the run waits.

    Yields
    ------
    bool
        Whether another run was waited for.

    Raises
    ------
    ngolib.errors.ReportError
        If the folder cannot be written to.
    """
    path = folder / LOCK
    try:
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+", encoding="ascii")
    except OSError as error:
        raise ReportError(f"{folder.name}/ cannot be written: {error.strerror}") from None
    with file:
        waited = False
        while True:
            try:
                _take(file)
                break
            except OSError:
                if not waited:
                    tell(f"{_holder(path)} is at work in {folder.name}/; waiting until it ends")
                waited = True
                time.sleep(PAUSE)
        try:
            file.seek(0)
            file.truncate()
            file.write(str(os.getpid()))
            file.flush()
        except OSError:
            pass  # the disk is full: who holds the lock is not known then, but it is held
        yield waited
