"""From codings made in another program to a coder's table, with a list of what it lacks."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ngolib.errors import ExchangeError, unknown
from ngolib.exchange import memo
from ngolib.exchange.alignment import Aligned, align
from ngolib.exchange.codes import CODER, NO, YES, Code, Group, read_codebook
from ngolib.exchange.excerpt import Span
from ngolib.exchange.qdpx_read import Given, Source, read_project
from ngolib.exchange.qdpx_write import USERS
from ngolib.project import Project
from ngolib.tables import LIST_SEPARATOR
from ngolib.texts import load_lines, load_sources, read_source

CONTEXT = 32
_MOST_NAMED = 8
# Precision by the form of a date: YYYY, YYYY-MM, YYYY-MM-DD.
_PRECISION = {0: "unresolved", 4: "year", 7: "month", 10: "day"}
# What a selection gives by itself: without it there is no statement at all.
_PLACED = ("statement_id", "article_id", "exact", "prefix", "suffix", "start", "end")
# What is to be told, and where it applies.
Remarks = defaultdict[str, list[str]]


@dataclass(frozen=True)
class Coded:
    """What came out of a project file: whose codings, as rows of a coder's table, and remarks."""

    user: str
    rows: list[dict[str, str]]
    remarks: list[str]

    def as_csv(self) -> bytes:
        """Return the rows as a coder's file."""
        lines = [_csv_line(self.rows[0]), *(_csv_line(row.values()) for row in self.rows)]
        return "".join(lines).encode("utf-8")


