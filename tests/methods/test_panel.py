"""The panel and what is made of it, on small rules whose answers are worked out by hand."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from methods.made import COUNTRIES, DAY, FIELDS, ends, few, frame, rule, tables
from runs import function_of

from ngolib.errors import ParameterError
from ngolib.evidence import load_rules
from ngolib.methods import (
    coverage_by_year,
    deciding,
    in_force,
    reading_days,
    search_state,
    spells,
    stock,
    stricter,
    strictness,
)
from ngolib.verbs import words


def cell(rules, *years, reading="strictest"):
    """Return the panel of Kazakhstan's assembly, by year."""
    panel = strictness(rules, ["KAZ"], ["assembly"], ends(*years))
    return panel[panel["reading"] == reading].set_index("year")


def rungs(table, column="rung"):
    return table[column].dropna().astype(int).to_dict()


# --- days -----------------------------------------------------------------------------------------


def test_years_are_read_at_their_end_and_the_last_on_the_closing_day():
    closing = date(2026, 11, 28)
    assert list(reading_days(2025, 2026, closing)) == [DAY("2025-12-31"), DAY("2026-11-28")]
    assert list(reading_days(2020, 2021, closing)) == ends(2020, 2021)
    # No year after the closing day is read.
    assert list(reading_days(2026, 2030, closing)) == [DAY("2026-11-28")]
    assert reading_days(2027, 2030, closing).empty


@pytest.mark.parametrize("days", [[2020, 2021], ["05.03.2020"], [True]])
def test_what_is_no_day_is_not_taken_for_one(days):
    """Years would be nanoseconds since 1970: no rule in force, and no word of it."""
    rules = frame(rule("a", 3, "2001-01-01"))
    said = f"days: found {days[0]}; allowed: days"
    for measure in (
        lambda: in_force(rules, days[0]),
        lambda: strictness(rules, ["KAZ"], ["assembly"], days),
        lambda: stock(rules, ["KAZ"], days),
    ):
        with pytest.raises(ParameterError, match=re.escape(said)):
            measure()


def test_a_period_ends_after_it_begins():
    for read in (
        lambda: reading_days(2020, 2010, date(2026, 11, 28)),
        lambda: search_state("KAZ", "assembly", 2026, 1991),
        lambda: coverage_by_year("KAZ", 2020, 2010),
    ):
        with pytest.raises(ParameterError, match="end: found"):
            read()


# --- rules for uncertain dates, in the order of the docstring of `strictness` ---------------------


@pytest.mark.parametrize(
    ("given", "certain", "possible"),
    [
        # 1. read on 31 December: began and ended within 2003, so it does not show
        (rule("a", 2, "2003-02-01", end="2003-11-01"), [], []),
        # a start on the day itself counts, an end on it does not
        (rule("a", 2, "2002-12-31", end="2003-12-31"), [2002], [2002]),
        # 2. a start known to the month (or year) is certain from its last day
        (rule("a", 2, "2002-12-01", "2002-12-31"), [2002, 2003, 2004], [2002, 2003, 2004]),
        (rule("a", 2, "2002-06-01", "2003-06-01"), [2003, 2004], [2002, 2003, 2004]),
        # 3. presumed: certain only from the end of the calendar year after
        (
            rule("a", 2, "2002-06-01", "2003-12-31", from_basis="presumed"),
            [2003, 2004],
            [2002, 2003, 2004],
        ),
        # 4. an act without a date is never counted
        (rule("a", 2, None, from_basis="unknown"), [], []),
        # 5. an end within a span: certain until its first day, possible until its last
        (
            rule("a", 2, "2002-01-01", end="2003-01-01", to_latest=DAY("2004-06-01")),
            [2002],
            [2002, 2003],
        ),
        # as `load_rules` gives one that ended on a day that nobody shows
        (rule("a", 2, "2002-01-01", end="2002-01-01"), [], []),
        # no documented end: it goes on
        (rule("a", 2, "2003-01-01"), [2003, 2004], [2003, 2004]),
    ],
)
def test_uncertain_dates_are_read_by_the_rules_of_the_docstring(given, certain, possible):
    out = cell(frame(given), 2002, 2003, 2004)
    assert list(rungs(out)) == certain
    assert list(rungs(out, "rung_possible")) == possible
    # 6. no rule is a missing value, never 0
    assert not (out["rung"] == 0).any()


def test_the_highest_rule_in_force_on_the_day_counts():
    rules = frame(rule("a", 2, "2001-05-01"), rule("b", 4, "2003-01-01", end="2005-12-31"))
    out = cell(rules, *range(2000, 2007))
    # On 31 December 2005 rule b is no longer in force: its end is exclusive.
    assert rungs(out) == {2001: 2, 2002: 2, 2003: 4, 2004: 4, 2005: 2, 2006: 2}
    assert list(out["basis"]) == ["", *["dated"] * 6]
    assert list(out["rules"]) == [(), ("a",), ("a",), ("b",), ("b",), ("a",), ("a",)]
    assert list(out["n"]) == [0, 1, 1, 1, 1, 1, 1]


