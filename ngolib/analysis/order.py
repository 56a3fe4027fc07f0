"""Order of adoption: pairs of like rules of two countries, their lags as intervals, what is told.

The rules for reading a pair are fixed in `docs/expectations.md`. The lag of a pair is interval
arithmetic on the possible starts of force (Moore, Kearfott and Cloud, *Introduction to Interval
Analysis*, 2009, section 2.2): no start is guessed within its span. Nothing here tests significance:
the pairs are no sample, share rules with one another, and were listed by reading.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import pandas as pd

RESTRICTS = ("restrictive", "mixed")
# Acts of these relations carry over, carry out or undo others: they open no pair.
CLOSED = ("re_enacts", "implements", "reverses")
# Fewer pairs of documented order than this, and the order is not told at all.
LEAST = 5
DAYS_IN_YEAR = 365.25
DATES_ONLY = "timing_only"

ORDERS = {
    "a_earlier": "first country earlier",
    "b_earlier": "second country earlier",
    "overlap": "not documented: the possible starts overlap",
    "unknown": "not documented: no date of a start",
}
DOCUMENTED = ("a_earlier", "b_earlier")
SIDES = ("a", "b")
SPAN = ("earliest", "latest")

PAIR_COLUMNS = [
    "pair_id",
    "category",
    "element",
    "element_kind",
    "likeness",
    "rule_a",
    "rule_b",
    "a_earliest",
    "a_latest",
    "a_presumed",
    "b_earliest",
    "b_latest",
    "b_presumed",
    "order",
    "lag_least",
    "lag_greatest",
    "presumed",
    "justification",
    "third_source",
    "influence",
    "influence_evidence",
    "rival",
    "note",
    "evidence",
]
ELEMENT_COLUMNS = [
    "category",
    "element",
    "pairs",
    "a_earliest",
    "a_latest",
    "b_earliest",
    "b_latest",
    "order",
    "lag_least",
    "lag_greatest",
    "presumed",
    "evidence",
]
COUNT_COLUMNS = ["pairs", *ORDERS]
UNMATCHED_COLUMNS = [
    "category",
    "country",
    "rule_id",
    "measure",
    "from_earliest",
    "from_latest",
    "from_basis",
    "blocks",
    "found",
    "evidence",
]
LINK_COLUMNS = ["kind", "modality", "voice", "statements", "texts", "evidence"]
STEP_COLUMNS = ["process_id", "stage", "date_start", "date_end", "evidence"]
PENDING = ("announced", "demanded", "proposed")


def order_of(
    a_earliest: pd.Timestamp,
    a_latest: pd.Timestamp,
    b_earliest: pd.Timestamp,
    b_latest: pd.Timestamp,
) -> tuple[str, float | None, float | None]:
    """Say which of two rules began earlier, as far as their possible starts tell.

    Parameters
    ----------
    a_earliest, a_latest, b_earliest, b_latest : pandas.Timestamp
        First and last possible day of each start; NaT where there is none.

    Returns
    -------
    tuple
        Order (a key of `ORDERS`); least and greatest possible lag in days, start of b minus start
        of a, so that it is positive where a is earlier; None where a start has no date. Starts on
        one and the same day overlap.
    """
    if any(pd.isna(day) for day in (a_earliest, a_latest, b_earliest, b_latest)):
        return "unknown", None, None
    least, greatest = (b_earliest - a_latest).days, (b_latest - a_earliest).days
    order = "a_earlier" if least > 0 else "b_earlier" if greatest < 0 else "overlap"
    return order, float(least), float(greatest)


def in_period(rules: pd.DataFrame, start: int, end: int) -> pd.DataFrame:
    """Keep rules that may have begun in a period of years; one without any date may have."""
    early = rules["from_earliest"] <= pd.Timestamp(end, 12, 31)
    late = rules["from_latest"] >= pd.Timestamp(start, 1, 1)
    return rules[(early & late) | rules["from_earliest"].isna()]


def between(
    pairs: pd.DataFrame, rules: pd.DataFrame, countries: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Set the pairs of two countries side by side, with their order and lag.

    Parameters
    ----------
    pairs : pandas.DataFrame
        The table `pairs`.
    rules : pandas.DataFrame
        As `ngolib.load_rules` gives them: those that the selection holds.
    countries : sequence of str
        Two countries; the first is side a of the result, whatever side it has in the table.

    Returns
    -------
    tuple of pandas.DataFrame
        The pairs with both rules among those chosen (`PAIR_COLUMNS`: `order` as `order_of` gives
        it, lags in days, `presumed` where a start rests on the presumption of
        `ngolib.load_rules`, `evidence` the ids of both rules), in the order of the table; and the
        rows of `pairs` of the two countries of which a rule was not chosen. Both are empty if the
        table has no pair of the two.
    """
    first, second = countries
    place = rules.set_index("rule_id")
    kept, left = [], []
    for row in pairs.to_dict(orient="records"):
        sides = {_country(row[f"rule_{side}"]): row[f"rule_{side}"] for side in SIDES}
        if set(sides) != {first, second}:
            continue
        if not all(rule in place.index for rule in sides.values()):
            left.append(row["pair_id"])
            continue
        rule = {"a": place.loc[sides[first]], "b": place.loc[sides[second]]}
        row |= {"rule_a": sides[first], "rule_b": sides[second]}
        for side in SIDES:
            row |= {f"{side}_{end}": rule[side][f"from_{end}"] for end in SPAN}
            row[f"{side}_presumed"] = bool(rule[side]["from_basis"] == "presumed")
        days = [row[f"{side}_{end}"] for side in SIDES for end in SPAN]
        row["order"], row["lag_least"], row["lag_greatest"] = order_of(*days)
        row["presumed"] = row["a_presumed"] or row["b_presumed"]
        row["evidence"] = (row["rule_a"], row["rule_b"])
        kept.append(row)
    out = _typed(pd.DataFrame(kept, columns=PAIR_COLUMNS))
    return out, pairs[pairs["pair_id"].isin(left)]


