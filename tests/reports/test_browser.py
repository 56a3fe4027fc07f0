"""Pages as a reader's browser shows them."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest
from pypdf import PdfReader

from ngolib.project import Project

from .browsing import CHROMIUM

sync_api = pytest.importorskip("playwright.sync_api")
PAGES = ["index.html", "good/index.html", "set/index.html"]
PHONE = {"width": 390, "height": 844}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


def address(project: Project, page: str) -> str:
    return (project.reports / page).as_uri()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_makes_no_request_and_breaks_no_policy(
    browser: sync_api.Browser, made_once: Project, name: str
) -> None:
    page = browser.new_page()
    requests: list[str] = []
    messages: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: messages.append(message.text))
    page.goto(address(made_once, name))
    page.wait_for_load_state("networkidle")
    assert [url for url in requests if not url.startswith("data:")] == [address(made_once, name)]
    assert messages == []
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_also_with_everything_unfolded(
    browser: sync_api.Browser, made_once: Project, name: str, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    # The page's own policy forbids scripts, so the checker needs it lifted.
    context = browser.new_context(bypass_csp=True, color_scheme=scheme)
    page = context.new_page()
    page.goto(address(made_once, name))
    page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true })")
    results = axe.run(page)
    assert results.violations_count == 0, results.generate_report()
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone(browser: sync_api.Browser, made_once: Project, name: str) -> None:
    page = browser.new_page(viewport=PHONE)
    page.goto(address(made_once, name))
    page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    page.close()


@pytest.mark.parametrize(("width", "open_at_first"), [(1280, True), (PHONE["width"], False)])
def test_contents_are_folded_where_they_would_stand_before_the_answer(
    browser: sync_api.Browser, made_once: Project, width: int, open_at_first: bool
) -> None:
    page = browser.new_page(viewport={"width": width, "height": PHONE["height"]})
    page.goto(address(made_once, "good/index.html"))
    link = page.locator(".toc a").first
    assert link.is_visible() == open_at_first
    sync_api.expect(page.locator(".ngo-headline")).to_be_in_viewport()
    if not open_at_first:
        page.click(".toc summary")
        link.click()
        sync_api.expect(page.locator("h2:target")).to_be_in_viewport()
    page.close()


def test_an_evidence_mark_leads_to_its_quote(browser: sync_api.Browser, made_once: Project) -> None:
    page = browser.new_page()
    page.goto(address(made_once, "good/index.html"))
    page.click("a.n")
    sync_api.expect(page.locator("li:target blockquote")).to_be_in_viewport()
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_prints_without_what_only_a_screen_can_use(
    browser: sync_api.Browser, made_once: Project, name: str, tmp_path: Path
) -> None:
    page = browser.new_page()
    page.goto(address(made_once, name))
    title = page.locator("h1").inner_text()
    page.pdf(path=tmp_path / "page.pdf", format="A4")
    printed = "".join(p.extract_text() for p in PdfReader(tmp_path / "page.pdf").pages)
    assert "".join(title.split()) in "".join(printed.split())
    assert not re.search("contents|show the code|↕|all reports", printed, re.IGNORECASE)
    page.close()


def test_a_figure_is_shown_whole_in_a_low_window(
    browser: sync_api.Browser, made_once: Project
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 200})
    page.goto(address(made_once, "good/index.html"))
    hidden = page.eval_on_selector_all(
        "figure .scroll", "boxes => boxes.map(b => b.scrollHeight - b.clientHeight)"
    )
    assert hidden
    assert set(hidden) == {0}
    page.close()


def test_no_colour_depends_on_the_place_of_a_row_in_its_list() -> None:
    """So one row of a kind tells whether all can be read."""
    for style in Path(files("ngolib.reports") / "template").glob("*.css"):
        rules = re.findall(r"([^{}]*)\{([^{}]*)\}", style.read_text(encoding="utf-8"))
        by_place = [does for which, does in rules if re.search(r"nth-|first-|last-|only-", which)]
        assert not [does for does in by_place if re.search("color|background|opacity", does)]
