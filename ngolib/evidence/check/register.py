"""The register: rules, ladders, ratings, offices, searches, corrections, pairs of rules."""

import re
from collections.abc import Iterator
from itertools import groupby, pairwise
from operator import itemgetter

from ngolib.evidence.check.tables import KNOWN, Checks, Data, Found, Row, doubled, numbers_of
from ngolib.evidence.dates import is_before
from ngolib.evidence.tables import gathered
from ngolib.tables import Defect

RUNGS = "01234"
QUOTING, EVIDENCE = KNOWN["quoting"], KNOWN["evidence"]

defects = Checks()


@defects.of("rules")
def _typical(row: Row, data: Data) -> Found:
    """Check that a rule that is typical of its field binds whom the field is about."""
    usual, bound = KNOWN["usual"]["any"] + KNOWN["usual"].get(row["category"], []), row["bound"]
    if row["typical"] == "yes" and set(usual).isdisjoint(row.values("bound")):
        yield "typical", f"'yes', but it binds {bound}; needed: one of {', '.join(usual)}"


@defects.of_all
def _glosses(data: Data) -> Iterator[Defect]:
    """Check that a gloss is of a quote that another table holds."""
    tables = [name for name in QUOTING if name in data.schema]
    if data.has("glosses", *tables):
        quotes = {row["snippet"] for name in tables for row in data.rows(name)}
        for row in data.rows("glosses"):
            if row["quote"] not in quotes:
                yield row.defect("quote", f"stands in none of {', '.join(tables)}")


@defects.of_all
def _rungs(data: Data) -> Iterator[Defect]:
    """Check that a rung stands on the ladder of its field."""
    if not data.has("rules", "ladders", "vocabulary"):
        return
    ladders = {(row["category"], row["rung"]) for row in data.rows("ladders")}
    rated = {category for category, _ in ladders}
    fields = data.project.vocabulary("category", "field")
    for row in data.rows("rules"):
        rung, category = row["rung"], row["category"]
        enabling = row["direction"] == "enabling"
        # A sanction is judged by its consequence: none stated, no rung.
        judged = category in fields or row["consequence"] != "none_stated"
        if rung and (category, rung) not in ladders:
            yield row.defect("rung", f"the ladder of {category!r} has no rung {rung}")
        elif not rung and not enabling and judged and category in rated:
            said = "empty; a rule of a ladder that is not enabling needs its rung"
            yield row.defect("rung", said)


@defects.of_all
def _ladders(data: Data) -> Iterator[Defect]:
    """Check that each ladder has all its rungs once, from the bottom up."""
    field = itemgetter("category")
    for category, ladder in groupby(sorted(data.rows("ladders"), key=field), field):
        *_, last = rows = list(ladder)
        found, allowed = ", ".join(row["rung"] for row in rows), ", ".join(RUNGS)
        if found != allowed:
            yield last.defect("rung", f"{category} has {found}; allowed: {allowed}")


@defects.of_all
def _ratings(data: Data) -> Iterator[Defect]:
    """Check that an index has one scale."""
    scales: dict[tuple[str, str], Row] = {}
    for row in data.rows("ratings"):
        for column in ("scale_min", "scale_max", "best"):
            first = scales.setdefault((row["index"], column), row)
            if row[column] != first[column]:
                message = f"found {row[column]!r}; row {first.number} has {first[column]!r}"
                yield row.defect(column, message)


@defects.of_all
def _offices(data: Data) -> Iterator[Defect]:
    """Check that nobody holds an office before the one before has left it."""
    rows = sorted(data.rows("offices"), key=itemgetter("country", "office", "start"))
    office = itemgetter("country", "office")
    for before, after in pairwise(row for row in rows if row.days("start")):
        in_it = not before["end"] or is_before(after["start"], before["end"])
        if in_it and office(before) == office(after):
            left = f"{before['name']} (row {before.number}) left it: {before['end'] or 'no end'}"
            yield after.defect("start", f"{after['start']} is before {left}")


