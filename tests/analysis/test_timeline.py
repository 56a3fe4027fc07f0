"""Lives of acts, durations between their stations, fates and reversals, worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngolib.analysis import timeline
from ngolib.evidence import load_acts, load_events

DAY = pd.Timestamp


def event(process, stage, first=None, last=None, **more):
    return {
        "event_id": f"{process}.{stage}",
        "process_id": process,
        "stage": stage,
        "scheduled": False,
        "country": ("KAZ",),
        "title": process,
        "level": "rule",
        "categories": ("assembly",),
        "direction": "restrictive",
        "date_start": DAY(first) if first else pd.NaT,
        "date_end": DAY(last or first) if first else pd.NaT,
        "precision": "day",
        "relation": (),
        "never_in_force": False,
        "layers": ("register",),
        "evidence": (f"{process}.{stage}",),
    } | more


def frame(*events):
    out = pd.DataFrame(events)
    return out.astype({"date_start": "datetime64[ns]", "date_end": "datetime64[ns]"})


NONE_APPLIED = frame(event("x", "signed", "2001-01-01")).iloc[:0]


def days(*events, applied=NONE_APPLIED):
    table = timeline.durations(frame(*events), applied)
    return [(r.to_stage, r.days_min, r.days_max, r.days_middle) for r in table.itertuples()]


def test_days_between_two_known_days():
    assert days(event("a", "signed", "2001-01-01"), event("a", "in_force", "2001-01-31")) == [
        ("in force", 30, 30, 30.0)
    ]


def test_an_uncertain_date_gives_an_interval():
    # Proposed some day of January, signed on 10 February: 10 to 40 days, middle 25.
    table = days(
        event("a", "proposed", "2001-01-01", "2001-01-31"), event("a", "signed", "2001-02-10")
    )
    assert table == [("adopted or signed", 10, 40, 25.0)]


def test_an_end_cannot_come_before_its_start():
    # Signed some day of January, in force on 5 January: at most 4 days, at least none.
    table = days(
        event("a", "signed", "2001-01-01", "2001-01-31"), event("a", "in_force", "2001-01-05")
    )
    assert table == [("in force", 0, 4, 0.0)]


def test_the_first_of_several_steps_of_a_station_counts():
    table = days(
        event("a", "proposed", "2001-01-11"),
        event("a", "announced", "2001-01-01"),
        event("a", "adopted", "2001-02-01"),
        event("a", "signed", "2001-03-01"),
    )
    assert table == [("adopted or signed", 31, 31, 31.0)]


def test_scheduled_and_undated_steps_are_no_duration_and_are_counted():
    events = frame(
        event("a", "signed", "2001-01-01"),
        event("a", "in_force", "2002-01-01", scheduled=True),
        event("b", "signed", "2001-01-01"),
        event("b", "in_force"),
        event("c", "signed", "2001-02-01"),
        event("c", "in_force", "2001-01-01"),
    )
    table = timeline.durations(events, NONE_APPLIED)
    leg = timeline.summary(table).set_index("to_stage").loc["in force"]
    assert (leg["n"], leg["undated"], leg["contrary"]) == (0, 1, 1)
    assert pd.isna(leg["median"])


def test_practice_begins_with_the_first_act_that_applies_the_law():
    law = [event("law", "in_force", "2001-01-01")]
    cases = frame(
        event("late", "decided", "2001-03-02", relation=("applies: law",)),
        event("early", "decided", "2001-01-31", relation=("amends: x", "applies: law")),
        event("plan", "decided", "2001-01-02", relation=("applies: law",), scheduled=True),
        event("other", "decided", "2001-01-02", relation=("applies: other law",)),
    )
    applied = timeline.applications(cases, ["law"])
    assert list(applied["evidence"]) == [("early.decided",)]
    assert days(*law, applied=applied) == [("applied", 30, 30, 30.0)]


SPAN = st.tuples(st.integers(0, 400), st.integers(0, 300), st.integers(0, 800), st.integers(0, 300))


@given(st.lists(SPAN, min_size=1, max_size=9), st.integers(0, 10_000))
def test_the_true_median_lies_between_the_two_given(spans, seed):
    """Draw true days within the spans: the median of the true durations is within the bounds."""
    random = np.random.default_rng(seed)
    base, events, true = DAY("2001-01-01"), [], []
    for n, (start, width, gap, width_end) in enumerate(spans):
        first, last = start, start + width
        begin, stop = start + gap, start + gap + width_end
        a = int(random.integers(first, last + 1))
        if stop < a:
            stop = a
        b = int(random.integers(max(begin, a), max(stop, a) + 1))
        day = [base + pd.Timedelta(days=d) for d in (first, last, begin, max(stop, begin))]
        events += [event(f"p{n}", "signed", day[0], day[1])]
        events += [event(f"p{n}", "in_force", day[2], day[3])]
        true.append(b - a)
    table = timeline.durations(frame(*events), NONE_APPLIED)
    leg = timeline.summary(table).set_index("to_stage").loc["in force"]
    assert leg["median_least"] <= np.median(true) <= leg["median_most"]
    assert leg["median_least"] <= leg["median"] <= leg["median_most"]
    assert leg["shortest"] <= min(true) and max(true) <= leg["longest"]


def test_the_median_is_that_of_numpy():
    events = []
    lengths = [3, 50, 7, 200]
    for n, length in enumerate(lengths):
        events += [
            event(f"p{n}", "adopted", "2001-01-01"),
            event(f"p{n}", "in_force", DAY("2001-01-01") + pd.Timedelta(days=length)),
        ]
    leg = timeline.summary(timeline.durations(frame(*events), NONE_APPLIED)).iloc[1]
    assert leg["median"] == np.median(lengths) and leg["n"] == 4


@pytest.mark.parametrize(
    ("events", "fate"),
    [
        ([event("a", "proposed", "2001-01-01")], "open"),
        ([event("a", "demanded", "2001-01-01"), event("a", "first_chamber")], "open"),
        ([event("a", "proposed", "2001-01-01", never_in_force=True)], "never"),
        ([event("a", "adopted", "2001-01-01", never_in_force=True)], "never"),
        ([event("a", "proposed", "2001-01-01"), event("a", "signed", "2002-01-01")], None),
        ([event("a", "in_force", "2001-01-01")], None),
    ],
)
def test_fate_of_what_was_announced(events, fate):
    assert list(timeline.fates(frame(*events))["fate"]) == ([fate] if fate else [])


@pytest.mark.parametrize(
    ("given_event", "how"),
    [
        (event("a", "struck_down", "2001-01-01", never_in_force=True), "stopped before force"),
        (event("a", "withdrawn", "2001-01-01", never_in_force=True), "stopped before force"),
        (
            event("a", "struck_down", "2001-01-01"),
            "struck down after it was made, in whole or in part",
        ),
        (event("a", "repealed", "2001-01-01"), "ended"),
        (event("b", "repealed", "2001-01-01"), "replaced by a later act"),
        (event("a", "expired", "2001-01-01"), "ran out"),
    ],
)
def test_reversals_are_told_by_how(given_event, how):
    events = frame(given_event, event("c", "amended", "2001-01-01"))
    assert list(timeline.reversals(events, {"b"})["how"]) == [how]


def test_no_reversal_is_an_empty_table():
    assert timeline.reversals(frame(event("a", "signed", "2001-01-01")), set()).empty


def test_lives_keep_the_best_documented_acts_in_the_order_of_categories():
    events = frame(
        event("one step", "signed", "1999-01-01"),
        event("two steps", "signed", "2003-01-01"),
        event("two steps", "in_force", "2003-02-01"),
        event("religion", "signed", "1995-01-01", categories=("religion",)),
        event("religion", "in_force", "1995-01-01", categories=("religion",)),
        event("undated", "signed"),
        event("undated", "in_force"),
        event("of no lane", "signed", "2001-01-01", categories=("harassment",)),
    )
    lives = timeline.lives(events, NONE_APPLIED, ["assembly", "religion"], most=2)
    acts = lives.drop_duplicates("process_id")
    assert list(acts["process_id"]) == ["two steps", "religion"]
    assert list(acts["row"]) == [0, 1]
    everything = timeline.lives(events, NONE_APPLIED, ["assembly", "religion"])
    assert set(everything["process_id"]) == {"one step", "two steps", "religion"}


def test_a_first_application_is_part_of_a_life():
    law = frame(event("law", "signed", "2001-01-01"), event("law", "in_force", "2001-02-01"))
    case = frame(event("case", "decided", "2002-01-01", relation=("applies: law",)))
    applied = timeline.applications(case, ["law"])
    lives = timeline.lives(law, applied, ["assembly"])
    assert list(lives["stage"]) == ["signed", "in_force", "applied"]
    assert set(lives["title"]) == {"law"}
    assert list(lives["group"])[-1] == "applied"


def test_coverage_is_measured_by_all_that_is_searched_anywhere():
    log = pd.DataFrame(
        [("KAZ", "assembly", 1991, 2001, "found"), ("RUS", "religion", 1991, 2001, "found")],
        columns=["country", "category", "period_start", "period_end", "status"],
    )
    texts = pd.DataFrame({"published_start": ["2000-05-01", ""], "published_end": ["", ""]})
    table = timeline.coverage_by_year(log, texts, "KAZ", 1999, 2002)
    assert list(table["categories_searched"]) == [1, 1, 1, 0]
    assert set(table["categories_known"]) == {2}
    assert list(table["articles"]) == [0, 1, 0, 0]


def test_the_bills_on_foreign_ngos_of_2005_are_a_reversal_and_no_law(project):
    # The Constitutional Council found the two bills unconstitutional on 23 August 2005.
    events = load_events(countries=["KAZ"], project=project)
    table = timeline.reversals(events, timeline.replaced(load_acts(project=project)))
    own = table[table["process_id"] == "KAZ-2005-foreign-ngo-bills"].iloc[0]
    assert (own["how"], own["direction"]) == ("stopped before force", "enabling")
    assert own["date_start"] == DAY("2005-08-23")


def test_the_assembly_law_of_1995_gave_way_to_that_of_2020(project):
    events = load_events(countries=["KAZ"], project=project)
    table = timeline.reversals(events, timeline.replaced(load_acts(project=project)))
    own = table[table["process_id"] == "KAZ-1995-assembly-law"].iloc[0]
    assert (own["how"], own["date_start"].year) == ("replaced by a later act", 2020)


def test_the_russian_law_on_foreign_agents_took_four_months_to_force(project):
    # Approved by the Federation Council on 18 July 2012, signed on 20 July, in force on 20 or 21
    # November 2012.
    events = load_events(countries=["RUS"], project=project)
    own = events[events["process_id"] == "RUS-2012-foreign-agents"]
    table = timeline.durations(own, own.iloc[:0])
    leg = table[table["to_stage"] == "in force"].iloc[0]
    assert 120 <= leg["days_min"] <= leg["days_max"] <= 130
