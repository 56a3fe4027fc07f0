"""The whole site, as the plan makes it from the real data: what a reader may rely on."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from ngolib.project import Project
from ngolib.reports.plan import read_plan
from ngolib.texts import load_articles, read_source

from .browsing import CHROMIUM, HEIGHT, NARROW, WIDE, faults
from .conftest import run_ngolib
from .test_browser import sync_api

expect = sync_api.expect

ROOT = Path(__file__).resolve().parents[2]
SLUGS = [report.slug for report in read_plan(Project(ROOT))]
TEXTS = [f"texts/{path.stem}" for path in sorted((ROOT / "data/sources").iterdir())]
HEAVIEST = 1_000_000
PICTURES = ROOT / "tests/.screenshots"

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
    assert not soup.select("main img")
    alts = [alt["aria-label"] for alt in soup.select("main figure > [role=img]")]
    assert len(alts) == len(soup.select("main figure svg"))
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
    pieces = {f"#{piece['id']}" for piece in soup.select("li:has(> [id^=ev-])")}
    marks = soup.select("a.ngo-mark")
    assert {mark["href"] for mark in marks} <= pieces


def test_every_quote_of_the_corpus_is_verbatim_in_its_raw_text(site: Project) -> None:
    sources = load_articles(project=site).set_index("article_id")["source_id"]
    texts = {s.stem: read_source(s) for s in (site.data / "sources").iterdir()}
    seen = 0
    for slug in SLUGS:
        for name in soup_of(site, slug).select(".ngo-act li > [id^=ev-]"):
            article = re.match(r"ev-(.+\.\d+)-[slnd]\d+$", name["id"])
            if article:
                quote = name.parent.blockquote.get_text()
                assert quote in texts[sources[article[1]]], name["id"]
                seen += 1
    assert seen > 100


class TestInTheBrowser:
    pytestmark = browser_test

    @pytest.mark.parametrize("name", ["index", *SLUGS, *TEXTS])
    def test_a_page_is_whole_quiet_narrow_and_accessible(
        self, browser: sync_api.Browser, site: Project, name: str
    ) -> None:
        pictures = PICTURES / name.replace("/", "-")
        assert faults(browser, file_of(site, name), pictures=pictures) == []

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
            # The address is one that lasts.
            assert page.url.partition("#")[2] == target.locator("> [id^=ev-]").get_attribute("id")
            page.go_back()
        page.close()

    @pytest.mark.parametrize("width", [WIDE, NARROW])
    @pytest.mark.parametrize("slug", SLUGS)
    def test_a_reader_checks_one_claim_in_two_clicks(
        self, browser: sync_api.Browser, site: Project, slug: str, width: int
    ) -> None:
        """From the first finding to its evidence on the page, and from there to the source."""
        page = browser.new_page(viewport={"width": width, "height": HEIGHT})
        page.goto(file_of(site, slug).as_uri())
        page.locator(".ngo-finding a.ngo-mark:visible").first.click()
        piece = page.locator("li:target")
        expect(piece.locator("xpath=ancestor::details[1]/summary")).to_be_in_viewport()
        expect(piece.locator("mark").first).to_be_in_viewport()
        quote = piece.locator("mark").first.inner_text()
        page.screenshot(path=PICTURES / f"claim-{slug}-{width}-1.png")
        in_text = piece.get_by_role("link", name="in its text")
        if in_text.count():
            in_text.click()
            shown = page.locator(".begin:target").locator("xpath=following-sibling::mark[1]")
            expect(shown).to_be_in_viewport()
            assert quote.startswith(shown.inner_text().strip())
            page.screenshot(path=PICTURES / f"claim-{slug}-{width}-2.png")
        else:
            source = piece.locator(".ngo-source a").first
            expect(source).to_be_in_viewport()
            expect(source).to_have_attribute("href", re.compile(r"https?://[^/]+/"))
        page.close()

    @pytest.mark.parametrize("slug", ["timeline-kaz", "timeline-rus"])
    def test_a_point_of_the_timeline_leads_to_the_evidence_of_its_act(
        self, browser: sync_api.Browser, site: Project, slug: str
    ) -> None:
        page = browser.new_page(viewport={"width": WIDE, "height": HEIGHT})
        page.goto(file_of(site, slug).as_uri())
        # The figure of the answer has few points; that of all steps is the next.
        figure = page.locator("figure:has(svg a)").nth(1)
        rows = figure.locator("xpath=following-sibling::details[1]//a[contains(@class, 'mark')]")
        beneath = set(rows.evaluate_all("all => all.map(a => a.getAttribute('href'))"))
        points = figure.locator("svg a")
        hrefs = points.evaluate_all("all => all.map(a => a.getAttribute('href'))")
        assert len(hrefs) > 50
        assert set(hrefs) <= beneath
        # The last drawn lies above all others.
        points.last.locator("use").last.click()
        expect(page.locator("li:target")).to_be_in_viewport()
        assert page.locator("li:target").get_attribute("id") == hrefs[-1][1:]
        page.close()
