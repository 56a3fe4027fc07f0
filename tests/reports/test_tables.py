"""Tables that a reader sorts and filters, in a browser, with the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from markupsafe import Markup

from ngolib.reports.page import tidy
from ngolib.reports.site import render

from .test_browser import CHROMIUM, sync_api

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]
YEARS = ["2012", "", "1991", "2005", "10", "9", "2020", "2014", "1995"]
ROWS = "".join(f"<tr><th scope='row'>act {n}</th><td>{y}</td></tr>" for n, y in enumerate(YEARS))
HTML = (
    "<h2>Acts</h2><table><caption>Acts by year</caption>"
    f"<thead><tr><th>act</th><th>year</th></tr></thead><tbody>{ROWS}</tbody></table>"
    "<p><a class='ngo-mark' href='#ev-S1'>1</a></p>"
    "<h2>Evidence</h2><details class='ngo-act'><summary>An act (1)</summary>"
    "<ol><li id='ev-S1' value='1'><p>quote</p></li></ol></details>"
    "<div class='ngo-coverage'><details><summary>Folded</summary><p id='deep'>x</p></details></div>"
    "<details class='code'><summary>Code</summary><pre>x = 1</pre></details>"
)


@pytest.fixture
def page(browser: sync_api.Browser, tmp_path: Path) -> Iterator[sync_api.Page]:
    body, contents = tidy(HTML)
    frame = {"title": "T", "body": Markup(body), "contents": contents, "name": "n"}
    file = tmp_path / "index.html"
    scripts = ("page.js", "report.js")
    file.write_bytes(render("page.html.j2", scripts=scripts, **frame, files={}))
    page = browser.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.goto(file.as_uri())
    yield page
    assert problems == []
    page.close()


def years(page: sync_api.Page) -> list[str]:
    return page.locator("tbody tr:visible td").all_inner_texts()


def test_a_column_is_sorted_with_the_keyboard_and_back(page: sync_api.Page) -> None:
    button = page.get_by_role("button", name="year")
    button.focus()
    page.keyboard.press("Enter")
    known = sorted((y for y in YEARS if y), key=int)
    assert years(page) == [*known, ""]
    header = page.locator("thead th").nth(1)
    assert header.get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Space")
    assert years(page) == [*reversed(known), ""]
    assert header.get_attribute("aria-sort") == "descending"
    page.keyboard.press("Enter")
    assert years(page) == YEARS
    assert header.get_attribute("aria-sort") is None


def test_rows_are_filtered_by_every_word_and_counted(page: sync_api.Page) -> None:
    field = page.get_by_role("searchbox", name="Filter rows: Acts by year")
    field.focus()
    page.keyboard.type("ACT 20")
    assert years(page) == ["2012", "2005", "2020", "2014"]
    assert page.locator(".filter output").inner_text() == "4 of 9 rows"
    field.fill("")
    assert years(page) == YEARS


def test_a_link_opens_what_is_folded_around_its_target(page: sync_api.Page) -> None:
    assert not page.locator("#deep").is_visible()
    page.evaluate("location.hash = '#deep'")
    page.locator("#deep").wait_for(state="visible", timeout=2000)


def test_all_code_is_opened_and_closed_by_one_switch(page: sync_api.Page) -> None:
    page.get_by_role("button", name="Show the code").click()
    assert page.locator("pre").is_visible()
    page.get_by_role("button", name="Hide the code").click()
    assert not page.locator("pre").is_visible()


def test_without_script_the_table_is_simply_there(browser: sync_api.Browser, page) -> None:
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(page.url)
    assert plain.locator("tbody tr td").all_inner_texts() == YEARS
    assert plain.locator("thead th").all_inner_texts() == ["act", "year"]
    context.close()
