"""The register table by table: rules, ladders, ratings, offices and the log of searches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from itertools import groupby, pairwise
from operator import itemgetter

from ngolib.evidence.check.tables import Checks, Data, Found, Row, doubled
from ngolib.tables import Defect

NATIONAL, NO_CONSEQUENCE = "national", "none_stated"
# Whom a rule must bind to be typical of its field (docs/codebook.md).
USUAL = ("everyone", "all_ngos")
USUAL_OF_FIELD = {
    "foreign_funding": ("foreign_funded",),
    "speech_media": ("media",),
    "religion": ("religious_body",),
}
# What makes two rows of a table the same, where an id of their own would hide it.
SAME = {
    "steps": ("process_id", "stage", "scheduled", "date", "note"),
    "rules": ("process_id", "category", "measure", "in_force_from"),
    "ratings": ("country", "index", "edition_year", "year_covered", "date"),
    "counts": ("country", "series", "date", "value", "what"),
    "treaties": ("country", "treaty", "action"),
    "corrections": ("table", "row", "column", "old", "new", "decision"),
}
RUNGS = "01234"
_YEARS = re.compile(r"(\d{4})\D+(\d{4})", re.ASCII)

defects = Checks()


@defects.of("rules")
def _span(row: Row, data: Data) -> Found:
    """Check that the dates of a rule follow each other, whatever the unknown days, with a basis."""
    begun, ended, seen = (
        row.days(column) for column in ("in_force_from", "in_force_to", "last_verified")
    )
    since, until, verified = row["in_force_from"], row["in_force_to"], row["last_verified"]
    if begun and ended and ended[1] < begun[0]:
        yield "in_force_to", f"{until} is before in_force_from {since}"
    if begun and seen and seen[1] < begun[0]:
        yield "last_verified", f"{verified} is before in_force_from {since}"
    elif ended and seen and seen[0] > ended[1]:
        yield "last_verified", f"{verified} is after in_force_to {until}"
    for day, basis in ((since, "from_basis"), (until, "to_basis")):
        found = row[basis]
        if day and found in ("", "unknown"):
            yield basis, f"found {found!r} beside the date {day}; allowed: stated, derived"
        elif not day and found not in ("", "unknown"):
            yield basis, f"{found!r} without a date; allowed: unknown"


@defects.of("rules")
def _codes(row: Row, data: Data) -> Found:
    """Check that the codes that say a rule in words fit each other."""
    consequences, bound = row.values("consequence"), row.values("bound")
    if row["max_penalty"] and consequences == (NO_CONSEQUENCE,):
        yield "consequence", f"{NO_CONSEQUENCE!r} beside a penalty ({row['max_penalty'][:40]})"
    if NO_CONSEQUENCE in consequences and len(consequences) > 1:
        yield "consequence", f"{NO_CONSEQUENCE!r} stands beside another consequence"
    usual = (*USUAL, *USUAL_OF_FIELD.get(row["category"], ()))
    if row["typical"] == "yes" and not set(usual) & set(bound):
        needed = f"needed: one of {', '.join(usual)}"
        yield "typical", f"'yes', but it binds {', '.join(bound)}; {needed}"
    elif row["typical"] == "yes" and row["territory"] != NATIONAL:
        yield "typical", f"'yes', but it applies in {row['territory']} only"


@defects.of_all
def _rungs(data: Data) -> Iterator[Defect]:
    """Check that a rung stands on the ladder of its field, and never on an enabling rule."""
    if not data.has("rules", "ladders", "vocabulary"):
        return
    ladders = {(row["category"], row["rung"]) for row in data.rows("ladders")}
    rated = {category for category, _ in ladders}
    fields = data.project.vocabulary("category", "field")
    for row in data.rows("rules"):
        rung, category = row["rung"], row["category"]
        enabling = row["direction"] == "enabling"
        # A sanction is judged by its consequence: none stated, no rung.
        judged = category in fields or row["consequence"] != NO_CONSEQUENCE
        if rung and (category, rung) not in ladders:
            yield row.defect("rung", f"the ladder of {category!r} has no rung {rung}")
        elif rung and enabling:
            yield row.defect("rung", f"found {rung}; allowed: empty for an enabling rule")
        elif not rung and not enabling and judged and category in rated:
            message = "empty; a rule of a ladder that is not enabling needs its rung"
            yield row.defect("rung", message)


@defects.of_all
def _ladders(data: Data) -> Iterator[Defect]:
    """Check that each ladder has all its rungs once, from the bottom up."""
    field = itemgetter("category")
    for category, ladder in groupby(sorted(data.rows("ladders"), key=field), field):
        rows = list(ladder)
        for before, after in pairwise(rows):
            if after["rung"] <= before["rung"]:
                message = f"found {after['rung']} beneath {before['rung']}; allowed: upwards, once"
                yield after.defect("rung", message)
        missing = sorted(set(RUNGS) - {row["rung"] for row in rows})
        if missing:
            message = f"the ladder of {category!r} has no rung {', '.join(missing)}"
            yield rows[-1].defect("rung", message)


def _decimal(text: str) -> Decimal | None:
    """Read a number that has a place on a scale; NaN has none."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return None if number.is_nan() else number


