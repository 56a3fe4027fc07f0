"""Ratings beside rules: one orientation, gaps, and changes from year to year."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from ngolib.evidence.vdem import VDem

# Fewer common pairs of neighbouring years give no coefficient.
MIN_COMMON = 10
SERIES_COLUMNS = [
    "index",
    "country",
    "year",
    "year_basis",
    "number",
    "freedom",
    "value",
    "low",
    "high",
    "evidence",
]
ASSOCIATION_COLUMNS = [
    "index",
    "country",
    "common_pairs",
    "first",
    "last",
    "rating_freer",
    "rating_less_free",
    "fields_more",
    "fields_fewer",
    "rho",
    "rho_low",
    "rho_high",
    "why_none",
    "evidence",
]


def series(ratings: pd.DataFrame, start: int, end: int) -> pd.DataFrame:
    """Turn ratings into series of numbers with one orientation.

    Parameters
    ----------
    ratings : pandas.DataFrame
        As `ngolib.evidence.ratings.load_ratings` gives them.
    start, end : int
        First and last year.

    Returns
    -------
    pandas.DataFrame
        `index, country, year, year_basis, number` (units of the index), `freedom` (the same with
        the sign turned where the least number is best, so that more is always freer), `value` as in
        the table, `low, high` (NaN: these ratings have no bounds), `evidence`; rows without a year
        or a number are left out; by index, country and year.
    """
    own = ratings[
        ratings["number"].notna() & ratings["year"].between(start, end).fillna(False).astype(bool)
    ]
    sign = own["best"].map({"max": 1.0, "min": -1.0}).fillna(1.0)
    out = own.assign(freedom=own["number"] * sign, low=np.nan, high=np.nan)
    out = out.astype({"year": int}).sort_values(["index", "country", "year"], kind="stable")
    return out[SERIES_COLUMNS].reset_index(drop=True)


def vdem_series(vdem: VDem) -> pd.DataFrame:
    """Return V-Dem's values in the form of `series`; they have no evidence ids."""
    own = vdem.table.dropna(subset=["value"]).rename(columns={"indicator": "index"})
    out = own.assign(
        year_basis="covered",
        number=own["value"],
        freedom=own["value"],
        value=own["value"].map("{:.3f}".format),
        evidence=[()] * len(own),
    )
    return out[SERIES_COLUMNS].reset_index(drop=True)


def spans_of_years(years: Iterable[int]) -> str:
    """Write years as spans: `2000–2016, 2018`; `none` for no year."""
    runs: list[list[int]] = []
    for year in sorted(set(years)):
        if runs and year == runs[-1][1] + 1:
            runs[-1][1] = year
        else:
            runs.append([year, year])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in runs) or "none"


def gaps(
    table: pd.DataFrame, countries: Sequence[str], indices: Sequence[str], start: int, end: int
) -> pd.DataFrame:
    """Say which years each series has and lacks.

    Returns
    -------
    pandas.DataFrame
        `index, country, values` (number of years with a value), `has`, `lacks` (years as spans,
        within the period): one row per index and country, also where there is no value.
    """
    rows = []
    for index in indices:
        for country in countries:
            own = table[(table["index"] == index) & (table["country"] == country)]
            has = set(own["year"])
            lacks = set(range(start, end + 1)) - has
            rows.append((index, country, len(has), spans_of_years(has), spans_of_years(lacks)))
    return pd.DataFrame(rows, columns=["index", "country", "values", "has", "lacks"])


def ends(table: pd.DataFrame) -> pd.DataFrame:
    """Compare the first and the last value of each series that has two years or more.

    Returns
    -------
    pandas.DataFrame
        `index, country, first, last` (years), `first_value, last_value` (as in the table),
        `change` (freer, equal, less free), `evidence` (both values).
    """
    rows = []
    for (index, country), own in table.groupby(["index", "country"], sort=False):
        if own["year"].nunique() < 2:
            continue
        a, b = own.iloc[0], own.iloc[-1]
        step = b["freedom"] - a["freedom"]
        word = "equal" if abs(step) < 1e-9 else "freer" if step > 0 else "less free"
        rows.append(
            (
                index,
                country,
                a["year"],
                b["year"],
                a["value"],
                b["value"],
                word,
                (*a["evidence"], *b["evidence"]),
            )
        )
    columns = ["index", "country", "first", "last", "first_value", "last_value", "change"]
    return pd.DataFrame(rows, columns=[*columns, "evidence"])


def turned(ratings: pd.DataFrame) -> pd.DataFrame:
    """Return the ratings whose scale was turned round, and whether the sum is right.

    Where the end of the printed scale that is best differs from that of the value, the value must
    be the lowest plus the highest point of the scale minus what is printed.

    Returns
    -------
    pandas.DataFrame
        `rating_id, index, printed, value` (numbers), `right`.
    """
    own = ratings[(ratings["printed_best"] != ratings["best"]) & (ratings["printed_best"] != "")]
    printed = pd.to_numeric(own["value_as_printed"], errors="coerce")
    both = pd.to_numeric(own["scale_min"]) + pd.to_numeric(own["scale_max"])
    return pd.DataFrame(
        {
            "rating_id": own["rating_id"],
            "index": own["index"],
            "printed": printed,
            "value": own["number"],
            "right": (both - printed - own["number"]).abs() < 1e-9,
        }
    ).reset_index(drop=True)


