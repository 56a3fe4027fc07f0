"""Draws over unknown days and disputed rungs."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from methods.made import COUNTRIES, DAY, FIELDS, ends, few, frame, rule, tables

from ngolib.evidence import load_rules
from ngolib.methods import (
    draw_rungs,
    reading_days,
    strictness,
)

DAYS = ends(2001, 2004, 2007, 2010)


def strictest(rules, days=DAYS):
    """Return the certain rungs of the panel as an array: country, field, day; missing as NaN."""
    panel = strictness(rules, COUNTRIES, FIELDS, days)
    own = panel.loc[panel["reading"] == "strictest", "rung"]
    return own.to_numpy(dtype=float, na_value=np.nan).reshape(2, 2, len(days))


# --- recoding -------------------------------------------------------------------------------------


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


def test_five_hundred_draws_of_the_whole_comparison_take_less_than_three_seconds(project):
    rules = load_rules(COUNTRIES, project=project)
    fields = list(project.vocabulary("category", "field"))
    days = reading_days(1991, 2026, project.closing_day)
    recoding = 0.2, pd.Series({-1: 0.5, 1: 0.5})
    begun = time.process_time()
    drawn = draw_rungs(rules, COUNTRIES, fields, days, 500, 1, recoding)
    assert time.process_time() - begun < 3
    assert drawn.shape == (500, len(COUNTRIES), len(fields), len(days))
