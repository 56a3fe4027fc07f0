"""The whole site, as the plan makes it from the real data: what a reader may rely on."""

from __future__ import annotations

import functools
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from ngolib.project import Project
from ngolib.reports.plan import read_plan
from ngolib.reports.used import UNKNOWN
from ngolib.texts import read_source

from .browsing import CHROMIUM, HEIGHT, NARROW, WIDE, faults, keep_picture
from .conftest import run_ngolib
from .test_browser import sync_api

expect = sync_api.expect

ROOT = Path(__file__).resolve().parents[2]
SLUGS = [report.slug for report in read_plan(Project(ROOT))]
TEXTS = [f"texts/{path.stem}" for path in sorted((ROOT / "data/sources").iterdir())]
HEAVIEST = {"index": 200_000} | dict.fromkeys(SLUGS, 400_000)

browser_test = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the project with every report of the plan made."""
    root = tmp_path_factory.mktemp("site") / "project"
    for name in ("data", "notebooks", "docs"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "CITATION.cff", root)
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
    return BeautifulSoup(file_of(site, name).read_bytes(), "lxml", from_encoding="utf-8")


@functools.cache
def ids_of(page: Path) -> set[str]:
    return set(re.findall(r'<[^>]* id="([^"]*)"', page.read_text(encoding="utf-8")))


@pytest.fixture(scope="module", params=SLUGS)
def slug(request: pytest.FixtureRequest) -> str:
    """Each report in turn, so that what its tests share is made once."""
    return request.param


@pytest.fixture(scope="module")
def soup(site: Project, slug: str) -> BeautifulSoup:
    return soup_of(site, slug)


@pytest.mark.parametrize("name", ["index", *SLUGS, *TEXTS])
def test_a_page_is_not_heavy(site: Project, name: str) -> None:
    assert file_of(site, name).stat().st_size <= HEAVIEST.get(name, 250_000)


def test_of_every_report_it_is_known_what_it_read(site: Project, slug: str) -> None:
    """An edit of a file that it did not read makes it not again."""
    read = json.loads((site.reports / slug / "results.json").read_text())["inputs"]["data"]
    assert UNKNOWN not in read.values()


def test_every_figure_has_an_alt_text_with_a_number_of_its_own(soup: BeautifulSoup) -> None:
    assert not soup.select("main img")
    alts = [alt["aria-label"] for alt in soup.select("main figure > [role=img]")]
    assert len(alts) == len(soup.select("main figure svg"))
    assert len(set(alts)) == len(alts)
    assert all(re.search(r"\d", alt) for alt in alts), alts
    assert "No description has been provided" not in str(soup)


def test_every_finding_leads_to_its_evidence_or_says_why_not(soup: BeautifulSoup) -> None:
    findings = soup.select(".ngo-finding")
    assert findings
    for finding in findings:
        assert finding.select("a.n") or finding.get_text(strip=True).endswith(")")
    pieces = {f"#{piece['id']}" for piece in soup.select(".ngo-evidence li")}
    assert {mark["href"] for mark in soup.select("a.n")} <= pieces


def test_every_piece_of_evidence_stands_on_a_page_of_its_own(
    site: Project, slug: str, soup: BeautifulSoup
) -> None:
    for piece in soup.select(".ngo-evidence li"):
        page = (site.reports / slug / piece.find_previous("p").a["href"]).resolve()
        place = piece["data-at"]
        assert (page.stem if place.startswith(".") else "") + place in ids_of(page)


def test_every_quote_of_the_corpus_is_verbatim_in_its_raw_text(site: Project) -> None:
    texts = {s.stem: " ".join(read_source(s).split()) for s in (site.data / "sources").iterdir()}
    seen = 0
    for slug in SLUGS:
        for quote in soup_of(site, slug).select(".ngo-evidence li q"):
            page = Path(quote.find_previous("p").a["href"])
            if page.parent.name == "texts":
                assert quote.get_text().removesuffix(" …") in texts[page.stem]
                seen += 1
    assert seen > 100


@pytest.fixture(scope="module")
def opened(browser: sync_api.Browser, site: Project, slug: str) -> Iterator[sync_api.Page]:
    page = browser.new_page()
    page.goto(file_of(site, slug).as_uri())
    yield page
    page.close()


@pytest.fixture
def page(opened: sync_api.Page, site: Project, slug: str) -> Iterator[sync_api.Page]:
    """The page of a report, opened once for several tests; each finds it as a reader does."""
    opened.set_viewport_size({"width": WIDE, "height": HEIGHT})
    yield opened
    while opened.evaluate("location.href") != file_of(site, slug).as_uri():
        opened.go_back()


class TestInTheBrowser:
    pytestmark = browser_test

    @pytest.mark.parametrize("name", ["index", *SLUGS, *TEXTS])
    def test_a_page_is_whole_quiet_narrow_and_accessible(
        self, browser: sync_api.Browser, site: Project, name: str
    ) -> None:
        assert faults(browser, file_of(site, name), name=name.replace("/", "-")) == []

    def test_a_mark_shows_its_quote_and_leads_to_its_page(self, page: sync_api.Page) -> None:
        marks, preview = page.locator("main a.n:visible"), page.locator("#preview")
        for number in {0, marks.count() - 1} if marks.count() else ():
            mark = marks.nth(number)
            piece = page.locator(mark.get_attribute("href"))
            mark.focus()
            expect(preview).to_be_visible()
            expect(preview).to_contain_text(piece.locator("b").text_content())
            assert mark.get_attribute("aria-describedby") == preview.get_attribute("id")
            page.keyboard.press("Escape")
            expect(preview).to_be_hidden()
            mark.hover()
            expect(preview).to_be_visible()
            mark.click()
            expect(page.locator(":target")).to_be_in_viewport()
            page.go_back()

    @pytest.mark.parametrize("width", [WIDE, NARROW])
    def test_a_reader_checks_one_claim_in_two_clicks(
        self, page: sync_api.Page, slug: str, width: int
    ) -> None:
        """From the first finding to the page of its evidence, and from there to the source."""
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.locator(".ngo-finding a.n:visible").first.click()
        place = page.locator(":target")
        expect(place).to_be_in_viewport()
        keep_picture(page, f"claim-{slug}-{width}")
        if "/texts/" in page.evaluate("location.href"):
            expect(place.locator("xpath=following-sibling::mark[1]")).to_be_in_viewport()
        else:
            source = place.locator("a[href^=http]").first
            expect(source).to_be_visible()

    def test_a_finger_sees_the_quote_first(self, browser: sync_api.Browser, site: Project) -> None:
        phone = browser.new_context(viewport={"width": NARROW, "height": HEIGHT}, has_touch=True)
        page = phone.new_page()
        page.goto(file_of(site, SLUGS[0]).as_uri())
        address = page.evaluate("location.href")
        page.locator(".ngo-finding a.n:visible").first.tap()
        expect(page.locator("#preview")).to_be_visible()
        assert page.evaluate("location.href") == address
        page.locator("#preview a").tap()
        expect(page.locator(":target")).to_be_in_viewport()
        phone.close()

    def test_without_a_script_a_mark_leads_to_the_line_of_its_piece(
        self, browser: sync_api.Browser, site: Project
    ) -> None:
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(file_of(site, SLUGS[0]).as_uri())
        page.locator(".ngo-finding a.n:visible").first.click()
        expect(page.locator("li:target")).to_be_in_viewport()
        context.close()

    def test_a_count_opens_its_list(self, page: sync_api.Page) -> None:
        button = page.locator(".tools .from button").first
        number = re.search(r"\d+|one", button.inner_text())[0]
        button.click()
        rows = page.locator(".list tbody tr")
        assert rows.count() == (1 if number == "one" else int(number))
        with page.expect_download() as download:
            page.locator(".list a[download]").click()
        lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
        assert lines[0] == '"act","what","quote"'
        assert len(lines) == rows.count() + 1

    @pytest.mark.parametrize("slug", ["timeline-kaz", "timeline-rus"])
    def test_the_marks_of_a_figure_have_names_and_are_reached_by_keyboard(
        self, browser: sync_api.Browser, site: Project, slug: str
    ) -> None:
        page = browser.new_page(viewport={"width": WIDE, "height": HEIGHT})
        page.goto(file_of(site, slug).as_uri())
        figure = page.locator("figure svg:has(a)").first
        points = figure.locator("a")
        assert points.count() >= 12
        names = points.evaluate_all("all => all.map(a => a.getAttribute('aria-label'))")
        assert all(names)
        stops = figure.locator("a[tabindex='0']")
        assert stops.count() == 1
        stops.focus()
        expect(page.locator("#preview")).to_be_visible()
        page.keyboard.press("ArrowRight")
        second = page.evaluate("document.activeElement.getAttribute('aria-label')")
        assert second == names[1]
        expect(page.locator("#preview")).to_contain_text(second.split(": ")[0])
        page.keyboard.press("Enter")
        expect(page.locator(":target")).to_be_in_viewport()
        page.close()

    def test_a_figure_is_cited_in_three_forms(
        self, browser: sync_api.Browser, site: Project
    ) -> None:
        page = browser.new_page()
        page.goto(file_of(site, SLUGS[0]).as_uri())
        box = page.locator(".ngo-figure[data-cite]").first
        box.get_by_role("button", name="cite").click()
        bibtex, ris, csl = box.locator(".citation pre").all_inner_texts()
        name = box.get_attribute("id")
        assert re.match(r"@misc\{[\w-]+,\n  author = \{\{The ngolib authors\}\},", bibtex)
        assert f"{SLUGS[0]}/index.html\\#{name}" in bibtex
        assert ris.splitlines()[0] == "TY  - FIGURE"
        assert ris.rstrip().endswith("ER  -")
        (entry,) = json.loads(csl)
        assert entry["issued"] == {"date-parts": [[2026, 11, 28]]}
        assert entry["archive_location"] == f"{SLUGS[0]}/index.html#{name}"
        page.close()

    def test_on_a_phone_a_row_is_a_card_that_names_its_columns(
        self, browser: sync_api.Browser, site: Project
    ) -> None:
        page = browser.new_page(viewport={"width": NARROW, "height": HEIGHT})
        page.goto(file_of(site, SLUGS[0]).as_uri())
        row = page.locator(".ngo-table tbody tr").first
        cell = row.locator("td").first
        assert cell.get_attribute("data-label")
        assert cell.bounding_box()["y"] > row.locator("th").bounding_box()["y"]
        assert row.bounding_box()["width"] <= NARROW
        page.close()
