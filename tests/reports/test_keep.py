"""What is taken away is whole, valid and without texts; the feed says what is new, in good Atom."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import zipfile
from pathlib import Path
from uuid import UUID

import pytest
from frictionless import Package, system
from lxml import etree

from ngolib.errors import DataError, ReportError
from ngolib.project import MARKER, Project
from ngolib.reports import keep, publish
from ngolib.reports.plan import read_plan
from ngolib.reports.upkeep import index_is_fresh, write_index

from .conftest import write_notebook

ROOT = Path(__file__).resolve().parents[2]
ATOM = "{http://www.w3.org/2005/Atom}"
PLAN = '[[report]]\nslug = "one"\ntitle = "One & only?"\nnotebook = "01_one"\n'
OWN, GONE, KEY = "one--start-2005", "gone", "hash of what it was made from"
LINES = ["finding a was: 1 < 2", "finding a is now: 2", "inputs changed (1): data/sources.csv"]
REPORT = {
    "index.html": b"<p>a page</p>",
    "01_one.ipynb": b"{}",
    "tables/t.csv": b"a\n1\n",
    "figures/f.svg": b"<svg/>",
}


def publish_report(project: Project, slug: str) -> None:
    record = {
        "slug": slug,
        "title": "One & only?",
        "settings": {},
        "key": KEY,
        "manifest": dict.fromkeys(REPORT, ""),
    }
    files = {**REPORT, "results.json": publish.as_record(record)}
    publish.publish(project.reports, slug, files)


def note(project: Project, slug: str, lines: list[str], of: str = KEY) -> None:
    publish.write_notes(project.reports, f"{slug}.changes", {"of": of, "lines": lines})


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The real data with a report of the plan, a run of a user's own, and one gone; to be read."""
    project = Project(tmp_path_factory.mktemp("site"))
    shutil.copytree(ROOT / "data", project.data)
    for name in ("CITATION.cff", "LICENSE"):
        shutil.copy(ROOT / name, project.root / name)
    project.notebooks.mkdir()
    write_notebook(project.notebooks / "01_one.ipynb", ["# What is one?", ("", "parameters")])
    project.reports.mkdir()
    (project.reports / "plan.toml").write_text(PLAN, encoding="utf-8")
    for slug in ("one", OWN, GONE):
        publish_report(project, slug)
        note(project, slug, LINES)
    return project


@pytest.fixture
def site(whole: Project, tmp_path: Path) -> Project:
    """A copy of it, free to be changed."""
    return Project(shutil.copytree(whole.root, tmp_path / "site"))


@pytest.fixture(scope="module")
def packed(whole: Project) -> bytes:
    """The zip file."""
    return zip_of(whole)


def edit(project: Project, table: str, **cells: str) -> Project:
    """Add a row with these cells to a table, all others empty or as in its first row."""
    path = project.data / project.table(table).path
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows([*rows, {**rows[0], **cells}])
    return Project(project.root)


def zip_of(project: Project) -> bytes:
    return keep.pages(project, ["one"])[f"ngo-regulation-{project.package.version}.zip"]


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert file.testzip() is None
        folders, names = zip(*(name.split("/", 1) for name in file.namelist()), strict=True)
        assert set(folders) == {"ngo-regulation-0.1.0"}
        return {n: file.read(f"{folders[0]}/{n}") for n in names}


def test_the_zip_file_holds_every_table_and_what_the_reports_show(
    whole: Project, packed: bytes
) -> None:
    files = unpacked(packed)
    tables = {f"tables/{name}.csv" for name in (*whole.schema, "panel", "events")}
    tables |= {f"tables/{name}" for name in ("datapackage.json", "README.md", "LICENSE.txt")}
    assert {name for name in files if name.startswith("tables/")} == tables
    shown = {"results.json", "tables/t.csv", "figures/f.svg"}
    kept = {name for name in files if name.startswith("reports/")}
    assert kept == {f"reports/one/{name}" for name in shown}
    for name in ("CITATION.cff", "LICENSE", "data/README.md", "data/register/references.bib"):
        assert files[name] == (whole.root / name).read_bytes()


def test_its_data_package_is_valid_by_frictionless(
    whole: Project, packed: bytes, tmp_path: Path
) -> None:
    for name, content in unpacked(packed).items():
        path = tmp_path / "out" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    with system.use_context(trusted=True):
        package = Package(str(tmp_path / "out/tables/datapackage.json"))
        report = package.validate()
    assert report.valid, report.flatten(["title", "rowNumber", "fieldName", "message"])[:10]
    assert len(package.resources) == len(whole.schema) + 2


