"""How well two readers of the register agree on a sample of its rows."""

from __future__ import annotations

import pandas as pd

from ngolib.analysis.agreement.measures import Distance, agreement, masi, nominal
from ngolib.tables import LIST_SEPARATOR

# Columns whose cells are sets of codes.
SETS = ("bound", "duty", "consequence", "categories")


def by_code(reading: pd.DataFrame) -> pd.DataFrame:
    """Compute the agreement of the two readers on each coded column.

    Parameters
    ----------
    reading : pandas.DataFrame
        The table `second_reading`.

    Returns
    -------
    pandas.DataFrame
        `table, column, rows, same, share` (0 to 1), `alpha` (Krippendorff's; nominal, for sets of
        codes with MASI's distance; missing where it cannot be computed), `low, high` (the middle
        95 in a hundred of bootstrap draws by row), `note`; least share first.
    """
    rows = []
    for (table, column), own in reading.groupby(["table", "column"], sort=False):
        both = list(zip(own["value_a"], own["value_b"], strict=True))
        units = [tuple(frozenset(v.split(LIST_SEPARATOR)) for v in pair) for pair in both]
        distance: Distance = masi if column in SETS else nominal
        found = agreement(units, own["row_id"].tolist(), distance)
        same = sum(one == other for one, other in units)
        low, high = found.by_statement or (None, None)
        rows.append(
            {
                "table": table,
                "column": column,
                "rows": len(units),
                "same": same,
                "share": same / len(units),
                "alpha": found.alpha,
                "low": low,
                "high": high,
                "note": found.note,
            }
        )
    columns = ["table", "column", "rows", "same", "share", "alpha", "low", "high", "note"]
    return pd.DataFrame(rows, columns=columns).sort_values("share", kind="stable")


def apart(reading: pd.DataFrame) -> pd.DataFrame:
    """List the codes on which the readers differ.

    Returns
    -------
    pandas.DataFrame
        `table, column, row_id, reader_a, reader_b, note`, in the order of the sample.
    """
    sets = [
        reading[c].map(lambda v: frozenset(v.split(LIST_SEPARATOR))) for c in ("value_a", "value_b")
    ]
    differ = reading[sets[0] != sets[1]]
    columns = {"value_a": "reader_a", "value_b": "reader_b"}
    order = ["table", "column", "row_id", "reader_a", "reader_b", "note"]
    return differ.rename(columns=columns)[order].reset_index(drop=True)
