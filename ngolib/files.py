"""Putting one file in its place: whole, and over nothing that is worth keeping."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from ngolib.errors import NgolibError
from ngolib.project import Project


def check_place(project: Project, path: Path, *, force: bool = False) -> None:
    """Refuse a place among the project's own files, a folder, or (without `force`) a file there."""
    for folder in (project.data, project.notebooks):
        if path.resolve().is_relative_to(folder.resolve()):
            raise NgolibError(f"{path}: the project's own files are there; name another place")
    if path.is_dir():
        raise NgolibError(f"{path}: is a folder; name a file")
    if path.exists() and not force:
        raise NgolibError(f"{path}: is there already; name another file, or give --force")


def put(path: Path, content: bytes) -> None:
    """Write a file beside its place, then move it there in one step; else an `NgolibError`."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            file.write(content)
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise NgolibError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        beside.unlink(missing_ok=True)
