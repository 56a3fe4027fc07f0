"""What the notebooks show follows their parameters, and survives an empty selection."""

from __future__ import annotations

import re

import pandas as pd
import pytest
import runs

from ngolib.analysis.compare import EMPTY, side_by_side
from ngolib.analysis.timeline import LEGS
from ngolib.display import figures, reforms, restrictions, sentences
from ngolib.display.figures import panel_figure, timeline_figure, with_starts
from ngolib.evidence import lookup
from ngolib.objects import EvidenceTable

ALL = ["corpus", "register"]
WHOM: list[str] = []


def compared(
    project,
    countries=("KAZ", "RUS"),
    start=1991,
    end=2025,
    fields=(),
    layers=ALL,
    in_depth="foreign_funding",
    confidence="low",
    reliability="E",
):
    return restrictions.select(
        project,
        list(countries),
        start,
        end,
        list(fields),
        in_depth,
        layers,
        WHOM,
        confidence,
        reliability,
    )


def told(
    project,
    country="KAZ",
    start=1991,
    end=2025,
    categories=(),
    layers=ALL,
    confidence="low",
    reliability="E",
):
    levels = ["rule", "policy"]
    return reforms.select(
        project,
        country,
        start,
        end,
        list(categories),
        levels,
        layers,
        WHOM,
        confidence,
        reliability,
    )


# The sets of parameters of `test_parameter_sets.py`, for the functions that draw.
COMPARED = {
    "default": {},
    "Kazakhstan–Kyrgyzstan": {"countries": ("KAZ", "KGZ")},
    "Kazakhstan–Uzbekistan": {"countries": ("KAZ", "UZB")},
    "all four": {"countries": ("KAZ", "RUS", "KGZ", "UZB")},
    "corpus only": {"layers": ["corpus"]},
    "register only": {"layers": ["register"]},
    "empty": {"countries": ("UZB", "KGZ"), "layers": ["corpus"], "fields": ("religion",)},
    "no country": {"countries": ()},
    "a single year": {"start": 2012, "end": 2012},
    "a dozen years": {"start": 2010, "end": 2022},
    "one field": {"fields": ("registration_entry",)},
    "well-judged": {"confidence": "high", "reliability": "B"},
}
TOLD = {
    "default": {},
    "Russia": {"country": "RUS"},
    "Kyrgyzstan": {"country": "KGZ"},
    "Uzbekistan": {"country": "UZB"},
    "corpus only": {"layers": ["corpus"]},
    "register only": {"layers": ["register"]},
    "empty": {"country": "UZB", "layers": ["corpus"], "categories": ("religion",)},
    "a single year": {"start": 2012, "end": 2012},
    "two years": {"start": 2005, "end": 2006},
    "a dozen years": {"start": 2010, "end": 2022},
    "one category": {"categories": ("participation_consultation",)},
    "well-judged": {"confidence": "high", "reliability": "B"},
}


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
    assert len(restrictions.matrix_table(selection).plain) == len(selection.fields)
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


@pytest.mark.parametrize("country", ["KGZ", "UZB"])
def test_what_was_not_searched_is_not_called_empty(project, country):
    """A cell is `searched, none found` only where every year has a row of the search log."""
    log = project.read_table("search_log")
    log = log[(log["country"] == country) & (log["status"] != "not_searched")]
    searched = {
        category
        for category, own in log.groupby("category")
        if set(range(1991, 2026))
        <= {y for r in own.itertuples() for y in range(r.period_start, r.period_end + 1)}
    }
    # Searched in the form of Kazakhstan and Russia; religion was not.
    assert {"registration_entry", "foreign_funding", "reporting_oversight"} <= searched
    assert "religion" not in searched
    matrix = compared(project, countries=[country]).matrix.set_index("category")["state"]
    for category, state in matrix.items():
        if category in searched:
            assert state != "not_searched", category
        else:
            assert state not in ("none_found", "found_other"), category


def test_the_law_of_2024_is_documented_for_kyrgyzstan(project):
    # The law on "foreign representatives" was signed and came into force in 2024.
    selection = compared(project, countries=["KAZ", "KGZ"])
    panel = selection.panel.set_index(["country", "field", "year"])
    before, after = (panel.loc[("KGZ", "foreign_funding", y), "rung"] for y in (2023, 2024))
    assert after == 3
    assert pd.isna(before) or before < 3


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


