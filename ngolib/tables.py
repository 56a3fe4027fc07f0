"""The schema of every table, read from `data/datapackage.json`; reading and checking by it.

Beside the standard properties of a Table Schema three of our own are used: `vocabulary` (where its
codes stand), `list` (several values parted by `; `), and `listForeignKeys` for each of such values.
"""

import csv
import dataclasses
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from errno import EILSEQ
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import pandas as pd
import pydantic
from pydantic.dataclasses import dataclass

from ngolib.checked import Names, no_double, regular
from ngolib.errors import DataError, ProjectError, check_known, shortened, unknown
from ngolib.reading import read_text

LIST_SEPARATOR = "; "
SAVE_AS = "save it as CSV UTF-8, comma-separated"
csv.field_size_limit(2**31 - 1)  # a cell may be long
# A whole quoted cell, from the beginning of a cell to its end.
_QUOTED = re.compile(r'(?:^|(?<=[,\r\n]))"(?:[^"]|"")*"(?=[,\r\n]|$)')
# A path that is relative and leads nowhere up.
_INSIDE = re.compile(r"(?!/)(?!(?:.*/)?\.\.(?:/|$))[^\\:\n]+")
# What spreadsheets write for cells that look like days, large numbers or formulas.
_SPOILT = re.compile(Path(__file__).with_name("spoilt.txt").read_text("utf-8").strip(), re.VERBOSE)
_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs"}


