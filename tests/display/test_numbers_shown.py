"""What the notebook of numbers shows, for each set of parameters."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from runs import label_problems

from ngolib.display import numbers
from ngolib.display.numbers_figures import counts_figure
from ngolib.errors import ParameterError
from ngolib.evidence import lookup

DEFAULT = {
    "countries": ["KAZ", "RUS"],
    "start": 1991,
    "end": 2025,
    "layers": ["corpus", "register"],
    "min_reliability": "E",
    "keep_unjudged": True,
    "min_confidence": "low",
    "unit": "organisations",
    "off_topic": False,
}
SETS = {
    "default": {},
    "Kazakhstan-Kyrgyzstan": {"countries": ["KAZ", "KGZ"]},
    "Kazakhstan-Uzbekistan": {"countries": ["KAZ", "UZB"]},
    "corpus only": {"layers": ["corpus"]},
    "register only": {"layers": ["register"]},
    "nothing": {"countries": ["KGZ"], "start": 1995, "end": 1996},
    "one year": {"start": 2020, "end": 2020},
    "well judged": {"min_reliability": "B", "keep_unjudged": False, "min_confidence": "high"},
    "every country, every text": {"countries": [], "off_topic": True},
    "money": {"unit": "KZT"},
    "one country": {"countries": ["UZB"]},
}
TABLES = [
    numbers.coverage,
    numbers.left_out,
    numbers.claims_table,
    numbers.beside_table,
    numbers.redone_table,
    numbers.growth_table,
    numbers.series_shown,
    numbers.line_table,
    numbers.at_once_table,
]


KEPT: dict[str, numbers.Numbers] = {}


def chosen(project, **change):
    """Choose once for each set: what a selection has worked out is kept."""
    key = json.dumps(change, sort_keys=True)
    if key not in KEPT:
        KEPT[key] = numbers.select(project, **{**DEFAULT, **change})
    return KEPT[key]


@pytest.mark.parametrize("change", SETS.values(), ids=SETS)
def test_every_set_of_parameters_is_shown(project, change):
    selection = chosen(project, **change)
    ids = []
    for finding in numbers.answer(selection):
        assert finding.text.endswith(".")
        assert finding.layer in ("corpus", "register", "both")
        ids += finding.evidence
    for table in TABLES:
        shown = table(selection)
        assert isinstance(shown, pd.DataFrame)
        ids += [i for cell in shown.get("evidence", ()) for i in cell]
    for money in (False, True):
        rows = numbers.drawn(selection, money)
        ids += [i for cell in numbers.drawn_table(rows)["evidence"] for i in cell]
        assert numbers.alt_of_counts(rows, "count")
        figure = counts_figure(rows, selection.start, selection.end, sizes=not money)
        assert label_problems(figure) == []
    assert len(lookup(ids, project=project)) == len(set(ids))


def test_findings_change_where_the_data_differ(project):
    names = ("default", "Kazakhstan-Kyrgyzstan", "corpus only", "one year", "nothing")
    texts = [tuple(f.text for f in numbers.answer(chosen(project, **SETS[n]))) for n in names]
    assert len(set(texts)) == len(texts)
    selection = chosen(project)
    fewer = numbers.Numbers(
        **{
            **{f: getattr(selection, f) for f in selection.__dataclass_fields__},
            "counts_all": selection.counts_all[selection.counts_all["series"] != "ngo_total"],
        }
    )
    for finding in (numbers.not_one_series, numbers.arithmetic):
        assert finding(selection).text != finding(fewer).text


def test_an_empty_selection_says_that_nothing_is_documented(project):
    for finding in numbers.answer(chosen(project, **SETS["nothing"])):
        assert not finding.evidence
        assert finding.no_evidence


def test_not_asked_for_and_not_found_are_two_signs(project):
    table = numbers.coverage(chosen(project, layers=["register"]))
    assert set(table["claims_in_texts"]) == {"layer not asked for"}
    table = numbers.coverage(chosen(project, countries=["RUS"], start=2025, end=2025))
    assert set(table["claims_in_texts"]) == {"read, none found in this selection"}


def test_what_is_used_and_left_out_adds_up(project):
    for change in SETS.values():
        selection = chosen(project, **change)
        rows = numbers.left_out(selection)
        used = rows.groupby("numbers")["n"].sum()
        assert used["claims of the texts"] == len(selection.claims_all)
        assert used["counts of the register"] == len(selection.counts_all)


def test_each_sum_names_the_rows_that_it_uses(project):
    selection = chosen(project, countries=[])
    known = {*selection.claims["number_id"], *selection.counts["count_id"]}
    table = numbers.redone_table(selection)
    assert set(table["layer"]) == {"corpus", "register"}
    for row in table.itertuples():
        assert len(row.evidence) >= 2
        assert set(row.evidence) <= known
        assert row.uses == "; ".join(row.evidence)


def test_a_count_that_rests_on_a_text_is_no_second_source(project):
    table = numbers.beside_table(chosen(project))
    own = table[table["rests_on"] == "the text itself"]
    assert len(own)
    rows = numbers.drawn(chosen(project), money=False)
    assert {"register", "text in register", "corpus"} <= set(rows["layer"])


def test_money_and_things_are_never_on_one_scale(project):
    selection = chosen(project, countries=[])
    things, money = (numbers.drawn(selection, m) for m in (False, True))
    assert not set(things["unit"]) & set(money["unit"])
    drawn = len(things) + len(money)
    with_series = selection.claims["series"] != ""
    assert drawn == len(selection.counts) + int(with_series.sum())


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ((16000, "NGOs", "about"), "~16,000 NGOs"),
        ((1.8e9, "tenge", "exact"), "1.8 bn tenge"),
        ((4.3e6, "US dollars", "at_least"), ">4.3 m US dollars"),
        ((6, "years", "at_most"), "≤6 years"),
        ((1, "per cent", "exact", 2), "1–2 per cent"),
        ((5, "", "exact"), "5"),
    ],
)
def test_how_a_number_is_written(number, text):
    assert numbers.printed(*number) == text


def test_an_unknown_unit_is_one_clear_line(project):
    with pytest.raises(ParameterError, match="unknown unit 'organisation'; did you mean"):
        chosen(project, unit="organisation")


def test_robustness_has_a_row_for_each_other_choice(project):
    rows = numbers.robustness(project, DEFAULT).set_index("choice")
    assert rows.index.is_unique
    assert rows.loc["register only", "claims"] == 0
    assert rows.loc["corpus only", "counts"] == 0