def test_a_rung_of_zero_is_a_rung():
    assert rungs(cell(frame(rule("free", 0, "2001-01-01")), 2000, 2001)) == {2001: 0}


def test_rules_without_a_rung_do_not_count():
    assert cell(frame(rule("a", None, "2001-01-01")), 2001)["rules"].item() == ()


def test_what_the_basis_rests_on():
    presumed = rule("p", 3, "2001-05-01", "2002-12-31", from_basis="presumed")
    out = cell(frame(presumed), 2000, 2001, 2002)
    assert list(out["basis"]) == ["", "possible", "presumed"]
    assert pd.isna(out.loc[2001, "rung"]) and out.loc[2001, "rung_possible"] == 3
    # One dated rule on the same rung, and the rung is dated; a rule that is only possibly in force
    # does not carry a rung that another holds for certain.
    dated, perhaps = rule("d", 3, "2001-01-01"), rule("q", 3, "2002-06-01", "2003-06-01")
    out = cell(frame(presumed, dated, perhaps), 2001, 2002)
    assert list(out["basis"]) == ["dated", "dated"]
    assert list(out["rules"]) == [("d",), ("p", "d")]


def test_a_certain_lower_rung_and_a_possible_higher_one_stand_side_by_side():
    low, high = rule("low", 1, "2001-01-01"), rule("high", 3, "2002-06-01", "2003-06-01")
    out = cell(frame(low, high), 2002, 2003)
    assert (out.loc[2002, "rung"], out.loc[2002, "rung_possible"]) == (1, 3)
    assert (out.loc[2002, "basis"], out.loc[2002, "rules"]) == ("possible", ("low",))
    only = cell(frame(high), 2002)
    assert pd.isna(only["rung"].item()) and only["rules"].item() == ("high",)
    assert (out.loc[2003, "basis"], out.loc[2003, "rules"]) == ("dated", ("high",))


def test_the_typical_reading_leaves_out_rules_for_a_class():
    rules = frame(rule("all", 2, "2001-01-01"), rule("class", 4, "2001-01-01", typical=False))
    assert cell(rules, 2001, reading="typical")["rules"].item() == ("all",)
    assert cell(rules, 2001)["rules"].item() == ("class",)


def test_every_cell_asked_for_stands_there_in_order_and_no_other():
    out = strictness(frame(rule("a", 2, "2001-01-01")), ["RUS", "KAZ"], FIELDS[::-1], ends(2001))
    assert list(zip(out["country"], out["field"], out["reading"], strict=True)) == [
        (country, field, reading)
        for country in ("RUS", "KAZ")
        for field in FIELDS[::-1]
        for reading in ("typical", "strictest")
    ]
    assert out["rung"].notna().sum() == 2
    nothing = strictness(frame(), ["KAZ"], ["assembly"], ends(2001))
    assert nothing["rung"].isna().all() and list(nothing["rules"]) == [(), ()]
    assert strictness(frame(), ["KAZ"], ["assembly"], []).empty


@few
@given(tables())
def test_the_panel_agrees_with_the_rules_read_one_by_one(rules):
    days = ends(1999, 2003, 2007, 2011)
    for row in strictness(rules, COUNTRIES, FIELDS, days).to_dict("records"):
        own = rules[(rules["country"] == row["country"]) & (rules["category"] == row["field"])]
        own = own[own["typical"]] if row["reading"] == "typical" else own
        state = in_force(own, row["day"])
        assert (state["possible"] | ~state["certain"]).all()
        for column, held in (("rung", "certain"), ("rung_possible", "possible")):
            found = own.loc[state[held], "rung"]
            assert pd.isna(row[column]) if found.empty else row[column] == found.max()
        shown = own[own["rule_id"].isin(row["rules"])]
        rung = row["rung_possible"] if pd.isna(row["rung"]) else row["rung"]
        assert (shown["rung"] == rung).all()
        assert len(shown) == row["n"] and bool(row["n"]) == bool(state["possible"].any())


@few
@given(tables(), st.integers(0, 7))
def test_no_rung_rises_when_a_rule_is_left_out(rules, place):
    days = ends(2001, 2005, 2009)
    whole, less = (
        strictness(own, COUNTRIES, FIELDS, days).fillna({"rung": -1, "rung_possible": -1})
        for own in (rules, rules.drop(index=rules.index[place : place + 1]))
    )
    assert (less["rung"] <= whole["rung"]).all()
    assert (less["rung_possible"] <= whole["rung_possible"]).all()


