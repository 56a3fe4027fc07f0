"""The panel and the matrix, on small rules whose answer is worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ngolib.analysis.compare import (
    apart,
    breadth,
    by_period,
    dated_to_the_day,
    in_force,
    matrix,
    one_sided,
    panel,
)
from ngolib.evidence import load_rules

DAY = pd.Timestamp


def rule(rule_id, rung, start, latest=None, end=None, basis="stated", **more):
    return {
        "rule_id": rule_id,
        "process_id": rule_id,
        "country": "KAZ",
        "category": "assembly",
        "measure": "m",
        "direction": "restrictive",
        "rung": rung,
        "from_earliest": DAY(start),
        "from_latest": DAY(latest or start),
        "from_basis": basis,
        "to_earliest": DAY(end) if end else pd.NaT,
        "to_latest": DAY(end) if end else pd.NaT,
        "to_basis": "stated" if end else "",
        "title": rule_id,
        "evidence": (rule_id,),
    } | more


def frame(*rules):
    out = pd.DataFrame(rules)
    out["rung"] = out["rung"].astype("Int64")
    for column in ("from_earliest", "from_latest", "to_earliest", "to_latest"):
        out[column] = pd.to_datetime(out[column])
    return out


def rungs(table, column="rung"):
    return {r["year"]: r[column] for r in table.to_dict("records") if not pd.isna(r[column])}


def test_the_highest_rule_in_force_at_the_end_of_the_year_counts():
    rules = frame(rule("a", 2, "2001-05-01"), rule("b", 4, "2003-01-01", end="2005-12-31"))
    out = panel(rules, ["KAZ"], ["assembly"], 2000, 2006)
    # On 31 December 2005 rule b is no longer in force: its end is exclusive.
    assert rungs(out) == {2001: 2, 2002: 2, 2003: 4, 2004: 4, 2005: 2, 2006: 2}
    assert out.loc[out["year"] == 2000, "basis"].item() == ""
    assert out.loc[out["year"] == 2004, "rule_ids"].item() == ("b",)


def test_an_unknown_start_is_possible_before_it_is_presumed():
    rules = frame(rule("a", 3, "2001-05-01", latest="2002-12-31", basis="presumed"))
    out = panel(rules, ["KAZ"], ["assembly"], 2000, 2003).set_index("year")
    assert list(out["basis"]) == ["", "possible", "presumed", "presumed"]
    assert pd.isna(out.loc[2001, "rung"]) and out.loc[2001, "rung_possible"] == 3


def test_a_field_without_rules_has_no_rung_not_zero():
    out = panel(frame(rule("a", 2, "2001-01-01")), ["KAZ", "RUS"], ["assembly"], 2001, 2001)
    assert out.set_index("country")["rung"].isna().to_dict() == {"KAZ": False, "RUS": True}


def test_breadth_counts_fields_not_rules():
    rules = frame(rule("a", 2, "2001-01-01"), rule("b", 3, "2001-01-01"))
    assert breadth(panel(rules, ["KAZ"], ["assembly"], 2001, 2001))["fields"].item() == 1


EVENTS = pd.DataFrame(
    columns=[
        "event_id",
        "process_id",
        "stage",
        "scheduled",
        "country",
        "level",
        "categories",
        "direction",
        "never_in_force",
        "evidence",
        "date_start",
        "date_end",
    ]
).astype({"date_start": "datetime64[ns]", "date_end": "datetime64[ns]"})
LOG = pd.DataFrame(
    {
        "country": ["KAZ"],
        "category": ["assembly"],
        "period_start": [1991],
        "period": ["P1"],
        "period_end": [2025],
        "status": ["searched_none_found"],
    }
)


def event(stage, level="rule", never=False):
    return pd.DataFrame(
        [
            ["e", "p", stage, False, ("KAZ",), level, ("assembly",), "restrictive", never, ("e",)],
        ],
        columns=EVENTS.columns[:10],
    ).assign(date_start=DAY("2003-01-01"), date_end=DAY("2004-02-01"))


NO_RULES = frame(rule("x", 1, "2001-01-01")).iloc[:0]


@pytest.mark.parametrize(
    ("rules", "events", "log", "state"),
    [
        (frame(rule("a", 2, "2001-01-01")), EVENTS, LOG, "in_force"),
        (frame(rule("a", 2, "2001-01-01", end="2003-01-01")), EVENTS, LOG, "no_longer"),
        (
            frame(rule("a", 2, "2001-01-01"), rule("b", None, "2001-01-01", direction="enabling")),
            EVENTS,
            LOG,
            "both",
        ),
        (NO_RULES, event("signed"), LOG, "enacted"),
        (NO_RULES, event("proposed", never=True), LOG, "proposed"),
        (NO_RULES, event("occurred", level="practice"), LOG, "practice"),
        (NO_RULES, EVENTS, LOG, "none_found"),
        (NO_RULES, EVENTS, LOG.assign(status="found"), "found_other"),
        (NO_RULES, EVENTS, LOG.assign(status="not_searched"), "not_searched"),
        (NO_RULES, EVENTS, LOG.assign(period_end=2001), "not_searched"),
        (NO_RULES, EVENTS, None, "not_documented"),
    ],
)
def test_state_of_a_cell(rules, events, log, state):
    out = matrix(rules, events, log, ["KAZ"], ["assembly"], 1991, 2025)
    assert out["state"].item() == state


def test_since_is_the_first_year_of_an_unbroken_rung():
    rules = frame(
        rule("a", 3, "2000-01-01", end="2004-01-01"),
        rule("b", 3, "2006-01-01"),
        rule("c", 1, "1995-01-01"),
    )
    out = matrix(rules, EVENTS, LOG, ["KAZ"], ["assembly"], 1991, 2025).iloc[0]
    assert (out["rung"], out["since"], out["first_year"]) == (3, 2006, 1995)


def test_russian_foreign_funding_reaches_the_stigmatising_rung_in_2012(project):
    # Law 121-FZ of 20 July 2012, in force in November 2012: "foreign agents".
    rules = load_rules(["RUS"], ["foreign_funding"], project=project)
    # Parties may take no foreign money since 2001 (rung 4): not typical of the field.
    rules = rules[rules["typical"]]
    out = panel(rules, ["RUS"], ["foreign_funding"], 2010, 2013).set_index("year")
    assert out.loc[2012, "rung"] == 3
    assert pd.isna(out.loc[2011, "rung"]) or out.loc[2011, "rung"] < 3


# Rules for uncertain dates, in the order of the docstring of `panel`.


@pytest.mark.parametrize(
    ("given", "certain", "possible"),
    [
        # 1. read on 31 December: began and ended within 2003, so it does not show
        (rule("a", 2, "2003-02-01", end="2003-11-01"), [], []),
        # a start on the day itself counts, an end on it does not
        (rule("a", 2, "2002-12-31", end="2003-12-31"), [2002], [2002]),
        # 2. a start known to the month (or year) is certain from its last day
        (rule("a", 2, "2002-12-01", latest="2002-12-31"), [2002, 2003, 2004], [2002, 2003, 2004]),
        (rule("a", 2, "2002-06-01", latest="2003-06-01"), [2003, 2004], [2002, 2003, 2004]),
        # 3. presumed: certain only from the end of the calendar year after
        (
            rule("a", 2, "2002-06-01", latest="2003-12-31", basis="presumed"),
            [2003, 2004],
            [2002, 2003, 2004],
        ),
        # 4. an act without a date is never counted
        (rule("a", 2, None, basis="unknown"), [], []),
        # 5. an end within a span: certain until its first day, possible until its last
        (
            rule("a", 2, "2002-01-01")
            | {
                "to_earliest": DAY("2003-01-01"),
                "to_latest": DAY("2004-06-01"),
                "to_basis": "stated",
            },
            [2002],
            [2002, 2003],
        ),
        # as `load_rules` gives one that ended on a day that nobody shows
        (rule("a", 2, "2002-01-01", end="2002-01-01") | {"to_basis": "unknown"}, [], []),
        # no documented end: it goes on
        (rule("a", 2, "2003-01-01"), [2003, 2004], [2003, 2004]),
    ],
)
def test_uncertain_dates_are_read_by_the_rules_of_the_docstring(given, certain, possible):
    out = panel(frame(given), ["KAZ"], ["assembly"], 2002, 2004)
    assert list(rungs(out)) == certain
    assert list(rungs(out, "rung_possible")) == possible
    # 6. no rule is a missing value, never 0
    assert not (out["rung"] == 0).any()


def test_a_certain_lower_rung_and_a_possible_higher_one_stand_side_by_side():
    low = rule("low", 1, "2001-01-01")
    high = rule("high", 3, "2002-06-01", latest="2003-06-01")
    out = panel(frame(low, high), ["KAZ"], ["assembly"], 2002, 2003).set_index("year")
    assert (out.loc[2002, "rung"], out.loc[2002, "rung_possible"]) == (1, 3)
    assert out.loc[2002, "basis"] == "possible" and out.loc[2002, "rule_ids"] == ("high",)
    assert out.loc[2003, "basis"] == "dated"


def test_the_panel_agrees_with_the_rules_read_one_by_one():
    random = np.random.default_rng(1)
    given = []
    for n in range(60):
        start = DAY("1995-01-01") + pd.Timedelta(days=int(random.integers(0, 3000)))
        latest = start + pd.Timedelta(days=int(random.choice([0, 30, 400])))
        end = latest + pd.Timedelta(days=int(random.integers(1, 3000)))
        given.append(
            rule(f"r{n}", int(random.integers(0, 5)), start, latest=latest)
            | ({"to_earliest": end, "to_latest": end} if n % 2 else {})
        )
    rules = frame(*given)
    out = panel(rules, ["KAZ"], ["assembly"], 1994, 2012).set_index("year")
    for year in range(1994, 2013):
        state = in_force(rules, DAY(year, 12, 31))
        for column, mask in (("rung", state["certain"]), ("rung_possible", state["possible"])):
            found = rules.loc[mask, "rung"]
            assert (pd.isna(out.loc[year, column]) and found.empty) or (
                out.loc[year, column] == found.max()
            )


def test_only_days_are_dated_to_the_day():
    rules = frame(
        rule("day", 2, "2001-05-01"),
        rule("month", 2, "2001-05-01", latest="2001-05-31"),
        rule("presumed", 2, "2001-05-01", basis="presumed"),
        rule("ended", 2, "2001-05-01", end="2003-01-01"),
        rule("lost end", 2, "2001-05-01", end="2001-05-01") | {"to_basis": "unknown"},
        rule("undated", 2, None, basis="unknown"),
    )
    assert list(dated_to_the_day(rules)["rule_id"]) == ["day", "ended"]


PERIODS = pd.DataFrame(
    [
        ("KAZ", "assembly", "P1", 1991, 2001, "found"),
        ("KAZ", "assembly", "P2", 2002, 2011, "found"),
        ("RUS", "assembly", "P1", 1991, 2001, "searched_none_found"),
        ("RUS", "assembly", "P2", 2002, 2011, "found"),
        ("KGZ", "assembly", "P2", 2002, 2011, "not_searched"),
    ],
    columns=["country", "category", "period", "period_start", "period_end", "status"],
)


def test_what_one_side_lacks_is_told_with_the_search_for_it():
    rules = frame(rule("a", 2, "2000-01-01"))
    countries = ["KAZ", "RUS", "KGZ"]
    periods = by_period(rules, PERIODS, countries, ["assembly"], 1995, 2011)
    assert list(periods["first"]) == [1995, 2002] * 3
    assert list(periods["documented"]) == [True, True] + [False] * 4
    sided = one_sided(periods).set_index(["first", "other"])["search"].to_dict()
    assert sided == {
        (1995, "RUS"): "none_found",
        (1995, "KGZ"): "not_searched",
        (2002, "RUS"): "found",
        (2002, "KGZ"): "not_searched",
    }
    assert one_sided(periods)["evidence"].iloc[0] == ("a",)


def test_what_both_have_or_none_has_is_not_one_sided():
    both = frame(rule("a", 2, "2000-01-01"), rule("b", 2, "2000-01-01", country="RUS"))
    for rules in (both, both.iloc[:0]):
        periods = by_period(rules, PERIODS, ["KAZ", "RUS"], ["assembly"], 1991, 2011)
        assert one_sided(periods).empty


def test_an_end_on_the_first_day_of_a_period_leaves_the_period_without_the_rule():
    rules = frame(rule("a", 2, "2000-01-01", end="2002-01-01"))
    periods = by_period(rules, PERIODS, ["KAZ"], ["assembly"], 1991, 2011)
    assert list(periods["documented"]) == [True, False]


@pytest.mark.parametrize(
    ("kind", "events", "log", "state", "acts"),
    [
        ("practice", event("occurred", level="practice"), LOG, "documented", 1),
        ("practice", EVENTS, LOG, "none_found", 0),
        ("practice", event("occurred").assign(direction="neutral"), LOG, "none_found", 0),
        ("context", event("occurred").assign(direction="neutral"), LOG, "documented", 1),
        ("context", EVENTS, LOG.iloc[:0], "not_searched", 0),
        ("sanction", event("signed"), LOG, "enacted", 1),
    ],
)
def test_sanctions_practice_and_context_are_told_apart(kind, events, log, state, acts):
    out = apart(NO_RULES, events, log, ["KAZ"], {"assembly": kind}, 1991, 2025).iloc[0]
    assert (out["state"], out["acts"]) == (state, acts)
    if acts:
        assert (out["first_year"], out["last_year"]) == (2003, 2004)
        assert out["evidence"] == ("e",)
    else:
        assert pd.isna(out["first_year"]) and out["evidence"] == ()
