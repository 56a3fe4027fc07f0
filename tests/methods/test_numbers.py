"""Printed numbers: what they can stand for, sums done again, parts and wholes."""

from __future__ import annotations

import math

import pandas as pd
import pytest
import runs

from ngolib.methods import numbers

PARTS = runs.cell_of("08_numbers", "def parts_of_wholes(", PART_OF={"active": "registered"})
of_wholes = PARTS["parts_of_wholes"]


def said(**values):
    """Make numbers of their values; the qualifier stands behind a blank, else it is exact."""
    parts = [str(value).partition(" ") for value in values.values()]
    rows = {"value": [p[0] for p in parts], "qualifier": [p[2] or "exact" for p in parts]}
    return numbers.printed_spans(pd.DataFrame(rows, list(values)))


def counts(*rows):
    table = pd.DataFrame(rows, columns=["count_id", "country", "series", "value", "date"])
    table["what"] = table["series"] + " ones"
    day = pd.to_datetime(table["date"])
    return numbers.printed_spans(table.assign(qualifier="exact", date_start=day, date_end=day))


@pytest.mark.parametrize(
    ("value", "high", "qualifier", "span"),
    [
        (16000, "", "about", (15500, 16500)),
        (305.4e6, "", "exact", (305.35e6, 305.45e6)),
        (4.3e6, "", "at_least", (4.3e6, 4.4e6)),
        (300, "", "under", (200, 300)),
        (3, "", "at_most", (2, 3)),
        (7, "", "exact", (6.5, 7.5)),
        (1.5, "", "exact", (1.45, 1.55)),
        (0, "", "exact", (0, 0)),
        (1, "2", "exact", (1, 2)),
        (1, math.nan, "about", (0.5, 1.5)),
    ],
)
def test_what_a_printed_number_can_stand_for(value, high, qualifier, span):
    row = {"value": [value], "value_high": [high], "qualifier": [qualifier]}
    found = numbers.printed_spans(pd.DataFrame(row)).iloc[0]
    assert (found["low"], found["high"]) == pytest.approx(span)


NUMBERS = said(
    early="400 about", times="40", late="16000 about",
    tenge="1800", dollars="4.3 at_least", part="305.4 about", part_dollars="0.74 about",
)  # fmt: skip
GROWTH = {"growth": ("late", "early", "times")}
RATE = {"rate": ("tenge", "dollars", "part", "part_dollars")}


def test_sums_are_done_again_with_their_rounding():
    """By hand: 16,000 / 400 = 40, from 15,500 / 450 to 16,500 / 350."""
    found = numbers.redo(GROWTH | RATE, NUMBERS)
    assert found.loc[0, ["low", "number", "high"]].to_list() == pytest.approx(
        [15500 / 450, 40, 16500 / 350]
    )
    assert list(found["verdict"]) == ["agrees", "agrees"]
    assert found.loc[0, "evidence"] == ("late", "early", "times")
    assert found.loc[1, "stated"] == pytest.approx(305.4 / 0.74)


def test_a_factor_said_in_words_is_taken_as_rounded():
    """By hand: "doubled" is 1.5 to 2.5; 4,100 / 2,000 is from 4,050 / 2,500 to 4,150 / 1,500."""
    found = numbers.redo({"doubled": ("b", "a", 2)}, said(a="2000", b="4100")).iloc[0]
    assert (found["stated_low"], found["stated_high"]) == (1.5, 2.5)
    assert found["verdict"] == "agrees"
    assert found["evidence"] == ("b", "a")


def test_a_wrong_sum_differs_and_a_missing_number_leaves_it_out():
    wrong = pd.concat([NUMBERS.drop("times"), said(times="100")])
    assert list(numbers.redo(GROWTH, wrong)["verdict"]) == ["differs"]
    assert numbers.redo(GROWTH, NUMBERS.drop("early")).empty
    assert numbers.redo(GROWTH, NUMBERS.iloc[:0]).empty


def test_a_division_by_nothing_cannot_be_told():
    none = pd.concat([NUMBERS.drop("early"), said(early="0")])
    assert list(numbers.redo(GROWTH, none)["verdict"]) == ["cannot be told"]


def test_a_part_is_no_more_than_its_whole_near_in_time():
    table = counts(
        ("a", "KAZ", "active", 31, "2020-01-01"),
        ("b", "RUS", "active", 31, "2020-01-01"),
        ("r", "KAZ", "registered", 22, "2020-06-01"),
        ("s", "KAZ", "registered", 40, "2020-01-01"),
        ("t", "KAZ", "registered", 22, "2010-06-01"),
    )
    found = of_wholes(table)
    assert list(found["verdict"]) == ["differs", "agrees"]
    assert list(found["evidence"]) == [("a", "r"), ("a", "s")]
    check = "active ones, 2020-01-01, not more than registered ones, 2020-06-01"
    assert found.loc[0, "check"] == check
    assert of_wholes(table.iloc[:0]).empty


def test_parts_add_up_to_their_whole():
    """By hand: 4 and 5 are not 10; 4 and 6 are."""
    table = counts(
        ("w", "KAZ", "donors", 10, "2020-01-01"),
        ("p", "KAZ", "donors_part", 4, "2020-01-01"),
        ("q", "KAZ", "donors_part", 5, "2020-01-01"),
        ("x", "KAZ", "donors", 10, "2021-01-01"),
        ("y", "KAZ", "donors_part", 4, "2021-01-01"),
        ("z", "KAZ", "donors_part", 6, "2021-01-01"),
        ("o", "RUS", "donors_part", 6, "2021-01-01"),
    )
    found = of_wholes(table)
    assert list(found["verdict"]) == ["differs", "agrees"]
    assert list(found["number"]) == [9, 10]
    assert found.loc[0, "evidence"] == ("p", "q", "w")
