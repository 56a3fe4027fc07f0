"""Tables go out typed, described, licensed, inert, and the same every time."""

from __future__ import annotations

import csv
import io
import json
import sys
import zipfile
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
from click.testing import CliRunner
from frictionless import Package, system
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from ngolib.cli import main
from ngolib.errors import DataError, ReportError
from ngolib.evidence import load_rules
from ngolib.project import MARKER, Project
from ngolib.reports.export import FORMATS, Export, as_csv, as_excel, as_parquet, derived, write
from ngolib.reports.export.about import read_about
from ngolib.reports.export.tables import LONGEST_QUOTATION
from ngolib.tables import Field, Table

NAMES = ("panel", "rules", "statements", "sources")
LIVE = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1"]
ODD = [*LIVE, "'=1", "''-x", "-5", "+1.5", "plain", 'say "a", b', "two\nlines", "_x000D_", "ә\x0b"]


def edit(path: Path, change) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def run(project: Project, *arguments: str):
    return CliRunner().invoke(main, ["export", *arguments, "--project", str(project.root)])


@pytest.fixture(scope="module")
def exported(project, tmp_path_factory):
    """Every table in every format."""
    folder = tmp_path_factory.mktemp("exported")
    for kind in FORMATS:
        result = run(project, "--all", "--format", kind, "--to", str(folder / kind))
        assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def odd():
    """A table whose cells are all that could go wrong."""
    fields = (
        Field("text", "string", "a text"),
        Field("number", "integer", "a number"),
        Field("flag", "boolean", "a flag", true_values=("yes",), false_values=("no",)),
    )
    rows = tuple((text, n if n % 2 else None, n % 3 == 0) for n, text in enumerate(ODD))
    return Export(Table("odd", "odd.csv", "Odd", "Odd cells.", fields), rows)


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def test_every_table_is_written_in_every_format(project, exported):
    names = {*project.schema, "panel", "events"}
    for kind in FORMATS:
        found = {path.stem for path in (exported / kind).glob(f"*.{kind}")}
        assert found == names
    beside = {p.name for p in (exported / "csv").iterdir()} - {f"{n}.csv" for n in names}
    assert beside == {"datapackage.json", "README.md", "LICENSE.txt"}


def test_an_exported_folder_is_valid_by_frictionless(exported):
    with system.use_context(trusted=True):
        package = Package(str(exported / "csv" / "datapackage.json"))
        report = package.validate()
    assert report.valid, report.flatten(["title", "rowNumber", "fieldName", "message"])[:10]
    assert package.get_resource("rules").schema.foreign_keys


def test_the_formats_hold_the_same_cells(project, exported):
    database = pytest.importorskip("duckdb").connect()
    for name in NAMES:
        texts = read((exported / "csv" / f"{name}.csv").read_bytes())
        sheet = load_workbook(exported / "xlsx" / f"{name}.xlsx")["data"]
        header, *cells = sheet.iter_rows(values_only=True)
        parquet = database.sql(f"select * from '{exported}/parquet/{name}.parquet'")
        assert list(header) == parquet.columns == list(texts[0])
        rows = parquet.fetchall()
        assert len(texts) == len(cells) == len(rows) > 0
        for text, cell, row in zip(texts, cells, rows, strict=True):
            words = {True: "yes", False: "no"}
            as_text = tuple(
                "" if v is None else words[v] if isinstance(v, bool) else str(v) for v in row
            )
            assert tuple(as_csv.original(t) for t in text.values()) == as_text
            assert tuple(cell) == row


def test_columns_are_typed_and_nothing_is_invented(exported):
    database = pytest.importorskip("duckdb").connect()
    types = dict(
        database.sql(
            f"select name, type from parquet_schema('{exported}/parquet/rules.parquet')"
        ).fetchall()
    )
    assert types["rung"] == "INT64"
    assert types["in_force_from"] == "BYTE_ARRAY"  # partial dates stay as they are written
    frame = database.sql(f"select * from '{exported}/parquet/rules.parquet'").df()
    assert set(frame["in_force_from"].dropna().str.len()) == {4, 7, 10}
    assert frame["in_force_to"].isna().any()
    assert not (frame["in_force_to"] == "").any()


