"""Printed numbers: what each can stand for, and whether sums that are done again agree with them.

A printed number is taken as rounded to its last digit that is not zero: 305.4 million is 305.35 to
305.45 million; "over 4.3 million" goes up to 4.4. A convention for checking sums, no more.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import numpy as np
import pandas as pd

SPAN = ["low", "number", "high"]
STATED = ["stated_low", "stated", "stated_high"]


def printed_spans(rows: pd.DataFrame) -> pd.DataFrame:
    """Add what each printed number can stand for.

    The rows have `value`, `qualifier` (exact, about, at_least or over, at_most or under), and
    perhaps `value_high`, the upper end of a range. They get `number` (the value) and `low, high`
    (lowest and highest that it can be).
    """
    number = pd.to_numeric(rows["value"]).astype(float)
    least = number.map(lambda n: Decimal(f"{n:f}").normalize().as_tuple().exponent)
    step = (10.0 ** least.astype(float)).where(number != 0, 0.0)  # one of the last digit
    over, under = (rows["qualifier"].isin(c) for c in (("at_least", "over"), ("at_most", "under")))
    low = (number - step / 2).mask(over, number).mask(under, number - step).clip(lower=0)
    high = (number + step / 2).mask(over, number + step).mask(under, number)
    if "value_high" in rows:
        end = pd.to_numeric(rows["value_high"].replace("", None)).astype(float)
        low, high = low.mask(end.notna(), number), end.fillna(high)
    # Sums of such numbers must not differ by the last bit of a float.
    return rows.assign(number=number, low=low.round(6), high=high.round(6))


def redo(sums: Mapping[str, Sequence[str | float]], numbers: pd.DataFrame) -> pd.DataFrame:
    """Divide numbers again, and set the result against what is stated.

    A sum has three or four ids of the numbers, which are as `printed_spans` gives them: the first
    divided by the second is set against the third (or a number, of what is stated in words only),
    or against the third divided by the fourth. A sum that lacks a number falls out.

    Returns
    -------
    pandas.DataFrame
        `check` (the name), `low, number, high` (the result), `stated_low, stated, stated_high`,
        `verdict` (`agrees`: the spans touch; `differs`; `cannot be told`: a division by nothing),
        `evidence` (ids used).
    """
    rows = []
    for name, terms in sums.items():
        ids = tuple(i for i in terms if isinstance(i, str))
        if not set(ids) <= set(numbers.index):
            continue
        spans = [numbers.loc[t, SPAN] if isinstance(t, str) else _in_words(t) for t in terms]
        stated = spans[2] if len(spans) == 3 else _divided(spans[2], spans[3])
        rows.append((name, *_divided(spans[0], spans[1]), *stated, ids))
    return judged(rows)


def _in_words(value: float) -> pd.Series:
    """Return what a number that is only said in words can stand for."""
    return printed_spans(pd.DataFrame({"value": [value], "qualifier": ["about"]})).iloc[0][SPAN]


def _divided(a: pd.Series, b: pd.Series) -> list[float]:
    if not b["low"]:
        return [np.nan] * 3
    return [a["low"] / b["high"], a["number"] / b["number"], a["high"] / b["low"]]


def judged(rows: Iterable[tuple[object, ...]]) -> pd.DataFrame:
    """Judge sums, each a row of the columns of `redo` but for its verdict; return them as it."""
    out = pd.DataFrame(rows, columns=["check", *SPAN, *STATED, "evidence"])
    touch = (out["low"] <= out["stated_high"]) & (out["stated_low"] <= out["high"])
    verdict = touch.map({True: "agrees", False: "differs"})
    known = out[["number", "stated"]].notna().all(axis=1)
    return out.assign(verdict=verdict.where(known, "cannot be told"))
