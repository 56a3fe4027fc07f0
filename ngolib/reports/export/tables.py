"""What is exported: a table as plain values with the description of every column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from ngolib.errors import DataError, ProjectError, unknown
from ngolib.project import Project
from ngolib.reports.export import derived
from ngolib.tables import LIST_SEPARATOR, Defect, Field, Table

Value = str | int | bool | None
# A quotation may go out, a text may not: no row of the corpus layer is as long as this.
LONGEST_QUOTATION = 600
# Code of `redistribution` that lets a text go out whole.
WHOLE = "full"


@dataclass(frozen=True)
class Export:
    """One table to be written.

    Parameters
    ----------
    table : ngolib.tables.Table
        Its schema; a path within the project is of no meaning here.
    rows : tuple of tuple
        Values in the order of the columns: text, whole number, true or false; None = not known or
        not applicable; lists as one text, parted by `; `.
    """

    table: Table
    rows: tuple[tuple[Value, ...], ...]

    @property
    def name(self) -> str:
        """Name of the table, and of its file."""
        return self.table.name


def table_names(project: Project) -> list[str]:
    """Return the names of all tables that can be exported, in order."""
    return [*project.schema, *derived.TABLES]


def tables_of(project: Project, names: Sequence[str]) -> list[Export]:
    """Take tables from the project.

    Parameters
    ----------
    project : ngolib.project.Project
        The project.
    names : sequence of str
        Which; each is taken once.

    Returns
    -------
    list of Export
        In the order of the names.

    Raises
    ------
    ngolib.errors.ProjectError
        If there is no such table; it names the allowed ones.
    ngolib.errors.DataError
        If a table breaks its schema, or a quotation is too long to be one.
    """
    allowed = table_names(project)
    for name in names:
        if name not in allowed:
            raise ProjectError(unknown("table", name, allowed))
    return [_take(project, name) for name in dict.fromkeys(names)]


def _take(project: Project, name: str) -> Export:
    if name in derived.TABLES:
        table = derived.TABLES[name]
        frame = derived.build(project, name)
    else:
        table = project.table(name)
        frame = project.read_table(name)
        _check_quotations(project, table, frame)
    columns = [_values(field, frame[field.name]) for field in table.fields]
    return Export(table, tuple(zip(*columns, strict=True)))


def _values(field: Field, column: pd.Series) -> list[Value]:
    """Turn a typed column into plain values."""
    if field.is_list:
        return [LIST_SEPARATOR.join(cell) or None for cell in column]
    if field.type == "integer":
        return [None if pd.isna(cell) else int(cell) for cell in column]
    if field.type == "boolean":
        return [bool(cell) for cell in column]
    return [str(cell) or None for cell in column]


def _check_quotations(project: Project, table: Table, frame: pd.DataFrame) -> None:
    """Refuse words of a source text that are too long to be a quotation."""
    if not {"exact", "article_id"} <= set(table.columns):
        return
    whole = project.read_table("sources").set_index("source_id")["redistribution"] == WHOLE
    source = project.read_table("articles").set_index("article_id")["source_id"]
    free = frame["article_id"].map(source).map(whole).fillna(False).astype(bool)
    long = (frame["exact"].str.len() > LONGEST_QUOTATION) & ~free
    defects = [
        Defect(
            f"{len(frame['exact'][n])} characters are no quotation; allowed: {LONGEST_QUOTATION}, "
            f"unless the redistribution of its source is {WHOLE!r}",
            table.path,
            int(n) + 2,
            "exact",
        )
        for n in frame.index[long]
    ]
    if defects:
        raise DataError(defects)