@defects.of("search_log")
def _search_log(row: Row, data: Data) -> Found:
    """Check that a block has the years of its period."""
    periods = data.project.vocabulary("period") if data.has("vocabulary") else {}
    years = re.findall(r"\d{4}", periods.get(row["period"], ""))
    for column, year in zip(("period_start", "period_end"), years, strict=False):
        if row[column] != year:
            yield column, f"found {row[column]}; allowed: {year} for {row['period']}"


@defects.of_all
def _doubles(data: Data) -> Iterator[Defect]:
    """Find rows that say the same thing a second time."""
    for table, columns in KNOWN["same"].items():
        for row, first in doubled(data.rows(table), itemgetter(*columns)):
            cells = ", ".join(row[column] for column in columns if row[column])
            yield row.defect(columns[0], f"the same as row {first.number}: {cells[:120]}")


@defects.of_all
def _commencement(data: Data) -> Iterator[Defect]:
    """Check that a start that follows from its law is as exact as others of the law that do."""
    law, rows = itemgetter("process_id", "law_no"), data.rows("rules")
    rows = [row for row in rows if row["from_basis"] == "derived" and row["in_force_from"]]
    starts = gathered(map(law, rows), (row["in_force_from"] for row in rows))
    for row in rows:
        text = row["in_force_from"]
        if exact := [day for day in starts[law(row)] if text < day and day.startswith(text)]:
            yield row.defect("in_force_from", f"found {text}, but its law has {exact[0]} too")


@defects.of("rules")
def _circle(row: Row, data: Data) -> Found:
    """Check that what rules carry over does not lead back to them."""
    seen: set[str] = set()
    older = data.named["rules"].get(row["carries_over"])
    while older and older["rule_id"] not in seen:
        seen.add(older["rule_id"])
        older = data.named["rules"].get(older["carries_over"])
    if row["rule_id"] in seen:
        yield "carries_over", f"{row['carries_over']} goes back to this rule: a circle"


@defects.of("search_log")
def _searches(row: Row, data: Data) -> Found:
    """Check that a search without a find is not of a field and time in which a rule began."""
    if row["status"] != "searched_none_found":
        return
    years = range(int(row["period_start"]), int(row["period_end"]) + 1)
    for rule in data.rows("rules"):
        start = rule.days("in_force_from")
        like = all(rule[column] == row[column] for column in ("country", "category"))
        if like and start and start[0].year in years:
            yield "status", f"found {row['status']!r}, but {rule['rule_id']} began in that period"
            return


@defects.of("counts", "ratings")
def _values(row: Row, data: Data) -> Found:
    """Check that a value that is said to stand in its quotation does."""
    value, quote = row.cells.get("value_as_printed") or row["value"], row["snippet"]
    whole = rf"(?<!\d){re.escape(value)}(?!\d)"
    there = re.search(whole, quote, re.IGNORECASE) or numbers_of(value) & numbers_of(quote)
    if row["in_snippet"] == "yes" and not there:
        yield "snippet", f"{value!r} does not stand there, though in_snippet is 'yes'"


@defects.of_all
def _corrections(data: Data) -> Iterator[Defect]:
    """Check that what was corrected stands corrected; the last word on a cell wins."""
    schema = data.schema
    last: dict[tuple[str, str, str], Row] = {}
    for row in data.rows("corrections"):
        table, column = row["table"], row["column"]
        if table not in schema:
            yield row.defect("table", f"no table {table!r}")
        elif column and column not in schema[table].columns:
            yield row.defect("column", f"{table} has no column {column!r}")
        elif column and row["decision"] == "taken" and schema[table].fields[0].unique:
            last[table, row["row"], column] = row
    for (table, key, column), row in last.items():
        path, target = schema[table].path, data.named[table].get(key)
        if target is None and data.rows(table):
            yield row.defect("row", f"no row {key!r} in {path}")
        elif target is not None and target[column] != row["new"]:
            yield row.defect("new", f"found {row['new']!r}; {path} has {target[column]!r} there")


@defects.of("pairs")
def _influence(row: Row, data: Data) -> Found:
    """Check that the evidence of influence exists."""
    for value in row.values("influence_evidence") if data.has(*EVIDENCE) else ():
        if not any(value in data.named[table] for table in EVIDENCE):
            yield "influence_evidence", f"{value!r} is no link, statement or step"
