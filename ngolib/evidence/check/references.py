"""Whatever names something else: that it is there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from ngolib.errors import unknown
from ngolib.evidence.check.tables import Data
from ngolib.tables import Defect, ForeignKey

# Columns that refer to another table beside those that the package declares as foreign keys: a
# reader of the package would have to know our lists, or the reference is not to a key.
MORE = {
    "rules": (ForeignKey("replaced_by", "acts", "process_id"),),
    "counts": (ForeignKey("process_id", "acts", "process_id"),),
    "claim_checks": (ForeignKey("process_ids", "acts", "process_id"),),
    "numbers": (ForeignKey("series", "counts", "series"),),
}
BIBLIOGRAPHY = "register/references.bib"
RELATIONS = ("amends", "implements", "re_enacts", "applies", "reverses", "repeals", "replaces")

_ENTRY = re.compile(r"^\s*@\w+\s*\{\s*([^\s,{}]+)\s*,", re.MULTILINE)
_RELATION = re.compile(r"(\w+): (\S+)")


def defects(data: Data) -> Iterator[Defect]:
    """Find references to nothing."""
    yield from _foreign_keys(data)
    yield from _relations(data)
    yield from _citations(data)
    yield from _same_step(data)


def _keys(data: Data, table: str) -> list[ForeignKey]:
    """Return the references of a table, each once, of which both ends can be used."""
    schema = data.project.schema[table]
    keys = dict.fromkeys((*schema.foreign_keys, *MORE.get(table, ())))
    return [key for key in keys if key.column in schema.columns and data.has(key.table)]


def _foreign_keys(data: Data) -> Iterator[Defect]:
    for table, rows in data.tables.items():
        for key in _keys(data, table):
            known = data.ids(key.table, key.reference)
            place = data.project.schema[key.table].path
            for row in rows:
                for value in data.values(table, row, key.column):
                    if value not in known:
                        message = f"{value!r} does not stand in {place}, column {key.reference}"
                        yield data.defect(table, row, key.column, message)


def _relations(data: Data) -> Iterator[Defect]:
    known = data.ids("acts", "process_id")
    for row in data.rows("acts"):
        for part in data.values("acts", row, "relation"):
            match = _RELATION.fullmatch(part)
            if not match or match[1] not in RELATIONS:
                allowed = f"one of {', '.join(RELATIONS)}, a colon and a process id"
                message = f"found {part!r}; allowed: {allowed}"
            elif match[2] == row["process_id"]:
                message = f"found {part!r}: an act has no relation to itself"
            elif match[2] not in known:
                message = f"no act {match[2]!r}"
            else:
                continue
            yield data.defect("acts", row, "relation", message)


def _citations(data: Data) -> Iterator[Defect]:
    """Check that a cited work stands in the bibliography, and there only once."""
    tables = [t for t in data.with_columns("citation") if data.rows(t)]
    path = data.project.data / BIBLIOGRAPHY
    if not path.is_file():
        for table in tables:
            yield data.defect(table, None, "citation", f"{BIBLIOGRAPHY} is missing")
        return
    try:
        works = Counter(_ENTRY.findall(path.read_text(encoding="utf-8")))
    except UnicodeDecodeError as error:
        yield Defect(f"not UTF-8 (byte {error.start})", BIBLIOGRAPHY)
        return
    for key, count in works.items():
        if count > 1:
            yield Defect(f"the key {key!r} stands there {count} times", BIBLIOGRAPHY)
    for table in tables:
        for row in data.rows(table):
            for key in filter(None, row["citation"].split("; ")):
                if key not in works:
                    message = f"{unknown('work', key, works)} of {BIBLIOGRAPHY}"
                    yield data.defect(table, row, "citation", message)


def _same_step(data: Data) -> Iterator[Defect]:
    """Check that a statement of the same step is another one, of the same act."""
    acts = {row["statement_id"]: row["process_id"] for row in data.rows("statements")}
    for row in data.rows("statements"):
        other = row["same_step_as"]
        if other == row["statement_id"]:
            yield data.defect("statements", row, "same_step_as", "a statement names itself")
        elif other and acts.get(other, row["process_id"]) != row["process_id"]:
            message = f"{other!r} belongs to another act, {acts[other]}"
            yield data.defect("statements", row, "same_step_as", message)
