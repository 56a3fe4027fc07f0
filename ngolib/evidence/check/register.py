"""The register: spans in force, codes of rules, offices and the log of searches."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from ngolib.evidence.check.days import span_or_none
from ngolib.evidence.check.tables import Data, Row
from ngolib.tables import Defect

NATIONAL, NO_CONSEQUENCE = "national", "none_stated"
# Whom a rule must bind to be typical of its field (docs/codebook.md).
USUAL = ("everyone", "all_ngos")
USUAL_OF_FIELD = {
    "foreign_funding": ("foreign_funded",),
    "speech_media": ("media",),
    "religion": ("religious_body",),
}
_YEARS = re.compile(r"(\d{4})\D+(\d{4})", re.ASCII)


def defects(data: Data) -> Iterator[Defect]:
    """Find what does not fit in the tables of the register."""
    for row in data.rows("rules"):
        yield from _span(data, row)
        yield from _bases(data, row)
        yield from _words(data, row)
    yield from _rungs(data)
    yield from _offices(data)
    yield from _search_log(data)


def _span(data: Data, row: Row) -> Iterator[Defect]:
    """Check that a rule does not end before it begins, whatever the unknown days are."""
    start, end = span_or_none(row["in_force_from"]), span_or_none(row["in_force_to"])
    if start and end and end[1] < start[0]:
        message = f"{row['in_force_to']} is before in_force_from {row['in_force_from']}"
        yield data.defect("rules", row, "in_force_to", message)


def _bases(data: Data, row: Row) -> Iterator[Defect]:
    """Check that a date has a basis, and that only a missing date is of unknown basis."""
    for date, basis in (("in_force_from", "from_basis"), ("in_force_to", "to_basis")):
        found = row[basis]
        if row[date] and found in ("", "unknown"):
            message = f"found {found!r} beside the date {row[date]}; allowed: stated, derived"
            yield data.defect("rules", row, basis, message)
        elif not row[date] and found not in ("", "unknown"):
            yield data.defect("rules", row, basis, f"{found!r} without a date; allowed: unknown")


def _rungs(data: Data) -> Iterator[Defect]:
    """Check that a rung stands on the ladder of its field, and never on an enabling rule."""
    if not data.has("rules", "ladders", "vocabulary"):
        return
    ladders = {(row["category"], row["rung"]) for row in data.rows("ladders")}
    fields = {
        row["code"]
        for row in data.rows("vocabulary")
        if (row["vocabulary"], row["kind"]) == ("category", "field")
    }
    rated = {category for category, _ in ladders}
    for row in data.rows("rules"):
        rung, category = row["rung"], row["category"]
        enabling = row["direction"] == "enabling"
        # A sanction is judged by its consequence: none stated, no rung.
        judged = category in fields or row["consequence"] != NO_CONSEQUENCE
        if rung and (category, rung) not in ladders:
            message = f"the ladder of {category!r} has no rung {rung}"
        elif rung and enabling:
            message = f"found {rung}; allowed: empty for an enabling rule"
        elif not rung and not enabling and judged and category in rated:
            message = "empty; a rule of a ladder that is not enabling needs its rung"
        else:
            continue
        yield data.defect("rules", row, "rung", message)


def _words(data: Data, row: Row) -> Iterator[Defect]:
    """Check that the codes that say a rule in words fit each other."""
    consequences = data.values("rules", row, "consequence")
    if row["max_penalty"] and consequences == (NO_CONSEQUENCE,):
        message = f"{NO_CONSEQUENCE!r} beside a penalty ({row['max_penalty'][:40]})"
        yield data.defect("rules", row, "consequence", message)
    if NO_CONSEQUENCE in consequences and len(consequences) > 1:
        message = f"{NO_CONSEQUENCE!r} stands beside another consequence"
        yield data.defect("rules", row, "consequence", message)
    usual = {*USUAL, *USUAL_OF_FIELD.get(row["category"], ())}
    bound = data.values("rules", row, "bound")
    if row["typical"] == "yes" and not usual & set(bound):
        message = f"'yes', but it binds {', '.join(bound)}; needed: one of {', '.join(usual)}"
        yield data.defect("rules", row, "typical", message)
    elif row["typical"] == "yes" and row["territory"] != NATIONAL:
        message = f"'yes', but it applies in {row['territory']} only"
        yield data.defect("rules", row, "typical", message)
    start, seen = span_or_none(row["in_force_from"]), span_or_none(row["last_verified"])
    end = span_or_none(row["in_force_to"])
    if start and seen and seen[1] < start[0]:
        message = f"{row['last_verified']} is before in_force_from {row['in_force_from']}"
        yield data.defect("rules", row, "last_verified", message)
    elif end and seen and seen[0] > end[1]:
        message = f"{row['last_verified']} is after in_force_to {row['in_force_to']}"
        yield data.defect("rules", row, "last_verified", message)


def _offices(data: Data) -> Iterator[Defect]:
    """Check that nobody holds an office before the one before has left it."""
    by_office: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in data.rows("offices"):
        if span_or_none(row["start"]):
            by_office[row["country"], row["office"]].append(row)
    for rows in by_office.values():
        rows.sort(key=lambda row: row["start"])
        for row in rows:
            start, end = span_or_none(row["start"]), span_or_none(row["end"])
            if start and end and end[1] < start[0]:
                message = f"{row['end']} is before start {row['start']}"
                yield data.defect("offices", row, "end", message)
        for before, after in pairwise(rows):
            begun, ended = span_or_none(after["start"]), span_or_none(before["end"])
            if not before["end"]:
                message = f"{after['start']}, but {before['name']} (row {before.number}) has no end"
                yield data.defect("offices", after, "start", message)
            # Only what overlaps whatever the unknown days are.
            elif begun and ended and begun[1] < ended[0]:
                who = f"{before['name']} (row {before.number}) left it, {before['end']}"
                message = f"{after['start']} is before {who}"
                yield data.defect("offices", after, "start", message)


def _search_log(data: Data) -> Iterator[Defect]:
    """Check that a block has the years of its period, and that a search says how and when."""
    for row in data.rows("search_log"):
        for column in ("queries", "date"):
            if row["status"] != "not_searched" and not row[column]:
                message = f"empty, but the status is {row['status']!r}"
                yield data.defect("search_log", row, column, message)
    labels = {
        row["code"]: _YEARS.search(row["label"])
        for row in data.rows("vocabulary")
        if row["vocabulary"] == "period"
    }
    for row in data.rows("search_log"):
        years = labels.get(row["period"])
        if years is None:
            continue
        for column, year in zip(("period_start", "period_end"), years.groups(), strict=True):
            if row[column] != year:
                message = f"found {row[column]}; allowed: {year} for {row['period']}"
                yield data.defect("search_log", row, column, message)
