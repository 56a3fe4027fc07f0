"""Stages: which are possible for which kind of instrument, and in which order."""

from __future__ import annotations

from collections.abc import Iterator

from ngolib.evidence.check.tables import Checks, Data, Found, Row
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

defects = Checks()


@defects.of("steps", "statements")
def _possible(row: Row, data: Data) -> Found:
    """Check that a stage is possible for the kind and the level of its act."""
    act = data.named["acts"].get(row["process_id"])
    kind, level, stage = (act["kind"], act["level"], row["stage"]) if act else ("", "", "")
    article = "an" if kind[:1] in "aeiou" else "a"
    for what, allowed in (
        (f"{article} {kind}", STAGES_OF_KIND.get(kind)),
        (level, STAGES_OF_LEVEL.get(level)),
    ):
        if allowed and stage not in allowed:
            yield "stage", f"{stage!r} is not possible for {what}; allowed: {', '.join(allowed)}"
            return


@defects.of_all
def _order(data: Data) -> Iterator[Defect]:
    """Check that nothing was taken before what must precede it, whatever the unknown days are."""
    for taken in data.first_steps.values():
        for before, after in _ORDER:
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
    for before, after in _ORDER:
        if before == row["stage"] and after in taken:
            yield "scheduled", f"scheduled, but {after} ({taken[after].row['date']}) is confirmed"
            return
        if after == row["stage"] and before in taken and days and days[1] < taken[before].first:
            earlier = f"before {before} ({taken[before].row['date']})"
            yield "date", f"{after} ({row['date']}) is {earlier}"
            return