@pytest.mark.parametrize("choice", COMPARED.values(), ids=COMPARED)
def test_no_labels_overlap_in_the_figures_of_rungs_and_breadth(project, choice):
    own = compared(project, **choice)
    panel = panel_figure(with_starts(own.panel), own.field_labels, own.country_labels)
    breadth = figures.breadth_figure(own.breadth, own.country_labels, len(own.fields))
    assert runs.label_problems(panel) == []
    assert runs.label_problems(breadth) == []
    for alt in (restrictions.alt_of_panel(own), restrictions.alt_of_breadth(own)):
        assert re.search(r"\d", alt) and alt.endswith(".")


@pytest.mark.parametrize("choice", TOLD.values(), ids=TOLD)
def test_no_labels_overlap_in_the_figures_of_reforms(project, choice):
    own = told(project, **choice)
    rest = (own.offices, own.coverage, own.category_labels, own.start, own.end)
    directions = ["restrictive", "mixed", "neutral", "enabling"]
    for figure in (
        figures.timeline_figure(own.lanes, *rest),
        figures.life_figure(own.lives, *rest),
        figures.durations_figure(own.durations, LEGS),
        figures.yearly_figure(own.yearly, directions),
    ):
        assert runs.label_problems(figure) == []
    for alt in (
        reforms.alt_of_timeline(own),
        reforms.alt_of_lives(own),
        reforms.alt_of_durations(own),
        reforms.alt_of_yearly(own),
    ):
        assert re.search(r"\d|[Nn]othing|[Nn]o ", alt) and alt.endswith(".")


@pytest.mark.parametrize("rows", [0, 1, 8])
def test_no_labels_overlap_in_the_figure_of_lines(rows):
    counts = pd.DataFrame(
        {"text kept": [9] * rows, "set aside": [11] * rows, "blank": [300] * rows},
        index=[f"a-long-name-of-a-source-{n}" for n in range(rows)],
    )
    assert runs.label_problems(figures.lines_figure(counts)) == []


def test_overlaps_and_labels_that_leave_the_figure_are_found():
    figure = figures.new_figure(2)
    figure.text(0.5, 0.5, "one")
    figure.text(0.5, 0.5, "other")
    figure.text(0.99, 0.9, "long words at the edge")
    problems = runs.label_problems(figure)
    assert problems == ["'one' overlaps 'other'", "'long words at the edge' leaves the figure"]


@pytest.mark.parametrize(
    ("places", "gap", "moved"),
    [
        ([], 1, []),
        ([3.0], 1, [3.0]),
        ([1.0, 5.0], 1, [1.0, 5.0]),
        ([2.0, 2.0], 1, [1.5, 2.5]),
        ([5.0, 1.0, 1.2], 1, [5.0, 0.6, 1.6]),
    ],
)
def test_labels_are_spread_around_their_middle(places, gap, moved):
    assert figures.spread(places, gap) == pytest.approx(moved)


def test_every_cell_of_the_matrix_that_says_something_has_its_own_evidence(project):
    selection = compared(project)
    for table in (restrictions.matrix_table(selection), restrictions.apart_table(selection)):
        names = list(selection.country_labels.values())
        shown = table.frame.to_dict(orient="records")
        for row, plain in zip(shown, table.plain.to_dict(orient="records"), strict=True):
            for name in names:
                ids = re.findall(r'href="#ev-([^"]+)"', str(row[name]))
                state = re.search(r"ngo-cell-(\w+)", str(row[name]))[1]
                assert bool(ids) == (state not in EMPTY), (row, name)
                assert plain[f"{name}_evidence"] == "; ".join(ids)
                assert "<" not in plain[name]
        assert len(lookup(table.evidence, project=project)) == len(table.evidence)
        assert isinstance(table, EvidenceTable)


def test_evidence_of_a_cell_is_that_of_its_country(project):
    selection = compared(project)
    countries = dict(zip(selection.rules["rule_id"], selection.rules["country"], strict=True))
    for cell in selection.matrix.to_dict(orient="records"):
        assert {countries[i] for i in cell["evidence"] if i in countries} <= {cell["country"]}


