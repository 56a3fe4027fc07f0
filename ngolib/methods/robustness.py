"""How sure a result is: draws over unknown days and disputed rungs.

What is drawn is what is known to be unsure of the register: the days within their spans, and the
rungs on which two readers differ. What the register does not hold, it cannot draw.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from ngolib.methods.panel import as_days, check_cells

# How often a second reader puts a rule on another rung, and the share of each difference.
Recoding: TypeAlias = tuple[float, pd.Series]
Numbers: TypeAlias = npt.NDArray[np.int64]

RUNGS = range(5)
# Days since 1970 of what does not come: later than any day.
NEVER = 10**7


def draw_rungs(
    rules: pd.DataFrame,
    countries: Sequence[str],
    fields: Sequence[str],
    days: Iterable[pd.Timestamp],
    n: int = 500,
    seed: int = 1,
    recoding: Recoding | None = None,
) -> npt.NDArray[np.float64]:
    """Draw the highest rung of each cell of `strictness`, the rules being those of one reading.

    A Monte Carlo propagation of what is not known (JCGM 101:2008, Supplement 1 to the "Guide to the
    expression of uncertainty in measurement"). Each start and each end lies with the same chance on
    every day of its span, by one draw for all rules of an act. Each rung is another with the rate
    of `recoding`, and then differs as the readers did: this lifts the country with more rules just
    below the top, so draw without it beside. The same seed gives the same draws. The axes are draw
    x country x field x day; missing where no rule is in force.
    """
    check_cells(rules, countries, fields)
    rules = rules[rules["rung"].notna()]
    starts, ends, rungs = (part[:, :, None] for part in _drawn(rules, n, seed, recoding))
    on = _numbers(pd.Series(as_days(days)))
    out = np.full((n, len(countries), len(fields), len(on)), np.nan)
    for i, country in enumerate(countries):
        for k, field in enumerate(fields):
            own = ((rules["country"] == country) & (rules["category"] == field)).to_numpy()
            held = (starts[:, own] <= on) & (on < ends[:, own])
            top = np.where(held, rungs[:, own], -1).max(axis=1, initial=-1)
            out[:, i, k] = np.where(top < 0, np.nan, top)
    return out


def _numbers(days: pd.Series) -> Numbers:
    """Return days since 1970; `NEVER` where there is none."""
    values = days.to_numpy(dtype="datetime64[D]")
    return np.where(np.isnat(values), NEVER, values.astype(np.int64))


def _drawn(
    rules: pd.DataFrame, n: int, seed: int, recoding: Recoding | None
) -> tuple[Numbers, Numbers, Numbers]:
    """Draw starts, ends and rungs: draw x rule."""
    random = np.random.default_rng(seed)
    act, acts = pd.factorize(rules["process_id"])
    spans = []
    for side in ("from", "to"):
        first, last = (_numbers(rules[f"{side}_{end}"]) for end in ("earliest", "latest"))
        place = random.random((n, len(acts)))[:, act]
        spans.append(first + (place * (last - first + 1)).astype(np.int64))
    ladder = _chances(recoding).cumsum(axis=1)[rules["rung"].to_numpy(dtype=int)]
    rungs = (random.random((n, len(rules), 1)) >= ladder[:, :-1]).sum(axis=2)
    return spans[0], spans[1], rungs


def _chances(recoding: Recoding | None) -> npt.NDArray[np.float64]:
    """Return the chance of each rung (columns) to be drawn for each rung coded (rows)."""
    chances = np.eye(len(RUNGS))
    rate, differences = recoding or (0.0, pd.Series(dtype=float))
    for rung in RUNGS:
        other = {rung + int(d): s for d, s in differences.items() if rung + int(d) in RUNGS}
        if other:
            chances[rung, rung] = 1 - rate
            chances[rung, list(other)] = rate * np.array([*other.values()]) / sum(other.values())
    return chances