# --- spells ---------------------------------------------------------------------------------------

RISE_AND_FALL = frame(
    rule("low", 1, "1998-01-01"),
    rule("high", 4, "2000-06-01", end="2004-03-01"),
    rule("middle", 3, "2001-01-01"),
    rule("again", 4, "2010-02-01", end="2010-03-01"),
    rule("gone", 2, "1990-01-01", end="1996-01-01"),
)


def test_spells_part_at_every_change_and_at_gaps():
    days = ends(*range(1994, 2012))
    out = spells(strictness(RISE_AND_FALL, ["KAZ", "RUS"], ["assembly"], days))
    own = out[out["reading"] == "strictest"]
    # 1996 and 1997 have no rule: a gap, no spell. February 2010 lies between two readings.
    assert own[["rung", "first", "last"]].to_numpy().tolist() == [
        [2, 1994, 1995],
        [1, 1998, 1999],
        [4, 2000, 2003],
        [3, 2004, 2011],
    ]
    assert set(out["country"]) == {"KAZ"}
    # One rung in two cells that stand beside each other is two spells.
    same = spells(strictness(frame(rule("a", 2, "2000-01-01")), ["KAZ"], ["assembly"], days))
    assert same["reading"].tolist() == ["typical", "strictest"]


def test_the_stock_counts_every_rule_at_or_above_a_rung():
    rules = frame(
        rule("a", 3, "2000-01-01"),
        rule("b", 4, "2001-01-01", end="2002-01-01", category="religion"),
        rule("c", 2, "2000-01-01"),
        rule("d", 3, "2000-06-01", "2001-06-01"),
        rule("e", None, "2000-01-01"),
    )
    out = stock(rules, ["RUS", "KAZ"], ends(2000, 2001, 2002)).set_index("country")
    # Rule d is only possibly in force at the end of 2000.
    assert list(out.loc["KAZ", "rules"]) == [("a",), ("a", "b", "d"), ("a", "d")]
    assert list(out.loc["KAZ", "n"]) == [1, 3, 2] and not out.loc["RUS", "n"].any()
    assert stock(rules, ["KAZ"], ends(2001), rung=4)["rules"].item() == ("b",)


# --- two countries --------------------------------------------------------------------------------


def test_fields_are_counted_by_who_is_the_stricter():
    fields = [*words("category", kind="field")][:6]
    # Field by field: 3 and 1, 1 and 2, 2 and 2, 0 and none, none and 4, none and none.
    held = {"KAZ": [3, 1, 2, 0, None, None], "RUS": [1, 2, 2, None, 4, None]}
    rules = frame(
        *(
            rule(f"{country}-{field}", rung, "2000-01-01", country=country, category=field)
            for country, own in held.items()
            for field, rung in zip(fields, own, strict=True)
            if rung is not None
        )
    )
    panel = strictness(rules, COUNTRIES, fields, ends(1999, 2000))
    out = stricter(panel, "KAZ", "RUS").set_index(["reading", "year"])
    assert list(out.index) == [
        ("typical", 1999),
        ("typical", 2000),
        ("strictest", 1999),
        ("strictest", 2000),
    ]
    row = out.loc[("typical", 2000)]
    cases = ["a", "b", "level", "only_a", "only_b", "neither"]
    assert [row[case] for case in cases] == [1] * 6
    assert [row[f"fields_{case}"] for case in cases] == [(field,) for field in fields]
    assert out.loc[("typical", 1999), "fields_neither"] == tuple(fields)
    turned = stricter(panel, "RUS", "KAZ").set_index(["reading", "year"]).loc[("typical", 2000)]
    assert (turned["fields_a"], turned["fields_only_a"]) == ((fields[1],), (fields[4],))


@pytest.mark.parametrize(
    ("a", "b", "year"),
    [
        # years 2000 to 2004
        ([3, 3, 1, 1, 1], [2, 2, 2, 2, 2], 2002),
        # the first to be ahead may be either
        ([1, 1, 1, 3, 3], [2, 2, 2, 2, 2], 2003),
        # a tie belongs to neither: it ends a lead and begins none
        ([3, 2, 2, 1, 1], [2, 2, 2, 2, 2], 2003),
        ([3, 1, 2, 1, 1], [2, 2, 2, 2, 2], 2003),
        # the lead came back: only the last without interruption counts
        ([3, 1, 3, 1, 1], [2, 2, 2, 2, 2], 2003),
        # nobody leads at the end, one always leads, ties only came before
        ([3, 3, 1, 1, 2], [2, 2, 2, 2, 2], None),
        ([3, 3, 3, 3, 3], [2, 2, 2, 2, 2], None),
        ([2, 2, 3, 3, 3], [2, 2, 2, 2, 2], None),
        ([2, 2, 2, 2, 2], [2, 2, 2, 2, 2], None),
        # led before, was overtaken, overtook again
        ([3, 1, 1, 3, 3], [2, 2, 2, 2, 2], 2003),
        # in the last year only
        ([3, 3, 3, 3, 1], [2, 2, 2, 2, 2], 2004),
    ],
)
def test_crossing(a, b, year):
    crossing = function_of("02_restrictions_compared", "crossing")
    counts = pd.DataFrame({"year": range(2000, 2005), "a": a, "b": b})
    assert crossing(counts) == year
    assert crossing(counts.rename(columns={"a": "b", "b": "a"})) == year
    assert crossing(counts.iloc[::-1]) == year


