"""Files beside the tables: bibliography, patterns, and tables that nobody declared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from time import perf_counter

from ngolib.evidence.check.references import BIBLIOGRAPHY
from ngolib.evidence.check.tables import Data
from ngolib.tables import Defect

# Folders that hold other things than tables of the package.
OTHER = ("sources", "coding/drafts")
_ENTRY = re.compile(r"^@\w+\s*\{\s*([^\s,{}]*)", re.MULTILINE)
# A pattern is tried on few letters, then more, that it almost matches: a bad one takes twice as
# long for each.
PROBES, SLOW = (4, 8, 12, 16, 20), 0.02


def defects(data: Data) -> Iterator[Defect]:
    """Find files that cannot be used, or that nothing reads."""
    yield from _unknown_tables(data)
    yield from _bibliography(data)
    for row in data.rows("patterns"):
        problem = _pattern_problem(row["pattern"])
        if problem:
            yield data.defect("patterns", row, "pattern", problem)


def _unknown_tables(data: Data) -> Iterator[Defect]:
    """Find tables that the package does not declare: nothing checks or reads them."""
    folder = data.project.data
    declared = {table.path for table in data.project.schema.values()}
    for path in sorted(folder.rglob("*.csv")):
        name = path.relative_to(folder).as_posix()
        if name not in declared and not name.startswith(tuple(f"{o}/" for o in OTHER)):
            yield Defect("no table of datapackage.json has this file; nothing reads it", name)


def _bibliography(data: Data) -> Iterator[Defect]:
    """Find entries whose braces are not closed before the next entry begins."""
    path = data.project.data / BIBLIOGRAPHY
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return  # said by the check of references, where a table cites
    starts = [*_ENTRY.finditer(text)]
    ends = [match.start() for match in starts[1:]] + [len(text)]
    for match, end in zip(starts, ends, strict=True):
        entry = re.sub(r"\\[{}]", "", text[match.start() : end])
        if entry.count("{") != entry.count("}"):
            line = text.count("\n", 0, match.start()) + 1
            yield Defect(f"line {line}: the braces of {match[1]!r} are not closed", BIBLIOGRAPHY)


def _pattern_problem(pattern: str) -> str | None:
    """Say why a regular expression cannot be used, if it cannot."""
    try:
        compiled = re.compile(rf"(?:{pattern})(?!\w)", re.IGNORECASE)
    except (re.error, RecursionError, OverflowError) as error:
        return f"no regular expression: {error}"
    if compiled.fullmatch(""):
        return "it matches the empty text, so everywhere"
    for letter in sorted({c for c in pattern if c.isalpha()} | {"a"}):
        for length in PROBES:
            text = f"{letter * length}0"
            if min(_seconds(compiled, text) for _ in range(2)) > SLOW:
                return f"it takes too long for {length} letters: repeats inside repeats"
    return None


def _seconds(pattern: re.Pattern[str], text: str) -> float:
    start = perf_counter()
    pattern.search(text)
    return perf_counter() - start
