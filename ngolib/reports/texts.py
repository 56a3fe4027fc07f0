"""Pages of the source texts: every line with its label, every quote, statements with codes."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import pandas as pd

from ngolib.evidence import load_acts, load_statements
from ngolib.methods import coverage_of_texts
from ngolib.project import Project
from ngolib.reports.site import around, render
from ngolib.texts import load_articles, load_lines, load_sources
from ngolib.texts.load import READING_LABELS

# Characters shown on either side of a quote where a text may be quoted only.
CONTEXT = 60
# A gap of fewer characters is not worth its mark.
LEAST_GAP = 20
# Tables of quotes that are no statements; a report leads to their place in the text too.
OTHER_QUOTES = {"links": "link_id", "numbers": "number_id", "doubts": "doubt_id"}


class Piece(NamedTuple):
    """A stretch of a line: plain, quoted, or left out."""

    text: str
    begins: tuple[int, ...] = ()  # numbers of the quotes that begin, or are taken up in the line
    quoted: bool = False
    left_out: int = 0


Quote = Mapping[str, Any]


def pieces(start: int, text: str, quotes: Sequence[Quote]) -> list[Piece]:
    """Cut a line, whose raw offset is `start`, at the ends of its quotes, which may overlap."""
    end = start + len(text)
    spans = ((max(q["start"], start), min(q["end"], end), q["number"]) for q in quotes)
    inside = [span for span in spans if span[0] < span[1]]
    cuts = sorted({start, end}.union(*((first, last) for first, last, _ in inside)))
    found = []
    for a, b in pairwise(cuts):
        begins = tuple(number for first, _, number in inside if first == a)
        quoted = any(first < b and last > a for first, last, _ in inside)
        found.append(Piece(text[a - start : b - start], begins, quoted))
    return found


def _middle_left_out(piece: Piece, head: int, tail: int) -> Iterator[Piece]:
    """Keep of a plain piece what stands beside a quote; say how much of the rest is left out."""
    rest = len(piece.text) - head - tail
    if piece.quoted or rest < (LEAST_GAP if head or tail else 1):
        yield piece
        return
    if head:
        yield Piece(piece.text[:head])
    yield Piece("", left_out=rest)
    if tail:
        yield Piece(piece.text[-tail:])


def in_short(line: Sequence[Piece]) -> list[Piece]:
    """Return a line as it may be shown where only quotes with short context are allowed."""
    beside = [CONTEXT if piece.quoted else 0 for piece in line]
    around = zip(line, [0, *beside], [*beside[1:], 0], strict=False)
    return [part for piece, head, tail in around for part in _middle_left_out(piece, head, tail)]


def _quotes(project: Project, uses: Mapping[str, Sequence[tuple[str, str]]]) -> pd.DataFrame:
    """Return the statements in the order of the texts, then the other quotes, with their source."""
    statements = load_statements(project=project).sort_values(["article_id", "start", "end"])
    titles = load_acts(project=project).set_index("process_id")["title_en"]
    ids = statements["statement_id"]
    used = [list(uses.get(i, ())) for i in ids]
    parts = [statements.assign(act=statements["process_id"].map(titles), quote_id=ids, uses=used)]
    for name, key in OTHER_QUOTES.items():
        if name in project.schema:
            table = project.read_table(name).rename(columns={key: "quote_id"})
            parts.append(table[["quote_id", "article_id", "start", "end"]])
    found = pd.concat(parts)
    source_of = project.read_table("articles").set_index("article_id")["source_id"]
    found["coded"] = found["statement_id"].notna()
    return found.assign(source_id=found["article_id"].map(source_of))


def _line(row: Any, quotes: Sequence[Quote], whole: bool) -> dict[str, Any]:
    parts = pieces(row.start, row.text, quotes) if row.text else []
    begin = {number for part in parts for number in part.begins}
    own = [q for q in quotes if q["number"] in begin and q["start"] >= row.start]
    return {"row": row, "pieces": parts if whole else in_short(parts), "quotes": own}


def pages(project: Project, uses: Mapping[str, Sequence[tuple[str, str]]]) -> dict[str, bytes]:
    """Write pages of the texts and their list, by name; `uses` leads from evidence to reports."""
    found = _quotes(project, uses)
    articles, lines = load_articles(project=project), load_lines(project=project)
    counts = coverage_of_texts(project=project)
    articles = articles.merge(counts[[*counts.columns.difference(articles.columns), "article_id"]])
    lines = lines[lines["label"] != "blank"]
    texts, files, frame = [], {}, around(project)
    tables = [(t, t.groupby("source_id").indices) for t in (found, lines, articles)]
    for source in load_sources(project=project).itertuples():
        quotes, rows, parts = (t.iloc[at.get(source.source_id, [])] for t, at in tables)
        numbered = [q | {"number": n} for n, q in enumerate(quotes.to_dict("records"), start=1)]
        text = {
            "source": source,
            "articles": parts.to_dict("records"),
            "statements": int(quotes["coded"].sum()),
            "whole": source.redistribution == "full",
        }
        texts.append(text)
        files[f"{source.source_id}.html"] = render(
            "text.html.j2",
            title=f"Source text {source.source_id}",
            lines=[_line(row, numbered, text["whole"]) for row in rows.itertuples()],
            reading=READING_LABELS,
            **text,
            **frame,
        )
    index = render("texts.html.j2", title="Source texts", texts=texts, **frame)
    return {**files, "index.html": index}