def test_sanctions_practice_and_context_are_not_counted_as_fields(project):
    selection = compared(project)
    assert not set(selection.fields) & set(selection.apart_kinds)
    table = restrictions.apart_table(selection).plain
    assert list(dict.fromkeys(table["kind"])) == ["sanction", "practice", "context"]
    assert set(selection.matrix["category"]) == set(selection.fields)
    # They are shown whatever the fields are.
    one = compared(project, fields=("religion",))
    assert list(one.matrix["category"].unique()) == ["religion"]
    assert len(restrictions.apart_table(one).plain) == len(table)


def test_what_is_documented_for_one_side_only_says_whether_the_other_was_searched(project):
    selection = compared(project, countries=("KAZ", "UZB"))
    table = restrictions.one_sided_table(selection)
    finding = sentences.documented_for_one(
        selection.periods, selection.one_sided, selection.country_labels, "register"
    )
    value = finding.value
    gaps = value["found"] + value["none_found"] + value["not_searched"]
    assert gaps == len(table) and value["one_sided"] <= value["pairs"]
    assert value["not_searched"] > 0
    assert set(table["search_for_the_other"]) <= set(restrictions.SEARCH.values())
    assert "only Kazakhstan has" not in finding.text
    log = selection.search_log
    for row in selection.one_sided.itertuples():
        own = log[(log["country"] == row.other) & (log["category"] == row.category)]
        own = own[(own["period_start"] <= row.last) & (own["period_end"] >= row.first)]
        assert (row.search == "not_searched") == own[own["status"] != "not_searched"].empty


def test_an_empty_selection_names_what_was_asked(project):
    selection = compared(
        project, countries=("UZB",), layers=["corpus"], fields=("religion",), in_depth="religion"
    )
    (finding,) = restrictions.answer(selection)
    assert "Nothing is documented" in finding.text and finding.value == {"documented": 0}
    assert all(w in finding.text for w in ("Uzbekistan", "1991–2025", "Religion", "corpus"))
    story = told(project, country="UZB", layers=["corpus"], categories=("religion",))
    (finding,) = reforms.answer(story)
    assert "Nothing is documented" in finding.text and "Uzbekistan" in finding.text


def test_weak_texts_can_be_left_out(project):
    weak, good = (
        reforms.answer(told(project, layers=["corpus"], reliability=r))[0] for r in ("E", "B")
    )
    assert sum(good.value.values()) < sum(weak.value.values())
    texts = [len(told(project, reliability=r).texts) for r in ("E", "B", "A")]
    assert texts[0] > texts[1] > texts[2] == 0


def test_robustness_drops_the_weak_texts_and_the_uncertain_dates(project):
    values = {
        "countries": ["KAZ", "RUS"],
        "start": 1991,
        "end": 2025,
        "fields": [],
        "in_depth": "assembly",
        "layers": ALL,
        "bound": WHOM,
        "min_confidence": "low",
        "min_reliability": "E",
    }
    table = restrictions.robustness(project, values).set_index("choice")
    assert table.loc["as chosen", "cells_that_differ"].startswith("0 of ")
    assert table.loc["corpus only", "Kazakhstan"] == 0
    assert table.loc["rules dated to the day only", "Kazakhstan"] <= table.loc["as chosen"].iloc[0]
    assert {"without texts of reliability D and E", "without presumed starts"} <= set(table.index)


def test_lives_say_how_many_acts_of_how_many_are_drawn(project):
    story = told(project)
    drawn = story.lives["process_id"].nunique()
    assert drawn == reforms.MOST_ROWS
    all_acts = story.events["process_id"].nunique()
    assert f"the {drawn} best documented of {all_acts} acts" in reforms.caption_of_lives(story)
    few = told(project, categories=("religion",))
    assert "best documented of" not in reforms.caption_of_lives(few)
    assert len(reforms.lives_table(story)) == drawn


def test_durations_shown_are_those_computed(project):
    story = told(project)
    summary = reforms.durations_summary(story)
    table = reforms.durations_table(story)
    said = table[~table["days"].isin(["a step has no date", "contrary order"])]
    assert summary["acts"].sum() == len(said)
    assert len(summary) == len(LEGS)
    finding = reforms.answer(story)[2]
    assert finding.name == "durations" and finding.evidence


def test_a_year_is_written_once():
    assert sentences.years(2012, 2012) == "2012"
    assert sentences.years(1991, 2025) == "1991–2025"


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
    assert list(apart.fields) == ["religion"]
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
