"""What all checks share: the sound tables as plain rows, the raw texts and their lines."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import pandas as pd

from ngolib.errors import NgolibError, ProjectError, SourceError
from ngolib.evidence.dates import span_or_none
from ngolib.project import Project
from ngolib.tables import Defect, Table
from ngolib.texts import load_lines, read_source


@dataclass(frozen=True, slots=True)
class Row:
    """One record: its table, its number in the file (the header is 1), its text cells."""

    table: Table
    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        """Return a cell; a package that does not describe its column cannot be checked."""
        try:
            return self.cells[column]
        except KeyError:
            raise ProjectError(f"a table has no column {column!r}, which is needed") from None

    def values(self, column: str) -> tuple[str, ...]:
        """Return the values of a cell: several for a list, none for an empty one."""
        return self.table.field(column).split(self[column])

    def days(self, column: str, end: str | None = None) -> tuple[date, date] | None:
        """Return the span of a date, or of a range; None where it is empty or no date."""
        return span_or_none(self[column], self[end] if end else "")

    def defect(self, column: str, message: str, **more: Any) -> Defect:
        """Write a defect of a cell."""
        return Defect(message, self.table.path, self.number, column, more)


class Step(NamedTuple):
    """A step with the span of days in which it was taken."""

    first: date
    last: date
    row: Row


class Line(NamedTuple):
    """One line of a raw text."""

    start: int
    end: int
    article_id: str
    text: str


def rows_of(table: Table, frame: pd.DataFrame) -> list[Row]:
    """Turn a frame of text cells into rows: plain dictionaries are many times faster to walk."""
    columns = list(frame.columns)
    return [
        Row(table, int(number), dict(zip(columns, cells, strict=True)))
        for number, cells in zip(frame.index, frame.itertuples(index=False, name=None), strict=True)
    ]


def significant_digits(text: str) -> set[str]:
    """Return the significant digits of each number of a text: 28.1 thousand is 28,100."""
    numbers = re.findall(r"\d+(?:[\s,.\u2019']\d+)*", text)
    return {re.sub(r"\D", "", number).rstrip("0") for number in numbers}


def _is_below(path: str, folder: str) -> bool:
    """Say whether a relative path names a file below a folder, by its words alone."""
    pure = PurePosixPath(path)
    plain = not pure.is_absolute() and ".." not in pure.parts and not {"\\", ":"} & set(path)
    return plain and pure.parts[:-1][:1] == (folder,)


@dataclass(frozen=True)
class Data:
    """A project, the rows of those of its tables that follow their schema, and the raw texts."""

    project: Project
    tables: Mapping[str, Sequence[Row]]

    def rows(self, table: str) -> Sequence[Row]:
        """Return the rows of a table; none if it is broken or not of this project."""
        return self.tables.get(table, ())

    def has(self, *tables: str) -> bool:
        """Say whether all these tables can be used."""
        return all(table in self.tables for table in tables)

    def with_columns(self, *columns: str) -> list[str]:
        """Return the usable tables that have all these columns."""
        schema = self.project.schema
        return [name for name in self.tables if set(columns) <= set(schema[name].columns)]

    def ids(self, table: str, column: str) -> set[str]:
        """Return the values of a column."""
        return {row[column] for row in self.rows(table)}

    @cached_property
    def first_steps(self) -> dict[str, dict[str, Step]]:
        """Act to stage to the first such step that was taken."""
        firsts: dict[str, dict[str, Step]] = defaultdict(dict)
        for row in self.rows("steps"):
            days = row.days("date", "date_end")
            if row["scheduled"] == "no" and days:
                stages, step = firsts[row["process_id"]], Step(*days, row)
                known = stages.setdefault(row["stage"], step)
                stages[row["stage"]] = min(known, step, key=lambda s: s.first)
        return firsts

    @cached_property
    def source_paths(self) -> dict[str, str]:
        """Source to its path, for those whose path does not leave `data/sources/`.

        A link may point elsewhere too, so the real place is looked at as well.
        """
        folder = (self.project.data / "sources").resolve()
        return {
            row["source_id"]: row["path"]
            for row in self.rows("sources")
            if _is_below(row["path"], "sources")
            and (self.project.data / row["path"]).resolve().is_relative_to(folder)
        }

    @cached_property
    def texts(self) -> dict[str, str]:
        """Raw text by source, as it is now, whatever its checksum; unreadable ones are left out."""
        texts = {}
        for source_id, path in self.source_paths.items():
            try:
                texts[source_id] = read_source(self.project.data / path)
            except SourceError:
                continue  # said by the check of files
        return texts

    @cached_property
    def source_of(self) -> dict[str, str]:
        """Article to source."""
        return {row["article_id"]: row["source_id"] for row in self.rows("articles")}

    @cached_property
    def lines(self) -> dict[str, list[Line]]:
        """Labelled lines by source, of those texts that are as recorded."""
        lines = {}
        for source_id in self.source_paths:
            try:
                frame = load_lines(source_id, project=self.project)
            except NgolibError:
                continue  # said by the check of files
            columns = frame[["start", "end", "article_id", "text"]]
            lines[source_id] = [Line(*cells) for cells in columns.itertuples(index=False)]
        return lines

    def article_text(self, article_id: str) -> str | None:
        """Return all lines of an article, in order; None where its text is not as recorded."""
        lines = self.lines.get(self.source_of.get(article_id, ""))
        if lines is None:
            return None
        return "\n".join(line.text for line in lines if line.article_id == article_id)
