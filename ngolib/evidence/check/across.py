"""Tables that speak of one thing: they must not say two different things of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from ngolib.evidence.check.tables import Data, Row, Step, significant_digits
from ngolib.tables import Defect

A_YEAR = timedelta(days=366)
# Stages that show that an act was made, and those that end it.
MADE = ("adopted", "signed", "published")
ENDED = ("repealed", "expired")


def defects(data: Data) -> Iterator[Defect]:
    """Find rows of two tables that contradict each other."""
    yield from _countries(data)
    yield from _never(data)
    yield from _lives(data)
    yield from _commencements(data)
    yield from _replaced(data)
    yield from _carried_over(data)
    yield from _searches(data)
    yield from _values(data)
    yield from _corrections(data)


def _countries(data: Data) -> Iterator[Defect]:
    """Check that rules and statements are of a country of their act."""
    acts = {row["process_id"]: row.values("country") for row in data.rows("acts")}
    for row in (*data.rows("rules"), *data.rows("statements")):
        own = row.values("country")
        allowed = acts.get(row["process_id"], own)
        foreign = [country for country in own if country not in allowed]
        if foreign:
            message = f"found {foreign[0]!r}; allowed: as its act, {', '.join(allowed)}"
            yield row.defect("country", message)


def _first(data: Data, stages: tuple[str, ...]) -> dict[str, Step]:
    """Return by act the first step of some stages that was taken."""
    return {
        act: min((taken[s] for s in stages if s in taken), key=lambda step: step.first)
        for act, taken in data.first_steps.items()
        if not taken.keys().isdisjoint(stages)
    }


def _never(data: Data) -> Iterator[Defect]:
    """Check that nothing is in force of an act that never came into force."""
    never = {r["process_id"] for r in data.rows("acts") if r["never_in_force"] == "yes"}
    for row in data.rows("steps"):
        if row["process_id"] in never and row["stage"] == "in_force" and row["scheduled"] == "no":
            message = "in_force, but its act is marked never_in_force in register/acts.csv"
            yield row.defect("stage", message)
    for row in data.rows("rules"):
        if row["process_id"] in never and row["in_force_from"]:
            message = f"found {row['in_force_from']}, but its act is marked never_in_force"
            yield row.defect("in_force_from", message)
        elif row["replaced_by"] in never:
            message = f"{row['replaced_by']!r} is marked never_in_force in register/acts.csv"
            yield row.defect("replaced_by", message)


def _lives(data: Data) -> Iterator[Defect]:
    """Check that a rule begins when its act was made, and ends with it."""
    made, ended = _first(data, MADE), _first(data, ENDED)
    for row in data.rows("rules"):
        start, end = row.days("in_force_from"), row.days("in_force_to")
        step = made.get(row["process_id"])
        if start and step and start[1] < step.first:
            message = f"{row['in_force_from']} is before its act was made ({step.row['date']})"
            yield row.defect("in_force_from", message)
        step = ended.get(row["process_id"])
        # A law that ends another may be signed well before it takes force itself.
        if step and (end is None or end[0] > step.last + A_YEAR):
            found = row["in_force_to"] or "empty"
            message = f"found {found}; its act ended on {step.row['date']}"
            yield row.defect("in_force_to", message)


def _commencements(data: Data) -> Iterator[Defect]:
    """Check that one start is not written twice, once less exactly, in the rules of one law."""
    laws: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in data.rows("rules"):
        if len(row["in_force_from"]) == 10:
            laws[row["process_id"], row["law_no"]].append(row)
    for row in data.rows("rules"):
        text = row["in_force_from"]
        exact = laws.get((row["process_id"], row["law_no"]), []) if 0 < len(text) < 10 else []
        same = [r for r in exact if r["in_force_from"].startswith(text)]
        if same:
            other = f"{same[0]['rule_id']} of the same law has {same[0]['in_force_from']}"
            yield row.defect("in_force_from", f"found {text}, but {other}")


def _replaced(data: Data) -> Iterator[Defect]:
    """Check that what replaces a rule is another act of its country, made later."""
    made = _first(data, MADE)
    country = {row["process_id"]: row.values("country") for row in data.rows("acts")}
    for row in data.rows("rules"):
        new, old = row["replaced_by"], row["process_id"]
        if new == old:
            yield row.defect("replaced_by", f"{new!r} is its own act")
        elif new in country and row["country"] not in country[new]:
            message = f"{new!r} is an act of {', '.join(country[new])}, not of {row['country']}"
            yield row.defect("replaced_by", message)
        elif new in made and old in made and made[new].last < made[old].first:
            day = made[new].row["date"]
            message = f"{new} was made ({day}) before the act that it replaces"
            yield row.defect("replaced_by", message)
        if new and not row["in_force_to"] and row["to_basis"] != "unknown":
            yield row.defect("in_force_to", f"empty, but replaced_by is {new}")


def _carried_over(data: Data) -> Iterator[Defect]:
    """Check that what a rule carries over is like it, and older, and not in a circle."""
    rules = {row["rule_id"]: row for row in data.rows("rules")}
    for row in rules.values():
        older = rules.get(row["carries_over"])
        if older is None:
            continue
        for column in ("country", "category"):
            if row[column] != older[column]:
                message = f"{older['rule_id']} is of {column} {older[column]}, not {row[column]}"
                yield row.defect("carries_over", message)
        start, before = row.days("in_force_from"), older.days("in_force_from")
        if row["rule_id"] in _line(rules, older):
            message = f"{older['rule_id']} goes back to this rule: a circle"
            yield row.defect("carries_over", message)
        elif start and before and start[1] < before[0]:
            message = f"{older['rule_id']} began later ({older['in_force_from']})"
            yield row.defect("carries_over", message)


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
        years = range(int(row["period_start"]), int(row["period_end"]) + 1)
        for rule in data.rows("rules"):
            start = rule.days("in_force_from")
            like = all(rule[column] == row[column] for column in ("country", "category"))
            if like and start and start[0].year in years:
                message = f"found {row['status']!r}, but {rule['rule_id']} began in that period"
                yield row.defect("status", message)
                break


def _values(data: Data) -> Iterator[Defect]:
    """Check that a value that is said to stand in its quotation does."""
    for table, column in (("counts", "value"), ("ratings", "value_as_printed")):
        for row in data.rows(table):
            value, quote = row[column] or row["value"], row["snippet"]
            digits = significant_digits(value) & significant_digits(quote)
            if row["in_snippet"] == "yes" and value.lower() not in quote.lower() and not digits:
                message = f"{value!r} does not stand there, though in_snippet is 'yes'"
                yield row.defect("snippet", message)


def _corrections(data: Data) -> Iterator[Defect]:
    """Check that what was corrected stands corrected; the last word on a cell wins."""
    schema = data.project.schema
    cells: dict[tuple[str, str, str], Row] = {}
    for row in data.rows("corrections"):
        table, column = row["table"], row["column"]
        if table not in schema:
            yield row.defect("table", f"no table {table!r}")
        elif column and column not in schema[table].columns:
            yield row.defect("column", f"{table} has no column {column!r}")
        elif column and row["decision"] == "taken":
            cells[table, row["row"], column] = row
    found: dict[str, dict[str, Row]] = {}
    for (table, key, column), row in cells.items():
        first, path = schema[table].fields[0], schema[table].path
        if table not in found:
            found[table] = {r[first.name]: r for r in data.rows(table) if first.unique}
        target = found[table].get(key)
        if target is None and found[table]:
            yield row.defect("row", f"no row {key!r} in {path}")
        elif target is not None and target[column] != row["new"]:
            yield row.defect("new", f"found {row['new']!r}; {path} has {target[column]!r} there")
