"""Tables go out typed, described, licensed, inert, and the same every time."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import sys
import zipfile
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
from ngolib.errors import DataError, MachineError, ReportError
from ngolib.evidence import load_rules
from ngolib.project import MARKER, Project
from ngolib.reports import export as exporting
from ngolib.reports.export import FORMATS, LONGEST_QUOTATION, about, inert, stata_names

NAMES = ("panel", "rules", "statements", "sources")
LIVE = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1"]
YES_NO = ("yes", "no")
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
def odd(copy: Project) -> Project:
    """A project with a table whose cells are all that could go wrong."""
    path = copy.root / MARKER
    package = json.loads(path.read_text(encoding="utf-8"))
    fields = [
        {"name": "text", "type": "string", "description": "a text"},
        {"name": "number", "type": "integer", "description": "a number"},
        {
            "name": "flag",
            "type": "boolean",
            "description": "a flag",
            "constraints": {"required": True},
            "trueValues": ["yes"],
            "falseValues": ["no"],
        },
    ]
    odd = {"name": "odd", "path": "odd.csv", "title": "Odd", "description": "Odd cells."}
    package["resources"].append({**odd, "schema": {"fields": fields}})
    path.write_text(json.dumps(package), encoding="utf-8")
    write_odd(copy, ODD)
    return Project(copy.root)


def write_odd(project: Project, texts: list[str]) -> None:
    with (project.data / "odd.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow(["text", "number", "flag"])
        writer.writerows([t, n if n % 2 else "", YES_NO[n % 2]] for n, t in enumerate(texts))


def original(cell: str) -> str:
    """Take the apostrophe away as `formulas` in the file beside the export says."""
    return cell[1:] if re.match(r"^'+[=+\-@\t\r\n＝＋－＠]", cell) else cell


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
            as_text = tuple("" if v is None else str(v) for v in row)
            assert tuple(original(t) for t in text.values()) == as_text
            assert tuple(cell) == row


def cells_of(folder: Path, kind: str, name: str) -> pd.DataFrame:
    """Read an exported table back as its user does, all cells as text."""
    path = folder / kind / f"{name}.{kind}"
    if kind == "csv":
        return pd.read_csv(path, dtype="str", keep_default_na=False).map(original)
    if kind == "xlsx":
        return pd.read_excel(path, dtype="str", keep_default_na=False)
    if kind == "dta":
        frame = pd.read_stata(path)
    else:
        frame = pytest.importorskip("duckdb").sql(f"select * from '{path}'").df()
    whole = dict.fromkeys(frame.select_dtypes("number"), "Int64")
    frame = frame.astype(whole).astype(object)
    return frame.where(frame.notna(), "").map(str)


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "csv"])
def test_every_table_is_the_same_in_every_format_yes_and_no_too(project, exported, kind):
    package = json.loads((exported / "csv" / "datapackage.json").read_text(encoding="utf-8"))
    flags = 0
    for resource in package["resources"]:
        text, other = (cells_of(exported, k, resource["name"]) for k in ("csv", kind))
        assert other.to_numpy().tolist() == text.to_numpy().tolist(), resource["name"]
        for n, field in enumerate(resource["schema"]["fields"]):
            if field["type"] == "boolean":
                flags += 1
                assert {*text.iloc[:, n]} <= {*YES_NO, ""}
    assert flags > 5


def test_a_name_that_stata_does_not_allow_is_the_same_in_its_codebook(project, exported):
    changed = {}
    for path in (exported / "dta").glob("*.dta"):
        with pd.io.stata.StataReader(path) as reader:
            labels = reader.variable_labels()
        book = pd.read_excel(path.with_suffix(".xlsx"), sheet_name="codebook").head(len(labels))
        assert list(book["in Stata"]) == list(labels)
        assert [words[:80] for words in book["meaning"]] == list(labels.values())
        changed |= {old: new for old, new in zip(book["column"], labels, strict=True) if old != new}
    assert changed == {"end": "_end", "case": "_case", "short": "_short"}
    guide = (project.root / "docs" / "guide.md").read_text(encoding="utf-8")
    assert all(f"`{old}` is `{new}`" in guide for old, new in changed.items())


@given(st.lists(st.text("abif_1é", min_size=1, max_size=40), min_size=1, max_size=5, unique=True))
def test_names_in_stata_are_allowed_and_differ(names):
    names += ["in", "x" * 40, "x" * 41]
    new = stata_names(names)
    assert len(set(new)) == len(names) and max(map(len, new)) <= 32
    assert stata_names(new) == new


def test_long_and_missing_cells_reach_stata(odd):
    write_odd(odd, ["x" * 5_000, "", "ә"])
    content = exporting.files_of(odd, ["odd"], "dta")["odd.dta"]
    assert pd.read_stata(io.BytesIO(content)).fillna(-1).to_numpy().tolist() == [
        ["x" * 5_000, -1, "yes"],
        ["", 1, "no"],
        ["ә", -1, "yes"],
    ]


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
def test_the_same_tables_give_the_same_bytes(project, exported, kind):
    for name, content in exporting.files_of(project, NAMES, kind).items():
        if name.endswith(kind):
            assert content == (exported / kind / name).read_bytes(), name
        if name.endswith("xlsx"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                assert archive.read("docProps/core.xml").count(b">1980-01-01T00:00:00Z<") == 2


def test_licence_citation_and_codebook_go_with_each_format(project, exported):
    said = about(project)
    assert "CC-BY-4.0" in said["licence"]
    assert "The ngolib authors" in said["citation"]
    package = json.loads((exported / "csv" / "datapackage.json").read_text(encoding="utf-8"))
    assert package["licenses"][0]["name"] == "CC-BY-4.0"
    assert package["citation"] == said["citation"]
    assert said["licence"] in (exported / "csv" / "LICENSE.txt").read_text(encoding="utf-8")
    page = (exported / "csv" / "README.md").read_text(encoding="utf-8")
    assert said["rights"] in page
    assert "Formulas are not live" in page
    book = load_workbook(exported / "xlsx" / "rules.xlsx")
    assert book.sheetnames == ["data", "codebook", "about"]
    words = {row[0]: row[1] for row in book["about"].iter_rows(values_only=True)}
    assert (words["licence"], words["citation"]) == (said["licence"], said["citation"])
    codebook = [row[:2] for row in book["codebook"].iter_rows(values_only=True)]
    assert ("rung", "whole number") in codebook
    assert ("from_basis", "stated") in codebook
    database = pytest.importorskip("duckdb").connect()
    metadata = dict(
        database.sql(
            f"select key, value from parquet_kv_metadata('{exported}/parquet/rules.parquet')"
        ).fetchall()
    )
    assert metadata[b"licence"].decode() == said["licence"]
    assert metadata[b"citation"].decode() == said["citation"]
    assert "rung" in metadata[b"columns"].decode()


def test_the_description_of_the_data_is_copied(project, exported):
    ours = json.loads((project.root / MARKER).read_text(encoding="utf-8"))["resources"]
    theirs = json.loads((exported / "csv/datapackage.json").read_text(encoding="utf-8"))
    described = {resource["name"]: resource["schema"] for resource in theirs["resources"]}
    assert all(described[resource["name"]] == resource["schema"] for resource in ours)


def test_a_key_to_a_table_that_is_not_exported_is_left_out(project):
    files = exporting.files_of(project, ["rules"], "csv")
    (resource,) = json.loads(files["datapackage.json"])["resources"]
    keys = resource["schema"]["foreignKeys"]
    assert {key["reference"]["resource"] for key in keys} <= {"", "rules"}


def test_a_formula_is_not_live_in_csv(odd):
    files = exporting.files_of(odd, ["odd"], "csv")
    cells = [row["text"] for row in read(files["odd.csv"])]
    assert all(cell.startswith("'") for cell in cells[: len(LIVE)])
    assert cells[ODD.index("-5")] == "-5"
    assert [original(cell) for cell in cells] == ODD
    assert files["odd.csv"].count(b"\r\n") >= len(ODD) + 1


@given(st.text(alphabet="'=+-@\t\r\n＝a1.", max_size=6))
def test_what_is_made_inert_can_be_made_live_again(text):
    cell = inert(text)
    assert original(cell) == text or inert(text) == text
    assert cell[:1] not in tuple("=@\t\r\n＝")


def test_a_formula_is_not_live_in_excel(odd):
    content = exporting.files_of(odd, ["odd"], "xlsx")["odd.xlsx"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    rows = list(load_workbook(io.BytesIO(content))["data"].iter_rows(min_row=2))
    assert all(row[0].data_type == "s" and row[0].quotePrefix for row in rows)
    frame = pd.read_excel(io.BytesIO(content), keep_default_na=False)
    assert frame["text"][ODD.index("=1+1")] == "=1+1"
    assert [row[1].value for row in rows] == [n if n % 2 else None for n in range(len(ODD))]
    assert {row[2].value for row in rows} == set(YES_NO)


def test_what_xml_cannot_hold_is_written_by_its_number(odd):
    content = exporting.files_of(odd, ["odd"], "xlsx")["odd.xlsx"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        root = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
    texts = " ".join(root.itertext())
    assert "ә_x000B_" in texts
    assert "_x005F_x000D_" in texts


def test_a_cell_too_long_for_excel_is_named(odd):
    write_odd(odd, ["x" * 40_000])
    with pytest.raises(ReportError, match="odd: row 2: column text: found 40000 characters"):
        exporting.files_of(odd, ["odd"], "xlsx")


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
    assert result.stderr == "ngolib: Parquet needs DuckDB, which is missing: pip install duckdb\n"
    assert not (tmp_path / "out").exists()


def test_a_broken_table_writes_nothing(copy, tmp_path):
    edit(copy.data / "register/acts.csv", lambda rows: rows[0].update(level="law"))
    result = run(copy, "sources", "acts", "--to", str(tmp_path / "out"))
    assert result.exit_code == 1
    assert "ngolib: register/acts.csv: row 2: column level: unknown level code" in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_write_that_fails_leaves_what_was_there(tmp_path, monkeypatch):
    exporting.put({tmp_path / name: b"old" for name in ("a.csv", "b.csv")})
    (tmp_path / "own.txt").write_text("mine")
    written = []

    def full(file):
        written.append(file)
        if len(written) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    files = {tmp_path / name: b"new" for name in ("a.csv", "b.csv")}
    with pytest.raises(MachineError, match="exports: cannot be written: No space left on device"):
        exporting.put(files, "exports")
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {
        "a.csv": b"old",
        "b.csv": b"old",
        "own.txt": b"mine",
    }


def test_a_place_below_a_file_is_refused_in_one_line(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(MachineError, match="exports: cannot be written: File exists; nothing was"):
        exporting.put({tmp_path / "file" / "a.csv": b"new"}, "exports")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("place", [".", "data", "data/register", "notebooks", "docs", "reports"])
def test_the_project_itself_is_never_written_over(copy, place):
    before = (copy.data / "datapackage.json").read_bytes()
    result = run(copy, "acts", "--to", str(copy.root / place))
    assert result.exit_code == 2
    assert "the project's own files are there; name another place" in result.stderr
    assert (copy.data / "datapackage.json").read_bytes() == before


@pytest.mark.parametrize("name", ["README.md", "sources.csv"])
def test_files_that_are_there_are_not_written_over_unasked(project, tmp_path, name):
    page = tmp_path / name
    page.write_text("mine")
    result = run(project, "sources", "--to", str(tmp_path))
    assert result.exit_code == 2
    assert f"{page}: is there already; name another file, or give --force" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == [name]
    (tmp_path / "older.csv").write_text("x")
    forced = run(project, "sources", "--to", str(tmp_path), "--force")
    assert forced.exit_code == 0
    assert "Beside them, and not of this export: older.csv\n" in forced.stderr
    assert page.read_text() != "mine"


def test_what_a_killed_export_had_ready_is_finished_by_the_next(project, tmp_path):
    content = {"a.csv": b"new", "b.csv": b"new", "c.csv": b"old"}  # of which a is in its place
    for name in content:
        (tmp_path / name).write_bytes(b"new" if name == "a.csv" else b"old")
    digests = [hashlib.sha256(words).hexdigest() for words in (b"old", b"new")]
    (tmp_path / ".b.csv.1a2b3c4d.new").write_bytes(b"new")
    lines = [f"{' '.join(digests)} {name}" for name in ("a.csv", "b.csv")]
    (tmp_path / ".1a2b3c4d.moves").write_text("\n".join(lines))
    assert run(project, "sources", "--to", str(tmp_path)).exit_code == 0
    assert {name: (tmp_path / name).read_bytes() for name in content} == content
    assert not list(tmp_path.glob(".*"))


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
        exporting.files_of(copy, ["statements"], "csv")
    edit(copy.data / "sources.csv", lambda rows: [r.update(redistribution="full") for r in rows])
    assert exporting.files_of(Project(copy.root), ["statements"], "csv")


def test_the_panel_covers_all_rated_countries_fields_and_years(project, exported):
    rows = read((exported / "csv" / "panel.csv").read_bytes())
    rules = load_rules(project=project)
    countries = set(rules.loc[rules["rung"].notna(), "country"])
    fields = project.vocabulary("category", "field")
    assert {row["country"] for row in rows} == countries
    assert len(rows) == len(countries) * len(fields) * 2 * 36
    assert (rows[0]["year"], rows[35]["year"]) == ("1991", "2026")
    for row in rows:
        assert bool(row["basis"]) == bool(row["rules"]) == bool(row["rung_possible"])
        assert row["n"] == str(len(row["rules"].split("; ")) if row["rules"] else 0)
        if row["rung"]:
            assert int(row["rung"]) <= int(row["rung_possible"])


@pytest.mark.parametrize("kind", ["xlsx", "dta"])
@pytest.mark.parametrize("value", [str(2**53 - 1), str(2**53)])
def test_a_number_that_a_format_would_round_is_refused(copy, kind, value):
    edit(copy.data / "register/counts.csv", lambda rows: rows[0].update(value=value))
    if int(value) < 2**53:
        assert exporting.files_of(copy, ["counts"], kind)
        return
    with pytest.raises(ReportError, match=r"counts: row 2: column value: found \d+ as a number"):
        exporting.files_of(copy, ["counts"], kind)


def test_a_row_of_a_computed_table_is_there_once(exported):
    package = json.loads((exported / "csv/datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"][-2:]:
        rows = read((exported / "csv" / resource["path"]).read_bytes())
        keys = [tuple(row[key] for key in resource["schema"]["primaryKey"]) for row in rows]
        assert len(keys) == len(set(keys)) > 0


def test_without_a_citation_file_the_package_is_cited(copy):
    package = json.loads((copy.root / MARKER).read_text(encoding="utf-8"))
    assert package["title"] in about(copy)["citation"]
    assert "Version 0.1.0" in about(copy)["citation"]


def test_a_citation_ends_with_the_doi_if_there_is_one(copy):
    (copy.root / "CITATION.cff").write_text("doi: 10.5281/zenodo.1\n", encoding="utf-8")
    assert about(copy)["citation"].endswith(". https://doi.org/10.5281/zenodo.1")
