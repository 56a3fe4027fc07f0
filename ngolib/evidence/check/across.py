"""Tables that speak of one thing: they must not say two different things of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from ngolib.evidence.check.tables import (
    Checks,
    Data,
    Found,
    Row,
    Step,
    doubled,
    significant_digits,
)
from ngolib.tables import Defect

A_YEAR = timedelta(days=366)
# Stages that show that an act was made, and those that end it.
MADE = ("adopted", "signed", "published")
ENDED = ("repealed", "expired")
NEVER = "marked never_in_force"
IN_ACTS = f"{NEVER} in register/acts.csv"
# Of pairs of like rules, fixed before they were read (docs/expectations.md).
RESTRICTS = ("restrictive", "mixed")
# Acts of these relations carry over, carry out or undo others: they open no pair.
CLOSED = {"re_enacts", "implements", "reverses"}
DATES_ONLY = "timing_only"
SIDES = ("rule_a", "rule_b")
EVIDENCE = ("links", "statements", "steps")

defects = Checks()


def _first(data: Data, act: str, stages: tuple[str, ...]) -> Step | None:
    """Return the first step of an act, of some stages, that was taken."""
    taken = data.first_steps.get(act, {})
    steps = (taken[stage] for stage in stages if stage in taken)
    return min(steps, key=lambda step: step.first, default=None)


def _never(data: Data, process_id: str) -> bool:
    act = data.named["acts"].get(process_id)
    return act is not None and act["never_in_force"] == "yes"


@defects.of("rules", "statements")
def _of_a_country_of_its_act(row: Row, data: Data) -> Found:
    act = data.named["acts"].get(row["process_id"])
    allowed = act.values("country") if act else row.values("country")
    foreign = [country for country in row.values("country") if country not in allowed]
    if foreign:
        yield "country", f"found {foreign[0]!r}; allowed: as its act, {', '.join(allowed)}"


@defects.of("steps")
def _not_in_force(row: Row, data: Data) -> Found:
    taken = row["stage"] == "in_force" and row["scheduled"] == "no"
    if taken and _never(data, row["process_id"]):
        yield "stage", f"in_force, but its act is {IN_ACTS}"


@defects.of("rules")
def _life(row: Row, data: Data) -> Found:
    """Check that a rule begins when its act was made, if it came into force, and ends with it."""
    start, end = row.days("in_force_from"), row.days("in_force_to")
    act, since = row["process_id"], row["in_force_from"]
    if since and _never(data, act):
        yield "in_force_from", f"found {since}, but its act is {NEVER}"
    made, ended = _first(data, act, MADE), _first(data, act, ENDED)
    if start and made and start[1] < made.first:
        yield "in_force_from", f"{since} is before its act was made ({made.row['date']})"
    # A law that ends another may be signed well before it takes force itself.
    if ended and (end is None or end[0] > ended.last + A_YEAR):
        found = row["in_force_to"] or "empty"
        yield "in_force_to", f"found {found}; its act ended on {ended.row['date']}"


@defects.of_all
def _commencements(data: Data) -> Iterator[Defect]:
    """Check that one start is not written twice, once less exactly, in the rules of one law."""
    exact: dict[tuple[str, str], list[Row]] = {}
    for row in data.rows("rules"):
        if len(row["in_force_from"]) == 10:
            exact.setdefault((row["process_id"], row["law_no"]), []).append(row)
    for row in data.rows("rules"):
        text = row["in_force_from"]
        for other in exact.get((row["process_id"], row["law_no"]), []):
            if 0 < len(text) < 10 and other["in_force_from"].startswith(text):
                same = f"{other['rule_id']} of the same law has {other['in_force_from']}"
                yield row.defect("in_force_from", f"found {text}, but {same}")
                break


@defects.of("rules")
def _replaced(row: Row, data: Data) -> Found:
    """Check that what replaces a rule is another act of its country, made later, which ends it."""
    new, old = row["replaced_by"], row["process_id"]
    if not new:
        return
    if not row["in_force_to"] and row["to_basis"] != "unknown":
        yield "in_force_to", f"empty, but replaced_by is {new}"
    if _never(data, new) and not (row["in_force_from"] and _never(data, old)):
        yield "replaced_by", f"{new!r} is {IN_ACTS}"
    act, begun, before = data.named["acts"].get(new), *(_first(data, a, MADE) for a in (new, old))
    if new == old:
        yield "replaced_by", f"{new!r} is its own act"
    elif act and row["country"] not in act.values("country"):
        countries = ", ".join(act.values("country"))
        yield "replaced_by", f"{new!r} is an act of {countries}, not of {row['country']}"
    elif begun and before and begun.last < before.first:
        day = begun.row["date"]
        yield "replaced_by", f"{new} was made ({day}) before the act that it replaces"


@defects.of("rules")
def _carried_over(row: Row, data: Data) -> Found:
    """Check that what a rule carries over is like it, and older, and not in a circle."""
    older = data.named["rules"].get(row["carries_over"])
    if older is None:
        return
    for column in ("country", "category"):
        if row[column] != older[column]:
            message = f"{older['rule_id']} is of {column} {older[column]}, not {row[column]}"
            yield "carries_over", message
    start, before = row.days("in_force_from"), older.days("in_force_from")
    if _goes_back(data, older, row["rule_id"]):
        yield "carries_over", f"{older['rule_id']} goes back to this rule: a circle"
    elif start and before and start[1] < before[0]:
        yield "carries_over", f"{older['rule_id']} began later ({older['in_force_from']})"


def _goes_back(data: Data, rule: Row | None, to: str) -> bool:
    """Say whether a rule, or one that it goes back to, has an id."""
    seen: set[str] = set()
    while rule and rule["rule_id"] not in seen:
        seen.add(rule["rule_id"])
        rule = data.named["rules"].get(rule["carries_over"])
    return to in seen


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
    digits = significant_digits(value) & significant_digits(quote)
    if row["in_snippet"] == "yes" and value.lower() not in quote.lower() and not digits:
        yield "snippet", f"{value!r} does not stand there, though in_snippet is 'yes'"


@defects.of_all
def _corrections(data: Data) -> Iterator[Defect]:
    """Check that what was corrected stands corrected; the last word on a cell wins."""
    schema = data.project.schema
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


@defects.of_all
def _pairs_twice(data: Data) -> Iterator[Defect]:
    for row, first in doubled(data.rows("pairs"), _pair):
        yield row.defect("pair_id", f"the same pair as {first['pair_id']}")


def _pair(row: Row) -> tuple[str, ...]:
    return (*sorted(row[side] for side in SIDES), row["element"])


@defects.of("pairs")
def _paired(row: Row, data: Data) -> Found:
    """Check that both rules are of the category of the pair, restrict, and are no old ones."""
    own = {s: data.named["rules"][row[s]] for s in SIDES if row[s] in data.named["rules"]}
    for side, rule in own.items():
        for column, allowed in (("category", (row["category"],)), ("direction", RESTRICTS)):
            if rule[column] not in allowed:
                found = f"{column} of {row[side]} is {rule[column]!r}"
                yield side, f"{found}; allowed: {', '.join(allowed)}"
        act = data.named["acts"].get(rule["process_id"])
        relations = {part.partition(":")[0] for part in act.values("relation")} if act else set()
        if closed := relations & CLOSED:
            yield side, f"the act of {row[side]} {min(closed)} another: it opens no pair"
        if rule["carries_over"]:
            yield side, f"{row[side]} carries over {rule['carries_over']}: it opens no pair"
    if len(own) == len(SIDES):
        one, other = (rule["country"] for rule in own.values())
        if one == other:
            yield "rule_b", f"both rules are of {one}; allowed: of two countries"
        elif one > other:
            yield "rule_a", f"{one} stands before {other}; allowed: by the alphabet"


@defects.of("pairs")
def _influence(row: Row, data: Data) -> Found:
    """Check that evidence of influence is named wherever there is more than dates, and exists."""
    kinds, found = row.values("influence"), row.values("influence_evidence")
    if DATES_ONLY in kinds and len(kinds) > 1:
        yield "influence", f"{DATES_ONLY} stands beside other evidence"
    if (DATES_ONLY in kinds) == bool(found):
        allowed = "empty" if found else "links, statements or steps"
        yield "influence_evidence", f"beside influence {row['influence']!r}; allowed: {allowed}"
    for value in found if data.has(*EVIDENCE) else ():
        if not any(value in data.named[table] for table in EVIDENCE):
            yield "influence_evidence", f"{value!r} is no link, statement or step"
