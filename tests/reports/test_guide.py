"""The pages of the guide: whole, linked, quiet, accessible, and rewritten when a file changes."""

from __future__ import annotations

import functools
import re
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

from ngolib.errors import ReportError
from ngolib.project import Project
from ngolib.reports import guide
from ngolib.reports.site import around

from .browsing import CHROMIUM, faults
from .conftest import build_project, run_ngolib
from .test_browser import sync_api

ROOT = Path(__file__).resolve().parents[2]
NAMES = [path.stem for path in sorted((ROOT / "docs").glob("*.md"))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages where a run would put them, beside what they link to."""
    root = tmp_path_factory.mktemp("guide")
    pages = root / "reports/guide"
    pages.mkdir(parents=True)
    for address in ("index.html", *(address for address, _, _ in around(Project(ROOT))["nav"])):
        place = root / "reports" / address
        place.parent.mkdir(exist_ok=True)
        place.touch()
    for name, content in guide.pages(Project(ROOT), {}).items():
        (pages / name).write_bytes(content)
    for name in ("data", "docs", "notebooks", "README.md", "CITATION.cff", "CHANGELOG.md"):
        (root / name).symlink_to(ROOT / name)
    return pages


@functools.cache
def soup_of(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_what_a_reader_needs(folder: Path, name: str) -> None:
    soup = soup_of(folder / f"{name}.html")
    assert soup.html is not None
    assert soup.html["lang"] == "en"
    assert len(soup.find_all("h1")) == 1
    assert soup.h1 is not None
    assert soup.h1.get_text()
    assert soup.select("a.skip[href='#main']")
    assert soup.select("main#main")
    assert soup.select("nav.toc a")
    assert len(soup.find_all("script")) == 1
    ids = [tag["id"] for tag in soup.select("[id]")]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(folder: Path, name: str) -> None:
    broken = []
    for link in soup_of(folder / f"{name}.html").select("a[href]"):
        target = urlsplit(str(link["href"]))
        if target.scheme:
            if target.scheme not in ("http", "https", "mailto") or not target.netloc:
                broken.append(link["href"])
            continue
        file = folder / (unquote(target.path) or f"{name}.html")
        anchor = unquote(target.fragment)
        in_page = anchor and file.suffix == ".html"
        if not file.exists() or (in_page and not soup_of(file).find(id=anchor)):
            broken.append(link["href"])
    assert not broken


def test_a_link_out_of_the_guide_goes_to_the_repository_where_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    text = "# T\n\n[d](../data/README.md#rights) [o](other.md#x) [p](#y)\n"
    (tmp_path / "docs/one.md").write_text(text)
    project = build_project(tmp_path)
    beside = guide.pages(project, {})["one.html"].decode()
    assert 'href="../../data/README.md#rights"' in beside
    (tmp_path / "CITATION.cff").write_text('repository-code: "https://example.org/a/b"\n')
    hosted = guide.pages(project, {})["one.html"].decode()
    assert 'href="https://example.org/a/b/blob/HEAD/data/README.md#rights"' in hosted
    assert 'href="other.html#x"' in hosted
    assert 'href="#y"' in hosted


def test_markup_and_scripts_in_a_file_are_shown_as_text(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    text = "# T\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1)) <b onclick='a()'>b</b>\n"
    (tmp_path / "docs/one.md").write_text(text)
    soup = BeautifulSoup(guide.pages(build_project(tmp_path), {})["one.html"], "html.parser")
    assert len(soup.find_all("script")) == 1
    assert not soup.select("main b, [onclick], a[href^=javascript]")


def test_a_picture_goes_into_the_page_and_one_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "docs/figures").mkdir(parents=True)
    (tmp_path / "docs/figures/a.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "docs/one.md").write_text("# T\n\n![A *bar*](figures/a.svg)\n")
    soup = BeautifulSoup(guide.pages(build_project(tmp_path), {})["one.html"], "html.parser")
    assert soup.img is not None
    assert str(soup.img["src"]).startswith("data:image/svg+xml;base64,")
    assert soup.img["alt"] == "A bar"
    (tmp_path / "docs/figures/a.svg").unlink()
    with pytest.raises(ReportError, match=r"one\.md: picture 'figures/a\.svg' is not there"):
        guide.pages(Project(tmp_path), {})
    # What stands elsewhere is not among what pages of the guide are made from.
    (tmp_path / "a.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "docs/one.md").write_text("# T\n\n![A](../a.svg)\n")
    with pytest.raises(ReportError, match=r"one\.md: picture '\.\./a\.svg' is not there"):
        guide.pages(Project(tmp_path), {})


def test_the_errata_show_every_correction_by_its_row(folder: Path) -> None:
    soup = soup_of(folder / "errata.html")
    table = Project(ROOT).read_table("corrections")
    lines = soup.select("main details tbody tr")
    assert len(lines) == len(table)
    assert {line.code.get_text() for line in lines} == set(table["row"])
    moved = next(line for line in lines if "in_force_from: 2004-03-01 → 2003-12" in line.get_text())
    assert "UZB-2004-foreign-ngo-reregistration.registration_entry" in moved.get_text()
    assert moved.a["href"].startswith("http://www.thenewhumanitarian.org/")
    heads = [summary.get_text() for summary in soup.select("main summary")]
    for decision, head in zip(("Taken", "Refused"), heads, strict=True):
        cells = table[table["decision"] == decision.lower()]
        rows = cells.groupby(["table", "row"]).ngroups
        assert head == f"{decision}: {len(cells)} cells of {rows} rows"
    assert "<!--" not in soup.select_one("main").get_text()


def test_the_same_files_give_the_same_bytes() -> None:
    assert guide.pages(Project(ROOT), {}) == guide.pages(Project(ROOT), {})


def test_a_changed_file_is_shown_and_nothing_else_is_written_again(project: Project) -> None:
    shutil.copytree(ROOT / "docs", project.root / "docs")
    assert run_ngolib(project, "report", "good").exit_code == 0
    page = project.reports / "guide/guide.html"
    index = project.reports / "index.html"
    assert re.search(r'href="guide/guide.html">Guide<', index.read_text(encoding="utf-8"))
    written = page.stat().st_mtime_ns
    run_ngolib(project, "report", "good")
    assert page.stat().st_mtime_ns == written
    with (project.root / "docs/guide.md").open("a", encoding="utf-8") as file:
        file.write("\nA new line.\n")
    result = run_ngolib(project, "report", "good")
    assert "fresh" in result.output
    page.with_name("glossary.html").unlink()
    run_ngolib(project, "report", "good")
    assert page.with_name("glossary.html").is_file()
    assert "A new line." in page.read_text(encoding="utf-8")


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
class TestInTheBrowser:
    @pytest.mark.parametrize("name", NAMES)
    def test_a_page_is_quiet_narrow_and_accessible(
        self, browser: sync_api.Browser, folder: Path, name: str
    ) -> None:
        assert faults(browser, folder / f"{name}.html") == []
