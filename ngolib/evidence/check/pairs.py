"""Pairs of like rules: of two countries, in one category, with evidence where it is claimed."""

from __future__ import annotations

from collections.abc import Iterator

from ngolib.evidence.check.tables import Data, Row
from ngolib.tables import Defect

RESTRICTS = ("restrictive", "mixed")
# Acts of these relations carry over, carry out or undo others: they open no pair.
CLOSED = {"re_enacts", "implements", "reverses"}
DATES_ONLY = "timing_only"
SIDES = ("rule_a", "rule_b")
EVIDENCE = (("links", "link_id"), ("statements", "statement_id"), ("steps", "step_id"))


def defects(data: Data) -> Iterator[Defect]:
    """Find pairs that break a rule fixed for reading them (docs/expectations.md)."""
    rules = {row["rule_id"]: row for row in data.rows("rules")}
    acts = {row["process_id"]: row for row in data.rows("acts")}
    seen: dict[tuple[str, ...], str] = {}
    for row in data.rows("pairs"):
        yield from _influence(data, row)
        key = (*sorted(row[side] for side in SIDES), row["element"])
        if key in seen:
            yield row.defect("pair_id", f"the same pair as {seen[key]}")
        seen[key] = row["pair_id"]
        own = {side: rules[row[side]] for side in SIDES if row[side] in rules}
        for side, rule in own.items():
            yield from _side(row, side, rule, acts.get(rule["process_id"]))
        if len(own) < len(SIDES):
            continue
        one, other = (rule["country"] for rule in own.values())
        if one == other:
            yield row.defect("rule_b", f"both rules are of {one}; allowed: of two countries")
        elif one > other:
            yield row.defect("rule_a", f"{one} stands before {other}; allowed: by the alphabet")


def _side(row: Row, side: str, rule: Row, act: Row | None) -> Iterator[Defect]:
    """Check that a rule is of the category of its pair, restricts, and is no old one."""
    for column, allowed in (("category", (row["category"],)), ("direction", RESTRICTS)):
        if rule[column] not in allowed:
            found = f"{column} of {row[side]} is {rule[column]!r}"
            yield row.defect(side, f"{found}; allowed: {', '.join(allowed)}")
    relations = {part.partition(":")[0] for part in act.values("relation")} if act else set()
    if closed := relations & CLOSED:
        message = f"the act of {row[side]} {min(closed)} another: it opens no pair"
        yield row.defect(side, message)
    if rule["carries_over"]:
        message = f"{row[side]} carries over {rule['carries_over']}: it opens no pair"
        yield row.defect(side, message)


def _influence(data: Data, row: Row) -> Iterator[Defect]:
    """Check that evidence of influence is named wherever there is more than dates, and exists."""
    kinds, found = row.values("influence"), row.values("influence_evidence")
    if DATES_ONLY in kinds and len(kinds) > 1:
        yield row.defect("influence", f"{DATES_ONLY} stands beside other evidence")
    if (DATES_ONLY in kinds) == bool(found):
        allowed = "empty" if found else "links, statements or steps"
        message = f"beside influence {row['influence']!r}; allowed: {allowed}"
        yield row.defect("influence_evidence", message)
    if data.has(*(table for table, _ in EVIDENCE)):
        for value in found:
            if not any(value in data.ids(table, column) for table, column in EVIDENCE):
                yield row.defect("influence_evidence", f"{value!r} is no link, statement or step")
