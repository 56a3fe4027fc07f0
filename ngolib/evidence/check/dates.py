"""Dates: days of the calendar, as exact as their precision says; stages in their order."""

import re
from collections.abc import Iterator
from datetime import MAXYEAR, date
from operator import itemgetter

from ngolib.evidence.check.tables import KNOWN, Checks, Data, Found, Row
from ngolib.evidence.dates import ALLOWED, is_before, span, span_or_none
from ngolib.tables import Defect
from ngolib.texts.dates import PRECISIONS, in_context, resolve_date

# Nothing in the register is older than this; what is to come is not further off than that.
EARLIEST, YEARS_AHEAD = date(1917, 1, 1), 10
# Dates that may lie after the closing day: ends, when a page was fetched, and what is scheduled.
LATER = ("in_force_to", "end", "acting_until", "retrieved")
POSSIBLE = KNOWN["stages"]
# Of each pair, one act passes the first stage before the second, if it passes both.
ORDER = [(a, b) for a, later in POSSIBLE["before"].items() for b in later]

defects = Checks()


@defects.of_all
def _dates(data: Data) -> Iterator[Defect]:
    """Check every date of every table, and that it lies within the frame of the data."""
    closing = data.project.closing_day
    furthest = date(min(closing.year + YEARS_AHEAD, MAXYEAR), 12, 31)
    with_precision = data.with_columns("date", "precision")
    for table, rows in data.tables.items():
        own = {"date": "precision"} if table in with_precision else KNOWN["dates"].get(table, {})
        for row in rows:
            for column, precision in own.items():
                for where, problem in _date(row, column, precision):
                    yield row.defect(where, problem)
            for column in (*own, "date_end") if table in with_precision else own:
                days = span_or_none(row.cells.get(column, ""))
                to_come = column in LATER or row.cells.get("scheduled") == "yes"
                last = furthest if to_come else closing
                if days and (days[1] < EARLIEST or days[0] > last):
                    said = "" if to_come else ", the closing_day of datapackage.json"
                    allowed = f"{EARLIEST.year} to {last}{said}"
                    yield row.defect(column, f"found {row[column]}; allowed: {allowed}")


def _calendar(*dates: tuple[str, str]) -> Found:
    """Check that dates are written as they must be and that the calendar has them."""
    for column, text in dates:
        if text and span_or_none(text) is None:
            yield column, f"found {text!r}; allowed: {ALLOWED}"


def _date(row: Row, column: str, precision_column: str) -> Found:
    """Check that a date is a day of the calendar and fits its precision, if it has one."""
    text, precision = row[column], row[precision_column] if precision_column else ""
    if row.table.name == "counts" and precision in ("decade", "period"):
        yield from _long(text, precision)
        return
    end = row.cells.get("date_end", "") if column == "date" else ""
    wrong = list(_calendar((column, text), ("date_end", end)))
    if wrong or not precision_column:
        yield from wrong
    elif not text:
        if precision not in ("", "unresolved", "unknown"):
            yield column, f"empty, but its precision is {precision!r}"
        elif end:
            yield "date_end", f"found {end!r} without a beginning"
    elif precision == "range":
        if not end:
            yield column, "a range needs date_end"
        elif span(end)[1] < span(text)[0]:
            yield column, f"the range ends ({end}) before it begins ({text})"
    elif PRECISIONS.get(len(text)) != precision:
        yield column, f"{text!r} does not fit its precision {precision!r}"
    elif end:
        yield "date_end", f"found {end!r}; allowed: empty, or the precision 'range'"


def _long(text: str, precision: str) -> Found:
    """Check the date of a count that holds for a decade or a period."""
    first, slash, last = text.partition("/")
    if precision == "decade":
        if not re.fullmatch(r"\d{3}X", text, re.ASCII):
            yield "date", f"found {text!r}; allowed: a decade as 199X"
    elif not slash or "/" in last:
        yield "date", f"found {text!r}; allowed: a period as beginning/end"
    elif wrong := list(_calendar(("date", first), ("date", last))):
        yield from wrong
    elif first and last and span(last)[1] < span(first)[0]:
        yield "date", f"the period ends ({last}) before it begins ({first})"


