"""Tables that speak of one thing: they must not say two different things of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from ngolib.evidence.check.days import span_or_none
from ngolib.evidence.check.tables import Data, Row, significant_digits
from ngolib.tables import Defect

# Stages that show that an act was made, and those that end it.
A_YEAR = timedelta(days=366)
MADE = ("adopted", "signed", "published")
ENDED = ("repealed", "expired")


def defects(data: Data) -> Iterator[Defect]:
    """Find rows of two tables that contradict each other."""
    yield from _countries(data)
    yield from _lives(data)
    yield from _replaced(data)
    yield from _searches(data)
    yield from _values(data)
    yield from _corrections(data)


def _countries(data: Data) -> Iterator[Defect]:
    """Check that rules and statements are of a country of their act."""
    acts = {row["process_id"]: data.values("acts", row, "country") for row in data.rows("acts")}
    for table in ("rules", "statements"):
        for row in data.rows(table):
            own = data.values(table, row, "country")
            allowed = acts.get(row["process_id"], own)
            foreign = [country for country in own if country not in allowed]
            if foreign:
                message = f"found {foreign[0]!r}; allowed: as its act, {', '.join(allowed)}"
                yield data.defect(table, row, "country", message)


def _first(data: Data, stages: tuple[str, ...]) -> dict[str, tuple[date, date, Row]]:
    """Return by act the first step of some stages that was taken, with its span of days."""
    found: dict[str, tuple[date, date, Row]] = {}
    for row in data.rows("steps"):
        days = span_or_none(row["date"], row["date_end"])
        if row["stage"] in stages and row["scheduled"] == "no" and days:
            step = (*days, row)
            act = row["process_id"]
            found[act] = min(found.get(act, step), step, key=lambda s: s[0])
    return found


def _lives(data: Data) -> Iterator[Defect]:
    """Check the span of each rule against the life of its act."""
    made, ended = _first(data, MADE), _first(data, ENDED)
    never = {r["process_id"] for r in data.rows("acts") if r["never_in_force"] == "yes"}
    for row in data.rows("steps"):
        if row["process_id"] in never and row["stage"] == "in_force" and row["scheduled"] == "no":
            message = "in_force, but its act is marked never_in_force in register/acts.csv"
            yield data.defect("steps", row, "stage", message)
    for row in data.rows("rules"):
        if row["process_id"] in never and row["in_force_from"]:
            message = f"found {row['in_force_from']}, but its act is marked never_in_force"
            yield data.defect("rules", row, "in_force_from", message)
        elif row["replaced_by"] in never:
            message = f"{row['replaced_by']!r} is marked never_in_force in register/acts.csv"
            yield data.defect("rules", row, "replaced_by", message)
    starts: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in data.rows("rules"):
        act = row["process_id"]
        start, end = span_or_none(row["in_force_from"]), span_or_none(row["in_force_to"])
        starts[act, row["law_no"]].append(row)
        if start and act in made and start[1] < made[act][0]:
            step = made[act][2]
            message = f"{row['in_force_from']} is before its act was made ({step['date']})"
            yield data.defect("rules", row, "in_force_from", message)
        # A law that ends another may be signed well before it takes force itself.
        if act in ended and (end is None or end[0] > ended[act][1] + A_YEAR):
            found = row["in_force_to"] or "empty"
            message = f"found {found}; its act ended on {ended[act][2]['date']}"
            yield data.defect("rules", row, "in_force_to", message)
    for rows in starts.values():
        yield from _one_commencement(data, rows)


def _one_commencement(data: Data, rows: list[Row]) -> Iterator[Defect]:
    """Check that one start is not written twice, once less exactly, in the rules of one law."""
    exact = [r for r in rows if len(r["in_force_from"]) == 10]
    for row in rows:
        text = row["in_force_from"]
        same = [r for r in exact if 0 < len(text) < 10 and r["in_force_from"].startswith(text)]
        if same:
            other = f"{same[0]['rule_id']} of the same law has {same[0]['in_force_from']}"
            yield data.defect("rules", row, "in_force_from", f"found {text}, but {other}")


def _replaced(data: Data) -> Iterator[Defect]:
    """Check what replaces or carries over a rule: another one, later, and not in a circle."""
    made = _first(data, MADE)
    rules = {row["rule_id"]: row for row in data.rows("rules")}
    country = {row["process_id"]: data.values("acts", row, "country") for row in data.rows("acts")}
    for row in rules.values():
        new, old = row["replaced_by"], row["process_id"]
        if new == old:
            yield data.defect("rules", row, "replaced_by", f"{new!r} is its own act")
        elif new in country and row["country"] not in country[new]:
            message = f"{new!r} is an act of {', '.join(country[new])}, not of {row['country']}"
            yield data.defect("rules", row, "replaced_by", message)
        elif new in made and old in made and made[new][1] < made[old][0]:
            message = f"{new} was made ({made[new][2]['date']}) before the act that it replaces"
            yield data.defect("rules", row, "replaced_by", message)
        if new and not row["in_force_to"] and row["to_basis"] != "unknown":
            yield data.defect("rules", row, "in_force_to", f"empty, but replaced_by is {new}")
        older = rules.get(row["carries_over"])
        if older is None:
            continue
        start, before = span_or_none(row["in_force_from"]), span_or_none(older["in_force_from"])
        for column in ("country", "category"):
            if row[column] != older[column]:
                message = f"{older['rule_id']} is of {column} {older[column]}, not {row[column]}"
                yield data.defect("rules", row, "carries_over", message)
        if row["rule_id"] in _line(rules, older):
            message = f"{older['rule_id']} goes back to this rule: a circle"
            yield data.defect("rules", row, "carries_over", message)
        elif start and before and start[1] < before[0]:
            message = f"{older['rule_id']} began later ({older['in_force_from']})"
            yield data.defect("rules", row, "carries_over", message)


def _line(rules: dict[str, Row], rule: Row | None) -> list[str]:
    """Return a rule and those that it goes back to, the newest first."""
    line: list[str] = []
    while rule and rule["rule_id"] not in line:
        line.append(rule["rule_id"])
        rule = rules.get(rule["carries_over"])
    return line


def _searches(data: Data) -> Iterator[Defect]:
    """Check that a search without a find is not of a field and time in which a rule began."""
    for row in data.rows("search_log"):
        if row["status"] != "searched_none_found":
            continue
        for rule in data.rows("rules"):
            start = span_or_none(rule["in_force_from"])
            inside = start and int(row["period_start"]) <= start[0].year <= int(row["period_end"])
            if inside and all(rule[c] == row[c] for c in ("country", "category")):
                message = f"found {row['status']!r}, but {rule['rule_id']} began in that period"
                yield data.defect("search_log", row, "status", message)
                break


def _values(data: Data) -> Iterator[Defect]:
    """Check that a value that is said to stand in its quotation does."""
    for table, column in (("counts", "value"), ("ratings", "value_as_printed")):
        for row in data.rows(table):
            value, quote = row[column] or row["value"], row["snippet"]
            shown = value.lower() in quote.lower() or significant_digits(
                value
            ) & significant_digits(quote)
            if row["in_snippet"] == "yes" and not shown:
                message = f"{value!r} does not stand there, though in_snippet is 'yes'"
                yield data.defect(table, row, "snippet", message)


def _corrections(data: Data) -> Iterator[Defect]:
    """Check that what was corrected stands corrected; the last word on a cell wins."""
    schema = data.project.schema
    cells: dict[tuple[str, str, str], Row] = {}
    for row in data.rows("corrections"):
        if row["table"] not in schema:
            yield data.defect("corrections", row, "table", f"no table {row['table']!r}")
        elif row["column"] and row["column"] not in schema[row["table"]].columns:
            message = f"{row['table']} has no column {row['column']!r}"
            yield data.defect("corrections", row, "column", message)
        elif row["column"] and row["decision"] == "taken":
            cells[row["table"], row["row"], row["column"]] = row
    found: dict[str, dict[str, Row]] = {}
    for (table, key, column), row in cells.items():
        if table not in found:
            first = schema[table].fields[0]
            found[table] = {r[first.name]: r for r in data.rows(table) if first.unique}
        target = found[table].get(key)
        if target is None and found[table]:
            yield data.defect("corrections", row, "row", f"no row {key!r} in {schema[table].path}")
        elif target is not None and target[column] != row["new"]:
            message = f"found {row['new']!r}; {schema[table].path} has {target[column]!r} there"
            yield data.defect("corrections", row, "new", message)
