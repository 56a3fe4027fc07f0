"""A file that is broken in its form, or a package that cannot be used, is one clear line."""

from __future__ import annotations

import json
import pickle
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ngolib.checked import read_checked
from ngolib.errors import DataError, ProjectError
from ngolib.project import MARKER, Project
from ngolib.tables import Defect, Field, Package, Table, defects_of, read_csv

FIELDS = [
    {"name": "id", "type": "string", "description": "id", "constraints": {"required": True}},
    {"name": "n", "type": "integer", "description": "n", "constraints": {"minimum": 1}},
    {"name": "words", "type": "string", "description": "words", "list": True},
]
HEADER = b"id,n,words\n"


def package(tmp_path, **changes):
    """Write a package of one table."""
    schema = {"fields": FIELDS, "primaryKey": ["id"]}
    resource = {
        "name": "t",
        "path": "t.csv",
        "title": "T",
        "description": "t",
        "schema": schema,
        **changes,
    }
    path = tmp_path / "datapackage.json"
    path.write_text(json.dumps({"closing_day": "2026-11-28", "resources": [resource]}))
    return path


def read_package(path):
    return read_checked(Package, path, str(path), ProjectError)[1]


def table_in(path):
    return read_package(path).tables["t"]


@pytest.fixture
def table(tmp_path):
    return table_in(package(tmp_path))


def test_a_defect_is_its_line_and_carries_its_parts():
    defect = Defect("wrong", "a.csv", 3, "c", {"nearest": 5})
    assert defect == "a.csv: row 3: column c: wrong"
    assert defect.as_json() == {
        "file": "a.csv",
        "row": 3,
        "column": "c",
        "message": "wrong",
        "nearest": 5,
    }
    assert Defect("one\ntwo", "a.csv") == r"a.csv: one\ntwo"
    assert Defect("not found", "a.csv") == "a.csv: not found"
    again = pickle.loads(pickle.dumps(defect))
    assert (again, again.as_json()) == (defect, defect.as_json())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty; its header must be id,n,words"),
        (b" \n\n", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (HEADER + b'1, "2",x\n', "line 2: a quotation mark is not closed, or a cell with"),
        (b"\xef\xbb\xbfid;n;words\r\n1;2;3\r\n", "columns are parted by semicolons"),
        (b"id\tn\twords\n", "columns are parted by tabs"),
        (HEADER + "а,1,слова\n".encode("cp1251"), "not UTF-8 (byte 0xe0 at position 11, line 2)"),
        ("id,n,words\n".encode("utf-16"), "not UTF-8 (byte 0xff at position 0, line 1)"),
        (b"id,n\n1,2\n", "row 1: column 'words' is missing"),
        (b"id,n,word\n1,2,3\n", "unknown column 'word'; did you mean 'words'?"),
        (b"id,n,words,n\n1,2,3,4\n", "row 1: column 'n' stands there twice"),
        (HEADER + b"1,2\n", "row 2: 2 cells found, 3 needed"),
        (HEADER + b"1,2,3,4\n", "row 2: 4 cells found, 3 needed"),
        (HEADER + b'1,2,"open\n2,3,x\n', "line 2: a quotation mark is not closed"),
        (HEADER + b'1,2,"a"b\n', "line 2: a quotation mark is not closed"),
        (HEADER + b'1,2,"two\nlines"\n2,3,x"y\n', "line 4: a quotation mark is not closed"),
        (HEADER + b"1,2,a\0b\n", "a NUL character in line 2"),
    ],
)
def test_a_file_broken_in_its_form_is_named(table, tmp_path, content, said):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(DataError) as error:
        read_csv(path, table)
    assert all(line.startswith("t.csv: ") and "\n" not in line for line in error.value.defects)
    assert any(said in line for line in error.value.defects), error.value.defects


