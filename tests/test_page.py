"""A page gathers what a notebook says, shows and draws, with everything that it rests on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from ngolib import charts
from ngolib.errors import ParameterError, ReportError
from ngolib.objects import MIME
from ngolib.page import Page

VALUES = {
    "country": "KAZ",
    "start": 1991,
    "end": None,
    "categories": [],
    "levels": ["rule"],
    "layers": ["register"],
    "bound": [],
    "min_confidence": "low",
    "min_reliability": "E",
}
RULE = "KAZ-2016-foreign-funding-law.foreign_funding"
ROWS = pd.DataFrame({"title": ["Law"], "evidence": [(RULE,)]})


@pytest.fixture
def page():
    return Page("03_reform_timeline", VALUES)


def html(shown):
    return BeautifulSoup(shown._repr_mimebundle_()["text/html"], "html.parser")


def test_a_wrong_parameter_is_refused_in_one_line():
    with pytest.raises(ParameterError, match="unknown country 'KAS'; did you mean 'KAZ'"):
        Page("03_reform_timeline", VALUES | {"country": "KAS"})


def test_what_is_shown_says_what_it_rests_on_and_brings_its_evidence(page):
    said = page.answer("a", "One law.", pd.Series({"laws": 1}), ROWS)
    assert said._repr_mimebundle_()[MIME] == {
        "kind": "finding",
        "name": "a",
        "text": "One law.",
        "value": {"laws": 1},
        "layer": "register",
        "evidence": [RULE],
        "no_evidence": "nothing is recorded for this selection",
        "headline": True,
    }
    page.show("t", ROWS, "Laws")
    page.draw("f", charts.nothing(), "Nothing, 0 marks.", "A figure.", ROWS, layer="corpus")
    assert list(page.evidence().items["evidence_id"]) == [RULE]


def test_a_sentence_with_many_pieces_leads_to_its_list(page):
    ids = [f"s{n}" for n in range(40)]
    rows = pd.DataFrame({"evidence": [(i,) for i in ids]})
    soup = html(page.say("a", "Forty.", 40, rows, see="list"))
    links = [a["href"] for a in soup.find_all("a")]
    assert links[-1] == "#list" and len(links) == 7 and soup.find("details") is None
    # What is counted is kept whole, for programs.
    assert page._shown[-1].evidence == tuple(ids)
    assert html(page.show("list", rows, "All")).div["id"] == "list"


def test_a_sentence_without_evidence_says_why(page):
    said = page.say("a", "None.", 0, ROWS.iloc[:0], "nobody has looked")
    assert "(nobody has looked)" in html(said).get_text()


def test_values_are_what_json_holds(page):
    table = pd.DataFrame({"n": [1, None], "day": [pd.Timestamp("2020-02-01"), pd.NaT]}, ["a", "b"])
    said = page.say("a", "x.", {"t": table, "years": {2012}, "none": pd.NA}, ROWS)
    assert said.value["t"] == {"a": {"n": 1.0, "day": "2020-02-01"}, "b": {}}
    assert said.value["years"] == [2012]
    assert said.value["none"] is None


def test_columns_have_the_words_of_the_page(page):
    shown = page.show("t", ROWS.assign(layers="texts"), "Laws")._repr_mimebundle_()[MIME]
    assert shown["columns"] == ["title", "evidence", "rests on"]


def test_an_index_that_tells_something_is_a_column(page):
    shown = page.show("t", pd.Series([1, 2, 4]).describe().to_frame("n"), "Sizes")
    assert shown._repr_mimebundle_()[MIME]["rows"][:2] == [["count", 3.0], ["mean", 7 / 3]]


def test_a_time_of_day_and_a_list_stay_in_a_table(page):
    table = pd.DataFrame({"at": [pd.Timestamp("2020-01-01 12:30")], "all": [np.array([1, 2])]})
    shown = page.show("t", table, "When")._repr_mimebundle_()[MIME]
    assert shown["rows"] == [["2020-01-01T12:30:00", "1; 2"]]


TWICE = pd.Series([1, 2], index=["KAZ", "KAZ"])
NO_VALUES = {"'KAZ' twice": [TWICE, TWICE.to_frame("n")], "found inf": [float("inf")]}


@pytest.mark.parametrize("said", NO_VALUES)
def test_a_value_that_would_lose_something_is_refused_by_the_name_of_its_sentence(page, said):
    for value in NO_VALUES[said]:
        with pytest.raises(ReportError, match=f"finding 'a': .*{said}"):
            page.say("a", "x.", value, ROWS)


def test_an_index_of_several_levels_is_joined(page):
    index = pd.MultiIndex.from_tuples([("KAZ", 1991), ("RUS", 1991)])
    said = page.say("a", "x.", pd.Series([1, 2], index=index), ROWS)
    assert said.value == {"KAZ to 1991": 1, "RUS to 1991": 2}


def test_what_is_made_and_not_shown_is_told_at_the_end(page):
    page.show("first", pd.DataFrame({"a": [1]}), "One")
    last = page.show("last", pd.DataFrame({"a": [1]}), "Two")
    html(last)
    last._repr_mimebundle_()
    with pytest.raises(ReportError, match=r"made, but shown nowhere: first; let each be"):
        page.provenance()
    page.show("first", pd.DataFrame({"a": [1]}), "Shown the second time")._repr_mimebundle_()
    page.provenance()


def test_names_of_rows_are_a_column(page):
    counts = pd.Series(["rule", "rule", "bill"], name="level").value_counts().to_frame("acts")
    assert list(page.show("t", counts, "Acts by level").frame) == ["level", "acts"]
    assert list(page.show("u", counts.reset_index().tail(1), "One").frame) == ["level", "acts"]


def test_an_index_that_would_be_lost_is_told(page):
    table = pd.DataFrame({"level": [3, 5]}, index=pd.Index(["rule", "bill"], name="level"))
    with pytest.raises(ReportError, match="its index and a column are both called 'level'"):
        page.show("t", table, "Levels")


def test_years_of_an_index_without_a_name_are_shown_numbers_of_rows_are_not(page):
    for index, columns in (([2001, 2005], ["year", "n"]), ([3, 2005], ["n"])):
        table = pd.DataFrame({"n": [1, 2]}, index)
        assert list(page.show(f"t{index[0]}", table, "T").frame) == columns
