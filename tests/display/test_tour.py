"""The guided tour: its steps, its exercises and their solutions."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from ngolib.display import tour
from ngolib.evidence import load_events, load_statements
from ngolib.texts import load_articles, read_source

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "00_start_here.ipynb"
SOLUTION = re.compile(r"<details><summary>Solution</summary>\s+```python\n(.+?)```", re.DOTALL)


def test_every_exercise_has_a_solution_that_runs(capsys):
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    names: dict = {}
    exercises = 0
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            exec(source, names)  # the tour itself
            continue
        solutions = SOLUTION.findall(source)
        assert len(solutions) == source.count("**Exercise")
        for solution in solutions:
            exec(solution, names)
            exercises += 1
    assert exercises == 8
    # Exercise 5 asks for an error that says what is allowed.
    assert "foreign_funding" in capsys.readouterr().out


def test_a_quote_is_cut_out_of_the_raw_text_and_a_moved_one_is_caught(project):
    statements = load_statements(project=project)
    source_of = load_articles(project=project).set_index("article_id")["source_id"]
    texts = {
        s.source_id: read_source(project.data / s.path)
        for s in project.read_table("sources").itertuples()
    }
    own = statements.assign(source_id=statements["article_id"].map(source_of))
    assert set(tour.at_its_place(own, texts, len(own))["verbatim"]) == {"yes"}
    moved = own.assign(start=own["start"] + 1)
    assert "no" in set(tour.at_its_place(moved, texts)["verbatim"])


@pytest.mark.parametrize("country", ["KAZ", "UZB"])
@pytest.mark.parametrize("layers", [["corpus"], ["register"], ["corpus", "register"]])
def test_an_act_is_counted_once_by_year(project, country, layers):
    events = load_events(layers, [country], 1991, 2025, project=project)
    table = tour.per_year(events, 1991, 2025)
    assert len(table) == 35
    dated = events[events["date_start"].notna()].sort_values("date_start")
    first = dated.drop_duplicates("process_id")["date_start"].dt.year
    total = table.drop(columns="year").sum().sum()
    assert total == first.between(1991, 2025).sum()


def test_an_empty_selection_is_said_and_drawn(project):
    events = load_events(["corpus"], ["UZB"], 1991, 1992, project=project)
    assert events.empty
    finding = tour.by_direction(events, "Uzbekistan", "Assembly", "corpus")
    assert finding.text == "Uzbekistan, assembly: 0 acts with a documented step."
    table = tour.per_year(events, 1991, 1992)
    columns = ["restrictive", "enabling"]
    assert tour.bars(table, columns, "acts").axes
    assert "nothing is documented" in tour.alt_of_bars(table, columns, "acts")


def test_the_wrong_chart_is_caught_by_the_articles_behind_it():
    articles = pd.DataFrame({"article_id": ["a", "b"], "published_start": ["2006-07-25", "2014"]})
    statements = pd.DataFrame({"article_id": ["a", "a", "b"]})
    table = tour.statements_per_year(statements, articles, 2005, 2014)
    assert table.loc[table["year"] == 2006, "statements"].item() == 2
    finding = tour.caught(table)
    assert finding.value == {"years_with_articles": [2006, 2014], "without": 8}
    assert finding.text.startswith("3 statements from articles of 2 years; the other 8 years")


def test_labels_of_the_bars_stay_inside_and_apart(project):
    events = load_events(countries=["KAZ"], start=1991, end=2025, project=project)
    figure = tour.bars(tour.per_year(events, 1991, 2025), list(tour.HATCHES), "acts")
    figure.draw_without_rendering()
    legend = figure.axes[0].get_legend()
    boxes = [text.get_window_extent() for text in legend.get_texts()]
    assert not any(a.overlaps(b) for n, a in enumerate(boxes) for b in boxes[n + 1 :])
    assert all(box.x1 <= figure.bbox.width for box in boxes)
