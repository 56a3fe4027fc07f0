"""Counts of the register: each with an id, the span it speaks of, and what it rests on."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from ngolib.evidence.dates import first_day, last_day
from ngolib.evidence.events import CONFIDENCE_ORDER
from ngolib.project import Project, read_once

COLUMNS = [
    "count_id",
    "country",
    "series",
    "what",
    "value",
    "unit",
    "date",
    "date_start",
    "date_end",
    "precision",
    "qualifier",
    "in_snippet",
    "confidence",
    "process_id",
    "url",
    "snippet",
    "note",
    "source_ids",
    "evidence",
]
_DECADE = re.compile(r"(\d{3})X")


@read_once
def load_counts(
    countries: Sequence[str] | None = None,
    series: Sequence[str] | None = None,
    min_confidence: str | None = None,
    *,
    project: Project | None = None,
) -> pd.DataFrame:
    """Load the counts of organisations and sums of money of the register.

    Parameters
    ----------
    countries, series : sequence of str, optional
        Keep these; None keeps all.
    min_confidence : str, optional
        Least confidence, low to high.

    Returns
    -------
    pandas.DataFrame
        `count_id` (made of country, series, date and value, so that it lasts), `country, series,
        what, value` (whole number), `unit, date` as written, `date_start, date_end` (days: the span
        in which the count holds; a decade is ten years), `precision, qualifier, in_snippet,
        confidence, process_id, url, snippet, note`, `source_ids` (source texts that the row itself
        rests on: named in its note, while it has no address of its own), `evidence` (the row's own
        id); by country, series and date.

    Raises
    ------
    ngolib.errors.DataError
        If the table breaks its schema.

    Examples
    --------
    >>> from ngolib.evidence.counts import load_counts
    >>> load_counts(countries=["KAZ"], series=["ngo_total"])["date"].to_list()
    ['199X', '199X', '2011']
    """
    project = project or Project.find()
    table = project.read_table("counts")
    table["count_id"] = (
        "count-"
        + table["country"]
        + "-"
        + table["series"].str.replace("_", "-")
        + "-"
        + table["date"].str.replace("/", "-to-")
        + "-"
        + table["value"].astype("str")
    )
    ends = [_span(date) for date in table["date"]]
    table["date_start"] = pd.to_datetime(pd.Series([a for a, _ in ends], index=table.index))
    table["date_end"] = pd.to_datetime(pd.Series([b for _, b in ends], index=table.index))
    known = list(project.read_table("sources")["source_id"])
    table["source_ids"] = [
        tuple(s for s in known if not url and s in note)
        for url, note in zip(table["url"], table["note"], strict=True)
    ]
    table["evidence"] = [(i,) for i in table["count_id"]]
    for column, wanted in (("country", countries), ("series", series)):
        if wanted is not None:
            table = table[table[column].isin(wanted)]
    if min_confidence is not None:
        kept = CONFIDENCE_ORDER[CONFIDENCE_ORDER.index(min_confidence) :]
        table = table[table["confidence"].isin(kept)]
    order = ["country", "series", "date_start", "date_end", "value"]
    return table.sort_values(order, kind="stable")[COLUMNS].reset_index(drop=True)


def _span(date: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first and last day of a date as written: a decade, a period, or a date."""
    decade = _DECADE.fullmatch(date)
    if decade:
        return first_day(f"{decade[1]}0"), last_day(f"{decade[1]}9")
    first, _, last = date.partition("/")
    return first_day(first), last_day(last or first)