def _csv_line(cells: Iterable[str]) -> str:
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
        Rows in the order of the file's texts and, within each, of its words; a line for each thing
        that is missing or was not taken.

    Raises
    ------
    ngolib.errors.ExchangeError
        If the file cannot be read, a coded text is not ours, or it is not plain whose codings are
        meant.
    """
    raws = {
        row.source_id: read_source(project.data / row.path, sha256=row.sha256)
        for row in load_sources(project=project).itertuples()
    }
    given = read_project(path)
    texts = [_align(path, source, raws) for source in given.sources]
    name, users = _user(path, given, user)
    groups = read_codebook(project)
    known = _known_codes(groups, given.codes)
    remarks: Remarks = defaultdict(list)
    statements: list[_Statement] = []
    for source, text in zip(given.sources, texts, strict=True):
        found: list[_Statement] = []
        for span, told, guids, where in _selected(source, text, users, unit, remarks):
            new = _Statement(text.source_id, span, told, defaultdict(list))
            for guid in guids:
                if guid in known:
                    new.give(known[guid].column, known[guid].value)
                else:
                    code = given.codes.get(guid, (guid,))[0]
                    remarks[f"the code {code!r} is not in the codebook"].append(where)
            if new.codes:
                _put_together(found, new, {group.column for group in groups if group.many})
        statements += sorted(found, key=lambda statement: statement.span[0])
    rows = _Rows(project, raws, groups, remarks).make(statements)
    if not rows:
        raise ExchangeError(f"{path}: {name!r} has coded no statement of our texts")
    return Coded(name, rows, [_line(*remark) for remark in remarks.items()])


def _line(remark: str, places: Sequence[str]) -> str:
    more = len(places) - _MOST_NAMED
    listed = ", ".join(places[:_MOST_NAMED])
    return f"{remark}: {listed}" + (f" and {more} more" if more > 0 else "")


def _align(path: Path, source: Source, raws: Mapping[str, str]) -> Aligned:
    """Find the text of a coded source; one that is not ours is an error."""
    text = None if source.text is None else align(source.text, raws)
    if text is None:
        why = "is not in the file as plain text" if source.text is None else "is not ours"
        raise ExchangeError(
            f"{path}: the coded source {source.name!r} {why} (ours: {', '.join(raws)}; "
            "their words must be as they are in data/sources/)"
        )
    return text


def _user(path: Path, given: Given, wanted: str | None) -> tuple[str, set[str]]:
    """Return whose codings are meant, by name, or the only one beside our own coders; and GUIDs."""
    selections = [selection for source in given.sources for selection in source.selections]
    guids = {user for selection in selections for _, user in selection.codings}
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


def _plain(name: str) -> str:
    """Return a name without what programs change: case, blanks and underscores."""
    return " ".join(name.casefold().replace("_", " ").split())


def _known_codes(groups: Iterable[Group], given: Mapping[str, Sequence[str]]) -> dict[str, Code]:
    """Return our code of each GUID: known by itself, by its name, its group, or its word alone."""
    codes = [code for group in groups for code in group.codes]
    known = {code.guid: code for code in codes}
    by_name = {_plain(code.name): code for code in codes}
    in_group: dict[tuple[str, str], Code] = {}
    alone: dict[str, set[Code]] = defaultdict(set)
    for code in codes:
        for word in (_plain(code.value), _plain(code.label)):
            in_group |= {(_plain(top), word): code for top in (code.group, code.column)}
            # `yes`, or a number, says nothing without its group.
            if word != YES and not word.isdecimal():
                alone[word].add(code)
    for guid, names in given.items():
        word, *above = map(_plain, names)
        found = [by_name.get(word), *(in_group.get((top, word)) for top in above)]
        if len(alone.get(word, ())) == 1:
            found += alone[word]
        if meant := next(filter(None, found), None):
            known.setdefault(guid, meant)
    return known


def _selected(
    source: Source, text: Aligned, users: set[str], unit: str, remarks: Remarks
) -> Iterator[tuple[Span, dict[str, str], list[str], str]]:
    """Yield what the users coded: where in our text, words on it, GUIDs of codes, where here."""
    places = _code_points(text.text) if unit == "utf-16" else None
    for selection in source.selections:
        guids = [code for code, user in selection.codings if user in users]
        where = f"{source.name} {selection.start}-{selection.end}"
        start, end = selection.start, selection.end
        if places is not None:
            # A place inside a character is none.
            start, end = places.get(start, -1), places.get(end, -1)
        span = text.raw_span(start, end) if guids else None
        if span is not None:
            yield span, memo.read(selection.description), guids, where
        elif guids:
            remarks["not taken, since it reaches out of the words that are ours"].append(where)


def _code_points(text: str) -> dict[int, int]:
    """Return for each position in UTF-16 units the one in code points."""
    places, units = {0: 0}, 0
    for n, character in enumerate(text, 1):
        units += 2 if character > "\uffff" else 1
        places[units] = n
    return places


@dataclass
class _Statement:
    """A coded stretch of a text, while the words on it and its codes by column are collected."""

    source_id: str
    span: Span
    told: dict[str, str]
    codes: defaultdict[str, list[str]]

    def give(self, column: str, value: str) -> None:
        """Give it a code, once."""
        if value not in self.codes[column]:
            self.codes[column].append(value)

    def clashes(self, other: _Statement, many: set[str]) -> bool:
        """Say whether the other's codes would give a second value where there can be one only."""
        both = (self.codes.keys() & other.codes.keys()) - many
        return any(set(self.codes[column]) != set(other.codes[column]) for column in both)


def _put_together(found: list[_Statement], new: _Statement, many: set[str]) -> None:
    """Add codes to the statement that they belong to, or begin one.

    Programs write one selection per code, or one for all codes of a quote. What has an id in its
    description belongs to the statement of that id; else what stands on the same words belongs
    together, as long as no column would have two values.
    """
    key = new.span, new.told.get("statement_id")
    same = [s for s in found if (s.span, s.told.get("statement_id")) == key]
    fitting = [s for s in same if not s.clashes(new, many)]
    if not fitting and ("statement_id" in new.told or len(new.codes) == 1):
        # Of a code that is alone, nothing says to which statement it belongs.
        fitting = same
    if not fitting:
        found.append(new)
        return
    for column, values in new.codes.items():
        for value in values:
            fitting[0].give(column, value)
    fitting[0].told = {**new.told, **fitting[0].told}


