"""What a student does: the exercises of the tour, and the changes that the guide names."""

from __future__ import annotations

import ast
import doctest
import json
import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest
import runs
from tour import with_solutions

from ngolib.objects import MIME
from ngolib.reports.notebook import execute

ROOT = Path(__file__).resolve().parents[2]
TIMELINE = ROOT / "notebooks" / "03_reform_timeline.ipynb"
SEMINAR = ROOT / "docs" / "seminar.md"
FENCE = r"(?s)```{}\n(.*?)```"
MADE = re.compile(r"\*\*Exercise \d: (?:make|mend)")


def plan() -> dict[int, str]:
    """Return what the seminar plan says of each step."""
    parts = re.split(r"^#+ (?:Step (\d)\.)?.*$", SEMINAR.read_text(encoding="utf-8"), flags=re.M)
    return {int(n): text for n, text in zip(parts[1::2], parts[2::2], strict=True) if n}


EXAMPLES = {
    step: doctest.DocTestParser().get_examples("\n".join(re.findall(FENCE.format("python"), text)))
    for step, text in plan().items()
}


@pytest.fixture(scope="module")
def toured(tmp_path_factory):
    """Run the tour with its solutions, and with every line of the seminar plan."""
    lines = {step: [example.source for example in own] for step, own in EXAMPLES.items()}
    return _run(with_solutions(lines), tmp_path_factory.mktemp("tour"))


def test_every_exercise_has_a_solution_that_runs_and_most_make_something(toured):
    """The solutions are cells behind their exercises, and run as a student would run them."""
    made = sum(len(MADE.findall(c.source)) for c in toured.cells if c.cell_type == "markdown")
    shown = {c.metadata["exercise"]: c.outputs for c in toured.cells if "exercise" in c.metadata}
    assert len(shown) == 8 and made >= 4
    assert all(shown.values()), "a solution shows what it makes"
    # Exercise 5 asks for an error that says what is allowed; the seminar plan tells it.
    (told,) = re.findall(FENCE.format("text"), plan()[5])
    assert "did you mean 'foreign_funding'" in told
    assert shown[5][0].text.strip() == told.strip()


def test_the_seminar_plan_tells_what_the_notebook_says(toured):
    """Each value of the plan is that of a run; who changes the data sees here what moved."""
    assert list(EXAMPLES) == list(range(9)) and all(EXAMPLES.values())
    got = {tuple(c.metadata["line"]): c.outputs for c in toured.cells if "line" in c.metadata}
    told, found = {}, {}
    for step, examples in EXAMPLES.items():
        for n, example in enumerate(examples):
            output = got[step, n][0]
            text = output.get("text") or output["data"]["text/plain"]
            where = f"step {step}: {example.source.strip()}"
            told[where], found[where] = (
                [line.rstrip() for line in said.strip().splitlines()]
                for said in (example.want, text)
            )
    assert told == found


def test_the_seminar_plan_can_be_followed_with_the_site_alone(toured):
    """The tables that it names are there, and lead to the same answer without Python."""
    data = [o.get("data", {}) for c in toured.cells for o in c.get("outputs", ())]
    tables = {
        d[MIME]["name"]: d[MIME]
        for d in data
        if d.get(MIME, {}).get("kind") != "finding" and "name" in d.get(MIME, {})
    }
    named = set(re.findall(r"`tables/([\w-]+)\.csv`", SEMINAR.read_text(encoding="utf-8")))
    assert len(named) >= 4 and named <= set(tables)
    steps = pd.DataFrame(tables["events"]["rows"], columns=tables["events"]["columns"])
    once = steps.drop_duplicates("act")
    counts = pd.crosstab(once["president"], once["direction"])
    assert counts.to_string().split() == EXAMPLES[3][1].want.split()
    by_decade = once["date"].str[:3].value_counts().sort_index()
    assert by_decade.to_list() == list(ast.literal_eval(EXAMPLES[6][0].want).values())


# Text of the cell that is changed, what it becomes, and new cells behind it.
CHANGES = {
    "count by level, a chart by decade": (
        "events, whole, applied, new = select()",
        None,
        [
            "events.drop_duplicates('process_id')['level'].value_counts()",
            "charts.bars(new.groupby('decade').size().to_frame('acts'))",
        ],
    ),
    "assembly only": ("list[Category] = []", 'list[Category] = ["assembly"]', []),
    "another station": (
        '    "applied": ["applied"],\n',
        '    "amended": ["amended"],\n    "applied": ["applied"],\n',
        [],
    ),
    "Uzbekistan": ('country: Country = "KAZ"', 'country: Country = "UZB"', []),
}


@pytest.fixture(scope="module")
def before():
    """Return what the notebook says unchanged."""
    return findings(runs.run(TIMELINE, {})["notebook"])


def findings(notebook):
    shown = (
        o["data"].get(MIME) for c in notebook.cells for o in c.get("outputs", ()) if "data" in o
    )
    return [item["text"] for item in shown if item and item["kind"] == "finding"]


@pytest.mark.parametrize(("old", "new", "more"), CHANGES.values(), ids=CHANGES)
def test_a_student_changes_the_analysis_in_the_notebook_alone(old, new, more, before, tmp_path):
    """The changes of docs/guide.md, each in at most five lines of one cell."""
    notebook = nbformat.read(TIMELINE, as_version=4)
    (place,) = [n for n, c in enumerate(notebook.cells) if old in c.source]
    if new:
        notebook.cells[place].source = notebook.cells[place].source.replace(old, new)
    notebook.cells[place + 1 : place + 1] = map(nbformat.v4.new_code_cell, more)
    done = _run(notebook, tmp_path)
    assert (findings(done) == before) == bool(more)
    added = [c for c in done.cells if c.source in more]
    assert len(added) == len(more) and all(c.outputs for c in added)


def _run(notebook, folder):
    """Run a changed notebook as it stands in the project."""
    path = folder / "changed.ipynb"
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return execute(path, {})
