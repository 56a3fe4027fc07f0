"""Stages: which are possible for which kind of instrument, and in which order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from ngolib.evidence.check.days import span_or_none
from ngolib.evidence.check.tables import Data, Row
from ngolib.tables import Defect

PARLIAMENT = ("first_chamber", "vetoed", "rejected")
BEFORE = ("announced", "demanded", "proposed")
END = ("repealed", "expired", "withdrawn")
REVIEW = ("upheld", "struck_down")
LAW = (*BEFORE, "adopted", *PARLIAMENT, "signed", "published", "in_force", "amended", *REVIEW, *END)
# An act of a head of state or government passes no chamber and is vetoed or voted down by none.
DECREE = tuple(stage for stage in LAW if stage not in PARLIAMENT)

# Which stages each kind of instrument or affair can pass through, by the definitions of the
# codebook: `signed` is by the head of state or the parties of an agreement, `vetoed` by the head of
# state, `first_chamber` and `rejected` by a parliament, `decided` is for individual matters,
# `occurred` for practice and discourse.
STAGES_OF_KIND: dict[str, tuple[str, ...]] = {
    "constitution": LAW,
    "statute": LAW,
    "code": LAW,
    # A draft that did not become law: neither signed, nor in force, so nothing to change or end.
    "bill": (*BEFORE, "adopted", *PARLIAMENT, "published", *REVIEW, "withdrawn", "expired"),
    "decree": DECREE,
    # Made by a minister or an agency: adopted, not signed by a head of state.
    "order": tuple(stage for stage in DECREE if stage != "signed"),
    "judgment": ("announced", "demanded", "decided", "published", "in_force", *REVIEW, "expired"),
    "decision": (
        *("announced", "demanded", "decided", "published", "in_force", *REVIEW),
        *("withdrawn", "repealed", "expired"),
    ),
    # Councils and forums meet as well: occurred.
    "programme": (*DECREE, "occurred"),
    # Ratified by parliaments, in force by its own terms; a party may leave it.
    "agreement": (
        *(*BEFORE, "adopted", "first_chamber", "rejected", "signed", "published"),
        *("in_force", "amended", *END),
    ),
    "campaign": ("announced", "occurred"),
    "plan": ("announced", "demanded", "withdrawn"),
    "speech": ("announced", "demanded", "occurred"),
    "petition": ("announced", "demanded", "occurred", "withdrawn"),
}
# Which stages a kind of event can pass through, where that is narrower.
STAGES_OF_LEVEL: dict[str, tuple[str, ...]] = {
    "practice": ("announced", "occurred"),
    "discourse": ("announced", "demanded", "occurred"),
}
# Of each pair, one act passes the first stage before the second, if it passes both.
_MAKING = ("proposed", "first_chamber", "adopted", "signed", "published")
_ORDER = (
    *(("announced", b) for b in (*_MAKING, "in_force", "repealed", "expired")),
    *((a, b) for n, a in enumerate(_MAKING) for b in _MAKING[n + 1 :]),
    *(
        (a, b)
        for a in ("adopted", "signed")
        for b in ("in_force", "amended", "repealed", "expired")
    ),
    *(("in_force", b) for b in ("repealed", "expired")),
    # A bill that was vetoed can pass its chambers anew: no order between those.
    ("first_chamber", "in_force"),
    *(("proposed", b) for b in ("in_force", "vetoed", "rejected", "withdrawn")),
)


class _Step(NamedTuple):
    """A step with the span of days in which it was."""

    first: date
    last: date
    row: Row


def defects(data: Data) -> Iterator[Defect]:
    """Find stages that are not possible for their act, and steps in an impossible order."""
    acts = {row["process_id"]: row for row in data.rows("acts")}
    for table in ("steps", "statements"):
        for row in data.rows(table):
            act = acts.get(row["process_id"])
            if act is not None:
                yield from _possible(data, table, row, act)
    yield from _in_order(data)


def _one(noun: str) -> str:
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def _possible(data: Data, table: str, row: Row, act: Row) -> Iterator[Defect]:
    """Check a stage against the kind and the level of its act."""
    for what, key, stages in (
        (_one(act["kind"]), act["kind"], STAGES_OF_KIND),
        (act["level"], act["level"], STAGES_OF_LEVEL),
    ):
        allowed = stages.get(key)
        if allowed and row["stage"] not in allowed:
            message = f"{row['stage']!r} is not possible for {what}; allowed: {', '.join(allowed)}"
            yield data.defect(table, row, "stage", message)
            return


def _in_order(data: Data) -> Iterator[Defect]:
    """Check that the first step of a stage is not before the first of one that must precede it."""
    firsts: dict[str, dict[str, _Step]] = defaultdict(dict)
    scheduled = [row for row in data.rows("steps") if row["scheduled"] == "yes"]
    for row in data.rows("steps"):
        days = span_or_none(row["date"], row["date_end"])
        if row["scheduled"] == "no" and days:
            stages = firsts[row["process_id"]]
            step = _Step(*days, row)
            stages[row["stage"]] = min(stages.get(row["stage"], step), step, key=lambda s: s.first)
    for stages in firsts.values():
        for before, after in _ORDER:
            a, b = stages.get(before), stages.get(after)
            # Only what is out of order whatever the unknown days are.
            if a and b and b.last < a.first:
                message = f"{after} ({b.row['date']}) is before {before} ({a.row['date']})"
                yield data.defect("steps", b.row, "date", message)
    for row in scheduled:
        yield from _still_to_come(data, row, firsts[row["process_id"]])


def _still_to_come(data: Data, row: Row, taken: dict[str, _Step]) -> Iterator[Defect]:
    """Check that nothing that must come later has been taken while a step is only scheduled."""
    days = span_or_none(row["date"], row["date_end"])
    for before, after in _ORDER:
        if before == row["stage"] and after in taken:
            message = f"scheduled, but {after} ({taken[after].row['date']}) is confirmed"
            yield data.defect("steps", row, "scheduled", message)
            return
        if after == row["stage"] and before in taken and days and days[1] < taken[before].first:
            message = f"{after} ({row['date']}) is before {before} ({taken[before].row['date']})"
            yield data.defect("steps", row, "date", message)
            return
