"""Cells by themselves: characters that nobody sees, and addresses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import urlsplit

from ngolib.evidence.check.tables import Data
from ngolib.tables import Defect

# These hold the raw text as it is, whatever stands in it; the check of quotes compares them.
VERBATIM = frozenset({"exact", "prefix", "suffix"})
ADDRESSES = frozenset({"url", "urls"})

# Control characters (line breaks and tabs among them), marks that turn the direction of writing,
# and characters without width: a cell that looks right would not be equal to what it looks like.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffd]"
)
# A fixed or narrow space may be meant inside a phrase; at its end it is left over.
_ENDS = re.compile(r"\A\s|\s\Z")


def _name(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, 'control character')}"


def _cell_problem(cell: str) -> str | None:
    """Say which unseen character a cell holds, if any."""
    if found := _UNSEEN.search(cell):
        return f"{_name(found[0])} at character {found.start() + 1}; take it out"
    if _ENDS.search(cell):
        return "begins or ends with a space; take it out"
    return None


def _address_problem(url: str) -> str | None:
    """Say why a text is no address of the web, if it is none."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if good and not re.search(r"""[\s<>"]""", url):
        return None
    return f"found {url!r}; allowed: an address that begins with http:// or https://"


def defects(data: Data) -> Iterator[Defect]:
    """Find leftover spaces, unseen characters and addresses that are none, in every table."""
    for table, rows in data.tables.items():
        columns = data.project.schema[table].columns
        checked = [c for c in columns if c not in VERBATIM]
        addresses = [c for c in columns if c in ADDRESSES]
        for row in rows:
            for column in checked:
                problem = _cell_problem(row[column]) if row[column] else None
                if problem:
                    yield data.defect(table, row, column, problem)
            for column in addresses:
                for url in data.values(table, row, column):
                    problem = _address_problem(url)
                    if problem:
                        yield data.defect(table, row, column, problem)
