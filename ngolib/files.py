"""Putting files in their places: whole, and over nothing that is worth keeping."""

import csv
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

from ngolib.errors import MachineError, NgolibError
from ngolib.project import Project
from ngolib.reading import below, read_text, sha256

# How the name of a file ends that is not yet in its place, and of a list of several such files.
# With a token before that it is ours, without one a user's.
NEW, MOVES = ".new", ".moves"
OURS = re.compile(r"\.(?:(.+)\.)?[0-9a-f]{8}\.(?:new|old|moves)")
# What is the project's own, and nothing is to be written over by the way.
OWN = ["data", "notebooks", "docs", "reports", "tests", "LICENSE", "README.md", "pyproject.toml"]
OWN += ["CITATION.cff", ".zenodo.json"]


def check_place(
    project: Project, path: Path, *, force: bool = False, read: Path | None = None
) -> None:
    """Refuse a place of the project's own files, what is `read`, or (without `force`) any file."""
    for name in OWN:
        if path.resolve().is_relative_to((project.root / name).resolve()):
            raise NgolibError(f"{path}: the project's own files are there; name another place")
    kinds = {"is a link": path.is_symlink(), "is a folder": path.is_dir()}
    kinds["is not a plain file"] = path.exists() and not path.is_file()
    kinds["is what is read"] = read is not None and path.resolve() == read.resolve()
    for kind in (kind for kind in kinds if kinds[kind]):
        raise NgolibError(f"{path}: {kind}; name another place")
    if path.exists() and not force:
        raise NgolibError(f"{path}: is there already; name another file, or give --force")


def put(files: Mapping[Path, bytes], what: str = "") -> None:
    """Put files in place, in the order given, over what stands there; an error names `what`.

    All are written beside their places first, so that a full disk changes nothing; then each is
    moved, or all are put back. What a run that is killed has not moved, `finish` moves.
    """
    files = {Path(os.path.realpath(path)): files[path] for path in files}  # a link stays one
    token = secrets.token_hex(4)
    beside = {_beside(path, token): path for path in files}
    first = next(iter(files))
    moves = first.with_name(f".{token}{MOVES}")
    try:
        for new, path in beside.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with new.open("wb") as file:
                file.write(files[path])
                os.fsync(file.fileno())
            if path.is_file():  # whoever else may write to it still may
                shutil.copymode(path, new)
        if len(files) > 1:
            states = {p: (sha256(p), sha256(new)) for new, p in beside.items()}
            listed = (f"{a} {b} {os.path.relpath(p, first.parent)}" for p, (a, b) in states.items())
            (new := _beside(moves, token)).write_text("\n".join(listed), encoding="utf-8")
            new.replace(moves)
        before = {p: p.read_bytes() for p in files if len(files) > 1 and p.is_file()}
        try:
            _move(beside)
        except KeyboardInterrupt:
            _move(beside)  # stopped between two of them: the rest takes no time
            raise
        except OSError:  # such as a table that is open in Excel, on Windows
            for moved in (path for new, path in beside.items() if not new.exists()):
                moved.write_bytes(before[moved]) if moved in before else moved.unlink()
            raise
    except OSError as failed:
        reason = failed.strerror or type(failed).__name__
        place = what or failed.filename2 or path
        raise MachineError(f"{place}: cannot be written: {reason}; nothing was changed") from failed
    finally:
        for left in (moves, _beside(moves, token), *beside):
            with suppress(OSError):
                left.unlink()


def _beside(path: Path, token: str) -> Path:
    return path.with_name(f".{path.name}.{token}{NEW}")


def _move(beside: Mapping[Path, Path]) -> None:
    for new, path in beside.items():
        with suppress(FileNotFoundError):  # moved already
            new.replace(path)


def finish(project: Project, alone: bool = False) -> None:
    """Move what a killed `put` had all ready; remove what it had not, if nobody else is writing."""
    data = [path for path in below([project.data]) if OURS.fullmatch(path.name)]
    finish_in([*data, *project.reports.glob(f".*{MOVES}")])
    for left in (path for path in data if alone and path.name.endswith(NEW)):
        left.unlink(missing_ok=True)


def finish_in(paths: Iterable[Path]) -> None:
    """Move what the lists among some files name; what was changed since they were made is told."""
    for moves in (p for p in paths if p.name.endswith(MOVES) and OURS.fullmatch(p.name)):
        token, new, changed = moves.name[1 : -len(MOVES)], dict[Path, Path](), ""
        with suppress(FileNotFoundError):  # whoever wrote it has just ended
            lines = (line.split(" ", 2) for line in read_text(moves).splitlines())
            for was, is_now, name in (line for line in lines if len(line) == 3):
                place = _beside(path := Path(moves.parent, name.replace("\0", "")), token)
                waits, new[place] = place.exists(), path
                found = sha256(path)
                # It is another, or what was moved was taken back; or else its writer is at work.
                wrong = found != was if waits else found == was != is_now
                if wrong and place.exists() == waits and moves.exists():
                    changed = changed or str(path)
        if not changed:
            _move(new)
        for left in (moves, *new):
            left.unlink(missing_ok=True)
        if changed:
            said = "was changed after a command was killed here; give that command again"
            raise MachineError(f"{changed}: {said}")


def csv_text(records: Iterable[Iterable[str]]) -> str:
    """Write records of a CSV, each ended by LF.

    A cell with a lone CR must be quoted too; the library does that only where CR ends records.
    """
    lines: list[str] = []
    csv.writer(SimpleNamespace(write=lines.append), lineterminator="\r\n").writerows(records)
    return "".join(line.removesuffix("\r\n") + "\n" for line in lines)
