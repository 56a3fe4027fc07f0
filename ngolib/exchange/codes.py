"""The codes that a coder uses: every vocabulary of a coder's table, with its definitions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ngolib.exchange.guid import guid
from ngolib.project import Project
from ngolib.tables import Field

CODER = "coder_a"
STATEMENTS = "statements"
YES, NO = "yes", "no"
# Colours that people with colour-blindness can tell apart (Okabe and Ito), one per group in turn.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442")
_RULES = (("include", "Also"), ("exclude", "Not"), ("example", "Example"))


@dataclass(frozen=True)
class Code:
    """One code.

    Parameters
    ----------
    column : str
        Column of the coder's table in which it stands.
    group : str
        Vocabulary.
    value : str
        The code as it stands in the table.
    label, description : str
        For readers.
    """

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
    """The codes of one column.

    Parameters
    ----------
    column, name : str
        Column of the coder's table; its vocabulary.
    description : str
        What the column says.
    many : bool
        Whether a statement can have several of these codes.
    codes : tuple of Code
        In the order of the codebook.
    colour : str
        Colour of all of them.
    """

    column: str
    name: str
    description: str
    many: bool
    codes: tuple[Code, ...]
    colour: str

    @property
    def guid(self) -> str:
        """GUID of the group as a code that is not given itself."""
        return guid("group", self.name)


@dataclass(frozen=True)
class Codebook:
    """All groups of codes.

    Parameters
    ----------
    groups : tuple of Group
        In the order of the columns.
    """

    groups: tuple[Group, ...]

    def __iter__(self) -> Iterator[Group]:
        """Yield the groups."""
        return iter(self.groups)

    @cached_property
    def codes(self) -> tuple[Code, ...]:
        """Every code."""
        return tuple(code for group in self.groups for code in group.codes)

    @cached_property
    def by_value(self) -> dict[tuple[str, str], Code]:
        """Every code by its column and value."""
        return {(code.column, code.value): code for code in self.codes}


def read_codebook(project: Project) -> Codebook:
    """Read the codes of a coder's table, and of the adjudicated statements.

    Parameters
    ----------
    project : ngolib.project.Project
        The project.

    Returns
    -------
    Codebook
        One group per column that has a vocabulary, by its schema or by its name (`tier`), and one
        with the single code `yes` per column of yes or no.
    """
    table = project.table(CODER)
    more = [f for f in project.table(STATEMENTS).fields if f.name not in table.columns]
    groups = [_group(project, field) for field in (*table.fields, *more)]
    found = [group for group in groups if group is not None]
    return Codebook(
        tuple(
            Group(g.column, g.name, g.description, g.many, g.codes, _COLOURS[n % len(_COLOURS)])
            for n, g in enumerate(found)
        )
    )


def _group(project: Project, field: Field) -> Group | None:
    name = field.vocabulary or field.name
    codes: tuple[Code, ...]
    if field.type == "boolean":
        codes = (Code(field.name, name, YES, YES, field.description),)
    elif name in project.vocabularies:
        codes = _codes(project, field.name, name)
    else:
        return None
    many = field.is_list
    said = "Several may be given, the main one first." if many else "One is given."
    return Group(field.name, name, f"{field.description}. {said}", many, codes, "")


def _codes(project: Project, column: str, vocabulary: str) -> tuple[Code, ...]:
    cells = project.read_text_cells("vocabulary")
    rows = cells[cells["vocabulary"] == vocabulary].to_dict("records")
    return tuple(
        Code(column, vocabulary, row["code"], row["label"], _description(row)) for row in rows
    )


def _description(row: dict[str, str]) -> str:
    """Write label, definition and rules of a code as a few lines."""
    head = f"{row['label']}. {row['definition']}"
    return "\n".join([head, *(f"{word}: {row[key]}" for key, word in _RULES if row[key])])
