"""Look up pieces of evidence by id: what a reader needs to check a claim."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import pandas as pd

from ngolib.evidence.counts import load_counts
from ngolib.evidence.events import load_acts, load_statements, with_any
from ngolib.evidence.passages import read_passage_id
from ngolib.evidence.ratings import label_of, load_ratings
from ngolib.evidence.treaties import load_treaties, row_id
from ngolib.project import Project, read_once
from ngolib.texts import load_articles, load_lines, load_sentences

COLUMNS = ["evidence_id", "layer", "title", "quotes", "about", "doubts"]

# Characters shown on either side of a passage: enough to check it, and no more of a text than a
# quotation needs.
CONTEXT = 60

Item = dict[str, Any]
Row = Mapping[str, Any]


def _joined(facts: Iterable[Any]) -> str:
    return " · ".join(str(fact) for fact in facts if fact)


def _dates(row: Row) -> str:
    return row["date"] + (f" to {row['date_end']}" if row["date_end"] else "")


class _Desk:
    """The tables in which evidence is looked up, read once."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.titles = load_acts(project=project).set_index("process_id")["title_en"]

    @cached_property
    def articles(self) -> pd.DataFrame:
        return load_articles(project=self.project).set_index("article_id")

    @cached_property
    def lines(self) -> pd.DataFrame:
        return load_lines(project=self.project)

    @cached_property
    def sentences(self) -> pd.DataFrame:
        return load_sentences(project=self.project)

    @cached_property
    def speakers(self) -> dict[str, str]:
        table = self.project.read_table("speakers")
        return dict(zip(table["speaker_id"], table["name"], strict=True))

    @cached_property
    def sources(self) -> dict[str, list[dict[str, str]]]:
        """Each step's sources in the order of the table."""
        found: dict[str, list[dict[str, str]]] = {}
        for row in self.project.read_table("step_sources").itertuples():
            quote = _quote(row.snippet, kind=row.source_kind, url=row.url)
            found.setdefault(row.step_id, []).append(quote)
        return found

    @cached_property
    def doubts(self) -> dict[str, list[str]]:
        """What is doubtful about each statement."""
        found: dict[str, list[str]] = {}
        kinds = self.project.vocabulary("doubt_kind")
        for doubt in self.project.read_table("doubts").itertuples():
            for statement in doubt.statement_ids:
                found.setdefault(statement, []).append(f"{kinds[doubt.kind]}: {doubt.verdict}")
        return found

    def in_context(self, row: Row) -> dict[str, str]:
        """Return an anchored quote with the rest of the sentences that hold it."""
        inside = self.sentences[
            (self.sentences["article_id"] == row["article_id"])
            & (self.sentences["end"] > row["start"])
            & (self.sentences["start"] < row["end"])
        ]
        before = after = ""
        if not inside.empty:
            first, last = inside.iloc[0], inside.iloc[-1]
            before = first["text"][: max(0, row["start"] - first["start"])]
            if last["end"] > row["end"]:
                after = last["text"][len(last["text"]) - (last["end"] - row["end"]) :]
        return _quote(row["exact"], before, after)

    def place(self, row: Row) -> list[str]:
        """Say where an anchored quote stands."""
        article = self.articles.loc[row["article_id"]]
        return [
            article["title"],
            article["outlet"] or "outlet not stated",
            article["published"] or "date not known",
            f"reliability {article['reliability']}",
            f"raw characters {row['start']}–{row['end']}",
        ]

    def voice(self, row: Row) -> str:
        """Say who speaks."""
        name = self.speakers.get(row["claimant"], "")
        return f"voice: {row['voice'].replace('_', ' ')}" + (f" ({name})" if name else "")

    def statement(self, row: Row) -> Item:
        return {
            "layer": "corpus",
            "title": self.titles[row["process_id"]],
            "quotes": [self.in_context(row)],
            "about": _joined(
                [
                    *self.place(row),
                    self.voice(row),
                    f"credibility {row['credibility']}",
                    row["modality"],
                ]
            ),
            "doubts": list(self.doubts.get(row["statement_id"], ())),
        }

    def step(self, row: Row) -> Item:
        stage = row["stage"].replace("_", " ") + (" (scheduled)" if row["scheduled"] else "")
        return {
            "layer": "register",
            "title": self.titles[row["process_id"]],
            "quotes": [dict(quote) for quote in self.sources.get(row["step_id"], ())],
            "about": _joined(
                [
                    f"{stage} {_dates(row)}".strip(),
                    row["actor"],
                    f"confidence {row['confidence_fact']}, in its date {row['confidence_date']}",
                ]
            ),
        }

    def rule(self, row: Row) -> Item:
        start = row["in_force_from"] or "start not documented"
        end = row["in_force_to"] or ("ended, date not documented" if row["to_basis"] else "")
        return {
            "layer": "register",
            "title": self.titles[row["process_id"]],
            "quotes": [_quote(row["snippet"], url=row["url"])],
            "about": _joined(
                [
                    row["measure"],
                    f"in force: {start}" + (f" to {end}" if end else "; no end documented"),
                    f"rung {row['rung']}" if pd.notna(row["rung"]) else "",
                    f"confidence {row['confidence']}",
                ]
            ),
        }

    def link(self, row: Row) -> Item:
        countries = " on ".join(c for c in (row["from_country"], row["to_country"]) if c)
        return {
            "layer": "corpus",
            "title": f"Link between the countries: {row['kind']} {countries}".strip(),
            "quotes": [self.in_context(row)],
            "about": _joined([*self.place(row), self.voice(row), row["modality"]]),
        }

    def number(self, row: Row) -> Item:
        value = row["value"] + (f"–{row['value_high']}" if row["value_high"] else "")
        return {
            "layer": "corpus",
            "title": f"Number: {row['what']}",
            "quotes": [self.in_context(row)],
            "about": _joined(
                [
                    f"{row['qualifier'].replace('_', ' ')} {value} {row['unit']}",
                    _dates(row),
                    *self.place(row),
                    self.voice(row),
                ]
            ),
        }

    def count(self, row: Row) -> Item:
        place = self.project.vocabulary("country")[row["country"]]
        return {
            "layer": "register",
            "title": f"Count: {row['series'].replace('_', ' ')}, {place}",
            "quotes": self.in_texts(row) or [_quote(row["snippet"], url=row["url"])],
            "about": _joined(
                [
                    row["what"],
                    f"{row['qualifier']} {row['value']} {row['unit']}",
                    row["date"],
                    f"value in the snippet: {row['in_snippet']}",
                    f"confidence {row['confidence']}",
                    row["note"],
                ]
            ),
        }

    def in_texts(self, row: Row) -> list[dict[str, str]]:
        """Quote a count from the texts that it rests on, where it names no source of its own."""
        numbers = self.project.read_table("numbers")
        source = numbers["article_id"].map(self.articles["source_id"])
        own = numbers[
            source.isin(row["source_ids"])
            & (numbers["value"].astype("str") == str(row["value"]))
            & with_any(numbers["country"], [row["country"]])
            & numbers["series"].isin(["", row["series"]])
        ]
        return [self.in_context(number) for number in own.to_dict("records")]

    def passage(self, evidence_id: str) -> Item | None:
        """Return a stretch of a raw text with a little of its line; None if there is none."""
        place = read_passage_id(evidence_id)
        if place is None:
            return None
        article, start, end = place
        own = self.lines
        own = own[(own["article_id"] == article) & (own["start"] <= start) & (own["end"] >= end)]
        if own.empty or article not in self.articles.index:
            return None
        line = own.iloc[0]
        first, last = start - line["start"], end - line["start"]
        text = line["text"]
        quote = _quote(
            text[first:last], text[max(first - CONTEXT, 0) : first], text[last : last + CONTEXT]
        )
        row = pd.Series({"article_id": article, "start": start, "end": end})
        return {
            "layer": "corpus",
            "title": f"Words of the text {article}",
            "quotes": [quote],
            "about": _joined(self.place(row)),
        }

    def doubt(self, row: Row) -> Item:
        kind = self.project.vocabulary("doubt_kind")[row["kind"]]
        references = [_quote("", url=url) for url in row["urls"]]
        return {
            "layer": "corpus",
            "title": f"Doubt: {kind.lower()}",
            "quotes": [self.in_context(row), *references],
            "about": _joined([row["verdict"], *self.place(row)]),
        }

    def rating(self, row: Row) -> Item:
        place = self.project.vocabulary("country")[row["country"]]
        year = f"{row['year']} ({row['year_basis']})" if row["year_basis"] else "year not known"
        best = {"max": "more is freer", "min": "less is freer"}.get(row["best"], "")
        return {
            "layer": "register",
            "title": f"{label_of(row['index'])}, {place}",
            "quotes": [_quote(row["snippet"], url=row["url"])],
            "about": _joined(
                [
                    f"{row['value']}, {year}",
                    best,
                    f"printed as {row['value_as_printed']}" if row["value_as_printed"] else "",
                    f"value in the snippet: {row['in_snippet']}",
                    f"confidence {row['confidence']}",
                    row["note"],
                ]
            ),
        }

    def treaty(self, row: Row) -> Item:
        place = self.project.vocabulary("country")[row["country"]]
        kind = row["date_kind"].replace("_", " ")
        when = f"{row['date']} ({kind})" if row["date"] else "day not documented"
        return {
            "layer": "register",
            "title": f"{row['treaty_title']}, {place}",
            "quotes": [_quote(row["snippet"], url=row["url"])],
            "about": _joined(
                [f"{row['action']}, {when}", f"confidence {row['confidence']}", row["note"]]
            ),
        }

    def table_row(self, row: Row) -> Item:
        return {
            "layer": "corpus",
            "title": f"Treaty table of the text {row['source_id']}",
            "quotes": [_quote(row["row_as_printed"])],
            "about": _joined([f"raw line {row['line']}", f"verdict {row['verdict']}", row["note"]]),
        }

    @property
    def treaty_rows(self) -> pd.DataFrame:
        """The coded rows of the treaty table, with the id of each."""
        table = self.project.read_table("treaty_table")
        return table.assign(row_id=table["row"].map(row_id))

    @property
    def treaties(self) -> pd.DataFrame:
        """The acts on treaties with their sources."""
        whole = self.project.read_table("treaties")
        return load_treaties(project=self.project).assign(
            url=whole["url"], snippet=whole["snippet"]
        )

    def tables(self) -> Iterator[tuple[pd.DataFrame, str, Callable[[Row], Item]]]:
        """Yield each table that can hold an id, its column of ids, and what makes an item."""
        read = self.project.read_table
        yield load_statements(project=self.project), "statement_id", self.statement
        yield read("rules"), "rule_id", self.rule
        yield read("steps"), "step_id", self.step
        yield read("links"), "link_id", self.link
        yield read("numbers"), "number_id", self.number
        yield load_counts(project=self.project), "count_id", self.count
        yield read("doubts"), "doubt_id", self.doubt
        yield load_ratings(project=self.project), "rating_id", self.rating
        yield self.treaties, "treaty_id", self.treaty
        yield self.treaty_rows, "row_id", self.table_row


