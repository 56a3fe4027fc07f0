"""The raw texts: as recorded, described, and where they must be."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ngolib.evidence.check.tables import Data
from ngolib.schema import Defect
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
    root = f"{data.project.data}{os.sep}"
    for line in text_defects(project=data.project):
        file, _, message = line.replace(root, "").partition(": ")
        yield Defect(message, file.replace(os.sep, "/"))
