"""Stages: which are possible for which kind of instrument, and in which order."""

from __future__ import annotations

from collections.abc import Iterator

from ngolib.evidence.check.tables import KNOWN, Checks, Data, Found, Row
from ngolib.tables import Defect

POSSIBLE = KNOWN["stages"]
# Of each pair, one act passes the first stage before the second, if it passes both.
ORDER = [(a, b) for a, later in POSSIBLE["before"].items() for b in later]

defects = Checks()


@defects.of("steps", "statements")
def _possible(row: Row, data: Data) -> Found:
    """Check that a stage is possible for the kind and the level of its act."""
    act = data.named["acts"].get(row["process_id"])
    kind, level, stage = (act["kind"], act["level"], row["stage"]) if act else ("", "", "")
    article = "an" if kind[:1] in "aeiou" else "a"
    for what, allowed in (
        (f"{article} {kind}", POSSIBLE["kind"].get(kind)),
        (level, POSSIBLE["level"].get(level)),
    ):
        if allowed and stage not in allowed:
            yield "stage", f"{stage!r} is not possible for {what}; allowed: {', '.join(allowed)}"
            return


@defects.of_all
def _order(data: Data) -> Iterator[Defect]:
    """Check that nothing was taken before what must precede it, whatever the unknown days are."""
    for taken in data.first_steps.values():
        for before, after in ORDER:
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
    for before, after in ORDER:
        if before == row["stage"] and after in taken:
            yield "scheduled", f"scheduled, but {after} ({taken[after].row['date']}) is confirmed"
            return
        if after == row["stage"] and before in taken and days and days[1] < taken[before].first:
            earlier = f"before {before} ({taken[before].row['date']})"
            yield "date", f"{after} ({row['date']}) is {earlier}"
            return
