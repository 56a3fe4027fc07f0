"""Quotes: that each stands, letter by letter, where it says; and what was coded beside it."""

import re
from collections.abc import Iterator
from operator import itemgetter
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from ngolib.errors import one_line, shortened, unknown
from ngolib.evidence.check.tables import KNOWN, Checks, Data, Found, Row, doubled, numbers_of
from ngolib.tables import Defect

CONTEXT = 32
COLUMNS = ("article_id", "exact", "prefix", "suffix", "start", "end")
# Less alike than this, the best place is as good as any other and would mislead.
LEAST_ALIKE = 60.0
# How far the ends of a place found may be moved to fit better.
REACH = 6
SHOWN = 160
# What makes two rows on the same words say the same: one step of one act is one statement.
SAYS_OF_ACT = ("process_id", "stage", "kind", "value", "unit")
SAYS = (*SAYS_OF_ACT, "level", "scheduled", "country", "categories")
WHOLE = "statement"
# Id and code of each side of an adjudication, and the table in which they stand.
SIDES = [("a_id", "a_value", "coder_a"), ("b_id", "b_value", "coder_b")]
SIDES += [("statement_id", "value", "statements")]


class Place(NamedTuple):
    """Where in a text something stands, and how alike the words there are (0 to 100)."""

    start: int
    end: int
    similarity: float


def nearest(quote: str, text: str, near: int = 0) -> Place | None:
    """Find the place most like a quote, of equal ones the nearest; None if none is like it."""
    if not quote or len(quote) > len(text):
        return None
    if places := [found.start() for found in re.finditer(f"(?={re.escape(quote)})", text)]:
        start = min(places, key=lambda place: abs(place - near))
        return Place(start, start + len(quote), 100.0)
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


defects = Checks()


@defects.of_all
def _quotes(data: Data) -> Iterator[Defect]:
    """Check the quotes of every table that has them."""
    if not data.has("sources", "articles"):
        return
    for table in data.with_columns(*COLUMNS):
        for row in data.rows(table):
            yield from _quote(data, row)
        yield from _doubled(data, table)


def _quote(data: Data, row: Row) -> Iterator[Defect]:
    """Check a quote, what stands beside it, and that its article holds all of it."""
    source = data.source_of(row["article_id"])
    text = data.texts.get(source)
    if text is None:
        return
    start, end = int(row["start"]), int(row["end"])
    if text[start:end] != row["exact"]:
        yield _lost(row, text)
        return
    before, after = text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
    for column, actual in (("prefix", before), ("suffix", after)):
        if row[column] != actual:
            message = f"not the {CONTEXT} characters beside the quote, which are {actual!r}"
            yield row.defect(column, message, expected=actual)
    said = row.cells.get("date_stated", "")
    if " ".join(said.split()) not in " ".join(text.split()):
        yield row.defect("date_stated", f"{said!r} stands nowhere in the text")
    for line in data.lines.get(source, ()):
        under = line.start < end and line.end > start and line.text.strip()
        if under and line.article_id != row["article_id"]:
            where = f"{line.article_id or 'no article'} at {line.start}–{line.end}"
            yield row.defect("article_id", f"the quote reaches into {where}")
            return


def _lost(row: Row, text: str) -> Defect:
    """Say that a quote is not at its place, what is, and where the most similar words are."""
    here = shortened(text[int(row["start"]) : int(row["end"])], SHOWN)
    said = f"not at {row['start']}–{row['end']} of the raw text, which is {here!r} there"
    said = f"{said}; found {shortened(row['exact'], SHOWN)!r}"
    place = nearest(row["exact"], text, int(row["start"]))
    if place is None:
        return row.defect("exact", f"{said}; it stands nowhere in the text")
    words, where = text[place.start : place.end], f"{place.start}–{place.end}"
    alike = f"nearest is {where} ({place.similarity:.1f} % alike): {shortened(words, SHOWN)!r}"
    there = f"nowhere in the text: {alike}" if place.similarity < 100 else f"at {where}"
    found = {**place._asdict(), "similarity": round(place.similarity, 1), "text": words}
    return row.defect("exact", f"{said}; it stands {there}", nearest=found)


