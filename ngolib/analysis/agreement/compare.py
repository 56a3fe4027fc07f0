"""Two codings side by side: what both found, and where their codes differ."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from ngolib.analysis.agreement.coding import quoted_in
from ngolib.analysis.agreement.match import LEAST_OVERLAP, pair_statements
from ngolib.analysis.agreement.measures import (
    DRAWS,
    SEED,
    Agreement,
    agreement,
    marked_sentences,
    masi,
    nominal,
    span_agreement,
)

TIERS = (1, 2)
NO_DATE = "no date"
# Columns whose codes are compared, with what a reader calls them.
COLUMNS = {
    "country": "country",
    "stage": "stage",
    "level": "level",
    "direction": "direction",
    "modality": "modality",
    "voice": "voice",
    "main_category": "main category",
    "categories": "set of categories",
    "precision": "precision of the date",
    "scheduled": "scheduled",
    "tier": "tier",
    "date": "date",
}
SETS = ("categories",)
# A date is a value of its own, not one of a few codes: its confusion table would be a list.
CODED = tuple(c for c in COLUMNS if c not in (*SETS, "date"))
COLUMN_TABLE = [
    "column",
    "pairs",
    "same",
    "share",
    "alpha",
    "statement_low",
    "statement_high",
    "article_low",
    "article_high",
    "note",
]


@dataclass(frozen=True)
class Comparison:
    """Two codings, paired.

    Attributes
    ----------
    a, b : pandas.DataFrame
        Statements of each that take part.
    pairs : pandas.DataFrame
        `article_id, a_id, b_id, overlap` and, for each of `COLUMNS`, `a_<column>` and `b_<column>`:
        one row per statement that both found.
    alone : pandas.DataFrame
        `article_id, a_id, b_id`: one row per statement that one of them found.
    articles : tuple of str
        Articles compared.
    quoted, other_tiers : int
        Rows left out: the codebook holds a statement's words; both (or the only one) gave a tier
        that is not compared.
    """

    a: pd.DataFrame
    b: pd.DataFrame
    pairs: pd.DataFrame
    alone: pd.DataFrame
    articles: tuple[str, ...]
    quoted: int
    other_tiers: int


def _coded(statements: pd.DataFrame) -> pd.DataFrame:
    """Turn the columns of a coding into codes that can be compared."""
    dates = zip(statements["date"], statements["date_end"], strict=True)
    return pd.DataFrame(
        {
            "statement_id": statements["statement_id"],
            "article_id": statements["article_id"],
            "exact": statements["exact"],
            "start": statements["start"].astype(int),
            "end": statements["end"].astype(int),
            # Lists of countries have no order; the first category is the main one.
            "country": ["; ".join(sorted(c)) for c in statements["country"]],
            "stage": statements["stage"],
            "level": statements["level"],
            "direction": statements["direction"],
            "modality": statements["modality"],
            "voice": statements["voice"],
            "main_category": [c[0] for c in statements["categories"]],
            "categories": [frozenset(c) for c in statements["categories"]],
            "precision": statements["precision"],
            "scheduled": statements["scheduled"].map({True: "yes", False: "no"}),
            "tier": statements["tier"].astype(int),
            "date": ["/".join(filter(None, d)) or NO_DATE for d in dates],
        }
    ).reset_index(drop=True)


def compare(
    a: pd.DataFrame,
    b: pd.DataFrame,
    codebook: Iterable[str] = (),
    articles: Collection[str] | None = None,
    tiers: Collection[int] = TIERS,
    least: float = LEAST_OVERLAP,
) -> Comparison:
    """Pair two codings and set aside what cannot be compared.

    Parameters
    ----------
    a, b : pandas.DataFrame
        Codings as `read_ours` and `read_theirs` give them.
    codebook : iterable of str
        Texts of the codebook: a pair in which either statement's words stand there is left out.
    articles : collection of str, optional
        Articles that both coders have read; by default all in which either has a statement.
    tiers : collection of int
        Tiers that both coders were to code. A pair takes part if either coder gave one of them, so
        that disagreement on the tier counts; a statement found by one, if its tier is one of them.
    least : float
        As in `pair_statements`.

    Returns
    -------
    Comparison
    """
    a, b = _coded(a), _coded(b)
    read = {*a["article_id"], *b["article_id"]} if articles is None else set(articles)
    a, b = a[a["article_id"].isin(read)], b[b["article_id"].isin(read)]
    by_a, by_b = (t.set_index("statement_id") for t in (a, b))
    rows = pair_statements(a, b, least)
    cells = list(codebook)
    known = {
        *a.loc[quoted_in(a["exact"], cells), "statement_id"].map(lambda i: ("a", i)),
        *b.loc[quoted_in(b["exact"], cells), "statement_id"].map(lambda i: ("b", i)),
    }
    quoted = [
        ("a", i) in known or ("b", j) in known
        for i, j in zip(rows["a_id"], rows["b_id"], strict=True)
    ]
    in_tiers = rows["a_id"].map(by_a["tier"]).isin(tiers) | rows["b_id"].map(by_b["tier"]).isin(
        tiers
    )
    quoted = pd.Series(quoted, index=rows.index, dtype=bool)
    kept = rows[in_tiers & ~quoted]
    pairs = kept[(kept["a_id"] != "") & (kept["b_id"] != "")].reset_index(drop=True)
    for side, table in (("a", by_a), ("b", by_b)):
        own = table.loc[pairs[f"{side}_id"], list(COLUMNS)].reset_index(drop=True)
        pairs = pairs.join(own.add_prefix(f"{side}_"))
    return Comparison(
        a[a["statement_id"].isin(kept["a_id"])],
        b[b["statement_id"].isin(kept["b_id"])],
        pairs,
        kept.loc[(kept["a_id"] == "") | (kept["b_id"] == ""), ["article_id", "a_id", "b_id"]],
        tuple(sorted(read)),
        int(quoted.sum()),
        int((~in_tiers & ~quoted).sum()),
    )


def found(comparison: Comparison) -> pd.DataFrame:
    """Count, per article and in all, the statements found by both and by one.

    Returns
    -------
    pandas.DataFrame
        `article_id` (last row: `all`), `both, only_a, only_b`, `share` found by both out of those
        found by either (missing where there is none).
    """
    counts = pd.DataFrame(
        {
            "both": comparison.pairs["article_id"].value_counts(),
            "only_a": comparison.alone.loc[
                comparison.alone["b_id"] == "", "article_id"
            ].value_counts(),
            "only_b": comparison.alone.loc[
                comparison.alone["a_id"] == "", "article_id"
            ].value_counts(),
        },
        index=pd.Index(comparison.articles, name="article_id"),
    )
    counts = counts.fillna(0).astype(int)
    counts.loc["all"] = counts.sum()
    either = counts.sum(axis=1)
    return counts.assign(share=counts["both"] / either.where(either > 0)).reset_index()


def _row(
    label: str,
    units: Sequence[tuple],
    articles: Sequence[str],
    draws: int,
    seed: int,
    sets: bool = False,
) -> tuple:
    same = sum(one == other for one, other in units)
    result: Agreement = agreement(
        units,
        articles,
        masi if sets else nominal,
        draws=draws,
        seed=seed,
    )
    statement, article = result.by_statement or (None, None), result.by_article or (None, None)
    share = same / len(units) if units else None
    return (label, len(units), same, share, result.alpha, *statement, *article, result.note)


def by_column(comparison: Comparison, draws: int = DRAWS, seed: int = SEED) -> pd.DataFrame:
    """Compute the agreement on each column, over the statements that both found.

    Returns
    -------
    pandas.DataFrame
        In the order of `COLUMNS`: `column, pairs, same, share`; `alpha` (nominal; for the set of
        categories with MASI's distance), its intervals `statement_low, statement_high,
        article_low, article_high`, all missing where they cannot be computed, and `note`, which
        says why.
    """
    pairs = comparison.pairs
    articles = pairs["article_id"].tolist()
    rows = [
        _row(
            column,
            list(zip(pairs[f"a_{column}"], pairs[f"b_{column}"], strict=True)),
            articles,
            draws,
            seed,
            column in SETS,
        )
        for column in COLUMNS
    ]
    return _numbers(pd.DataFrame(rows, columns=COLUMN_TABLE))


def _numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Make the measures floats: a column without any must not become one of objects."""
    return table.astype(dict.fromkeys(COLUMN_TABLE[3:9], float))


def by_sentence(
    comparison: Comparison, sentences: pd.DataFrame, draws: int = DRAWS, seed: int = SEED
) -> pd.DataFrame:
    """Compute the agreement on whether a sentence of running text holds a statement.

    Returns
    -------
    pandas.DataFrame
        One row, as `by_column` gives them; `pairs` counts sentences. Those that hold a statement
        left out of the comparison (another tier, quoted in the codebook) count as holding none.
    """
    own = sentences[sentences["article_id"].isin(comparison.articles)]
    marks = marked_sentences(own, comparison.a, comparison.b)
    units = list(zip(marks["a"].tolist(), marks["b"].tolist(), strict=True))
    row = _row("statement in a sentence", units, marks["article_id"].tolist(), draws, seed)
    return _numbers(pd.DataFrame([row], columns=COLUMN_TABLE))


def spans(comparison: Comparison) -> dict[str, float | int | None]:
    """Compare the characters that the statements of each cover, as `span_agreement` does."""
    return span_agreement(comparison.a, comparison.b)


def confusion(comparison: Comparison, column: str) -> pd.DataFrame:
    """Count the codes of one (rows) against those of the other (columns).

    Returns
    -------
    pandas.DataFrame
        Codes that either used, the most used first, in the same order both ways; index named after
        the column.
    """
    one, other = comparison.pairs[f"a_{column}"], comparison.pairs[f"b_{column}"]
    used = pd.concat([one, other]).value_counts()
    codes = sorted(used.index, key=lambda code: (-used[code], str(code)))
    table = pd.crosstab(one, other).reindex(index=codes, columns=codes, fill_value=0)
    return table.rename_axis(index=column, columns=None)


def disagreements(comparison: Comparison, columns: Iterable[str] = CODED) -> pd.DataFrame:
    """List the codes that stood against each other: `column, a, b, n`, the most frequent first."""
    rows = []
    for order, column in enumerate(columns):
        one, other = comparison.pairs[f"a_{column}"], comparison.pairs[f"b_{column}"]
        differ = one != other
        counts = zip(one[differ], other[differ], strict=True)
        tally = pd.Series(list(counts), dtype=object).value_counts()
        rows += [(column, *codes, int(n), order) for codes, n in tally.items()]
    frame = pd.DataFrame(rows, columns=["column", "a", "b", "n", "order"])
    frame = frame.sort_values(["n", "order", "a", "b"], ascending=[False, True, True, True])
    return frame.drop(columns="order").reset_index(drop=True)


def worst(table: pd.DataFrame) -> str | None:
    """Name the coded column on which the coders agree least often, if they differ anywhere."""
    coded = table[table["column"].isin(CODED) & (table["share"] < 1)]
    return None if coded.empty else str(coded.loc[coded["share"].idxmin(), "column"])


def settled(adjudication: pd.DataFrame) -> pd.DataFrame:
    """Count how disagreements were settled.

    Parameters
    ----------
    adjudication : pandas.DataFrame
        The table of that name. `column` is `statement` where only one coder had a statement.

    Returns
    -------
    pandas.DataFrame
        `column, disagreements, as_a, as_b, otherwise, evidence` (adjudicated statements), the
        most first. Of a statement that only one coder had, `as_a` and `as_b` say that it was kept
        or left out as that coder did.
    """
    rows = [
        (row.column, _as_whom(row), (row.statement_id,) if row.statement_id else ())
        for row in adjudication.itertuples(index=False)
    ]
    frame = pd.DataFrame(rows, columns=["column", "as_whom", "evidence"])
    out = []
    for column, group in frame.groupby("column", sort=False):
        tally = group["as_whom"].value_counts()
        counts = [int(tally.get(whom, 0)) for whom in ("as_a", "as_b", "otherwise")]
        evidence = tuple(dict.fromkeys(i for ids in group["evidence"] for i in ids))
        out.append((column, len(group), *counts, evidence))
    columns = ["column", "disagreements", "as_a", "as_b", "otherwise", "evidence"]
    table = pd.DataFrame(out, columns=columns)
    return table.sort_values(
        ["disagreements", "column"], ascending=[False, True], kind="stable"
    ).reset_index(drop=True)


def _as_whom(row: object) -> str:
    """Say whose code was kept."""
    a_id, b_id, kept = row.a_id, row.b_id, row.statement_id  # type: ignore[attr-defined]
    if row.column == "statement":  # type: ignore[attr-defined]
        if bool(a_id) == bool(b_id):
            return "otherwise"
        return "as_a" if bool(a_id) == bool(kept) else "as_b"
    value = row.value  # type: ignore[attr-defined]
    if value == row.a_value:  # type: ignore[attr-defined]
        return "as_a"
    return "as_b" if value == row.b_value else "otherwise"  # type: ignore[attr-defined]
