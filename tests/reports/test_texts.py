"""Pages of the source texts: quotes in their lines, and no more of a text than its rights allow."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from ngolib.evidence import load_statements
from ngolib.project import Project
from ngolib.reports.texts import CONTEXT, LEAST_GAP, in_short, pages, pieces
from ngolib.texts import load_articles

SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30)), max_size=6)


def quotes_at(spans: list[tuple[int, int]]) -> list[dict[str, int]]:
    return [{"number": n, "start": s, "end": s + w} for n, (s, w) in enumerate(spans)]


@given(st.text(min_size=1, max_size=50), st.integers(0, 30), SPANS)
def test_pieces_of_a_line_are_the_line(text: str, start: int, spans: list[tuple[int, int]]) -> None:
    parts = pieces(start, text, quotes_at(spans))
    assert "".join(part.text for part in parts) == text
    at = start
    for part in parts:
        over = any(s < at + len(part.text) and s + w > at for s, w in spans)
        assert part.quoted == over
        at += len(part.text)
    inside = {n for n, (s, w) in enumerate(spans) if s < start + len(text) and s + w > start}
    begun = [number for part in parts for number in part.begins]
    assert sorted(begun) == sorted(inside)


def test_of_a_long_line_only_what_stands_beside_a_quote_is_shown() -> None:
    line = pieces(0, "a" * 500 + "QUOTE" + "b" * 500, quotes_at([(500, 5)]))
    shown = in_short(line)
    assert [(len(p.text), p.left_out) for p in shown] == [
        (0, 500 - CONTEXT),
        (CONTEXT, 0),
        (5, 0),
        (CONTEXT, 0),
        (0, 500 - CONTEXT),
    ]


@pytest.fixture(scope="module")
def made(real: Project) -> dict[str, bytes]:
    statement = load_statements(project=real)["statement_id"].iloc[0]
    return pages(real, {statement: [("a-report", "A report")]})


def test_every_quote_stands_on_the_page_of_its_text(real: Project, made: dict[str, bytes]) -> None:
    statements = load_statements(project=real)
    sources = load_articles(project=real).set_index("article_id")["source_id"]
    soups = {
        source: BeautifulSoup(made[f"{source}.html"], "html.parser") for source in set(sources)
    }
    for statement in statements.itertuples():
        soup = soups[sources[statement.article_id]]
        assert soup.find("span", id=statement.statement_id).find_next_sibling("mark")
        item = soup.find("code", string=statement.statement_id).parent
        assert item.q.get_text() == statement.exact


def test_of_a_text_that_may_only_be_quoted_no_long_stretch_without_a_quote_is_shown(
    made: dict[str, bytes],
) -> None:
    longest = 2 * CONTEXT + LEAST_GAP
    for name, content in made.items():
        lines = BeautifulSoup(content, "html.parser").select(".lines > li > p")
        for line in lines:
            plain = [
                s for s in line.find_all(string=True) if s.find_parent(["mark", "span"]) is None
            ]
            assert all(len(text) <= longest for text in plain), name
            assert line.mark or not plain, name


def test_a_quote_leads_to_its_act_and_to_reports_that_rest_on_it(
    made: dict[str, bytes],
) -> None:
    links = [
        a["href"]
        for content in made.values()
        for a in BeautifulSoup(content, "html.parser").select(".codes a")
    ]
    assert links.count("../a-report/index.html") == 1
    assert "../acts/KAZ-2016-foreign-funding-law.html" in links


def test_a_text_under_an_open_licence_is_shown_whole(copy: Project) -> None:
    path = copy.data / "sources.csv"
    path.write_text(path.read_text().replace(",quotes,", ",full,"))
    for source in copy.read_table("sources").itertuples():
        page = BeautifulSoup(pages(copy, {})[f"{source.source_id}.html"], "html.parser")
        raw = (copy.data / source.path).read_text(encoding="utf-8")
        shown = [p.get_text() for p in page.select(".lines > li > p")]
        assert shown == [line for line in raw.splitlines() if line.strip()]
        break
