"""How a coder's table stands in a project: as codes, and what no code says as a description.

A description begins with lines of the form `key: value`, which people can write too (`date:
2014-05`); after a blank line, or where there are none, it is the note.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5

from ngolib.project import FOUND, Project, read_once

CODER, STATEMENTS = "coder_a", "statements"
YES, NO = "yes", "no"
ACT = "process_id"
_NAMESPACE = uuid5(NAMESPACE_URL, "urn:ngolib:refi-qda")
_RULES = {"include": "Also", "exclude": "Not", "example": "Example"}
# Column of a coding to its key; who coded it is told, and not taken back.
KEYS = {"statement_id": "id", "date_stated": "date words", "date": "date", "date_end": "date end"}
KEYS |= {"claimant": "claimant", "same_step_as": "same step as", "coder": "coded by"}
_COLUMNS = {key: column for column, key in KEYS.items()}
# Memos of some programs are lists, or bold.
_LINE = re.compile(rf"^[\s*_•·>–—\u200b-]*({'|'.join(_COLUMNS)})[\s*_]*:\s?(.*)$", re.IGNORECASE)
# A value is one line: a line break in it (date words can hold one) is written as two characters.
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r"})
_ESCAPED = re.compile(r"\\([\\nr])")
_MEANT = {"\\": "\\", "n": "\n", "r": "\r"}


def guid(kind: str, *names: str) -> str:
    """Return the GUID of something by its kind and its permanent names: always the same."""
    return str(uuid5(_NAMESPACE, "\x1f".join((kind, *names))))


class Code(NamedTuple):
    """One code: the column and cell of a coder's table that it stands for, and words on it."""

    column: str
    group: str
    value: str
    label: str
    description: str

    @property
    def name(self) -> str:
        """Name that no other code has: many programs know one flat list of codes."""
        return f"{self.group}: {self.value}"

    @property
    def guid(self) -> str:
        """Its GUID."""
        return guid("code", self.group, self.value)


class Group(NamedTuple):
    """The codes of one column; `many` says whether a statement can have several of them."""

    column: str
    name: str
    description: str
    many: bool
    codes: list[Code]


@read_once
def read_codebook(*, project: Project = FOUND) -> list[Group]:
    """Read the codes of a coder's table, and of the adjudicated statements, by their columns."""
    table = project.table(CODER)
    more = [f for f in project.table(STATEMENTS).fields if f.name not in table.columns]
    cells = project.read_text_cells("vocabulary")
    groups: list[Group] = []
    for field in (*table.fields, *more):
        name = field.vocabulary or field.name  # as `tier`
        rows = cells[cells["vocabulary"] == name].to_dict("records")
        told = [(row["code"], row["label"], _description(row)) for row in rows]
        if field.type == "boolean":
            told = [(YES, YES, field.description)]
        if told:
            said = "Several may be given, the main one first." if field.is_list else "One is given."
            codes = [Code(field.name, name, *words) for words in told]
            about = f"{field.description}. {said}"
            groups.append(Group(field.name, name, about, field.is_list, codes))
    for country, own in project.read_text_cells("acts").groupby("country"):
        acts = own[[ACT, "title_en", "title_en"]].to_numpy()
        codes = [Code(ACT, "act", *words) for words in acts]
        about = "The act that is meant. One is given."
        groups.append(Group(ACT, f"act: {country}", about, False, codes))
    return groups


def _description(row: Mapping[str, str]) -> str:
    """Write label, definition and rules of a code as a few lines."""
    head = f"{row['label']}. {row['definition']}"
    return "\n".join([head, *(f"{word}: {row[key]}" for key, word in _RULES.items() if row[key])])


def write_description(row: Mapping[str, str]) -> str:
    """Write the description of a coding: a line for each of `KEYS` that it has, then its note."""
    told = ((key, row[column]) for column, key in KEYS.items() if row.get(column))
    lines = [f"{key}: {value.translate(_ESCAPES)}" for key, value in told]
    return "\n".join([*lines, *(["", row["note"]] if row.get("note") else [])])


def read_description(text: str) -> dict[str, str]:
    """Read a description, whoever wrote it: column to cell; what follows a blank line is note."""
    found: dict[str, str] = {}
    lines, rest = text.splitlines(), []
    end = next((n for n, line in enumerate(lines) if not line.strip()), len(lines))
    for n, line in enumerate(lines):
        match = _LINE.match(line) if n < end else None
        if match and (column := _COLUMNS[match[1].lower()]) not in found:
            found[column] = _ESCAPED.sub(lambda m: _MEANT[m[1]], match[2].rstrip())
        else:
            rest.append(line.strip())
    note = " ".join(filter(None, rest))  # a cell is one line
    return found | ({"note": note} if note else {})
