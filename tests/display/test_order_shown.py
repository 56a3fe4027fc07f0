"""What the notebook of the order of adoption shows, for every set of parameters."""

from __future__ import annotations

import re

import pytest
from runs import label_problems

from ngolib.analysis import order as analysis
from ngolib.display import order
from ngolib.errors import ParameterError
from ngolib.evidence import lookup
from ngolib.objects import Figure

BASE = {
    "countries": ["KAZ", "RUS"],
    "contrast": "KGZ",
    "start": 1991,
    "end": 2026,
    "categories": [],
    "likeness": ["close", "partial", "functional"],
    "layers": ["corpus", "register"],
    "levels": ["rule", "policy"],
    "bound": [],
    "min_confidence": "low",
    "min_reliability": "E",
    "keep_unjudged": True,
}
SETS = {
    "default": {},
    "Kyrgyzstan": {"countries": ["KAZ", "KGZ"]},
    "Uzbekistan": {"countries": ["KAZ", "UZB"]},
    "swapped": {"countries": ["RUS", "KAZ"]},
    "Russia and Kyrgyzstan": {"countries": ["RUS", "KGZ"], "contrast": "KAZ"},
    "corpus": {"layers": ["corpus"]},
    "register": {"layers": ["register"]},
    "empty": {"categories": ["religion"], "layers": ["register"], "countries": ["UZB", "KGZ"]},
    "one year": {"start": 2012, "end": 2012},
    "two years": {"start": 2019, "end": 2020, "contrast": None},
    "well judged": {
        "min_confidence": "high",
        "min_reliability": "C",
        "keep_unjudged": False,
    },
    "one field": {"categories": ["foreign_funding"], "likeness": ["close"]},
}
# Words that would say more than dates can.
TOO_MUCH = re.compile(r"\b(follow(s|ed)?|cop(y|ies|ied)|because|caused?|led to|only \w+ has)\b")


def chosen(project, **change):
    return order.select(project, **{**BASE, **change})


def findings(selection):
    return [
        *order.answer(selection),
        order.lags_told(selection),
        order.unmatched_told(selection),
        order.contrast_told(selection),
    ]


@pytest.mark.parametrize("name", SETS)
def test_everything_is_shown_for_any_selection(project, name):
    selection = chosen(project, **SETS[name])
    ids = []
    for finding in findings(selection):
        assert finding.text.endswith(".")
        assert finding.evidence or finding.no_evidence
        assert not TOO_MUCH.search(finding.text), finding.text
        ids += finding.evidence
    for table in (
        order.pairs_table(selection, selection.pairs),
        order.elements_table(selection),
        order.pending_table(selection),
        order.never_table(selection),
        order.unmatched_table(selection),
        order.influence_table(selection),
        order.contacts_table(selection),
        order.links_table(selection),
        order.links_table(selection, on_civil_society=False),
        *(order.by_category(selection, kind) for kind in order.KINDS),
    ):
        ids += [i for cell in table.get("evidence", ()) for i in cell]
    ids += [i for cell in order.contrast_table(selection).get("evidence", ()) for i in cell]
    assert len(lookup(ids, project=project)) == len(set(ids))
    assert len(order.searched(selection)) == len(selection.categories)
    left = order.left_out(selection)
    for _, part in left.groupby("rows"):
        assert part["n"].sum() == part["of"].iloc[0]
    order.signs_table(selection)


@pytest.mark.parametrize("name", SETS)
def test_figures_can_be_read_and_are_told_in_words(project, name):
    selection = chosen(project, **SETS[name])
    for drawing, alt in (
        *(
            (order.pairs_drawing(selection, k), order.alt_of_pairs(selection, k))
            for k in order.KINDS
        ),
        (order.links_drawing(selection), order.alt_of_links(selection)),
    ):
        assert label_problems(drawing) == []
        assert Figure("x", drawing, alt, "caption", selection.unmatched).svg
        assert re.search(r"\d|no pair|no statement|not asked for|not sought", alt), alt