@defects.of("statements")
def _inferred(row: Row, data: Data) -> Found:
    """Check that a date which leans on that of its article still follows from it."""
    article, own = data.named["articles"].get(row["article_id"]), row.days("date", "date_end")
    if not article or not own or own[0] > own[1] or row["date_basis"] != "inference":
        return
    first, last = (article.days(f"published_{end}") or (None, None) for end in ("start", "end"))
    words, at = row["date_stated"], row["exact"].find(row["date_stated"])
    found = resolve_date(words, published_start=first[0], published_end=last[1])
    if at >= 0:  # its sentence may tell of another year
        found = in_context(found, row["exact"], at, at + len(words), last[1])
    said = span_or_none(found.date, found.date_end) or own
    apart = max((own[0] - said[1]).days, (said[0] - own[1]).days)
    near = 7 if re.search("(?i)(?<!yester)day$", words) else 0
    # What is to come lies ahead of the day that the words would tell.
    to_come = row["scheduled"] == "yes" and own[0] > said[1]
    if apart > near and row["date"][:4] not in row["exact"] and not to_come:
        allowed = f"{found.date}, which {row['date_stated']!r} is by the date of the article"
        yield "date", f"found {row['date']}; allowed: {allowed}"


@defects.of_all
def _treaties(data: Data) -> Iterator[Defect]:
    """Check that a treaty is signed before it is ratified."""
    treaty, rows = itemgetter("country", "treaty"), data.rows("treaties")
    signed = {treaty(row): row["date"] for row in rows if row["action"] == "signature"}
    for row in rows:
        first = signed.get(treaty(row), "")
        if row["action"] == "ratification" and is_before(row["date"], first):
            yield row.defect("date", f"{row['date']} is before the signature ({first})")


@defects.of("steps", "statements")
def _possible(row: Row, data: Data) -> Found:
    """Check that a stage is possible for the kind and the level of its act."""
    act = data.named["acts"].get(row["process_id"])
    for column in ("kind", "level"):
        code, stage = act[column] if act else "", row["stage"]
        allowed = POSSIBLE[column].get(code, [stage])
        if stage not in allowed:
            what = f"the {column} {code}; allowed: {', '.join(allowed)}"
            yield "stage", f"{stage!r} is not possible for {what}"
            return


def _order_of(act: Row | None) -> Iterator[tuple[str, str]]:
    free = POSSIBLE["free"].get(act["kind"], ()) if act else ()
    return ((a, b) for a, b in ORDER if a not in free or b in free)


@defects.of_all
def _order(data: Data) -> Iterator[Defect]:
    """Check that nothing was taken before what must precede it, whatever the unknown days are."""
    for act, taken in data.first_steps.items():
        for before, after in _order_of(data.named["acts"].get(act)):
            a, b = taken.get(before), taken.get(after)
            if a and b and b.last < a.first:
                message = f"{after} ({b.row['date']}) is before {before} ({a.row['date']})"
                yield b.row.defect("date", message)


@defects.of("steps")
def _still_to_come(row: Row, data: Data) -> Found:
    """Check that nothing that must come later has been taken while a step is only scheduled."""
    if row["scheduled"] != "yes":
        return
    taken = data.first_steps.get(row["process_id"], {})
    days = row.days("date", "date_end")
    for before, after in _order_of(data.named["acts"].get(row["process_id"])):
        if before == row["stage"] and after in taken:
            yield "scheduled", f"scheduled, but {after} ({taken[after].row['date']}) is confirmed"
            return
        if after == row["stage"] and before in taken and days and days[1] < taken[before].first:
            earlier = f"before {before} ({taken[before].row['date']})"
            yield "date", f"{after} ({row['date']}) is {earlier}"
            return
