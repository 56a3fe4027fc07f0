"""The verbs on small tables whose answers are worked out by hand, and on empty ones."""

from __future__ import annotations

import doctest

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ngolib
from ngolib import charts, load_events, load_rules, verbs
from ngolib.errors import ParameterError
from ngolib.evidence import tables
from ngolib.verbs import (
    about,
    between,
    by_act,
    durations,
    interval,
    keep,
    listed,
    many,
    penalty,
    per_year,
    place,
    related,
    since,
    spells,
    stage,
    strict,
    together,
    told,
    vary,
    when,
    years,
)

DAY = pd.Timestamp
STATIONS = {"proposed": ["proposed"], "signed": ["adopted", "signed"], "in force": ["in_force"]}


def steps(*rows):
    """Events: act, stage, first and last possible day, direction."""
    made = [
        {
            "event_id": f"{act}.{stage}",
            "process_id": act,
            "title": f"Act {act}",
            "law": f"Law {act}",
            "stage": stage,
            "scheduled": False,
            "date_start": pd.to_datetime(first),
            "date_end": pd.to_datetime(last),
            "precision": "day" if first == last else "span",
            "direction": direction,
            "categories": ("assembly",),
            "never_in_force": False,
            "relation": (),
            "evidence": (f"{act}.{stage}",),
        }
        for act, stage, first, last, direction in rows
    ]
    columns = load_events().columns
    return pd.DataFrame(made, columns=columns).astype({"date_start": "datetime64[ns]"})


A = ("a", "proposed", "2010-01-01", "2010-01-31", "restrictive")
B = ("a", "signed", "2010-03-01", "2010-03-01", "restrictive")
C = ("a", "in_force", "2010-03-11", "2010-03-21", "restrictive")
D = ("b", "signed", "2012-06-01", "2012-06-01", "enabling")
E = ("b", "in_force", "2012-05-01", "2012-05-01", "enabling")
F = ("c", "signed", None, None, "mixed")


@pytest.mark.parametrize("module", [verbs, charts, tables], ids=lambda module: module.__name__)
def test_the_examples_in_the_docstrings_hold(module):
    assert doctest.testmod(module, extraglobs={"ngolib": ngolib}).failed == 0


# --- choosing -------------------------------------------------------------------------------------


def test_keep_takes_rows_with_any_of_the_codes_and_all_where_none_is_asked_for():
    table = steps(A, B, D)
    assert keep(table, stage="signed")["process_id"].to_list() == ["a", "b"]
    assert keep(table, stage=["signed"], direction=["enabling"])["process_id"].to_list() == ["b"]
    assert len(keep(table, stage=[], categories=[])) == 3
    assert len(keep(table, categories=["assembly", "religion"])) == 3
    assert keep(table, categories="religion").empty
    assert len(keep(table, scheduled=False)) == 3
    rated = pd.DataFrame({"rung": [0, 3, 0]})
    assert [len(keep(rated, rung=n)) for n in (0, 3, 4, [0, 3], None)] == [2, 1, 0, 3, 3]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"stage": "singed"}, "did you mean 'signed'"),
        ({"stages": "signed"}, "unknown column 'stages'; did you mean 'stage'"),
        ({"categories": ["assembly", "asembly"]}, "did you mean 'assembly'"),
        (
            {"stage": [["signed", "adopted"]]},
            r"stage: found \['signed', 'adopted'\]; allowed: a code",
        ),
        ({"stage": pd.NA}, "stage: found <NA>; allowed: a code"),
        ({"process_id": [["a"]]}, r"process_id: found \['a'\]; allowed: a code"),
        ({"date_start": "2016-07-26"}, "date_start: found '2016-07-26'; allowed: a Timestamp"),
    ],
)
def test_keep_names_what_it_does_not_know(asked, words):
    with pytest.raises(ParameterError, match=words):
        keep(steps(A), **asked)


def test_between_keeps_what_may_lie_in_the_period():
    table = steps(A, B, C, D, F, ("d", "signed", "2010-12-01", "2011-02-01", "mixed"))
    assert set(between(table, 2011, 2012)["process_id"]) == {"b", "d"}
    assert set(between(table, 2010, 2010)["process_id"]) == {"a", "d"}


def test_related_names_the_other_act_once_for_each_relation():
    table = steps(B, D).assign(
        relation=[("replaces: x", "applies: y", "re_enacts: z"), ("applies: y",)]
    )
    assert related(table, "replaces", "re_enacts")["other"].to_list() == ["x", "z"]
    assert related(table, "applies")["process_id"].to_list() == ["a", "b"]


# --- summing up -----------------------------------------------------------------------------------


def test_acts_are_counted_once_by_their_first_row():
    table = steps(A, B, C, D, ("a", "repealed", "2015-01-01", "2015-01-01", "enabling"))
    yearly = per_year(table, 2009, 2012)
    assert yearly["restrictive"].to_dict() == {2009: 0, 2010: 1, 2011: 0, 2012: 0}
    assert yearly["enabling"].sum() == 1


