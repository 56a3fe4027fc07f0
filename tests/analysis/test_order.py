"""Pairs of like rules: order and lag from intervals, and what is not told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ngolib.analysis import order
from ngolib.evidence import load_acts, load_rules

CATEGORY = "assembly"
DAY = pd.Timestamp


def rules_of(*rows):
    """Make rules: id, first and last possible day of the start, and its basis."""
    columns = ["rule_id", "from_earliest", "from_latest", "from_basis"]
    frame = pd.DataFrame(rows, columns=columns)
    frame[["from_earliest", "from_latest"]] = frame[["from_earliest", "from_latest"]].apply(
        pd.to_datetime
    )
    frame["country"] = frame["rule_id"].str[:3]
    return frame.assign(
        category=CATEGORY,
        process_id=frame["rule_id"],
        direction="restrictive",
        measure="m",
        evidence=[(i,) for i in frame["rule_id"]],
    )


def pairs_of(*rows):
    """Make pairs: id, element, two rules."""
    frame = pd.DataFrame(rows, columns=["pair_id", "element", "rule_a", "rule_b"])
    return frame.assign(
        category=CATEGORY,
        element_kind="duty",
        likeness="close",
        justification="",
        third_source="",
        influence=[("timing_only",)] * len(frame),
        influence_evidence=[()] * len(frame),
        rival="r",
        note="",
    )


RULES = rules_of(
    ("KAZ-1", "2005-01-01", "2005-12-31", "stated"),
    ("KAZ-2", "2012-03-01", "2012-03-01", "stated"),
    ("KAZ-3", None, None, "unknown"),
    ("RUS-1", "2006-01-01", "2006-01-01", "stated"),
    ("RUS-2", "2005-06-01", "2006-12-31", "presumed"),
    ("RUS-3", "2001-01-01", "2001-01-01", "stated"),
)
PAIRS = pairs_of(
    ("p1", "x", "KAZ-1", "RUS-1"),
    ("p2", "x", "KAZ-1", "RUS-2"),
    ("p3", "y", "KAZ-2", "RUS-3"),
    ("p4", "z", "KAZ-3", "RUS-3"),
)


def ordered(countries=("KAZ", "RUS"), rules=RULES, pairs=PAIRS):
    return order.between(pairs, rules, countries)[0]


def test_order_and_lag_by_hand():
    found = ordered().set_index("pair_id")
    assert list(found["order"]) == ["a_earlier", "overlap", "b_earlier", "unknown"]
    # 31 December 2005 to 1 January 2006 is one day; the whole of 2005 is 365.
    assert tuple(found.loc["p1", ["lag_least", "lag_greatest"]]) == (1, 365)
    # Eleven years, of which 2004 and 2008 and 2012 have a leap day, and two months.
    assert tuple(found.loc["p3", ["lag_least", "lag_greatest"]]) == (-4077, -4077)
    assert (DAY("2012-03-01") - DAY("2001-01-01")).days == 4077
    assert found.loc["p4", ["lag_least", "lag_greatest"]].isna().all()
    assert list(found["presumed"]) == [False, True, False, False]


def test_starts_on_the_same_day_are_not_ordered():
    day = DAY("2020-03-16")
    assert order.order_of(day, day, day, day) == ("overlap", 0.0, 0.0)
    assert order.order_of(day, day, day + pd.Timedelta(days=1), day + pd.Timedelta(days=1)) == (
        "a_earlier",
        1.0,
        1.0,
    )


def test_order_and_lag_hold_for_every_start_that_is_possible():
    """Draw starts within their spans: the interval holds all lags and the order all draws."""
    random = np.random.default_rng(4)
    base = DAY("1995-01-01")
    for _ in range(300):
        days = np.sort(random.integers(0, 900, (2, 2)), axis=1)
        spans = [[base + pd.Timedelta(days=int(d)) for d in row] for row in days]
        found, least, greatest = order.order_of(*spans[0], *spans[1])
        a, b = (random.integers(row[0], row[1], 200, endpoint=True) for row in days)
        lags = b - a
        assert least <= lags.min() and lags.max() <= greatest
        ends = {int(days[1, 0] - days[0, 1]), int(days[1, 1] - days[0, 0])}
        assert {least, greatest} == ends
        if found == "a_earlier":
            assert (lags > 0).all()
        elif found == "b_earlier":
            assert (lags < 0).all()
        else:
            assert least <= 0 <= greatest


def test_neither_country_is_the_first_by_construction():
    """Swap the countries: every order and lag is mirrored, for ours and for made data."""
    mirror = {"a_earlier": "b_earlier", "b_earlier": "a_earlier"}
    one, other = ordered(), ordered(("RUS", "KAZ"))
    assert list(other["order"]) == [mirror.get(o, o) for o in one["order"]]
    assert other["lag_least"].equals(-one["lag_greatest"])
    there, back = (order.by_element(frame) for frame in (one, other))
    assert list(back["order"]) == [mirror.get(o, o) for o in there["order"]]


def test_our_pairs_are_mirrored_too(project):
    pairs = project.read_table("pairs")
    rules = load_rules(levels=("rule", "policy"), project=project)
    one, other = (order.between(pairs, rules, c)[0] for c in (("KAZ", "RUS"), ("RUS", "KAZ")))
    first, second = order.reading(one), order.reading(other)
    assert first["a_earlier"] == second["b_earlier"] > 0
    assert first["b_earlier"] == second["a_earlier"] > 0
    assert first["share_a"] == pytest.approx(1 - second["share_a"])
    assert {first["answer"], second["answer"]} == {"a_more_often", "b_more_often"}


def test_an_element_is_compared_once_by_the_first_start():
    rules = rules_of(
        ("KAZ-1", "2010-01-01", "2010-01-01", "stated"),
        ("RUS-1", "2008-01-01", "2012-12-31", "presumed"),
        ("RUS-2", "2009-01-01", "2009-12-31", "stated"),
    )
    pairs = pairs_of(("p1", "x", "KAZ-1", "RUS-1"), ("p2", "x", "KAZ-1", "RUS-2"))
    found = order.by_element(ordered(rules=rules, pairs=pairs))
    assert len(found) == 1
    row = found.iloc[0]
    # The first Russian start is 2008 at the earliest; it is 2009 at the latest, by the second rule.
    assert (row["b_earliest"], row["b_latest"]) == (DAY("2008-01-01"), DAY("2009-12-31"))
    assert row["order"] == "b_earlier" and row["pairs"] == 2 and row["presumed"]
    assert (row["lag_least"], row["lag_greatest"]) == (-731, -1)


def test_an_element_with_an_undated_rule_has_no_first_start():
    found = order.by_element(ordered()).set_index("element")
    assert found.loc["z", "order"] == "unknown"


def many(kazakh, russian, open_=0):
    """Make a frame of pairs with so many of each order."""
    orders = ["a_earlier"] * kazakh + ["b_earlier"] * russian + ["overlap"] * open_
    return pd.DataFrame({"order": orders, "category": CATEGORY})


@pytest.mark.parametrize(
    ("frame", "answer", "share"),
    [
        (many(0, 0), "cannot_be_told", None),
        (many(4, 0, 20), "cannot_be_told", None),
        (many(2, 2), "cannot_be_told", None),
        (many(4, 1), "a_more_often", 0.8),
        (many(1, 4), "b_more_often", 0.2),
        (many(3, 3, 9), "even", 0.5),
    ],
)
def test_with_fewer_than_five_comparable_pairs_nothing_is_told(frame, answer, share):
    read = order.reading(frame)
    assert (read["answer"], read["share_a"]) == (answer, share)
    assert read["documented"] == read["a_earlier"] + read["b_earlier"]
    assert read["pairs"] == sum(read[o] for o in order.ORDERS)


def test_counts_by_category_add_up(project):
    pairs = project.read_table("pairs")
    rules = load_rules(levels=("rule", "policy"), project=project)
    found = order.between(pairs, rules, ("KAZ", "RUS"))[0]
    table = order.counts(found, list(project.vocabulary("category")))
    whole = order.counts(found).iloc[0]
    assert (table[order.COUNT_COLUMNS].sum() == whole).all()
    assert (table[list(order.ORDERS)].sum(axis=1) == table["pairs"]).all()


def test_lags_are_medians_of_the_least_and_of_the_greatest():
    table = order.lags(ordered()).set_index("order")
    assert table.loc["a_earlier", "least"] == pytest.approx(1 / 365.25)
    assert table.loc["a_earlier", "longest"] == pytest.approx(365 / 365.25)
    assert table.loc["b_earlier", "pairs"] == 1
    empty = order.lags(ordered().iloc[:0])
    assert empty["least"].isna().all() and (empty["pairs"] == 0).all()


def test_a_pair_of_which_a_rule_is_not_chosen_is_left_out_and_named():
    found, left = order.between(PAIRS, RULES[RULES["rule_id"] != "RUS-1"], ("KAZ", "RUS"))
    assert list(left["pair_id"]) == ["p1"]
    assert "p1" not in set(found["pair_id"])
    assert order.between(PAIRS, RULES, ("KAZ", "KGZ"))[0].empty


def test_carried_over_acts_open_no_pair():
    relations = pd.Series(dict.fromkeys(RULES["rule_id"], ()))
    relations["KAZ-1"] = ("amends: x", "re_enacts: y")
    kept = order.can_open(RULES, relations)
    assert set(RULES["rule_id"]) - set(kept["rule_id"]) == {"KAZ-1"}


def test_pairs_of_ours_are_of_rules_that_can_open_one(project):
    pairs = project.read_table("pairs")
    rules = load_rules(levels=("rule", "policy"), project=project)
    relations = load_acts(project=project).set_index("process_id")["relation"]
    can = set(order.can_open(rules, relations)["rule_id"])
    assert set(pairs["rule_a"]) | set(pairs["rule_b"]) <= can


def test_rules_without_a_pair_say_what_was_searched_for_the_other():
    log = pd.DataFrame(
        [
            ("RUS", CATEGORY, "P1", "found"),
            ("RUS", CATEGORY, "P2", "searched_none_found"),
            ("KAZ", "religion", "P1", "found"),
        ],
        columns=["country", "category", "period", "status"],
    )
    found = order.unmatched(RULES, {"KAZ-1", "RUS-1"}, log, ("KAZ", "RUS")).set_index("rule_id")
    assert set(found.index) == {"KAZ-2", "KAZ-3", "RUS-2", "RUS-3"}
    assert tuple(found.loc["KAZ-2", ["blocks", "found"]]) == (2, 1)
    assert tuple(found.loc["RUS-2", ["blocks", "found"]]) == (0, 0)


def test_evidence_that_is_not_held_leaves_dates_only():
    frame = pd.DataFrame(
        {
            "order": ["a_earlier", "b_earlier"],
            "category": CATEGORY,
            "influence": [("attributed",), ("explicit_reference", "attributed")],
            "influence_evidence": [("s1",), ("l1", "l2")],
        }
    )
    kept = order.with_evidence(frame, {"l2"})
    assert list(kept["influence"]) == [("timing_only",), ("explicit_reference", "attributed")]
    table = order.influence(kept, ["explicit_reference", "attributed", "timing_only"])
    assert list(table["pairs"]) == [1, 1, 1]
    assert table["evidence"].iloc[0] == ("l2",) and table["evidence"].iloc[2] == ()


def test_links_are_counted_by_kind_modality_and_voice(project):
    links = project.read_table("links")
    table = order.links_told(links)
    assert table["statements"].sum() == len(links)
    assert sorted(i for cell in table["evidence"] for i in cell) == sorted(links["link_id"])


def test_a_period_keeps_what_may_have_begun_in_it():
    assert set(order.in_period(RULES, 2006, 2006)["rule_id"]) == {"RUS-1", "RUS-2", "KAZ-3"}