def _doubled(data: Data, table: str) -> Iterator[Defect]:
    """Find quotes that are coded twice: same words, same place, same content."""
    own = data.schema[table].columns
    says = [c for c in (SAYS_OF_ACT if "process_id" in own else SAYS) if c in own]
    said = " and ".join(c for c in ("process_id", "stage", "kind", "value") if c in says)
    for row, first in doubled(data.rows(table), itemgetter("article_id", "start", "end", *says)):
        where = f"first in {first.table.path} row {first.number}"
        yield row.defect("exact", f"the same quote is coded twice for one {said}, {where}")


@defects.of("treaty_table")
def _table_lines(row: Row, data: Data) -> Found:
    """Check that the lines of the garbled table stand in their text letter by letter."""
    lines, number = data.lines.get(row["source_id"]), int(row["line"])
    if lines is None or not data.has("articles"):
        return
    text = lines[number - 1].text if 1 <= number <= len(lines) else None
    if text is None or text.strip() != row["row_as_printed"]:
        yield "row_as_printed", f"not line {number} of {row['source_id']}, which is {text!r}"


@defects.of("claim_checks")
def _fragments(row: Row, data: Data) -> Found:
    """Check that the words of a checked claim stand in its text."""
    text, words = data.texts.get(row["source_id"]), row["fragment"]
    if text is None or one_line(words) in one_line(text) or not data.has("articles"):
        return
    message = f"{words!r} stands nowhere in {row['source_id']}"
    if place := nearest(words, text):
        message += f"; nearest ({place.similarity:.1f} % alike): {text[place.start : place.end]!r}"
    yield "fragment", message


@defects.of("speakers")
def _speakers(row: Row, data: Data) -> Found:
    """Check that spellings and articles of a speaker name each other."""
    texts = {}
    for article in row.values("article_ids"):
        lines = data.lines.get(data.source_of(article))
        if lines is None:
            return  # a text has changed, or an article is not known: said elsewhere
        texts[article] = one_line(" ".join(li.text for li in lines if li.article_id == article))
    spellings = row.values("spellings")
    for spelling in spellings if texts else ():
        if not any(one_line(spelling) in text for text in texts.values()):
            yield "spellings", f"{spelling!r} stands in none of {', '.join(texts)}"
    for article, text in texts.items():
        if not any(one_line(spelling) in text for spelling in spellings):
            yield "article_ids", f"{article} holds no spelling of the speaker"


@defects.of("numbers")
def _numbers(row: Row, data: Data) -> Found:
    """Check that a number is that of its quote; where it has several, that it is not nearly one."""
    quote = row["exact"].lower()
    words = [word for word in re.findall(r"\w+", quote) if word in KNOWN["in_words"]]
    said = numbers_of(quote) | {float(KNOWN["in_words"][word]) for word in words}
    if re.search(KNOWN["vague"], quote):
        return
    for column in ("value", "value_high"):
        own = numbers_of(row[column])
        near = len(said) == 1 or any(_is_near(one, other) for one in own for other in said)
        if own and near and not own & said:
            told = ", ".join(f"{number:,.10g}" for number in sorted(said))
            yield column, f"found {row[column]}; its quote says {told}"


def _is_near(one: float, other: float) -> bool:
    """Say whether a figure was mistyped, or a nought or the point."""
    a, b = (f"{number:.10g}" for number in (one, other))
    same = a.replace(".", "").strip("0") == b.replace(".", "").strip("0")
    return same or (min(len(a), len(b)) > 1 and OSA.distance(a, b) == 1)


@defects.of("adjudication")
def _adjudication(row: Row, data: Data) -> Found:
    """Check that a disagreement names a column, and the codes that stand in the coders' rows."""
    if not data.has("coder_a", "coder_b", "statements"):
        return
    column, columns = row["column"], [WHOLE, *data.schema["coder_a"].columns]
    if column not in columns:
        yield "column", unknown("column", column, columns)
        return
    if not row["a_id"] and not row["b_id"]:
        yield "a_id", "neither coder is named"
    for key, value, table in SIDES:
        other, found = data.named[table].get(row[key]), row[value]
        if column == WHOLE or other is None or other[column] == found:
            continue
        if (row[key], column, found) not in data.corrected:
            there = f"{row[key]} has {other[column]!r} there ({other.table.path})"
            yield value, f"found {found!r}; {there}"
