"""A workbook of candidates, to be filled in from lists of codes; and the way back."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
from xlsxwriter import Workbook

from ngolib.errors import IntakeError, NgolibError
from ngolib.intake.coding import TABLE, meanings, statement
from ngolib.intake.suggest import Candidate
from ngolib.intake.tools import extra, one_line
from ngolib.project import Project
from ngolib.reports.export import fill_sheet
from ngolib.tables import framed
from ngolib.zipped import unpack

# Stands in the note of each candidate, until a person takes it out.
UNREAD = "candidate, not yet read"
ROWS_MORE = 200  # rows below the candidates that have lists too


def as_xlsx(project: Project, candidates: Sequence[Candidate]) -> bytes:
    """Write candidates with lists to choose from, and a sheet that says what each code means."""
    table, buffer = project.table(TABLE), io.BytesIO()
    cells = pd.DataFrame([one.cells for one in candidates], columns=table.columns).fillna("")
    codes = [(f.name, *pair) for f in table.fields for pair in meanings(project, f.name).items()]
    with Workbook(buffer, {"in_memory": True}) as book:
        text, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True})
        sheet = book.add_worksheet(TABLE)
        fill_sheet(sheet, cells, text, bold)
        listed = pd.DataFrame(codes, columns=["column", "code", "meaning"])
        fill_sheet(book.add_worksheet("codes"), listed, text, bold)
        for n, field in enumerate(table.fields):
            own = listed.index[listed["column"] == field.name] + 2
            rule = {"validate": "list", "input_message": field.description[:255]}
            # A list of one each can only advise where several codes, parted by `; `, are allowed.
            rule["error_type"] = "information" if field.is_list else "stop"
            if len(own):
                rule["source"] = f"=codes!$B${own[0]}:$B${own[-1]}"
                sheet.data_validation(1, n, len(cells) + ROWS_MORE, n, rule)
    return buffer.getvalue()


def read_xlsx(project: Project, path: Path) -> dict[str, dict[str, str]]:
    """Return statements of the rows that a person has read, each by its name in a message."""
    extra("openpyxl", "ngolib code FILE.xlsx")
    try:
        unpack(str(path), path.read_bytes())  # says what is no zip file, or a false one
        cells = pd.read_excel(path, header=None, dtype="str", keep_default_na=False)
    except NgolibError:
        raise
    except Exception as error:  # a broken workbook shows itself in many ways
        said = one_line(str(error))
        raise IntakeError(f"{path}: no workbook of Excel that can be read: {said}") from None
    # Excel makes days of what looks like them.
    days = cells.replace(r"^(\d{4}-\d\d-\d\d) 00:00:00$", r"\1", regex=True)
    header, *rows = days.to_numpy().tolist() or [[]]
    frame = framed(header, rows, replace(project.table(TABLE), path=str(path)))
    own = frame[(frame["exact"] != "") & ~frame["note"].str.contains(UNREAD)]
    if own.empty:
        raise IntakeError(
            f"{path}: no row is read: take {UNREAD!r} out of the note of each that is"
        )
    new, wrong = {}, []
    for n, row in own.to_dict("index").items():
        try:
            new[f"{path}: row {n}"] = statement(project, row["article_id"], row["exact"], row)
        except IntakeError as error:
            wrong.append(f"{path}: row {n}: {error}")
    if wrong:
        raise IntakeError("\n".join(wrong))
    return new