@given(st.binary(max_size=60))
@example(b"id,n,words\r1,2,3\r")
@example(b"id,n,words\n" + b"x" * 140_000)
def test_whatever_the_bytes_are_a_table_or_its_defects_come_out(content):
    fields = tuple(Field(name, "string", "") for name in ("id", "n", "words"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_bytes(HEADER[: len(content) % 12] + content)
        try:
            assert list(read_csv(path, Table("t", "t.csv", "", "", fields)).columns)
        except DataError as error:
            assert all(line.startswith("t.csv: ") for line in error.defects)


def test_a_folder_in_place_of_a_file_is_named(table, tmp_path):
    (tmp_path / "t.csv").mkdir()
    with pytest.raises(DataError, match=r"t\.csv: cannot be read"):
        read_csv(tmp_path / "t.csv", table)


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_what_rfc_4180_allows_is_read(table, tmp_path, ending):
    path = tmp_path / "t.csv"
    rows = [b"\xef\xbb\xbfwords,id,n", b'"say ""a"", b",1,2', b'"",2,']
    path.write_bytes(ending.join([*rows, b""]))
    frame = read_csv(path, table)
    assert frame.to_dict("records") == [
        {"id": "1", "n": "2", "words": 'say "a", b'},
        {"id": "2", "n": "", "words": ""},
    ]
    assert list(frame.index) == [2, 3]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (b"1,x,", "row 2: column n: found 'x'; allowed: a whole number"),
        ("1,٣,".encode(), "row 2: column n: found '٣'; allowed: a whole number"),
        (b"1,0,", "row 2: column n: found 0; allowed: 1 or more"),
        (b",1,", "row 2: column id: empty; a value is needed"),
        (b"1,1,a; b; a", "row 2: column words: 'a' stands there twice"),
        (b"1,1,a;; b", "row 2: column words: found 'a;' in a list"),
        (b"1,1,a; ", "row 2: column words: found '' in a list"),
        (b"1,1,a\n1,2,b", "row 3: column id: '1' stands there twice"),
    ],
)
def test_a_wrong_cell_is_named(table, tmp_path, row, said):
    path = tmp_path / "t.csv"
    path.write_bytes(HEADER + row + b"\n")
    (defect, *more) = defects_of(table, read_csv(path, table), {})
    assert defect.startswith(f"t.csv: {said}")
    assert not more


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": 3}, "'name': found 3; allowed: a text"),
        ({"path": "../../etc/passwd"}, "'path': found '../../etc/passwd'; allowed: a file below"),
        ({"path": "/etc/passwd"}, "allowed: a file below data/"),
        (
            {"schema": {"fields": [{**FIELDS[0], "type": "\ud800"}]}},
            r"not valid JSON: found '\ud800', the half of a character",
        ),
        ({"title": None}, "resource 't': 'title': found None; allowed: a text"),
        ({"schema": "s"}, "resource 't': 'fields' is missing"),
        ({"schema": {"fields": "id"}}, "'fields': found 'id'; allowed: a list"),
        ({"schema": {"fields": ["id"]}}, "resource 't': field 1: found 'id'; allowed: keys"),
        (
            {"schema": {"fields": [{**FIELDS[0], "constraints": ["required"]}]}},
            "field 'id': 'constraints': found ['required']; allowed: keys with values",
        ),
        ({"schema": {"fields": FIELDS, "primaryKey": ["x"]}}, "unknown column of a key 'x'"),
        ({"schema": {"fields": FIELDS * 2}}, "field 'id' stands there twice"),
        (
            {"schema": {"fields": [{"name": "id", "type": "integr", "description": ""}]}},
            "field 'id': unknown type 'integr'; did you mean 'integer'?",
        ),
        (
            {"schema": {"fields": [{**FIELDS[0], "constraints": {"required": "yes"}}]}},
            "resource 't': field 'id': 'required': found 'yes'; allowed: true or false",
        ),
        (
            {"schema": {"fields": [{**FIELDS[0], "constraints": {"minimum": True}}]}},
            "'minimum': found True; allowed: a whole number",
        ),
        (
            {"schema": {"fields": [{**FIELDS[0], "constraints": {"pattern": "("}}]}},
            "is no regular expression",
        ),
        (
            {
                "schema": {
                    "fields": FIELDS,
                    "foreignKeys": [
                        {"fields": ["id"], "reference": {"resource": "u", "fields": ["id"]}}
                    ],
                }
            },
            "resource 't': foreign key of 'id': unknown resource 'u'",
        ),
    ],
)
def test_a_package_with_a_wrong_type_is_one_line(tmp_path, change, said):
    with pytest.raises(ProjectError) as error:
        read_package(package(tmp_path, **change))
    assert said in str(error.value)
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[]", "found []; allowed: keys with values"),
        (b"{}", "'closing_day' is missing"),
        (b'{"closing_day": "2026-02-30"}', "'closing_day': found '2026-02-30'; allowed: a day"),
        (b'{"closing_day": "2026-11-28"}', "'resources' is missing"),
        (
            b'{"closing_day": "2026-11-28", "resources": {}}',
            "'resources': found {}; allowed: a list",
        ),
        (
            b'{"contributors": [{}], "closing_day": "2026-11-28", "resources": []}',
            "contributor 1: 'title' is missing",
        ),
        (b'{"resources": [],}', "line 1"),
        (b"\xff", "not UTF-8 (byte 0xff at position 0, line 1)"),
    ],
)
def test_a_file_that_is_no_package_is_one_line(tmp_path, content, said):
    path = tmp_path / "datapackage.json"
    path.write_bytes(content)
    with pytest.raises(ProjectError, match=r"datapackage\.json: ") as error:
        read_package(path)
    assert said in str(error.value)


def test_a_key_may_be_written_as_text_and_refer_to_its_own_table(tmp_path):
    keys = [{"fields": "words", "reference": {"resource": "", "fields": "id"}}]
    for name in ("foreignKeys", "listForeignKeys"):
        schema = {"fields": FIELDS, "primaryKey": "id", name: keys}
        table = table_in(package(tmp_path, schema=schema))
        assert table.primary_key == ("id",)
        (key,) = table.foreign_keys
        assert (key.column, key.table, key.reference) == ("words", "t", "id")


def test_the_path_of_a_table_stays_below_the_data(tmp_path):
    for path in ("a.csv", "a/b.csv", "a..b.csv", "..a/b.csv"):
        assert table_in(package(tmp_path, path=path)).path == path
    for path in ("", "/a.csv", "../a.csv", "a/../../b.csv", "a/..", "c:a.csv", "a\\b.csv"):
        with pytest.raises(ProjectError, match="allowed: a file below data/"):
            read_package(package(tmp_path, path=path))


def test_our_package_can_be_used(project):
    assert read_package(project.root / MARKER).tables == Project(project.root).schema