class Defect(str):
    """A line that says what is wrong and where; its parts are its attributes."""

    message: str  # what is wrong, and what is allowed
    file: str  # its path, relative to `data/`
    row: int | None  # record of the file, the header being row 1
    column: str | None  # its name, or several parted by `, `
    more: Mapping[str, Any]  # further facts for machines, such as offsets

    def __new__(
        cls,
        message: str,
        file: str = "",
        row: int | None = None,
        column: str | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> Self:
        """Write the line."""
        parts = [file, f"row {row}" if row else "", f"column {column}" if column else "", message]
        # One defect is one line, whatever stood in the cell.
        line = "\\n".join(": ".join(filter(None, parts)).splitlines())
        self = super().__new__(cls, shortened(line))
        self.message, self.file, self.row, self.column = message, file, row, column
        self.more = dict(more or {})
        return self

    def as_json(self) -> dict[str, Any]:
        """Return the parts: `file, row, column, message` and what else is known."""
        parts = {"file": self.file, "row": self.row, "column": self.column}
        return {**parts, "message": self.message, **self.more}


def _day(found: Any) -> date:
    try:
        day = datetime.strptime(found, "%Y-%m-%d").date()
    except (TypeError, ValueError):
        raise ValueError(f"found {found!r}; allowed: a day, as 2026-11-28") from None
    if day > date.today() + timedelta(days=1):  # somewhere it is that day already
        raise ValueError(f"found {found!r}; allowed: a day that has come")
    return day


def _at(*path: str) -> Any:
    """Say where in the file a property stands."""
    return pydantic.Field(validation_alias=pydantic.AliasPath(*path))


_BY_NAME = pydantic.ConfigDict(populate_by_name=True)
Pattern = Annotated[str, pydantic.AfterValidator(lambda pattern: regular(pattern).pattern)]
# The standard allows a name, a list of one, and a list of several, which we do not.
_ONE = pydantic.BeforeValidator(lambda v: v[0] if isinstance(v, list) and len(v) == 1 else v)
Name = Annotated[str, _ONE]


@dataclass(frozen=True, config=_BY_NAME)
class Field:
    """One column of a table."""

    name: str
    type: Literal["string", "integer", "boolean"]
    description: str
    required: Annotated[pydantic.StrictBool, _at("constraints", "required")] = False
    unique: Annotated[pydantic.StrictBool, _at("constraints", "unique")] = False
    pattern: Annotated[Pattern | None, _at("constraints", "pattern")] = None
    enum: Annotated[tuple[str, ...], _at("constraints", "enum")] = ()
    minimum: Annotated[pydantic.StrictInt | None, _at("constraints", "minimum")] = None
    maximum: Annotated[pydantic.StrictInt | None, _at("constraints", "maximum")] = None
    vocabulary: str | None = None
    is_list: Annotated[pydantic.StrictBool, _at("list")] = False
    true_values: Annotated[tuple[str, ...], _at("trueValues")] = ()
    false_values: Annotated[tuple[str, ...], _at("falseValues")] = ()
    # Taken apart above; here it is only seen that they are keys with values.
    constraints: dict[str, Any] = dataclasses.field(default_factory=dict, repr=False, compare=False)

    def split(self, cell: str) -> tuple[str, ...]:
        """Values of a cell: several for a list, else the cell itself; none for an empty one."""
        if not cell:
            return ()
        return tuple(cell.split(LIST_SEPARATOR)) if self.is_list else (cell,)


@dataclass(frozen=True, config=_BY_NAME)
class ForeignKey:
    """A column whose values must stand in a column of another table."""

    column: Annotated[Name, _at("fields")]
    table: Annotated[str, _at("reference", "resource")]
    reference: Annotated[Name, _at("reference", "fields")]


@dataclass(frozen=True, config=_BY_NAME)
class Table:
    """Schema of one table."""

    name: str
    path: str
    title: str
    description: str
    fields: Annotated[tuple[Field, ...], _at("schema", "fields")]
    primary_key: Annotated[Names, _at("schema", "primaryKey")] = ()
    own_keys: Annotated[tuple[ForeignKey, ...], _at("schema", "foreignKeys")] = ()
    list_keys: Annotated[tuple[ForeignKey, ...], _at("schema", "listForeignKeys")] = ()

    @pydantic.model_validator(mode="after")
    def _whole(self) -> Self:
        no_double("field", self.columns)
        for column in [*self.primary_key, *(key.column for key in self.foreign_keys)]:
            check_known(ValueError, "column of a key", column, self.columns)
        return self

    @cached_property
    def columns(self) -> list[str]:
        """Names of the columns, in order."""
        return [f.name for f in self.fields]

    @cached_property
    def foreign_keys(self) -> tuple[ForeignKey, ...]:
        """Keys of columns and of lists; in the file, no table means the table itself."""
        keys = (*self.own_keys, *self.list_keys)
        return tuple(ForeignKey(k.column, k.table or self.name, k.reference) for k in keys)

    def field(self, name: str) -> Field:
        """Return one column's schema by its name."""
        if name not in self.columns:
            raise ProjectError(f"{self.path} has no column {name!r}, which is needed")
        return self.fields[self.columns.index(name)]


class Contributor(pydantic.BaseModel):
    """Somebody who made the data."""

    title: str


class Package(pydantic.BaseModel):
    """What `datapackage.json` says of the data, and the schema of each table."""

    name: str = ""
    title: str = ""
    version: str = pydantic.Field("", pattern=r"^[\w.+-]*$")
    contributors: tuple[Contributor, ...] = ()
    licenses: tuple[dict[str, str], ...] = ()
    closing_day: Annotated[date, pydantic.PlainValidator(_day)]
    resources: tuple[Table, ...]

    @cached_property
    def tables(self) -> dict[str, Table]:
        """Table name to schema, in the order of the package."""
        return {table.name: table for table in self.resources}

    @pydantic.model_validator(mode="after")
    def _whole(self) -> Self:
        no_double("resource", [table.name for table in self.resources])
        for table in self.resources:
            where = f"resource {table.name!r}"
            # Of these tables only: a coder's own file may lie anywhere.
            if not _INSIDE.fullmatch(table.path):
                found = f"{where}: 'path': found {table.path!r}"
                raise ValueError(f"{found}; allowed: a file below data/")
            for key in table.foreign_keys:
                of_key = f"{where}: foreign key of {key.column!r}"
                if key.table not in self.tables:
                    raise ValueError(f"{of_key}: {unknown('resource', key.table, self.tables)}")
                columns = self.tables[key.table].columns
                if key.reference not in columns:
                    raise ValueError(f"{of_key}: {unknown('column', key.reference, columns)}")
        return self


def read_csv(path: Path, table: Table) -> pd.DataFrame:
    """Read a CSV as text cells, checking its form only; the index is the record of the file."""
    try:
        text = read_text(path)
        _check_form(text, table)
        header, *rows = csv.reader(io.StringIO(text, newline=""))
    except FileNotFoundError:
        said = "file not found"
    except OSError as error:
        hint = f"; {SAVE_AS}" if error.errno == EILSEQ else ""
        said = f"cannot be read: {error.strerror}{hint}"
    except (ValueError, csv.Error) as error:
        said = str(error)
    else:
        return framed(header, rows, table)
    raise DataError([Defect(said, table.path)])


def _check_form(text: str, table: Table) -> None:
    """Refuse a text that is no table of ours; the `ValueError` says how to save it."""
    if not text.strip():
        raise ValueError(f"the file is empty; its header must be {','.join(table.columns)}")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ValueError(f"a NUL character in line {line}; {SAVE_AS}")
    first_line = text.partition("\n")[0]
    for separator, name in _OTHER_SEPARATORS.items():
        if separator in first_line and "," not in first_line and len(table.columns) > 1:
            raise ValueError(f"columns are parted by {name}; save it with commas ({SAVE_AS})")
    outside = _QUOTED.sub("", text)
    if re.search("\r(?!\n)", outside):
        raise ValueError(f"some lines end with CR alone; {SAVE_AS}")
    if "\r\n" in outside and "\n" in outside.replace("\r\n", ""):
        raise ValueError(f"some lines end with CR LF and others with LF; {SAVE_AS}")
    # Python's reader takes a mark within a cell for text, others for the start of a quoted cell.
    if '"' in outside:
        rest = _QUOTED.sub(lambda cell: "\n" * cell[0].count("\n"), text)
        line = rest.count("\n", 0, rest.index('"')) + 1
        said = 'a cell with a quotation mark must be quoted, the mark doubled: "a ""b"""'
        raise ValueError(f"line {line}: a quotation mark is not closed, or {said}")


def framed(header: list[str], rows: list[list[str]], table: Table) -> pd.DataFrame:
    """Put records under their header; `DataError` where the two do not fit."""
    records = dict(enumerate(rows, start=2))
    names = dict.fromkeys(header)
    problems = [f"column {c!r} is missing" for c in table.columns if c not in names]
    problems += [unknown("column", c, table.columns) for c in names if c not in table.columns]
    problems += [f"column {c!r} stands there twice" for c in names if header.count(c) > 1]
    defects = [Defect(problem, table.path, 1) for problem in problems]
    for n, row in {1: header, **records}.items():
        if not any(row):
            defects.append(Defect("a blank line; take it out", table.path, n))
        elif len(row) != len(header):
            defects.append(Defect(f"{len(row)} cells found, {len(header)} needed", table.path, n))
    if defects:
        raise DataError(defects)
    frame = pd.DataFrame.from_dict(records, orient="index", columns=header, dtype="str")
    return frame[table.columns]


def _value_problem(field: Field, value: str, codes: Iterable[str] | None) -> str | None:
    """Say what is wrong with one value, or nothing."""
    if field.is_list and (not value or value != value.strip(" ;")):
        allowed = f"values parted by {LIST_SEPARATOR!r}, none empty"
        return f"found {value!r} in a list; allowed: {allowed}"
    if field.type == "integer":
        if not re.fullmatch(r"-?[0-9]{1,18}", value):
            return f"found {value!r}; allowed: a whole number"
        if field.minimum is not None and int(value) < field.minimum:
            return f"found {value}; allowed: {field.minimum} or more"
        if field.maximum is not None and int(value) > field.maximum:
            return f"found {value}; allowed: {field.maximum} or less"
    if field.type == "boolean" and value not in field.true_values + field.false_values:
        return f"found {value!r}; allowed: {', '.join(field.true_values + field.false_values)}"
    if field.pattern and not re.fullmatch(field.pattern, value):
        return f"found {value!r}; allowed: the form {field.pattern}"
    if field.enum and value not in field.enum:
        return unknown(field.name, value, field.enum)
    if _SPOILT.fullmatch(value):
        return f"found {value!r}, which a spreadsheet made of something else; write it again"
    if codes is not None and value not in codes:
        return unknown(f"{field.vocabulary} code", value, codes)
    return None


def _cell_problems(field: Field, cell: str, codes: Iterable[str] | None) -> Iterator[str]:
    """Say everything that is wrong with a cell."""
    if not cell and field.required:
        yield "empty; a value is needed"
    values = field.split(cell)
    for value in values:
        if problem := _value_problem(field, value, codes):
            yield problem
    for value in dict.fromkeys(values):
        if values.count(value) > 1:
            yield f"{value!r} stands there twice"


def _key_defects(table: Table, frame: pd.DataFrame) -> Iterator[Defect]:
    keys = [*([f.name] for f in table.fields if f.unique), list(table.primary_key)]
    for key in (key for n, key in enumerate(keys) if key and key not in keys[:n]):
        for row, values in frame.loc[frame.duplicated(key), key].iterrows():
            said = f"{', '.join(values)!r} stands there twice"
            yield Defect(said, table.path, int(row), ", ".join(key))


def defects_of(
    table: Table, frame: pd.DataFrame, vocabularies: Mapping[str, Mapping[str, str]] | None
) -> Iterator[Defect]:
    """Yield every defect of a table's text cells and keys; codes only if there is a codebook."""
    for field in table.fields:
        codes = None
        if field.vocabulary is not None and vocabularies is not None:
            codes = vocabularies.get(field.vocabulary, {})
        column = frame[field.name]
        # Most cells of a column are repeats: each is looked at once.
        told = ((cell, [*_cell_problems(field, cell, codes)]) for cell in column.unique())
        problems = {cell: said for cell, said in told if said}
        for row, cell in column[column.isin(problems)].items():
            yield from (Defect(said, table.path, int(row), field.name) for said in problems[cell])
    yield from _key_defects(table, frame)


def typed(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Turn text cells without defects into integers, booleans and tuples; else they stay text."""
    out = frame.reset_index(drop=True)
    for field in table.fields:
        column = out[field.name]
        if field.is_list:
            out[field.name] = column.astype(object).map(field.split)
        elif field.type == "integer":
            out[field.name] = pd.to_numeric(column.where(column != "")).astype("Int64")
        elif field.type == "boolean":
            out[field.name] = column.isin(field.true_values)
    return out
