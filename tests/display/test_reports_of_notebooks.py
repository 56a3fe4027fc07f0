"""What the notebooks show follows their parameters, and survives an empty selection."""

from __future__ import annotations

import pytest

from ngolib.analysis.compare import side_by_side
from ngolib.display import reforms, restrictions, sentences
from ngolib.display.figures import panel_figure, timeline_figure, with_starts

ALL = ["corpus", "register"]
WHOM = ["ngo", "everyone"]


def compared(
    project,
    countries=("KAZ", "RUS"),
    start=1991,
    end=2025,
    fields=(),
    layers=ALL,
    in_depth="foreign_funding",
):
    return restrictions.select(
        project, list(countries), start, end, list(fields), in_depth, layers, WHOM, "low"
    )


@pytest.mark.parametrize(
    "choice",
    [
        {},
        {"countries": ("KAZ", "KGZ")},
        {"layers": ["corpus"]},
        {"layers": ["register"]},
        {"start": 2012, "end": 2012},
        {"countries": ("UZB",), "layers": ["corpus"], "fields": ("religion",)},
    ],
)
def test_restrictions_are_compared_for_any_selection(project, choice):
    selection = compared(project, **choice)
    findings = restrictions.answer(selection)
    assert all(f.text.endswith(".") for f in findings)
    assert len(restrictions.matrix_table(selection)) == len(selection.categories)
    assert len(selection.panel) == (
        len(selection.countries) * len(selection.fields) * (selection.end - selection.start + 1)
    )
    restrictions.left_out(selection)
    figure = panel_figure(
        with_starts(selection.panel), selection.field_labels, selection.country_labels
    )
    assert figure.axes


def test_findings_change_where_the_data_differ(project):
    texts = {
        tuple(f.text for f in restrictions.answer(compared(project, end=year)))
        for year in (2000, 2012, 2025)
    }
    assert len(texts) == 3


def test_without_the_register_no_rule_is_said_to_be_in_force(project):
    matrix = compared(project, layers=["corpus"]).matrix
    assert not set(matrix["state"]) & {"in_force", "both", "none_found", "not_searched"}


def test_kyrgyzstan_was_not_searched_and_is_not_called_empty(project):
    matrix = compared(project, countries=["KGZ"]).matrix
    assert "not_searched" in set(matrix["state"])
    assert "none_found" not in set(matrix["state"])


@pytest.mark.parametrize("country", ["KAZ", "RUS", "UZB"])
@pytest.mark.parametrize("layers", [ALL, ["corpus"], ["register"]])
def test_the_timeline_is_drawn_for_any_selection(project, country, layers):
    story = reforms.select(
        project, country, 1991, 2025, [], ["rule", "policy"], layers, WHOM, "low"
    )
    for finding in reforms.answer(story):
        assert finding.text.endswith(".")
    figure = timeline_figure(
        story.lanes, story.offices, story.coverage, story.category_labels, 1991, 2025
    )
    assert len(figure.axes) == 2
    assert len(reforms.steps_table(story)) == len(story.lanes)


def test_an_act_stands_once_under_one_president(project):
    story = reforms.select(project, "KAZ", 1991, 2025, [], ["rule"], ALL, WHOM, "low")
    table = reforms.by_presidency(story)
    enacted = story.events[
        story.events["stage"].isin(("adopted", "signed", "published", "in_force"))
        & ~story.events["scheduled"]
        & story.events["date_start"].notna()
    ]
    counted = table[["restrictive", "mixed", "neutral", "enabling"]].sum().sum()
    assert counted == enacted["process_id"].nunique()


def test_labels_of_the_panel_do_not_overlap(project):
    selection = compared(project)
    figure = panel_figure(
        with_starts(selection.panel), selection.field_labels, selection.country_labels
    )
    figure.draw_without_rendering()
    axes = figure.axes[0]
    boxes = [t.get_window_extent() for t in axes.texts if len(t.get_text()) > 2]
    boxes += [t.get_window_extent() for t in axes.get_yticklabels()]
    assert not any(a.overlaps(b) for n, a in enumerate(boxes) for b in boxes[n + 1 :])
    width = figure.bbox.width
    assert all(box.x0 >= 0 and box.x1 <= width for box in boxes)


def test_words_of_a_list():
    assert sentences.listed([]) == "none"
    assert sentences.listed(["a", "b", "c"]) == "a, b and c"
    assert sentences.counted(1, "country", "countries") == "1 country"


def test_spells_of_the_panel_hold_every_documented_year(project):
    selection = compared(project)
    spells = restrictions.panel_spells(selection)
    years = (spells["last"] - spells["first"] + 1).sum()
    assert years == (selection.panel["basis"] != "").sum()


def test_the_field_in_depth_need_not_be_among_those_compared(project):
    apart = compared(project, fields=("religion",), in_depth="assembly")
    whole = compared(project, in_depth="assembly")
    assert list(apart.categories) == ["religion"]
    tables = [
        side_by_side(s.rules, s.countries, "assembly", s.start, s.end) for s in (apart, whole)
    ]
    assert len(tables[0]) > 10
    assert tables[0].equals(tables[1])
    assert restrictions.answer(apart)[2].text == restrictions.answer(whole)[2].text


def test_rules_used_and_left_out_add_up(project):
    rows = restrictions.left_out(compared(project))
    for _, part in rows.groupby("rows"):
        assert part["n"].sum() == part["of"].iloc[0]
