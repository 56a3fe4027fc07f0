"""Dates of limited precision as spans of days."""

from __future__ import annotations

from functools import cache

import pandas as pd

_FORMS = {4: ("-01-01", pd.DateOffset(years=1)), 7: ("-01", pd.DateOffset(months=1))}


@cache
def first_day(date: str) -> pd.Timestamp:
    """Return the first day of a date written YYYY, YYYY-MM or YYYY-MM-DD; NaT for an empty one."""
    if not date:
        return pd.NaT
    tail, _ = _FORMS.get(len(date), ("", None))
    return pd.Timestamp(date + tail)


@cache
def last_day(date: str) -> pd.Timestamp:
    """Return the last day of a date written YYYY, YYYY-MM or YYYY-MM-DD; NaT for an empty one."""
    if not date:
        return pd.NaT
    _, length = _FORMS.get(len(date), ("", None))
    day = first_day(date)
    return day if length is None else day + length - pd.Timedelta(days=1)


def spans(date: pd.Series, date_end: pd.Series | None = None) -> tuple[pd.Series, pd.Series]:
    """Turn dates as written into spans of days.

    Parameters
    ----------
    date, date_end : pandas.Series
        Dates as written; an empty `date_end` means that `date` alone gives the span.

    Returns
    -------
    tuple of pandas.Series
        First and last day, `datetime64`; NaT where there is no date.
    """
    start = pd.to_datetime(date.map(first_day))
    last = date if date_end is None else date_end.where(date_end != "", date)
    return start, pd.to_datetime(last.map(last_day))
