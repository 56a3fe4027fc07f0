"""A real browser, and what the tests of pages look for in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
# Chromium asks its maker's hosts for nothing, and runs where there is no sandbox or screen.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NARROW, WIDE = 360, 1280
HEIGHT = 900
# Who wants to look at the pages too names a folder here; a run that only tests draws nothing.
PICTURES = os.environ.get("NGOLIB_PICTURES")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# What depends on the colours of a page; in the dark everything else is as it was in the light.
OF_COLOURS = ["color-contrast", "link-in-text-block"]
# Marks that lead to no piece of evidence with something to read; the reader sees either in one.
LOST_MARKS = """marks => marks.map(mark => mark.getAttribute("href")).filter(href => {
  const piece = document.getElementById(decodeURIComponent(href.slice(1)));
  return !piece || !piece.textContent.trim();
})"""

# Takes out rows and pieces of evidence that are built as an earlier one of their list: the same
# elements, classes, roles and languages, other words and targets. What is wrong with one is wrong
# with all.
REPEATED = "tbody, .ngo-evidence, .ngo-evidence ol"
KEEP_ONE_OF_A_KIND = r"""lists => lists.reverse().forEach(list => {
  const seen = new Set();
  for (const part of [...list.children]) {
    const shape = part.outerHTML
      .replace(/>[^<]*\S[^<]*/g, ">words")
      .replace(/ (href|id|title|data-at|start)="[^"]*"/g, "")
      .replace(/(<a [^>]*>words<\/a>)(\s*\1)+/g, "$1");
    if (seen.has(shape)) part.remove();
    seen.add(shape);
  }
})"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser for as long as it is needed."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def violations(page: Page, **choice: Any) -> list[str]:
    """Return what axe-core finds wrong with a page as it is now: rule, place, message."""
    from axe_playwright_python.sync_playwright import Axe

    # Only violations are told one by one: to list every element that is well takes as long again.
    found = Axe().run(page, options={**choice, "resultTypes": ["violations"]}).response
    assert found["passes"], "nothing was looked at"
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def keep_picture(page: Page, name: str, *, full_page: bool = False) -> None:
    """Draw a page as it is now, if somebody wants to look at it."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=full_page)


def faults(browser: Browser, file: Path, *, name: str = "") -> list[str]:
    """Open a page as readers do, wide and narrow, light and dark, and say what is wrong with it.

    What is folded is opened. Most of the time would go into rows that are built alike: of these one
    is looked at.

    Parameters
    ----------
    browser : Browser
        Where it is opened, under the page's own policy.
    file : pathlib.Path
        The page.
    name : str
        Of its pictures.

    Returns
    -------
    list of str
        Requests beyond the page itself, messages of the console, violations of WCAG 2.2 AA, marks
        that lead to nothing, and a page wider than the screen.
    """
    page = browser.new_page(viewport={"width": NARROW, "height": HEIGHT}, color_scheme="light")
    found: list[str] = []
    own = file.as_uri()
    page.on("request", lambda request: _note_request(found, request.url, own))
    page.on("console", lambda message: found.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: found.append(f"error: {error}"))
    page.goto(own)
    lost = page.eval_on_selector_all("main a.n", LOST_MARKS)
    found += [f"a mark leads to nothing to read: {href}" for href in lost]
    for width in (NARROW, WIDE):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide != width:
            found.append(f"{wide} pixels wide on a screen of {width}")
        keep_picture(page, f"{name or file.stem}-{width}", full_page=True)
    page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true })")
    page.eval_on_selector_all(REPEATED, KEEP_ONE_OF_A_KIND)
    found += violations(page, runOnly=WCAG)
    page.emulate_media(color_scheme="dark")
    colours = violations(page, runOnly={"type": "rule", "values": OF_COLOURS})
    found += [f"dark: {line}" for line in colours]
    page.close()
    return found


def _note_request(found: list[str], url: str, own: str) -> None:
    """Note a request for anything but the page and what it carries in itself."""
    if url != own and not url.startswith("data:"):
        found.append(f"request: {url}")