def test_the_steps_of_an_act_are_one_row_in_words():
    row = by_act(steps(A, B)).iloc[0]
    assert row["steps"] == "proposed 2010-01-01/2010-01-31, signed 2010-03-01"
    assert row["stages"] == ("proposed", "signed") and row["law"] == "Law a"
    assert row["evidence"] == ("a.proposed", "a.signed")


# --- spans of days --------------------------------------------------------------------------------


def test_a_duration_lies_between_the_least_and_the_most_days_that_the_dates_allow():
    own = durations(steps(A, B, C), STATIONS)
    told_of = {
        (r["from"], r["to"]): (r["least"], r["middle"], r["most"]) for _, r in own.iterrows()
    }
    # 31 January to 1 March are 29 days, 1 January to 1 March 59; 1 to 11 March 10, to 21 March 20.
    assert told_of == {("proposed", "signed"): (29, 44, 59), ("signed", "in force"): (10, 15, 20)}


def test_an_order_against_the_dates_and_a_missing_date_stay_and_are_told_apart():
    undated = ("c", "in_force", "2013-01-01", "2013-01-01", "mixed")
    own = durations(steps(A, B, C, D, E, F, undated), STATIONS).set_index(["from", "to"])
    legs = own.loc[[("signed", "in force")], "most"]
    assert ((legs >= 0).sum(), (legs < 0).sum(), legs.isna().sum()) == (1, 1, 1)
    known = own[own["most"] >= 0].xs("signed", level="from").iloc[0]
    assert about(known) == "15 (10 to 20)" and about(known, "day").startswith("15 days (between 10")
    assert about(own.loc[[("proposed", "signed")]].iloc[0], "day") == (
        "44 days (between 29 and 59, as far as dates are known)"
    )


def test_stations_are_stages_that_are_known():
    own = steps(A, B, C)
    assert len(durations(own, {"proposed": "proposed", "signed": "signed"})) == 1
    with pytest.raises(ParameterError, match="unknown stage 'sgned'; did you mean 'signed'"):
        durations(own, {"proposed": ["proposed"], "signed": ["sgned"]})
    with pytest.raises(ParameterError, match="stations: found 1; allowed: two or more"):
        durations(own, {"signed": ["signed"]})


@pytest.mark.parametrize("start", ["2010", 2010.0, 0, 10_000])
def test_what_is_no_year_is_told(start):
    for load in (lambda: load_events(start=start), lambda: between(load_events(), start, 2015)):
        with pytest.raises(ParameterError, match=f"start: found {start!r}; allowed: a year"):
            load()
    with pytest.raises(ParameterError, match="end: found 2010; allowed: start, 2020, or later"):
        load_events(start=2020, end=2010)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"scheduled": "yes"}, "scheduled: found 'yes'; allowed: True or False"),
        ({"scheduled": 5}, r"unknown scheduled '5' \(allowed: True, False\)"),
        ({"decade": 1990}, "decade: found 1990; allowed: a code"),
        ({"year": "1999"}, "year: found '1999'; allowed: a number"),
    ],
)
def test_what_a_column_cannot_hold_is_told(asked, words):
    with pytest.raises(ParameterError, match=words):
        keep(load_events(), **asked)


def test_the_first_of_several_steps_is_between_their_earliest_days():
    two = steps(B, ("a", "adopted", "2010-02-01", "2010-04-01", "restrictive"), C)
    leg = durations(two, STATIONS).set_index("from").loc["signed"]
    # Between 1 February and 1 March; in force between 11 and 21 March.
    assert (leg["least"], leg["most"]) == (10, 48)


def test_intervals_are_written_as_far_as_they_are_known():
    table = pd.DataFrame({"least": [5.0, 5.0, None, -3.0], "most": [5.0, 7.0, None, -1.0]})
    words = ["5", "5 to 7", "a step has no date", "contrary order"]
    assert interval(table).to_list() == words


spans = st.tuples(st.integers(0, 4000), st.integers(0, 400))


@given(st.lists(st.tuples(spans, spans), min_size=1, max_size=5), st.randoms())
def test_the_true_gap_always_lies_within_the_interval(pairs, random):
    taken = [
        (f"{n}", stage, DAY(first, unit="D"), DAY(first + width, unit="D"), "mixed")
        for n, both in enumerate(pairs)
        for stage, (first, width) in zip(["signed", "in_force"], both, strict=True)
    ]
    found = durations(steps(*taken), {"signed": ["signed"], "in force": ["in_force"]})
    for (one, two), row in zip(pairs, found.itertuples(), strict=True):
        true = random.randint(two[0], sum(two)) - random.randint(one[0], sum(one))
        if true >= 0:
            assert max(row.least, 0) <= true <= row.most


# --- empty tables ---------------------------------------------------------------------------------