def test_no_source_text_is_in_it(whole: Project, packed: bytes) -> None:
    files = unpacked(packed)
    assert not any("sources/" in name for name in files)
    held = "\n".join(content.decode() for content in files.values())
    for row in whole.read_table("sources").itertuples():
        raw = (whole.data / row.path).read_text(encoding="utf-8")
        for piece in (raw[n : n + 1000] for n in range(0, len(raw) - 1000, 250)):
            assert piece not in held, row.source_id


def test_its_page_says_what_it_is_what_is_allowed_and_how_to_cite(
    whole: Project, packed: bytes
) -> None:
    files = unpacked(packed)
    page = files["README.md"].decode()
    assert whole.citation in page and "CC-BY-4.0" in page and "remain their publishers'" in page
    assert "| `reports/one/` | One & only? |" in page
    for place in re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE):
        assert any(name.startswith(place) for name in files), place
    assert "docs/codebook.md" not in page  # not in this project


def test_the_same_inputs_give_the_same_bytes(whole: Project, packed: bytes, site: Project) -> None:
    assert zip_of(site) == packed
    assert keep.feed(site, ["one"]) == keep.feed(whole, ["one"])


def test_all_is_written_with_the_index_and_again_only_if_something_has_changed(
    site: Project,
) -> None:
    plan = read_plan(site)
    write_index(site, plan)
    names = ["feed.xml", "keep/CITATION.cff", "keep/ngo-regulation-0.1.0.zip"]
    paths = [site.reports / name for name in names]
    first = [path.stat().st_ino for path in paths]
    write_index(site, plan)
    assert [path.stat().st_ino for path in paths] == first and index_is_fresh(site, plan)
    for path in paths:
        path.unlink()
        assert not index_is_fresh(site, plan)
        write_index(site, plan)
        assert path.is_file() and index_is_fresh(site, plan)
    (site.root / "LICENSE").write_text("MIT", encoding="utf-8")
    assert not index_is_fresh(site, plan)
    before = paths[-1].read_bytes()
    (site.reports / "one/results.json").write_text(
        '{"slug": "one", "title": "Two"}', encoding="utf-8"
    )
    write_index(site, plan)
    assert paths[-1].read_bytes() != before
    path = site.root / MARKER
    package = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**package, "version": "0.2.0"}), encoding="utf-8")
    write_index(Project(site.root), plan)
    assert [p.name for p in site.reports.glob("keep/*.zip")] == ["ngo-regulation-0.2.0.zip"]


def test_a_quotation_that_is_too_long_is_named_and_costs_only_the_zip_file(site: Project) -> None:
    made, plan = edit(site, "statements", statement_id="long", exact="x" * 601), read_plan(site)
    with pytest.raises(ReportError, match=r"row \d+: column exact: 601 characters"):
        write_index(made, plan)
    assert (made.reports / "index.html").is_file() and not (made.reports / "keep").exists()
    assert not index_is_fresh(made, plan)


def test_pages_are_out_of_date_when_a_file_changes_that_no_report_reads(site: Project) -> None:
    plan = read_plan(site)
    write_index(site, plan)
    for name in ("data/register/treaties.csv", "data/README.md", "docs/guide.md"):
        path = site.root / name
        before = path.read_bytes() if path.is_file() else b""
        assert index_is_fresh(Project(site.root), plan), name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(before + b"\n")
        assert not index_is_fresh(Project(site.root), plan), name
        path.write_bytes(before) if before else path.unlink()


def test_pages_are_not_published_once_something_says_stop(site: Project) -> None:
    def stop(_: object) -> None:
        raise DataError(["a row with a defect"])

    with pytest.raises(DataError):
        write_index(site, read_plan(site), stop)
    assert not (site.reports / "acts").exists()


