"""Handing tables out as CSV, Parquet, Excel or Stata, with schema, codebook, licence, citation.

What a column means is never said anew: it is copied from the data package, and for the two tables
that are computed (panel, events) from `export.json`, which has the same form.
"""

import io
import json
import re
import tempfile
import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
from xlsxwriter import Workbook

from ngolib.errors import DataError, MachineError, ProjectError, ReportError, check_known
from ngolib.evidence import load_events, load_rules
from ngolib.files import MOVES, check_place, finish_in, put
from ngolib.methods import reading_days, strictness
from ngolib.project import MARKER, Project
from ngolib.reading import read_json
from ngolib.reports.site import fill
from ngolib.tables import LIST_SEPARATOR, Defect

PACKAGE = "datapackage.json"
# A quotation may go out, a text may not: no row of the corpus layer is as long as this.
LONGEST_QUOTATION = 600
# What a spreadsheet computes; with apostrophes before it, so that taking one away leads back.
LIVE = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
# Of Excel: characters of a cell, and pixels that our columns are wide at most.
LONGEST_CELL, WIDEST = 32_767, 420
LONGEST_SHEET = 2**20 - 1  # rows, beside the header
LARGEST = 2**53 - 1  # up to which a number of theirs is exact
CREATED = datetime(1980, 1, 1)  # the same tables, the same bytes
LONGEST_LABEL = 80  # characters, of Stata
# What is said beside all tables, and of the computed ones.
OURS = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
# How a data package describes a table, and its cells.
Table = tuple[Mapping[str, Any], pd.DataFrame]


def _package(project: Project) -> dict[str, Any]:
    """Read the data package, with the computed tables at the end of its resources."""
    _ = project.package  # says what is wrong with the file
    package = read_json(project.root / MARKER)
    return {**package, "resources": package["resources"] + OURS["resources"]}


def table_names(project: Project) -> list[str]:
    """Return the names of all tables that can be exported, in order."""
    return [resource["name"] for resource in _package(project)["resources"]]


def country_year_panel(project: Project) -> pd.DataFrame:
    """Build the panel that is exported: all countries with rated rules, all fields, all years."""
    rules, log = load_rules(project=project), project.read_table("search_log")
    rated = set(rules.loc[rules["rung"].notna(), "country"])
    countries = [country for country in project.vocabulary("country") if country in rated]
    closed = project.closing_day
    years = [*log["period_start"], *log["period_end"]] or [closed.year]
    days = reading_days(int(min(years)), int(max(years)), closed)
    return strictness(rules, countries, [*project.vocabulary("category", "field")], days)


COMPUTED = {"panel": country_year_panel, "events": lambda project: load_events(project=project)}


def _check_quotations(project: Project, path: str, frame: pd.DataFrame) -> None:
    """Refuse words of a source text that are too long to be a quotation."""
    sources = project.read_table("sources").set_index("source_id")
    source = project.read_table("articles").set_index("article_id")["source_id"]
    free = frame["article_id"].map(source).map(sources["redistribution"] == "full").eq(True)
    lengths = frame["exact"].str.len()
    rule = f"allowed: {LONGEST_QUOTATION}, unless the redistribution of its source is 'full'"
    long = lengths[(lengths > LONGEST_QUOTATION) & ~free]
    if said := {n: f"{length} characters are no quotation; {rule}" for n, length in long.items()}:
        raise DataError(Defect(text, path, n + 2, "exact") for n, text in said.items())


def _plain(column: pd.Series, field: Mapping[str, Any]) -> pd.Series:
    """Turn a typed column into what every format holds; None = not known or not applicable."""
    if field["type"] == "integer":
        return column.astype("Int64")
    if field.get("list"):
        column = column.map(LIST_SEPARATOR.join)
    elif field["type"] == "boolean":
        column = column.map({True: "yes", False: "no"})
    elif pd.api.types.is_datetime64_any_dtype(column):
        column = column.dt.strftime("%Y-%m-%d")
    cells = column.astype(object)
    return cells.where(cells.notna() & (cells != ""), None)


def _cells(project: Project, resource: Mapping[str, Any]) -> pd.DataFrame:
    """Compute or read a table."""
    name, fields = resource["name"], resource["schema"]["fields"]
    frame = COMPUTED[name](project) if name in COMPUTED else project.read_table(name)
    if {"exact", "article_id"} <= set(frame.columns):
        _check_quotations(project, resource["path"], frame)
    return pd.DataFrame({field["name"]: _plain(frame[field["name"]], field) for field in fields})


def about(project: Project) -> dict[str, str]:
    """Return what is said beside the tables, by heading: title, version, licence and so on."""
    package, parts = project.package, ("name", "title", "path")
    licences = (" ".join(one[p] for p in parts if p in one) for one in package.licenses)
    said = {"title": package.title, "version": package.version, "licence": "; ".join(licences)}
    return said | {"citation": project.citation} | OURS["words"]


