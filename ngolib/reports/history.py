"""What the last regeneration of each report changed, for the index: nothing else rests on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from ngolib.reports.diff import changes
from ngolib.reports.freshness import RESULTS, read_results
from ngolib.reports.publish import LOGS, replace_file


def _file(reports: Path, slug: str) -> Path:
    return reports / LOGS / f"{slug}.changes.json"


def note_changes(reports: Path, slug: str, files: Mapping[str, bytes]) -> None:
    """Note what the new files of a report say otherwise than its last good run.

    Called before they are published. A run that says the same as the one before leaves no note.

    Parameters
    ----------
    reports : pathlib.Path
        Where all reports are.
    slug : str
        Name of the report.
    files : mapping
        Path within the folder to content; the record of the run is among them.
    """
    path = _file(reports, slug)
    old = read_results(reports / slug)
    try:
        difference = changes(old, json.loads(files[RESULTS])) if old else None
        found = list(difference.lines()) if difference else []
    except KeyError:  # the record is of an older form
        found = []
    if not found:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, (json.dumps(found, ensure_ascii=False, indent=1) + "\n").encode())


def changes_of(reports: Path, slug: str) -> list[str]:
    """Return what the last regeneration of a report changed, a line each."""
    try:
        return list(json.loads(_file(reports, slug).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return []