def test_pages_that_a_broken_run_left_are_made_again(
    site: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = read_plan(site)
    write_index(site, plan)
    path = site.data / "README.md"
    before = path.read_bytes()
    path.write_bytes(before + b"wrong\n")
    monkeypatch.setattr(keep, "feed", lambda *_: exec("raise KeyboardInterrupt"))
    with pytest.raises(KeyboardInterrupt):
        write_index(Project(site.root), plan)
    path.write_bytes(before)  # as it was when all was fresh
    assert not index_is_fresh(Project(site.root), plan)


def entries(project: Project) -> list[etree._Element]:
    return etree.fromstring(keep.feed(project, ["one"])).findall(f"{ATOM}entry")


def text(element: etree._Element, name: str) -> str:
    return element.findtext(f"{ATOM}{name}") or ""


def link(entry: etree._Element) -> str:
    (found,) = entry.findall(f"{ATOM}link")
    return found.get("href")


def test_the_feed_has_what_atom_asks_for(whole: Project) -> None:
    feed = etree.fromstring(keep.feed(whole, ["one"]))
    assert feed.tag == f"{ATOM}feed" and len(feed.findall(f"{ATOM}entry")) > 10
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1 and text(element, name)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", text(element, "updated"))
        assert text(element, "updated")[:10] <= whole.closing_day.isoformat()
        assert UUID(text(element, "id").removeprefix("urn:uuid:")).version == 5
    ids = [found.text for found in feed.iter(f"{ATOM}id")]
    assert len(set(ids)) == len(ids)
    assert [found.text for found in feed.findall(f"{ATOM}author/{ATOM}name")] == [
        "The ngolib authors"
    ]
    acts = [e for e in entries(whole) if link(e).startswith("acts/")]
    days = [text(entry, "updated") for entry in acts]
    assert days == sorted(days, reverse=True) and len(acts) <= keep.MOST_ACTS
    known = {f"acts/{name}.html" for name in whole.read_table("acts")["process_id"]}
    assert {link(entry) for entry in acts} <= known


ACT = {"process_id": "KAZ-2026-odd", "country": "KAZ", "title_en": 'A <law> on "NGOs" & \x0bmore'}


@pytest.mark.parametrize(
    ("date", "date_end", "scheduled", "told"),
    [
        ("2026-11-28", "", "no", True),
        ("2026-12-01", "", "yes", False),
        ("2026-07-01", "2026-12-31", "yes", False),
        ("2024-11-27", "", "no", False),
    ],
)
def test_an_act_is_told_if_its_newest_step_is_of_the_last_two_years(
    site: Project, date: str, date_end: str, scheduled: str, told: bool
) -> None:
    step = {"process_id": ACT["process_id"], "step_id": "KAZ-2026-odd.signed", "stage": "signed"}
    step |= {"date": date, "scheduled": scheduled, "actor": "President"}
    step |= {"date_end": date_end, "precision": "range" if date_end else "day"}
    made = edit(edit(site, "acts", **ACT, summary="A < B."), "steps", **step)
    acts = [entry for entry in entries(made) if link(entry).startswith("acts/")]
    found = [entry for entry in acts if link(entry) == "acts/KAZ-2026-odd.html"]
    assert bool(found) is told
    for entry in found:
        assert entry is acts[0]
        assert text(entry, "title") == 'Kazakhstan: A <law> on "NGOs" & more'
        assert text(entry, "updated") == f"{date}T00:00:00Z"
        assert text(entry, "summary") == "President: signed 2026-11-28. A < B."


def test_changed_findings_of_the_plans_reports_are_told_and_each_change_anew(
    site: Project,
) -> None:
    first, *others = entries(site)
    assert link(first) == "one/index.html" and text(first, "title") == "Changed: One & only?"
    lines = ["".join(tag.itertext()) for tag in first.iter("{http://www.w3.org/1999/xhtml}li")]
    assert lines == LINES[:2]
    assert all(link(entry).startswith("acts/") for entry in others)
    note(site, "one", ["finding a is gone: 2"])
    assert text(entries(site)[0], "id") != text(first, "id")
    note(site, "one", LINES[2:])
    assert link(entries(site)[0]).startswith("acts/")
    note(site, "one", LINES, "of a run that was never published")
    assert link(entries(site)[0]).startswith("acts/")


@pytest.mark.parametrize("address", ["https://example.org/ngo", "https://example.org/ngo/"])
def test_links_are_whole_where_the_address_of_the_site_is_known(
    site: Project, address: str
) -> None:
    before = keep.feed(site, ["one"])
    assert b'rel="self"' not in before and b'href="http' not in before
    with (site.root / "CITATION.cff").open("a", encoding="utf-8") as file:
        file.write(f'url: "{address}"\n')
    feed = etree.fromstring(keep.feed(Project(site.root), ["one"]))
    links = {found.get("rel"): found.get("href") for found in feed.findall(f"{ATOM}link")}
    home = "https://example.org/ngo/"
    assert links == {"self": f"{home}feed.xml", "alternate": f"{home}index.html"}
    assert all(link(e).startswith(home) for e in feed.findall(f"{ATOM}entry"))
    assert [found.text for found in feed.iter(f"{ATOM}id")] == [
        found.text for found in etree.fromstring(before).iter(f"{ATOM}id")
    ]
