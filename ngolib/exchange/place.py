"""Putting one file in its place: whole, and over nothing that is worth keeping."""

from __future__ import annotations

import secrets
from pathlib import Path

from ngolib.errors import ExchangeError
from ngolib.project import Project


def check_place(project: Project, path: Path, *, force: bool = False) -> None:
    """Refuse a place at which a file would stand in the way or write over something.

    Parameters
    ----------
    project : ngolib.project.Project
        The project; its data and notebooks are no place for files that go out or come in.
    path : pathlib.Path
        Where the file is to be written.
    force : bool
        Whether a file that stands there may be written over.

    Raises
    ------
    ngolib.errors.ExchangeError
        If it may not be written there.
    """
    place = path.resolve()
    for folder in (project.data, project.notebooks):
        if place.is_relative_to(folder.resolve()):
            raise ExchangeError(f"{path}: the project's own files are there; name another place")
    if path.is_dir():
        raise ExchangeError(f"{path}: is a folder; name a file")
    if path.exists() and not force:
        raise ExchangeError(f"{path}: is there already; name another file, or give --force")


def put(path: Path, content: bytes) -> None:
    """Write a file beside its place, then move it there in one step.

    Raises
    ------
    ngolib.errors.ExchangeError
        If it cannot be written; what stood there is as it was.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        raise ExchangeError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        beside.unlink(missing_ok=True)