@defects.of_all
def _ratings(data: Data) -> Iterator[Defect]:
    """Check that values lie within their scale, and an index has one scale."""
    scales: dict[tuple[str, str], Row] = {}
    for row in data.rows("ratings"):
        low, value, high = (_decimal(row[c]) for c in ("scale_min", "value", "scale_max"))
        if low is not None and high is not None and (value is None or not low <= value <= high):
            yield row.defect("value", f"found {row['value']}; allowed: {low} to {high}")
        for column in ("scale_min", "scale_max", "best"):
            first = scales.setdefault((row["index"], column), row)
            if row[column] != first[column]:
                message = f"found {row[column]!r}; row {first.number} has {first[column]!r}"
                yield row.defect(column, message)


@defects.of_all
def _offices(data: Data) -> Iterator[Defect]:
    """Check that nobody holds an office before the one before has left it."""
    rows = sorted(data.rows("offices"), key=itemgetter("country", "office", "start"))
    for row in rows:
        start, end = row.days("start"), row.days("end")
        if start and end and end[1] < start[0]:
            yield row.defect("end", f"{row['end']} is before start {row['start']}")
    for before, after in pairwise(row for row in rows if row.days("start")):
        begun, ended = after.days("start"), before.days("end")
        who = f"{before['name']} (row {before.number})"
        if (before["country"], before["office"]) != (after["country"], after["office"]):
            continue
        if not before["end"]:
            yield after.defect("start", f"{after['start']}, but {who} has no end")
        # Only what overlaps whatever the unknown days are.
        elif begun and ended and begun[1] < ended[0]:
            message = f"{after['start']} is before {who} left it, {before['end']}"
            yield after.defect("start", message)


@defects.of("search_log")
def _search_log(row: Row, data: Data) -> Found:
    """Check that a block has the years of its period, and a search says how and when."""
    for column in ("queries", "date"):
        if row["status"] != "not_searched" and not row[column]:
            yield column, f"empty, but the status is {row['status']!r}"
    label = (
        data.project.vocabulary("period").get(row["period"], "") if data.has("vocabulary") else ""
    )
    if years := _YEARS.search(label):
        for n, column in enumerate(("period_start", "period_end"), start=1):
            if row[column] != years[n]:
                yield column, f"found {row[column]}; allowed: {years[n]} for {row['period']}"


@defects.of_all
def _doubles(data: Data) -> Iterator[Defect]:
    """Find rows that say the same thing a second time."""
    for table, columns in SAME.items():
        for row, first in doubled(data.rows(table), itemgetter(*columns)):
            cells = ", ".join(row[column] for column in columns if row[column])
            yield row.defect(columns[0], f"the same as row {first.number}: {cells[:120]}")
