"""The description of a coded quote: what no code says, as lines that people can read and write.

Lines of the form `key: value` come first; after a blank line, the note. A description without such
lines is a note as a whole. A program's users can write these lines too (`date: 2014-05`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# Column of a coding to its key. The last three are told, and not taken back.
KEYS = {
    "statement_id": "id",
    "date_stated": "date words",
    "date": "date",
    "date_end": "date end",
    "claimant": "claimant",
    "process_id": "act",
    "same_step_as": "same step as",
    "coder": "coded by",
}
_COLUMNS = {key: column for column, key in KEYS.items()}
_LINE = re.compile(rf"^\s*({'|'.join(_COLUMNS)})\s*:\s?(.*)$", re.IGNORECASE)
# A value is one line: a line break in it (date words can hold one) is written as two characters.
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r"})
_ESCAPED = re.compile(r"\\([\\nr])")
_MEANT = {"\\": "\\", "n": "\n", "r": "\r"}


def write(row: Mapping[str, str]) -> str:
    """Write the description of a coding: a line for each of `KEYS` that it has, then its note."""
    told = {key: row[column] for column, key in KEYS.items() if row.get(column)}
    lines = [f"{key}: {value.translate(_ESCAPES)}" for key, value in told.items()]
    return "\n".join([*lines, *(["", row["note"]] if row.get("note") else [])])


def read(text: str) -> dict[str, str]:
    """Read a description as a program returns it, or as someone wrote it: column to cell."""
    found: dict[str, str] = {}
    lines = text.splitlines()
    while lines and (match := _LINE.match(lines[0])):
        column = _COLUMNS[match[1].lower()]
        if column in found:
            break
        found[column] = _ESCAPED.sub(lambda m: _MEANT[m[1]], match[2].rstrip())
        lines.pop(0)
    note = "\n".join(lines).strip()
    return {**found, **({"note": note} if note else {})}
