"""Quotes: that each stands, letter by letter, where it says; else where it most likely went."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rapidfuzz import fuzz

from ngolib.evidence.check.tables import Data, Line, Row
from ngolib.tables import Defect

CONTEXT = 32
COLUMNS = ("article_id", "exact", "prefix", "suffix", "start", "end")
# Less alike than this, the best place is as good as any other and would mislead.
LEAST_ALIKE = 60.0
# How far the ends of a place found may be moved to fit better.
REACH = 6
LONGEST_SHOWN = 160
# What makes two rows on the same words say the same thing: the columns, as far as the table has
# them, in which they would have to differ.
SAYS = (
    "process_id",
    "level",
    "stage",
    "scheduled",
    "kind",
    "country",
    "categories",
    "value",
    "unit",
)


class Place(NamedTuple):
    """Where in a text something stands, and how alike the words there are (0 to 100)."""

    start: int
    end: int
    similarity: float


def nearest(quote: str, text: str, near: int = 0) -> Place | None:
    """Find the place of a text that is most like a quote.

    Parameters
    ----------
    quote : str
        The words that are looked for.
    text : str
        Where they may stand.
    near : int
        Where they are expected: the nearest of several equal places is taken.

    Returns
    -------
    Place or None
        None where nothing is alike enough.
    """
    places = []
    place = text.find(quote) if quote else -1
    while place >= 0:
        places.append(place)
        place = text.find(quote, place + 1)
    if places:
        start = min(places, key=lambda place: abs(place - near))
        return Place(start, start + len(quote), 100.0)
    if not quote or len(quote) > len(text):
        return None
    found = fuzz.partial_ratio_alignment(quote, text, score_cutoff=LEAST_ALIKE)
    return None if found is None else _fitted(quote, text, found.dest_start, found.dest_end)


def _fitted(quote: str, text: str, start: int, end: int) -> Place:
    """Move the ends of a place: the search finds a window just as long as the quote."""
    candidates = (
        Place(first, last, fuzz.ratio(quote, text[first:last]))
        for first in range(max(0, start - REACH), min(len(text), start + REACH) + 1)
        for last in range(max(first, end - REACH), min(len(text), end + REACH) + 1)
    )
    return max(candidates, key=lambda place: place.similarity)


def defects(data: Data) -> Iterator[Defect]:
    """Check the quotes of every table that has them, and other verbatim words."""
    if not data.has("sources", "articles"):
        return
    for table in data.with_columns(*COLUMNS):
        for row in data.rows(table):
            yield from _quote(data, table, row)
        yield from _doubled(data, table)
    yield from _table_lines(data)
    yield from _fragments(data)


def _quote(data: Data, table: str, row: Row) -> Iterator[Defect]:
    source = data.source_of.get(row["article_id"], "")
    text = data.texts.get(source)
    if text is None:
        return
    start, end = int(row["start"]), int(row["end"])
    if text[start:end] != row["exact"]:
        yield _lost(data, table, row, text)
        return
    for column, actual in (
        ("prefix", text[max(0, start - CONTEXT) : start]),
        ("suffix", text[end : end + CONTEXT]),
    ):
        if row[column] != actual:
            message = f"not the {CONTEXT} characters beside the quote, which are {actual!r}"
            yield data.defect(table, row, column, message, expected=actual)
    elsewhere = _outside(row["article_id"], start, end, data.lines.get(source, []))
    if elsewhere is not None:
        where = elsewhere.article_id or "no article"
        message = f"the quote reaches into {where} at {elsewhere.start}–{elsewhere.end}"
        yield data.defect(table, row, "article_id", message)


def _lost(data: Data, table: str, row: Row, text: str) -> Defect:
    """Say that a quote is not at its place, and where the most similar words are."""
    begin, end = row["start"], row["end"]
    said = f"not at {begin}–{end} of the raw text"
    place = nearest(row["exact"], text, int(begin))
    if place is None:
        return data.defect(table, row, "exact", f"{said}; it stands nowhere in the text")
    words = text[place.start : place.end]
    where = f"{place.start}–{place.end}"
    found = {
        "start": place.start,
        "end": place.end,
        "similarity": round(place.similarity, 1),
        "text": words,
    }
    if place.similarity == 100:
        message = f"{said}; it stands at {where}"
    else:
        shown = words if len(words) <= LONGEST_SHOWN else words[: LONGEST_SHOWN - 1] + "…"
        message = (
            f"{said}; it stands nowhere in the text: nearest is {where} "
            f"({place.similarity:.1f} % alike): {shown!r}"
        )
    return data.defect(table, row, "exact", message, nearest=found)


def _outside(article_id: str, start: int, end: int, lines: list[Line]) -> Line | None:
    """Return the first line under a quote that is not of its article; blank ones do not count."""
    for line in lines:
        under = line.start < end and line.end > start
        if under and line.article_id != article_id and line.text.strip():
            return line
    return None


def _doubled(data: Data, table: str) -> Iterator[Defect]:
    """Find quotes that are coded twice: same words, same place, same content."""
    schema = data.project.schema[table]
    columns = ["article_id", "start", "end", *(c for c in SAYS if c in schema.columns)]
    # An act tells more than its country and fields do: one step of one act is one statement.
    if "process_id" in columns:
        columns = [c for c in columns if c not in ("country", "categories", "level", "scheduled")]
    seen: dict[tuple[str, ...], int] = {}
    for row in data.rows(table):
        key = tuple(row[c] for c in columns)
        if key in seen:
            said = " and ".join(c for c in ("process_id", "stage", "kind", "value") if c in columns)
            message = f"the same quote is coded twice for one {said}, first in row {seen[key]}"
            yield data.defect(table, row, "exact", message)
        seen.setdefault(key, row.number)


def _table_lines(data: Data) -> Iterator[Defect]:
    """Check the lines of the garbled table letter by letter."""
    for row in data.rows("treaty_table"):
        lines = data.lines.get(row["source_id"])
        if lines is None:
            continue
        number = int(row["line"])
        text = lines[number - 1].text if 1 <= number <= len(lines) else None
        if text is None or text.strip() != row["row_as_printed"]:
            message = f"not line {number} of {row['source_id']}, which is {text!r}"
            yield data.defect("treaty_table", row, "row_as_printed", message)


def _fragments(data: Data) -> Iterator[Defect]:
    """Check that the words of a checked claim stand in its text."""
    for row in data.rows("claim_checks"):
        text, words = data.texts.get(row["source_id"]), row["fragment"]
        if text is None or not words or words in text:
            continue
        place = nearest(words, text)
        hint = ""
        if place is not None:
            hint = f"; nearest ({place.similarity:.1f} % alike): {text[place.start : place.end]!r}"
        message = f"{words!r} stands nowhere in {row['source_id']}{hint}"
        yield data.defect("claim_checks", row, "fragment", message)