def test_nothing_never_crosses():
    assert (
        function_of("02_restrictions_compared", "crossing")(
            pd.DataFrame({"year": [], "a": [], "b": []})
        )
        is None
    )


def test_a_profile_parts_a_rule_evenly_among_its_codes():
    rules = frame(
        rule("a", 3, "2000-01-01", duty=("report", "publish")),
        rule("b", None, "2000-01-01", duty=("report",), direction="mixed"),
        # not restrictive, not yet certainly in force, of another country
        rule("c", None, "2000-01-01", duty=("entitled",), direction="enabling"),
        rule("d", 3, "2000-06-01", "2001-06-01", duty=("pay",)),
        rule("e", 3, "2000-01-01", duty=("label",), country="KGZ"),
    )
    profile = function_of("02_restrictions_compared", "profile", countries=COUNTRIES)
    out = profile(rules, ends(1999, 2000, 2001), "duty")
    assert out.loc[("KAZ", DAY("2000-12-31"))].to_dict() == {
        "pay": 0,
        "publish": 1 / 4,
        "report": 3 / 4,
    }
    assert out.loc[("KAZ", DAY("2001-12-31"))].sum() == pytest.approx(1)
    assert out.loc["RUS"].isna().all(axis=None) and out.loc[("KAZ", DAY("1999-12-31"))].isna().all()


# --- well-known cells -----------------------------------------------------------------------------


def test_kazakh_assembly_needed_leave_until_2019_and_needs_notice_since(project):
    rules = load_rules(["KAZ"], ["assembly"], project=project)
    # Edict No. 2126 of 1995: leave of the executive; law of 25 May 2020, in force on 6 June:
    # notice, but places set beforehand and leave for marches.
    days = reading_days(1996, 2026, project.closing_day)
    out = spells(strictness(rules, ["KAZ"], ["assembly"], days))
    for _, own in out.groupby("reading"):
        assert own[["rung", "first", "last"]].to_numpy().tolist() == [
            [4, 1996, 2019],
            [3, 2020, 2026],
        ]


def test_russian_foreign_money_gives_a_status_since_november_2012(project):
    rules = load_rules(["RUS"], ["foreign_funding"], project=project)
    # Law 121-FZ of 20 July 2012, in force on 21 November 2012: "foreign agents". Before, only a
    # list of donors whose grants are free of tax. Parties may take none since 2001: a class only.
    days = reading_days(2003, 2026, project.closing_day)
    out = spells(strictness(rules, ["RUS"], ["foreign_funding"], days)).groupby("reading")
    assert out.get_group("typical")[["rung", "first", "last"]].to_numpy().tolist() == [
        [1, 2003, 2011],
        [3, 2012, 2026],
    ]
    assert out.get_group("strictest")["rung"].tolist() == [4]


# --- the rule that decides ------------------------------------------------------------------------


def test_the_rule_that_decides_is_typical_names_a_penalty_was_seen_lately_and_is_oldest():
    rules = frame(
        rule("lower", 2, "1991-01-01"),
        rule("class", 3, "1992-01-01", typical=False),
        rule("silent", 3, "1993-01-01", consequence=("none_stated",)),
        rule("unseen", 3, "1994-01-01"),
        rule("young", 3, "1996-01-01"),
        rule("right", 3, "1995-01-01"),
        rule("strict", 4, "1999-01-01", typical=False),
    ).assign(last_verified=["2004", "2004", "2004", "2002", "2004", "2003-05", "2004"])
    panel = strictness(rules, ["KAZ"], ["assembly"], ends(2004))
    found = deciding(panel, rules).set_index("reading")["rule_id"]
    assert found.to_dict() == {"typical": "right", "strictest": "strict"}
    assert deciding(panel, rules).columns.is_unique


def test_a_cell_without_a_rule_has_none_that_decides():
    rules = frame(rule("a", 2, "2000-01-01")).assign(last_verified="2001")
    panel = strictness(rules, ["KAZ", "RUS"], ["assembly", "religion"], ends(1999, 2001))
    found = deciding(panel, rules)[["country", "field", "year"]].drop_duplicates()
    assert found.to_numpy().tolist() == [["KAZ", "assembly", 2001]]
