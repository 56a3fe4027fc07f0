"""The corpus layer beside its quotes: speakers, links, numbers, coders and their adjudication."""

from __future__ import annotations

import re

from ngolib.errors import unknown
from ngolib.evidence.check.tables import Checks, Data, Found, Row, significant_digits

WHOLE = "statement"
IN_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
IN_WORDS |= {"nine": 9, "ten": 10, "first": 1, "second": 2, "third": 3, "ninth": 9, "once": 1}
# Id and code of each side of an adjudication, and the table in which they stand.
SIDES = (
    ("a_id", "a_value", "coder_a"),
    ("b_id", "b_value", "coder_b"),
    ("statement_id", "value", "statements"),
)

defects = Checks()


@defects.of("speakers")
def _speakers(row: Row, data: Data) -> Found:
    """Check that spellings and articles of a speaker name each other."""
    texts = {}
    for article in row.values("article_ids"):
        lines = data.lines.get(data.source_of(article))
        if lines is None:
            return  # a text has changed, or an article is not known: said elsewhere
        texts[article] = "\n".join(line.text for line in lines if line.article_id == article)
    spellings = row.values("spellings")
    for spelling in spellings if texts else ():
        if not any(spelling in text for text in texts.values()):
            yield "spellings", f"{spelling!r} stands in none of {', '.join(texts)}"
    for article, text in texts.items():
        if not any(spelling in text for spelling in spellings):
            yield "article_ids", f"{article} holds no spelling of the speaker"


@defects.of("numbers")
def _numbers(row: Row, data: Data) -> Found:
    """Check that a number stands in its quote."""
    words = set(re.findall(r"\w+", row["exact"].lower())) & set(IN_WORDS)
    said = significant_digits(row["exact"]) | {str(IN_WORDS[word]) for word in words}
    # Half of something, or a word of another language, cannot be read here.
    if said and not significant_digits(row["value"]) & said:
        yield "value", f"found {row['value']}; its quote says {', '.join(sorted(said))}"


@defects.of("adjudication")
def _adjudication(row: Row, data: Data) -> Found:
    """Check that a disagreement names a column, and the codes that stand in the coders' rows."""
    if not data.has("coder_a", "coder_b", "statements"):
        return
    column, columns = row["column"], [WHOLE, *data.project.schema["coder_a"].columns]
    if column not in columns:
        yield "column", unknown("column", column, columns)
        return
    if not row["a_id"] and not row["b_id"]:
        yield "a_id", "neither coder is named"
    for key, value, table in SIDES:
        other, found = data.named[table].get(row[key]), row[value]
        if column == WHOLE or other is None or other[column] == found:
            continue
        if not _corrected_later(data, (row[key], column, found)):
            there = f"{row[key]} has {other[column]!r} there ({other.table.path})"
            yield value, f"found {found!r}; {there}"


def _corrected_later(data: Data, cell: tuple[str, str, str]) -> bool:
    """Say whether a code was put right after the adjudication: both keep their history."""
    return any(
        (row["row"], row["column"], row["old"]) == cell
        for row in data.rows("corrections")
        if row["table"] == "statements" and row["decision"] == "taken"
    )
