"""How far two or more coders agree: alpha and its intervals, sets of codes, spans."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

Units = Sequence[Sequence[Hashable | None]]
Distance = Callable[[Any, Any], float]

DRAWS = 2_000
SEED = 20_261
ONE_CODE = "cannot be computed: one code only"
NO_UNIT = "cannot be computed: nothing that both coded"
ALL_SAME = "no interval: they never differ"


def nominal(one: Hashable, other: Hashable) -> float:
    """Return 0 for equal codes, else 1.

    Examples
    --------
    >>> from ngolib.analysis.agreement.measures import nominal
    >>> nominal("signed", "signed"), nominal("signed", "adopted")
    (0.0, 1.0)
    """
    return float(one != other)


def masi(one: frozenset, other: frozenset) -> float:
    """Return how far two sets of codes are apart, 0 to 1 (MASI, Passonneau 2006).

    One minus the product of Jaccard's share (codes in both out of codes in either) and of
    monotonicity: 1 for equal sets, 2/3 where one holds the other, 1/3 where they share some codes,
    0 where they share none.

    Examples
    --------
    >>> from ngolib.analysis.agreement.measures import masi
    >>> masi(frozenset({"assembly"}), frozenset({"assembly"}))
    0.0
    >>> masi(frozenset({"assembly"}), frozenset({"religion"}))
    1.0
    """
    if one == other:
        return 0.0
    both, either = len(one & other), len(one | other)
    monotonicity = 2 / 3 if both == min(len(one), len(other)) else 1 / 3
    return 1 - both / either * (monotonicity if both else 0)


@dataclass(frozen=True)
class Agreement:
    """Krippendorff's alpha of one column and how sure it is.

    `alpha` is None where it cannot be computed; `note` says why. Each interval holds the middle 95
    in a hundred of the draws, or is None.
    """

    alpha: float | None
    by_statement: tuple[float, float] | None = None
    by_article: tuple[float, float] | None = None
    note: str = ""


@dataclass(frozen=True)
class _Terms:
    """What each unit adds to alpha: its codes that can be paired, and how they differ."""

    codes: np.ndarray
    differing: np.ndarray
    distances: np.ndarray

    @classmethod
    def of(cls, units: Units, distance: Distance) -> _Terms:
        present = [[v for v in unit if v is not None] for unit in units]
        # A code that stands alone in its unit cannot be paired and takes no part at all.
        present = [values if len(values) > 1 else [] for values in present]
        codes = list(dict.fromkeys(v for values in present for v in values))
        place = {code: n for n, code in enumerate(codes)}
        distances = np.array([[distance(c, k) for k in codes] for c in codes]).reshape(
            len(codes), len(codes)
        )
        counts = np.zeros((len(present), len(codes)))
        for n, values in enumerate(present):
            for value in values:
                counts[n, place[value]] += 1
        size = np.maximum(counts.sum(axis=1) - 1, 1)
        # Each ordered pair of two coders' codes counts 1 / (number of codes in the unit - 1).
        differing = ((counts @ distances) * counts).sum(axis=1) / size
        return cls(counts, differing, distances)

    def alphas(self, weights: np.ndarray) -> np.ndarray:
        """Return alpha for each row of weights of the units; NaN where it is not defined."""
        margins = weights @ self.codes
        expected = ((margins @ self.distances) * margins).sum(axis=1)
        observed = weights @ self.differing
        total = margins.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(expected > 0, 1 - (total - 1) * observed / expected, np.nan)


def krippendorff_alpha(units: Units, distance: Distance = nominal) -> float | None:
    """Compute Krippendorff's alpha from the coincidences of codes.

    Krippendorff, K. (2011), "Computing Krippendorff's Alpha-Reliability": alpha is one minus the
    ratio of the disagreement observed within units to that expected if the same codes were shared
    out over the units by chance.

    Parameters
    ----------
    units : sequence of sequences
        The codes that the coders gave to each unit; None = not coded.
    distance : callable
        How far two codes are apart; by default 0 for equal ones, else 1.

    Returns
    -------
    float or None
        None where it is not defined: no unit has two codes, or all codes are the same one, so that
        no disagreement can be expected. It is then not 1.

    Examples
    --------
    >>> from ngolib.analysis.agreement.measures import krippendorff_alpha
    >>> krippendorff_alpha([["a", "a"], ["b", "b"]])
    1.0
    >>> krippendorff_alpha([["a", "a"], ["a", "a"]]) is None
    True
    """
    terms = _Terms.of(units, distance)
    alpha = terms.alphas(np.ones((1, len(units))))[0] if len(units) else np.nan
    return None if np.isnan(alpha) else float(alpha)


def _middle(draws: np.ndarray) -> tuple[float, float] | None:
    """Return the percentile interval of the draws in which alpha is defined, if those are most."""
    defined = draws[~np.isnan(draws)]
    if len(defined) * 2 < len(draws):
        return None
    low, high = np.quantile(defined, [0.025, 0.975])
    return float(low), float(high)


def agreement(
    units: Units,
    articles: Sequence[str],
    distance: Distance = nominal,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Agreement:
    """Compute alpha with bootstrap intervals by statement and by article.

    Units are drawn with replacement, singly, or as whole articles: statements of one article share
    its style and its difficulties, so that the interval by article is the more honest one. The few
    articles make it wide, and, as with any bootstrap of so few, it is still too narrow rather than
    too wide. Draws in which alpha is not defined are left out.

    Parameters
    ----------
    units : sequence of sequences
        The codes that the coders gave to each unit; None = not coded.
    articles : sequence of str
        Article of each unit.
    distance : callable
        How far two codes are apart.
    draws, seed : int
        How many draws, and from which seed: the same seed gives the same interval.

    Returns
    -------
    Agreement
    """
    terms = _Terms.of(units, distance)
    if not terms.codes.any():
        return Agreement(None, note=NO_UNIT)
    alpha = terms.alphas(np.ones((1, len(units))))[0]
    if np.isnan(alpha):
        return Agreement(None, note=ONE_CODE)
    if not terms.differing.any():
        # Drawing again can show no disagreement where there is none; that is not certainty.
        return Agreement(float(alpha), note=ALL_SAME)
    random = np.random.default_rng(seed)
    singly = random.multinomial(len(units), np.full(len(units), 1 / len(units)), size=draws)
    names, article = np.unique(np.asarray(articles, dtype=object), return_inverse=True)
    whole = random.multinomial(len(names), np.full(len(names), 1 / len(names)), size=draws)
    return Agreement(
        float(alpha),
        _middle(terms.alphas(singly)),
        # One article drawn over and over tells nothing of how articles differ.
        _middle(terms.alphas(whole[:, article])) if len(names) > 1 else None,
    )


def _covered(statements: pd.DataFrame) -> set[tuple[str, int]]:
    """Return the characters that statements cover, each with its article."""
    return {
        (article, place)
        for article, start, end in zip(
            statements["article_id"], statements["start"], statements["end"], strict=True
        )
        for place in range(int(start), int(end))
    }


def span_agreement(a: pd.DataFrame, b: pd.DataFrame) -> dict[str, float | int | None]:
    """Compare which characters two coders' statements cover.

    Parameters
    ----------
    a, b : pandas.DataFrame
        `article_id, start, end` of each coder's statements.

    Returns
    -------
    dict
        `a_characters, b_characters, both_characters`; `a_share_in_b` and `b_share_in_a` (shares of
        what one covers that the other covers too); `f1`, their harmonic mean. None where a coder
        covers nothing.

    Examples
    --------
    >>> import pandas as pd
    >>> from ngolib.analysis.agreement.measures import span_agreement
    >>> one = pd.DataFrame({"article_id": ["x.1"], "start": [0], "end": [10]})
    >>> other = pd.DataFrame({"article_id": ["x.1"], "start": [5], "end": [15]})
    >>> span_agreement(one, other)["f1"]
    0.5
    """
    of_a, of_b = _covered(a), _covered(b)
    both = len(of_a & of_b)
    total = len(of_a) + len(of_b)
    return {
        "a_characters": len(of_a),
        "b_characters": len(of_b),
        "both_characters": both,
        "a_share_in_b": both / len(of_a) if of_a else None,
        "b_share_in_a": both / len(of_b) if of_b else None,
        "f1": 2 * both / total if total else None,
    }


def marked_sentences(sentences: pd.DataFrame, a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """Say of each sentence whether each coder has a statement in it.

    Parameters
    ----------
    sentences : pandas.DataFrame
        `article_id, sentence, start, end`, as `ngolib.load_sentences` gives them.
    a, b : pandas.DataFrame
        `article_id, start, end` of each coder's statements.

    Returns
    -------
    pandas.DataFrame
        `article_id, sentence, a, b` (booleans).
    """
    out = sentences[["article_id", "sentence"]].reset_index(drop=True)
    for name, statements in (("a", a), ("b", b)):
        marked = np.zeros(len(sentences), dtype=bool)
        for article, start, end in zip(
            statements["article_id"], statements["start"], statements["end"], strict=True
        ):
            marked |= (
                (sentences["article_id"] == article)
                & (sentences["start"] < end)
                & (sentences["end"] > start)
            ).to_numpy()
        out[name] = marked
    return out
