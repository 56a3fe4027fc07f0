"""Dates: days of the calendar, each as exact as its precision says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import MAXYEAR, date

from ngolib.evidence.check.tables import Data, Row
from ngolib.evidence.dates import ALLOWED, span, span_or_none
from ngolib.tables import Defect

LENGTH = {"day": 10, "month": 7, "year": 4}
NO_DATE = ("", "unresolved", "unknown")
# Columns that hold a date, and its precision if it has one of its own; `date` with `precision` is
# found by itself.
DATES: dict[str, tuple[tuple[str, str], ...]] = {
    "rules": (
        ("in_force_from", "from_precision"),
        ("in_force_to", "to_precision"),
        ("last_verified", ""),
    ),
    "offices": (("start", "start_precision"), ("end", "end_precision"), ("acting_until", "")),
    "corrections": (("date", ""),),
    "editions": (("version_date", ""),),
    "recall": (("date", ""),),
    "sources": (("retrieved", ""),),
    "search_log": (("date", ""),),
    "ratings": (("date", ""),),
}
# Nothing in the register is older than this; what is to come is not further off than that.
EARLIEST, YEARS_AHEAD = date(1917, 1, 1), 10
# Dates that may lie after the closing day: ends, and what is marked as scheduled.
ENDS = ("in_force_to", "end", "acting_until")
_DECADE = re.compile(r"\d{3}X", re.ASCII)


def defects(data: Data) -> Iterator[Defect]:
    """Check every date of every table."""
    closing = data.project.closing_day
    furthest = date(min(closing.year + YEARS_AHEAD, MAXYEAR), 12, 31)
    with_precision = data.with_columns("date", "precision")
    for table, rows in data.tables.items():
        own = DATES.get(table, ())
        ends: tuple[str, ...] = ()
        if table in with_precision:
            own, ends = (("date", "precision"),), ("date_end",)
        for row in rows:
            for column, precision in own:
                yield from _date(row, column, precision)
            for column in (*(column for column, _ in own), *ends):
                yield from _in_time(row, column, closing, furthest)
    for row in data.rows("articles"):
        yield from _published(row)
    yield from _told_before(data)
    yield from _treaties(data)


def _calendar(row: Row, column: str, text: str) -> Iterator[Defect]:
    """Check that a date is written as it must be and that the calendar has it."""
    try:
        span(text or "2000")
    except ValueError:
        yield row.defect(column, f"found {text!r}; allowed: {ALLOWED}")


def _date(row: Row, column: str, precision_column: str) -> Iterator[Defect]:
    """Check that a date is a day of the calendar and fits its precision, if it has one."""
    text, precision = row[column], row[precision_column] if precision_column else ""
    if row.table.name == "counts" and precision in ("decade", "period"):
        yield from _long(row, text, precision)
        return
    end = row.cells.get("date_end", "") if column == "date" else ""
    wrong = [*_calendar(row, column, text), *_calendar(row, "date_end", end)]
    if wrong or not precision_column:
        yield from wrong
    elif not text:
        if precision not in NO_DATE:
            yield row.defect(column, f"empty, but its precision is {precision!r}")
        elif end:
            yield row.defect("date_end", f"found {end!r} without a beginning")
    elif precision == "range":
        if not end:
            yield row.defect(column, "a range needs date_end")
        elif span(end)[1] < span(text)[0]:
            yield row.defect(column, f"the range ends ({end}) before it begins ({text})")
    elif len(text) != LENGTH.get(precision, -1):
        yield row.defect(column, f"{text!r} does not fit its precision {precision!r}")
    elif end:
        yield row.defect("date_end", f"found {end!r}; allowed: empty, or the precision 'range'")


def _long(row: Row, text: str, precision: str) -> Iterator[Defect]:
    """Check the date of a count that holds for a decade or a period."""
    first, slash, last = text.partition("/")
    if precision == "decade":
        if not _DECADE.fullmatch(text):
            yield row.defect("date", f"found {text!r}; allowed: a decade as 199X")
    elif not slash or "/" in last:
        yield row.defect("date", f"found {text!r}; allowed: a period as beginning/end")
    elif wrong := [*_calendar(row, "date", first), *_calendar(row, "date", last)]:
        yield from wrong
    elif first and last and span(last)[1] < span(first)[0]:
        yield row.defect("date", f"the period ends ({last}) before it begins ({first})")


def _in_time(row: Row, column: str, closing: date, furthest: date) -> Iterator[Defect]:
    """Check that a date is not out of the frame of the data, or after its closing day."""
    days = span_or_none(row.cells.get(column, ""))
    to_come = column in ENDS or row.cells.get("scheduled") == "yes"
    last = furthest if to_come else closing
    if days and (days[1] < EARLIEST or days[0] > last):
        yield row.defect(column, f"found {row[column]}; allowed: {EARLIEST.year} to {last}")


def _published(row: Row) -> Iterator[Defect]:
    """Check the days on which an article can have been published."""
    start, end = "published_start", "published_end"
    first, last, precision = row[start], row[end], row["precision"]
    if wrong := [*_calendar(row, start, first), *_calendar(row, end, last)]:
        yield from wrong
    elif first and last and last < first:
        yield row.defect(end, f"{last} is before published_start {first}")
    elif precision == "day" and first != last:
        message = f"found {last!r}; allowed: the day of published_start, {first!r}"
        yield row.defect(end, message)
    elif precision == "unresolved" and (first or last):
        yield row.defect("precision", f"found {precision!r} beside a date")
    elif precision != "unresolved" and not first:
        yield row.defect(start, f"empty, but its precision is {precision!r}")


def _told_before(data: Data) -> Iterator[Defect]:
    """Check that no text tells as done what was done after it appeared."""
    published = {row["article_id"]: row["published_end"] for row in data.rows("articles")}
    for row in data.rows("statements"):
        last = published.get(row["article_id"], "")
        told, days = span_or_none(last), row.days("date")
        if told and days and days[0] > told[1] and row["scheduled"] == "no":
            yield row.defect("date", f"{row['date']} is after the article ({last})")


def _treaties(data: Data) -> Iterator[Defect]:
    """Check that a treaty is signed before it is ratified."""
    signed = {
        (row["country"], row["treaty"]): row
        for row in data.rows("treaties")
        if row["action"] == "signature"
    }
    for row in data.rows("treaties"):
        first = signed.get((row["country"], row["treaty"]))
        if first is None or row["action"] != "ratification":
            continue
        days, before = row.days("date"), first.days("date")
        if days and before and days[1] < before[0]:
            yield row.defect("date", f"{row['date']} is before the signature ({first['date']})")
