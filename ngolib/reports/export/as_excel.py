"""Excel: one workbook per table, with its codebook and its licence, and no formula in it."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Iterable, Sequence

# With lxml, if that is installed for something else, the same cells would be other bytes.
os.environ["OPENPYXL_LXML"] = "False"
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from ngolib.errors import ReportError
from ngolib.reports.export.about import About, type_text
from ngolib.reports.export.tables import Export, Value

LONGEST_CELL = 32_767
NARROW, WIDE = 8, 60
# A workbook is an archive: neither its entries nor its properties may hold the time of writing.
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
PROPERTY_TIME = "1980-01-01T00:00:00Z"
_TIMES = re.compile(rb"(<dcterms:(created|modified)\b[^>]*>)[^<]*(</dcterms:\2>)")
# XML cannot hold these, and it turns a carriage return into a line feed: the format writes them by
# number. What looks like such a number is written so that it stays what it is.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def _escaped(text: str) -> str:
    return _UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def _put(cell: Cell, value: Value) -> None:
    """Write a value; a text stays a text, whatever it begins with."""
    if value is None:
        return
    if not isinstance(value, str):
        cell.value = value
        return
    cell.value = _escaped(value)
    cell.data_type = "s"
    # Also when somebody edits the cell later on, it is not computed.
    cell.quotePrefix = True


def _fill(sheet: Worksheet, header: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    """Write a sheet with a header that stays in view, and columns of a readable width."""
    widths = [len(name) for name in header]
    for column, name in enumerate(header, start=1):
        cell = sheet.cell(1, column)
        _put(cell, name)
        cell.font = Font(bold=True)
    for number, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            if isinstance(value, str) and len(value) > LONGEST_CELL:
                raise ReportError(
                    f"{sheet.title}: row {number}: column {header[column - 1]}: {len(value)} "
                    f"characters; a cell of Excel holds {LONGEST_CELL}"
                )
            _put(sheet.cell(number, column), value)
            widths[column - 1] = max(widths[column - 1], len(str(value or "")))
    for column, width in enumerate(widths, start=1):
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = min(max(width + 2, NARROW), WIDE)
    sheet.freeze_panes = "A2"


def _codes(export: Export, vocabularies: Sequence[Sequence[str]]) -> list[list[Value]]:
    """Return the codes of the vocabularies that the table uses."""
    used = [f.vocabulary for f in export.table.fields if f.vocabulary]
    return [list(row) for name in dict.fromkeys(used) for row in vocabularies if row[0] == name]


def _workbook(export: Export, about: About, vocabularies: Sequence[Sequence[str]]) -> Workbook:
    book = Workbook()
    data = book.active
    assert data is not None
    data.title = "data"
    _fill(data, export.table.columns, export.rows)
    data.auto_filter.ref = data.dimensions
    codebook = book.create_sheet("codebook")
    rows: list[list[Value]] = [
        [f.name, type_text(f), f.description, f.vocabulary or None] for f in export.table.fields
    ]
    codes = _codes(export, vocabularies)
    if codes:
        rows += [[None] * 4, ["vocabulary", "code", "label", "definition"], *codes]
    _fill(codebook, ["column", "type", "meaning", "vocabulary"], rows)
    if codes:
        for cell in codebook[len(export.table.fields) + 3]:
            cell.font = Font(bold=True)
    notes = book.create_sheet("about")
    table = [("table", export.table.title), ("what it holds", export.table.description)]
    _fill(notes, ["about", "text"], [*table, *about.lines()])
    for row in notes.iter_rows(min_row=2, min_col=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    book.properties.title = f"{about.title}: {export.table.title}"
    book.properties.creator = about.citation
    book.properties.description = f"{about.licence}. {about.rights}"
    return book


def _without_times(archive: bytes) -> bytes:
    """Write an archive anew with fixed times, so that the same tables give the same bytes."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _TIMES.sub(rb"\g<1>" + PROPERTY_TIME.encode() + rb"\g<3>", content)
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            new.writestr(entry, content)
    return out.getvalue()


def files(
    exports: list[Export], about: About, vocabularies: Sequence[Sequence[str]]
) -> dict[str, bytes]:
    """Write tables as workbooks.

    Parameters
    ----------
    exports : list of Export
        The tables.
    about : About
        What is said beside them.
    vocabularies : sequence of sequence of str
        Vocabulary, code, label and definition of every code.

    Returns
    -------
    dict
        Name of a file to its bytes: one workbook per table, with the sheets `data`, `codebook`
        (columns, and the vocabularies that the table uses) and `about`.
    """
    out = {}
    for export in exports:
        buffer = io.BytesIO()
        _workbook(export, about, vocabularies).save(buffer)
        out[f"{export.name}.xlsx"] = _without_times(buffer.getvalue())
    return out
