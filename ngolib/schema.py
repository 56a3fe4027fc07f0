"""The schema of every table, read from `data/datapackage.json`; validation cell by cell.

The package file is the one truth: loaders, checks, the data dictionary and exports read it. Beside
the standard properties of a Table Schema field, two of our own are used: `vocabulary` (its codes
stand in the table `vocabulary`) and `list` (several values parted by `; `).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from ngolib.errors import DataError, ProjectError, unknown

LIST_SEPARATOR = "; "


@dataclass(frozen=True)
class Field:
    """One column of a table."""

    name: str
    type: str
    description: str
    required: bool = False
    unique: bool = False
    pattern: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    vocabulary: str | None = None
    is_list: bool = False
    true_values: tuple[str, ...] = ()
    false_values: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Field:
        """Read a field descriptor of the data package."""
        constraints = raw.get("constraints", {})
        return cls(
            name=raw["name"],
            type=raw["type"],
            description=raw["description"],
            required=constraints.get("required", False),
            unique=constraints.get("unique", False),
            pattern=constraints.get("pattern"),
            minimum=constraints.get("minimum"),
            maximum=constraints.get("maximum"),
            vocabulary=raw.get("vocabulary"),
            is_list=raw.get("list", False),
            true_values=tuple(raw.get("trueValues", ())),
            false_values=tuple(raw.get("falseValues", ())),
        )

    def split(self, cell: str) -> tuple[str, ...]:
        """Values of a cell: several for a list, else the cell itself; none for an empty one."""
        if not cell:
            return ()
        return tuple(cell.split(LIST_SEPARATOR)) if self.is_list else (cell,)


@dataclass(frozen=True)
class ForeignKey:
    """A column whose values must stand in a column of another table."""

    column: str
    table: str
    reference: str


@dataclass(frozen=True)
class Table:
    """Schema of one table."""

    name: str
    path: str
    title: str
    description: str
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = field(default=())

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Table:
        """Read a resource of the data package."""
        schema = raw["schema"]
        return cls(
            name=raw["name"],
            path=raw["path"],
            title=raw["title"],
            description=raw["description"],
            fields=tuple(Field.from_json(f) for f in schema["fields"]),
            primary_key=tuple(schema.get("primaryKey", ())),
            foreign_keys=tuple(
                ForeignKey(k["fields"][0], k["reference"]["resource"], k["reference"]["fields"][0])
                for k in schema.get("foreignKeys", ())
            ),
        )

    @cached_property
    def columns(self) -> list[str]:
        """Names of the columns, in order."""
        return [f.name for f in self.fields]


def read_schema(path: Path) -> dict[str, Table]:
    """Read every table's schema from a data package.

    Parameters
    ----------
    path : pathlib.Path
        `datapackage.json`.

    Returns
    -------
    dict
        Table name to schema, in the order of the package.

    Raises
    ------
    ngolib.errors.ProjectError
        If the file is missing or no valid package.
    """
    try:
        package = json.loads(path.read_text(encoding="utf-8"))
        tables = [Table.from_json(resource) for resource in package["resources"]]
    except FileNotFoundError as error:
        raise ProjectError(f"{path}: not found; it holds the schema of every table") from error
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError) as error:
        raise ProjectError(f"{path}: not a valid data package: {error!r}") from error
    return {table.name: table for table in tables}


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
        Text cells; columns in the order of the schema; index = line of the file (the header is 1;
        a record that spans lines counts as one).

    Raises
    ------
    ngolib.errors.DataError
        If the file is missing, empty, not UTF-8, parted by something else than commas, or its
        header or the length of a row is wrong.
    """
    name = table.path
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise DataError([f"{name}: file not found"]) from None
    if not raw.strip():
        raise DataError(
            [f"{name}: the file is empty; its header must be {','.join(table.columns)}"]
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            [f"{name}: not UTF-8 (byte {error.start}); save it as CSV UTF-8, comma-separated"]
        ) from None
    rows = list(csv.reader(io.StringIO(text, newline="")))
    header = rows[0]
    if len(header) == 1 and ";" in header[0]:
        raise DataError([f"{name}: columns are parted by semicolons; save it with commas"])
    defects = [
        f"{name}: row 1: column {column!r} is missing"
        for column in table.columns
        if column not in header
    ]
    defects += [
        f"{name}: row 1: {unknown('column', column, table.columns)}"
        for column in header
        if column not in table.columns
    ]
    defects += [
        f"{name}: row {n}: {len(row)} cells found, {len(header)} needed"
        for n, row in enumerate(rows[1:], start=2)
        if row and len(row) != len(header)
    ]
    if defects:
        raise DataError(defects)
    records = {n: row for n, row in enumerate(rows[1:], start=2) if row}
    frame = pd.DataFrame.from_dict(records, orient="index", columns=header, dtype="str")
    return frame[table.columns]