def _type(field: Mapping[str, Any]) -> str:
    """Say the type of a column in words."""
    words = {"string": "text", "integer": "whole number", "boolean": "yes / no"}[field["type"]]
    if "vocabulary" in field:
        words = f"code ({field['vocabulary']})"
    return f"list of {words}" if field.get("list") else words


def _described(resource: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Copy the description of a table; a key to a table that is not here would be broken."""
    schema = dict(resource["schema"])
    for kind in {"foreignKeys", "listForeignKeys"} & set(schema):
        schema[kind] = [key for key in schema[kind] if key["reference"]["resource"] in ("", *names)]
    dialect = {"delimiter": ",", "lineTerminator": "\r\n"}
    return {**resource, "path": f"{resource['name']}.csv", "dialect": dialect, "schema": schema}


def inert(cell: Any) -> Any:
    """Make a text that a spreadsheet would compute one that it shows."""
    live = isinstance(cell, str) and LIVE.match(cell) and not NUMBER.fullmatch(cell)
    return f"'{cell}" if live else cell


def _csv(project: Project, tables: Sequence[Table]) -> dict[str, bytes]:
    """Write tables by RFC 4180, and beside them a data package, a page and the licence."""
    words, formulas = about(project), OURS["formulas"]
    resources = [resource for resource, _ in tables]
    names = [resource["name"] for resource in resources]
    package = _package(project)
    package["description"] = f"{words['rights']} {words['conventions']} {formulas}"
    package["citation"] = words["citation"]
    package["resources"] = [_described(resource, names) for resource in resources]
    how: dict[str, Any] = {"index": False, "lineterminator": "\r\n"}
    files = {f"{of['name']}.csv": cells.map(inert).to_csv(**how) for of, cells in tables}
    files[PACKAGE] = json.dumps(package, ensure_ascii=False, indent=2) + "\n"
    said = {**words, "formulas": formulas}
    files["README.md"] = fill("export.md.j2", words=said, resources=resources, type_of=_type)
    files["LICENSE.txt"] = "\n\n".join(words[k] for k in ("licence", "rights", "citation")) + "\n"
    return {name: content.encode() for name, content in files.items()}


def _sql(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _parquet(project: Project, tables: Sequence[Table]) -> dict[str, bytes]:
    """Write tables as Parquet; licence, citation and codebook stand in the files' metadata."""
    try:
        import duckdb
    except ImportError:
        raise ReportError("Parquet needs DuckDB, which is missing: pip install duckdb") from None
    # One thread, so that rows and bytes are always in one order.
    database = duckdb.connect(":memory:", config={"threads": 1})
    words, files = about(project), {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "table.parquet")
        for resource, cells in tables:
            fields = resource["schema"]["fields"]
            said = {**words, "table": resource["name"]}
            said |= {f"table_{key}": resource[key] for key in ("title", "description")}
            said["columns"] = json.dumps(fields, ensure_ascii=False)
            metadata = ", ".join(f"{_sql(key)}: {_sql(text)}" for key, text in said.items())
            # A column of text may be empty throughout.
            texts = dict.fromkeys(cells.select_dtypes(object), "str")
            database.register("exported", cells.astype(texts))
            how = f"FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{metadata}}}"
            try:
                database.execute(f"COPY exported TO {_sql(str(path))} ({how})")
            except duckdb.Error as error:
                raise MachineError(f"{folder}: {' '.join(str(error).split())}") from None
            files[f"{resource['name']}.parquet"] = path.read_bytes()
    return files


def check_fits(cells: pd.DataFrame, name: str) -> None:
    """Refuse what a workbook, or Stata, would cut or round without a word."""
    if len(cells) > LONGEST_SHEET:
        raise ReportError(f"{name}: found {len(cells)} rows; allowed: {LONGEST_SHEET}")
    for column, own in cells.items():
        texts = own.dtype.kind not in "iuf" and not isinstance(own.dtype, pd.Int64Dtype)
        size = own.str.len() if texts else own.abs()
        most, what = (LONGEST_CELL, "characters") if texts else (LARGEST, "as a number")
        for row, found in size[size > most].items():
            said = f"found {int(found)} {what}; allowed in this format: {most}"
            raise ReportError(f"{name}: row {row + 2}: column {column}: {said}")


def fill_sheet(sheet: Any, frame: pd.DataFrame, text: Any, bold: Any, first: int = 0) -> None:
    """Write a frame into a sheet; a text stays a text, whatever it begins with."""
    frame = frame.replace("\r\n?", "\n", regex=True)  # Excel has no other line end
    for column, name in enumerate(frame):
        sheet.write_string(first, column, name, bold)
        for row, cell in enumerate(frame[name], start=first + 1):
            if isinstance(cell, str):
                sheet.write_string(row, column, cell, text)
            elif not pd.isna(cell):
                sheet.write_number(row, column, cell)
    sheet.freeze_panes(1, 0)
    sheet.autofit(WIDEST)


def _workbook(
    project: Project, resource: Mapping[str, Any], cells: pd.DataFrame, words: Mapping[str, str]
) -> bytes:
    """Write a workbook with the sheets `data`, `codebook` and `about`, and no formula in it."""
    check_fits(cells, resource["name"])
    title, fields = resource["title"], resource["schema"]["fields"]
    rows = [(f["name"], _type(f), f["description"], f.get("vocabulary")) for f in fields]
    columns = pd.DataFrame(rows, columns=["column", "type", "meaning", "vocabulary"])
    columns["in Stata"] = stata_names(cells)
    codes = project.read_text_cells("vocabulary")[["vocabulary", "code", "label", "definition"]]
    codes = codes[codes["vocabulary"].isin(columns["vocabulary"])]
    notes = {"table": title, "what it holds": resource["description"], **words}
    buffer = io.BytesIO()
    with Workbook(buffer, {"in_memory": True}) as book:
        # Also a cell that somebody edits later on is not computed.
        text, bold = book.add_format({"quote_prefix": True}), book.add_format({"bold": True})
        wrapped = book.add_format({"quote_prefix": True, "text_wrap": True, "valign": "top"})
        data, codebook, about_sheet = map(book.add_worksheet, ("data", "codebook", "about"))
        fill_sheet(data, cells, text, bold)
        data.autofilter(0, 0, len(cells), len(fields) - 1)
        fill_sheet(codebook, columns, text, bold)
        fill_sheet(codebook, codes, text, bold, first=len(fields) + 2)
        told = pd.DataFrame(notes.items(), columns=["about", "text"])
        fill_sheet(about_sheet, told, wrapped, bold)
        said = {"title": f"{words['title']}: {title}", "author": words["citation"]}
        said["comments"] = f"{words['licence']}. {words['rights']}"
        book.set_properties({**said, "created": CREATED})
    return buffer.getvalue()


def _xlsx(project: Project, tables: Sequence[Table]) -> dict[str, bytes]:
    """Write tables as workbooks."""
    words = about(project)
    return {f"{of['name']}.xlsx": _workbook(project, of, cells, words) for of, cells in tables}


def stata_names(columns: Iterable[str]) -> list[str]:
    """Return the names of columns in Stata, as pandas changes those that are not allowed there."""
    file = io.BytesIO()  # by writing a table without rows
    with warnings.catch_warnings(action="ignore"):
        pd.DataFrame(columns=[*columns], dtype=float).to_stata(file, write_index=False, version=118)
    file.seek(0)
    return list(pd.read_stata(file).columns)


def _dta(project: Project, tables: Sequence[Table]) -> dict[str, bytes]:
    """Write tables for Stata, each beside its workbook, whose codebook has its names there."""
    files = _xlsx(project, tables)
    for resource, cells in tables:
        file, names = io.BytesIO(), stata_names(cells)
        told = (field["description"][:LONGEST_LABEL] for field in resource["schema"]["fields"])
        full = cells.fillna(dict.fromkeys(cells.select_dtypes(object), ""))
        how: dict[str, Any] = {"write_index": False, "version": 118, "time_stamp": CREATED}
        how["variable_labels"] = dict(zip(names, told, strict=True))
        label = resource["title"][:LONGEST_LABEL]
        full.set_axis(names, axis=1).to_stata(file, data_label=label, **how)
        files[f"{resource['name']}.dta"] = file.getvalue()
    return files


FORMATS = {"csv": _csv, "parquet": _parquet, "xlsx": _xlsx, "dta": _dta}


def files_of(project: Project, names: Sequence[str], kind: str) -> dict[str, bytes]:
    """Make the files of an export, by name; the same tables, each taken once, the same bytes."""
    known = {resource["name"]: resource for resource in _package(project)["resources"]}
    for name in names:
        check_known(ProjectError, "table", name, known)
    tables = [(known[name], _cells(project, known[name])) for name in dict.fromkeys(names)]
    return FORMATS[kind](project, tables)


def export(
    project: Project, names: Sequence[str], kind: str, folder: Path, *, force: bool = False
) -> list[Path]:
    """Write tables in one of `FORMATS` into a folder, all files or none; return their paths."""
    placed = {folder / name: made for name, made in files_of(project, names, kind).items()}
    finish_in(folder.glob(f".*{MOVES}"))  # what an export left that was killed
    for path in placed:
        check_place(project, path, force=force)
    put(placed, str(folder))
    return list(placed)
