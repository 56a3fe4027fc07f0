"""What the notebook of ratings shows, for every set of parameters."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pandas as pd
import pytest

from ngolib.display import ratings
from ngolib.display.ratings_figures import ratings_figure
from ngolib.errors import DataError
from ngolib.evidence import lookup
from ngolib.evidence.tables import GRADES
from ngolib.evidence.vdem import ENVIRONMENT, INDICATORS
from ngolib.objects import Figure, Finding

BASE = {
    "countries": ["KAZ", "RUS"],
    "start": 1991,
    "end": 2025,
    "indices": [
        "freedom_in_the_world_pr",
        "freedom_in_the_world_cl",
        "freedom_in_the_world_total",
        "nations_in_transit_civil_society",
        "nations_in_transit_democracy",
        "civicus_monitor",
        "csosi_overall",
    ],
    "fields": [],
    "least_rung": 1,
    "layers": ["corpus", "register"],
    "bound": [],
    "min_confidence": "low",
    "vdem": "",
}
SETS = {
    "default": {},
    "Kyrgyzstan": {"countries": ["KAZ", "KGZ"]},
    "Uzbekistan": {"countries": ["KAZ", "UZB"]},
    "all": {"countries": ["KAZ", "RUS", "KGZ", "UZB"]},
    "one": {"countries": ["RUS"], "indices": ["freedom_in_the_world_status"]},
    "corpus": {"layers": ["corpus"]},
    "register": {"layers": ["register"]},
    "one year": {"start": 2012, "end": 2012},
    "well judged": {"min_confidence": "high"},
    "one field": {"fields": ["foreign_funding"], "least_rung": 3},
    "empty": {"countries": ["UZB"], "layers": ["corpus"], "start": 1995, "end": 1996},
    "nothing": {"countries": [], "indices": []},
}


@pytest.fixture(autouse=True)
def no_file_in_the_environment(monkeypatch):
    monkeypatch.delenv(ENVIRONMENT, raising=False)


def chosen(project, **change):
    return ratings.select(project, **{**BASE, **change})


def drawn(story):
    return ratings_figure(
        story.series,
        ratings.levels(story),
        story.rises,
        story.index_labels,
        story.country_labels,
        GRADES,
        story.start,
        story.end,
    )


def vdem_file(folder, years=range(1990, 2024)):
    """Make a file in the form of V-Dem's, with invented values and bounds."""
    rows = []
    for n, country in enumerate(("KAZ", "RUS")):
        for year in years:
            row = {"country_text_id": country, "year": year}
            for k, name in enumerate(INDICATORS):
                value = (year * (7 + k + n) % 11) / 5 - 1
                row |= {
                    name: value,
                    f"{name}_codelow": value - 0.3,
                    f"{name}_codehigh": value + 0.3,
                }
            rows.append(row)
    path = folder / "V-Dem-CY-Full+Others-v14.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


@pytest.mark.parametrize("name", SETS)
def test_everything_is_shown_for_any_selection(project, name):
    story = chosen(project, **SETS[name])
    ids = []
    for finding in [*ratings.answer(story), ratings.orientation(story)]:
        assert finding.text.endswith(".")
        ids += finding.evidence
    shown = ratings.figure(story)
    assert shown.alt and shown.svg
    for table in (
        ratings.single_table(story),
        ratings.rises_table(story),
        ratings.association_table(story),
        ratings.figure_table(story),
    ):
        ids += [i for cell in table["evidence"] for i in cell]
    assert len(lookup(ids, project=project)) == len(set(ids))
    assert len(ratings.coverage(story)) == len(story.indices) + 2
    left = ratings.left_out(story)
    assert left["n"].sum() == left["of"].iloc[0]


@pytest.mark.parametrize("name", SETS)
def test_no_label_of_the_figure_overlaps_another_or_leaves_the_page(project, name):
    check_labels(drawn(chosen(project, **SETS[name])))


def check_labels(figure):
    figure.draw_without_rendering()
    boxes = []
    for axes in figure.axes:
        texts = [*axes.texts, *axes.get_yticklabels(), axes.yaxis.label]
        if axes is figure.axes[-1]:
            texts += axes.get_xticklabels()
        low, high = sorted(axes.get_ylim())
        inside = {id(t) for t, y in zip(axes.get_yticklabels(), axes.get_yticks(), strict=True)
                  if low <= y <= high}  # fmt: skip
        ticks = {id(t) for t in axes.get_yticklabels()}
        boxes += [
            t.get_window_extent()
            for t in texts
            if t.get_text() and (id(t) not in ticks or id(t) in inside)
        ]
    hits = [(a, b) for n, a in enumerate(boxes) for b in boxes[n + 1 :] if a.overlaps(b)]
    assert not hits
    assert all(b.x0 >= 0 and b.x1 <= figure.bbox.width + 0.5 for b in boxes)


