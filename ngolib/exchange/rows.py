"""Statements, as they are put together from codings, and as rows of a coder's table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ngolib.exchange.codes import CODER, NO, YES, Codebook, Group
from ngolib.exchange.remarks import Remarks
from ngolib.project import Project
from ngolib.tables import LIST_SEPARATOR
from ngolib.texts import load_lines, load_sources, read_source

CONTEXT = 32
# Precision by the form of a date: YYYY, YYYY-MM, YYYY-MM-DD.
_PRECISION = {0: "unresolved", 4: "year", 7: "month", 10: "day"}
# What a selection gives by itself: without it there is no statement at all.
_PLACED = ("statement_id", "article_id", "exact", "prefix", "suffix", "start", "end")


@dataclass
class Statement:
    """A coded stretch of a text while its codes are being collected.

    Parameters
    ----------
    source_id : str
        Which text.
    start, end : int
        Raw offsets.
    told : dict
        What its description says.
    codes : dict
        Column to the codes given, in the order of the file.
    """

    source_id: str
    start: int
    end: int
    told: dict[str, str]
    codes: dict[str, list[str]] = field(default_factory=dict)

    def clashes(self, codes: Mapping[str, list[str]], many: set[str]) -> bool:
        """Say whether codes would give a second value where there can be one only."""
        return any(
            set(self.codes[column]) != set(values)
            for column, values in codes.items()
            if column in self.codes and column not in many
        )

    def add(self, codes: Mapping[str, list[str]], told: Mapping[str, str]) -> None:
        """Add codes and words."""
        for column, values in codes.items():
            known = self.codes.setdefault(column, [])
            known += [value for value in values if value not in known]
        self.told = {**told, **self.told}


def place(found: list[Statement], new: Statement, many: set[str]) -> None:
    """Add codes to the statement that they belong to, or begin one.

    Programs write one selection per code, or one for all codes of a quote. What has an id in its
    description belongs to the statement of that id; else what stands on the same words belongs
    together, as long as no column would have two values.
    """
    same = [
        s
        for s in found
        if (s.start, s.end) == (new.start, new.end)
        and s.told.get("statement_id") == new.told.get("statement_id")
    ]
    if "statement_id" in new.told:
        if same:
            same[0].add(new.codes, new.told)
        else:
            found.append(new)
        return
    fitting = [s for s in same if not s.clashes(new.codes, many)]
    if fitting:
        fitting[0].add(new.codes, new.told)
    elif same and len(new.codes) == 1:
        # One more code of a column, alone: nothing says to which statement it belongs.
        same[0].add(new.codes, new.told)
    else:
        found.append(new)


class Rows:
    """Statements as rows of a coder's table."""

    def __init__(self, project: Project, codebook: Codebook, remarks: Remarks) -> None:
        self.table = project.table(CODER)
        self.codebook = codebook
        self.remarks = remarks
        self.raw = {
            row.source_id: read_source(project.data / row.path)
            for row in load_sources(project=project).itertuples()
        }
        lines = load_lines(project=project)
        self.lines = {str(key): own for key, own in lines.groupby("source_id")}
        self.ids: set[str] = set()

    def make(self, statements: list[Statement]) -> list[dict[str, str]]:
        """Return the rows; what cannot be one, or is not full, is remarked."""
        self.ids = {s.told["statement_id"] for s in statements if "statement_id" in s.told}
        rows = []
        given: set[str] = set()
        for statement in statements:
            article = self._article(statement)
            if article is None:
                where = f"{statement.source_id} {statement.start}-{statement.end}"
                self.remarks.add("not taken, since it stands in no article, or in two", where)
                continue
            row = self._row(statement, article)
            if row["statement_id"] in given:
                row["statement_id"] = self._new_id(f"{row['statement_id']}-")
                self.remarks.add("new id, since another quote has its id", row["statement_id"])
            given.add(row["statement_id"])
            rows.append(row)
        return rows

    def _article(self, statement: Statement) -> str | None:
        lines = self.lines[statement.source_id]
        under = lines[
            (lines["start"] < statement.end)
            & (lines["end"] > statement.start)
            & (lines["label"] != "blank")
        ]
        articles = set(under["article_id"])
        return articles.pop() or None if len(articles) == 1 else None

    def _new_id(self, stem: str) -> str:
        n = 1
        while f"{stem}{n:03}" in self.ids:
            n += 1
        self.ids.add(f"{stem}{n:03}")
        return f"{stem}{n:03}"

    def _row(self, statement: Statement, article: str) -> dict[str, str]:
        raw = self.raw[statement.source_id]
        start, end = statement.start, statement.end
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
        for group in self.codebook:
            if group.column in self.table.columns:
                row[group.column] = self._cell(group, statement, row["statement_id"])
        if not statement.codes.get("precision"):
            row["precision"] = self._precision(row)
        self._missing(row, statement)
        return row

    def _cell(self, group: Group, statement: Statement, name: str) -> str:
        values = statement.codes.get(group.column, [])
        if self.table.field(group.column).type == "boolean":
            return YES if values else NO
        if len(values) > 1 and not group.many:
            said = f"{group.column}: several codes given, left empty ({', '.join(sorted(values))})"
            self.remarks.add(said, name)
            return ""
        return LIST_SEPARATOR.join(values)

    def _precision(self, row: Mapping[str, str]) -> str:
        """Take the precision from the form of the date, where no code gives it."""
        found = "range" if row["date_end"] else _PRECISION.get(len(row["date"]), "")
        if found and row["date"]:
            self.remarks.add(f"precision {found!r}, by the form of the date", row["statement_id"])
        elif found:
            self.remarks.add(f"precision {found!r}, since no date is given", row["statement_id"])
        return found

    def _missing(self, row: Mapping[str, str], statement: Statement) -> None:
        for column in self.table.columns:
            # Where several codes were given, that has been said.
            open_ = not row[column] and not statement.codes.get(column)
            if self.table.field(column).required and open_ and column not in _PLACED:
                self.remarks.add(f"{column}: not coded, left empty", row["statement_id"])
