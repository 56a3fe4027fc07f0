"""Dates of limited precision, written YYYY, YYYY-MM or YYYY-MM-DD, as spans of days."""

import re
from calendar import monthrange
from datetime import date
from functools import cache
from numbers import Integral

import pandas as pd

from ngolib.errors import DataError, ParameterError

ALLOWED = "a day, month or year of the calendar, as YYYY-MM-DD, YYYY-MM or YYYY"
_FORM = re.compile(r"(\d{4})(?:-(?!00)(\d{2})(?:-(?!00)(\d{2}))?)?", re.ASCII)


@cache
def span(text: str) -> tuple[date, date]:
    """Return the first and last day of a date as written; a `ValueError` if there is none."""
    match = _FORM.fullmatch(text)
    if not match:
        raise ValueError("another form")
    year, month, day = (int(part or 0) for part in match.groups())
    if day and month:
        return date(year, month, day), date(year, month, day)
    first, last = month or 1, month or 12
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])


def of_years(start: int | None, end: int | None) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first and last day of a period of years, open where one is not given."""
    for name, year in (("start", start), ("end", end)):
        if year is not None and not (isinstance(year, Integral) and 1 <= year <= 9999):
            raise ParameterError(f"{name}: found {year!r}; allowed: a year, as 2016")
    if start is not None and end is not None and end < start:
        raise ParameterError(f"end: found {end}; allowed: start, {start}, or later")
    return pd.Timestamp(start or 1, 1, 1), pd.Timestamp(end or 9999, 12, 31)


def span_or_none(text: str, end: str = "") -> tuple[date, date] | None:
    """Return the span of a date, or of a range; None where it is empty or no date."""
    try:
        return span(text)[0], span(end or text)[1]
    except ValueError:
        return None


def is_before(one: str, other: str, by: int = 0) -> bool:
    """Say whether a date, or a range with a slash, is over so many days before another."""
    days, later = (span_or_none(*text.split("/")) for text in (one, other))
    return bool(days and later and (later[0] - days[1]).days > by)


def spans(date: pd.Series, date_end: pd.Series | None = None) -> tuple[pd.Series, pd.Series]:
    """Turn dates as written into first and last days; NaT where there is no date.

    An empty `date_end`: `date` alone gives the span. A cell that is no date is a `DataError`.
    """
    last = date if date_end is None else date_end.where(date_end != "", date)
    return _days(date, 0), _days(last, 1)


def _days(column: pd.Series, side: int) -> pd.Series:
    """Return the first (0) or last (1) day of each cell."""
    days: dict[str, date | None] = {"": None}
    for text in column.unique():
        found = span_or_none(text)
        if text and found is None:
            raise DataError([f"column {column.name}: found {text!r}; allowed: {ALLOWED}"])
        days[text] = found[side] if found else None
    return pd.to_datetime(column.map(days)).astype("datetime64[us]")