@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_tables_give_the_same_bytes(project, exported, kind, monkeypatch):
    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(2031, 1, 1)

    monkeypatch.setattr("openpyxl.writer.excel.datetime.datetime", Later)
    for name, content in write.files_of(project, NAMES, kind).items():
        if name.endswith(kind):
            assert content == (exported / kind / name).read_bytes(), name


def test_licence_citation_and_codebook_go_with_each_format(project, exported):
    about = read_about(project)
    assert "CC-BY-4.0" in about.licence
    assert "The ngolib authors" in about.citation
    package = json.loads((exported / "csv" / "datapackage.json").read_text(encoding="utf-8"))
    assert package["licenses"][0]["name"] == "CC-BY-4.0"
    assert package["citation"] == about.citation
    assert about.licence in (exported / "csv" / "LICENSE.txt").read_text(encoding="utf-8")
    page = (exported / "csv" / "README.md").read_text(encoding="utf-8")
    assert about.rights in page
    assert as_csv.ESCAPE in page
    book = load_workbook(exported / "xlsx" / "rules.xlsx")
    assert book.sheetnames == ["data", "codebook", "about"]
    words = {row[0]: row[1] for row in book["about"].iter_rows(values_only=True)}
    assert (words["licence"], words["citation"]) == (about.licence, about.citation)
    codebook = [row[:2] for row in book["codebook"].iter_rows(values_only=True)]
    assert ("rung", "whole number") in codebook
    assert ("from_basis", "stated") in codebook
    database = pytest.importorskip("duckdb").connect()
    metadata = dict(
        database.sql(
            f"select key, value from parquet_kv_metadata('{exported}/parquet/rules.parquet')"
        ).fetchall()
    )
    assert metadata[b"licence"].decode() == about.licence
    assert metadata[b"citation"].decode() == about.citation
    assert "rung" in metadata[b"columns"].decode()


def test_a_formula_is_not_live_in_csv(odd, project):
    files = as_csv.files([odd], read_about(project))
    cells = [row["text"] for row in read(files["odd.csv"])]
    assert all(cell.startswith("'") for cell in cells[: len(LIVE)])
    assert cells[ODD.index("-5")] == "-5"
    assert [as_csv.original(cell) for cell in cells] == ODD
    assert files["odd.csv"].count(b"\r\n") >= len(ODD) + 1


@given(st.text(alphabet="'=+-@\t\r\n＝a1.", max_size=6))
def test_what_is_made_inert_can_be_made_live_again(text):
    cell = as_csv.inert(text)
    assert as_csv.original(cell) == text or as_csv.inert(text) == text
    assert cell[:1] not in tuple("=@\t\r\n＝")


