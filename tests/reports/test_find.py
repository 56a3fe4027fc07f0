"""The page to find anything, as a reader's browser runs it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from ngolib.evidence import load_acts, lookup
from ngolib.project import Project
from ngolib.reports.find import as_data, pages

from .browsing import CHROMIUM, HEIGHT, NARROW, WCAG, faults, violations
from .test_browser import sync_api

HEAVIEST = 400_000
FOREIGN_MONEY = "KAZ-2016-foreign-funding-law"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def file(real: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("find") / "index.html"
    path.write_bytes(pages(real, {})["index.html"])
    return path


@pytest.fixture(scope="module")
def page(browser: sync_api.Browser, file: Path) -> Iterator[sync_api.Page]:
    page = browser.new_page()
    page.goto(file.as_uri())
    yield page
    page.close()


def found(page: sync_api.Page, query: str) -> list[str]:
    """Type a query and return the addresses that are shown, from the folder of reports."""
    page.fill("#box", query)
    links = page.locator("#found a")
    return links.evaluate_all("all => all.map(a => a.getAttribute('href').replace('../', ''))")


def test_the_page_is_light(file: Path) -> None:
    assert file.stat().st_size < HEAVIEST


def test_no_text_ends_the_data(real: Project) -> None:
    text = "</script><b>ә</b>"
    assert "<" not in as_data([text])
    assert json.loads(as_data([text])) == [text]


def test_every_piece_leads_to_its_place(real: Project, page: sync_api.Page) -> None:
    all_of = page.evaluate("items.map(item => [item.kind, item.href.replace('../', '')])")
    acts = {address for kind, address in all_of if kind == "Acts"}
    assert acts == {f"acts/{i}.html" for i in load_acts(project=real)["process_id"]}
    for kind, table in (
        ("Rules", "rules"),
        ("Quotes from the texts", "statements"),
        ("Numbers", "counts"),
        ("Numbers in the texts", "numbers"),
    ):
        rows = real.read_table(table)
        wanted = lookup(rows[rows.columns[0]], project=real)["address"]
        assert [address for one, address in all_of if one == kind] == list(wanted), kind


@pytest.mark.parametrize(
    ("query", "address"),
    [
        ("460-1", f"acts/{FOREIGN_MONEY}.html#{FOREIGN_MONEY}.foreign_funding"),
        ("460‑1", f"acts/{FOREIGN_MONEY}.html#{FOREIGN_MONEY}.foreign_funding"),
        ("foreign agents", "acts/RUS-2012-foreign-agents.html"),
        ("AGENTS foreign", "acts/RUS-2012-foreign-agents.html"),
        ("Zhovtis", "texts/iwpr-2006.html#iwpr-2006.1-s26"),
        ("Жовтис", "texts/iwpr-2006.html#iwpr-2006.1-s26"),
        ("иностранный агент", "acts/RUS-2012-foreign-agents.html"),
        ("Қазақстан", "acts/KAZ-1995-constitution.html"),
        ("peaceful assembly 2020", "acts/KAZ-2019-peaceful-assemblies-law.html"),
        ("No. 268-XIII", "acts/KAZ-1994-civil-code.html"),
        ("28100", "records/index.html#count-KAZ-ngo-active-2024-28100"),
        ("28,100 ngos", "records/index.html#count-KAZ-ngo-active-2024-28100"),
        ("Altynov", "texts/iwpr-2014.html#line-1"),
        (
            "17 religious communities",
            "texts/modern-diplomacy-2021.html#modern-diplomacy-2021.1-n05",
        ),
        ("iwpr-2014.1", "texts/iwpr-2014.html#line-1"),
    ],
)
def test_what_readers_look_for_is_found(page: sync_api.Page, query: str, address: str) -> None:
    # Of the many that name a country only a few are shown.
    shown = found(page, f"{query} 1995" if query == "Қазақстан" else query)
    assert address in shown


@pytest.mark.parametrize(
    ("name", "address"),
    [
        (FOREIGN_MONEY, f"acts/{FOREIGN_MONEY}.html"),
        (f"{FOREIGN_MONEY}.foreign_funding", f"acts/{FOREIGN_MONEY}.html#{FOREIGN_MONEY}."),
        ("IWPR-2006.1-s26 ", "texts/iwpr-2006.html#iwpr-2006.1-s26"),
        ("count-KAZ-ngo-active-2024-28100", "records/index.html#count-KAZ-ngo-active-2024-28100"),
    ],
)
def test_an_id_that_is_cited_leads_to_its_piece_alone(
    page: sync_api.Page, name: str, address: str
) -> None:
    (only,) = found(page, name)
    assert only.startswith(address)


@pytest.mark.parametrize(
    "spellings",
    [
        ("Kazakhstan", "Kazakstan", "Qazaqstan", "Қазақстан", "Казахстан", "KAZAKHSTAN"),
        ("отчёт", "отчет"),
        ("Қазақстан 2025", "казахстан 2025"),
        ("foreign-agent", "foreign agent", "foreign–agent"),
        ("president’s", "president's"),
    ],
)
def test_spellings_of_one_word_find_the_same(page: sync_api.Page, spellings: tuple[str]) -> None:
    results = [found(page, one) for one in spellings]
    assert results[0]
    assert all(result == results[0] for result in results)


def test_every_example_finds_something(page: sync_api.Page) -> None:
    examples = page.locator(".examples a").all_text_contents()
    assert len(examples) == 6
    assert all(found(page, example) for example in examples)


def test_whole_words_come_before_beginnings_and_these_before_middles(page: sync_api.Page) -> None:
    page.fill("#box", "party")
    names = page.locator("#found section").first.locator("a").all_text_contents()
    whole = ["party" in name.lower().replace("-", " ").split() for name in names]
    assert whole == sorted(whole, reverse=True)
    assert any(whole)
    rank = "([text, word]) => rank({ letters: text, head: 99 }, word, true)"
    pairs = ("460 of 1999", "460"), ("460-1 of 2016", "460"), ("258-fz", "58-fz")
    assert [page.evaluate(rank, pair) for pair in pairs] == [0, 1, 6]


def test_one_error_is_forgiven_only_where_nothing_is_found(page: sync_api.Page) -> None:
    for wrong in ("Zhovtus", "Zhvotis", "Zhotis", "Zhovttis"):
        assert "texts/iwpr-2006.html#iwpr-2006.1-s26" in found(page, wrong), wrong
        assert page.inner_text("#count").startswith("Nothing is written so")
    assert found(page, "qzx") == []
    assert page.inner_text("#count") == "Nothing found."
    found(page, "Zhovtis")
    assert page.inner_text("#count") == "3 found."


def test_few_are_shown_of_many_and_it_is_said_how_many(page: sync_api.Page) -> None:
    assert len(found(page, "law")) == 50
    number = int(page.inner_text("#count").split()[0])
    assert page.inner_text("#count") == f"{number} found, 50 shown, and {number - 50} more: refine."
    # No kind is crowded out by another.
    assert page.locator("#found section").count() > 3


def test_what_was_looked_for_is_marked(page: sync_api.Page) -> None:
    found(page, "zhovtis")
    assert set(page.locator("mark").all_text_contents()) == {"Zhovtis", "Jovtis"}
    found(page, "kazakstan")
    assert set(page.locator("mark").all_text_contents()) <= {"Kazakhstan", "Kazakstan", "Казахстан"}


def test_the_query_stands_in_the_address(browser: sync_api.Browser, file: Path) -> None:
    page = browser.new_page()
    page.goto(file.as_uri())
    page.keyboard.type("foreign агент 100%")
    query = "foreign%20%D0%B0%D0%B3%D0%B5%D0%BD%D1%82%20100%25"
    assert page.evaluate("location.hash") == f"#q={query}"
    page.goto(file.as_uri() + "#q=Zhovtis")
    assert page.input_value("#box") == "Zhovtis"
    assert page.locator("#found li").count() == 3
    page.evaluate("location.hash = 'q=460-1'")
    sync_api.expect(page.locator("#box")).to_have_value("460-1")
    page.close()


def test_all_is_done_by_keyboard(browser: sync_api.Browser, file: Path) -> None:
    page = browser.new_page()
    page.goto(file.as_uri())
    page.keyboard.type("zhovtis")
    links = page.locator("#found a")
    page.keyboard.press("ArrowDown")
    sync_api.expect(links.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    sync_api.expect(links.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    sync_api.expect(page.locator("#box")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    sync_api.expect(page.locator("#box")).to_be_focused()
    assert page.input_value("#box") == ""
    assert links.count() == 0
    assert page.is_visible(".examples")
    page.keyboard.type("zhovtis")
    with page.expect_request("**/texts/iwpr-2006.html*"):
        page.keyboard.press("Enter")
    page.close()


def test_the_page_is_sound(browser: sync_api.Browser, file: Path) -> None:
    assert faults(browser, file) == []
    for scheme in ("light", "dark"):
        viewport = {"width": NARROW, "height": HEIGHT}
        page = browser.new_page(viewport=viewport, color_scheme=scheme)
        page.goto(file.as_uri() + "#q=foreign%20агент")
        assert page.locator("#found li").count() > 10
        assert page.evaluate("document.documentElement.scrollWidth") == NARROW
        assert violations(page, runOnly=WCAG) == []
        page.close()


def test_without_script_two_lists_are_named(file: Path) -> None:
    said = BeautifulSoup(file.read_bytes(), "html.parser").noscript
    assert {a["href"] for a in said.select("a")} == {"../acts/index.html", "../texts/index.html"}