def _cell_problem(field: Field, value: str, codes: Mapping[str, Any] | None) -> str | None:
    """Say what is wrong with one value, or nothing."""
    if field.type == "integer":
        if not re.fullmatch(r"-?\d+", value):
            return f"found {value!r}; allowed: a whole number"
        number = int(value)
        if field.minimum is not None and number < field.minimum:
            return f"found {value}; allowed: {field.minimum} or more"
        if field.maximum is not None and number > field.maximum:
            return f"found {value}; allowed: {field.maximum} or less"
    if field.type == "boolean" and value not in field.true_values + field.false_values:
        return f"found {value!r}; allowed: {', '.join(field.true_values + field.false_values)}"
    if field.pattern and not re.fullmatch(field.pattern.strip("^$"), value):
        return f"found {value!r}; allowed: the form {field.pattern}"
    if codes is not None and value not in codes:
        return unknown(f"{field.vocabulary} code", value, codes)
    return None


def defects_of(
    table: Table, frame: pd.DataFrame, vocabularies: Mapping[str, Mapping[str, str]]
) -> Iterator[str]:
    """Yield every defect of a table's cells and keys, one line each.

    Parameters
    ----------
    table : Table
        The schema.
    frame : pandas.DataFrame
        Text cells as `read_csv` gives them.
    vocabularies : mapping
        Vocabulary name to its codes.

    Yields
    ------
    str
        `file: row n: column: what is wrong; what is allowed`.
    """
    for field_ in table.fields:
        codes = None
        if field_.vocabulary is not None:
            codes = vocabularies.get(field_.vocabulary, {})
        checked: dict[str, str | None] = {}
        for row, cell in frame[field_.name].items():
            if not cell:
                if field_.required:
                    yield f"{table.path}: row {row}: column {field_.name}: empty; a value is needed"
                continue
            for value in field_.split(cell):
                if value not in checked:
                    checked[value] = _cell_problem(field_, value, codes)
                if checked[value]:
                    yield f"{table.path}: row {row}: column {field_.name}: {checked[value]}"
    keys = [[f.name] for f in table.fields if f.unique]
    if table.primary_key and list(table.primary_key) not in keys:
        keys.append(list(table.primary_key))
    for key in keys:
        doubled = frame.index[frame.duplicated(key)]
        for row in doubled:
            value = ", ".join(frame.loc[row, key])
            yield f"{table.path}: row {row}: column {', '.join(key)}: {value!r} stands there twice"


def typed(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Turn valid text cells into typed columns.

    Parameters
    ----------
    table : Table
        The schema.
    frame : pandas.DataFrame
        Text cells without defects.

    Returns
    -------
    pandas.DataFrame
        Integers as nullable `Int64`, yes/no as `bool` (empty = False never occurs: such columns are
        required), lists as tuples of text, everything else as text; an empty text cell stays "".
        Index from 0.
    """
    out = frame.reset_index(drop=True)
    for field_ in table.fields:
        column = out[field_.name]
        if field_.is_list:
            out[field_.name] = pd.Series(
                [field_.split(cell) for cell in column], index=out.index, dtype=object
            )
        elif field_.type == "integer":
            out[field_.name] = pd.to_numeric(column.where(column != ""), errors="raise").astype(
                "Int64"
            )
        elif field_.type == "boolean":
            out[field_.name] = column.isin(field_.true_values)
    return out
