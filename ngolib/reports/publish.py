"""Putting files in place: a reader finds the last good report or the new one, never a half."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from ngolib.errors import ReportError

LOGS = ".logs"
# Endings of what a run makes on its way: a folder or file not yet in place, and one taken away.
OLD, NEW = ".old", ".new"
# What the systems call "from the working folder" and "let the two change places".
AT_FDCWD, RENAME_EXCHANGE, RENAME_SWAP = -100, 2, 2


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Tell in one line, without paths of the machine, that something could not be written."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ReportError(f"{what} could not be written: {reason}") from error


@cache
def _swapper() -> Any:
    """Return the system's call that lets two folders change places, if it has one."""
    if not sys.platform.startswith(("linux", "darwin")):
        return None
    import ctypes

    system = ctypes.CDLL(None, use_errno=True)
    try:
        if sys.platform == "darwin":
            swap = system.renamex_np
            return lambda a, b: swap(a, b, ctypes.c_uint(RENAME_SWAP))
        swap = system.renameat2
        return lambda a, b: swap(AT_FDCWD, a, AT_FDCWD, b, ctypes.c_uint(RENAME_EXCHANGE))
    except AttributeError:
        return None


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step; say whether the system could do it."""
    swap = _swapper()
    return swap is not None and swap(os.fsencode(one), os.fsencode(other)) == 0


def _remove(path: Path) -> None:
    """Remove a folder or file, if it is there and can be removed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def leftovers(folder: Path) -> list[Path]:
    """List what a run that was broken off has left in a folder, sorted."""
    return sorted(path for ending in (OLD, NEW) for path in folder.glob(f".*{ending}"))


def recover(folder: Path) -> None:
    """Clear up after a run that was broken off: put back what it took away, remove the rest.

    Only to be called while no other run is at work.
    """
    for path in leftovers(folder):
        # `.slug.token.old`: taken away where the system cannot let two folders change places.
        place = folder / path.name.split(".")[1]
        if path.name.endswith(OLD) and not place.exists():
            path.rename(place)
        else:
            _remove(path)


def _put(new: Path, place: Path, old: Path) -> None:
    """Put a new folder in the place of an old one, in one step where the system can."""
    if place.is_dir() and _exchange(new, place):
        return  # `new` is the old one now
    if not place.exists():
        new.rename(place)
        return
    place.rename(old)
    try:
        new.rename(place)
    except BaseException:
        old.rename(place)
        raise


def publish(reports: Path, slug: str, files: Mapping[str, bytes]) -> None:
    """Replace a report's folder by a new one, in one step."""
    token = os.urandom(4).hex()
    new, old = (reports / f".{slug}.{token}{ending}" for ending in (NEW, OLD))
    try:
        with _told(f"{reports.name}/{slug}"):
            for path, content in files.items():
                target = new / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            _put(new, reports / slug, old)
    finally:
        _remove(new)
        if (reports / slug).exists():
            _remove(old)
    with suppress(OSError):
        (reports / LOGS / f"{slug}.txt").unlink(missing_ok=True)


def withdraw(reports: Path, slug: str) -> None:
    """Take a report out of its place, in one step."""
    aside = reports / f".{slug}.{os.urandom(4).hex()}{NEW}"
    with _told(f"{reports.name}/{slug}"):
        (reports / slug).rename(aside)
    _remove(aside)
    for path in (reports / LOGS).glob(f"{slug}.*"):
        _remove(path)


def replace_file(path: Path, content: bytes) -> bool:
    """Write a file in one step, if its content differs; say whether it did."""
    if path.is_file() and path.read_bytes() == content:
        return False
    beside = path.with_name(f".{path.name}.{os.urandom(4).hex()}{NEW}")
    try:
        with _told(f"{path.parent.name}/{path.name}"):
            beside.write_bytes(content)
            beside.replace(path)
    finally:
        _remove(beside)
    return True


def log_failure(reports: Path, slug: str, reason: str, account: str) -> Path:
    """Write down why a report failed: the reason in the first line, then the full account."""
    path = reports / LOGS / f"{slug}.txt"
    with _told(f"{reports.name}/{LOGS}"):
        path.parent.mkdir(parents=True, exist_ok=True)
    text = f"{reason}\n\n{account}".rstrip() + "\n"
    replace_file(path, text.encode(errors="replace"))
    return path


def failure_of(reports: Path, slug: str) -> str:
    """Return why the last run of a report failed; nothing if it did not."""
    path = reports / LOGS / f"{slug}.txt"
    try:
        return path.read_text(encoding="utf-8").partition("\n")[0]
    except FileNotFoundError:
        return ""


def read_notes(reports: Path, name: str) -> dict[str, Any]:
    """Read what earlier runs noted for later ones; it only saves time, so a loss is no harm."""
    try:
        notes = json.loads((reports / LOGS / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return notes if isinstance(notes, dict) else {}


def write_notes(reports: Path, name: str, notes: Mapping[str, Any]) -> None:
    """Note something for later runs, if it can be written."""
    path = reports / LOGS / f"{name}.json"
    with suppress(OSError, ReportError):
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, (json.dumps(notes, indent=1, sort_keys=True) + "\n").encode())