def rises(panel: pd.DataFrame, least_rung: int) -> pd.DataFrame:
    """List the years in which a field's documented rung rises to a rung or above it.

    Parameters
    ----------
    panel : pandas.DataFrame
        As `ngolib.analysis.compare.panel` gives it; its first year has no year before it and opens
        no rise.
    least_rung : int
        The rung.

    Returns
    -------
    pandas.DataFrame
        `country, year, field, rung, evidence` (rules on that rung): certain rungs only.
    """
    high = panel["rung"].fillna(-1)
    before = high.groupby([panel["country"], panel["field"]]).shift(1)
    hit = panel[(high >= least_rung) & (before < least_rung)].copy()
    hit["evidence"] = hit["rule_ids"]
    columns = ["country", "year", "field", "rung", "evidence"]
    return hit.sort_values(["country", "year"], kind="stable")[columns].reset_index(drop=True)


def changes(table: pd.DataFrame, breadth: pd.DataFrame) -> pd.DataFrame:
    """Take first differences of ratings and of the number of restricted fields.

    Parameters
    ----------
    table : pandas.DataFrame
        As `series` gives it; only values whose year is the year covered count.
    breadth : pandas.DataFrame
        `country, year, fields`, as `ngolib.analysis.compare.breadth` gives it.

    Returns
    -------
    pandas.DataFrame
        `index, country, year, d_freedom` (more is freer), `d_fields` (more is more restricted),
        `evidence`: one row per pair of neighbouring years that both have.
    """
    fields = breadth.set_index(["country", "year"])["fields"]
    rows = []
    own = table[table["year_basis"] == "covered"]
    for (index, country), line in own.groupby(["index", "country"], sort=False):
        values = line.drop_duplicates("year", keep="last").set_index("year")
        for year in values.index:
            here, there = (country, year), (country, year - 1)
            if year - 1 in values.index and here in fields.index and there in fields.index:
                now, then = values.loc[year], values.loc[year - 1]
                rows.append(
                    (
                        index,
                        country,
                        int(year),
                        round(float(now["freedom"] - then["freedom"]), 9),
                        int(fields[here] - fields[there]),
                        (*then["evidence"], *now["evidence"]),
                    )
                )
    columns = ["index", "country", "year", "d_freedom", "d_fields", "evidence"]
    return pd.DataFrame(rows, columns=columns)


def spearman(x: Sequence[float] | np.ndarray, y: Sequence[float] | np.ndarray) -> float:
    """Return Spearman's rank correlation: Pearson's of the ranks, ties with their mean rank.

    NaN where one of the two does not vary, or there are fewer than two pairs.
    """
    if len(x) < 2:
        return float("nan")
    ranks = [pd.Series(list(v), dtype=float).rank().to_numpy() for v in (x, y)]
    a, b = (r - r.mean() for r in ranks)
    size = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return float((a * b).sum() / size) if size > 0 else float("nan")


def association(differences: pd.DataFrame, min_common: int = MIN_COMMON) -> pd.DataFrame:
    """Describe how changes of a rating run beside changes of the number of restricted fields.

    Spearman's rho on first differences, only where there are enough common pairs of neighbouring
    years and both move; levels that only drift would correlate whatever they are. `rho_low` and
    `rho_high` are the least and the greatest rho when any one pair of years is left out: they show
    how much hangs on one year, and are no confidence interval. No test is made: the pairs are few,
    not independent, and were not drawn from anything.

    Parameters
    ----------
    differences : pandas.DataFrame
        As `changes` gives them.
    min_common : int
        Least number of common pairs.

    Returns
    -------
    pandas.DataFrame
        One row per index and country: `common_pairs`, `first, last` (years), how often the
        rating moved and the number of fields moved, `rho, rho_low, rho_high` (-1 to 1; NaN where
        `why_none` says why), `evidence`. A negative rho: more fields restricted in years in which
        the rating became less free.
    """
    rows = []
    for (index, country), own in differences.groupby(["index", "country"], sort=False):
        rho = low = high = float("nan")
        why = ""
        x, y = own["d_freedom"].to_numpy(), own["d_fields"].to_numpy()
        if len(own) < min_common:
            why = f"fewer than {min_common} common pairs of years"
        elif own["d_freedom"].nunique() < 2:
            why = "the change of the rating is always the same"
        elif own["d_fields"].nunique() < 2:
            why = "the change of the number of fields is always the same"
        else:
            without = [spearman(np.delete(x, n), np.delete(y, n)) for n in range(len(x))]
            if np.isnan(without).any():
                why = "one pair of years alone makes a series move"
            else:
                rho, low, high = spearman(x, y), min(without), max(without)
        rows.append(
            (
                index,
                country,
                len(own),
                int(own["year"].min()),
                int(own["year"].max()),
                int((own["d_freedom"] > 0).sum()),
                int((own["d_freedom"] < 0).sum()),
                int((own["d_fields"] > 0).sum()),
                int((own["d_fields"] < 0).sum()),
                rho,
                low,
                high,
                why,
                tuple(dict.fromkeys(i for ids in own["evidence"] for i in ids)),
            )
        )
    return pd.DataFrame(rows, columns=ASSOCIATION_COLUMNS)
