"""Pairs of like rules: of two countries, in one category, with evidence where it is claimed.

The rules were fixed before the pairs were read (docs/expectations.md).
"""

from __future__ import annotations

from collections.abc import Iterator

from ngolib.evidence.check.tables import Checks, Data, Found, Row
from ngolib.tables import Defect

RESTRICTS = ("restrictive", "mixed")
# Acts of these relations carry over, carry out or undo others: they open no pair.
CLOSED = {"re_enacts", "implements", "reverses"}
DATES_ONLY = "timing_only"
SIDES = ("rule_a", "rule_b")
EVIDENCE = ("links", "statements", "steps")

defects = Checks()


@defects.of_all
def _doubled(data: Data) -> Iterator[Defect]:
    seen: dict[tuple[str, ...], str] = {}
    for row in data.rows("pairs"):
        key = (*sorted(row[side] for side in SIDES), row["element"])
        if key in seen:
            yield row.defect("pair_id", f"the same pair as {seen[key]}")
        seen[key] = row["pair_id"]


@defects.of("pairs")
def _rules(row: Row, data: Data) -> Found:
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
