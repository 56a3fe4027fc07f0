"""A text that was added and coded shows in what was read, and moves no exercise of the tour."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from tour import TOUR, with_solutions

from ngolib.cli import main
from ngolib.methods import coverage, coverage_of_texts
from ngolib.objects import MIME
from ngolib.project import Project
from ngolib.reports import texts
from ngolib.reports.notebook import execute

ROOT = Path(__file__).resolve().parents[2]
PAGE = """<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>Отчёты о деньгах</title>
<meta property="article:published_time" content="2018-03-05"></head><body><article>
<h1>Отчёты о деньгах</h1><p>В марте 2018 года министерство впервые дополнило закон об
иностранном финансировании и оштрафовало общественное объединение из Алматы.</p>
<p>Юристы опасаются, что отчёты о деньгах из-за рубежа станут поводом для проверок.
Министерство ответило, что новые правила никого не ущемят и что проверки пойдут по общему
плану, который будет опубликован на его странице до конца года.</p></article></body></html>"""
ACT = ["--act=KAZ-2016-foreign-funding-law", "--direction=restrictive", "--coder=me"]
ACT += ["--voice=media", "--category=foreign_funding,reporting_oversight"]
QUOTES = {
    "министерство впервые дополнило закон": ["--stage=amended", "--date=2018-03"],
    "отчёты о деньгах из-за рубежа станут поводом": ["--stage=announced", "--modality=feared"],
}
# What the tour shows of all texts, and of the files it was made from.
OF_ALL = ("coverage", "texts", "left-out", "provenance")


def ngolib(project: Project, *arguments: str) -> str:
    done = CliRunner().invoke(main, [*arguments, "--project", str(project.root)])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def added(tmp_path_factory):
    """A project of one's own with a text on the subject, of which two statements are coded."""
    root = tmp_path_factory.mktemp("added")
    shutil.copytree(ROOT / "data", root / "data")
    (root / "notebooks").mkdir()
    shutil.copyfile(TOUR, root / "notebooks" / TOUR.name)
    (root / "page.html").write_text(PAGE, encoding="utf-8")
    project = Project(root)
    page = str(root / "page.html")
    ngolib(project, "add", page, "--id", "new-text", "--relevance", "on_topic")
    for quote, codes in QUOTES.items():
        ngolib(project, "code", "new-text.1", quote, *ACT, *codes)
    assert "in coding/statements.csv: 2" in ngolib(project, "code", "--accept", "--coder", "me")
    return Project(root)


def shown(project: Project, path: Path, monkeypatch) -> tuple[dict, dict]:
    """Run the tour with its solutions; return what pages show, and what the solutions do."""
    monkeypatch.setenv("NGOLIB_PROJECT", str(project.root))
    monkeypatch.chdir(project.root)
    path.write_text(nbformat.writes(with_solutions()), encoding="utf-8")
    done = execute(path, {})
    data = [o.get("data", {}) for c in done.cells for o in c.get("outputs", ())]
    items = [d[MIME] for d in data if MIME in d]
    page = {(i["kind"], i.get("name")): i for i in items if i.get("name") not in OF_ALL}
    answers = {c.metadata["exercise"]: c.outputs for c in done.cells if "exercise" in c.metadata}
    return page, json.loads(json.dumps(answers))


def test_no_exercise_moves_with_an_added_text(added, tmp_path, monkeypatch):
    (page, answers), (before, ours) = (
        shown(own, tmp_path / "tour.ipynb", monkeypatch) for own in (added, Project(ROOT))
    )
    assert len(answers) == 8 and answers == ours
    assert page == before


def test_what_was_added_and_coded_is_seen(added, monkeypatch):
    own = coverage_of_texts(project=added).set_index("article_id").loc["new-text.1"]
    assert own["relevance"] == "on_topic" and own["published"] == "2018-03-05"
    assert (own["statements"], own["sentences_coded"], own["sentences"]) == (2, 2, 3)
    assert own["open"] == "author, outlet, genre, reliability"
    # In the table of every notebook, ...
    before = coverage(["KAZ"]).set_index("period")["texts"]
    monkeypatch.setenv("NGOLIB_PROJECT", str(added.root))
    after = coverage(["KAZ"]).set_index("period")["texts"]
    assert list(after.index[after != before]) == ["2012–2019"]
    assert before["2012–2019"].startswith("2, with") and after["2012–2019"].startswith("3, with")
    assert after["2012–2019"].endswith("4 cells to be filled in")
    # ... and on the page of the text, and their list.
    pages = texts.pages(added, {})
    said = "2 statements, in 2 of 3 sentences of running text; to be filled in: author, outlet"
    assert said in pages["new-text.html"].decode()
    assert "2 statements coded, in 2 of 3 sentences." in pages["index.html"].decode()


def test_a_text_without_a_date_is_seen_too(added, monkeypatch):
    path = added.data / "articles.csv"
    before = path.read_bytes()
    rows = list(csv.DictReader(before.decode("utf-8").splitlines()))
    rows[-1] |= {"published_start": "", "published_end": "", "precision": "unresolved"}
    rows[-1] |= {"date_basis": "", "relevance": "not_judged"}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    monkeypatch.setenv("NGOLIB_PROJECT", str(added.root))
    last = coverage(["KAZ"]).iloc[-1]
    path.write_bytes(before)
    assert last["period"] == "date not known"
    assert last["texts"].startswith("1, with 2 statements in 2 of 3 sentences")
