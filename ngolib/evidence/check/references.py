"""Whatever names something else: that it is there."""

import re
from collections import Counter
from collections.abc import Iterator

from ngolib.errors import unknown
from ngolib.evidence.check.tables import Checks, Data, Found, Row
from ngolib.reading import read_text
from ngolib.tables import Defect

BIBLIOGRAPHY = "register/references.bib"

_ENTRY = re.compile(r"^[ \t]*@\w+\s*\{\s*([^\s,{}]*)(\s*,)?", re.MULTILINE)

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
