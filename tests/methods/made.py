"""Small rules whose answers are worked out by hand, and rules made at random."""

from __future__ import annotations

from typing import Any

import pandas as pd
from hypothesis import settings
from hypothesis import strategies as st

DAY = pd.Timestamp
SPANS = ("from_earliest", "from_latest", "to_earliest", "to_latest")
# Tables are slow to make and to analyse: few of them, and no limit on a busy machine.
few = settings(max_examples=25, deadline=None)
FIELDS = ["assembly", "religion"]
COUNTRIES = ["KAZ", "RUS"]


def rule(
    rule_id: str, rung: int | None, start: Any, latest: Any = None, end: Any = None, **more: Any
) -> dict[str, Any]:
    """Make a rule of Kazakhstan on assembly, in force from a day (or span) to another."""
    return {
        "rule_id": rule_id,
        "process_id": rule_id,
        "country": "KAZ",
        "category": "assembly",
        "direction": "restrictive",
        "duty": ("refrain",),
        "consequence": ("fine",),
        "law_no": "",
        "rung": rung,
        "typical": True,
        "from_earliest": DAY(start),
        "from_latest": DAY(latest or start),
        "from_basis": "stated",
        "to_earliest": DAY(end) if end else pd.NaT,
        "to_latest": DAY(end) if end else pd.NaT,
        "carries_over": "",
        "replaced_by": "",
    } | more


def frame(*rules: dict[str, Any]) -> pd.DataFrame:
    """Make a table of rules, with the types of `load_rules`."""
    out = pd.DataFrame(list(rules), columns=list(rule("", 0, "2000-01-01")))
    for column in SPANS:
        out[column] = pd.to_datetime(out[column])
    return out.astype({"rung": "Int64", "typical": bool})


def ends(*years: int) -> list[pd.Timestamp]:
    """Return the last days of years."""
    return [DAY(year, 12, 31) for year in years]


@st.composite
def tables(draw: st.DrawFn, exact: bool = False) -> pd.DataFrame:
    """Make up to eight rules at random, from 2000 on, some of them without an end or a date."""
    days = st.integers(0, 3650)
    width = st.just(0) if exact else st.sampled_from([0, 30, 500])
    rules = []
    for n in range(draw(st.integers(0, 8))):
        start, wide, long = draw(days), draw(width), draw(days)
        first = DAY("2000-01-01") + pd.Timedelta(days=start)
        ended, wide_end = draw(st.booleans()), draw(width)
        to = first + pd.Timedelta(days=wide + long)
        rules.append(
            rule(f"r{n}", draw(st.integers(0, 4)), first, first + pd.Timedelta(days=wide))
            | {
                "process_id": f"act{draw(st.integers(0, 3))}",
                "country": draw(st.sampled_from(COUNTRIES)),
                "category": draw(st.sampled_from(FIELDS)),
                "typical": draw(st.booleans()),
                "duty": tuple(draw(st.sets(st.sampled_from("xyz"), min_size=1))),
            }
            | ({"to_earliest": to, "to_latest": to + pd.Timedelta(days=wide_end)} if ended else {})
            | (dict.fromkeys(SPANS, pd.NaT) if draw(st.integers(0, 9)) == 0 else {})
        )
    return frame(*rules)
