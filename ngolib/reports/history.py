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
    """Note what the new files of a report say otherwise than its last good run, if anything.

    Called before they are published; the record of the run is among them.
    """
    path, old = _file(reports, slug), read_results(reports / slug)
    try:
        found = list(changes(old, json.loads(files[RESULTS])).lines()) if old else []
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
