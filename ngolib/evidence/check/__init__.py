"""Validate all data before any analysis: a defect is a line, what is broken in form told once."""

from collections.abc import Sequence
from functools import partial

from ngolib.errors import DataError, ProjectError
from ngolib.evidence.check import dates, files, quotes, references, register, rows
from ngolib.evidence.check.tables import Data, Row, rows_of
from ngolib.project import MARKER, Project
from ngolib.tables import Defect, defects_of

__all__ = ["Defect", "defects"]

MODULES = (references, files, quotes, dates, register, rows)


def defects(project: Project, more: Sequence[Row] = ()) -> list[Defect]:
    """Find every defect of the data: one line each, table by table; none if all is well.

    More rows, such as drafts, are checked as statements.
    """
    try:
        schema, _ = project.schema, project.closing_day
    except ProjectError as error:
        # Without the package nothing can be read.
        lines = str(error).replace(f"{project.root / MARKER}: ", "").splitlines()
        return [Defect(line, MARKER.name) for line in lines]
    data, found = _read(project)
    if data.has("statements"):
        data = Data(project, {**data.tables, "statements": [*data.rows("statements"), *more]})
    found += [defect for module in MODULES for defect in module.defects(data)]
    order = {table.path: n for n, table in enumerate(schema.values())}
    return sorted(dict.fromkeys(found), key=lambda d: (order.get(d.file, -1), d.row or 0))


def _read(project: Project) -> tuple[Data, list[Defect]]:
    """Read every table; return the sound ones, and what is wrong with the others."""
    found: list[Defect] = []
    sound = {}
    for name in project.schema:
        # A table that is as it was need not be read again, for whoever checks after every change.
        rows, broken = project.keep((_table, name), partial(_table, project, name))
        found += broken
        if not broken:
            sound[name] = rows
    return Data(project, sound), found


def _table(project: Project, name: str) -> tuple[list[Row], list[Defect]]:
    """Read a table; return its rows, and what is wrong with it."""
    try:
        vocabularies = project.vocabularies if "vocabulary" in project.schema else {}
    except DataError:
        vocabularies = None  # said when the table itself is read
    try:
        frame = project.read_text_cells(name)
    except DataError as error:
        return [], [d if isinstance(d, Defect) else Defect(d) for d in error.defects]
    table = project.table(name)
    return rows_of(table, frame), list(defects_of(table, frame, vocabularies))
