"""Dates: days of the calendar, each as exact as its precision says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import MAXYEAR, date

from ngolib.evidence.check.days import span, span_or_none
from ngolib.evidence.check.tables import Data, Row
from ngolib.tables import Defect

LENGTH = {"day": 10, "month": 7, "year": 4}
NO_DATE = ("", "unresolved", "unknown")
# Pairs of columns that hold a date and its precision; `date` with `precision` is found by itself.
PAIRS = {
    "rules": (("in_force_from", "from_precision"), ("in_force_to", "to_precision")),
    "offices": (("start", "start_precision"), ("end", "end_precision")),
}
# Dates without a precision of their own.
ALONE = {
    "rules": ("last_verified",),
    "corrections": ("date",),
    "editions": ("version_date",),
    "recall": ("date",),
    "sources": ("retrieved",),
    "search_log": ("date",),
    "offices": ("acting_until",),
    "ratings": ("date",),
}
# Nothing in the register is older than this; what is to come is not further off than that.
EARLIEST, YEARS_AHEAD = date(1917, 1, 1), 10
# Dates that may lie after the closing day: ends, and what is marked as scheduled.
ENDS = ("in_force_to", "end", "acting_until")
# Dates of the table of counts may be periods and decades as well.
COUNTS = "counts"
_DECADE = re.compile(r"\d{3}X", re.ASCII)


def defects(data: Data) -> Iterator[Defect]:
    """Check every date of every table."""
    for table in data.with_columns("date", "precision"):
        check = _count if table == COUNTS else _date
        for row in data.rows(table):
            yield from check(data, table, row, "date", "precision")
    for table, pairs in PAIRS.items():
        for row in data.rows(table):
            for column, precision in pairs:
                yield from _date(data, table, row, column, precision)
    for table, columns in ALONE.items():
        for row in data.rows(table):
            for column in columns:
                yield from _calendar(data, table, row, column, row[column])
    yield from _published(data)
    yield from _in_time(data)
    yield from _told_before(data)
    yield from _treaties(data)


def _calendar(data: Data, table: str, row: Row, column: str, text: str) -> Iterator[Defect]:
    """Check that a date is written as it must be and that the calendar has it."""
    if not text:
        return
    try:
        span(text)
    except ValueError:
        allowed = "a day, month or year of the calendar, as YYYY-MM-DD, YYYY-MM or YYYY"
        yield data.defect(table, row, column, f"found {text!r}; allowed: {allowed}")


def _date(data: Data, table: str, row: Row, column: str, precision_column: str) -> Iterator[Defect]:
    """Check that a date is a day of the calendar and fits its precision."""
    text, precision = row[column], row[precision_column]
    end = row.cells.get("date_end", "") if column == "date" else ""
    wrong = [
        *_calendar(data, table, row, column, text),
        *_calendar(data, table, row, "date_end", end),
    ]
    if wrong:
        yield from wrong
    elif not text:
        if precision not in NO_DATE:
            yield data.defect(table, row, column, f"empty, but its precision is {precision!r}")
        elif end:
            yield data.defect(table, row, "date_end", f"found {end!r} without a beginning")
    elif precision == "range":
        if not end:
            yield data.defect(table, row, column, "a range needs date_end")
        elif span(end)[1] < span(text)[0]:
            message = f"the range ends ({end}) before it begins ({text})"
            yield data.defect(table, row, column, message)
    elif len(text) != LENGTH.get(precision, -1):
        message = f"{text!r} does not fit its precision {precision!r}"
        yield data.defect(table, row, column, message)
    elif end:
        message = f"found {end!r}; allowed: empty, or the precision 'range'"
        yield data.defect(table, row, "date_end", message)


def _count(
    data: Data, table: str, row: Row, column: str, precision_column: str
) -> Iterator[Defect]:
    """Check the date of a count, which may be a period or a decade too."""
    text, precision = row[column], row[precision_column]
    if precision == "decade" and not _DECADE.fullmatch(text):
        yield data.defect(table, row, column, f"found {text!r}; allowed: a decade as 199X")
    elif precision == "period":
        parts = text.split("/")
        if len(parts) != 2:
            message = f"found {text!r}; allowed: a period as beginning/end"
            yield data.defect(table, row, column, message)
            return
        wrong = [w for part in parts for w in _calendar(data, table, row, column, part)]
        yield from wrong
        if not wrong and all(parts) and span(parts[1])[1] < span(parts[0])[0]:
            message = f"the period ends ({parts[1]}) before it begins ({parts[0]})"
            yield data.defect(table, row, column, message)
    elif precision != "decade":
        yield from _date(data, table, row, column, precision_column)


def _published(data: Data) -> Iterator[Defect]:
    """Check the days on which an article can have been published."""
    for row in data.rows("articles"):
        first, last, precision = (row[c] for c in ("published_start", "published_end", "precision"))
        wrong = [
            *_calendar(data, "articles", row, "published_start", first),
            *_calendar(data, "articles", row, "published_end", last),
        ]
        if wrong:
            yield from wrong
        elif first and last and last < first:
            message = f"{last} is before published_start {first}"
            yield data.defect("articles", row, "published_end", message)
        elif precision == "day" and first != last:
            message = f"found {last!r}; allowed: the day of published_start, {first!r}"
            yield data.defect("articles", row, "published_end", message)
        elif precision == "unresolved" and (first or last):
            message = f"found {precision!r} beside a date"
            yield data.defect("articles", row, "precision", message)
        elif precision != "unresolved" and not first:
            message = f"empty, but its precision is {precision!r}"
            yield data.defect("articles", row, "published_start", message)


def _in_time(data: Data) -> Iterator[Defect]:
    """Check that no date is out of the frame of the data, or after its closing day."""
    closing = data.project.closing_day
    furthest = date(min(closing.year + YEARS_AHEAD, MAXYEAR), 12, 31)
    for table, rows in data.tables.items():
        columns = data.project.schema[table].columns
        dated = [
            *(c for c in ("date", "date_end") if {"date", "precision"} <= set(columns)),
            *(c for pair in PAIRS.get(table, ()) for c in pair[:1]),
            *ALONE.get(table, ()),
        ]
        for row in rows:
            to_come = row.cells.get("scheduled") == "yes"
            for column in dated:
                days = span_or_none(row.cells.get(column, ""))
                last = furthest if to_come or column in ENDS else closing
                if days and (days[1] < EARLIEST or days[0] > last):
                    message = f"found {row[column]}; allowed: {EARLIEST.year} to {last}"
                    yield data.defect(table, row, column, message)


def _told_before(data: Data) -> Iterator[Defect]:
    """Check that no text tells as done what was done after it appeared."""
    last = {row["article_id"]: row["published_end"] for row in data.rows("articles")}
    for row in data.rows("statements"):
        told = span_or_none(last.get(row["article_id"], ""))
        days = span_or_none(row["date"])
        if told and days and days[0] > told[1] and row["scheduled"] == "no":
            message = f"{row['date']} is after the article ({last[row['article_id']]})"
            yield data.defect("statements", row, "date", message)


def _treaties(data: Data) -> Iterator[Defect]:
    """Check that a treaty is signed before it is ratified."""
    signed = {
        (row["country"], row["treaty"]): row
        for row in data.rows("treaties")
        if row["action"] == "signature"
    }
    for row in data.rows("treaties"):
        first = signed.get((row["country"], row["treaty"]))
        days = span_or_none(row["date"])
        before = span_or_none(first["date"]) if first and row["action"] == "ratification" else None
        if first and days and before and days[1] < before[0]:
            message = f"{row['date']} is before the signature ({first['date']})"
            yield data.defect("treaties", row, "date", message)
