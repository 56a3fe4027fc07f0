"""Rules of one country in force on a day to which no rule of the other is alike."""

from __future__ import annotations

import pandas as pd
import pytest
from methods.made import DAY, frame, rule

from ngolib.methods import unmatched

TODAY = DAY("2020-01-01")


def made(rule_id, start="2010-01-01", end=None, rung=2, **more):
    return rule(rule_id, rung, start, end=end, **{"country": rule_id[:3]} | more)


def alone(*rules, pairs=(("KAZ-1", "RUS-1"),), of=("KAZ", "RUS"), day=TODAY):
    table = pd.DataFrame(list(pairs), columns=["rule_a", "rule_b"])
    return unmatched(frame(*rules), table, *of, day)


@pytest.mark.parametrize("pair", [("KAZ-1", "RUS-1"), ("RUS-1", "KAZ-1")])
def test_a_rule_with_a_like_rule_in_force_has_a_counterpart(pair):
    rules = made("KAZ-1"), made("KAZ-2"), made("RUS-1")
    assert list(alone(*rules, pairs=[pair])["rule_id"]) == ["KAZ-2"]
    assert alone(*rules, pairs=[pair], of=("RUS", "KAZ")).empty


def test_a_like_rule_that_ended_is_none_but_is_told():
    found = alone(made("KAZ-1"), made("KAZ-2"), made("RUS-1", end="2015-01-01"))
    assert dict(zip(found["rule_id"], found["had"], strict=True)) == {"KAZ-1": True, "KAZ-2": False}


def test_what_carries_a_rule_on_stands_for_it():
    rules = [
        made("KAZ-1", end="2014-01-01"),
        made("KAZ-9", "2014-01-01", carries_over="KAZ-1"),
        made("RUS-1", end="2015-01-01"),
        made("RUS-9", "2015-01-01", carries_over="RUS-1"),
    ]
    assert alone(*rules).empty
    assert list(alone(*rules[:3])["rule_id"]) == ["KAZ-9"]


@pytest.mark.parametrize(("category", "has_none"), [("assembly", False), ("religion", True)])
def test_a_law_that_replaced_a_like_rule_may_hold_it(category, has_none):
    replaced = made("RUS-1", end="2015-01-01", replaced_by="RUS-law")
    new = made("RUS-2", "2015-01-01", process_id="RUS-law", category=category)
    assert len(alone(made("KAZ-1"), replaced, new)) == has_none


def test_only_restrictive_rules_in_force_on_the_day_count():
    rules = [
        made("KAZ-2", direction="enabling"),
        made("KAZ-3", direction="mixed"),
        made("KAZ-4", "2021-01-01"),
        made("KAZ-5", end="2019-01-01"),
    ]
    assert list(alone(*rules)["rule_id"]) == ["KAZ-3"]


def test_typical_rules_come_first_then_the_stricter():
    rules = [
        made("KAZ-2", rung=4, typical=False),
        made("KAZ-3", rung=1),
        made("KAZ-4", rung=3),
    ]
    assert list(alone(*rules)["rule_id"]) == ["KAZ-4", "KAZ-3", "KAZ-2"]
