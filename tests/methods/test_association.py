"""Rank correlation, as it stands and given the year: by hand, and by residuals of ranks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from methods.made import few

from ngolib.methods.association import beside
from ngolib.methods.association import rank_correlation as of_rows

YEARS = pd.Series(range(2001, 2009))
numbers = st.lists(st.integers(0, 6), min_size=8, max_size=8).map(pd.Series)


def rank_correlation(*columns):
    return of_rows(pd.concat(columns, axis=1).dropna().to_numpy())


def test_ties_have_their_mean_rank():
    # Ranks 1.5 1.5 3 4 5 and 1 2 3 4 5: covariance 9.5, variances 9.5 and 10.
    one, other = pd.Series([1, 1, 2, 3, 4]), pd.Series([1, 2, 3, 4, 5])
    assert rank_correlation(one, other) == pytest.approx(9.5 / np.sqrt(9.5 * 10))


def test_two_columns_that_only_drift_have_nothing_in_common_given_the_year():
    # Each is the year with two neighbours changed, not the same two.
    one = pd.Series([2, 1, 3, 4, 5, 6, 7, 8])
    other = pd.Series([1, 2, 3, 4, 5, 6, 8, 7])
    assert rank_correlation(one, other) > 0.9
    assert abs(rank_correlation(one, other, YEARS)) < 0.1


def test_what_moves_together_beside_the_drift_stays():
    one = pd.Series([1, 3, 2, 4, 6, 5, 7, 8])
    assert rank_correlation(one, one * 2, YEARS) == pytest.approx(1)


@pytest.mark.parametrize(
    ("one", "given"),
    [([1] * 8, []), ([1, 2, 3, 4, None, None, None, None], []), (list(YEARS), [YEARS])],
)
def test_it_is_missing_where_nothing_can_be_said(one, given):
    other = pd.Series([1, 3, 2, 4, 6, 5, 7, 8])
    assert np.isnan(rank_correlation(pd.Series(one, dtype=float), other, *given))


@few
@given(numbers, numbers)
def test_it_is_the_correlation_of_what_the_year_leaves_of_the_ranks(one, other):
    left = [c.rank() - np.polyval(np.polyfit(YEARS, c.rank(), 1), YEARS) for c in (one, other)]
    assume(all(column.std() > 1e-6 for column in left))
    expected = np.corrcoef(*left)[0, 1]
    assert rank_correlation(one, other, YEARS) == pytest.approx(expected, abs=1e-6)
    assert rank_correlation(other, one, YEARS) == pytest.approx(expected, abs=1e-6)


@few
@given(numbers, numbers)
def test_leaving_one_out_holds_each_of_them(one, other):
    found = beside(one.set_axis(YEARS), other.set_axis(YEARS), fewest=8)
    low, high = found["low"], found["high"]
    each = [rank_correlation(one.drop(n), other.drop(n), YEARS.drop(n)) for n in range(8)]
    if np.isnan(each).any():
        assert np.isnan(low) and np.isnan(high)
    else:
        assert (low, high) == (min(each), max(each))


def test_one_year_that_carries_all_is_seen():
    one = pd.Series([1, 1, 1, 1, 1, 1, 1, 2])
    assert np.isnan(beside(one.set_axis(YEARS), one.set_axis(YEARS), fewest=8)["low"])


def test_changes_are_those_between_neighbouring_years():
    years = [2001, 2002, 2003, 2004, 2005, 2006, 2007, 2009]
    one = pd.Series([1, 2, 2, 4, 3, 5, 5, 99], index=years)
    found = beside(one, one * 2, fewest=8)
    assert found["n"] == 8
    assert found["changes"] == pytest.approx(1)
    # The leap from 2007 to 2009 is no change from one year to the next: nothing hangs on it.
    assert beside(one, (one * 2).replace(198, 0), fewest=8)["changes"] == pytest.approx(1)


def test_too_few_common_years_give_no_correlation():
    found = beside(YEARS, YEARS[:4], fewest=5)
    assert found["n"] == 4 and np.isnan(found["as_it_stands"])
    assert beside(YEARS[:0], YEARS[:0])["n"] == 0
