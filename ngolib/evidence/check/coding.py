"""The corpus layer beside its quotes: speakers, links, numbers, coders and their adjudication."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from ngolib.errors import unknown
from ngolib.evidence.check.tables import Data, significant_digits
from ngolib.tables import Defect

WHOLE = "statement"
IN_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
IN_WORDS |= {"nine": 9, "ten": 10, "first": 1, "second": 2, "third": 3, "ninth": 9, "once": 1}


def defects(data: Data) -> Iterator[Defect]:
    """Find what does not fit in the tables of the corpus layer."""
    yield from _speakers(data)
    yield from _links(data)
    yield from _numbers(data)
    yield from _adjudication(data)


def _speakers(data: Data) -> Iterator[Defect]:
    """Check that spellings and articles of a speaker name each other."""
    for row in data.rows("speakers"):
        articles = data.values("speakers", row, "article_ids")
        texts = {a: data.article_text(a) for a in articles}
        if not texts or None in texts.values():
            continue  # a text has changed, or an article is not known: said elsewhere
        spellings = data.values("speakers", row, "spellings")
        for spelling in spellings:
            if not any(spelling in (text or "") for text in texts.values()):
                message = f"{spelling!r} stands in none of {', '.join(articles)}"
                yield data.defect("speakers", row, "spellings", message)
        for article, text in texts.items():
            if not any(spelling in (text or "") for spelling in spellings):
                message = f"{article} holds no spelling of the speaker"
                yield data.defect("speakers", row, "article_ids", message)


def _links(data: Data) -> Iterator[Defect]:
    """Check that only influence has a direction, from one country to another."""
    for row in data.rows("links"):
        source, target = row["from_country"], row["to_country"]
        if row["kind"] == "influence":
            for column in ("from_country", "to_country"):
                if not row[column]:
                    yield data.defect("links", row, column, "empty; influence needs its direction")
            if source and source == target:
                message = f"found {target!r}, which is from_country too"
                yield data.defect("links", row, "to_country", message)
        elif source or target:
            column = "from_country" if source else "to_country"
            message = f"found {row[column]!r}; allowed: empty for {row['kind']}"
            yield data.defect("links", row, column, message)


def _numbers(data: Data) -> Iterator[Defect]:
    """Check that a number stands in its quote, and that a range runs upwards."""
    for row in data.rows("numbers"):
        low, high = Decimal(row["value"]), Decimal(row["value_high"] or row["value"])
        if high < low:
            message = f"the upper bound {high} is less than the lower one, {low}"
            yield data.defect("numbers", row, "value_high", message)
        words = set(re.findall(r"\w+", row["exact"].lower())) & set(IN_WORDS)
        said = significant_digits(row["exact"]) | {str(IN_WORDS[word]) for word in words}
        # Half of something, or a word of another language, cannot be read here.
        if said and not significant_digits(row["value"]) & said:
            message = f"found {row['value']}; its quote says {', '.join(sorted(said))}"
            yield data.defect("numbers", row, "value", message)


def _adjudication(data: Data) -> Iterator[Defect]:
    """Check that each disagreement names a column, and the codes that stand in the coders' rows."""
    sides = (
        ("a_id", "a_value", "coder_a"),
        ("b_id", "b_value", "coder_b"),
        ("statement_id", "value", "statements"),
    )
    if not data.has("coder_a", "coder_b", "statements"):
        return
    coded = {
        table: {row["statement_id"]: row.cells for row in data.rows(table)} for *_, table in sides
    }
    # What was put right after the adjudication stands in the corrections: both keep their history.
    later = {
        (row["row"], row["column"], row["old"])
        for row in data.rows("corrections")
        if row["table"] == "statements" and row["decision"] == "taken"
    }
    columns = [WHOLE, *data.project.schema["coder_a"].columns]
    for row in data.rows("adjudication"):
        column = row["column"]
        if column not in columns:
            yield data.defect("adjudication", row, "column", unknown("column", column, columns))
            continue
        if not row["a_id"] and not row["b_id"]:
            yield data.defect("adjudication", row, "a_id", "neither coder is named")
        for id_column, value_column, table in sides:
            cells = coded[table].get(row[id_column])
            if column == WHOLE or cells is None or cells[column] == row[value_column]:
                continue
            if (row[id_column], column, row[value_column]) in later:
                continue
            message = (
                f"found {row[value_column]!r}; {row[id_column]} has {cells[column]!r} there "
                f"({data.project.schema[table].path})"
            )
            yield data.defect("adjudication", row, value_column, message)
