"""Pairs of like rules: order and lag from intervals, and what opens no pair."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from methods.made import DAY, few, frame, rule
from runs import function_of

from ngolib.evidence import load_rules
from ngolib.methods import ordered, paired, unmatched

MIRROR = {"a_earlier": "b_earlier", "b_earlier": "a_earlier"}


def made(rule_id, start, latest=None, **more):
    return rule(rule_id, 2, start, latest, country=rule_id[:3], **more)


elements = function_of("04_order_of_adoption", "by_element")
RULES = frame(
    made("KAZ-1", "2005-01-01", "2005-12-31"),
    made("KAZ-2", "2012-03-01"),
    made("KAZ-3", None, from_basis="unknown"),
    made("RUS-1", "2006-01-01"),
    made("RUS-2", "2005-06-01", "2006-12-31", from_basis="presumed"),
    made("RUS-3", "2001-01-01"),
)


def pairs_of(*rows):
    frame = pd.DataFrame(rows, columns=["pair_id", "element", "rule_a", "rule_b"])
    return frame.assign(category="assembly")


PAIRS = pairs_of(
    ("p1", "x", "KAZ-1", "RUS-1"),
    ("p2", "x", "KAZ-1", "RUS-2"),
    ("p3", "y", "KAZ-2", "RUS-3"),
    ("p4", "z", "KAZ-3", "RUS-3"),
)


def found(a="KAZ", b="RUS", rules=RULES, pairs=PAIRS):
    return ordered(paired(rules, pairs, a, b)).set_index("pair_id")


def test_order_and_lag_by_hand():
    out = found()
    assert list(out["order"]) == ["a_earlier", "overlap", "b_earlier", "unknown"]
    # 31 December 2005 to 1 January 2006 is one day; the whole of 2005 is 365.
    assert tuple(out.loc["p1", ["least", "most"]]) == (1, 365)
    # Eleven years of 365 days, leap days of 2004, 2008 and 2012, and January and February of 2012.
    assert tuple(out.loc["p3", ["least", "most"]]) == (-4077, -4077)
    assert 11 * 365 + 2 + 31 + 29 == 4077
    assert out.loc["p4", ["least", "most"]].isna().all()
    assert list(out["presumed_b"]) == [False, True, False, False]
    assert out.loc["p1", "evidence"] == ("KAZ-1", "RUS-1")


def test_starts_on_the_same_day_overlap():
    rules = frame(made("KAZ-1", "2020-03-16"), made("RUS-1", "2020-03-16"))
    row = found(rules=rules, pairs=PAIRS[:1]).loc["p1"]
    assert (row["order"], row["least"], row["most"]) == ("overlap", 0, 0)


@few
@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), min_size=2, max_size=2))
def test_order_and_lag_hold_for_every_start_that_is_possible(spans):
    (a, b), (c, d) = (sorted(span) for span in spans)
    days = [[DAY("1995-01-01") + pd.Timedelta(days=n) for n in (a, b, c, d)]]
    out = ordered(pd.DataFrame(days, columns=["first_a", "last_a", "first_b", "last_b"])).iloc[0]
    gaps = np.subtract.outer([c, d], [a, b])
    assert (out["least"], out["most"]) == (gaps.min(), gaps.max())
    if out["order"] == "a_earlier":
        assert (gaps > 0).all()
    elif out["order"] == "b_earlier":
        assert (gaps < 0).all()
    else:
        assert out["order"] == "overlap" and gaps.min() <= 0 <= gaps.max()


def test_neither_country_is_the_first_by_construction():
    """Swap the countries: every order and lag is mirrored."""
    one, other = found(), found("RUS", "KAZ")
    assert list(other["rule_a"]) == list(one["rule_b"])
    assert list(other["order"]) == [MIRROR.get(order, order) for order in one["order"]]
    assert other["least"].equals(-one["most"])
    there, back = (
        elements(paired(RULES, PAIRS, *sides)) for sides in (("KAZ", "RUS"), ("RUS", "KAZ"))
    )
    assert list(back["order"]) == [MIRROR.get(order, order) for order in there["order"]]


def test_pairs_of_other_countries_and_of_rules_not_chosen_are_left_out():
    rules = pd.concat([RULES[RULES["rule_id"] != "KAZ-2"], frame(made("KGZ-1", "2024-04-01"))])
    pairs = pd.concat([PAIRS, pairs_of(("p5", "x", "KAZ-1", "KGZ-1"))], ignore_index=True)
    assert list(found(rules=rules, pairs=pairs).index) == ["p1", "p2", "p4"]
    assert list(found("KGZ", "KAZ", rules, pairs)["rule_a"]) == ["KGZ-1"]
    assert found("KGZ", "RUS", rules, pairs).empty
    assert elements(paired(rules, pairs, "KGZ", "RUS")).empty


@pytest.mark.parametrize("rule_id", ["KAZ-1", "RUS-1"])
def test_a_rule_that_carries_over_another_opens_no_pair(rule_id):
    own = RULES["carries_over"].mask(RULES["rule_id"] == rule_id, "older")
    assert "p1" not in found(rules=RULES.assign(carries_over=own)).index


def test_an_act_that_both_states_inherited_opens_no_pair():
    soviet = {"law_no": "No. 9306-XI"}
    rules = frame(
        made("KAZ-1", "1991-12-16", **soviet),
        made("RUS-1", "1991-01-01", **soviet),
        # the same number by chance, in later acts
        made("KAZ-2", "1998-01-01", law_no="No. 16"),
        made("RUS-3", "1999-01-01", law_no="No. 16"),
    )
    assert list(found(rules=rules).index) == ["p3"]


def test_a_like_rule_that_is_still_to_begin_is_none_that_there_was():
    for day, had in (("2000-12-31", False), ("2004-01-01", True)):
        rules = frame(
            made("KAZ-2", "2000-03-01"),
            rule("RUS-3", 2, "2001-01-01", end="2003-01-01", country="RUS"),
        )
        left = unmatched(rules, PAIRS.query("pair_id == 'p3'"), "KAZ", "RUS", pd.Timestamp(day))
        assert left.set_index("rule_id")["had"].to_dict() == {"KAZ-2": had}


def test_each_element_counts_once_by_its_first_start():
    out = elements(paired(RULES, PAIRS, "KAZ", "RUS")).set_index("element")
    assert list(out["pairs"]) == [2, 1, 1]
    # Russia's first start of x lies between 1 June 2005 and 1 January 2006.
    x = out.loc["x"]
    assert (x["first_b"], x["last_b"]) == (DAY("2005-06-01"), DAY("2006-01-01"))
    assert x["order"] == "overlap" and x["presumed_b"] and not x["presumed_a"]
    assert x["evidence"] == ("KAZ-1", "RUS-1", "RUS-2")
    assert list(out["order"]) == ["overlap", "b_earlier", "unknown"]
    # A presumed start that is surely not the first leaves the first as it is.
    later = RULES.copy()
    spans = {"from_earliest": DAY("2010-06-01"), "from_latest": DAY("2011-12-31")}
    later.loc[later["rule_id"] == "RUS-2", list(spans)] = list(spans.values())
    x = elements(paired(later, PAIRS, "KAZ", "RUS")).set_index("element").loc["x"]
    assert x["order"] == "a_earlier" and not x["presumed_b"]


def test_grants_from_listed_donors_were_first_free_of_tax_in_kazakhstan(project):
    # Kazakh tax code of 2001, in force from 2002; Russian order 923 of 24 December 2002.
    rules, pairs = load_rules(project=project), project.read_table("pairs")
    own = pairs[pairs["pair_id"] == "pair-003"]
    row = ordered(paired(rules, own, "KAZ", "RUS")).iloc[0]
    assert row["order"] == "a_earlier" and row["first_a"] == DAY("2002-01-01")
