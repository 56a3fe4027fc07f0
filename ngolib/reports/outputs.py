"""What a notebook hands to its report: the JSON beside the HTML of each display object."""

import base64
import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

from nbformat import NotebookNode

from ngolib.errors import ReportError
from ngolib.files import csv_text

MIME = "application/vnd.ngolib+json"
TABLES = ("figure", "table", "coverage")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
PICTURE = re.compile(r'src="data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)"')


def handed_over(notebook: NotebookNode, name: str = "") -> list[dict[str, Any]]:
    """Return JSON and `html` of all shown; what another notebook's name stands in is an error."""
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", ()))
    shown = (output.data for output in outputs if MIME in output.get("data", {}))
    found = [{**data[MIME], "html": data.get("text/html", "")} for data in shown]
    named = (item.get("notebook", name) for item in found)
    for other in (one for one in named if name not in ("", one)):
        raise ReportError(f"found Page({other!r}, …) in {name}.ipynb; write Page({name!r}, …)")
    return found


def findings_of(shown: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the findings among the objects, without the mark that they are findings."""
    found: dict[str, dict[str, Any]] = {}
    for item in (item for item in shown if item["kind"] == "finding"):
        told = {key: item[key] for key in item if key not in ("kind", "html")}
        if found.setdefault(item["name"], told) != told:
            raise ReportError(f"finding {item['name']!r}: the name is used for two sentences")
    return list(found.values())


def evidence_of(shown: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Return the pieces of evidence of a report, in order: id to its place in the site."""
    return {
        name: place
        for item in shown
        if item["kind"] == "evidence"
        for name, place in zip_longest(item["ids"], item.get("addresses", ()), fillvalue="")
    }


def to_csv(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """Write a table as CSV: UTF-8, LF; a cell stays as it is, also one that begins with `=`."""
    told = {True: "yes", False: "no"}
    cells = ([told[cell] if isinstance(cell, bool) else cell for cell in row] for row in rows)
    return csv_text([columns, *cells]).encode()


def tables_of(shown: Sequence[dict[str, Any]]) -> dict[str, tuple[str, bytes]]:
    """Return caption and CSV of every table by path; one name for two is a `ReportError`."""
    found: dict[str, tuple[str, bytes]] = {}
    drawn: dict[str, dict[str, Any]] = {}
    for item in shown:
        if item["kind"] not in TABLES:
            continue
        name, where = item["name"], f"{item['kind']} {item['name']!r}"
        path, content = f"tables/{name.casefold()}.csv", to_csv(item["columns"], item["rows"])
        made = found.setdefault(path, (item["caption"], content))[1], drawn.setdefault(path, item)
        if not NAME.fullmatch(name):
            allowed = "letters, digits, hyphens, underscores and dots"
            raise ReportError(f"{where}: the name is not allowed; allowed: {allowed}")
        if made[0] != content or PICTURE.findall(made[1]["html"]) != PICTURE.findall(item["html"]):
            raise ReportError(f"{where}: the name is used for two {item['kind']}s")
    return found


def pictures_of(shown: Sequence[dict[str, Any]]) -> Iterator[tuple[str, str, bytes]]:
    """Yield name, caption and SVG of every figure; a picture stands in the HTML only."""
    for item in shown:
        picture = PICTURE.search(item["html"])
        if picture and item["kind"] == "figure":
            yield item["name"], item["caption"], base64.b64decode(picture[1])
