"""Which statement of one coder stands for which of the other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

PAIR_COLUMNS = ["article_id", "a_id", "b_id", "overlap"]
LEAST_OVERLAP = 0.5


def best_assignment(weights: np.ndarray) -> list[tuple[int, int]]:
    """Assign rows to columns, one to one, so that the sum of their weights is the greatest.

    The Hungarian method with shortest augmenting paths (Kuhn 1955): exact, in cubic time.

    Parameters
    ----------
    weights : numpy.ndarray
        Rows by columns, whole numbers; 0 or less = the two cannot be assigned.

    Returns
    -------
    list of (int, int)
        Row and column of each pair of positive weight, by row.
    """
    n_rows, n_columns = weights.shape
    if n_rows > n_columns:
        return sorted((row, column) for column, row in best_assignment(weights.T))
    costs = -np.maximum(weights, 0).astype(float)
    row_price, column_price = np.zeros(n_rows), np.zeros(n_columns + 1)
    # The last column is where the search for a row's place starts.
    row_of = np.full(n_columns + 1, -1)
    for row in range(n_rows):
        row_of[-1] = row
        least = np.full(n_columns, np.inf)
        came_from = np.full(n_columns, n_columns)
        done = np.zeros(n_columns + 1, dtype=bool)
        column = n_columns
        while row_of[column] >= 0:
            done[column] = True
            at = row_of[column]
            reach = costs[at] - row_price[at] - column_price[:-1]
            nearer = ~done[:-1] & (reach < least)
            least[nearer], came_from[nearer] = reach[nearer], column
            following = int(np.argmin(np.where(done[:-1], np.inf, least)))
            step = least[following]
            row_price[row_of[done]] += step
            column_price[done] -= step
            least[~done[:-1]] -= step
            column = following
        while column != n_columns:
            row_of[column] = row_of[came_from[column]]
            column = came_from[column]
    return sorted(
        (int(row), column)
        for column, row in enumerate(row_of[:-1])
        if row >= 0 and weights[row, column] > 0
    )


def _overlaps(a: pd.DataFrame, b: pd.DataFrame) -> np.ndarray:
    """Count the characters that each statement of one table shares with each of the other."""
    first = np.maximum.outer(a["start"].to_numpy(int), b["start"].to_numpy(int))
    last = np.minimum.outer(a["end"].to_numpy(int), b["end"].to_numpy(int))
    return np.maximum(last - first, 0)


def _touching(a: pd.DataFrame, b: pd.DataFrame, least: float) -> np.ndarray:
    """Return the shared characters where they are enough of the shorter span, elsewhere 0."""
    shared = _overlaps(a, b)
    lengths = [(t["end"] - t["start"]).to_numpy(int) for t in (a, b)]
    enough = shared >= least * np.minimum.outer(*lengths)
    return np.where(enough, shared, 0)


def _coded_twice(statements: pd.DataFrame, least: float) -> np.ndarray:
    """Say of each statement whether its coder coded another one of the same stretch."""
    own = _touching(statements, statements, least)
    np.fill_diagonal(own, 0)
    return np.asarray(own.any(axis=1))


def _same(a: pd.DataFrame, b: pd.DataFrame, columns: list[str]) -> np.ndarray:
    codes_a, codes_b = (list(t[columns].itertuples(index=False, name=None)) for t in (a, b))
    same = [[one == other for other in codes_b] for one in codes_a]
    return np.array(same, dtype=bool).reshape(len(a), len(b))


def _weights(a: pd.DataFrame, b: pd.DataFrame, least: float) -> tuple[np.ndarray, np.ndarray]:
    """Return what a pair counts, and the characters that it shares."""
    shared = _touching(a, b, least)
    stage, country = _same(a, b, ["stage", "scheduled"]), _same(a, b, ["country"])
    twice = _coded_twice(a, least)[:, None] | _coded_twice(b, least)[None, :]
    # One shared character outweighs all ties together: a pair adds at most 3, and there are fewer
    # pairs than statements.
    unit = 4 * (len(a) + len(b))
    ties = np.where(shared > 0, 2 * stage + country, 0)
    return unit * shared * np.where(twice & stage, 2, 1) + ties, shared


def pair_statements(a: pd.DataFrame, b: pd.DataFrame, least: float = LEAST_OVERLAP) -> pd.DataFrame:
    """Pair the statements of two coders.

    The rule:

    1. Only statements of one article can pair, and only if they share at least `least` of the
       characters of the shorter one, so that two neighbours that touch at a word do not.
    2. Each statement stands in at most one pair. Of all ways to pair those of an article, the one
       with the most shared characters in all is taken.
    3. One stretch can tell two steps (adopted, and to come into force on a later day). Where a
       coder has coded a stretch twice, a pair of the same stage (and equally scheduled) counts
       double, so that the steps are paired before the spans. Elsewhere the stage only settles
       ties: agreement on it is not brought about by the pairing.
    4. Ties go to the same stage, then to the same country, then to the order of the tables.

    Parameters
    ----------
    a, b : pandas.DataFrame
        `statement_id, article_id, start, end, stage, scheduled, country` of each coder.
    least : float
        Least share of the shorter span, above 0.

    Returns
    -------
    pandas.DataFrame
        `article_id, a_id, b_id, overlap` (shared characters): one row per pair, then one per
        statement without a partner, whose other id is empty; by article and place.
    """
    rows: list[tuple[str, str, str, int, int]] = []
    for article_id, own_a, own_b in _articles(a, b):
        weights, shared = _weights(own_a, own_b, least)
        pairs = best_assignment(weights) if weights.size else []
        ids_a, ids_b = own_a["statement_id"].tolist(), own_b["statement_id"].tolist()
        starts_a, starts_b = own_a["start"].tolist(), own_b["start"].tolist()
        rows += [
            (article_id, ids_a[i], ids_b[j], int(shared[i, j]), min(starts_a[i], starts_b[j]))
            for i, j in pairs
        ]
        paired_a, paired_b = {i for i, _ in pairs}, {j for _, j in pairs}
        alone_a = [i for i in range(len(ids_a)) if i not in paired_a]
        alone_b = [j for j in range(len(ids_b)) if j not in paired_b]
        rows += [(article_id, ids_a[i], "", 0, starts_a[i]) for i in alone_a]
        rows += [(article_id, "", ids_b[j], 0, starts_b[j]) for j in alone_b]
    frame = pd.DataFrame(rows, columns=[*PAIR_COLUMNS, "place"])
    frame = frame.sort_values(["article_id", "place", "a_id", "b_id"], kind="stable")
    return frame[PAIR_COLUMNS].reset_index(drop=True)


def _articles(a: pd.DataFrame, b: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame, pd.DataFrame]]:
    for article_id in sorted({*a["article_id"], *b["article_id"]}):
        yield article_id, a[a["article_id"] == article_id], b[b["article_id"] == article_id]
