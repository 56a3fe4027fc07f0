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
        texts = {a: data.article_text(a) for a in row.values("article_ids")}
        known = {article: text for article, text in texts.items() if text is not None}
        if len(known) < len(texts):
            continue  # a text has changed, or an article is not known: said elsewhere
        spellings = row.values("spellings")
        for spelling in spellings if texts else ():
            if not any(spelling in text for text in known.values()):
                yield row.defect("spellings", f"{spelling!r} stands in none of {', '.join(texts)}")
        for article, text in known.items():
            if not any(spelling in text for spelling in spellings):
                yield row.defect("article_ids", f"{article} holds no spelling of the speaker")


def _links(data: Data) -> Iterator[Defect]:
    """Check that only influence has a direction, from one country to another."""
    for row in data.rows("links"):
        source, target = row["from_country"], row["to_country"]
        if row["kind"] == "influence":
            for column in ("from_country", "to_country"):
                if not row[column]:
                    yield row.defect(column, "empty; influence needs its direction")
            if source and source == target:
                yield row.defect("to_country", f"found {target!r}, which is from_country too")
        elif source or target:
            column = "from_country" if source else "to_country"
            yield row.defect(column, f"found {row[column]!r}; allowed: empty for {row['kind']}")


def _numbers(data: Data) -> Iterator[Defect]:
    """Check that a number stands in its quote, and that a range runs upwards."""
    for row in data.rows("numbers"):
        low, high = Decimal(row["value"]), Decimal(row["value_high"] or row["value"])
        if high < low:
            message = f"the upper bound {high} is less than the lower one, {low}"
            yield row.defect("value_high", message)
        words = set(re.findall(r"\w+", row["exact"].lower())) & set(IN_WORDS)
        said = significant_digits(row["exact"]) | {str(IN_WORDS[word]) for word in words}
        # Half of something, or a word of another language, cannot be read here.
        if said and not significant_digits(row["value"]) & said:
            message = f"found {row['value']}; its quote says {', '.join(sorted(said))}"
            yield row.defect("value", message)


def _adjudication(data: Data) -> Iterator[Defect]:
    """Check that each disagreement names a column, and the codes that stand in the coders' rows."""
    sides = (
        ("a_id", "a_value", "coder_a"),
        ("b_id", "b_value", "coder_b"),
        ("statement_id", "value", "statements"),
    )
    if not data.has("coder_a", "coder_b", "statements"):
        return
    coded = {table: {row["statement_id"]: row for row in data.rows(table)} for _, _, table in sides}
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
            yield row.defect("column", unknown("column", column, columns))
            continue
        if not row["a_id"] and not row["b_id"]:
            yield row.defect("a_id", "neither coder is named")
        for key, value, table in sides:
            other, found = coded[table].get(row[key]), row[value]
            if column == WHOLE or other is None or other[column] == found:
                continue
            if (row[key], column, found) not in later:
                there = f"{row[key]} has {other[column]!r} there ({other.table.path})"
                yield row.defect(value, f"found {found!r}; {there}")
