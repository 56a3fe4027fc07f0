"""A notebook and a country of one's own: valid from the first moment."""

from __future__ import annotations

import importlib.util
import inspect
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from ngolib import methods
from ngolib.errors import MachineError
from ngolib.intake import new as making
from ngolib.project import Project
from ngolib.reports.console import Outcome
from ngolib.reports.plan import read_plan

from .conftest import ROOT, refused, run, sound, state


def test_a_new_country_is_valid_and_says_that_nobody_has_searched(own, monkeypatch):
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
    monkeypatch.setenv("NGOLIB_PROJECT", str(own.root))
    assert methods.search_state("TJK", "assembly", 1991, 2025) == "not searched"
    said = set(methods.coverage(["TJK"])["TJK_register"])
    assert said == {"0 categories searched, 0 with a find"}


EMPTIED = ("codebook/crosswalk", "register/search_log", "register/claim_checks")
EMPTIED += ("register/second_reading",)


def test_notebooks_say_where_nothing_is_recorded_yet(own_with_notebooks):
    """Of a country just begun, and in a project whose tables of such a kind have no row."""
    own = own_with_notebooks
    run(own, "new", "country", "TJK", "--name", "Tajikistan")
    for path in (own.data / f"{name}.csv" for name in EMPTIED):
        path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    sound(own)
    told = []
    asked = {"03_reform_timeline": ["-p", "country=TJK"], "07_ratings": [], "01_sources": []}
    for notebook, settings in asked.items():
        result = run(own, "report", notebook, *settings)
        assert result.exit_code == 0, result.output
    for path in own.reports.glob("*/results.json"):
        told += [one["text"] for one in json.loads(path.read_bytes())["findings"]]
    for said in (
        "No new restrictive act of Tajikistan is recorded for 1991–2026.",
        "Who governed Tajikistan then is not recorded.",
        "No claim of this selection was checked.",
        "No code of the register was read a second time.",
    ):
        assert said in told


def test_rows_are_added_with_the_line_ends_of_their_table(own):
    for name in ("codebook/vocabulary.csv", "register/search_log.csv"):
        path = own.data / name
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert run(own, "new", "country", "TJK", "--name", "Tajiki\tstan\u200b").exit_code == 0
    sound(own)
    assert Project(own.root).vocabulary("country")["TJK"] == "Tajiki stan"


def test_the_number_after_the_last_is_taken(own, monkeypatch):
    monkeypatch.setattr(making, "notebook_names", lambda _: ["01_one", "99_last", "100_newest"])
    assert making._named(own, "mine", None)[0] == "101_mine"


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


def module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def test_a_notebook_that_is_edited_while_it_is_run_stays(own_with_notebooks, monkeypatch):
    own = own_with_notebooks

    def edited(project, names, progress):
        path = project.notebooks / f"{names[0]}.ipynb"
        path.write_text(path.read_text().replace("Write here", "I write here"))
        return [Outcome(names[0], "failed", "it was changed while it ran, and stays as it is now")]

    monkeypatch.setattr("ngolib.intake.new.refresh_notebooks", edited)
    result = run(own, "new", "notebook", "who_paid")
    assert result.exit_code == 2 and "stays as it is now" in result.output
    (notebook,) = own.notebooks.glob("*_who_paid.ipynb")
    assert "I write here" in notebook.read_text()


def test_a_test_of_a_notebook_that_is_there_already_stays(own_with_notebooks):
    own = own_with_notebooks
    test = own.root / "tests" / "own" / "test_notebook_who_paid.py"
    test.parent.mkdir(parents=True)
    test.write_text("# my own careful tests")
    before = state(own)
    result = run(own, "new", "notebook", "who_paid")
    refused(own, result, before, "tests/own/test_notebook_who_paid.py is there already")


def test_a_new_notebook_passes_the_tests_of_notebooks_and_its_own(own_with_notebooks, tmp_path):
    own = own_with_notebooks
    result = run(own, "new", "notebook", "assembly_rules", "--question", 'Who may "meet" where?')
    assert result.exit_code == 0, result.output
    made = re.findall(r"^written +(\S+)$", result.output, re.MULTILINE)
    notebook, test, plan = (own.root / path for path in made)
    assert re.fullmatch(r"\d\d_assembly_rules", notebook.stem)
    first = json.loads(notebook.read_text(encoding="utf-8"))["cells"][0]
    assert first["source"][0].strip() == '# Who may "meet" where?'
    assert plan.name == "plan.toml"
    assert run(own, "report", "assembly-rules", "--dry-run").exit_code == 0
    of_notebooks = [
        function
        for name, function in vars(module(ROOT / "tests" / "notebooks" / "test_form.py")).items()
        if name.startswith("test_") and "path" in inspect.signature(function).parameters
    ]
    assert len(of_notebooks) >= 5
    for function in of_notebooks:
        function(notebook)
    of_its_own = module(test)
    *_, hardest = of_its_own.CHOICES  # of which nothing is documented
    of_its_own.test_the_notebook_runs_and_each_finding_has_its_evidence(hardest, tmp_path)


def test_a_notebook_whose_plan_cannot_be_written_is_not_made(own_with_notebooks, monkeypatch):
    own, before = own_with_notebooks, state(own_with_notebooks)
    put = making.put

    def full(files):
        if own.reports / "plan.toml" in files:
            raise MachineError("plan.toml: cannot be written: No space left; nothing was changed")
        put(files)

    monkeypatch.setattr(making, "put", full)
    refused(own, run(own, "new", "notebook", "assembly_rules"), before, "No space left")


def test_a_notebook_whose_outputs_cannot_be_written_is_there_and_told(
    own_with_notebooks, monkeypatch
):
    def full(path, content):
        raise MachineError(f"{path.name} cannot be written: No space left")

    monkeypatch.setattr("ngolib.reports.publish.replace_file", full)
    result = run(own_with_notebooks, "new", "notebook", "who_paid")
    assert result.exit_code == 2 and "who_paid.ipynb was made, but not run" in result.output
    assert "No space left" in result.output
    assert len([*own_with_notebooks.notebooks.glob("*_who_paid.ipynb")]) == 1


def test_two_new_notebooks_at_once_are_two(own_with_notebooks):
    own = own_with_notebooks
    command = [sys.executable, "-c", "from ngolib.cli import main; main()", "new", "notebook"]
    names = ("one_thing", "another_thing", "one_thing")
    where = ["--project", str(own.root)]
    runs = [subprocess.Popen([*command, name, *where], stderr=subprocess.PIPE) for name in names]
    said = [run.communicate(timeout=120)[1].decode() for run in runs]
    assert sorted(run.returncode for run in runs) == [0, 0, 2], said
    assert "is there already" in "".join(said)
    made = sorted(path.stem for path in own.notebooks.glob("1?_*_thing.ipynb"))
    assert len({stem[:2] for stem in made}) == len(made) == 2
    assert {report.notebook for report in read_plan(own)} >= {*made}


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
def test_a_notebook_that_cannot_be_is_refused(own_with_notebooks, arguments, words):
    own = own_with_notebooks
    before = state(own)
    refused(own, run(own, "new", "notebook", *arguments), before, words)
