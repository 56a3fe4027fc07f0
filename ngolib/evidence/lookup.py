"""Look up pieces of evidence by id: what a reader needs to check a claim."""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, StrictUndefined

from ngolib.evidence.events import load_acts
from ngolib.evidence.tables import gathered, label_of, load_counts, load_ratings, with_any
from ngolib.project import FOUND, Project, kept, read_once
from ngolib.texts import load_articles, load_lines, load_sentences

# Tables that hold pieces of evidence, with their layer, the most cited first; ids come first.
TABLES = {"statements": "corpus", "steps": "register", "rules": "register"}
TABLES |= dict.fromkeys(("links", "numbers", "doubts", "treaty_table"), "corpus")
TABLES |= dict.fromkeys(("counts", "ratings", "treaties"), "register")
LOADERS: dict[str, Callable[..., pd.DataFrame]] = {"counts": load_counts, "ratings": load_ratings}
COLUMNS = ["evidence_id", "layer", "title", "label", "quotes", "about", "doubts", "address"]
# Pages of the site, each with an anchor of a piece's own id.
ACT, TEXT, RECORDS = "acts/{}.html", "texts/{}.html", "records/index.html"

# Characters shown on either side of a passage: enough to check it, no more than a quotation.
CONTEXT = 60
_PASSAGE = re.compile(r"(.+)-c(\d+)-(\d+)")

Row = Mapping[str, Any]
Quote = dict[str, str]
# Its layer, what is told of it, its quotes, its address.
Piece = tuple[str, list[str], list[Quote], str]
_WORDS = Path(__file__).with_suffix(".j2").read_text(encoding="utf-8")
_TELL = Environment(undefined=StrictUndefined).from_string(_WORDS)


def passage_id(article_id: str, start: int, end: int) -> str:
    """Return the id of a stretch of a raw text: its article and its raw offsets."""
    return f"{article_id}-c{start}-{end}"


@read_once
def glosses(*, project: Project = FOUND) -> dict[str, Quote]:
    """Return `language` and `gloss`, our English words, of quotes in another language."""
    if "glosses" not in project.schema:
        return {}
    table = project.read_table("glosses").rename(columns={"english": "gloss"})
    return table.set_index("quote")[["language", "gloss"]].to_dict("index")


def _quote(quote: str, before: str = "", after: str = "", kind: str = "", url: str = "") -> Quote:
    return {"before": before, "quote": quote, "after": after, "kind": kind, "url": url}


