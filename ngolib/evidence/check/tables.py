"""What all checks share: how one is written, the sound tables as plain rows, the raw texts."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from operator import itemgetter
from os.path import realpath
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from ngolib.errors import NgolibError, ProjectError
from ngolib.evidence.dates import span_or_none
from ngolib.project import MARKER, Project
from ngolib.tables import Defect, Table
from ngolib.texts import load_lines, read_source

# What the checks know of the data: conditions of rows, dates, doubles, stages.
KNOWN = tomllib.loads(Path(__file__).with_name("checks.toml").read_text(encoding="utf-8"))
# Figures in threes, which blanks may part; or not in threes.
_NUMBER = re.compile(r"\d{1,3}(?:[\s,.\u2019']\d{3})+(?:[,.]\d+)?(?!\d)|\d+(?:[,.]\d+)?")


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


def rows_of(table: Table, frame: pd.DataFrame) -> list[Row]:
    """Turn a frame of text cells into rows: plain dictionaries are many times faster to walk."""
    names, records = list(frame), zip(frame.index, frame.to_numpy().tolist(), strict=True)
    return [Row(table, int(n), dict(zip(names, cells, strict=True))) for n, cells in records]


def numbers_of(text: str) -> set[float]:
    """Return the numbers that a text may say in digits: 28.1 thousand, and 28.1; and their sum."""
    found, sums, text = set(), 0.0, text.lower()
    known = KNOWN["scales"].items()
    scales = [size for words, size in known if re.search(rf"(?<![^\W\d_])(?:{words})", text)]
    for match in _NUMBER.finditer(text):
        # "24 305" may be two numbers, and three figures behind a point a part of a million.
        for one in (*match[0].split(), match[0]):
            whole, _, part = re.sub(r"[,.](?=\d\d?$|\d{4,}$)", "/", one).partition("/")
            value = float(re.sub(r"\D", "", whole) + "." + (part or "0"))
            three = re.fullmatch(r"\d{1,3}[,.]\d{3}", one)
            small = float(one.replace(",", ".")) if three else value
            found |= {value, *(round(v * size, 6) for size in scales for v in (value, small))}
        behind = text[match.end() :].lstrip()
        sums += sum(value * size for words, size in known if re.match(words, behind))
    return found | ({round(sums, 6)} if sums else set())


def doubled(rows: Iterable[Row], key: Callable[[Row], Any]) -> Iterator[tuple[Row, Row]]:
    """Yield each row that has the key of one before, and the first such row."""
    seen: dict[Any, Row] = {}
    for row in rows:
        if (first := seen.setdefault(key(row), row)) is not row:
            yield row, first


@dataclass(frozen=True)
class Data:
    """A project, the rows of those of its tables that follow their schema, and the raw texts."""

    project: Project
    tables: Mapping[str, Sequence[Row]]
    beside: Mapping[str, Table] = field(default_factory=dict)  # schema of others' tables
    unread: list[str] = field(default_factory=list)  # why a text has no `lines`

    def rows(self, table: str) -> Sequence[Row]:
        """Return the rows of a table; none if it is broken or not of this project."""
        return self.tables.get(table, ())

    def has(self, *tables: str) -> bool:
        """Say whether all these tables can be used."""
        return all(table in self.tables for table in tables)

    def with_columns(self, *columns: str) -> list[str]:
        """Return the usable tables that have all these columns."""
        return [name for name in self.tables if set(columns) <= set(self.schema[name].columns)]

    @cached_property
    def schema(self) -> Mapping[str, Table]:
        """Schema of every table of the project, and of those of others beside them."""
        return {**self.project.schema, **self.beside}

    @cached_property
    def named(self) -> Mapping[str, dict[str, Row]]:
        """Table to its rows by their first cell, which is their id; nothing for a broken table."""
        found: dict[str, dict[str, Row]] = defaultdict(dict)
        for table, rows in self.tables.items():
            found[table] = {next(iter(row.cells.values())): row for row in rows}
        return found

    @cached_property
    def first_steps(self) -> Mapping[str, dict[str, Step]]:
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
    def corrected(self) -> set[tuple[str, ...]]:
        """Codes (row, column, old) put right after the adjudication: both keep their history."""
        facts = itemgetter("row", "column", "old", "table", "decision")
        found = map(facts, self.rows("corrections"))
        return {cell[:3] for cell in found if cell[3:] == ("statements", "taken")}

    @cached_property
    def source_paths(self) -> dict[str, str]:
        """Source to its path, for those that really lie below `data/sources/`."""
        folder = realpath(self.project.data / "sources")
        return {
            row["source_id"]: row["path"]
            for row in self.rows("sources")
            if Path(realpath(self.project.data / row["path"])).is_relative_to(folder)
        }

    @cached_property
    def texts(self) -> dict[str, str]:
        """Raw text by source, as it is now, whatever its checksum; unreadable ones are left out."""
        texts = {}
        for source_id, path in self.source_paths.items():
            with suppress(ProjectError):  # said by the check of files
                texts[source_id] = read_source(self.project.data / path)
        return texts

    @cached_property
    def lines(self) -> dict[str, list[Any]]:
        """Rows of `load_lines` by source, of those texts that are as recorded."""
        lines = {}
        for source_id in self.source_paths:
            try:
                lines[source_id] = list(load_lines(source_id, project=self.project).itertuples())
            except NgolibError as error:
                self.unread.append(str(error))  # said by the check of files
        return lines

    def source_of(self, article_id: str) -> str:
        """Return the source of an article; nothing where it is not known."""
        article = self.named["articles"].get(article_id)
        return article["source_id"] if article else ""


Found = Iterator[tuple[str, str]]
OfAll = Callable[[Data], Iterator[Defect]]
OfRow = Callable[[Row, Data], Found]


class Checks:
    """The checks of one module: called with the data, they yield every defect."""

    def __init__(self) -> None:
        self._checks: list[OfAll] = []

    def of_all(self, check: OfAll) -> OfAll:
        """Add a check that looks at all data."""
        self._checks.append(check)
        return check

    def of(self, *tables: str) -> Callable[[OfRow], OfRow]:
        """Add a check of each row of some tables, which yields columns and what is wrong there."""

        def add(check: OfRow) -> OfRow:
            def of_rows(data: Data) -> Iterator[Defect]:
                for row in (row for table in tables for row in data.rows(table)):
                    for column, message in check(row, data):
                        yield row.defect(column, message)

            self._checks.append(of_rows)
            return check

        return add

    def __call__(self, data: Data) -> Iterator[Defect]:
        """Yield what is wrong; of a column that a check needs and nobody describes, one line."""
        for check in self._checks:
            try:
                yield from check(data)
            except ProjectError as error:
                yield Defect(str(error), MARKER.name)