@read_once
def _desk(*, project: Project | None = None) -> _Desk:
    return _Desk(project or Project.find())


def _quote(
    quote: str, before: str = "", after: str = "", *, kind: str = "", url: str = ""
) -> dict[str, str]:
    return {"before": before, "quote": quote, "after": after, "kind": kind, "url": url}


def lookup(ids: Iterable[str], *, project: Project | None = None) -> pd.DataFrame:
    """Look up evidence by id.

    Parameters
    ----------
    ids : iterable of str
        Ids of statements, steps, rules, links, numbers, counts, doubts, ratings, treaties, of rows
        of the treaty table in the texts, and of passages (`ngolib.evidence.passages`).

    Returns
    -------
    pandas.DataFrame
        `evidence_id`; `layer`; `title` (of the act, or what kind of evidence it is); `quotes`
        (list of dicts `before, quote, after, kind, url`: an anchored quote verbatim in its
        sentences, or the snippet of each source with its kind and address); `about` (what it says,
        where, how sure); `doubts` (list of texts). In the order given, each id once.

    Raises
    ------
    KeyError
        If an id is not known.

    Examples
    --------
    >>> from ngolib.evidence import lookup
    >>> found = lookup(["iwpr-2006.1-s12"])
    >>> found.loc[0, "quotes"][0]["quote"]
    'They are designed to neutralise truly independent organisations'
    """
    desk = _desk(project=project)
    wanted = list(dict.fromkeys(ids))
    found: dict[str, Item] = {}
    for table, column, make in desk.tables():
        own = table[table[column].isin(wanted)]
        found |= {row[column]: make(row) for row in own.to_dict("records")}
    for evidence_id in wanted:
        if evidence_id not in found and (item := desk.passage(evidence_id)) is not None:
            found[evidence_id] = item
        if evidence_id not in found:
            raise KeyError(f"no piece of evidence has the id {evidence_id!r}")
    items = [{"evidence_id": i, "doubts": [], **found[i]} for i in wanted]
    return pd.DataFrame(items, columns=COLUMNS)
