"""Scales and series: ladders in order, ratings inside their scale, nothing counted twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from ngolib.evidence.check.tables import Data, Row
from ngolib.tables import Defect

# What makes two rows of a table the same, where an id of their own would hide it.
SAME = {
    "steps": ("process_id", "stage", "scheduled", "date", "note"),
    "rules": ("process_id", "category", "measure", "in_force_from"),
    "ratings": ("country", "index", "edition_year", "year_covered", "date"),
    "counts": ("country", "series", "date", "value", "what"),
    "treaties": ("country", "treaty", "action"),
    "corrections": ("table", "row", "column", "old", "new", "decision"),
}
RUNGS = ["0", "1", "2", "3", "4"]


def defects(data: Data) -> Iterator[Defect]:
    """Find scales that are broken, and rows that stand there twice."""
    yield from _ladders(data)
    yield from _ratings(data)
    yield from _doubles(data)


def _ladders(data: Data) -> Iterator[Defect]:
    """Check that each ladder has all its rungs once, from the bottom up."""
    ladders: dict[str, list[Row]] = defaultdict(list)
    for row in data.rows("ladders"):
        ladders[row["category"]].append(row)
    for category, rows in ladders.items():
        for before, after in pairwise(rows):
            if after["rung"] <= before["rung"]:
                message = f"found {after['rung']} beneath {before['rung']}; allowed: upwards, once"
                yield data.defect("ladders", after, "rung", message)
        missing = [rung for rung in RUNGS if rung not in {row["rung"] for row in rows}]
        if missing:
            message = f"the ladder of {category!r} has no rung {', '.join(missing)}"
            yield data.defect("ladders", rows[-1], "rung", message)


def _decimal(text: str) -> Decimal | None:
    """Read a number that has a place on a scale; NaN has none."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return None if number.is_nan() else number


def _ratings(data: Data) -> Iterator[Defect]:
    """Check that values lie within their scale, and that an index has one scale."""
    scales: dict[tuple[str, str], Row] = {}
    for row in data.rows("ratings"):
        low, value, high = (_decimal(row[c]) for c in ("scale_min", "value", "scale_max"))
        if low is not None and high is not None and (value is None or not low <= value <= high):
            message = f"found {row['value']}; allowed: {low} to {high}"
            yield data.defect("ratings", row, "value", message)
        for column in ("scale_min", "scale_max", "best"):
            first = scales.setdefault((row["index"], column), row)
            if row[column] != first[column]:
                message = f"found {row[column]!r}; row {first.number} has {first[column]!r}"
                yield data.defect("ratings", row, column, message)


def _doubles(data: Data) -> Iterator[Defect]:
    """Find rows that say the same thing a second time."""
    for table, columns in SAME.items():
        seen: dict[tuple[str, ...], Row] = {}
        for row in data.rows(table):
            key = tuple(row[column] for column in columns)
            first = seen.setdefault(key, row)
            if first is not row:
                message = f"the same as row {first.number}: {', '.join(filter(None, key))[:120]}"
                yield data.defect(table, row, columns[0], message)
