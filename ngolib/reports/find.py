"""The page to find anything: what can be found, in columns, as data for the page's script."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from ngolib.evidence import load_acts, load_events, load_statements
from ngolib.evidence.lookup import ACT, RECORDS, TEXT
from ngolib.project import Project
from ngolib.reports.site import around, render
from ngolib.texts import load_articles, load_lines

Column = Iterable[Any]
# The pages of a kind of things, their anchors, what is told of each (its name first), and other
# words that it is found by.
Kind = tuple[Column, Column, list[Column], list[Column]]


def as_data(content: Any) -> Markup:
    """Write data for a script; no text in it can end the element that it stands in."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))


def _countries(project: Project, cells: Column) -> list[str]:
    """Name the country of each cell, or its countries."""
    names = project.vocabulary("country")
    each = ((cell,) if isinstance(cell, str) else cell for cell in cells)
    return [", ".join(names[code] for code in codes if code) for codes in each]


def _titles(project: Project, acts: pd.Series) -> pd.Series:
    return acts.map(load_acts(project=project).set_index("process_id")["title_en"])


def _articles(project: Project, ids: Column) -> pd.DataFrame:
    """Return articles with their `page`, and the `anchor` of their first line."""
    articles, lines = load_articles(project=project), load_lines(project=project)
    first = lines[lines["label"] != "blank"].groupby("article_id")["line"].min()
    anchor = articles["article_id"].map(first).map("line-{}".format)
    page = articles["source_id"].map(TEXT.format)
    return articles.assign(page=page, anchor=anchor).set_index("article_id").loc[list(ids)]


def _acts(project: Project) -> Kind:
    acts, events = load_acts(project=project), load_events(project=project)
    years = acts["process_id"].map(events.groupby("process_id")["year"].min())
    official = acts["identifier"].where(acts["identifier"] != "", acts["law_no"])
    told = [acts["title_en"], _countries(project, acts["country"])]
    told += [years.astype("Int64").astype("str").fillna(""), official]
    return acts["process_id"].map(ACT.format), [""] * len(acts), told, [acts["title_original"]]


def _rules(project: Project) -> Kind:
    rules = project.read_table("rules")
    place = [rules["article"], rules["law_no"], _titles(project, rules["process_id"])]
    told = [rules["short"], _countries(project, rules["country"]), *place]
    # What an English quote says, the measure says.
    other = rules["snippet"].where(rules["snippet"].str.contains("[Ѐ-ӿ]"), "")
    pages = rules["process_id"].map(ACT.format)
    return pages, rules["rule_id"], told, [rules["measure"], other]


def _statements(project: Project) -> Kind:
    said = load_statements(project=project)
    articles = _articles(project, said["article_id"])
    countries = _countries(project, said["country"])
    told = [said["exact"], said["claimant_name"], articles["title"], countries]
    also = [_titles(project, said["process_id"])]
    return articles["page"], said["statement_id"], told, also


def _counts(project: Project) -> Kind:
    counts = project.read_table("counts")
    names = [f"{row.value:,} {row.unit}: {row.what}" for row in counts.itertuples()]
    told = [names, _countries(project, counts["country"]), counts["date"], counts["qualifier"]]
    return [RECORDS] * len(counts), counts["count_id"], told, [counts["snippet"]]


def _texts(project: Project) -> Kind:
    articles = _articles(project, load_articles(project=project)["article_id"])
    names = articles["title"].replace("", "(no title on the page)")
    told = [names, articles["outlet"], articles["author"], articles["published"]]
    return articles["page"], articles["anchor"], told, []


def _speakers(project: Project) -> Kind:
    speakers = project.read_table("speakers")
    articles = _articles(project, speakers["article_ids"].str[0])
    told = [speakers["name"], speakers["role"], articles["title"]]
    return articles["page"], articles["anchor"], told, [map("; ".join, speakers["spellings"])]


KINDS = {
    "Acts": _acts,
    "Rules": _rules,
    "Quotes from the texts": _statements,
    "Numbers": _counts,
    "Texts": _texts,
    "Speakers": _speakers,
}


def once(columns: Iterable[list[Any]]) -> list[str]:
    """Take what stands more than once out of columns: they keep its place in the list returned."""
    columns = list(columns)
    times = Counter(cell for column in columns for cell in column)
    place = {cell: n for n, cell in enumerate(c for c, n in times.items() if n > 1)}
    for column in columns:
        column[:] = [place.get(cell, cell) for cell in column]
    return list(place)


def _packed(kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """Say each page once, and of an anchor only what its page does not say."""
    pages: dict[str, int] = {}
    packed: list[dict[str, Any]] = []
    for name, (of, ids, told, also) in kinds.items():
        of = [page.removesuffix(".html") for page in of]
        stems = (page.rpartition("/")[2] for page in of)
        packed.append(
            {
                "name": name,
                "page": [pages.setdefault(page, len(pages)) for page in of],
                "anchor": [i.removeprefix(stem) for stem, i in zip(stems, ids, strict=True)],
                "told": [list(column) for column in told],
                "also": [list(column) for column in also],
            }
        )
    words = once(c for kind in packed for c in (kind["anchor"], *kind["told"], *kind["also"]))
    return {"pages": list(pages), "words": words, "kinds": packed}


def pages(project: Project, uses: Mapping[str, Sequence[tuple[str, str]]]) -> dict[str, bytes]:
    """Write the page: the name of its file to its content."""
    data = _packed({name: kind(project) for name, kind in KINDS.items()})
    counts = {kind["name"]: len(kind["page"]) for kind in data["kinds"]}
    known = {"title": "Find", "data": as_data(data), "counts": counts}
    page = render("find.html.j2", scripts=("find.js",), **known, **around(project))
    return {"index.html": page}
