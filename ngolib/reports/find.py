"""The page to find anything: what can be found, in columns, as data for the page's script."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from ngolib.evidence import load_acts, load_events, load_statements
from ngolib.evidence.lookup import ACT, RECORDS, TEXT
from ngolib.project import Project
from ngolib.reports.site import around, render
from ngolib.texts import load_articles, load_lines

Column = Iterable[Any]
# Of a kind: its name, their pages, anchors, what is told (names first), other words to find by.
Kind = tuple[str, Column, Column, list[Column], list[Column]]


def as_data(content: Any) -> Markup:
    """Write data for a script; no text in it can end the element that it stands in."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))


def _kinds(project: Project) -> Iterator[Kind]:
    """Yield everything that can be found, kind by kind."""
    acts, texts = load_acts(project=project), load_articles(project=project)
    titles = acts.set_index("process_id")["title_en"]
    lines = load_lines(project=project).query("label != 'blank'")
    first = lines.groupby("article_id")["line"].min().map("line-{}".format)
    texts = texts.assign(page=texts["source_id"].map(TEXT.format)).set_index("article_id")
    names = project.vocabulary("country")

    def countries(table: pd.DataFrame) -> list[str]:
        codes = ([cell] if isinstance(cell, str) else cell for cell in table["country"])
        return [", ".join(names[code] for code in own if code) for own in codes]

    years = acts["process_id"].map(load_events(project=project).groupby("process_id")["year"].min())
    told = [acts["title_en"], countries(acts), years.astype("Int64").astype("str").fillna("")]
    told.append(acts["identifier"].where(acts["identifier"] != "", acts["law_no"]))
    pages = acts["process_id"].map(ACT.format)
    yield "Acts", pages, [""] * len(acts), told, [acts["title_original"]]

    rules = project.read_table("rules")
    told = [rules["short"], countries(rules), rules["article"], rules["law_no"]]
    told.append(rules["process_id"].map(titles))
    # What an English quote says, the measure says.
    other = rules["snippet"].where(rules["snippet"].str.contains("[Ѐ-ӿ]"), "")
    pages = rules["process_id"].map(ACT.format)
    yield "Rules", pages, rules["rule_id"], told, [rules["measure"], other]

    said = load_statements(project=project)
    of = texts.loc[said["article_id"]]
    told = [said["exact"], said["claimant_name"], of["title"], countries(said)]
    also = [said["process_id"].map(titles)]
    yield "Quotes from the texts", of["page"], said["statement_id"], told, also

    counts = project.read_table("counts")
    told = [[f"{row.value:,} {row.unit}: {row.what}" for row in counts.itertuples()]]
    told += [countries(counts), counts["date"], counts["qualifier"]]
    yield "Numbers", [RECORDS] * len(counts), counts["count_id"], told, [counts["snippet"]]

    numbers = project.read_table("numbers")
    of = texts.loc[numbers["article_id"]]
    told = [numbers["exact"], countries(numbers), of["title"], numbers["what"]]
    yield "Numbers in the texts", of["page"], numbers["number_id"], told, []

    told = [texts["title"].replace("", "(no title on the page)"), texts["outlet"]]
    told += [texts["author"], texts["published"]]
    yield "Texts", texts["page"], texts.index.map(first), told, [texts.index]

    speakers = project.read_table("speakers")
    of = texts.loc[speakers["article_ids"].str[0]]
    told = [speakers["name"], speakers["role"], of["title"]]
    yield "Speakers", of["page"], of.index.map(first), told, [map("; ".join, speakers["spellings"])]


def once(columns: Iterable[list[Any]]) -> list[str]:
    """Take what stands more than once out of columns: they keep its place in the list returned."""
    columns = list(columns)
    times = Counter(cell for column in columns for cell in column)
    place = {cell: n for n, cell in enumerate(c for c, n in times.items() if n > 1)}
    for column in columns:
        column[:] = [place.get(cell, cell) for cell in column]
    return list(place)


def pages(project: Project, uses: Mapping[str, Sequence[tuple[str, str]]]) -> dict[str, bytes]:
    """Write the page: the name of its file to its content."""
    # Each page is said once, and of an anchor only what its page does not say.
    pages: dict[str, int] = {}
    packed: list[dict[str, Any]] = []
    for name, of, ids, told, also in _kinds(project):
        of = [page.removesuffix(".html") for page in of]
        stems = (page.rpartition("/")[2] for page in of)
        anchors = [i.removeprefix(stem) for stem, i in zip(stems, ids, strict=True)]
        places = [pages.setdefault(page, len(pages)) for page in of]
        words = {"told": [*map(list, told)], "also": [*map(list, also)]}
        packed.append({"name": name, "page": places, "anchor": anchors, **words})
    common = once(c for kind in packed for c in (kind["anchor"], *kind["told"], *kind["also"]))
    data = {"pages": list(pages), "words": common, "kinds": packed}
    counts = {kind["name"]: len(kind["page"]) for kind in packed}
    known = {"title": "Find", "data": as_data(data), "counts": counts}
    page = render("find.html.j2", scripts=("find.js",), **known, **around(project))
    return {"index.html": page}
