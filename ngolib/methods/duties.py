"""What a duty goes back to, and what a breach of it brings where another rule says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from ngolib.methods.panel import in_force


def duty_line(rules: pd.DataFrame, rule_id: str) -> pd.DataFrame:
    """List a duty and those that it replaced, law by law (`replaced_by`).

    Returns
    -------
    pandas.DataFrame
        Rules of the same country and category, with a code of `duty` in common, of the law of the
        rule, of laws that it replaced, and so on.
    """
    rule = rules.set_index("rule_id").loc[rule_id]
    same = rules[(rules["country"] == rule["country"]) & (rules["category"] == rule["category"])]
    alike = same["duty"].map(lambda codes: not set(rule["duty"]).isdisjoint(codes)).astype(bool)
    same = same[alike]
    laws = _reached({rule["process_id"]}, same, "replaced_by", "process_id")
    return same[same["process_id"].isin(laws)]


def breach_of(
    rules: pd.DataFrame, relations: Mapping[str, Sequence[str]], rule_id: str, day: pd.Timestamp
) -> pd.DataFrame:
    """List the rules that say what a breach of a duty brings on a day.

    They stand in a law of its line (`duty_line`), in another act of the same number, or in an act
    that implements one of these (`relations`, by act, as in `ngolib.load_acts`); or they carry on
    what stood there.

    Returns
    -------
    pandas.DataFrame
        Rules of other categories certainly in force, with all its codes of `duty` and a heaviest
        penalty; the newest of each category, less strict and older ones first.
    """
    rule = rules.set_index("rule_id").loc[rule_id]
    line = duty_line(rules, rule_id)
    laws, numbers = set(line["process_id"]), set(line["law_no"]) - {""}
    served = {f"implements: {law}" for law in laws}
    serving = {act for act, cell in relations.items() if served & {*cell}}
    own = rules[rules["country"] == rule["country"]]
    stands = own["process_id"].isin(laws | serving) | own["law_no"].isin(numbers)
    ids = _reached(set(own.loc[stands, "rule_id"]), own, "carries_over", "rule_id")
    own = own[in_force(own, day)["certain"] & own["rule_id"].isin(ids)]
    own = own[(own["category"] != rule["category"]) & (own["max_penalty"] != "")]
    same = own["duty"].map(lambda codes: set(rule["duty"]) <= set(codes)).astype(bool)
    own = own[same].sort_values("from_latest", ascending=False)
    return own.drop_duplicates("category").sort_values(["rung", "from_latest"])


def _reached(found: set[str], rules: pd.DataFrame, back: str, onward: str) -> set[str]:
    """Add what the rules lead to from what was found, step by step."""
    more = found | set(rules.loc[rules[back].isin(found), onward])
    return more if more == found else _reached(more, rules, back, onward)
