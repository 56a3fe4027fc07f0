"""Order of adoption: which of two like rules began earlier, as far as their possible starts tell.

The rules for reading a pair are fixed in `docs/expectations.md`. The lag of a pair is interval
arithmetic on the possible starts of force (Moore, Kearfott and Cloud, *Introduction to Interval
Analysis*, 2009, section 2.2). Nothing here tests significance: the pairs are no sample.
"""

import numpy as np
import pandas as pd

from ngolib.evidence.rules import origins
from ngolib.evidence.tables import RESTRICTS
from ngolib.methods.panel import check_cells, in_force

# An act made before the Union ended on this day, and in force in two states, is one inheritance.
UNION_ENDED = pd.Timestamp("1991-12-26")
SPANS = ["first_a", "last_a", "first_b", "last_b"]


def paired(rules: pd.DataFrame, pairs: pd.DataFrame, a: str, b: str) -> pd.DataFrame:
    """Set the pairs of like rules of two countries side by side; the first is side a.

    Left out are pairs of which a rule was not chosen or carries over an older one, whose date it
    has not, and pairs of one act that both states inherited.

    Returns
    -------
    pandas.DataFrame
        The rows of `pairs`, turned if need be, in their order, with the possible starts `first_a,
        last_a, first_b, last_b` (days), `presumed_a, presumed_b` (whether they rest on the
        presumption of `ngolib.load_rules`) and `evidence` (ids of both rules).
    """
    check_cells(rules, [a, b])
    of = rules.set_index("rule_id")
    one, other = pairs["rule_a"], pairs["rule_b"]
    turned = one.map(of["country"]) == b
    out = pairs.assign(rule_a=one.where(~turned, other), rule_b=other.where(~turned, one))
    left, right = (of.reindex(out[side]).set_axis(out.index) for side in ("rule_a", "rule_b"))
    kept = (left["country"] == a) & (right["country"] == b)
    inherited = (left["law_no"] == right["law_no"]) & (left["law_no"] != "")
    for name, side in (("a", left), ("b", right)):
        kept &= side["carries_over"] == ""
        inherited &= side["from_earliest"] <= UNION_ENDED
        out[f"first_{name}"], out[f"last_{name}"] = side["from_earliest"], side["from_latest"]
        out[f"presumed_{name}"] = side["from_basis"] == "presumed"
    out["evidence"] = list(zip(out["rule_a"], out["rule_b"], strict=True))
    return out[kept & ~inherited]


def ordered(table: pd.DataFrame) -> pd.DataFrame:
    """Say of each row which side began earlier, and by how much.

    Returns
    -------
    pandas.DataFrame
        The table, with `order` (`a_earlier` or `b_earlier` only where every possible start of
        `SPANS` agrees, `overlap`, also of one and the same day, `unknown` where a start has no
        date) and `least, most` (days from a to b, positive where a is earlier).
    """
    least = (table["first_b"] - table["last_a"]).dt.days
    most = (table["last_b"] - table["first_a"]).dt.days
    known = table[SPANS].notna().all(axis=1)
    cases = {"unknown": ~known, "a_earlier": least > 0, "b_earlier": most < 0}
    order = np.select([*cases.values()], [*cases], "overlap")
    return table.assign(order=order, least=least.where(known), most=most.where(known))


def unmatched(
    rules: pd.DataFrame, pairs: pd.DataFrame, a: str, b: str, day: pd.Timestamp
) -> pd.DataFrame:
    """List the rules of country a in force on a day to which no rule of country b is alike then.

    An older or newer wording of a like rule (`carries_over`) counts, and so does any rule of its
    category in the law that replaced it. There may still be a counterpart under another category,
    or in a law that the register lacks. All rules of both countries are needed.

    Returns
    -------
    pandas.DataFrame
        The restrictive and mixed rules of a that are certainly in force, with `had`: whether b had
        a like rule that is no longer in force; typical ones first, then by strictness, then in
        their order.
    """
    check_cells(rules, [a, b])
    line = origins(rules)
    held = in_force(rules, day)
    acts = (rules[[act, "category"]] for act in ("process_id", "replaced_by"))
    laws, heirs = map(pd.MultiIndex.from_frame, acts)
    now = set(line[held["possible"] | heirs.isin(laws[held["possible"]])])
    of = dict(zip(rules["rule_id"], line, strict=True))
    country = dict(zip(rules["rule_id"], rules["country"], strict=True))
    both = [*zip(pairs["rule_a"], pairs["rule_b"], strict=True)]
    both += [(other, one) for one, other in both]
    alike = [(of.get(one), of.get(other)) for one, other in both if country.get(other) == b]
    alike_now = {one for one, other in alike if other in now}
    past = set(line[rules["from_latest"] <= day])
    own = rules.assign(had=line.isin({one for one, other in alike if other in past}))
    own = own[(own["country"] == a) & held["certain"] & ~line.isin(alike_now)]
    own = own[own["direction"].isin(RESTRICTS)]
    return own.sort_values(["typical", "rung"], ascending=False, kind="stable")
