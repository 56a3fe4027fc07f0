"""The words that go with every export: title, version, licence, citation, rights."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ngolib.project import MARKER, Project
from ngolib.reports.export.tables import Export
from ngolib.tables import Field

RIGHTS = (
    "The tables may be used under the licence named here. The quotations in them (columns exact, "
    "prefix, suffix, snippet, fragment and the like) remain their publishers' and authors'; they "
    "are short quotations. The source texts themselves are not part of this export."
)
CONVENTIONS = (
    "An empty cell is not known or not applicable, never zero. Lists are parted by '; '. Dates are "
    "text, written as far as they are known (2012, 2012-07, 2012-07-20), beside a precision. "
    "Offsets count Unicode code points in the decoded raw file."
)


@dataclass(frozen=True)
class About:
    """What is said beside the tables."""

    package: str
    title: str
    version: str
    licences: tuple[dict[str, Any], ...]
    citation: str
    rights: str = RIGHTS
    conventions: str = CONVENTIONS

    @property
    def licence(self) -> str:
        """The licence in one line."""
        return "; ".join(
            " ".join(str(licence[key]) for key in ("name", "title", "path") if key in licence)
            for licence in self.licences
        )

    def lines(self) -> list[tuple[str, str]]:
        """Return everything as pairs of a heading and a text."""
        return [
            ("title", self.title),
            ("version", self.version),
            ("licence", self.licence),
            ("citation", self.citation),
            ("rights", self.rights),
            ("conventions", self.conventions),
        ]


def read_about(project: Project) -> About:
    """Read title, version, licence and citation from the data package and `CITATION.cff`.

    Parameters
    ----------
    project : ngolib.project.Project
        The project; without a `CITATION.cff` the citation is made from the package alone.

    Returns
    -------
    About
    """
    package = json.loads((project.root / MARKER).read_text(encoding="utf-8"))
    title, version = str(package.get("title", "")), str(package.get("version", ""))
    cff = project.citation_file
    authors = ", ".join(filter(None, map(_name, cff.get("authors", ()))))
    work = cff.get("title", title)
    parts = [
        authors,
        f"{work} (version {cff.get('version', version)}) [data set]",
        str(cff.get("doi", "")),
    ]
    return About(
        package=str(package.get("name", "export")),
        title=title,
        version=version,
        licences=tuple(package.get("licenses", ())),
        citation=". ".join(part for part in parts if part) + ".",
    )


def _name(author: Mapping[str, Any]) -> str:
    """Return the name of an author: of a group, or of a person."""
    parts = (author.get(key, "") for key in ("given-names", "family-names"))
    return str(author.get("name", "")) or " ".join(filter(None, map(str, parts)))


def readme(about: About, exports: list[Export], note: str = "") -> str:
    """Write a page for readers: what this is, how it may be used, every table and column.

    Parameters
    ----------
    about : About
        What is said of the whole.
    exports : list of Export
        The tables.
    note : str
        What holds for this format only.

    Returns
    -------
    str
        Markdown.
    """
    out = [f"# {about.title}", ""]
    for heading, text in about.lines()[1:]:
        out += [f"**{heading.capitalize()}.** {text}", ""]
    if note:
        out += [note, ""]
    for export in exports:
        out += [f"## {export.name}", "", f"{export.table.title}. {export.table.description}", ""]
        out += ["| column | type | meaning |", "|---|---|---|"]
        for field in export.table.fields:
            meaning = field.description.replace("|", "\\|")
            out.append(f"| `{field.name}` | {type_text(field)} | {meaning} |")
        out.append("")
    return "\n".join(out)


def type_text(field: Field) -> str:
    """Say the type of a column in words."""
    words = {"string": "text", "integer": "whole number", "boolean": "yes / no"}[field.type]
    if field.vocabulary:
        words = f"code ({field.vocabulary})"
    return f"list of {words}" if field.is_list else words
