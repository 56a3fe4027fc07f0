"""Phases: the best way to part the years, worked out by hand and by trying all ways."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import runs
from hypothesis import given, settings
from hypothesis import strategies as st

CELL = runs.cell_of("03_reform_timeline", "def parted(")
phases = CELL["parted"]


def counts(*numbers, other=None):
    kinds = {"restrictive": list(numbers)} | ({"enabling": list(other)} if other else {})
    return pd.DataFrame(kinds, pd.RangeIndex(2000, 2000 + len(numbers), name="year"))


def test_years_at_one_pace_are_one_phase_and_its_acts_are_counted():
    found = phases(counts(2, 2, 2, 2, 2, 2))
    assert found.to_dict("records") == [
        {"first": 2000, "last": 2005, "years": 6, "restrictive": 12}
    ]


def test_a_change_of_either_kind_of_act_begins_a_phase():
    found = phases(counts(*[3] * 12, other=[0] * 6 + [8] * 6))
    assert found[["first", "last"]].to_numpy().tolist() == [[2000, 2005], [2006, 2011]]
    assert found["enabling"].to_list() == [0, 48]


def test_a_run_shorter_than_a_phase_makes_none(monkeypatch):
    assert len(phases(counts(0, 0, 0, 0, 90, 0, 0, 0))) > 1
    monkeypatch.setitem(CELL, "SHORTEST", 9)
    assert len(phases(counts(0, 0, 0, 0, 90, 0, 0, 0))) == 1
    assert len(phases(counts(5, 5))) == 1
    assert phases(counts()).empty


def test_years_without_any_act_are_one_phase():
    assert phases(counts(0, 0, 0, 0))["restrictive"].to_list() == [0]


def worth(table, cuts):
    """Say what a way of parting the years is worth: likelihood less the price of its phases."""
    n, kinds = table.shape
    total = 0.0
    for a, b in pairwise(cuts):
        own = table.iloc[a:b].sum().to_numpy(dtype=float)
        seen = own[own > 0]
        total += (seen * np.log(seen / (b - a))).sum() - own.sum()
        total -= (kinds + 1) / 2 * np.log(n)
    return total


@settings(max_examples=30)
@given(st.lists(st.integers(0, 12), min_size=6, max_size=11))
def test_no_other_way_to_part_the_years_is_better(numbers):
    table = counts(*numbers)
    n = len(numbers)
    found = [0, *(phases(table)["last"] - 1999)]
    ways = ([0, *cuts, n] for size in range(4) for cuts in combinations(range(1, n), size))
    allowed = (w for w in ways if all(b - a >= 3 for a, b in pairwise(w)))
    assert worth(table, found) >= max(worth(table, w) for w in allowed) - 1e-9