def _country(rule_id: str) -> str:
    """Return the country of a rule: its id begins with it."""
    return rule_id.partition("-")[0]


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    for side in SIDES:
        for end in SPAN:
            frame[f"{side}_{end}"] = pd.to_datetime(frame[f"{side}_{end}"])
    for column in ("lag_least", "lag_greatest"):
        frame[column] = pd.to_numeric(frame[column])
    frame["presumed"] = frame["presumed"].astype(bool)
    return frame


def by_element(ordered: pd.DataFrame) -> pd.DataFrame:
    """Compare each element once: the first start that is documented for either country.

    Pairs on one element share rules, so that a law with many amendments counts often among them;
    here it counts once. The first start of several rules lies between the earliest of their
    earliest and the earliest of their latest days. Where one of them has no date, the first start
    has none.

    Parameters
    ----------
    ordered : pandas.DataFrame
        As `between` gives it.

    Returns
    -------
    pandas.DataFrame
        `ELEMENT_COLUMNS`, one row per category and element in the order given.
    """
    rows = []
    for (category, element), own in ordered.groupby(["category", "element"], sort=False):
        row: dict[str, object] = {"category": category, "element": element, "pairs": len(own)}
        presumed = False
        for side in SIDES:
            for end in SPAN:
                days = own[f"{side}_{end}"]
                row[f"{side}_{end}"] = pd.NaT if days.isna().any() else days.min()
            # The first start is presumed if any rule that may be the first has a presumed one.
            first = own[own[f"{side}_earliest"] <= row[f"{side}_latest"]]
            presumed |= bool(first[f"{side}_presumed"].any())
        days = [row[f"{side}_{end}"] for side in SIDES for end in SPAN]
        row["order"], row["lag_least"], row["lag_greatest"] = order_of(*days)
        row |= {"presumed": presumed, "evidence": together(own["evidence"])}
        rows.append(row)
    return _typed(pd.DataFrame(rows, columns=ELEMENT_COLUMNS))


