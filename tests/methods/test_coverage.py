"""What was searched and read: what is not searched is never an empty result."""

from __future__ import annotations

import pandas as pd
import pytest

from ngolib.evidence import load_statements
from ngolib.methods import coverage, coverage_by_year, coverage_of_texts, left_out, search_state
from ngolib.project import Project
from ngolib.texts import load_articles


@pytest.fixture
def log(monkeypatch):
    """Put a search log of our own in the place of the register's."""
    table = pd.DataFrame(
        [
            ("KAZ", "assembly", 1991, 2000, "found"),
            ("KAZ", "assembly", 2001, 2010, "none_found"),
            ("KAZ", "religion", 1991, 2000, "none_found"),
            ("KAZ", "religion", 2001, 2010, "not_searched"),
        ],
        columns=["country", "category", "period_start", "period_end", "status"],
    )
    read = Project.read_table
    monkeypatch.setattr(
        Project, "read_table", lambda self, n: table if n == "search_log" else read(self, n)
    )


@pytest.mark.parametrize(
    ("category", "start", "end", "said"),
    [
        ("assembly", 1991, 2010, "searched, other things found"),
        ("assembly", 2001, 2010, "searched, nothing found"),
        ("assembly", 2001, 2011, "not searched"),
        ("religion", 1995, 2000, "searched, nothing found"),
        ("religion", 2000, 2001, "not searched"),
        ("speech_media", 1995, 1996, "not searched"),
    ],
)
def test_an_empty_field_says_how_far_it_was_searched(log, category, start, end, said):
    assert search_state("KAZ", category, start, end) == said


def test_searches_are_counted_by_period_and_year(log):
    table = coverage(["KAZ", "RUS"]).set_index("period")
    assert table["KAZ_register"].to_list() == [
        "2 categories searched, 1 with a find",
        "1 categories searched, 0 with a find",
    ]
    assert set(table["RUS_register"]) == {"0 categories searched, 0 with a find"}
    years = coverage_by_year("KAZ", 1999, 2002).set_index("year")
    assert years["categories_searched"].to_dict() == {1999: 2, 2000: 2, 2001: 1, 2002: 1}


def test_texts_are_counted_when_they_were_published():
    texts = load_articles().query("relevance == 'on_topic'")
    whole, reliable = (coverage_by_year("KAZ", 1991, 2026, least)["articles"] for least in "EB")
    assert whole.sum() >= len(texts) and 0 < reliable.sum() < whole.sum()


def test_each_text_says_how_far_it_is_coded():
    texts, said = coverage_of_texts(), load_statements()
    assert texts["article_id"].to_list() == load_articles()["article_id"].to_list()
    assert texts["statements"].sum() == len(said)
    assert (texts["sentences_coded"] <= texts["sentences"]).all()
    assert ((texts["sentences_coded"] > 0) == (texts["statements"] > 0)).all()
    # Of ours nothing waits to be filled in: what is not known says why.
    assert set(texts["open"]) == {""}
    told = coverage(["KAZ"]).set_index("period").loc["2002–2011", "texts"]
    (own,) = texts[texts["published"].str[:3] == "200"].to_dict("records")
    said = "1, with {statements} statements in {sentences_coded} of {sentences} sentences"
    assert told == said.format_map(own)
    assert len(coverage_of_texts("B")) < len(texts)


def test_what_is_left_out_is_told_as_a_share():
    told = left_out("steps", 1, 4, "no date")
    assert told.to_dict("records") == [
        {"steps": "used", "number": 1, "share": "25%", "why": ""},
        {"steps": "left out", "number": 3, "share": "75%", "why": "no date"},
    ]
    assert left_out("steps", 0, 0, "x")["share"].to_list() == ["0%", "0%"]
