"""What is wrong with the cells and keys of a table, and the types of those that are right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from ngolib.errors import unknown
from ngolib.schema.defect import Defect
from ngolib.schema.package import LIST_SEPARATOR, Field, Table

Vocabularies = Mapping[str, Mapping[str, str]]


def _number_problem(field: Field, value: str) -> str | None:
    if not re.fullmatch(r"-?[0-9]{1,18}", value):
        return f"found {value!r}; allowed: a whole number"
    number = int(value)
    if field.minimum is not None and number < field.minimum:
        return f"found {value}; allowed: {field.minimum} or more"
    if field.maximum is not None and number > field.maximum:
        return f"found {value}; allowed: {field.maximum} or less"
    return None


def _value_problem(field: Field, value: str, codes: Mapping[str, Any] | None) -> str | None:
    """Say what is wrong with one value, or nothing."""
    if field.is_list and (not value or value != value.strip(" ;")):
        return (
            f"found {value!r} in a list; allowed: values parted by {LIST_SEPARATOR!r}, none empty"
        )
    if field.type == "integer" and (problem := _number_problem(field, value)):
        return problem
    if field.type == "boolean" and value not in field.true_values + field.false_values:
        return f"found {value!r}; allowed: {', '.join(field.true_values + field.false_values)}"
    if field.pattern and not re.fullmatch(field.pattern, value):
        return f"found {value!r}; allowed: the form {field.pattern}"
    if codes is not None and value not in codes:
        return unknown(f"{field.vocabulary} code", value, codes)
    return None


def _cell_problems(field: Field, cell: str, codes: Mapping[str, Any] | None) -> Iterator[str]:
    """Say everything that is wrong with a cell."""
    if not cell:
        if field.required:
            yield "empty; a value is needed"
        return
    values = field.split(cell)
    for value in values:
        if problem := _value_problem(field, value, codes):
            yield problem
    for value in dict.fromkeys(values) if len(set(values)) < len(values) else ():
        if values.count(value) > 1:
            yield f"{value!r} stands there twice"


def _key_defects(table: Table, frame: pd.DataFrame) -> Iterator[Defect]:
    keys = [[f.name] for f in table.fields if f.unique]
    if table.primary_key and list(table.primary_key) not in keys:
        keys.append(list(table.primary_key))
    for key in keys:
        for row in frame.index[frame.duplicated(key)]:
            value = ", ".join(frame.loc[row, key])
            yield Defect(f"{value!r} stands there twice", table.path, int(row), ", ".join(key))


def defects_of(
    table: Table, frame: pd.DataFrame, vocabularies: Vocabularies | None
) -> Iterator[Defect]:
    """Yield every defect of a table's cells and keys, one line each.

    Parameters
    ----------
    table : Table
        The schema.
    frame : pandas.DataFrame
        Text cells as `read_csv` gives them.
    vocabularies : mapping or None
        Vocabulary name to its codes; None where the codebook itself cannot be read: then codes are
        not checked.

    Yields
    ------
    Defect
        `file: row n: column: what is wrong; what is allowed`.
    """
    for field in table.fields:
        codes: Mapping[str, str] | None = None
        if field.vocabulary is not None and vocabularies is not None:
            codes = vocabularies.get(field.vocabulary, {})
        known: dict[str, list[str]] = {}
        for row, cell in frame[field.name].items():
            # Most cells of a column are repeats: each is looked at once.
            if cell not in known:
                known[cell] = list(_cell_problems(field, cell, codes))
            for problem in known[cell]:
                yield Defect(problem, table.path, int(row), field.name)
    yield from _key_defects(table, frame)


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
    for field in table.fields:
        column = out[field.name]
        if field.is_list:
            out[field.name] = pd.Series(
                [field.split(cell) for cell in column], index=out.index, dtype=object
            )
        elif field.type == "integer":
            out[field.name] = pd.to_numeric(column.where(column != ""), errors="raise").astype(
                "Int64"
            )
        elif field.type == "boolean":
            out[field.name] = column.isin(field.true_values)
    return out
