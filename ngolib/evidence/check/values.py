"""Cells by themselves: characters that nobody sees, and addresses."""

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import urlsplit

from ngolib.evidence.check.tables import Checks, Data
from ngolib.tables import Defect

ADDRESS = "an address that begins with http:// or https://"

# Control characters, marks that turn the direction of writing, characters without width.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffd]"
)

defects = Checks()


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
