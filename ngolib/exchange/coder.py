"""From codings made in another program to a coder's table, with a list of what it lacks."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ngolib.errors import ExchangeError, unknown
from ngolib.exchange import memo
from ngolib.exchange.alignment import Aligned, Texts
from ngolib.exchange.codes import read_codebook
from ngolib.exchange.names import Names
from ngolib.exchange.qdpx import USERS
from ngolib.exchange.reading import Given, Selection, Source, read_project
from ngolib.exchange.remarks import Remarks
from ngolib.exchange.rows import Rows, Statement, place
from ngolib.project import Project
from ngolib.tables import Table
from ngolib.texts import load_sources, read_source

UNITS = ("code-points", "utf-16")


@dataclass(frozen=True)
class Coded:
    """What came out of a project file.

    Parameters
    ----------
    user : str
        Whose codings they are.
    rows : list of dict
        Rows of a coder's table.
    remarks : list of str
        What is missing or was not taken, a line each.
    """

    user: str
    rows: list[dict[str, str]]
    remarks: list[str]

    def as_csv(self, table: Table) -> bytes:
        """Return the rows as a coder's file."""
        lines = [_line(table.columns)]
        lines += [_line([row[column] for column in table.columns]) for row in self.rows]
        return "".join(lines).encode("utf-8")


def _line(cells: Sequence[str]) -> str:
    """Write one record of a CSV, ended by LF.

    A cell with a lone CR must be quoted too; the library does that only where CR ends records.
    """
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue().removesuffix("\r\n") + "\n"


def read_codings(
    project: Project, path: Path, *, user: str | None = None, unit: str = "code-points"
) -> Coded:
    """Read one person's codings of our texts from a project file (`.qdpx`).

    Parameters
    ----------
    project : ngolib.project.Project
        The project whose texts and codebook were used.
    path : pathlib.Path
        The file.
    user : str, optional
        Name of the person; needed where several have coded and it is not plain which is meant.
    unit : {"code-points", "utf-16"}
        What positions count. The standard says code points; some programs count UTF-16 units, which
        differ after characters such as emoji.

    Returns
    -------
    Coded

    Raises
    ------
    ngolib.errors.ExchangeError
        If the file cannot be read, a coded text is not ours, or it is not plain whose codings are
        meant.
    """
    if unit not in UNITS:
        raise ExchangeError(unknown("unit of positions", unit, UNITS))
    given = read_project(path)
    aligned = _align(project, path, given)
    name, guids = _user(path, given, user)
    codebook = read_codebook(project)
    known = Names(codebook, given)
    remarks = Remarks()
    statements: list[Statement] = []
    for source, text in aligned:
        statements += _statements(source, text, guids, known, remarks, unit)
    rows = Rows(project, codebook, remarks).make(statements)
    if not rows:
        raise ExchangeError(f"{path}: {name!r} has coded no statement of our texts")
    return Coded(name, rows, remarks.lines())


def _align(project: Project, path: Path, given: Given) -> list[tuple[Source, Aligned]]:
    """Find the text of each coded source; one that is not ours is an error."""
    texts = Texts(
        {
            row.source_id: read_source(project.data / row.path, sha256=row.sha256)
            for row in load_sources(project=project).itertuples()
        }
    )
    found = []
    for source in given.sources:
        if not source.coded:
            continue
        text = None if source.text is None else texts.find(source.text)
        if text is None:
            why = "is not in the file as plain text" if source.text is None else "is not ours"
            raise ExchangeError(
                f"{path}: the coded source {source.name!r} {why} (ours: {', '.join(texts.raw)}; "
                "their words must be as they are in data/sources/)"
            )
        found.append((source, text))
    return found


def _user(path: Path, given: Given, wanted: str | None) -> tuple[str, set[str]]:
    """Return whose codings are meant: by name, or the only one beside our own coders."""
    guids = {
        coding.user
        for source in given.sources
        for selection in source.selections
        for coding in selection.codings
    }
    names = {guid: given.users.get(guid) or guid or "unnamed" for guid in sorted(guids)}
    present = list(dict.fromkeys(names.values()))
    if not present:
        raise ExchangeError(f"{path}: nothing is coded in it")
    if wanted is None:
        others = [name for name in present if name not in USERS.values()] or present
        if len(others) > 1:
            raise ExchangeError(
                f"{path}: several have coded; say whose codings are meant with --coder "
                f"({', '.join(others)})"
            )
        wanted = others[0]
    if wanted not in present:
        raise ExchangeError(f"{path}: {unknown('coder', wanted, present)}")
    return wanted, {guid for guid, name in names.items() if name == wanted}


def _statements(
    source: Source, text: Aligned, users: set[str], known: Names, remarks: Remarks, unit: str
) -> list[Statement]:
    """Make statements of the selections of one source, in the order of its text."""
    found: list[Statement] = []
    places = _code_points(source.text or "") if unit == "utf-16" else None
    for selection in source.selections:
        own = [coding.code for coding in selection.codings if coding.user in users]
        if not own:
            continue
        where = f"{source.name} {selection.start}-{selection.end}"
        span = text.raw_span(*_counted(selection, places))
        if span is None:
            remarks.add("not taken, since it reaches out of the words that are ours", where)
            continue
        codes: dict[str, list[str]] = {}
        for guid in own:
            code = known.find(guid)
            if code is None:
                remarks.add(f"the code {known.name(guid)!r} is not in the codebook", where)
            else:
                codes.setdefault(code.column, []).append(code.value)
        if codes:
            told = memo.read(selection.description)
            place(found, Statement(text.source_id, *span, told, codes), known.many)
    return sorted(found, key=lambda statement: statement.start)


def _code_points(text: str) -> dict[int, int]:
    """Return for each position in UTF-16 units the one in code points."""
    places, units = {0: 0}, 0
    for n, character in enumerate(text, 1):
        units += 2 if character > "\uffff" else 1
        places[units] = n
    return places


def _counted(selection: Selection, places: Mapping[int, int] | None) -> tuple[int, int]:
    """Return the ends of a selection in code points; a place inside a character is none."""
    if places is None:
        return selection.start, selection.end
    return places.get(selection.start, -1), places.get(selection.end, -1)