class _Desk:
    """What is told of a row: `lookup.j2` has a macro per table; only what it needs is read."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._tell: Any = _TELL.make_module({"desk": self, "label_of": label_of})

    def told(self, table: str, row: Row) -> list[str]:
        """Say what a row of a table holds: title, what it says of that, and more facts."""
        return [line.strip() for line in getattr(self._tell, table)(row).split("\n")]

    @kept
    def titles(self) -> dict[str, str]:
        acts = load_acts(project=self.project)
        return dict(zip(acts["process_id"], acts["title_en"], strict=True))

    @kept
    def speakers(self) -> dict[str, str]:
        speakers = self.project.read_table("speakers")
        return dict(zip(speakers["speaker_id"], speakers["name"], strict=True))

    @kept
    def articles(self) -> dict[str, Row]:
        return load_articles(project=self.project).set_index("article_id").to_dict("index")

    @kept
    def sources(self) -> dict[str, list[Quote]]:
        """Each step's sources, in the order of the table."""
        rows = self.project.read_table("step_sources")
        cells = zip(rows["snippet"], rows["source_kind"], rows["url"], strict=True)
        return gathered(rows["step_id"], (_quote(s, kind=kind, url=url) for s, kind, url in cells))

    @kept
    def doubted(self) -> dict[str, list[str]]:
        """Doubts about each statement."""
        rows = self.project.read_table("doubts").explode("statement_ids")
        kinds = rows["kind"].map(self.project.vocabulary("doubt_kind"))
        return gathered(rows["statement_ids"], kinds + ": " + rows["verdict"])

    @kept
    def sentences(self) -> dict[str, list[Any]]:
        """The sentences of each article."""
        sentences = load_sentences(project=self.project)
        return gathered(sentences["article_id"], sentences.itertuples())

    def in_context(self, row: Row) -> Quote:
        """Return an anchored quote with the rest of the sentences that hold it."""
        own = self.sentences.get(row["article_id"], ())
        inside = [s for s in own if s.end > row["start"] and s.start < row["end"]]
        if not inside:
            return _quote(row["exact"])
        first, last = inside[0], inside[-1]
        before = first.text[: max(0, row["start"] - first.start)]
        rest = max(0, last.end - row["end"])
        return _quote(row["exact"], before, last.text[len(last.text) - rest :])

    def quotes(self, table: str, row: Row) -> list[Quote]:
        """Quote what a row of a table rests on."""
        if table == "steps":
            return [dict(quote) for quote in self.sources.get(row["step_id"], ())]
        if table == "treaty_table":
            return [_quote(row["row_as_printed"])]
        if "article_id" in row:
            return [self.in_context(row), *(_quote("", url=url) for url in row.get("urls", ()))]
        own = self.in_texts(row) if table == "counts" and row["source_ids"] else []
        return own or [_quote(row["snippet"], url=row["url"])]

    def in_texts(self, row: Row) -> list[Quote]:
        """Quote a count from the texts that it rests on, where it names no source of its own."""
        numbers = self.project.read_table("numbers")
        source_of = {article: of["source_id"] for article, of in self.articles.items()}
        own = numbers["article_id"].map(source_of).isin(row["source_ids"])
        own &= numbers["value"].astype("str") == str(row["value"])
        own &= with_any(numbers["country"], [row["country"]])
        own &= numbers["series"].isin(["", row["series"]])
        return [self.in_context(number) for number in numbers[own].to_dict("records")]

    def passage(self, evidence_id: str) -> Piece | None:
        """Return a stretch of a raw text with a little of its line; None if there is none."""
        place = _PASSAGE.fullmatch(evidence_id)
        if place is None:
            return None
        article, start, end = place[1], int(place[2]), int(place[3])
        lines = load_lines(project=self.project)
        own = (lines["article_id"] == article) & (lines["start"] <= start) & (lines["end"] >= end)
        if not own.any() or article not in self.articles:
            return None
        line = lines[own].iloc[0]
        first, last, text = start - line["start"], end - line["start"], line["text"]
        before, after = text[max(first - CONTEXT, 0) : first], text[last : last + CONTEXT]
        told = self.told("passages", {"article_id": article, "start": start, "end": end})
        address = f"{TEXT.format(self.articles[article]['source_id'])}#line-{line['line']}"
        return "corpus", told, [_quote(text[first:last], before, after)], address

    def address(self, evidence_id: str, row: Row) -> str:
        """Say where in the site a piece stands, from the folder of reports."""
        if "article_id" in row:
            page = TEXT.format(self.articles[row["article_id"]]["source_id"])
        else:
            page = ACT.format(row["process_id"]) if {"rule_id", "step_id"} & set(row) else RECORDS
        return f"{page}#{evidence_id}"


def lookup(ids: Iterable[str], *, project: Project | None = None) -> pd.DataFrame:
    """Look up evidence by id.

    Pieces are the rows of `TABLES`, and passages of the texts (`passage_id`); an id that is none of
    them is a `KeyError`.

    Returns
    -------
    pandas.DataFrame
        `evidence_id, layer, title` (of the act, or what kind of evidence it is), `label` (what it
        says of that, in short), `quotes` (dicts `before, quote, after, kind, url, language, gloss`:
        a quote in its sentences, or the snippet of a source; of one not in English our gloss),
        `about` (what it says, where, how sure), `doubts` (list of texts), `address` (its place in
        the site, from the folder of reports); in the order given, each id once.
    """
    desk = _Desk(project or Project.find())
    wanted = list(dict.fromkeys(ids))
    found: dict[str, Piece] = {}
    missing = {i for i in wanted if not _PASSAGE.fullmatch(i)}
    for name, layer in TABLES.items():
        if not missing:
            break
        load = LOADERS.get(name)
        table = load(project=desk.project) if load else desk.project.read_table(name)
        ids_of = table[table.columns[0]]
        for row in table[ids_of.isin(wanted)].to_dict("records"):
            i = row[ids_of.name]
            found[i] = layer, desk.told(name, row), desk.quotes(name, row), desk.address(i, row)
        missing -= set(found)
    rows, none = [], {"language": "", "gloss": ""}
    for i in wanted:
        piece = found.get(i) or desk.passage(i)
        if piece is None:
            raise KeyError(f"no piece of evidence has the id {i!r}")
        layer, (title, label, *facts), quotes, address = piece
        quotes = [q | glosses(project=desk.project).get(q["quote"], none) for q in quotes]
        doubts = list(desk.doubted.get(i, ())) if layer == "corpus" else []
        about = " · ".join(filter(None, facts))
        rows.append((i, layer, title, label, quotes, about, doubts, address))
    return pd.DataFrame(rows, columns=COLUMNS)
