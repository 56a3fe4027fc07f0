"""The folder of reports: putting files in place, by one run at a time.

A reader finds the last good report or the new one, never a half.
"""

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ngolib.errors import MachineError
from ngolib.files import NEW, OURS, put
from ngolib.reading import read_json

RESULTS = "results.json"
LOGS, LOCK = ".logs", ".lock"
WITHIN, BUSY = "NGOLIB_WITHIN", "the command that runs this notebook is at work there"
# How the name of a folder ends that was taken away, until the new one is in its place.
OLD = ".old"
# What Linux calls "from the working folder" and "let the two change places".
AT_FDCWD, RENAME_EXCHANGE = -100, 2


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Tell in one line, without paths of the machine, that something cannot be written."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise MachineError(f"{what} cannot be written: {reason}") from error


def _remove(path: Path) -> None:
    """Remove a folder or file, if it is there and can be removed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


@contextmanager
def exclusive(folder: Path, tell: Callable[[str], None]) -> Iterator[bool]:
    """Hold the lock of a folder, which ends with the run; say whether it was waited for."""
    from filelock import FileLock, Timeout

    path, waited = folder / LOCK, False
    lock = FileLock(path, is_singleton=True)  # whoever holds it may ask again
    try:
        with _told(f"{folder.name}/"):
            try:
                lock.acquire(timeout=0)
            except Timeout:
                if WITHIN in os.environ:  # whoever holds it waits for us
                    raise MachineError(f"{folder.name}/: {BUSY}") from None
                waited, holder = True, "another process"
                with suppress(OSError, ValueError):  # it may not have written down which it is
                    holder = f"process {int(path.read_text(encoding='ascii'))}"
                tell(f"{holder} is at work in {folder.name}/; waiting until it ends")
                lock.acquire()
        with suppress(OSError):  # who holds it is only told to others
            path.write_text(str(os.getpid()), encoding="ascii")
        yield waited
    finally:
        lock.release()


def leftovers(folder: Path) -> list[Path]:
    """List what a run that was broken off has left in a folder, sorted."""
    hidden = (path for ending in (OLD, NEW) for path in folder.glob(f".*{ending}"))
    return sorted(path for path in hidden if OURS.fullmatch(path.name))


def recover(folder: Path) -> None:
    """Put back what a broken run took away, remove the rest; only while no other is at work."""
    for path in leftovers(folder):
        # `.slug.token.old`: taken away where the system cannot let two folders change places.
        place = folder / path.name[1:].rsplit(".", 2)[0]
        if path.name.endswith(OLD) and not place.exists():
            path.rename(place)
        else:
            _remove(path)


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step; say whether the system could do it."""
    import ctypes

    a, b = os.fsencode(one), os.fsencode(other)
    if sys.platform == "linux" and hasattr(ctypes.CDLL(None), "renameat2"):
        return ctypes.CDLL(None).renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE) == 0
    return False


def _move_in(new: Path, place: Path, old: Path) -> None:
    """Put a new folder in the place of an old one, in one step where the system can."""
    if place.is_dir() and _exchange(new, place):
        return  # `new` is the old one now
    with suppress(FileNotFoundError):
        place.rename(old)
    try:
        new.rename(place)
    finally:
        if old.exists() and not place.exists():
            old.rename(place)


def publish(reports: Path, slug: str, files: Mapping[str, bytes]) -> None:
    """Replace a report's folder by a new one, in one step."""
    theirs, place = foreign(reports / slug), f"{reports.name}/{slug}"
    if (reports / slug).is_symlink() or (reports / slug).is_file():
        raise MachineError(f"{place} cannot be written: a file or a link is there")
    known = read_results(reports / slug) or not (reports / slug / RESULTS).exists()
    if known and RESULTS in files and (taken := sorted(theirs & files.keys())):
        raise MachineError(f"{place}/{taken[0]}: is there, and no run made it; move it away")
    token = os.urandom(4).hex()
    new, old = (reports / f".{slug}.{token}{ending}" for ending in (NEW, OLD))
    try:
        with _told(place):
            for path in theirs - files.keys():  # what a user has put there stays
                (new / path).parent.mkdir(parents=True, exist_ok=True)
                try:  # the same file, for someone may be writing to it
                    os.link(reports / slug / path, new / path, follow_symlinks=False)
                except (OSError, NotImplementedError):
                    shutil.copy2(reports / slug / path, new / path, follow_symlinks=False)
            for path, content in files.items():
                target = new / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            _move_in(new, reports / slug, old)
    finally:
        _remove(new)
        if (reports / slug).exists():
            _remove(old)
    _remove(reports / LOGS / f"{slug}.txt")


def foreign(folder: Path) -> set[str]:
    """Return the files in a folder of pages of which it is not known that a run made them."""
    noted = read_notes(folder.parent, folder.name).get("files")
    made = {RESULTS, *(read_results(folder).get("manifest") or noted or ())}
    paths = (path for path in folder.rglob("*") if path.is_symlink() or path.is_file())
    return {path.relative_to(folder).as_posix() for path in paths} - made


def replace_file(path: Path, content: bytes) -> bool:
    """Write a file in one step, if its content differs; say whether it did."""
    if path.is_file() and path.read_bytes() == content:
        return False
    # Without the path of the machine.
    put({path: content}, f"{path.parent.name}/{path.name}")
    return True


def as_record(results: Mapping[str, Any]) -> bytes:
    """Write what a run says about itself, always in the same form, with a seal of all of it."""
    content = json.loads(json.dumps(results, allow_nan=False))
    content["seal"] = hash_json(content)
    text = json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True, allow_nan=False)
    return f"{text}\n".encode()


def hash_json(value: Any) -> str:
    """Return the SHA-256 of a value, written as JSON in one fixed way."""
    how: dict[str, Any] = {"sort_keys": True, "ensure_ascii": False, "separators": (",", ":")}
    text = json.dumps(value, **how, default=str)  # a date of the plan, before it is checked
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _read_json(path: Path) -> dict[str, Any]:
    """Read a record as it was written; an empty one if it is not there, broken or edited."""
    try:
        content = read_json(path)
        seal = content.pop("seal")
    except (OSError, AttributeError, KeyError, TypeError):
        return {}
    return content if hash_json(content) == seal else {}


def read_results(folder: Path) -> dict[str, Any]:
    """Read what the last good run of a report wrote about itself; nothing if there is no such."""
    return _read_json(folder / RESULTS)


def read_notes(reports: Path, name: str) -> dict[str, Any]:
    """Read what earlier runs noted for later ones; it only saves time, so a loss is no harm."""
    return _read_json(reports / LOGS / f"{name}.json")


def write_notes(reports: Path, name: str, notes: Mapping[str, Any]) -> None:
    """Note something for later runs, if it can be written."""
    with suppress(OSError, MachineError):
        replace_file(reports / LOGS / f"{name}.json", as_record(notes))


def changes_of(reports: Path, slug: str) -> list[str]:
    """Return what was noted of the run that a report is from."""
    noted = read_notes(reports, f"{slug}.changes")
    return noted["lines"] if noted.get("of", "") == read_results(reports / slug).get("key") else []


def failure_of(reports: Path, slug: str) -> str:
    """Return why the last run of a report failed; nothing if it did not."""
    path = reports / LOGS / f"{slug}.txt"
    return path.read_text(encoding="utf-8").partition("\n")[0] if path.is_file() else ""
