"""How well coders agree: statements paired, shares of equal codes, Krippendorff's alpha."""

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ngolib.project import Project
from ngolib.texts.load import WORD

Units = Sequence[Sequence[Hashable | None]]
Distance = Callable[[Any, Any], float]

DRAWS, SEED = 2_000, 20_261
ONE_CODE = "cannot be computed: one code only"
NO_UNIT = "cannot be computed: nothing that both coded"
ALL_SAME = "no interval: they never differ"
# Columns of a coding that are compared; what a reader calls those whose name says too little.
COLUMNS = ["country", "stage", "level", "direction", "modality", "voice", "main_category"]
COLUMNS += ["categories", "precision", "scheduled", "tier", "date"]
LABELS = {"categories": "set of categories", "precision": "precision of the date"}
LABELS |= {"tier": "depth of coding"}
# Columns of the register whose cells are sets of codes.
SETS = ("bound", "duty", "consequence", "categories")
LEAST_WORDS = 4


def nominal(one: Hashable, other: Hashable) -> float:
    """Return 0 for equal codes, else 1."""
    return float(one != other)


def masi(one: frozenset[Any], other: frozenset[Any]) -> float:
    """Return how far two sets of codes are apart, 0 to 1 (MASI, Passonneau 2006).

    One minus the product of Jaccard's share (codes in both out of codes in either) and of
    monotonicity: 1 for equal sets, 2/3 where one holds the other, 1/3 where some codes are shared.
    """
    if one == other:
        return 0.0
    both, either = len(one & other), len(one | other)
    monotonicity = 2 / 3 if both == min(len(one), len(other)) else 1 / 3
    return 1 - both / either * (monotonicity if both else 0)


