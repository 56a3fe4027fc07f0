"""Reading the data package: what its descriptor says, and whether it can be used."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from ngolib.errors import ProjectError, unknown

LIST_SEPARATOR = "; "
TYPES = ("string", "integer", "boolean")
_KINDS: dict[type, str] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    list: "a list",
    dict: "an object",
}
Value = TypeVar("Value")


class _UnusableError(ValueError):
    """Something in the descriptor has a wrong type or value."""


def _get(
    raw: Mapping[str, Any], key: str, kind: type[Value], default: Value | None = None
) -> Value:
    """Return a property, which must be there (unless it has a default) and of its kind."""
    if key not in raw and default is not None:
        return default
    if key not in raw:
        raise _UnusableError(f"{key!r} is missing; it must be {_KINDS[kind]}")
    value = raw[key]
    # True is an int in Python, but no number in a package.
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise _UnusableError(f"{key!r}: found {value!r}; allowed: {_KINDS[kind]}")
    return value


def _optional(raw: Mapping[str, Any], key: str, kind: type[Value]) -> Value | None:
    """Return a property that may be missing."""
    return _get(raw, key, kind) if key in raw else None


def _items(raw: Mapping[str, Any], key: str, kind: type[Value]) -> list[Value]:
    """Return a list of which every item is of one kind; a missing one is empty."""
    found: list[Any] = _get(raw, key, list, [])
    for item in found:
        if not isinstance(item, kind):
            raise _UnusableError(f"{key!r}: found {item!r} in it; allowed: {_KINDS[kind]}")
    return found


def _names(raw: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Return names of columns: the standard allows one text, or a list."""
    if isinstance(raw.get(key), str):
        return (raw[key],)
    return tuple(_items(raw, key, str))


def _no_double(what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise _UnusableError(f"{what} {name!r} stands there twice")
        seen.add(name)


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
        name = _get(raw, "name", str)
        try:
            return cls(
                name=name, type=_type(raw), description=_get(raw, "description", str), **_rest(raw)
            )
        except _UnusableError as error:
            raise _UnusableError(f"field {name!r}: {error}") from None

    def split(self, cell: str) -> tuple[str, ...]:
        """Values of a cell: several for a list, else the cell itself; none for an empty one."""
        if not cell:
            return ()
        return tuple(cell.split(LIST_SEPARATOR)) if self.is_list else (cell,)


def _type(raw: Mapping[str, Any]) -> str:
    found = _get(raw, "type", str)
    if found not in TYPES:
        raise _UnusableError(unknown("type", found, TYPES))
    return found


def _rest(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Read what a field may have beside its name, type and description."""
    constraints: dict[str, Any] = _get(raw, "constraints", dict, {})
    pattern = _optional(constraints, "pattern", str)
    try:
        re.compile(pattern or "")
    except re.error as error:
        raise _UnusableError(f"'pattern': {pattern!r} is no regular expression: {error}") from None
    return {
        "required": _get(constraints, "required", bool, False),
        "unique": _get(constraints, "unique", bool, False),
        "pattern": pattern,
        "minimum": _optional(constraints, "minimum", int),
        "maximum": _optional(constraints, "maximum", int),
        "vocabulary": _optional(raw, "vocabulary", str),
        "is_list": _get(raw, "list", bool, False),
        "true_values": tuple(_items(raw, "trueValues", str)),
        "false_values": tuple(_items(raw, "falseValues", str)),
    }


@dataclass(frozen=True)
class ForeignKey:
    """A column whose values must stand in a column of another table."""

    column: str
    table: str
    reference: str

    @classmethod
    def from_json(cls, raw: Mapping[str, Any], own: str) -> ForeignKey:
        """Read a foreign key of the table `own`; an empty resource means that table itself."""
        reference: dict[str, Any] = _get(raw, "reference", dict)
        columns, referred = _names(raw, "fields"), _names(reference, "fields")
        if len(columns) != 1 or len(referred) != 1:
            raise _UnusableError("'foreignKeys': allowed: one column that refers to one column")
        return cls(columns[0], _get(reference, "resource", str) or own, referred[0])


@dataclass(frozen=True)
class Table:
    """Schema of one table."""

    name: str
    path: str
    title: str
    description: str
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Table:
        """Read a resource of the data package."""
        name = _get(raw, "name", str)
        try:
            schema: dict[str, Any] = _get(raw, "schema", dict)
            table = cls(
                name=name,
                path=_inside(_get(raw, "path", str)),
                title=_get(raw, "title", str),
                description=_get(raw, "description", str),
                fields=tuple(Field.from_json(f) for f in _items(schema, "fields", dict)),
                primary_key=_names(schema, "primaryKey"),
                foreign_keys=tuple(
                    ForeignKey.from_json(k, name)
                    for property in ("foreignKeys", "listForeignKeys")
                    for k in _items(schema, property, dict)
                ),
            )
            _no_double("field", table.columns)
            for column in [*table.primary_key, *(key.column for key in table.foreign_keys)]:
                if column not in table.columns:
                    raise _UnusableError(unknown("column of a key", column, table.columns))
        except _UnusableError as error:
            raise _UnusableError(f"resource {name!r}: {error}") from None
        return table

    @cached_property
    def columns(self) -> list[str]:
        """Names of the columns, in order."""
        return [f.name for f in self.fields]

    def field(self, name: str) -> Field:
        """Return one column's schema by its name."""
        if name not in self.columns:
            raise ProjectError(f"{self.path} has no column {name!r}, which is needed")
        return self.fields[self.columns.index(name)]


def _inside(path: str) -> str:
    """Refuse a path that is not a file below the package."""
    pure = PurePosixPath(path)
    if not path or pure.is_absolute() or ".." in pure.parts or "\\" in path or ":" in path:
        raise _UnusableError(f"'path': found {path!r}; allowed: a file below data/")
    return path


def _check_references(tables: Mapping[str, Table]) -> None:
    for table in tables.values():
        for key in table.foreign_keys:
            where = f"resource {table.name!r}: foreign key of {key.column!r}"
            if key.table not in tables:
                raise _UnusableError(f"{where}: {unknown('resource', key.table, tables)}")
            columns = tables[key.table].columns
            if key.reference not in columns:
                raise _UnusableError(f"{where}: {unknown('column', key.reference, columns)}")


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
        If the file is missing or no valid package: one line that names the resource, the field and
        what is allowed there.
    """
    try:
        package = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(package, dict):
            raise _UnusableError(
                f"found {type(package).__name__}; allowed: an object with 'resources'"
            )
        tables = [Table.from_json(raw) for raw in _items(package, "resources", dict)]
        if "resources" not in package:
            raise _UnusableError("'resources' is missing; it must be a list")
        _no_double("resource", [table.name for table in tables])
        by_name = {table.name: table for table in tables}
        _check_references(by_name)
    except FileNotFoundError as error:
        raise ProjectError(f"{path}: not found; it holds the schema of every table") from error
    except json.JSONDecodeError as error:
        raise ProjectError(
            f"{path}: not a valid data package: line {error.lineno}: {error.msg}"
        ) from error
    except (UnicodeDecodeError, OSError, RecursionError, _UnusableError) as error:
        raise ProjectError(f"{path}: not a valid data package: {error}") from error
    return by_name
