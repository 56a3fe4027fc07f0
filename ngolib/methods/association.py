"""How two columns of years run beside each other, also given the calendar year.

Levels that drift agree with whatever else drifts. So each correlation has a partner in which the
rank of the year is held constant. Nothing here tests significance: years are no sample.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Values: TypeAlias = npt.NDArray[np.float64]

FEWEST = 5


def rank_correlation(rows: Values) -> float:
    """Correlate the ranks of two columns, those of a third held constant if there is one.

    Spearman's correlation is Pearson's of the ranks, ties having their mean rank. Given a third
    column it is the partial one (Conover 1999, *Practical Nonparametric Statistics*, section 5.4).
    Rows with a gap fall out; it is NaN with fewer than five, or where a column varies no more.
    """
    rows = rows[~np.isnan(rows).any(axis=1)]
    ranks = (rows[:, None] > rows).sum(1) + ((rows[:, None] == rows).sum(1) + 1) / 2
    if len(ranks) < FEWEST or (np.ptp(ranks, axis=0) == 0).any():
        return float("nan")
    found = np.corrcoef(ranks, rowvar=False)
    if rows.shape[1] == 2:
        return float(found[0, 1])
    left = (1 - found[0, 2] ** 2) * (1 - found[1, 2] ** 2)
    if left < 1e-9:
        return float("nan")
    return float(np.clip((found[0, 1] - found[0, 2] * found[1, 2]) / np.sqrt(left), -1, 1))


def beside(one: pd.Series, other: pd.Series, fewest: int = 10) -> dict[str, float]:
    """Describe how two columns run beside each other over the years, which are their index.

    The keys are `n` (years in which neither is missing), `as_it_stands`, `given_year` (with the
    year held constant), `low, high` (`given_year`, any one year left out), `one_with_year,
    other_with_year` (each alone with the year), `changes` (of the differences between neighbouring
    years); NaN where it cannot be computed, or with fewer than the `fewest` years.
    """
    rows = pd.DataFrame({"one": one, "other": other}).astype(float).dropna().sort_index()
    values = np.column_stack([rows, rows.index])
    found = {"as_it_stands": rank_correlation(values[:, :2])}
    found["given_year"] = rank_correlation(values)
    without = [rank_correlation(np.delete(values, row, axis=0)) for row in range(len(values))]
    known = without and not np.isnan(without).any()
    found["low"], found["high"] = (min(without), max(without)) if known else (np.nan, np.nan)
    found["one_with_year"] = rank_correlation(values[:, [0, 2]])
    found["other_with_year"] = rank_correlation(values[:, [1, 2]])
    steps = np.diff(values, axis=0)
    found["changes"] = rank_correlation(steps[steps[:, 2] == 1, :2])
    enough = len(rows) >= fewest
    return {"n": len(rows), **{name: v if enough else np.nan for name, v in found.items()}}
