"""CSV by RFC 4180 (UTF-8, commas, CRLF), described by a Data Package beside it."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

from ngolib.reports.export.about import About, readme
from ngolib.reports.export.tables import Export, Value
from ngolib.tables import Field, Table

# What a spreadsheet takes for a formula when a cell begins with it, full-width forms included.
# Apostrophes before it are counted in, so that taking one away is always the way back.
_LIVE = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
# Stands in the package, so that a later export knows the folder as its own.
GENERATOR = "ngolib export"
ESCAPE = (
    "Formulas are not live: a text cell that begins with =, +, -, @, a tab or a line break "
    "(full-width forms included) and is no plain number has one apostrophe (') put before it. To "
    "get the words back, take away the first character of every cell that matches "
    "^'+[=+\\-@\\t\\r\\n＝＋－＠]."
)


def inert(text: str) -> str:
    """Make a text that a spreadsheet would compute one that it shows."""
    return f"'{text}" if _LIVE.match(text) and not _NUMBER.fullmatch(text) else text


def original(cell: str) -> str:
    """Undo `inert`."""
    return cell[1:] if cell.startswith("'") and _LIVE.match(cell) else cell


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return inert(value) if isinstance(value, str) else str(value)


def _table(export: Export) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(export.table.columns)
    writer.writerows([_cell(value) for value in row] for row in export.rows)
    return out.getvalue().encode("utf-8")


def _field(field: Field) -> dict[str, Any]:
    """Describe a column by the Table Schema standard, with our two properties."""
    constraints = {
        "required": field.required or None,
        "unique": field.unique or None,
        "pattern": field.pattern if not field.is_list else None,
        "minimum": field.minimum,
        "maximum": field.maximum,
    }
    described: dict[str, Any] = {
        "name": field.name,
        "type": field.type,
        "description": field.description,
        "constraints": {key: value for key, value in constraints.items() if value is not None},
        "vocabulary": field.vocabulary,
        "list": field.is_list or None,
    }
    if field.type == "boolean":
        described |= {"trueValues": ["yes"], "falseValues": ["no"]}
    return {key: value for key, value in described.items() if value not in (None, {})}


def _schema(table: Table, exported: set[str]) -> dict[str, Any]:
    """Describe a table; a key to a table that is not here would be broken and is left out."""
    schema: dict[str, Any] = {"fields": [_field(field) for field in table.fields]}
    schema["missingValues"] = [""]
    if table.primary_key:
        schema["primaryKey"] = list(table.primary_key)
    for name, of_lists in (("foreignKeys", False), ("listForeignKeys", True)):
        keys = [
            {
                "fields": [key.column],
                "reference": {
                    "resource": "" if key.table == table.name else key.table,
                    "fields": [key.reference],
                },
            }
            for key in table.foreign_keys
            if key.table in exported and table.field(key.column).is_list is of_lists
        ]
        if keys:
            schema[name] = keys
    return schema


def _package(exports: list[Export], about: About) -> dict[str, Any]:
    exported = {export.name for export in exports}
    return {
        "profile": "tabular-data-package",
        "name": about.package,
        "title": about.title,
        "version": about.version,
        "description": f"{about.rights} {about.conventions} {ESCAPE}",
        "licenses": list(about.licences),
        "citation": about.citation,
        "generator": GENERATOR,
        "resources": [
            {
                "name": export.name,
                "path": f"{export.name}.csv",
                "profile": "tabular-data-resource",
                "title": export.table.title,
                "description": export.table.description,
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "dialect": {"delimiter": ",", "lineTerminator": "\r\n"},
                "schema": _schema(export.table, exported),
            }
            for export in exports
        ],
    }


def files(exports: list[Export], about: About) -> dict[str, bytes]:
    """Write tables as CSV.

    Parameters
    ----------
    exports : list of Export
        The tables.
    about : About
        What is said beside them.

    Returns
    -------
    dict
        Name of a file to its bytes: one CSV per table, `datapackage.json`, `README.md` and
        `LICENSE.txt`.
    """
    package = json.dumps(_package(exports, about), ensure_ascii=False, indent=2)
    licence = f"{about.licence}\n\n{about.rights}\n\n{about.citation}\n"
    return {
        **{f"{export.name}.csv": _table(export) for export in exports},
        "datapackage.json": f"{package}\n".encode(),
        "README.md": readme(about, exports, f"**Formulas.** {ESCAPE}").encode(),
        "LICENSE.txt": licence.encode(),
    }
