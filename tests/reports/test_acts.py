"""Pages of acts and of records: a place for every piece of evidence, and rules in words."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from ngolib.evidence import load_acts, lookup
from ngolib.evidence.lookup import TABLES, passage_id
from ngolib.project import Project
from ngolib.reports import acts, records, texts
from ngolib.texts import load_lines

from .browsing import CHROMIUM, faults

ACT = "KAZ-2016-foreign-funding-law"
RULE = f"{ACT}.foreign_funding.2"
USES = {RULE: [("a-report", "A report")], f"{ACT}.signed": [("a-report", "A report")]}
PAGES = [f"acts/{ACT}", "acts/RUS-2012-foreign-agents", "acts/KAZ-2025-feared-foreign-agents-rules"]
PAGES += ["acts/index", "records/index"]


@pytest.fixture(scope="module")
def site(real: Project) -> dict[str, str]:
    """Return the pages that hold the evidence, by their place from the folder of reports."""
    folders = {"acts": acts, "records": records, "texts": texts}
    return {
        f"{folder}/{name}": content.decode()
        for folder, writer in folders.items()
        for name, content in writer.pages(real, USES).items()
    }


@pytest.fixture(scope="module")
def anchors(site: dict[str, str]) -> Mapping[str, set[str]]:
    return {name: set(re.findall(r' id="([^"]+)"', text)) for name, text in site.items()}


def words_of(page: str, selector: str = "main") -> str:
    return " ".join(BeautifulSoup(page, "html.parser").select_one(selector).get_text(" ").split())


def test_every_piece_of_evidence_has_its_place(
    real: Project, anchors: Mapping[str, set[str]]
) -> None:
    ids = [piece for name in TABLES for piece in real.read_table(name).iloc[:, 0]]
    lines = load_lines(project=real)
    line = lines[lines["label"] == "body"].iloc[0]
    ids.append(passage_id(line["article_id"], line["start"], line["start"] + 5))
    found = lookup(ids, project=real)
    assert len(found) == len(ids) > 2000
    for address in found["address"]:
        page, _, anchor = address.partition("#")
        assert anchor in anchors[page], address


def test_every_act_has_a_page_and_a_row_in_the_list(real: Project, site: dict[str, str]) -> None:
    ids = set(load_acts(project=real)["process_id"])
    assert {f"acts/{i}.html" for i in ids} == {
        name for name in site if name.startswith("acts/") and name != "acts/index.html"
    }
    linked = set(re.findall(r'<td><a href="([^"]+)\.html">', site["acts/index.html"]))
    assert linked == ids


def test_ids_are_unique_and_links_lead_somewhere(
    site: dict[str, str], anchors: Mapping[str, set[str]]
) -> None:
    for name, text in site.items():
        assert len(re.findall(r' id="', text)) == len(anchors[name]), name
        folder = name.partition("/")[0]
        for link in re.findall(r'href="([^"]+)"', text.partition("<main")[2]):
            if link.startswith("http") or link in ("#", "../a-report/index.html"):
                continue
            page, _, anchor = link.partition("#")
            target = page.removeprefix("../") if page.startswith("../") else f"{folder}/{page}"
            target = target if page else name
            assert target in site, (name, link)
            assert not anchor or anchor in anchors[target], (name, link)


def test_an_act_says_its_number_since_when_and_the_penalty(site: dict[str, str]) -> None:
    page = site[f"acts/{ACT}.html"]
    assert "Kazakhstan · Statute · No. 12-VI of 26 July 2016" in words_of(page, "header")
    answer = words_of(page, ".answer")
    assert "Of its 5 rules, 4 are in force on" in answer
    assert "the first since 11 October 2016" in answer
    rule = words_of(page, f"[id='{RULE}']")
    assert "In force since 11 October 2016 Foreign funding" in rule
    assert "level: public register or label (2)" in rule
    assert "Penalty warning, fine; at most 25 monthly calculation indices on a repeat" in rule
    assert "Decided by tax office" in rule
    ended = words_of(page, f"[id='{ACT}.foreign_funding']")
    assert "Ended 1 January 2018, in force since 11 October 2016" in ended
    assert "Continued by notify and report foreign money for three activities" in ended


def test_an_act_names_other_acts_counterparts_texts_and_reports(site: dict[str, str]) -> None:
    soup = BeautifulSoup(site[f"acts/{ACT}.html"], "html.parser")
    said = {
        section["aria-labelledby"]: " ".join(section.get_text(" ").split())
        for section in soup.select("section")
    }
    assert "Amends Tax Code of 2008" in said["relations"]
    assert "Re-enacted by Tax Code of 2017" in said["relations"]
    assert "Russia: NGOs with foreign money in politics register as agents" in said["counterparts"]
    assert "Russia began earlier" in said["counterparts"]
    assert "burdensome rules on the reporting of funds were imposed" in said["texts"]
    assert [link.get_text() for link in soup.select("section[aria-labelledby=uses] a")] == [
        "A report"
    ]


def test_what_was_only_feared_is_no_law(site: dict[str, str]) -> None:
    page = site["acts/KAZ-2025-feared-foreign-agents-rules.html"]
    assert "It never came into force: no source shows a step of it" in words_of(page)
    assert 'id="rules"' not in page
    assert 'id="steps"' not in page
    draft = words_of(site["acts/RUS-2012-foreign-agents.html"], "[aria-labelledby=relations]")
    assert "Repealed by Civil-society draft to abolish the foreign-agents laws (never" in draft


def test_an_act_that_no_text_knows_says_so(real: Project, site: dict[str, str]) -> None:
    known = set(real.read_table("statements")["process_id"])
    for act in load_acts(project=real)["process_id"]:
        page = site[f"acts/{act}.html"]
        assert ("No source text speaks of it" in page) == (act not in known)
        assert ('id="texts"' in page) == (act in known)


def test_pages_are_light(site: dict[str, str]) -> None:
    weights = {name: len(text.encode()) for name, text in site.items()}
    lists = {"acts/index.html", "records/index.html"}
    assert all(weights[name] < 250_000 for name in lists)
    pages = [name for name in weights if name.startswith("acts/") and name not in lists]
    assert max(weights[name] for name in pages) < 60_000


def test_words_of_the_data_are_escaped_and_quotes_glossed(copy: Project) -> None:
    acts_file, rules_file = (copy.data / f"register/{name}.csv" for name in ("acts", "rules"))
    title, url = (
        "Duty to notify and report foreign money",
        "https://www.icnl.org/resources/library/",
    )
    acts_file.write_text(acts_file.read_text().replace(title, "<script>alert(1)</script>"))
    rules_file.write_text(rules_file.read_text().replace(url, f"javascript:{url}"))
    quote = pd.read_csv(rules_file, index_col="rule_id")["snippet"][RULE]
    gloss = pd.DataFrame({"quote": [quote], "language": ["ru"], "english": ["without <b>"]})
    gloss.to_csv(copy.data / "register/glosses.csv", index=False)
    made = acts.pages(copy, {})
    page = made[f"{ACT}.html"].decode()
    assert "<script>alert" not in page + made["index.html"].decode()
    assert "javascript:" not in page
    shown = BeautifulSoup(page, "html.parser").select_one(f"[id='{RULE}'] blockquote")
    assert shown.q["lang"] == "ru"
    assert shown.q.get_text() == quote
    assert shown.get_text().endswith("our gloss: without <b>")


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_quiet_narrow_and_accessible(
    browser: object, site: dict[str, str], tmp_path: Path, name: str
) -> None:
    file = tmp_path / "page.html"
    file.write_text(site[f"{name}.html"], encoding="utf-8")
    assert faults(browser, file) == []


def test_an_act_is_cited_in_three_forms(site: dict[str, str]) -> None:
    soup = BeautifulSoup(site[f"acts/{ACT}.html"], "html.parser")
    bibtex, ris, csl = (pre.get_text() for pre in soup.select("footer pre"))
    assert bibtex.startswith("@misc{ngolib-acts-KAZ-2016-foreign-funding-law,")
    assert bibtex.count("{") == bibtex.count("}")
    assert ris.startswith("TY  - DATA\n")
    assert "TI  - Duty to notify and report foreign money" in ris
    (entry,) = json.loads(csl)
    assert entry["URL"] == "acts/KAZ-2016-foreign-funding-law.html"
