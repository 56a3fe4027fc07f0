"""Draws over unknown days and disputed rungs, and single rules left out."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from methods.made import COUNTRIES, DAY, FIELDS, ends, few, frame, rule, tables

from ngolib.evidence import load_rules
from ngolib.methods import (
    carried_by_one,
    count_draws,
    crossing,
    draw_rungs,
    reading_days,
    recoding_rate,
    stricter,
    strictness,
)

DAYS = ends(2001, 2004, 2007, 2010)


def strictest(rules, days=DAYS):
    """Return the certain rungs of the panel as an array: country, field, day; missing as NaN."""
    panel = strictness(rules, COUNTRIES, FIELDS, days)
    own = panel.loc[panel["reading"] == "strictest", "rung"]
    return own.to_numpy(dtype=float, na_value=np.nan).reshape(2, 2, len(days))


def read_twice(*pairs):
    rows = [("rules", f"r{n}", "rung", str(a), str(b)) for n, (a, b) in enumerate(pairs)]
    return pd.DataFrame(rows, columns=["table", "row_id", "column", "value_a", "value_b"])


# --- recoding -------------------------------------------------------------------------------------


def test_the_rate_of_recoding_counts_rungs_read_twice():
    twice = read_twice((2, 2), (2, 3), (3, 3), (3, 2), (1, 3), (2, 3), (4, 4), (4, 4))
    other = twice.assign(table="acts", value_b="0")
    unread = read_twice((2, ""))
    rate, differences = recoding_rate(pd.concat([twice, other, unread]))
    # Four of eight differ: by 1, -1, 2 and 1.
    assert rate == 1 / 2
    assert differences.to_dict() == {-1: 1 / 4, 1: 1 / 2, 2: 1 / 4}


def test_without_a_second_reading_there_is_no_rate():
    assert recoding_rate(read_twice()) is None
    assert recoding_rate(read_twice((2, 2)))[0] == 0


def test_rungs_are_recoded_at_the_rate_and_as_far_as_the_ladder_goes():
    recoding = 0.4, pd.Series({-1: 0.25, 1: 0.5, 2: 0.25})
    rules = frame(
        *(rule(f"r{n}", n, "2000-01-01", category=f"f{n}") for n in range(5)),
    )
    fields = [f"f{n}" for n in range(5)]
    drawn = draw_rungs(rules, ["KAZ"], fields, ends(2001), 20_000, 3, recoding)[:, 0, :, 0]
    # From each rung: the differences that stay on the ladder, in their proportion.
    chances = [
        {0: 0.6, 1: 0.4 * 2 / 3, 2: 0.4 / 3},
        {0: 0.1, 1: 0.6, 2: 0.2, 3: 0.1},
        {1: 0.1, 2: 0.6, 3: 0.2, 4: 0.1},
        {2: 0.4 / 3, 3: 0.6, 4: 0.4 * 2 / 3},
        {3: 0.4, 4: 0.6},
    ]
    for n, expected in enumerate(chances):
        found = pd.Series(drawn[:, n]).value_counts(normalize=True).to_dict()
        # Three standard errors of a share of 20,000 are at most 0.011.
        assert found == pytest.approx(expected, abs=0.011)


# --- draws ----------------------------------------------------------------------------------------


@few
@given(tables(exact=True))
def test_exact_days_and_no_recoding_give_the_panel_in_every_draw(rules):
    panel = strictest(rules)
    for recoding in (None, (0.0, pd.Series({1: 1.0}))):
        drawn = draw_rungs(rules, COUNTRIES, FIELDS, DAYS, 3, recoding=recoding)
        assert np.array_equal(drawn, np.broadcast_to(panel, drawn.shape), equal_nan=True)


@few
@given(tables())
def test_draws_lie_between_what_is_certain_and_what_is_possible(rules):
    panel = strictness(rules, COUNTRIES, FIELDS, DAYS)
    own = panel[panel["reading"] == "strictest"].fillna({"rung": -1, "rung_possible": -1})
    least, most = (
        own[c].to_numpy(dtype=float).reshape(2, 2, -1) for c in ("rung", "rung_possible")
    )
    drawn = np.nan_to_num(draw_rungs(rules, COUNTRIES, FIELDS, DAYS, 5), nan=-1)
    assert (least <= drawn).all() and (drawn <= most).all()


def test_a_start_lies_on_every_day_of_its_span_with_the_same_chance():
    # 2001-12-30 to 2002-01-01: on two of three days it is in force at the end of 2001.
    rules = frame(
        rule("a", 2, "2001-12-30", "2002-01-01", from_basis="presumed"),
        rule("b", 3, "2000-01-01", end="2001-12-31", to_latest=DAY("2002-01-03"), country="RUS"),
    )
    drawn = draw_rungs(rules, COUNTRIES, FIELDS[:1], ends(2001, 2002), 20_000)
    # Three standard errors are 0.01. An end on 31 December is none of that day: three of four.
    assert np.mean(drawn[:, 0, 0, 0] == 2) == pytest.approx(2 / 3, abs=0.01)
    assert np.mean(drawn[:, 1, 0, 0] == 3) == pytest.approx(3 / 4, abs=0.01)
    assert (drawn[:, 0, 0, 1] == 2).all() and np.isnan(drawn[:, 1, 0, 1]).all()


def test_rules_of_one_act_begin_together():
    span = {"process_id": "act", "latest": "2002-12-31"}
    rules = frame(
        rule("a", 2, "2001-01-01", **span),
        rule("b", 2, "2001-01-01", **span, country="RUS"),
    )
    drawn = draw_rungs(rules, COUNTRIES, FIELDS[:1], ends(2001), 200)[:, :, 0, 0]
    assert np.array_equal(drawn[:, 0], drawn[:, 1], equal_nan=True)
    assert 0 < np.isnan(drawn[:, 0]).mean() < 1


def test_a_seed_gives_the_same_draws_again():
    rules = frame(rule("a", 2, "2000-01-01", "2006-12-31"))
    one, again, other = (draw_rungs(rules, COUNTRIES, FIELDS, DAYS, 50, s) for s in (1, 1, 2))
    assert np.array_equal(one, again, equal_nan=True)
    assert not np.array_equal(one, other, equal_nan=True)


@few
@given(tables(exact=True))
def test_draws_are_counted_as_the_panel_is(rules):
    counts = count_draws(draw_rungs(rules, COUNTRIES, FIELDS, DAYS, 2), DAYS)
    panel = stricter(strictness(rules, COUNTRIES, FIELDS, DAYS), *COUNTRIES)
    panel = panel[panel["reading"] == "strictest"].reset_index(drop=True)
    for draw in (0, 1):
        own = counts[counts["draw"] == draw].reset_index(drop=True)
        columns = ["year", "day", "a", "b", "level", "only_a", "only_b"]
        pd.testing.assert_frame_equal(own[columns], panel[columns], check_dtype=False)


def test_five_hundred_draws_of_the_whole_comparison_take_less_than_three_seconds(project):
    rules = load_rules(COUNTRIES, project=project)
    fields = list(project.vocabulary("category", "field"))
    days = reading_days(1991, 2026, project.closing_day)
    recoding = recoding_rate(project.read_table("second_reading"))
    begun = time.process_time()
    counts = count_draws(draw_rungs(rules, COUNTRIES, fields, days, 500, 1, recoding), days)
    found = [crossing(own) for _, own in counts.groupby("draw")]
    assert time.process_time() - begun < 3
    assert len(found) == 500 and len(counts) == 500 * len(days)


# --- single rules ---------------------------------------------------------------------------------


def test_cells_that_rest_on_one_rule():
    rules = frame(
        rule("top", 4, "2000-01-01"),
        rule("next", 2, "2000-01-01"),
        rule("alone", 3, "2003-01-01", category="religion", country="RUS", typical=False),
        # Two on one rung carry each other; from 2005 on only one of them is left.
        rule("one", 1, "2000-01-01", category="religion"),
        rule("two", 1, "2000-01-01", end="2005-01-01", category="religion"),
        # only possibly in force in 2004, and undated
        rule("perhaps", 4, "2004-01-01", "2005-06-01", category="religion"),
        rule("undated", 4, None, category="religion"),
    )
    out = carried_by_one(rules, ["RUS", "KAZ"], FIELDS, ends(2004, 2006))
    own = out[out["reading"] == "strictest"]
    columns = ["country", "field", "year", "rung", "rule"]
    assert own[columns].to_numpy().tolist() == [
        ["RUS", "religion", 2004, 3, "alone"],
        ["RUS", "religion", 2006, 3, "alone"],
        ["KAZ", "assembly", 2004, 4, "top"],
        ["KAZ", "assembly", 2006, 4, "top"],
        ["KAZ", "religion", 2006, 4, "perhaps"],
    ]
    assert own["without"].fillna(-1).tolist() == [-1, -1, 2, 2, 1]
    assert "alone" not in set(out.loc[out["reading"] == "typical", "rule"])


@few
@given(tables())
def test_only_the_rules_named_change_a_rung_and_to_what_is_named(rules):
    named = carried_by_one(rules, COUNTRIES, FIELDS, DAYS)
    keys = ["country", "field", "reading", "day"]

    def certain(own):
        return strictness(own, COUNTRIES, FIELDS, DAYS).set_index(keys)["rung"].fillna(-1)

    whole = certain(rules)
    for rule_id in rules["rule_id"]:
        less = certain(rules[rules["rule_id"] != rule_id])
        own = named[named["rule"] == rule_id].set_index(keys)
        changed = less[less != whole]
        assert set(changed.index) == set(own.index)
        assert (own["without"].fillna(-1) == changed.reindex(own.index)).all()


def test_russian_registration_stands_on_one_rule_for_foreign_bodies(project):
    # The law of 2023 on work for unregistered foreign organisations is alone on rung 4.
    rules = load_rules(["RUS"], ["registration_entry"], project=project)
    out = carried_by_one(rules, ["RUS"], ["registration_entry"], [DAY(project.closing_day)])
    row = out[out["reading"] == "strictest"].iloc[0]
    assert row["rule"] == "RUS-2023-unregistered-foreign-ngo.registration_entry"
    assert (row["rung"], row["without"]) == (4, 3)
