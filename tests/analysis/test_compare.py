"""The panel and the matrix, on small rules whose answer is worked out by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from ngolib.analysis.compare import breadth, matrix, panel
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
    ]
)
LOG = pd.DataFrame(
    {
        "country": ["KAZ"],
        "category": ["assembly"],
        "period_start": [1991],
        "period_end": [2025],
        "status": ["searched_none_found"],
    }
)


def event(stage, level="rule", never=False):
    return pd.DataFrame(
        [["e", "p", stage, False, ("KAZ",), level, ("assembly",), "restrictive", never, ("e",)]],
        columns=EVENTS.columns,
    )


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
    out = panel(rules, ["RUS"], ["foreign_funding"], 2010, 2013).set_index("year")
    assert out.loc[2012, "rung"] == 3
    assert pd.isna(out.loc[2011, "rung"]) or out.loc[2011, "rung"] < 3
