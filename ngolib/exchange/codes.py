"""The codes that a coder uses: every vocabulary of a coder's table, with its definitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from ngolib.project import Project

CODER = "coder_a"
STATEMENTS = "statements"
YES, NO = "yes", "no"
_NAMESPACE = uuid5(NAMESPACE_URL, "urn:ngolib:refi-qda")
# Colours that people with colour-blindness can tell apart (Okabe and Ito), one per group in turn.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442")
_RULES = {"include": "Also", "exclude": "Not", "example": "Example"}


def guid(kind: str, *names: str) -> str:
    """Return the GUID of something by its kind and its permanent names: always the same."""
    return str(uuid5(_NAMESPACE, "\x1f".join((kind, *names))))


@dataclass(frozen=True)
class Code:
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


@dataclass(frozen=True)
class Group:
    """The codes of one column; `many` says whether a statement can have several of them."""

    column: str
    name: str
    description: str
    many: bool
    colour: str
    codes: tuple[Code, ...]


def read_codebook(project: Project) -> list[Group]:
    """Read the codes of a coder's table, and of the adjudicated statements, by their columns.

    A column has a vocabulary by its schema or by its name (`tier`); one of yes or no has the single
    code `yes`.
    """
    table = project.table(CODER)
    more = [f for f in project.table(STATEMENTS).fields if f.name not in table.columns]
    cells = project.read_text_cells("vocabulary")
    groups: list[Group] = []
    for field in (*table.fields, *more):
        name = field.vocabulary or field.name
        codes = tuple(
            Code(field.name, name, row["code"], row["label"], _description(row))
            for row in cells[cells["vocabulary"] == name].to_dict("records")
        )
        if field.type == "boolean":
            codes = (Code(field.name, name, YES, YES, field.description),)
        if codes:
            said = "Several may be given, the main one first." if field.is_list else "One is given."
            colour = _COLOURS[len(groups) % len(_COLOURS)]
            about = f"{field.description}. {said}"
            groups.append(Group(field.name, name, about, field.is_list, colour, codes))
    return groups


def _description(row: Mapping[str, str]) -> str:
    """Write label, definition and rules of a code as a few lines."""
    head = f"{row['label']}. {row['definition']}"
    return "\n".join([head, *(f"{word}: {row[key]}" for key, word in _RULES.items() if row[key])])
