"""The raw texts: as recorded, described, and where they must be."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ngolib.evidence.check.tables import Data
from ngolib.project import sha256
from ngolib.tables import Defect
from ngolib.texts import text_defects


def defects(data: Data) -> Iterator[Defect]:
    """Find texts that have changed, are missing, lie elsewhere or are not described."""
    outside = [row for row in data.rows("sources") if row["source_id"] not in data.source_paths]
    for row in outside:
        message = f"found {row['path']!r}; allowed: a file below sources/"
        yield data.defect("sources", row, "path", message)
    # A text that lies elsewhere is not even opened; without the codebook no table can be loaded.
    if outside or not data.has("sources", "articles", "vocabulary"):
        return
    yield from _originals(data)
    root = f"{data.project.data}{os.sep}"
    for line in text_defects(project=data.project):
        file, _, message = line.replace(root, "").partition(": ")
        yield Defect(message, file.replace(os.sep, "/"))


def _originals(data: Data) -> Iterator[Defect]:
    """Find files as they were received that are missing, have changed, or belong to no text."""
    folder = data.project.data / "sources" / "original"
    listed = set()
    for row in data.rows("sources"):
        name, recorded = row["original_path"], row["original_sha256"]
        if bool(name) != bool(recorded):
            column = "original_sha256" if name else "original_path"
            yield data.defect("sources", row, column, "empty; a file and its checksum go together")
        if not name:
            continue
        path = data.project.data / name
        listed.add(path.resolve())
        if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
            yield data.defect("sources", row, "original_path", f"found {name!r}; no such file")
        elif recorded and sha256(path) != recorded:
            message = f"the file has changed: SHA-256 is {sha256(path)}, recorded is {recorded}"
            yield data.defect("sources", row, "original_sha256", message)
    for path in sorted(folder.glob("*")):
        if path.resolve() not in listed:
            name = path.relative_to(data.project.data).as_posix()
            yield Defect(f"no text has {name} as its original", "sources.csv")
