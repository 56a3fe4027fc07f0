"""What the pages for readers point at is there: files, headings, works, ids and codes."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [ROOT / "README.md", DATA / "README.md", *DOCS]
# Pages whose every word in code type is an id, a code, a column, a table, a file or a command.
STRICT = [p for p in DOCS if p.stem in ("codebook", "expectations", "glossary")]

FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)")
CITATIONS = re.compile(r"\[[^\]]*?@[^\]]+\](?!\()")
KEY = re.compile(r"@([\w-]+)")
BIB_KEY = re.compile(r"^@\w+\{([^,\s]+),", re.MULTILINE)
ID = re.compile(r"[A-Z]{3}-\d{4}-[a-z0-9-]+(\.[a-z_]+)?")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text(path: Path) -> str:
    return FENCE.sub("", path.read_text(encoding="utf-8"))


def prose(path: Path) -> str:
    return CODE.sub("", text(path))


def column(table: str, *names: str) -> set[str]:
    with (DATA / table).open(encoding="utf-8", newline="") as file:
        return {row[n] for row in csv.DictReader(file) for n in names}


def slug(heading: str) -> str:
    """Return the anchor that forges give a heading."""
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").strip().lower()
    return re.sub(r"[^\w\- ]", "", words).replace(" ", "-")


def anchors(path: Path) -> set[str]:
    return {slug(h) for h in re.findall(r"^#+ (.+)$", text(path), re.MULTILINE)}


def ids() -> set[str]:
    return column("register/acts.csv", "process_id") | column("register/rules.csv", "rule_id")


def works() -> list[str]:
    return BIB_KEY.findall((DATA / "register" / "references.bib").read_text(encoding="utf-8"))


def words() -> set[str]:
    """Return every word that the tables know: tables, columns, codes, ids of sources and works."""
    package = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
    known = {r["name"] for r in package["resources"]}
    known |= {f["name"] for r in package["resources"] for f in r["schema"]["fields"]}
    known |= column("codebook/vocabulary.csv", "vocabulary", "code")
    known |= column("sources.csv", "source_id")
    return known | set(works())


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_relative_links_lead_somewhere(page):
    broken = []
    for link in LINK.findall(prose(page)):
        if re.match(r"[a-z][a-z0-9+.-]*:", link):
            continue
        file, _, anchor = unquote(link).partition("#")
        target = (page.parent / file).resolve() if file else page
        in_page = anchor and target.suffix == ".md"
        if not target.exists() or (in_page and anchor not in anchors(target)):
            broken.append(link)
    assert not broken


@pytest.mark.parametrize("page", DOCS, ids=name)
def test_cited_works_stand_in_the_bibliography(page):
    cited = {k for group in CITATIONS.findall(prose(page)) for k in KEY.findall(group)}
    assert cited <= set(works())


def test_each_work_stands_once_in_the_bibliography():
    keys = works()
    assert keys
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("page", DOCS, ids=name)
def test_named_acts_and_rules_stand_in_the_register(page):
    named = {c for c in CODE.findall(text(page)) if ID.fullmatch(c)}
    named |= set(re.findall(r"--act ([A-Z]{3}-\S+)", page.read_text(encoding="utf-8")))
    assert named <= ids()


@pytest.mark.parametrize("page", STRICT, ids=name)
def test_words_in_code_type_are_known(page):
    known = words()
    unknown = set()
    for word in CODE.findall(text(page)):
        if word in known or ID.fullmatch(word) or word.startswith(("make ", "ngolib ")):
            continue
        if "/" in word and ((ROOT / word).exists() or word.startswith("https://")):
            continue
        unknown.add(word)
    assert not unknown


def test_expectations_list_each_cited_work():
    page = ROOT / "docs" / "expectations.md"
    before, _, after = prose(page).partition("\n## Works\n")
    cited = {k for group in CITATIONS.findall(before) for k in KEY.findall(group)}
    listed = re.findall(r"^- `([^`]+)`:", text(page).partition("\n## Works\n")[2], re.MULTILINE)
    assert after
    assert set(listed) == cited