def test_an_empty_table_goes_through_every_verb():
    none = load_events().iloc[:0]
    assert keep(none, stage="signed").empty and between(none, 2000, 2001).empty
    assert related(none, "applies").empty and by_act(none).empty
    assert per_year(none, 2000, 2002).to_numpy().sum() == 0
    assert len(per_year(none, 2000, 2002)) == 3
    gone = durations(none, STATIONS)
    assert (
        gone.empty and interval(gone).empty and about(gone[["least", "middle"]].median()) == "none"
    )
    assert when(none).empty and stage(none).empty
    rules = load_rules().iloc[:0]
    assert told(rules).empty and since(rules).empty and strict(rules).empty
    assert together([]) == () and listed([]) == "none"


# --- words ----------------------------------------------------------------------------------------


def test_dates_are_written_as_far_as_they_are_known():
    table = steps(B, A, F).assign(precision=["day", "month", "unknown"])
    assert when(table).to_list() == ["2010-03-01", "2010-01", "undated"]
    assert stage(table.assign(scheduled=[True, False, False])).iloc[0] == "signed (scheduled)"


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2016-10-11", "2016-10-11", "since 11 October 2016"),
        ("2016-10-01", "2016-10-31", "since October 2016"),
        ("2016-01-01", "2016-12-31", "since 2016"),
        ("2015-07-01", "2016-12-31", "since 2015 or 2016"),
        ("2014-07-01", "2016-12-31", "since some day of 2014–2016"),
        (None, None, "since an unknown day"),
    ],
)
def test_the_start_of_a_rule_is_written_as_far_as_it_is_known(first, last, words):
    days = pd.to_datetime([first]), pd.to_datetime([last])
    names = ["from_earliest", "from_latest", "first_earliest", "first_latest"]
    assert since(pd.DataFrame(dict(zip(names, days * 2, strict=True)))).to_list() == [words]


def test_a_rule_that_carries_over_an_older_one_says_since_when_it_is_known():
    rules = load_rules(["KAZ"], ["foreign_funding"]).set_index("rule_id")
    # Tax Code of 2025 <- Tax Code of 2017 <- law of 2016.
    assert since(rules)["KAZ-2025-tax-code.foreign_funding"] == (
        "since 1 January 2026 (in earlier laws since 11 October 2016)"
    )
    assert since(rules)["KAZ-2016-foreign-funding-law.foreign_funding"] == "since 11 October 2016"


def test_a_rule_is_written_with_its_level_place_start_and_penalty():
    rules = load_rules(["KAZ"], ["foreign_funding"]).set_index("rule_id")
    rule = rules.loc[["KAZ-2016-foreign-funding-law.foreign_funding.2"]]
    assert strict(rule).item() == "public register or label (2)"
    assert "CAO Art. 460-2" in place(rule).item()
    assert penalty(rule).item() == "25 monthly calculation indices on a repeat"
    assert told(rule).item() == (
        f"{strict(rule).item()}: {rule['short'].item()} ({place(rule).item()}), "
        f"{since(rule).item()}; {penalty(rule).item()}"
    )
    plain = rule.assign(max_penalty="", consequence=[("none_stated",)], rung=pd.NA, article="")
    assert told(plain).item().startswith(rule["short"].item())
    assert told(plain).item().endswith("; no penalty stated")


def test_numbers_names_and_years_are_written_for_a_sentence():
    assert many(1234, "act") == "1,234 acts"
    assert many(0, "field", spelt=True) == "no fields"
    assert many(2.0, "country", "countries") == "2 countries"
    assert many(1.5, "act") == "1.5 acts" and many(2.0, "act", spelt=True) == "two acts"
    assert listed(pd.Series({"set_aside": 2, "kept": 1})) == "2 set aside and 1 kept"
    assert years(2012, 2012) == "2012" and years(2012, 2014) == "2012–2014"
    assert spells([2021, 2013, 2012]) == "2012–2013 and 2021"


def test_other_choices_are_a_row_each():
    table = vary({"all": {}, "some": {"n": 1}}, lambda n=2: {"rows": n})
    assert table.to_dict("list") == {"choice": ["all", "some"], "rows": [2, 1]}


def test_a_stage_stands_in_one_station():
    twice = {"decided": ["signed", "adopted"], "law": ["signed", "in_force"]}
    with pytest.raises(ParameterError, match="stage 'signed' stands in two of them"):
        durations(steps(A, B), twice)


def test_the_label_of_an_unknown_code_names_the_nearest():
    with pytest.raises(ParameterError, match="unknown country 'KAS'; did you mean 'KAZ'"):
        verbs.words("country", "KAS")


def test_who_is_still_in_office_is_kept_between_years():
    offices = ngolib.load_offices("KAZ")
    kept = between(offices, 2021, 2025)
    assert kept["date_end"].isna().any() and (kept["date_start"].dt.year <= 2025).all()


def test_words_for_a_number_are_refused():
    rules = ngolib.load_rules(["KAZ"])
    with pytest.raises(ParameterError, match="rung: found '3'; allowed: a number"):
        keep(rules, rung="3")
