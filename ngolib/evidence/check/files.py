"""Files: raw texts, those that nobody declared, patterns."""

import functools
import os
import re
from collections.abc import Iterator
from functools import partial
from itertools import product
from os.path import realpath
from pathlib import Path
from timeit import repeat

from ngolib.checked import regular
from ngolib.evidence.check.tables import Checks, Data, Found, Row
from ngolib.reading import sha256
from ngolib.tables import Defect
from ngolib.texts.load import pairing_defects

# Folders that hold other things than tables of the package.
OTHER = ("sources/", "coding/drafts/")
OF_SYSTEMS = {"desktop.ini", "Thumbs.db"}  # what a window that shows a folder leaves there
TABLES = {".csv", ".tsv", ".xlsx", ".xlsm", ".xls", ".ods"}
# A pattern is tried on ever more letters that it almost matches: a bad one takes twice as long.
PROBES, SLOW = (4, 8, 12, 16, 20), 0.02

defects = Checks()


@defects.of_all
def _texts(data: Data) -> Iterator[Defect]:
    """Find texts that have changed, are missing, lie elsewhere or are not described."""
    outside = [row for row in data.rows("sources") if row["source_id"] not in data.source_paths]
    for row in outside:
        yield row.defect("path", f"found {row['path']!r}; allowed: a file below sources/")
    # A text that lies elsewhere is not even opened; without the codebook no table can be loaded.
    if outside or not data.has("sources", "articles", "vocabulary"):
        return
    found = {line.article_id for lines in data.lines.values() for line in lines} - {""}
    rows = (row for row in data.rows("articles") if row["source_id"] in data.lines)
    pairs = pairing_defects({row["article_id"] for row in rows}, found)
    for line in (*data.unread, *pairs):
        file, _, message = line.replace(f"{data.project.data}{os.sep}", "").partition(": ")
        yield Defect(message, file.replace(os.sep, "/"))
    listed = {realpath(data.project.data / path) for path in data.source_paths.values()}
    for path in sorted((data.project.data / "sources").glob("[!.]*")):
        if path.is_file() and realpath(path) not in listed and path.name not in OF_SYSTEMS:
            yield Defect(f"no row for sources/{path.name}; add one", "sources.csv")
    yield from _originals(data)


def _originals(data: Data) -> Iterator[Defect]:
    """Find files as they were received that are missing, have changed, or belong to no text."""
    folder = Path(realpath(data.project.data / "sources" / "original"))
    listed = set()
    for row in data.rows("sources"):
        name, recorded = row["original_path"], row["original_sha256"]
        if not name:
            continue
        path = Path(realpath(data.project.data / name))
        listed.add(str(path))
        if not path.is_relative_to(folder) or not path.is_file():
            yield row.defect("original_path", f"found {name!r}; no such file")
        elif recorded and (found := sha256(path)) != recorded:
            message = f"the file has changed: SHA-256 is {found}, recorded is {recorded}"
            yield row.defect("original_sha256", message)
    for path in sorted((data.project.data / "sources" / "original").glob("[!.]*")):
        if realpath(path) not in listed and path.name not in OF_SYSTEMS:
            yield Defect(f"no text has sources/original/{path.name} as its original", "sources.csv")


@defects.of_all
def _unknown_tables(data: Data) -> Iterator[Defect]:
    """Find tables that the package does not declare, or that are no CSV: nothing reads them."""
    folder = data.project.data
    declared = {table.path for table in data.schema.values()}
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in TABLES):
        name = path.relative_to(folder).as_posix()
        if not (name in declared or name.startswith(OTHER) or re.search(r"(?:^|/)[.~]", name)):
            yield Defect("no table of datapackage.json has this file; nothing reads it", name)


@defects.of("patterns")
def _pattern(row: Row, data: Data) -> Found:
    """Check that a regular expression can be used."""
    if problem := _problem(row["pattern"]):
        yield "pattern", problem


@functools.cache
def _problem(pattern: str) -> str:
    """Say why a regular expression cannot be used, if it cannot."""
    try:
        compiled = regular(rf"(?:{pattern})(?!\w)", re.IGNORECASE)
    except ValueError as error:
        return str(error)
    if compiled.fullmatch(""):
        return "it matches the empty text, so everywhere"
    for letter, length in product(sorted({c for c in pattern if c.isalpha()} | {"a"}), PROBES):
        search = partial(compiled.search, f"{letter * length}0")
        if min(repeat(search, number=1, repeat=2)) > SLOW:
            return f"it takes too long for {length} letters: repeats inside repeats"
    return ""
