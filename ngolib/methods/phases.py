"""Phases: years parted where the pace of acts changes."""

from itertools import pairwise

import numpy as np
import pandas as pd


def phases(counts: pd.DataFrame, shortest: int = 3) -> pd.DataFrame:
    """Part years into phases, within each of which acts of each kind came at one pace.

    The counts have years without a gap as their index, and a column for each kind of act. Of all
    ways to part the years into phases of at least the `shortest`, the one with the best likelihood
    is taken, each kind being a Poisson process of constant rate within a phase, less the price of
    each phase by the Bayesian information criterion (Yao 1988, Statistics and Probability Letters
    6(3)). The search is exact (Jackson et al. 2005, IEEE Signal Processing Letters 12(2)).
    Each phase has a row: `first, last` (years), `years`, and for each kind its acts in the phase.
    """
    n, kinds = counts.shape
    if counts.isna().any(axis=None) or (n and (np.diff(counts.index) != 1).any()):
        raise ValueError("counts: found a year that is missing; allowed: one number a year")
    sums = np.vstack([np.zeros(kinds), counts.to_numpy(dtype=float).cumsum(axis=0)])
    price = (kinds + 1) / 2 * np.log(max(n, 2))

    def likelihood(acts: np.ndarray, years: int) -> float:
        """Of counts at their own mean rate, without what is the same for all ways."""
        seen = acts[acts > 0]
        return float((seen * np.log(seen / years)).sum() - acts.sum())

    # The least cost of the years before each place, and where their last phase begins.
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, n + 1):
        # Fewer years than a phase needs are one phase.
        begins = [b for b in range(end - shortest + 1) if b == 0 or b >= shortest] or [0]
        costs = (best[b][0] + price - likelihood(sums[end] - sums[b], end - b) for b in begins)
        best.append(min(zip(costs, begins, strict=True)))
    cuts = [n]
    while cuts[0] > 0:
        cuts.insert(0, best[cuts[0]][1])
    index = counts.index
    rows = []
    for a, b in pairwise(cuts):
        years = {"first": int(index[a]), "last": int(index[b - 1]), "years": b - a}
        rows.append(years | counts.iloc[a:b].sum().to_dict())
    return pd.DataFrame(rows, columns=["first", "last", "years", *counts.columns])