def test_a_formula_is_not_live_in_excel(odd, project):
    content = as_excel.files([odd], read_about(project), [])["odd.xlsx"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    rows = list(load_workbook(io.BytesIO(content))["data"].iter_rows(min_row=2))
    assert all(row[0].data_type == "s" and row[0].quotePrefix for row in rows)
    frame = pd.read_excel(io.BytesIO(content), keep_default_na=False)
    assert frame["text"][ODD.index("=1+1")] == "=1+1"
    assert [row[1].value for row in rows] == [r[1] for r in odd.rows]
    assert [row[2].value for row in rows] == [r[2] for r in odd.rows]


def test_what_xml_cannot_hold_is_written_by_its_number(odd, project):
    content = as_excel.files([odd], read_about(project), [])["odd.xlsx"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        root = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    sheet = " ".join(root.itertext())
    assert "ә_x000B_" in sheet
    assert "_x005F_x000D_" in sheet


def test_a_cell_too_long_for_excel_is_named(odd, project):
    long = Export(odd.table, (("x" * 40_000, 1, True),))
    with pytest.raises(ReportError, match="row 2: column text: 40000 characters"):
        as_excel.files([long], read_about(project), [])


def test_an_unknown_table_names_the_allowed_ones(project, tmp_path):
    result = run(project, "act", "--to", str(tmp_path / "out"))
    assert result.exit_code == 2
    assert "unknown table 'act'; did you mean 'acts'? (allowed: sources, articles" in result.stderr
    assert "panel, events)" in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("arguments", [[], ["acts", "--all"]])
def test_what_to_export_must_be_said(project, arguments):
    result = run(project, *arguments)
    assert result.exit_code == 2
    assert "name the TABLEs to be written, or give --all" in result.stderr


def test_parquet_without_its_library_is_one_line(project, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    result = run(project, "acts", "--format", "parquet", "--to", str(tmp_path / "out"))
    assert result.exit_code == 2
    assert result.stderr == f"ngolib: {as_parquet.MISSING}\n"
    assert not (tmp_path / "out").exists()


def test_a_broken_table_writes_nothing(copy, tmp_path):
    edit(copy.data / "register/acts.csv", lambda rows: rows[0].update(level="law"))
    result = run(copy, "sources", "acts", "--to", str(tmp_path / "out"))
    assert result.exit_code == 1
    assert "ngolib: register/acts.csv: row 2: column level: unknown level code" in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_write_that_fails_leaves_what_was_there(tmp_path, monkeypatch):
    write.put(tmp_path, {"a.csv": b"old", "b.csv": b"old"})
    (tmp_path / "own.txt").write_text("mine")
    whole = type(tmp_path).write_bytes

    def full(path, content):
        if "b.csv" in path.name:
            raise OSError(28, "No space left on device")
        return whole(path, content)

    monkeypatch.setattr(type(tmp_path), "write_bytes", full)
    with pytest.raises(ReportError, match="cannot be written: No space left on device"):
        write.put(tmp_path, {"a.csv": b"new", "b.csv": b"new"})
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {
        "a.csv": b"old",
        "b.csv": b"old",
        "own.txt": b"mine",
    }


@pytest.mark.parametrize("place", [".", "data", "data/register", "notebooks"])
def test_the_project_itself_is_never_written_over(copy, place):
    before = (copy.data / "datapackage.json").read_bytes()
    result = run(copy, "acts", "--to", str(copy.root / place))
    assert result.exit_code == 2
    assert "the project's own files are there; name another folder" in result.stderr
    assert (copy.data / "datapackage.json").read_bytes() == before


def test_files_of_others_are_not_written_over(project, tmp_path):
    page = tmp_path / "README.md"
    page.write_text("mine")
    result = run(project, "sources", "--to", str(tmp_path))
    assert result.exit_code == 2
    assert "holds README.md, which no export has written" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]
    page.unlink()
    for _ in range(2):  # an export of ours may be replaced by a later one
        assert run(project, "sources", "--to", str(tmp_path)).exit_code == 0


def test_no_whole_text_goes_out(project, exported):
    texts = [path.read_text(encoding="utf-8") for path in (project.data / "sources").iterdir()]
    lines = {line for text in texts for line in text.splitlines() if len(line) > LONGEST_QUOTATION}
    assert lines
    for path in (exported / "csv").glob("*.csv"):
        content = path.read_text(encoding="utf-8")
        assert not [line for line in lines if line in content], path.name


def test_a_quotation_may_not_be_a_text(copy):
    edit(
        copy.data / "coding/statements.csv",
        lambda rows: rows[0].update(exact="x" * (LONGEST_QUOTATION + 1)),
    )
    with pytest.raises(DataError, match="row 2: column exact: 601 characters are no quotation"):
        write.files_of(copy, ["statements"], "csv")
    edit(copy.data / "sources.csv", lambda rows: [r.update(redistribution="full") for r in rows])
    assert write.files_of(Project(copy.root), ["statements"], "csv")


# The panel: how uncertain dates are read.


def test_the_panel_covers_all_rated_countries_fields_and_years(project, exported):
    rows = read((exported / "csv" / "panel.csv").read_bytes())
    rules = load_rules(project=project)
    countries = set(rules.loc[rules["rung"].notna(), "country"])
    fields = project.vocabulary("category", "field")
    assert {row["country"] for row in rows} == countries
    assert len(rows) == len(countries) * len(fields) * 36
    assert (rows[0]["year"], rows[35]["year"]) == ("1991", "2026")
    for row in rows:
        assert bool(row["basis"]) == bool(row["rule_ids"]) == bool(row["rung_possible"])
        if row["rung"]:
            assert int(row["rung"]) <= int(row["rung_possible"])


def only_rule(copy: Project, **cells: str) -> pd.DataFrame:
    """Leave one rule of a field and one country, with other dates; return its part of the panel."""
    path = "register/rules.csv"
    chosen = {
        "process_id": "KAZ-2011-religion-law",
        "country": "KAZ",
        "category": "religion",
        "rung": "3",
        "direction": "restrictive",
        "bound": "everyone",
        "in_force_to": "",
        "to_precision": "",
        "to_basis": "",
        **cells,
    }

    def change(rows):
        rows[:] = [{**rows[0], **chosen}]

    edit(copy.data / path, change)
    panel = derived.country_year_panel(Project(copy.root))
    return panel[panel["field"] == "religion"].set_index("year")


def test_a_start_known_to_the_year_is_certain_from_its_last_day(copy):
    panel = only_rule(copy, in_force_from="1998", from_precision="year", from_basis="stated")
    assert pd.isna(panel.loc[1997, "rung_possible"])
    assert (panel.loc[1998, "rung"], panel.loc[1998, "basis"]) == (3, "dated")


def test_an_end_known_to_the_year_is_possible_only_before_its_last_day(copy):
    panel = only_rule(
        copy,
        in_force_from="1998-05-01",
        from_precision="day",
        from_basis="stated",
        in_force_to="2003",
        to_precision="year",
        to_basis="stated",
    )
    assert panel.loc[2002, "rung"] == 3
    # By 31 December 2003, the last day that the date can mean, it is no longer in force.
    assert pd.isna(panel.loc[2003, "rung_possible"])


def test_an_unknown_start_is_presumed_within_the_year_after_the_act(copy):
    # Without the step that shows the act in force.
    step = "KAZ-2011-religion-law.in_force"
    edit(
        copy.data / "register/steps.csv",
        lambda rows: rows.__setitem__(slice(None), [r for r in rows if r["step_id"] != step]),
    )
    panel = only_rule(copy, in_force_from="", from_precision="", from_basis="unknown")
    steps = copy.read_table("steps")
    own = steps[(steps["process_id"] == "KAZ-2011-religion-law") & ~steps["scheduled"]]
    made = own[own["stage"] == "signed"]["date"].min()
    year = int(made[:4])
    assert pd.isna(panel.loc[year - 1, "rung_possible"])
    assert pd.isna(panel.loc[year, "rung"])
    assert (panel.loc[year, "rung_possible"], panel.loc[year, "basis"]) == (3, "possible")
    assert (panel.loc[year + 1, "rung"], panel.loc[year + 1, "basis"]) == (3, "presumed")


def test_a_rule_that_ended_on_an_unknown_day_never_counts(copy):
    panel = only_rule(
        copy,
        in_force_from="1998-05-01",
        from_precision="day",
        from_basis="stated",
        to_basis="unknown",
    )
    assert panel["rung_possible"].isna().all()


def test_each_derived_table_has_the_columns_that_its_dictionary_describes(project):
    for name, table in derived.TABLES.items():
        frame = derived.build(project, name)
        assert list(frame.columns) == table.columns
        assert not frame.duplicated(list(table.primary_key)).any()


def test_without_a_citation_file_the_package_is_cited(copy):
    package = json.loads((copy.root / MARKER).read_text(encoding="utf-8"))
    assert read_about(copy).citation == f"{package['title']} (version 0.1.0) [data set]."
