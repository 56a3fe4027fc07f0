"""Reading a CSV as text cells: only its form is checked here."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pandas as pd

from ngolib.errors import DataError, unknown
from ngolib.schema.defect import Defect
from ngolib.schema.package import Table

SAVE_AS = "save it as CSV UTF-8, comma-separated"
# A whole quoted cell, from the beginning of a cell to its end.
_QUOTED = re.compile(r'(?:^|(?<=[,\r\n]))"(?:[^"]|"")*"(?=[,\r\n]|$)')
_NOT_LINE_END = re.compile(r"[^\n]")
_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs"}


def _decode(raw: bytes, table: Table) -> str:
    """Decode a file; a byte order mark, which spreadsheets write, is no defect."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        where = f"byte {raw[error.start]:#04x} at position {error.start}, line {line}"
        raise DataError([Defect(f"not UTF-8 ({where}); {SAVE_AS}", table.path)]) from None
    if not text.strip():
        header = ",".join(table.columns)
        raise DataError([Defect(f"the file is empty; its header must be {header}", table.path)])
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise DataError([Defect(f"a NUL character in line {line}; {SAVE_AS}", table.path)])
    return text


def _bare_quote(text: str) -> int | None:
    """Return the line of a quotation mark in a cell that is not quoted, if there is one.

    Python's reader takes it for text, other programs for the start of a quoted cell: the same file
    would be two tables.
    """
    if '"' not in text:
        return None
    rest = _QUOTED.sub(lambda cell: _NOT_LINE_END.sub(" ", cell[0]), text)
    return rest.count("\n", 0, rest.index('"')) + 1 if '"' in rest else None


def _records(text: str, table: Table) -> list[list[str]]:
    """Cut a file into records and cells."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    begin = 1
    try:
        for row in reader:
            rows.append(row)
            begin = reader.line_num + 1
    except csv.Error as error:
        said = f"line {begin}: a quotation mark is not closed, or text follows it ({error})"
        raise DataError([Defect(said, table.path)]) from None
    line = _bare_quote(text)
    if line is not None:
        said = (
            f'line {line}: a cell with a quotation mark must be quoted, the mark doubled: "a ""b"""'
        )
        raise DataError([Defect(said, table.path)])
    return rows


def _header_defects(header: list[str], table: Table) -> list[Defect]:
    """Find columns that are missing, not known or doubled."""

    def said(message: str) -> Defect:
        return Defect(message, table.path, 1)

    missing = [c for c in table.columns if c not in header]
    foreign = [c for c in dict.fromkeys(header) if c not in table.columns]
    doubled = [c for c in dict.fromkeys(header) if header.count(c) > 1]
    return [
        *(said(f"column {column!r} is missing") for column in missing),
        *(said(unknown("column", column, table.columns)) for column in foreign),
        *(said(f"column {column!r} stands there twice") for column in doubled),
    ]


def read_csv(path: Path, table: Table) -> pd.DataFrame:
    """Read a CSV as text cells, checking its form only.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    table : Table
        Its schema: the header must name exactly these columns, in any order.

    Returns
    -------
    pandas.DataFrame
        Text cells; columns in the order of the schema; index = record of the file (the header is 1;
        a record that spans lines counts as one).

    Raises
    ------
    ngolib.errors.DataError
        If the file is missing, empty, not UTF-8, parted by something else than commas, wrongly
        quoted, or its header or the length of a row is wrong.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise DataError([Defect("file not found", table.path)]) from None
    except OSError as error:
        raise DataError([Defect(f"cannot be read: {error.strerror}", table.path)]) from None
    text = _decode(raw, table)
    first_line = text.partition("\n")[0]
    for separator, name in _OTHER_SEPARATORS.items():
        if separator in first_line and "," not in first_line and len(table.columns) > 1:
            said = f"columns are parted by {name}; save it with commas ({SAVE_AS})"
            raise DataError([Defect(said, table.path)])
    outside = _QUOTED.sub("", text) if "\r\n" in text else ""
    if "\r\n" in outside and "\n" in outside.replace("\r\n", ""):
        said = f"some lines end with CR LF and others with LF; {SAVE_AS}"
        raise DataError([Defect(said, table.path)])
    rows = _records(text, table)
    header = rows[0]
    defects = _header_defects(header, table) + [
        Defect(f"{len(row)} cells found, {len(header)} needed", table.path, n)
        for n, row in enumerate(rows[1:], start=2)
        if row and len(row) != len(header)
    ]
    defects += [
        Defect("a blank line; take it out", table.path, n)
        for n, row in enumerate(rows, start=1)
        if not row
    ]
    if defects:
        raise DataError(defects)
    records = dict(enumerate(rows[1:], start=2))
    frame = pd.DataFrame.from_dict(records, orient="index", columns=header, dtype="str")
    return frame[table.columns]
