"""Pairs of like rules: of two countries, in one category, with evidence where it is claimed."""

from __future__ import annotations

from collections.abc import Iterator

from ngolib.evidence.check.tables import Data, Row
from ngolib.tables import Defect

RESTRICTS = ("restrictive", "mixed")
# Acts of these relations carry over, carry out or undo others: they open no pair.
CLOSED = ("re_enacts", "implements", "reverses")
DATES_ONLY = "timing_only"
SIDES = ("rule_a", "rule_b")
EVIDENCE = (("links", "link_id"), ("statements", "statement_id"), ("steps", "step_id"))


def defects(data: Data) -> Iterator[Defect]:
    """Find pairs that break a rule fixed for reading them (docs/expectations.md)."""
    rules = {row["rule_id"]: row for row in data.rows("rules")}
    relations = {
        row["process_id"]: {r.partition(":")[0] for r in data.values("acts", row, "relation")}
        for row in data.rows("acts")
    }
    seen: dict[tuple[str, ...], str] = {}
    for row in data.rows("pairs"):
        yield from _influence(data, row)
        key = (*sorted(row[side] for side in SIDES), row["element"])
        if key in seen:
            yield data.defect("pairs", row, "pair_id", f"the same pair as {seen[key]}")
        seen[key] = row["pair_id"]
        own = {side: rules[row[side]] for side in SIDES if row[side] in rules}
        for side, rule in own.items():
            for column, allowed in (("category", (row["category"],)), ("direction", RESTRICTS)):
                if rule[column] not in allowed:
                    message = f"{column} of {row[side]} is {rule[column]!r}; allowed: "
                    yield data.defect("pairs", row, side, message + ", ".join(allowed))
            closed = relations.get(rule["process_id"], set()) & set(CLOSED)
            if closed:
                message = f"the act of {row[side]} {min(closed)} another: it opens no pair"
                yield data.defect("pairs", row, side, message)
            if rule["carries_over"]:
                message = f"{row[side]} carries over {rule['carries_over']}: it opens no pair"
                yield data.defect("pairs", row, side, message)
        if len(own) == len(SIDES):
            yield from _sides(data, row, own["rule_a"], own["rule_b"])


def _sides(data: Data, row: Row, one: Row, other: Row) -> Iterator[Defect]:
    """Check that the rules are of two countries, in order."""
    if one["country"] == other["country"]:
        message = f"both rules are of {one['country']}; allowed: of two countries"
        yield data.defect("pairs", row, "rule_b", message)
    elif one["country"] > other["country"]:
        message = f"{one['country']} stands before {other['country']}; allowed: by the alphabet"
        yield data.defect("pairs", row, "rule_a", message)


def _influence(data: Data, row: Row) -> Iterator[Defect]:
    """Check that evidence of influence is named wherever there is more than dates, and exists."""
    kinds = data.values("pairs", row, "influence")
    found = data.values("pairs", row, "influence_evidence")
    if DATES_ONLY in kinds and len(kinds) > 1:
        yield data.defect("pairs", row, "influence", f"{DATES_ONLY} stands beside other evidence")
    if (DATES_ONLY in kinds) == bool(found):
        allowed = "empty" if found else "links, statements or steps"
        message = f"beside influence {row['influence']!r}; allowed: {allowed}"
        yield data.defect("pairs", row, "influence_evidence", message)
    if data.has(*(table for table, _ in EVIDENCE)):
        known = set().union(*(data.ids(table, column) for table, column in EVIDENCE))
        for value in found:
            if value not in known:
                message = f"{value!r} is no link, statement or step"
                yield data.defect("pairs", row, "influence_evidence", message)