def test_a_start_without_a_date_stands_in_a_column_of_its_own(project):
    selection = chosen(project)
    pairs = selection.pairs.head(6).copy()
    pairs.loc[pairs.index[0], ["a_earliest", "a_latest"]] = None
    pairs.loc[pairs.index[0], "order"] = "unknown"
    names = dict(zip(selection.countries, selection.sides, strict=True))
    drawing = order.pairs_figure(pairs, selection.labels, names, 1991, 2026)
    assert label_problems(drawing) == []
    assert "no date" in {t.get_text() for t in drawing.axes[0].texts}


def test_findings_change_where_the_data_differ(project):
    texts = {name: tuple(f.text for f in findings(chosen(project, **SETS[name]))) for name in SETS}
    assert len(set(texts.values())) == len(SETS)


def test_the_share_is_read_against_one_half_beside_rules_and_searches(project):
    text = order.order_of_pairs(chosen(project)).text
    assert "one half" in text and "searched block" in text


def test_too_few_pairs_are_not_told(project):
    selection = chosen(project, categories=["religion"])
    assert 0 < len(selection.pairs) < analysis.LEAST
    found = order.order_of_pairs(selection)
    assert "cannot be told from these data" in found.text
    assert found.value["answer"] == "cannot_be_told" and "%" not in found.text


def test_pairs_that_were_not_sought_in_full_are_not_read(project):
    for name in ("Kyrgyzstan", "Uzbekistan"):
        selection = chosen(project, **SETS[name])
        assert "cannot be told" in order.order_of_pairs(selection).text
        assert "not said to be without a counterpart" in order.unmatched_told(selection).text
        table = order.robustness(project, {**BASE, **SETS[name]})
        assert set(table.filter(like="share_of").iloc[:, 0]) == {"cannot be told"}


def test_swapped_countries_give_the_mirrored_answer(project):
    one, other = (order.order_of_pairs(chosen(project, countries=c)).value for c in
                  (["KAZ", "RUS"], ["RUS", "KAZ"]))  # fmt: skip
    assert (one["a_earlier"], one["b_earlier"]) == (other["b_earlier"], other["a_earlier"])


def test_one_layer_alone(project):
    corpus, register = (chosen(project, layers=[layer]) for layer in ("corpus", "register"))
    assert corpus.pairs.empty and len(corpus.links)
    assert len(register.pairs) and register.links.empty
    # What the pairs quote stands in the register; what the texts say of influence does not.
    quoted = register.pairs["influence"].map(lambda kinds: "explicit_reference" in kinds)
    told = order.influence_told(register).value["explicit_reference"]
    assert 0 < told <= quoted.sum()


def test_robustness_is_counted_again_for_each_choice(project):
    table = order.robustness(project, BASE).set_index("choice")
    whole = table.loc["as chosen", "compared"]
    assert table.loc["corpus only", "compared"] == 0
    for name in ("close likeness only", "without presumed starts", "each element once"):
        assert 0 < table.loc[name, "compared"] < whole
    parts = table.loc[["fields only, without sanctions", "sanctions only"], "compared"]
    assert parts.sum() == whole
    spread = order.spread_told(chosen(project), table.reset_index())
    assert 0 <= spread.value["lowest"] <= spread.value["highest"] <= 100


def test_signs_are_counted_in_both_directions(project):
    here, there = (
        order.signs_table(chosen(project, countries=c)) for c in (["KAZ", "RUS"], ["RUS", "KAZ"])
    )
    assert list(here.iloc[:, 2].astype(str)) == list(there.iloc[:, 3].astype(str))
    assert list(here.iloc[:, 3].astype(str)) == list(there.iloc[:, 2].astype(str))


@pytest.mark.parametrize("countries", [["KAZ"], [], ["KAZ", "RUS", "KGZ"]])
def test_a_pair_is_of_two_countries(project, countries):
    with pytest.raises(ParameterError, match="allowed: two"):
        chosen(project, countries=countries)
