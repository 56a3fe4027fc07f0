"""Numbers: spans of printed numbers, sums done again, counts that are not one series."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from ngolib.analysis import numbers
from ngolib.evidence.tables import load_counts
from ngolib.texts import read_source


def counts(*rows):
    table = pd.DataFrame(
        rows,
        columns=["count_id", "country", "series", "what", "value", "unit", "date", "qualifier"],
    )
    day = pd.to_datetime(table["date"])
    table = table.assign(date_start=day, date_end=day, source_ids=[()] * len(rows))
    return numbers.with_spans(table)


def claims(*rows):
    table = pd.DataFrame(
        rows,
        columns=["number_id", "value", "value_high", "qualifier", "article_id", "start", "end"],
    )
    return numbers.with_spans(table)


@pytest.mark.parametrize(
    ("value", "high", "qualifier", "span"),
    [
        (16000, None, "about", (15500, 16500)),
        (305.4e6, None, "exact", (305.35e6, 305.45e6)),
        (4.3e6, None, "at_least", (4.3e6, 4.4e6)),
        (300, None, "under", (200, 300)),
        (7, None, "exact", (6.5, 7.5)),
        (1.5, None, "exact", (1.45, 1.55)),
        (0, None, "exact", (0, 0)),
        (1, 2, "exact", (1, 2)),
        (1, math.nan, "about", (0.5, 1.5)),
    ],
)
def test_what_a_printed_number_can_stand_for(value, high, qualifier, span):
    assert numbers.rounded(value, high, qualifier) == pytest.approx(span)


NUMBERS = claims(
    ("n1", "400", "", "about", "a", 0, 1),
    ("n2", "40", "", "exact", "a", 0, 1),
    ("n3", "16000", "", "about", "a", 0, 1),
    ("m1", "1800", "", "exact", "a", 0, 1),
    ("m2", "4.3", "", "at_least", "a", 0, 1),
    ("m3", "305.4", "", "about", "a", 0, 1),
    ("m4", "0.74", "", "about", "a", 0, 1),
)
GROWTH = numbers.Check("growth", "times", ("n1", "n3", "n2"))
RATE = numbers.Check("rate", "exchange", ("m1", "m2", "m3", "m4"))


def test_sums_are_done_again_with_their_rounding():
    """By hand: 16,000 / 400 = 40, from 15,500 / 450 to 16,500 / 350."""
    found = numbers.redo(NUMBERS, counts(), [GROWTH, RATE])
    first = found.iloc[0]
    assert (first["low"], first["middle"], first["high"]) == pytest.approx(
        (15500 / 450, 40, 16500 / 350)
    )
    assert list(found["verdict"]) == ["agrees", "agrees"]
    assert found.iloc[0]["evidence"] == ("n1", "n3", "n2")
    assert found.iloc[1]["stated"] == pytest.approx(305.4 / 0.74)


def test_a_wrong_sum_differs_and_a_missing_number_leaves_it_out():
    wrong = NUMBERS.assign(number=NUMBERS["number"].where(NUMBERS["number_id"] != "n2", 100))
    wrong[["low", "high"]] = wrong[["low", "high"]].where(wrong["number_id"] != "n2", 100)
    assert list(numbers.redo(wrong, counts(), [GROWTH])["verdict"]) == ["differs"]
    assert numbers.redo(NUMBERS[NUMBERS["number_id"] != "n1"], counts(), [GROWTH]).empty


def test_a_division_by_nothing_cannot_be_told():
    none = claims(
        ("n1", "0", "", "exact", "a", 0, 1),
        ("n2", "40", "", "exact", "a", 0, 1),
        ("n3", "16000", "", "about", "a", 0, 1),
    )
    assert list(numbers.redo(none, counts(), [GROWTH])["verdict"]) == ["cannot be told"]


def test_parts_and_wholes_of_the_register():
    table = counts(
        ("w", "KAZ", "donors", "all", 10, "donors", "2020-01-01", "exact"),
        ("p", "KAZ", "donors_part", "some", 4, "donors", "2020-01-01", "exact"),
        ("q", "KAZ", "donors_part", "others", 5, "donors", "2020-01-01", "exact"),
        ("a", "KAZ", "ngo_active", "active", 31, "organisations", "2020-01-01", "exact"),
        ("r", "KAZ", "ngo_registered", "registered", 22, "organisations", "2020-06-01", "exact"),
        ("s", "KAZ", "ngo_registered", "registered", 22, "organisations", "2010-06-01", "exact"),
    )
    found = numbers.redo(claims(), table, [])
    assert list(found["kind"]) == ["sum", "part"]
    assert list(found["verdict"]) == ["differs", "differs"]
    assert found.iloc[0]["evidence"] == ("p", "q", "w")
    assert found.iloc[1]["note"] == "not of the same time"


def test_a_line_of_several_series_goes_up_and_down():
    table = counts(
        ("a", "KAZ", "x", "one", 100, "organisations", "2000-01-01", "exact"),
        ("b", "KAZ", "y", "two", 50, "organisations", "2005-01-01", "exact"),
        ("c", "KAZ", "x", "one", 200, "organisations", "2010-01-01", "exact"),
        ("d", "KAZ", "z", "money", 5, "KZT", "2010-01-01", "exact"),
        ("e", "RUS", "x", "one", 7, "organisations", "2010-01-01", "exact"),
    )
    line = numbers.as_one_line(table, "organisations")
    assert list(line["change"]) == [-0.5, 3.0]
    assert not line["same_series"].any()
    growth = numbers.growth(table, "organisations", (2000, 2004), (2005, 2010))
    assert list(growth["factor"]) == [0.5, 2.0]
    series = numbers.series_table(table)
    assert list(series["counts"]) == [2, 1, 1, 1]


def test_counts_of_one_time_are_paired():
    table = counts(
        ("a", "KAZ", "x", "one", 100, "organisations", "2000-01-01", "exact"),
        ("b", "KAZ", "y", "two", 400, "organisations", "2000-01-01", "exact"),
        ("c", "KAZ", "y", "two", 400, "entries", "2000-01-01", "exact"),
        ("d", "RUS", "x", "one", 7, "organisations", "2000-01-01", "exact"),
    )
    pairs = numbers.same_time(table)
    assert list(pairs["ratio"]) == [4.0]
    assert pairs.iloc[0]["evidence"] == ("a", "b")


def test_nothing_chosen_is_an_empty_table():
    none = counts()
    for table in (
        numbers.series_table(none),
        numbers.as_one_line(none, "organisations"),
        numbers.same_time(none),
        numbers.growth(none, "organisations", (1990, 1999), (2020, 2021)),
        numbers.redo(claims(), none),
    ):
        assert table.empty


def test_the_checks_name_rows_that_there_are(project):
    known = {*project.read_table("numbers")["number_id"], *load_counts(project=project)["count_id"]}
    assert {i for check in numbers.CHECKS for i in check.ids} <= known
    snippets = load_counts(project=project).set_index("count_id")["snippet"]
    for check in numbers.CHECKS:
        if check.factor:
            assert any(check.factor in snippets[i] for i in check.ids)


def test_counts_have_lasting_ids_and_spans(project):
    table = load_counts(project=project)
    assert table["count_id"].is_unique
    assert (table["date_start"] <= table["date_end"]).all()
    decade = table[table["precision"] == "decade"]
    assert (decade["date_end"].dt.year - decade["date_start"].dt.year == 9).all()
    articles = set(project.read_table("sources")["source_id"])
    assert {s for cell in table["source_ids"] for s in cell} <= articles
    assert (table.loc[table["source_ids"].map(len) > 0, "url"] == "").all()


def test_doubts_and_checks_are_found_by_shared_characters(project):
    table = project.read_table("numbers")
    doubts = project.read_table("doubts").set_index("doubt_id")
    found = numbers.doubts_of(table, doubts.reset_index())
    spans = table.set_index("number_id")
    for number, ids in found.items():
        for i in ids:
            assert doubts.loc[i, "start"] < spans.loc[number, "end"]
            assert doubts.loc[i, "end"] > spans.loc[number, "start"]
    sources = project.read_table("sources")
    texts = {
        s.source_id: read_source(project.data / s.path) for s in sources.itertuples(index=False)
    }
    articles = project.read_table("articles").set_index("article_id")["source_id"]
    table = table.assign(source_id=table["article_id"].map(articles))
    checks = project.read_table("claim_checks")
    checked = numbers.checks_of(table, checks, texts)
    assert set(checked) <= set(table["number_id"])
    fragments = checks.set_index("check_id")
    assert all(
        fragments.loc[c, "source_id"] == articles[spans.loc[n, "article_id"]]
        for n, ids in checked.items()
        for c in ids
    )
