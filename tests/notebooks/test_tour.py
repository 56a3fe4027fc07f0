"""What a student does: the exercises of the tour, and the changes that the guide names."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pytest
import runs
from tour import with_solutions

from ngolib.objects import MIME
from ngolib.reports.notebook import execute

ROOT = Path(__file__).resolve().parents[2]
TIMELINE = ROOT / "notebooks" / "03_reform_timeline.ipynb"
MADE = re.compile(r"\*\*Exercise \d: (?:make|mend)")


def test_every_exercise_has_a_solution_that_runs_and_most_make_something(tmp_path):
    """The solutions are cells behind their exercises, and run as a student would run them."""
    notebook = with_solutions()
    made = sum(len(MADE.findall(c.source)) for c in notebook.cells if c.cell_type == "markdown")
    done = _run(notebook, tmp_path)
    shown = {c.metadata["exercise"]: c.outputs for c in done.cells if "exercise" in c.metadata}
    assert len(shown) == 8 and made >= 4
    assert all(shown.values()), "a solution shows what it makes"
    # Exercise 5 asks for an error that says what is allowed.
    assert "did you mean 'foreign_funding'" in shown[5][0].text


# Text of the cell that is changed, what it becomes, and a new cell behind it.
CHANGES = {
    "count by level": (
        "events, whole, applied = select()",
        None,
        "tally(events, 'level', list(words('level')))",
    ),
    "assembly only": ("list[Category] = []", 'list[Category] = ["assembly"]', None),
    "another station": (
        '    "applied": ["applied"],\n',
        '    "amended": ["amended"],\n    "applied": ["applied"],\n',
        None,
    ),
    "a chart by decade": (
        None,
        None,
        "charts.bars(new.groupby('decade').size().to_frame('acts'))",
    ),
    "Uzbekistan": ('country: Country = "KAZ"', 'country: Country = "UZB"', None),
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


@pytest.mark.parametrize(("old", "new", "cell"), CHANGES.values(), ids=CHANGES)
def test_a_student_changes_the_analysis_in_the_notebook_alone(old, new, cell, before, tmp_path):
    """The changes of docs/guide.md, each in at most five lines of one cell."""
    notebook = nbformat.read(TIMELINE, as_version=4)
    places = [n for n, c in enumerate(notebook.cells) if old and old in c.source]
    if new:
        (place,) = places
        notebook.cells[place].source = notebook.cells[place].source.replace(old, new)
    if cell:
        place = places[-1] + 1 if places else len(notebook.cells)
        notebook.cells.insert(place, nbformat.v4.new_code_cell(cell))
        own = notebook.cells[place]
    done = _run(notebook, tmp_path)
    if cell:
        (done_cell,) = [c for c in done.cells if c.source == own.source]
        assert done_cell.outputs and findings(done) == before
    else:
        assert findings(done) != before


def _run(notebook, folder):
    """Run a changed notebook beside the others."""
    path = ROOT / "notebooks" / f".{folder.name}.ipynb"
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    try:
        path.write_text(json.dumps(notebook), encoding="utf-8")
        return execute(path, {}, ROOT)
    finally:
        path.unlink()