def _terms(units: Units, distance: Distance) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return how often each unit has each code, how its codes differ, how far codes are apart."""
    present = [[code for code in unit if code is not None] for unit in units]
    # A code that stands alone in its unit cannot be paired and takes no part at all.
    present = [unit if len(unit) > 1 else [] for unit in present]
    codes = list(dict.fromkeys(code for unit in present for code in unit))
    apart = np.array([[distance(c, k) for k in codes] for c in codes]).reshape(2 * (len(codes),))
    counts = np.array([[float(unit.count(c)) for c in codes] for unit in present])
    counts = counts.reshape(len(present), len(codes))
    # Each ordered pair of two coders' codes counts 1 / (number of codes in the unit - 1).
    differing = ((counts @ apart) * counts).sum(axis=1) / np.maximum(counts.sum(axis=1) - 1, 1)
    return counts, differing, apart


def _alphas(weights: np.ndarray, terms: tuple[np.ndarray, np.ndarray, np.ndarray]) -> np.ndarray:
    """Return alpha for each row of weights of the units; NaN where it is not defined."""
    counts, differing, apart = terms
    margins = weights @ counts
    expected = ((margins @ apart) * margins).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = 1 - (margins.sum(axis=1) - 1) * (weights @ differing) / expected
    return np.where(expected > 0, found, np.nan)


def krippendorff_alpha(units: Units, distance: Distance = nominal) -> float | None:
    """Compute Krippendorff's alpha from the coincidences of codes.

    Krippendorff, K. (2011), "Computing Krippendorff's Alpha-Reliability": alpha is one minus the
    ratio of the disagreement observed within units to that expected if the same codes were shared
    out over the units by chance. It is None, not 1, where no unit has two codes (None = not coded),
    or all codes are the same one, so that no disagreement can be expected.
    """
    alpha = _alphas(np.ones((1, len(units))), _terms(units, distance))[0]
    return None if np.isnan(alpha) else float(alpha)


def measure(
    units: Units,
    groups: Sequence[str],
    distance: Distance = nominal,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
) -> dict[str, Any]:
    """Compute the share of equal codes, and alpha with bootstrap intervals.

    Units, each with the codes that two coders gave it, are drawn with replacement, singly, or as
    whole groups (articles), whose statements share their difficulties: that interval is the more
    honest one. Draws without an alpha are left out; the same seed gives the same interval. The keys
    are `pairs, same, share, alpha, statement_low, statement_high, article_low, article_high`; None
    where it cannot be computed, and `note`, which says why.
    """
    counts, differing, apart = _terms(units, distance)
    alpha, same = krippendorff_alpha(units, distance), sum(len(set(unit)) == 1 for unit in units)
    share = same / len(units) if units else None
    out: dict[str, Any] = {"pairs": len(units), "same": same, "share": share, "alpha": alpha}
    out |= dict.fromkeys(["statement_low", "statement_high", "article_low", "article_high"])
    if alpha is None:
        return out | {"note": ONE_CODE if counts.any() else NO_UNIT}
    if not differing.any():
        # Drawing again can show no disagreement where there is none; that is not certainty.
        return out | {"note": ALL_SAME}
    # Units that were coded alike are drawn as one kind, which is the same and faster.
    _, kinds, often = np.unique(counts, axis=0, return_index=True, return_counts=True)
    articles, article = np.unique(np.asarray(groups, dtype=object), return_inverse=True)
    of_article = (article == np.arange(len(articles))[:, None]).astype(float)
    random = np.random.default_rng(seed)
    for name, times, of_each in (
        ("statement", often.astype(float), (counts[kinds], differing[kinds])),
        ("article", np.ones(len(articles)), (of_article @ counts, of_article @ differing)),
    ):
        # One article drawn over and over tells nothing of how articles differ.
        if name == "statement" or len(times) > 1:
            weights = random.multinomial(int(times.sum()), times / times.sum(), draws)
            drawn = _alphas(weights, (*of_each, apart))
            if np.isnan(drawn).mean() <= 0.5:  # the middle 95 in a hundred of those defined
                middle = np.nanquantile(drawn, [0.025, 0.975]).tolist()
                out[f"{name}_low"], out[f"{name}_high"] = middle
    return out | {"note": ""}


def _touching(a: pd.DataFrame, b: pd.DataFrame, least: float) -> np.ndarray:
    """Return the characters that statements share, where enough of the shorter span, else 0."""
    first = np.maximum.outer(a["start"].to_numpy(int), b["start"].to_numpy(int))
    last = np.minimum.outer(a["end"].to_numpy(int), b["end"].to_numpy(int))
    lengths = ((t["end"] - t["start"]).to_numpy(int) for t in (a, b))
    enough = last - first >= least * np.minimum.outer(*lengths)
    return np.where(enough, np.maximum(last - first, 0), 0)


def _weights(a: pd.DataFrame, b: pd.DataFrame, least: float) -> np.ndarray:
    """Return what a pair counts."""
    shared = _touching(a, b, least)
    codes = ([t[c].to_numpy(object) for t in (a, b)] for c in ("stage", "scheduled", "country"))
    stage, scheduled, country = (np.equal.outer(*both) for both in codes)
    stage &= scheduled
    # A coder who coded a stretch twice shares its characters with more than the statement itself.
    twice = [(_touching(t, t, least) > 0).sum(axis=1) > 1 for t in (a, b)]
    # One shared character outweighs all ties: a pair adds at most 3, of fewer than the statements.
    unit = 4 * (len(a) + len(b))
    doubled = stage & np.logical_or.outer(*twice)
    ties = np.where(shared > 0, 2 * stage + country, 0)
    return unit * shared * np.where(doubled, 2, 1) + ties


def pair_statements(a: pd.DataFrame, b: pd.DataFrame, least: float = 0.5) -> pd.DataFrame:
    """Pair the statements of two coders.

    The rule:

    1. Only statements of one article can pair, and only if they share at least `least` of the
       characters of the shorter one, so that two neighbours that touch at a word do not.
    2. Each stands in at most one pair. Of all ways to pair those of an article, the one with the
       most shared characters in all is taken.
    3. Where a coder has coded a stretch twice, for it tells two steps, a pair of the same stage
       (and equally scheduled) counts double. Elsewhere the stage only settles ties: agreement on
       it is not brought about by the pairing.
    4. Ties go to the same stage, then to the same country, then to the order of the tables.

    Returns
    -------
    pandas.DataFrame
        `article_id, a_id, b_id`: one row per pair and per statement without a partner, whose other
        id is empty; by article and place.
    """
    from scipy.optimize import linear_sum_assignment  # slow to import, and seldom needed

    partners: dict[str, str] = {}
    for article in {*a["article_id"], *b["article_id"]}:
        own, theirs = (t[t["article_id"] == article] for t in (a, b))
        ids = [t["statement_id"].to_list() for t in (own, theirs)]
        weights = _weights(own, theirs, least)
        pairs = zip(*linear_sum_assignment(weights, maximize=True), strict=True)
        partners.update((ids[0][i], ids[1][j]) for i, j in pairs if weights[i, j])
    columns = ["article_id", "statement_id", "start"]
    one, other = a[columns].set_axis(["article_id", "a_id", "a"], axis=1), b[columns]
    one = one.assign(b_id=one["a_id"].map(lambda found: partners.get(found, "")).astype("str"))
    other = other.set_axis(["article_id", "b_id", "b"], axis=1)
    out = one.merge(other, how="outer").fillna({"a_id": "", "b_id": ""})
    out["place"] = out[["a", "b"]].min(axis=1)
    by = ["article_id", "place", "a_id", "b_id"]
    return out.sort_values(by, ignore_index=True)[["article_id", "a_id", "b_id"]]


@dataclass(frozen=True)
class Comparison:
    """Two codings, paired: what both and what one found; `a_…` and `b_…` of each of `COLUMNS`."""

    a: pd.DataFrame
    b: pd.DataFrame
    pairs: pd.DataFrame
    alone: pd.DataFrame
    articles: list[str]
    quoted: int  # rows left out, whose words the codebook holds
    other_tiers: int  # rows left out, not coded in depth

    def found(self) -> pd.DataFrame:
        """Count per article, and in all, statements `both, only_a, only_b`, and `share` by both."""
        alone = {"only_a": self.alone.query("b_id == ''"), "only_b": self.alone.query("a_id == ''")}
        who = {"both": self.pairs, **alone}
        counts = pd.DataFrame({name: t["article_id"].value_counts() for name, t in who.items()})
        counts = counts.reindex(self.articles).fillna(0).astype(int).rename_axis("article_id")
        counts.loc["all"] = counts.sum()
        either = counts.sum(axis=1)
        return counts.assign(share=counts["both"] / either.where(either > 0)).reset_index()

    def by_column(self, draws: int = DRAWS) -> pd.DataFrame:
        """Say how far they agree on each column, least share first: `column` and as `measure`."""
        articles, rows = list(self.pairs["article_id"]), []
        for c in COLUMNS:
            units = list(zip(self.pairs[f"a_{c}"], self.pairs[f"b_{c}"], strict=True))
            distance = masi if c in SETS else nominal
            rows.append({"column": c, **measure(units, articles, distance, draws=draws)})
        return pd.DataFrame(rows).sort_values("share", kind="stable", ignore_index=True)

    def by_sentence(self, sentences: pd.DataFrame, draws: int = DRAWS) -> dict[str, Any]:
        """Say how far they agree on whether a sentence (`load_sentences`) holds a statement."""
        own = sentences[sentences["article_id"].isin(self.articles)]
        units = list(zip(marked(own, self.a), marked(own, self.b), strict=True))
        return measure(units, list(own["article_id"]), draws=draws)

    def differences(self) -> pd.DataFrame:
        """List every code on which they differ, and every statement that one of them alone found.

        The columns are `your_row` (of `a`: record of the file, the header being 1), `your_id,
        your_code, our_row, our_id, our_code, article_id, column, quote`, in the order of the texts;
        of a statement that one alone found `column` is `statement`, the other's cells are empty.
        """
        a, b = (np.where(self.alone[f"{side}_id"] != "", "found", "") for side in "ab")
        parts = [self.alone.assign(column="statement", a_code=a, b_code=b)]
        for c in COLUMNS:
            cells = self.pairs[[f"a_{c}", f"b_{c}"]].set_axis(["a_code", "b_code"], axis=1)
            told = cells.map(lambda v: v if isinstance(v, str) else "; ".join(sorted(v)))
            parts.append(self.pairs.assign(column=c, **told))
        rows = pd.concat(parts).sort_index(kind="stable")
        rows["quote"] = rows["a_exact"].fillna(rows["b_exact"])
        names = ["a_row", "a_id", "a_code", "b_row", "b_id", "b_code", "article_id", "column"]
        rows = rows.loc[rows["a_code"] != rows["b_code"], [*names, "quote"]].reset_index(drop=True)
        return rows.rename(columns=lambda c: c.replace("a_", "your_").replace("b_", "our_"))

    def overlap(self) -> float | None:
        """Return the F1 of the characters that they cover; None where neither covers any."""
        a, b = covered(self.a), covered(self.b)
        return 2 * len(a & b) / (len(a) + len(b)) if a or b else None


def covered(statements: pd.DataFrame) -> set[tuple[str, int]]:
    """Return the characters that statements cover, each with its article."""
    own = zip(statements["article_id"], statements["start"], statements["end"], strict=True)
    return {(article, place) for article, start, end in own for place in range(start, end)}


def marked(sentences: pd.DataFrame, statements: pd.DataFrame) -> list[bool]:
    """Say of each sentence whether a statement touches it."""
    spoken = covered(statements)
    spans = zip(sentences["article_id"], sentences["start"], sentences["end"], strict=True)
    return [any((article, n) in spoken for n in range(a, b)) for article, a, b in spans]


def _coded(coding: pd.DataFrame) -> pd.DataFrame:
    """Turn the columns of a coding into codes that can be compared."""
    days = zip(coding["date"], coding["date_end"], strict=True)
    return coding.assign(
        row=(coding.index + 2).astype("Int64"),
        start=coding["start"].astype(int),
        end=coding["end"].astype(int),
        # Lists of countries have no order; the first category is the main one.
        country=["; ".join(sorted(cell)) for cell in coding["country"]],
        main_category=[cell[0] for cell in coding["categories"]],
        categories=[frozenset(cell) for cell in coding["categories"]],
        scheduled=coding["scheduled"].map({True: "yes", False: "no"}),
        tier=coding["tier"].astype(str),
        date=["/".join(filter(None, day)) or "no date" for day in days],
    ).reset_index(drop=True)


def compare(
    a: pd.DataFrame,
    b: pd.DataFrame,
    codebook: Iterable[str] = (),
    articles: Collection[str] | None = None,
) -> Comparison:
    """Pair two codings, such as the table `coder_a`, and set aside what cannot be compared.

    A pair in which either statement's words stand in the codebook is left out, for its codes could
    be looked up; statements of fewer than four words stand anywhere. Articles are those that both
    coders have read, by default all in which either has a statement.
    """
    read = {*a["article_id"], *b["article_id"]} if articles is None else set(articles)
    a, b = (_coded(coding[coding["article_id"].isin(read)]) for coding in (a, b))
    rows = pair_statements(a, b)
    for side, coding in (("a", a), ("b", b)):
        own = coding[["statement_id", "row", "exact", *COLUMNS]].add_prefix(f"{side}_")
        own = own.rename(columns={f"{side}_statement_id": f"{side}_id"})
        rows = rows.merge(own, on=f"{side}_id", how="left")
    held = "\n".join(f" {_words(cell)} " for cell in codebook)
    told = rows[["a_exact", "b_exact"]].fillna("").map(_words)
    quoted = told.map(lambda words: words.count(" ") >= LEAST_WORDS - 1 and f" {words} " in held)
    left_out = quoted.any(axis=1).astype(bool)
    # The first two are coded in depth, by both coders; a third was coded by one alone.
    shallow = ~left_out & ~rows[["a_tier", "b_tier"]].isin(["1", "2"]).any(axis=1)
    kept = rows[~left_out & ~shallow]
    both = (kept["a_id"] != "") & (kept["b_id"] != "")
    a, b = (c[c["statement_id"].isin(kept[i])] for c, i in ((a, "a_id"), (b, "b_id")))
    counts = int(left_out.sum()), int(shallow.sum())
    return Comparison(a, b, kept[both], kept[~both], sorted(read), *counts)


def _words(text: str) -> str:
    """Return the words of a text in lower case, so that quotes and line breaks play no part."""
    return " ".join(WORD.findall(text.casefold().replace("’", "'")))


def codebook_cells(project: Project) -> list[str]:
    """Return the text of every cell of the codebook's tables."""
    names = [name for name, t in project.schema.items() if t.path.startswith("codebook/")]
    frames = [project.read_text_cells(name) for name in names]
    return [cell for frame in frames for column in frame for cell in frame[column] if cell]