def test_up_is_freer_in_every_row(project):
    story = chosen(project)
    for axes, index in zip(drawn(story).axes, story.indices, strict=False):
        own = story.series[story.series["index"] == index]
        best = own["number"].min() if own["freedom"].max() < 0 else own["number"].max()
        top = own.loc[own["freedom"].idxmax(), "number"]
        assert top == best
        assert axes.get_ylim()[0] < axes.get_ylim()[1]


def test_a_gap_is_not_drawn_over(project):
    story = chosen(project, countries=["KAZ"], indices=["nations_in_transit_civil_society"])
    lines = [line for line in drawn(story).axes[0].lines if line.get_zorder() == 3]
    assert lines
    for line in lines:
        years = list(line.get_xdata())
        assert all(b - a == 1 for a, b in pairwise(years))


def test_an_empty_selection_says_so_and_names_no_evidence(project):
    story = chosen(project, **SETS["empty"])
    for finding in ratings.answer(story):
        assert not finding.evidence and finding.no_evidence
        assert "documented" in finding.text or "no coefficient" in finding.text


def test_the_findings_change_where_the_data_differ(project):
    story = chosen(project)
    own = story.ratings
    other = replace(
        story,
        ratings=own[~((own["index"] == "nations_in_transit_democracy") & (own["year"] > 2010))],
        rules=story.rules[story.rules["category"] != "assembly"],
    )
    pairs = zip(
        [*ratings.answer(story), ratings.orientation(story)],
        [*ratings.answer(other), ratings.orientation(other)],
        strict=True,
    )
    assert all(a.text != b.text for a, b in pairs)
    assert ratings.figure(story).alt != ratings.figure(other).alt


def test_no_sentence_says_more_than_the_data_do(project):
    story = chosen(project, countries=["KAZ", "RUS", "KGZ", "UZB"])
    words = " ".join(f.text for f in ratings.answer(story)) + ratings.figure(story).alt
    for word in ("because", "follows", "copied", "significant", "caused"):
        assert word not in words


def test_without_a_file_there_is_one_line_in_place_of_vdem(project):
    shown = ratings.vdem_shown(chosen(project))
    assert isinstance(shown, Finding) and shown.no_evidence
    assert "No V-Dem file is given" in shown.text
    wrong = ratings.vdem_shown(chosen(project, vdem="no-such-v14.csv"))
    assert isinstance(wrong, Finding)
    assert wrong.text == "V-Dem: no-such-v14.csv: no such file."


def test_with_a_file_vdem_is_drawn_with_its_bounds(project, tmp_path):
    story = chosen(project, vdem=str(vdem_file(tmp_path)))
    shown = ratings.vdem_shown(story)
    assert isinstance(shown, Figure)
    assert "release 14" in shown.caption and "bounds" in shown.caption
    assert str(tmp_path) not in shown.alt + shown.caption
    assert set(INDICATORS) <= set(story.association["index"])
    finding = ratings.moved_together(story)
    assert "V-Dem" in finding.text
    figure = ratings_figure(
        story.both[story.both["index"].isin(INDICATORS)],
        pd.DataFrame(),
        story.rises,
        INDICATORS,
        story.country_labels,
        {},
        story.start,
        story.end,
    )
    assert all(len(axes.collections) == 2 for axes in figure.axes)  # a band for each country
    check_labels(figure)


def test_a_rung_that_does_not_exist_is_refused(project):
    with pytest.raises(DataError, match="1 to 4"):
        chosen(project, least_rung=5)


def test_robustness_shows_every_threshold(project):
    table = ratings.robustness(project, BASE).set_index("choice")
    assert table.loc["corpus only", "values"] == 0
    assert table.loc["corpus only", "Russia, fields at the end"] == "not documented"
    last = [table.loc[f"fields with rung {n} or more", "Russia, fields at the end"] for n in (1, 4)]
    assert last[0] >= last[1]
    assert len(table) == 10


def test_coefficients_that_hang_on_the_threshold_are_said_to(project):
    finding = ratings.stability(project, BASE)
    assert finding.text.endswith("series.")
    assert set(finding.evidence) and len(finding.value) >= 2
    nothing = ratings.stability(project, {**BASE, "layers": ["corpus"]})
    assert not nothing.evidence and nothing.no_evidence


def test_why_a_series_is_empty_is_told_apart(project):
    cells = ratings.coverage(chosen(project, countries=["UZB"], start=2000, end=2010))["Uzbekistan"]
    assert {"none in this selection", "no value in the register"} <= set(cells)
    corpus = ratings.coverage(chosen(project, layers=["corpus"]))["Russia"]
    assert "no value in the register" not in set(corpus)
