"""A notebook and a country of one's own: valid from the first moment."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from ngolib.analysis.compare import by_period, coverage, matrix
from ngolib.evidence import load_events, load_rules
from ngolib.project import Project

from .conftest import ROOT, refused, run, sound, state


def test_a_new_country_is_valid_and_says_that_nobody_has_searched(own):
    result = run(own, "new", "country", "TJK", "--name", "Tajikistan")
    assert result.exit_code == 0, result.output
    sound(own)
    project = Project(own.root)
    assert project.vocabulary("country")["TJK"] == "Tajikistan"
    log = project.read_table("search_log")
    new = log[log["country"] == "TJK"]
    blocks = {(c, p) for c in project.vocabulary("category") for p in project.vocabulary("period")}
    assert set(zip(new["category"], new["period"], strict=True)) == blocks
    assert set(new["status"]) == {"not_searched"}
    assert not new[["queries", "leads", "date"]].to_numpy().any()
    assert "search_log.csv" in result.output and "offices.csv" in result.output
    # It is no search that found nothing.
    rules = load_rules(project=project)
    texts = project.read_table("articles")
    cells = matrix(rules, load_events(project=project), log, ["TJK"], ["assembly"], 1991, 2025)
    assert list(cells["state"]) == ["not_searched"]
    assert set(by_period(rules, log, ["TJK"], ["assembly"], 1991, 2025)["search"]) == {
        "not_searched"
    }
    said = set(coverage(log, texts, ["TJK"])["TJK_register"])
    assert said == {"0 categories searched, 0 with a find"}


def test_a_new_country_leaves_every_other_row_as_it_was(own):
    before = state(own)
    run(own, "new", "country", "TJK", "--name", "Tajikistan")
    after = state(own)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"data/codebook/vocabulary.csv", "data/register/search_log.csv"}
    log = "data/register/search_log.csv"
    assert after[log].startswith(before[log])
    lines = after["data/codebook/vocabulary.csv"].split(b"\n")
    lines.remove(b"country,,TJK,Tajikistan,Tajikistan (ISO 3166-1 alpha-3).,,,")
    assert b"\n".join(lines) == before["data/codebook/vocabulary.csv"]


@pytest.mark.parametrize(
    ("code", "name", "words"),
    [
        ("KAZ", "Kazakhstan", "is there already"),
        ("XXX", "Nowhere", "is no country code"),
        ("tjk", "Tajikistan", "did you mean TJK?"),
        ("TJK", " ", "--name is empty"),
        ("TJK", "Russia", "name of another country"),
    ],
)
def test_a_country_that_cannot_be_is_refused(own, code, name, words):
    before = state(own)
    refused(own, run(own, "new", "country", code, "--name", name), before, words)


def test_a_block_that_was_searched_says_how_and_when(own):
    run(own, "new", "country", "TJK", "--name", "Tajikistan")
    path = own.data / "register" / "search_log.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("not_searched,,,", "found,,,", 1), encoding="utf-8")
    result = run(own, "check")
    assert result.exit_code == 1
    assert "queries: empty, but the status is 'found'" in result.output


def test_a_new_notebook_passes_the_tests_of_notebooks_and_runs(own):
    result = run(own, "new", "notebook", "assembly_rules", "--question", 'Who may "meet" where?')
    assert result.exit_code == 0, result.output
    made = re.findall(r"^written +(\S+)$", result.output, re.MULTILINE)
    assert len(made) == 3
    stem = made[0].removeprefix("notebooks/").removesuffix(".ipynb")
    assert re.fullmatch(r"\d\d_assembly_rules", stem)
    notebook = json.loads((own.root / made[0]).read_text(encoding="utf-8"))
    assert notebook["cells"][0]["source"][0].strip() == '# Who may "meet" where?'
    (own.root / "ngolib").symlink_to(ROOT / "ngolib")
    for path in ("tests/notebooks/test_form.py", "tests/conftest.py"):
        (own.root / path).write_bytes((ROOT / path).read_bytes())
    (own.root / "docs" / "figures").mkdir(parents=True)
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests", "-k",
         f"{stem} or (own and corpus)"],
        cwd=own.root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert tests.returncode == 0, tests.stdout
    assert re.search(r"^\d+ passed\b(?!.*skipped)", tests.stdout.splitlines()[-1]), tests.stdout
    listed = run(own, "report", "assembly-rules", "--dry-run")
    assert listed.exit_code == 0, listed.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["Assembly Rules"], "is no name for a notebook"),
        (["reform_timeline"], "is there already"),
        (["03_other"], "the number 03 is taken"),
        (["numbers"], "is there already"),
        (["other", "--question", "No question"], "allowed: a question"),
        (["other", "--question", "What of 2012?"], "a number stands in"),
    ],
)
def test_a_notebook_that_cannot_be_is_refused(own, arguments, words):
    before = state(own)
    refused(own, run(own, "new", "notebook", *arguments), before, words)
