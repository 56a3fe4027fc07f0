"""The codings that are compared: our coders', the adjudicated one, and anyone's own file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from ngolib.errors import DataError
from ngolib.evidence.check import dates, quotes, references, values
from ngolib.evidence.check.tables import Data, rows_of
from ngolib.project import MARKER, Project
from ngolib.tables import Defect, Table, defects_of, read_csv, read_package, typed

TABLES = {"a": "coder_a", "b": "coder_b", "adjudicated": "statements"}
THEIRS = "theirs"
LEAST_WORDS = 4
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")


def read_ours(project: Project, name: str) -> pd.DataFrame:
    """Read one of our codings.

    Parameters
    ----------
    project : ngolib.project.Project
        The project.
    name : {"a", "b", "adjudicated"}
        A coder, or the adjudicated statements.

    Returns
    -------
    pandas.DataFrame
        The table, without rows while nothing is coded.
    """
    return project.read_table(TABLES[name])


@dataclass(frozen=True)
class _WithTheirs(Project):
    """A project that has one more coder's table, wherever its file is."""

    theirs: Table

    @cached_property
    def schema(self) -> dict[str, Table]:
        """Schema of every table, theirs among them."""
        return {**read_package(self.root / MARKER).tables, THEIRS: self.theirs}


def read_theirs(project: Project, path: Path) -> pd.DataFrame:
    """Read anyone's own coding of our texts.

    Parameters
    ----------
    project : ngolib.project.Project
        The project whose texts and codebook were used.
    path : pathlib.Path
        A CSV with the columns of `data/coding/coders/a.csv`; `prefix` and `suffix` may be empty.

    Returns
    -------
    pandas.DataFrame
        The table as the schema of a coder describes it.

    Raises
    ------
    ngolib.errors.DataError
        With one line per defect, found by the checks of `ngolib check`; also if no statement is
        coded.
    """
    table = replace(project.table(TABLES["a"]), name=THEIRS, path=str(path))
    cells = read_csv(path, table)
    found = list(defects_of(table, cells, project.vocabularies))
    # Places and dates can be looked up only where the cells have no defect.
    found = found or _place_defects(project, table, cells)
    if cells.empty:
        found = [Defect("no statement is coded; the header stands alone", table.path)]
    if found:
        raise DataError(found)
    return typed(table, cells)


def _place_defects(project: Project, table: Table, cells: pd.DataFrame) -> list[Defect]:
    """Run the checks of a coder's table: articles, quotes, dates, unseen characters."""
    tables = {
        name: rows_of(project.table(name), project.read_text_cells(name))
        for name in ("sources", "articles")
    }
    rows = rows_of(table, cells)
    data = Data(_WithTheirs(project.root, table), {**tables, THEIRS: rows})
    checks = (values.defects, references.defects, quotes.defects, dates.defects)
    # What is wrong with our own tables is said by `ngolib check`.
    found = [d for check in checks for d in check(data) if d.file == table.path]
    by_number = {row.number: row for row in rows}
    return [
        defect
        for defect in sorted(found, key=lambda d: d.row or 0)
        if not (
            defect.column in ("prefix", "suffix")
            and defect.row
            and not by_number[defect.row][defect.column]
        )
    ]


def codebook_cells(project: Project) -> list[str]:
    """Return the text of every cell of the codebook's tables."""
    tables = [t for t in project.schema.values() if t.path.startswith("codebook/")]
    frames = [project.read_text_cells(table.name) for table in tables]
    return [cell for frame in frames for column in frame for cell in frame[column] if cell]


def _words(text: str) -> str:
    """Return the words of a text in lower case, so that quotes and line breaks play no part."""
    return " ".join(_WORD.findall(text.casefold().replace("’", "'")))


def quoted_in(exact: Iterable[str], cells: Iterable[str]) -> list[bool]:
    """Say of each statement whether its words stand in the codebook.

    A coder who has the codebook has the answer to such a statement: it measures nothing. Words are
    compared without case and punctuation; statements of fewer than four words are not looked for,
    since such words stand anywhere.
    """
    held = "\n".join(f" {_words(cell)} " for cell in cells)
    wanted = [_words(text) for text in exact]
    return [len(w.split()) >= LEAST_WORDS and f" {w} " in held for w in wanted]
