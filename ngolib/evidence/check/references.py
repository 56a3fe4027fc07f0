"""Cells: characters that nobody sees, addresses, and that what they name is there."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

from ngolib.errors import unknown
from ngolib.evidence.check.tables import Checks, Data, Found, Row
from ngolib.reading import read_text
from ngolib.tables import Defect

ADDRESS = "an address that begins with http:// or https://"
BIBLIOGRAPHY = "register/references.bib"

_ENTRY = re.compile(r"^[ \t]*@\w+\s*\{\s*([^\s,{}]*)(\s*,)?", re.MULTILINE)
# Control characters, marks that turn the direction of writing, characters without width.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffd]"
)

defects = Checks()


@defects.of_all
def _foreign_keys(data: Data) -> Iterator[Defect]:
    """Check each reference of which both ends can be used."""
    for name, rows in data.tables.items():
        for key in data.schema[name].foreign_keys:
            known = {row[key.reference] for row in data.rows(key.table)}
            said = f"does not stand in {data.schema[key.table].path}, column {key.reference}"
            for row in rows if data.has(key.table) else ():
                for value in row.values(key.column):
                    if value not in known:
                        yield row.defect(key.column, f"{value!r} {said}")


@defects.of("acts")
def _relations(row: Row, data: Data) -> Found:
    """Check that an act stands in relation to another act; the schema knows the relations."""
    for part in row.values("relation"):
        act = part.partition(": ")[2]
        if act == row["process_id"]:
            yield "relation", f"found {part!r}: an act has no relation to itself"
        elif act not in data.named["acts"]:
            yield "relation", f"no act {act!r}"


@defects.of_all
def _citations(data: Data) -> Iterator[Defect]:
    """Check that a cited work stands in the bibliography, once, and that its braces are closed."""
    rows = [row for table in data.with_columns("citation") for row in data.rows(table)]
    try:
        text = read_text(data.project.data / BIBLIOGRAPHY)
    except FileNotFoundError:
        for file in {row.table.path for row in rows}:
            yield Defect(f"{BIBLIOGRAPHY} is missing", file, column="citation")
        return
    except OSError as error:
        yield Defect(f"cannot be read: {error.strerror}", BIBLIOGRAPHY)
        return
    entries = [*_ENTRY.finditer(text)]
    for n, entry in enumerate(entries, 1):
        end = entries[n].start() if n < len(entries) else len(text)
        braces = re.sub(r"\\[{}]", "", text[entry.start() : end])
        if braces.count("{") != braces.count("}"):
            line = text.count("\n", 0, entry.start()) + 1
            yield Defect(f"line {line}: the braces of {entry[1]!r} are not closed", BIBLIOGRAPHY)
    works = Counter(entry[1] for entry in entries if entry[1] and entry[2])
    for key, count in works.items():
        if count > 1:
            yield Defect(f"the key {key!r} stands there {count} times", BIBLIOGRAPHY)
    for row in rows:
        for key in filter(None, row["citation"].split("; ")):
            if key not in works:
                yield row.defect("citation", f"{unknown('work', key, works)} of {BIBLIOGRAPHY}")


@defects.of_all
def _cells(data: Data) -> Iterator[Defect]:
    """Find leftover spaces, unseen characters and addresses that are none, in every table."""
    for row in (row for rows in data.tables.values() for row in rows):
        for column, cell in row.cells.items():
            # Those three hold the raw text as it is; the check of quotes compares them.
            if column not in ("exact", "prefix", "suffix") and (problem := _cell_problem(cell)):
                yield row.defect(column, problem)
        for column in {"url", "urls"} & row.cells.keys():
            for url in row.values(column):
                if not _is_address(url):
                    yield row.defect(column, f"found {url!r}; allowed: {ADDRESS}")


def _cell_problem(cell: str) -> str:
    """Say which unseen character a cell holds, if any."""
    if found := _UNSEEN.search(cell):
        name = f"U+{ord(found[0]):04X} {unicodedata.name(found[0], 'control character')}"
        return f"{name} at character {found.start() + 1}; take it out"
    # A fixed or narrow space may be meant inside a phrase; at its end it is left over.
    return "begins or ends with a space; take it out" if cell != cell.strip() else ""


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
    return good and not re.search(r"""[\s<>"]""", url)
