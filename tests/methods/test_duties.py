"""What a duty goes back to, and which other rules say what a breach of it brings."""

from __future__ import annotations

import pandas as pd
import pytest
from methods.made import DAY, frame, rule

from ngolib import load_acts, load_rules
from ngolib.methods import breach_of, duty_line

TODAY = DAY("2020-01-01")
REPORT = ("notify", "report")


def made(rule_id, start="2010-01-01", duty=REPORT, penalty="", **more):
    return rule(rule_id, 1, start, duty=duty, **more) | {"max_penalty": penalty}


def rules(*rows):
    out = frame(*rows)
    return out.assign(max_penalty=[row["max_penalty"] for row in rows])


OLD = made("old", end="2015-01-01", law_no="No. 1", replaced_by="new")
NEW = made("new", "2015-01-01")
FINE = {"category": "dissolution_suspension", "penalty": "a fine"}


@pytest.mark.parametrize(
    ("more", "known"),
    [
        ({}, True),
        ({"duty": ("report", "label")}, True),
        ({"duty": ("pay",)}, False),
        ({"category": "religion"}, False),
        ({"country": "RUS"}, False),
        ({"replaced_by": "another"}, False),
    ],
)
def test_a_duty_goes_back_to_those_that_it_replaced(more, known):
    line = duty_line(rules(OLD | more, NEW), "new")
    assert list(line["rule_id"]) == ["old", "new"] * known + ["new"] * (not known)


def test_it_goes_back_law_by_law():
    oldest = made("oldest", "2000-01-01", end="2010-01-01", replaced_by="old")
    assert len(duty_line(rules(oldest, OLD, NEW), "new")) == 3


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"process_id": "old"}, True),
        ({"process_id": "new"}, True),
        ({"law_no": "No. 1"}, True),
        ({"process_id": "act of fines"}, True),
        ({"process_id": "another"}, False),
        ({"process_id": "old", "penalty": ""}, False),
        ({"process_id": "old", "duty": ("notify",)}, False),
        ({"process_id": "old", "category": "assembly"}, False),
        ({"process_id": "old", "end": "2019-01-01"}, False),
    ],
)
def test_a_breach_is_told_in_the_laws_of_the_duty_or_in_what_serves_them(more, found):
    table = rules(OLD, NEW, made("fine", **(FINE | more)))
    relations = {"act of fines": ("implements: old",), "another": ("amends: old",)}
    assert list(breach_of(table, relations, "new", TODAY)["rule_id"]) == ["fine"] * found


def test_what_carries_a_penalty_on_counts_and_the_newest_of_a_kind_stands():
    first = made("first", process_id="old", end="2016-01-01", **FINE)
    heavier = made("heavier", "2016-01-01", carries_over="first", **FINE)
    latest = made("latest", "2018-01-01", carries_over="heavier", **FINE)
    crime = made("crime", process_id="old", category="criminal_liability", penalty="prison")
    table = rules(OLD, NEW, first, heavier, latest, crime)
    assert list(breach_of(table, {}, "new", TODAY)["rule_id"]) == ["crime", "latest"]


def test_the_duty_to_report_foreign_money():
    """It began in 2016, stands in the Tax Code, and the code of offences punishes its breach."""
    table, relations = load_rules(), load_acts().set_index("process_id")["relation"]
    duty = "KAZ-2025-tax-code.foreign_funding"
    assert str(duty_line(table, duty)["first_latest"].min().date()) == "2016-10-11"
    found = breach_of(table, relations, duty, pd.Timestamp("2026-11-28"))
    assert found["article"].to_list() == ["CAO Art. 460-1"]
