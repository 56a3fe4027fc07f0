"""Look up pieces of evidence by id: what a reader needs to check a claim."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from ngolib.evidence.events import load_acts
from ngolib.evidence.tables import gathered, label_of, load_counts, load_ratings, with_any
from ngolib.project import Project, kept
from ngolib.texts import load_articles, load_lines, load_sentences

# The tables that hold pieces of evidence, with their layer; the first column of each has the ids.
# Those that are cited most come first: what is found in them needs no other.
TABLES = {"statements": "corpus", "steps": "register", "rules": "register"}
TABLES |= dict.fromkeys(("links", "numbers", "doubts", "treaty_table"), "corpus")
TABLES |= dict.fromkeys(("counts", "ratings", "treaties"), "register")
LOADERS = {"counts": load_counts, "ratings": load_ratings}
COLUMNS = ["evidence_id", "layer", "title", "label", "quotes", "about", "doubts", "address"]
# Pages of the site, each with an anchor of a piece's own id.
ACT, TEXT, RECORDS = "acts/{}.html", "texts/{}.html", "records/index.html"
BEST = {"max": "more is freer", "min": "less is freer"}

# Characters shown on either side of a passage: enough to check it, and no more of a text than a
# quotation needs.
CONTEXT = 60
_PASSAGE = re.compile(r"(.+)-c(\d+)-(\d+)")

Row = Mapping[str, Any]
Quote = dict[str, str]
# Title, quotes, and facts that are told beside them.
Item = tuple[str, list[Quote], list[str]]


def passage_id(article_id: str, start: int, end: int) -> str:
    """Return the id of a stretch of a raw text: its article and its raw offsets."""
    return f"{article_id}-c{start}-{end}"


def _quote(quote: str, before: str = "", after: str = "", kind: str = "", url: str = "") -> Quote:
    return {"before": before, "quote": quote, "after": after, "kind": kind, "url": url}


def _snippet(row: Row) -> list[Quote]:
    return [_quote(row["snippet"], url=row["url"])]


def _sure(row: Row) -> list[str]:
    """Say how sure a value is."""
    found = f"value in the snippet: {row['in_snippet']}"
    return [found, f"confidence {row['confidence']}", row["note"]]


def _dates(row: Row) -> str:
    return row["date"] + (f" to {row['date_end']}" if row["date_end"] else "")


class _Desk:
    """A method per table says what a row holds; each reads only the tables that it needs."""

    def __init__(self, project: Project) -> None:
        self.project = project

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
    def glosses(self) -> dict[str, Quote]:
        """Our English words for quotes in another language."""
        glosses = self.project.read_table("glosses").rename(columns={"english": "gloss"})
        return glosses.set_index("quote")[["language", "gloss"]].to_dict("index")

    def glossed(self, quote: Quote) -> Quote:
        """Add our English words to a quote in another language."""
        return quote | self.glosses.get(quote["quote"], {"language": "", "gloss": ""})

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

    def place(self, row: Row) -> list[str]:
        """Say where an anchored quote stands."""
        of = self.articles[row["article_id"]]
        told = [of["title"], of["outlet"] or "outlet not stated"]
        told += [of["published"] or "date not known", f"reliability {of['reliability']}"]
        return [*told, f"raw characters {row['start']}–{row['end']}"]

    def voice(self, row: Row) -> str:
        """Say who speaks."""
        name = self.speakers.get(row["claimant"], "")
        return f"voice: {row['voice'].replace('_', ' ')}" + (f" ({name})" if name else "")

    def country(self, row: Row) -> str:
        return self.project.vocabulary("country")[row["country"]]

    def statements(self, row: Row) -> Item:
        facts = [self.voice(row), f"credibility {row['credibility']}", row["modality"]]
        title = self.titles[row["process_id"]]
        return title, [self.in_context(row)], [*self.place(row), *facts]

    def steps(self, row: Row) -> Item:
        stage = row["stage"].replace("_", " ") + (" (scheduled)" if row["scheduled"] else "")
        sure = f"confidence {row['confidence_fact']}, in its date {row['confidence_date']}"
        quotes = [dict(quote) for quote in self.sources.get(row["step_id"], ())]
        facts = [f"{stage} {_dates(row)}".strip(), row["actor"], sure]
        return self.titles[row["process_id"]], quotes, facts

    def rules(self, row: Row) -> Item:
        start = row["in_force_from"] or "start not documented"
        end = row["in_force_to"] or ("ended, date not documented" if row["to_basis"] else "")
        force = f"in force: {start}" + (f" to {end}" if end else "; no end documented")
        rung = f"level {row['rung']} of 4" if pd.notna(row["rung"]) else ""
        facts = [row["short"], row["measure"], force, rung, f"confidence {row['confidence']}"]
        return self.titles[row["process_id"]], _snippet(row), facts

    def links(self, row: Row) -> Item:
        countries = " on ".join(c for c in (row["from_country"], row["to_country"]) if c)
        title = f"Link between the countries: {row['kind']} {countries}".strip()
        facts = [*self.place(row), self.voice(row), row["modality"]]
        return title, [self.in_context(row)], facts

    def numbers(self, row: Row) -> Item:
        value = row["value"] + (f"–{row['value_high']}" if row["value_high"] else "")
        said = f"{row['qualifier'].replace('_', ' ')} {value} {row['unit']}"
        facts = [said, _dates(row), *self.place(row), self.voice(row)]
        return f"Number: {row['what']}", [self.in_context(row)], facts

    def counts(self, row: Row) -> Item:
        said = f"{row['qualifier']} {row['value']} {row['unit']}"
        facts = [row["what"], said, row["date"], *_sure(row)]
        title = f"Count: {row['series'].replace('_', ' ')}, {self.country(row)}"
        return title, (row["source_ids"] and self.in_texts(row)) or _snippet(row), facts

    def in_texts(self, row: Row) -> list[Quote]:
        """Quote a count from the texts that it rests on, where it names no source of its own."""
        numbers = self.project.read_table("numbers")
        source_of = {article: of["source_id"] for article, of in self.articles.items()}
        own = numbers["article_id"].map(source_of).isin(row["source_ids"])
        own &= numbers["value"].astype("str") == str(row["value"])
        own &= with_any(numbers["country"], [row["country"]])
        own &= numbers["series"].isin(["", row["series"]])
        return [self.in_context(number) for number in numbers[own].to_dict("records")]

    def doubts(self, row: Row) -> Item:
        kind = self.project.vocabulary("doubt_kind")[row["kind"]]
        references = [_quote("", url=url) for url in row["urls"]]
        facts = [row["verdict"], *self.place(row)]
        return f"Doubt: {kind.lower()}", [self.in_context(row), *references], facts

    def ratings(self, row: Row) -> Item:
        year = f"{row['year']} ({row['year_basis']})" if row["year_basis"] else "year not known"
        printed = f"printed as {row['value_as_printed']}" if row["value_as_printed"] else ""
        facts = [f"{row['value']}, {year}", BEST.get(row["best"], ""), printed, *_sure(row)]
        name = label_of(row["index"], project=self.project)
        return f"{name}, {self.country(row)}", _snippet(row), facts

    def treaties(self, row: Row) -> Item:
        kind = row["date_kind"].replace("_", " ")
        when = f"{row['date']} ({kind})" if row["date"] else "day not documented"
        facts = [f"{row['action']}, {when}", f"confidence {row['confidence']}", row["note"]]
        return f"{row['treaty_title']}, {self.country(row)}", _snippet(row), facts

    def treaty_table(self, row: Row) -> Item:
        title = f"Treaty table of the text {row['source_id']}"
        facts = [f"raw line {row['line']}", f"verdict {row['verdict']}", row["note"]]
        return title, [_quote(row["row_as_printed"])], facts

    def passage(self, evidence_id: str) -> tuple[str, Item, str] | None:
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
        facts = self.place({"article_id": article, "start": start, "end": end})
        item = f"Words of the text {article}", [_quote(text[first:last], before, after)], facts
        address = f"{TEXT.format(self.articles[article]['source_id'])}#line-{line['line']}"
        return "corpus", item, address

    def address(self, evidence_id: str, row: Row) -> str:
        """Say where in the site a piece stands, from the folder of reports."""
        if "article_id" in row:
            page = TEXT.format(self.articles[row["article_id"]]["source_id"])
        else:
            page = ACT.format(row["process_id"]) if {"rule_id", "step_id"} & set(row) else RECORDS
        return f"{page}#{evidence_id}"


def lookup(ids: Iterable[str], *, project: Project | None = None) -> pd.DataFrame:
    """Look up evidence by id: of the `TABLES`, or of a passage; an unknown one is a `KeyError`.

    Returns
    -------
    pandas.DataFrame
        `evidence_id`; `layer`; `title` (of the act, or what kind of evidence it is); `label` (what
        it says of that, in short); `quotes` (dicts `before, quote, after, kind, url, language,
        gloss`: a quote verbatim in its sentences, or the snippet of each source); `about` (what it
        says, where, how sure); `doubts` (texts); `address` (its place, from the folder of
        reports). In the order given, each id once.

    Examples
    --------
    >>> from ngolib.evidence import lookup
    >>> found = lookup(["iwpr-2006.1-s12"])
    >>> found.loc[0, "quotes"][0]["quote"]
    'They are designed to neutralise truly independent organisations'
    """
    desk = _Desk(project or Project.find())
    wanted = list(dict.fromkeys(ids))
    found: dict[str, tuple[str, Item, str]] = {}
    missing = {i for i in wanted if not _PASSAGE.fullmatch(i)}
    for name, layer in TABLES.items():
        if not missing:
            break
        load = LOADERS.get(name)
        table = load(project=desk.project) if load else desk.project.read_table(name)
        ids_of = table[table.columns[0]]
        for row in table[ids_of.isin(wanted)].to_dict("records"):
            i = row[ids_of.name]
            found[i] = layer, getattr(desk, name)(row), desk.address(i, row)
        missing -= set(found)
    rows = []
    for i in wanted:
        piece = found.get(i) or desk.passage(i)
        if piece is None:
            raise KeyError(f"no piece of evidence has the id {i!r}")
        layer, (title, quotes, facts), address = piece
        quotes = [desk.glossed(quote) for quote in quotes]
        doubts = list(desk.doubted.get(i, ())) if layer == "corpus" else []
        about = " · ".join(filter(None, facts[1:]))
        rows.append((i, layer, title, facts[0], quotes, about, doubts, address))
    return pd.DataFrame(rows, columns=COLUMNS)
