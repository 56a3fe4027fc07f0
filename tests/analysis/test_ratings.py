"""Ratings: orientation, gaps and first differences, against hand-made and independent values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ngolib.analysis import ratings
from ngolib.evidence.tables import GRADES, load_ratings


def rated(year, number, best="max", index="i", country="KAZ", basis="covered"):
    return {
        "index": index,
        "country": country,
        "year": year,
        "year_basis": basis,
        "number": float(number),
        "best": best,
        "value": str(number),
        "evidence": (f"{country}-{index}-{year}",),
    }


def frame(*rows):
    return pd.DataFrame(list(rows)).astype({"year": "Int64"})


def fields(values, start=2000, country="KAZ"):
    rows = [(country, start + n, v) for n, v in enumerate(values)]
    return pd.DataFrame(rows, columns=["country", "year", "fields"])


def test_more_is_freer_whichever_end_of_the_scale_is_best():
    out = ratings.series(
        frame(rated(2000, 5, "min"), rated(2001, 6, "min"), rated(2000, 5, index="j")), 1991, 2025
    )
    assert list(out["freedom"]) == [-5.0, -6.0, 5.0]
    assert ratings.ends(out)["change"].item() == "less free"


def test_a_value_without_a_year_or_a_number_is_no_part_of_a_series():
    out = ratings.series(
        frame(rated(None, 5), rated(2001, "nan"), rated(2002, 3), rated(2030, 3)), 1991, 2025
    )
    assert list(out["year"]) == [2002]


def test_gaps_are_named_within_the_period():
    table = ratings.series(frame(*(rated(y, 1) for y in (2001, 2002, 2005))), 2000, 2006)
    row = ratings.gaps(table, ["KAZ", "RUS"], ["i"], 2000, 2006).to_dict("records")
    assert row[0] | {"index": "i"} == {
        "index": "i",
        "country": "KAZ",
        "values": 3,
        "has": "2001–2002, 2005",
        "lacks": "2000, 2003–2004, 2006",
    }
    assert (row[1]["values"], row[1]["has"]) == (0, "none")


def test_differences_are_taken_between_neighbouring_years_only():
    table = ratings.series(
        frame(rated(2000, 3), rated(2001, 2.5), rated(2003, 1), rated(2004, 1, basis="edition")),
        1991,
        2025,
    )
    out = ratings.changes(table, fields([1, 3, 3, 4, 4]))
    assert out[["year", "d_freedom", "d_fields"]].to_dict("records") == [
        {"year": 2001, "d_freedom": -0.5, "d_fields": 2}
    ]
    assert out["evidence"].item() == ("KAZ-i-2000", "KAZ-i-2001")


def test_spearman_agrees_with_an_independent_implementation():
    random = np.random.default_rng(1)
    for ties in (2, 3, 50):
        for _ in range(50):
            pair = pd.DataFrame(random.integers(0, ties, size=(18, 2)), columns=["x", "y"])
            want = pair.corr(method="spearman").loc["x", "y"]
            got = ratings.spearman(pair["x"], pair["y"])
            assert got == pytest.approx(want, nan_ok=True)


def test_spearman_of_a_known_case():
    # No ties: 1 - 6 * sum(d**2) / (n * (n**2 - 1)), d = (0, 1, -1, 0), n = 4.
    assert ratings.spearman([1, 2, 3, 4], [1, 3, 2, 4]) == pytest.approx(1 - 6 * 2 / 60)
    assert np.isnan(ratings.spearman([1, 1, 1], [1, 2, 3]))
    assert np.isnan(ratings.spearman([1], [1]))


def differences(x, y):
    rows = [("i", "KAZ", 2000 + n, a, b, (f"e{n}",)) for n, (a, b) in enumerate(zip(x, y))]  # noqa: B905
    columns = ["index", "country", "year", "d_freedom", "d_fields", "evidence"]
    return pd.DataFrame(rows, columns=columns)


@pytest.mark.parametrize(
    ("x", "y", "why"),
    [
        ([-1, 1, -1, 1], [1, 0, 1, 0], "fewer than 10 common pairs of years"),
        ([0] * 12, [1, 0] * 6, "the change of the rating is always the same"),
        ([1, -1] * 6, [0] * 12, "the change of the number of fields is always the same"),
        ([1, -1] * 6, [1] + [0] * 11, "one pair of years alone makes a series move"),
    ],
)
def test_no_coefficient_where_it_would_rest_on_too_little(x, y, why):
    row = ratings.association(differences(x, y)).iloc[0]
    assert np.isnan(row["rho"]) and np.isnan(row["rho_low"])
    assert row["why_none"] == why
    assert row["common_pairs"] == len(x)


def test_the_range_with_one_pair_left_out_holds_every_such_coefficient():
    random = np.random.default_rng(3)
    x, y = random.normal(size=15), random.integers(0, 3, size=15)
    row = ratings.association(differences(x, y)).iloc[0]
    every = [
        pd.DataFrame({"x": np.delete(x, n), "y": np.delete(y, n)}).corr("spearman").loc["x", "y"]
        for n in range(15)
    ]
    assert row["rho_low"] == pytest.approx(min(every))
    assert row["rho_high"] == pytest.approx(max(every))
    assert row["why_none"] == ""


def test_unrelated_walks_correlate_in_levels_and_not_in_differences():
    """Why first differences: by simulation, two walks that have nothing to do with each other."""
    random = np.random.default_rng(7)
    levels, steps = [], []
    for _ in range(300):
        x, y = random.normal(size=(2, 30))
        levels.append(abs(ratings.spearman(x.cumsum(), y.cumsum())))
        steps.append(abs(ratings.spearman(x, y)))
    assert np.mean(levels) > 2 * np.mean(steps)
    assert np.mean(steps) < 0.2


def test_a_rise_is_counted_once_and_never_in_the_first_year():
    rows = [
        ("KAZ", 2000 + n, "assembly", rung, ("r",)) for n, rung in enumerate([3, 3, 1, 3, 4, None])
    ]
    panel = pd.DataFrame(rows, columns=["country", "year", "field", "rung", "rule_ids"])
    panel["rung"] = panel["rung"].astype("Int64")
    assert list(ratings.rises(panel, 3)["year"]) == [2003]


def test_turned_values_are_checked_by_their_sum():
    table = pd.DataFrame(
        {
            "rating_id": ["a", "b", "c"],
            "index": "i",
            "best": "max",
            "printed_best": ["min", "min", "max"],
            "value_as_printed": ["5.5", "5.5", "2.5"],
            "number": [2.5, 2.0, 2.5],
            "scale_min": "1",
            "scale_max": "7",
        }
    )
    assert list(ratings.turned(table)["right"]) == [True, False]


def test_every_turned_value_of_the_register_is_right(project):
    table = ratings.turned(load_ratings(project=project))
    assert len(table) > 20 and table["right"].all()


def test_the_ratings_of_the_register_have_ids_and_numbers(project):
    table = load_ratings(project=project)
    assert table["rating_id"].is_unique
    assert set(table["index"]) <= set(project.vocabulary("rating_index"))
    numbers = table[table["index"] != "civicus_watchlist"]
    assert numbers["number"].notna().all()
    for index, steps in GRADES.items():
        own = table[table["index"] == index]
        assert set(own["scale_min"]) == {steps[0]} and set(own["scale_max"]) == {steps[-1]}
        assert set(own["best"]) == {"max"}
