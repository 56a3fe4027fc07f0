"""Dates as written, as spans of days, in plain Python: a check asks this thousands of times."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from functools import cache

_FORM = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


@cache
def span(text: str) -> tuple[date, date]:
    """Return the first and last day of a date written YYYY, YYYY-MM or YYYY-MM-DD.

    Raises
    ------
    ValueError
        If it has another form, or the calendar has no such day.
    """
    match = _FORM.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is not written YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    if day is None:
        first = date(year, month, 1)
        return first, date(year, month, monthrange(year, month)[1])
    return date(year, month, day), date(year, month, day)


def span_or_none(text: str, end: str = "") -> tuple[date, date] | None:
    """Return the span of a date, or of a range; None where it is empty or no date."""
    try:
        return span(text)[0], span(end or text)[1]
    except ValueError:
        return None
