"""Putting files in place: a reader finds the last good report or the new one, never a half."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

LOGS = ".logs"
OLD, NEW = ".old", ".new"


def recover(reports: Path) -> None:
    """Clear up after a run that was broken off: put back what it took away, remove the rest."""
    for folder in reports.glob(f".*{OLD}"):
        place = reports / folder.name.split(".")[1]
        if place.exists():
            shutil.rmtree(folder)
        else:
            folder.rename(place)
    for folder in reports.glob(f".*{NEW}"):
        shutil.rmtree(folder)


def publish(reports: Path, slug: str, files: Mapping[str, bytes]) -> None:
    """Replace a report's folder by a new one, in one step.

    Parameters
    ----------
    reports : pathlib.Path
        Where all reports are.
    slug : str
        Name of the report and of its folder.
    files : mapping
        Path within the folder to content.
    """
    token = secrets.token_hex(4)
    new, old = (reports / f".{slug}.{token}{ending}" for ending in (NEW, OLD))
    for path, content in files.items():
        target = new / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    place = reports / slug
    if place.exists():
        place.rename(old)
    new.rename(place)
    if old.exists():
        shutil.rmtree(old)
    (reports / LOGS / f"{slug}.txt").unlink(missing_ok=True)


def replace_file(path: Path, content: bytes) -> bool:
    """Write a file in one step, if its content differs; say whether it did."""
    if path.is_file() and path.read_bytes() == content:
        return False
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    beside.write_bytes(content)
    beside.replace(path)
    return True


def log_failure(reports: Path, slug: str, reason: str, account: str) -> Path:
    """Write down why a report failed: the reason in the first line, then the full account."""
    path = reports / LOGS / f"{slug}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{reason}\n\n{account}".rstrip() + "\n", encoding="utf-8")
    return path


def failure_of(reports: Path, slug: str) -> str:
    """Return why the last run of a report failed; nothing if it did not."""
    path = reports / LOGS / f"{slug}.txt"
    try:
        return path.read_text(encoding="utf-8").partition("\n")[0]
    except FileNotFoundError:
        return ""