class _Rows:
    """Makes statements rows of a coder's table; what cannot be one, or is not full, is remarked."""

    def __init__(
        self, project: Project, raws: Mapping[str, str], groups: Iterable[Group], remarks: Remarks
    ) -> None:
        self.table = project.table(CODER)
        self.raws = raws
        self.groups = [group for group in groups if group.column in self.table.columns]
        self.remarks = remarks
        lines = load_lines(project=project)
        self.lines = dict(list(lines[lines["label"] != "blank"].groupby("source_id")))
        self.ids: set[str] = set()

    def make(self, statements: list[_Statement]) -> list[dict[str, str]]:
        """Return the rows."""
        self.ids = {s.told["statement_id"] for s in statements if "statement_id" in s.told}
        rows: dict[str, dict[str, str]] = {}
        for statement in statements:
            article = self._article(statement)
            if not article:
                said = "not taken, since it stands in no article, or in two"
                where = "{} {}-{}".format(statement.source_id, *statement.span)
                self.remarks[said].append(where)
                continue
            row = self._row(statement, article)
            if row["statement_id"] in rows:
                row["statement_id"] = self._new_id(f"{row['statement_id']}-")
                self.remarks["new id, since another quote has its id"].append(row["statement_id"])
            rows[row["statement_id"]] = row
        return list(rows.values())

    def _article(self, statement: _Statement) -> str:
        """Return the article in which a statement stands; nothing if that is none, or two."""
        start, end = statement.span
        lines = self.lines[statement.source_id]
        under = lines.loc[(lines["start"] < end) & (lines["end"] > start), "article_id"].unique()
        return str(under[0]) if len(under) == 1 else ""

    def _new_id(self, stem: str) -> str:
        n = 1
        while f"{stem}{n:03}" in self.ids:
            n += 1
        self.ids.add(f"{stem}{n:03}")
        return f"{stem}{n:03}"

    def _row(self, statement: _Statement, article: str) -> dict[str, str]:
        raw, (start, end) = self.raws[statement.source_id], statement.span
        told = {key: value for key, value in statement.told.items() if key in self.table.columns}
        row = dict.fromkeys(self.table.columns, "") | told
        row |= {
            "statement_id": told.get("statement_id") or self._new_id("q"),
            "article_id": article,
            "exact": raw[start:end],
            "prefix": raw[max(0, start - CONTEXT) : start],
            "suffix": raw[end : end + CONTEXT],
            "start": str(start),
            "end": str(end),
        }
        row |= {group.column: self._cell(group, statement, row) for group in self.groups}
        if "precision" not in statement.codes:
            row["precision"] = self._precision(row)
        for column in self.table.columns:
            # Where several codes were given, that has been said.
            missing = not row[column] and column not in statement.codes
            if missing and self.table.field(column).required and column not in _PLACED:
                self.remarks[f"{column}: not coded, left empty"].append(row["statement_id"])
        return row

    def _cell(self, group: Group, statement: _Statement, row: Mapping[str, str]) -> str:
        values = statement.codes.get(group.column, [])
        if self.table.field(group.column).type == "boolean":
            return YES if values else NO
        if len(values) > 1 and not group.many:
            said = f"{group.column}: several codes given, left empty ({', '.join(sorted(values))})"
            self.remarks[said].append(row["statement_id"])
            return ""
        return LIST_SEPARATOR.join(values)

    def _precision(self, row: Mapping[str, str]) -> str:
        """Take the precision from the form of the date, where no code gives it."""
        found = "range" if row["date_end"] else _PRECISION.get(len(row["date"]), "")
        if found:
            why = "by the form of the date" if row["date"] else "since no date is given"
            self.remarks[f"precision {found!r}, {why}"].append(row["statement_id"])
        return found
