"""Rows put behind a table's last."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

import pandas as pd

from ngolib.errors import IntakeError
from ngolib.files import csv_text
from ngolib.project import Project
from ngolib.tables import defects_of


def with_rows(project: Project, name: str, rows: Sequence[Mapping[str, str]]) -> bytes:
    """Return a table's file with rows put behind its last; what stands there stays as it is.

    A row that breaks the schema is an `IntakeError`: nothing may come in that `ngolib check` would
    refuse.
    """
    table = project.table(name)
    frame = pd.DataFrame(rows, columns=table.columns, dtype="str").fillna("")
    if found := [str(defect) for defect in defects_of(table, frame, project.vocabularies)]:
        raise IntakeError("; ".join(found))
    content = (project.data / table.path).read_bytes().decode("utf-8")
    content += "" if content.endswith("\n") else "\n"
    header = next(csv.reader(io.StringIO(content.removeprefix("\ufeff"), newline="")))
    return (content + csv_text(frame[header].to_numpy().tolist())).encode("utf-8")
