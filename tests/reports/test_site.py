"""The whole site, as the plan makes it from the real data: what a reader may rely on."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from ngolib.project import Project
from ngolib.reports.plan import read_plan
from ngolib.texts import load_articles, read_source

from .conftest import run_ngolib
from .test_browser import CHROMIUM, FLAGS, sync_api

ROOT = Path(__file__).resolve().parents[2]
SLUGS = [report.slug for report in read_plan(Project(ROOT))]
TEXTS = [f"texts/{path.stem}" for path in sorted((ROOT / "data/sources").iterdir())]
HEAVIEST = 1_000_000
PICTURES = ROOT / "tests/.screenshots"
NARROW, WIDE = 360, 1280

browser_test = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the project with every report of the plan made."""
    root = tmp_path_factory.mktemp("site") / "project"
    for name in ("data", "notebooks"):
        shutil.copytree(ROOT / name, root / name)
    (root / "reports").mkdir()
    shutil.copy(ROOT / "reports/plan.toml", root / "reports")
    project = Project(root)
    result = run_ngolib(project, "report")
    assert result.exit_code == 0, result.output
    return project


def file_of(site: Project, name: str) -> Path:
    folder = site.reports / name
    return folder / "index.html" if folder.is_dir() else folder.with_suffix(".html")


def soup_of(site: Project, name: str) -> BeautifulSoup:
    return BeautifulSoup(file_of(site, name).read_text(encoding="utf-8"), "html.parser")


@pytest.mark.parametrize("name", ["index", *SLUGS, *TEXTS])
def test_a_page_is_not_heavy(site: Project, name: str) -> None:
    assert file_of(site, name).stat().st_size <= HEAVIEST


@pytest.mark.parametrize("slug", SLUGS)
def test_every_figure_has_an_alt_text_with_a_number_of_its_own(site: Project, slug: str) -> None:
    soup = soup_of(site, slug)
    alts = [image["alt"] for image in soup.select("main img")]
    assert len(set(alts)) == len(alts)
    assert all(re.search(r"\d", alt) for alt in alts), alts
    assert "No description has been provided" not in str(soup)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_finding_leads_to_its_evidence_or_says_why_not(site: Project, slug: str) -> None:
    soup = soup_of(site, slug)
    findings = soup.select(".ngo-finding")
    assert findings
    for finding in findings:
        assert finding.select("a.ngo-mark") or finding.get_text(strip=True).endswith(")")
    pieces = {f"#{piece['id']}" for piece in soup.select("li[id^=ev-]")}
    marks = soup.select("a.ngo-mark")
    assert {mark["href"] for mark in marks} <= pieces


def test_every_quote_of_the_corpus_is_verbatim_in_its_raw_text(site: Project) -> None:
    sources = load_articles(project=site).set_index("article_id")["source_id"]
    texts = {s.stem: read_source(s) for s in (site.data / "sources").iterdir()}
    seen = 0
    for slug in SLUGS:
        results = json.loads((site.reports / slug / f"{_notebook(slug)}.ipynb").read_text())
        for item in _items(results):
            article = re.match(r"(.+\.\d+)-[a-z]+\d+$", item["evidence_id"])
            if item["layer"] == "corpus" and article:
                quote = item["quotes"][0]
                whole = quote["before"] + quote["quote"] + quote["after"]
                assert whole in texts[sources[article[1]]], item["evidence_id"]
                seen += 1
    assert seen > 100


def _notebook(slug: str) -> str:
    return next(report.notebook for report in read_plan(Project(ROOT)) if report.slug == slug)


def _items(notebook: dict) -> Iterator[dict]:
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            shown = output.get("data", {}).get("application/vnd.ngolib+json", {})
            if shown.get("kind") == "evidence":
                yield from shown["items"]


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class TestInTheBrowser:
    pytestmark = browser_test

    @pytest.mark.parametrize("name", ["index", *SLUGS, *TEXTS])
    def test_a_page_is_whole_quiet_and_narrow(
        self, browser: sync_api.Browser, site: Project, name: str
    ) -> None:
        """Nothing is loaded, nothing complained of, nothing scrolls sideways; a picture is kept."""
        address = file_of(site, name).as_uri()
        for width in (WIDE, NARROW):
            page = browser.new_page(viewport={"width": width, "height": 900})
            requests: list[str] = []
            messages: list[str] = []
            page.on("request", lambda request, seen=requests: seen.append(request.url))
            page.on("console", lambda message, seen=messages: seen.append(message.text))
            page.goto(address)
            assert [r for r in requests if not r.startswith("data:")] == [address]
            assert messages == []
            assert page.evaluate("document.documentElement.scrollWidth") == width
            PICTURES.mkdir(exist_ok=True)
            page.screenshot(path=PICTURES / f"{name.replace('/', '-')}-{width}.png", full_page=True)
            page.close()

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("name", ["index", *SLUGS, *TEXTS])
    def test_a_page_is_accessible(
        self, browser: sync_api.Browser, site: Project, name: str, scheme: str
    ) -> None:
        axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
        # The page's own policy lets only its own script run, so the checker needs it lifted.
        context = browser.new_context(bypass_csp=True, color_scheme=scheme)
        page = context.new_page()
        page.goto(file_of(site, name).as_uri())
        rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
        results = axe.run(page, options={"runOnly": rules})
        assert results.violations_count == 0, results.generate_report()
        context.close()

    @pytest.mark.parametrize("slug", SLUGS)
    def test_a_mark_leads_to_its_quote_in_one_click(
        self, browser: sync_api.Browser, site: Project, slug: str
    ) -> None:
        page = browser.new_page()
        page.goto(file_of(site, slug).as_uri())
        marks = page.locator("main a.ngo-mark:visible")
        for number in {0, marks.count() - 1} if marks.count() else ():
            href = marks.nth(number).get_attribute("href")
            marks.nth(number).click()
            target = page.locator(f"[id='{href[1:]}']")
            target.wait_for(state="visible", timeout=2000)
            assert target.locator("blockquote, .ngo-source").first.is_visible()
            page.go_back()
        page.close()