def together(cells: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Join lists of ids, each id once, in order."""
    return tuple(dict.fromkeys(i for cell in cells for i in cell))


def counts(ordered: pd.DataFrame, categories: Sequence[str] | None = None) -> pd.DataFrame:
    """Count pairs or elements by order, in all or by category.

    Parameters
    ----------
    ordered : pandas.DataFrame
        As `between` or `by_element` gives it.
    categories : sequence of str, optional
        Rows of the result, also those without a pair; None = one row for all.

    Returns
    -------
    pandas.DataFrame
        `category` (only where categories are given), `pairs` and a count for each key of `ORDERS`.
    """
    groups = [("", ordered)] if categories is None else []
    groups += [(c, ordered[ordered["category"] == c]) for c in categories or ()]
    rows = [
        {"category": name, "pairs": len(own)}
        | {order: int((own["order"] == order).sum()) for order in ORDERS}
        for name, own in groups
    ]
    out = pd.DataFrame(rows, columns=["category", *COUNT_COLUMNS])
    return out[COUNT_COLUMNS] if categories is None else out


def reading(ordered: pd.DataFrame, least: int = LEAST) -> dict[str, object]:
    """Read the order of all pairs together, or say that it cannot be told.

    Parameters
    ----------
    ordered : pandas.DataFrame
        As `between` or `by_element` gives it.
    least : int
        Fewest pairs of documented order with which anything is said.

    Returns
    -------
    dict
        `pairs`; a count for each key of `ORDERS`; `documented` (pairs of documented order);
        `share_a` (of them, those with the first country earlier, 0 to 1; None if there are too
        few): to be read against one half; `answer`: `cannot_be_told`, `a_more_often`,
        `b_more_often` or `even`.
    """
    row = {name: int(n) for name, n in counts(ordered).iloc[0].items()}
    a, b = (row[order] for order in DOCUMENTED)
    answer = "a_more_often" if a > b else "b_more_often" if b > a else "even"
    few = a + b < least
    return {
        **row,
        "documented": a + b,
        "share_a": None if few else a / (a + b),
        "answer": "cannot_be_told" if few else answer,
    }


def lags(ordered: pd.DataFrame) -> pd.DataFrame:
    """Sum up how far apart the starts lie, of pairs of documented order.

    Returns
    -------
    pandas.DataFrame
        One row per key of `DOCUMENTED`: `order`, `pairs`, `least, greatest` (the medians of the
        least and of the greatest possible lag in years, without sign), `shortest` (the least
        possible lag of any pair), `longest` (the greatest); missing where there is no pair.
    """
    rows = []
    for order in DOCUMENTED:
        own = ordered[ordered["order"] == order]
        near = own[["lag_least", "lag_greatest"]].abs().min(axis=1) / DAYS_IN_YEAR
        far = own[["lag_least", "lag_greatest"]].abs().max(axis=1) / DAYS_IN_YEAR
        rows.append((order, len(own), near.median(), far.median(), near.min(), far.max()))
    return pd.DataFrame(
        rows, columns=["order", "pairs", "least", "greatest", "shortest", "longest"]
    )


def can_open(rules: pd.DataFrame, relations: pd.Series) -> pd.DataFrame:
    """Keep the rules that can open a pair.

    Parameters
    ----------
    rules : pandas.DataFrame
        As `ngolib.load_rules` gives them.
    relations : pandas.Series
        Relations of each act to others (tuples of `relation: act`), by act.

    Returns
    -------
    pandas.DataFrame
        Restrictive and mixed rules of acts that do not re-enact, implement or reverse another.
    """
    named = rules["process_id"].map(relations)
    closed = named.map(lambda cell: any(r.partition(":")[0] in CLOSED for r in cell)).astype(bool)
    return rules[rules["direction"].isin(RESTRICTS) & ~closed]


def blocks(search_log: pd.DataFrame, country: str, category: str) -> tuple[int, int]:
    """Count the blocks (category by period) searched for a country, and those with a find."""
    own = search_log[(search_log["country"] == country) & (search_log["category"] == category)]
    own = own[own["status"].isin(["found", "searched_none_found"])]
    return own["period"].nunique(), own.loc[own["status"] == "found", "period"].nunique()


def unmatched(
    rules: pd.DataFrame, paired: Collection[str], search_log: pd.DataFrame, countries: Sequence[str]
) -> pd.DataFrame:
    """List the rules that could open a pair and have none, with what was searched for the other.

    Parameters
    ----------
    rules : pandas.DataFrame
        As `can_open` gives them.
    paired : collection of str
        Ids of rules with a pair.
    search_log : pandas.DataFrame
        The table `search_log`.
    countries : sequence of str
        The two countries.

    Returns
    -------
    pandas.DataFrame
        `UNMATCHED_COLUMNS`: `blocks` and `found` are the searched blocks of the other country in
        that category and those of them with a find; no block means that it was not searched, and a
        block without a find is not the absence of a rule.
    """
    other = dict(zip(countries, reversed(countries), strict=True))
    own = rules[rules["country"].isin(countries) & ~rules["rule_id"].isin(list(paired))]
    looked = [
        blocks(search_log, other[str(country)], str(category))
        for country, category in zip(own["country"], own["category"], strict=True)
    ]
    out = own.assign(blocks=[n for n, _ in looked], found=[n for _, n in looked])
    return out[UNMATCHED_COLUMNS].reset_index(drop=True)


def influence(ordered: pd.DataFrame, kinds: Sequence[str]) -> pd.DataFrame:
    """Count pairs by type of evidence of influence.

    Returns
    -------
    pandas.DataFrame
        `influence, pairs` and a count for each key of `ORDERS`, one row per kind in the order
        given (a pair with two types stands in two rows); `evidence` (what carries it; none for
        dates only).
    """
    rows = []
    for kind in kinds:
        own = ordered[ordered["influence"].map(lambda cell, k=kind: k in cell).astype(bool)]
        row = {"influence": kind, **counts(own).iloc[0].to_dict()}
        rows.append(row | {"evidence": together(own["influence_evidence"])})
    return pd.DataFrame(rows, columns=["influence", *COUNT_COLUMNS, "evidence"])


def with_evidence(ordered: pd.DataFrame, known: Collection[str]) -> pd.DataFrame:
    """Take away evidence of influence that the selection does not hold.

    A pair that keeps none of its pieces of evidence is left with dates only.
    """
    found = [tuple(i for i in cell if i in known) for cell in ordered["influence_evidence"]]
    kinds = [k if f else (DATES_ONLY,) for k, f in zip(ordered["influence"], found, strict=True)]
    return ordered.assign(influence=kinds, influence_evidence=found)


def links_told(links: pd.DataFrame) -> pd.DataFrame:
    """Count statements that link the two countries: kind by modality by voice.

    Returns
    -------
    pandas.DataFrame
        `LINK_COLUMNS`: `statements` are rows of the table, `texts` the articles that hold them.
    """
    rows = [
        (*key, len(own), own["article_id"].nunique(), tuple(own["link_id"]))
        for key, own in links.groupby(["kind", "modality", "voice"])
    ]
    return pd.DataFrame(rows, columns=LINK_COLUMNS)


def first_pending(events: pd.DataFrame, acts: Collection[str]) -> pd.DataFrame:
    """Return the first documented announcement, demand or bill of each act, where there is one.

    Parameters
    ----------
    events : pandas.DataFrame
        As `ngolib.load_events` gives them.
    acts : collection of str
        Acts asked for.

    Returns
    -------
    pandas.DataFrame
        `STEP_COLUMNS`, oldest first; an act without such a dated step is missing.
    """
    own = events[
        events["process_id"].isin(list(acts))
        & events["stage"].isin(PENDING)
        & events["date_start"].notna()
    ]
    own = own.sort_values(["date_start", "event_id"], kind="stable").drop_duplicates("process_id")
    return own[STEP_COLUMNS].reset_index(drop=True)
