"""Keyword in context, and keyness as it is taught: counts of words, with what they cannot show.

Words are cut by one rule, for English: runs of letters, with an apostrophe or hyphen inside, in
lower case; an ending 's is dropped; figures are no words. Variant spellings are joined first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ngolib.errors import ParameterError
from ngolib.texts.sentences import sentence_spans

Spellings = Sequence[tuple[re.Pattern[str], str]]
Array = npt.NDArray[np.float64]

UNITS = ("characters", "words")
CONCORDANCE_COLUMNS = [
    "row",
    "article_id",
    "label",
    "start",
    "end",
    "sentence_start",
    "sentence_end",
    "sentence",
    "before",
    "hit",
    "after",
    "found",
    "negated",
    "negator",
    "negator_start",
]
KEYNESS_COLUMNS = [
    "term",
    "n_target",
    "n_reference",
    "per_thousand_target",
    "per_thousand_reference",
    "log_likelihood",
    "log_odds",
    "z",
    "texts",
    "dispersion",
]
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_TOKEN = re.compile(r"\S+")
_NEGATOR = re.compile(
    r"\b(?:no|not|never|none|nor|neither|nobody|nothing|without|cannot|denie[sd]|deny)\b"
    r"|\b[^\W\d_]+n['’]t\b",
    re.IGNORECASE,
)
# Words that look like a negation and are none, and what ends the reach of one.
_PSEUDO = re.compile(r"\bnot\s+(?:only|just|merely)\b|\bno\s+doubt\b", re.IGNORECASE)
_BARRIER = re.compile(r"[;:]|\b(?:but|although|though|however)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Joined:
    """A text whose variant spellings are joined; each character knows where it stood before."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, i: int, j: int) -> tuple[int, int]:
        """Return the stretch of the given text that stands behind a stretch of this one."""
        return self.starts[i], self.ends[j - 1]


def join_spellings(text: str, spellings: Spellings) -> Joined:
    """Put one spelling in the place of its variants, keeping the place of every character.

    Parameters
    ----------
    text : str
        Any text.
    spellings : sequence of (pattern, str)
        What is looked for and what stands in its place, as `CleaningRules.substitutions` gives
        them; in this order.

    Returns
    -------
    Joined
        `text` and, for each of its characters, start and end of what it stands for in the given
        text; a changed stretch is never cut.
    """
    marked = [(char, n, n + 1) for n, char in enumerate(text)]
    for pattern, wanted in spellings:
        new: list[tuple[str, int, int]] = []
        done = 0
        for match in pattern.finditer("".join(char for char, _, _ in marked)):
            first, last = match.span()
            if first < last:
                whole = marked[first][1], marked[last - 1][2]
                new += marked[done:first]
                new += [(char, *whole) for char in wanted]
                done = last
        marked = new + marked[done:]
    joined = "".join(char for char, _, _ in marked)
    return Joined(joined, tuple(s for _, s, _ in marked), tuple(e for _, _, e in marked))


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Compile a regular expression given by a user; letter case does not count.

    Raises
    ------
    ngolib.errors.ParameterError
        If it is not valid or matches an empty text.
    """
    try:
        found = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise ParameterError(f"keyword {pattern!r} is no regular expression: {error}") from None
    if found.search("") is not None:
        raise ParameterError(
            f"keyword {pattern!r} also matches an empty text; give at least a word"
        )
    return found


def negation(before: str, reach: int = 5) -> re.Match[str] | None:
    """Find a word before a hit that negates it.

    After NegEx (Chapman, Bridewell, Hanbury, Cooper and Buchanan 2001, Journal of Biomedical
    Informatics 34, 301-310): a negating word at most five words before the hit, in its sentence.
    Here "not only" and the like do not count, and a semicolon, a colon or "but" ends the reach.

    Parameters
    ----------
    before : str
        The sentence up to the hit.
    reach : int
        Words between the negating word and the hit, the negating word included.

    Returns
    -------
    re.Match or None
        The nearest such word.
    """
    words = list(_TOKEN.finditer(before))
    begin = words[-reach].start() if len(words) > reach else 0
    for barrier in _BARRIER.finditer(before):
        begin = max(begin, barrier.end())
    pseudo = [match.span() for match in _PSEUDO.finditer(before)]
    found = [
        match
        for match in _NEGATOR.finditer(before)
        if match.start() >= begin and not any(a <= match.start() < b for a, b in pseudo)
    ]
    return found[-1] if found else None


def _window(text: str, first: int, last: int, size: int, unit: str) -> tuple[int, int]:
    """Return where the window around a hit begins and ends."""
    if unit == "characters":
        return max(first - size, 0), min(last + size, len(text))
    left = [m.start() for m in _TOKEN.finditer(text[:first])]
    right = [m.end() + last for m in _TOKEN.finditer(text[last:])]
    begin = left[-size] if size and len(left) >= size else (0 if size else first)
    end = right[size - 1] if size and len(right) >= size else (len(text) if size else last)
    return begin, end


def concordance(
    lines: pd.DataFrame,
    pattern: str,
    spellings: Spellings = (),
    window: int = 60,
    unit: str = "characters",
    reach: int = 5,
) -> pd.DataFrame:
    """Show a keyword in its context: every hit with the words around it.

    Parameters
    ----------
    lines : pandas.DataFrame
        `article_id, label, start` (raw offset) and `text` of each line, as `ngolib.load_lines`
        gives them; a line is a paragraph, and no window or sentence goes beyond it.
    pattern : str
        Regular expression; letter case does not count.
    spellings : sequence of (pattern, str)
        Variant spellings that are joined before the search (`join_spellings`).
    window : int
        How much context stands on either side.
    unit : str
        Of the window: `characters` or `words`.
    reach : int
        How many words back a negation is looked for (`negation`).

    Returns
    -------
    pandas.DataFrame
        One row per hit, in the order of `lines`: `row` (index of the line in `lines`);
        `article_id`; `label` of the line; `start, end` (raw offsets of the hit); `sentence_start,
        sentence_end` (raw offsets of its sentence) and `sentence` (its words, spellings joined);
        `before, hit, after` (verbatim from the raw text); `found` (the hit as joined, in lower
        case); `negated` (a negating word stands before it); `negator` (that word) and
        `negator_start` (its raw offset, -1 where there is none).

    Raises
    ------
    ngolib.errors.ParameterError
        If the expression is not valid, matches an empty text, the window is negative or its unit
        is not known.

    Examples
    --------
    >>> import ngolib
    >>> from ngolib.analysis.keywords import concordance
    >>> hits = concordance(ngolib.load_lines("iwpr-2006"), "losing", window=5)
    >>> hits.iloc[0][["before", "hit", "after"]].to_list()
    ['Fear ', 'Losing', ' Inde']
    """
    if unit not in UNITS:
        raise ParameterError(f"window unit {unit!r} is not known (allowed: {', '.join(UNITS)})")
    if window < 0:
        raise ParameterError(f"window: found {window}; allowed: 0 or more")
    searched = compile_pattern(pattern)
    rows = []
    for line in lines[["article_id", "label", "start", "text"]].itertuples():
        raw, offset = line.text, int(line.start)
        joined = join_spellings(raw, spellings)
        sentences = None
        for match in searched.finditer(joined.text):
            if match.start() == match.end():
                continue
            first, last = joined.span(match.start(), match.end())
            sentences = list(sentence_spans(raw)) if sentences is None else sentences
            holder = [s for s in sentences if s[0] < last and s[1] > first]
            begin, end = (holder[0][0], holder[-1][1]) if holder else (0, len(raw))
            no = negation(raw[begin:first], reach)
            left, right = _window(raw, first, last, window, unit)
            rows.append(
                (
                    line.Index,
                    line.article_id,
                    line.label,
                    offset + first,
                    offset + last,
                    offset + begin,
                    offset + end,
                    join_spellings(raw[begin:end], spellings).text,
                    raw[left:first],
                    raw[first:last],
                    raw[last:right],
                    match.group().casefold(),
                    no is not None,
                    no.group() if no else "",
                    offset + begin + no.start() if no else -1,
                )
            )
    out = pd.DataFrame(rows, columns=CONCORDANCE_COLUMNS)
    numbers = ["start", "end", "sentence_start", "sentence_end", "negator_start"]
    return out.astype(dict.fromkeys(numbers, "int64") | {"negated": "bool"})


def words(text: str, spellings: Spellings = ()) -> list[str]:
    """Cut a text into words by the rule of this module."""
    found = _WORD.findall(join_spellings(text, spellings).text.casefold())
    return [w[:-2] if w.endswith(("'s", "’s")) else w for w in found]


def frequencies(lines: pd.DataFrame, spellings: Spellings = ()) -> pd.DataFrame:
    """Count the words of each article.

    Parameters
    ----------
    lines : pandas.DataFrame
        `article_id` and `text` of each line.
    spellings : sequence of (pattern, str)
        Variant spellings that are joined first.

    Returns
    -------
    pandas.DataFrame
        Counts; index `term` in the order of the alphabet, one column per article in their order.

    Examples
    --------
    >>> import pandas as pd
    >>> from ngolib.analysis.keywords import frequencies
    >>> lines = pd.DataFrame({"article_id": ["x.1"], "text": ["a law on the law"]})
    >>> int(frequencies(lines).loc["law", "x.1"])
    2
    """
    counts: dict[str, Counter[str]] = {}
    for article, own in lines.groupby("article_id", sort=False):
        counts[str(article)] = Counter(w for text in own["text"] for w in words(text, spellings))
    out = pd.DataFrame(counts).fillna(0).astype("int64").sort_index()
    out.index.name = "term"
    return out


def log_likelihood(
    a: npt.ArrayLike, b: npt.ArrayLike, c: float, d: float, *, cells: int = 2
) -> Array:
    """Return the log-likelihood G² of the frequencies of words in two corpora.

    The measure of Dunning (1993, Computational Linguistics 19:1, 61-74), by default in the form of
    Rayson and Garside (2000, Workshop on Comparing Corpora, 1-6), which sums over the two cells of
    the word and not over those of all other words.

    Parameters
    ----------
    a, b : array_like
        Occurrences of each word in the first and the second corpus.
    c, d : float
        Words of the first and the second corpus.
    cells : int
        2 (Rayson and Garside) or 4 (Dunning: the whole table).

    Returns
    -------
    numpy.ndarray
        G² of each word, 0 or more; it does not say in which corpus the word is the more frequent.
        NaN where a corpus is empty.

    Raises
    ------
    ValueError
        If `cells` is neither 2 nor 4.

    Examples
    --------
    >>> from ngolib.analysis.keywords import log_likelihood
    >>> [round(float(g), 2) for g in log_likelihood([5, 10], [5, 0], 100, 100)]
    [0.0, 13.86]
    """
    if cells not in (2, 4):
        raise ValueError("cells must be 2 or 4")
    one, two = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if not c or not d:
        return np.full(one.shape, np.nan)
    both = one + two
    table = [(one, c * both / (c + d)), (two, d * both / (c + d))]
    if cells == 4:
        rest = c + d - both
        table += [(c - one, c * rest / (c + d)), (d - two, d * rest / (c + d))]
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = [np.where(seen > 0, seen * np.log(seen / hoped), 0.0) for seen, hoped in table]
    return np.maximum(2 * np.sum(terms, axis=0), 0.0)


def log_odds(a: npt.ArrayLike, b: npt.ArrayLike, prior: npt.ArrayLike) -> pd.DataFrame:
    """Return the log-odds ratio of words in two corpora with an informative Dirichlet prior.

    Monroe, Colaresi and Quinn (2008, Political Analysis 16:4, 372-403), equations 16, 18 and 21 in
    the usual approximation of the variance.

    Parameters
    ----------
    a, b : array_like
        Occurrences of every word of the vocabulary in the first and the second corpus.
    prior : array_like
        Pseudo-count of each word, above 0: how often it is to be expected.

    Returns
    -------
    pandas.DataFrame
        `log_odds` (above 0: more frequent in the first corpus), `variance` and `z`, in the order
        given.

    Raises
    ------
    ValueError
        If the three do not have one length, or a pseudo-count is not above 0.

    Examples
    --------
    >>> from ngolib.analysis.keywords import log_odds
    >>> float(log_odds([9, 1], [1, 9], [1, 1])["log_odds"].round(3).iloc[0])  # 2 ln 5
    3.219
    """
    one, two, alpha = (np.asarray(x, dtype=float) for x in (a, b, prior))
    if not one.shape == two.shape == alpha.shape:
        raise ValueError("counts and prior must have one length")
    if (alpha <= 0).any():
        raise ValueError("each pseudo-count of the prior must be above 0")
    whole = alpha.sum()
    first, second = one + alpha, two + alpha
    delta = np.log(first / (one.sum() + whole - first)) - np.log(
        second / (two.sum() + whole - second)
    )
    variance = 1 / first + 1 / second
    return pd.DataFrame({"log_odds": delta, "variance": variance, "z": delta / np.sqrt(variance)})


def dispersion(counts: npt.ArrayLike, sizes: npt.ArrayLike) -> Array:
    """Return the deviation of proportions (DP) of words over the parts of a corpus.

    Gries (2008, International Journal of Corpus Linguistics 13:4, 403-437): half the sum of the
    differences between the share of the word and the share of the words that each part holds.

    Parameters
    ----------
    counts : array_like
        Occurrences: one row per word, one column per part (or one row only).
    sizes : array_like
        Words of each part.

    Returns
    -------
    numpy.ndarray
        DP of each word: near 0 = spread as the parts are long, near 1 = in one small part; NaN for
        a word that does not occur.

    Examples
    --------
    >>> from ngolib.analysis.keywords import dispersion
    >>> [float(dp) for dp in dispersion([[5, 5], [10, 0]], [100, 100])]
    [0.0, 0.5]
    """
    table = np.atleast_2d(np.asarray(counts, dtype=float))
    parts = np.asarray(sizes, dtype=float)
    if not parts.sum():
        return np.full(len(table), np.nan)
    totals = table.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = table / totals
    return np.abs(shares - parts / parts.sum()).sum(axis=1) / 2


def keyness(counts: pd.DataFrame, target: Collection[str], least: int = 3) -> pd.DataFrame:
    """Set the words of some texts against those of the others.

    Parameters
    ----------
    counts : pandas.DataFrame
        As `frequencies` gives them.
    target : collection of str
        Columns whose words are tested; all other columns are the reference.
    least : int
        Words that occur less often in all texts are left out.

    Returns
    -------
    pandas.DataFrame
        One row per word that is more frequent, by its share, in the target: `term`, `n_target,
        n_reference`, the same per thousand words, `log_likelihood`, `log_odds` and `z` (the prior
        is the frequency in all texts, scaled to as many words as the target has), `texts` (in how
        many columns it occurs), `dispersion` (DP over the columns); the highest log-likelihood
        first, then by alphabet. Empty if target or reference hold no word.

    Examples
    --------
    >>> import pandas as pd
    >>> from ngolib.analysis.keywords import keyness
    >>> counts = pd.DataFrame({"x.1": [9, 1], "x.2": [1, 9]}, index=["law", "money"])
    >>> keyness(counts, ["x.1"])["term"].to_list()
    ['law']
    """
    counts = counts[counts.sum(axis=1) > 0]
    inside = [c for c in counts.columns if c in target]
    outside = [c for c in counts.columns if c not in target]
    one, two = counts[inside].sum(axis=1), counts[outside].sum(axis=1)
    c, d = int(one.sum()), int(two.sum())
    if not c or not d:
        return pd.DataFrame(columns=KEYNESS_COLUMNS)
    both = one + two
    odds = log_odds(one, two, both * (c / both.sum()))
    out = pd.DataFrame(
        {
            "term": counts.index,
            "n_target": one.to_numpy(),
            "n_reference": two.to_numpy(),
            "per_thousand_target": one.to_numpy() / c * 1000,
            "per_thousand_reference": two.to_numpy() / d * 1000,
            "log_likelihood": log_likelihood(one, two, c, d),
            "log_odds": odds["log_odds"].to_numpy(),
            "z": odds["z"].to_numpy(),
            "texts": (counts > 0).sum(axis=1).to_numpy(),
            "dispersion": dispersion(counts.to_numpy(), counts.sum().to_numpy()),
        }
    )
    over = out["per_thousand_target"] > out["per_thousand_reference"]
    out = out[over & (both.to_numpy() >= least)]
    out = out.sort_values(["log_likelihood", "term"], ascending=[False, True], kind="stable")
    return out[KEYNESS_COLUMNS].reset_index(drop=True)


def key_in_each(
    counts: pd.DataFrame, threshold: float, voices: Mapping[str, str], least: int = 3
) -> pd.DataFrame:
    """Do with every text what was done with one: how many words pass the threshold.

    Parameters
    ----------
    counts : pandas.DataFrame
        As `frequencies` gives them.
    threshold : float
        Least log-likelihood.
    voices : mapping of str to str
        Article to the voice that speaks in it.
    least : int
        As for `keyness`.

    Returns
    -------
    pandas.DataFrame
        `article_id, voice, words` (of the text), `terms` (that pass), `in_one_text` (of these,
        those that no other text has), `first` (the three highest); in the order of the columns.
    """
    rows = []
    for article in counts.columns:
        key = keyness(counts, [article], least)
        key = key[key["log_likelihood"] >= threshold]
        rows.append(
            (
                article,
                voices.get(article, ""),
                int(counts[article].sum()),
                len(key),
                int((key["texts"] == 1).sum()),
                tuple(key["term"].head(3)),
            )
        )
    columns = ["article_id", "voice", "words", "terms", "in_one_text", "first"]
    return pd.DataFrame(rows, columns=columns)


def without_each(counts: pd.DataFrame, target: str, top: int = 10, least: int = 3) -> pd.DataFrame:
    """Take each text out of the reference in turn: how many of the first words stay.

    Returns
    -------
    pandas.DataFrame
        `left_out` (article), `stay` (words among the first `top` with and without it), `of`; in
        the order of the columns; empty if fewer than two texts make up the reference.
    """
    whole = set(keyness(counts, [target], least)["term"].head(top))
    others = [c for c in counts.columns if c != target]
    rows = [
        (
            out,
            len(whole & set(keyness(counts.drop(columns=out), [target], least)["term"].head(top))),
            len(whole),
        )
        for out in others
        if len(others) > 1 and target in counts.columns
    ]
    return pd.DataFrame(rows, columns=["left_out", "stay", "of"])


def naive_share(
    hits: pd.DataFrame, running: Collection[str], on_topic: Collection[str], focus: str, other: str
) -> pd.DataFrame:
    """Say of each hit of a plain count why it should, or should not, have been counted.

    Parameters
    ----------
    hits : pandas.DataFrame
        `concordance` over all lines of the raw texts.
    running : collection of str
        Labels of lines that are the text of an article.
    on_topic : collection of str
        Articles on the subject.
    focus, other : str
        Regular expressions for the names of the country that the count is to be about and of
        other countries; an empty `focus` lets every sentence pass.

    Returns
    -------
    pandas.DataFrame
        `hits` with `why`, the first of these that holds: `outside` (advert, caption, note, teaser:
        not the text of an article), `off_topic`, `negated`, `elsewhere` (the sentence names
        another country and not this one), else `counted`.
    """
    inside = hits["article_id"].ne("") & hits["label"].isin(list(running))
    names_focus = hits["sentence"].str.contains(focus, case=False, regex=True)
    names_other = hits["sentence"].str.contains(other, case=False, regex=True) if other else False
    elsewhere = names_other & ~names_focus if focus else names_focus & False
    why = pd.Series("counted", index=hits.index)
    why = why.mask(elsewhere, "elsewhere")
    why = why.mask(hits["negated"].astype(bool), "negated")
    why = why.mask(~hits["article_id"].isin(list(on_topic)), "off_topic")
    why = why.mask(~inside, "outside")
    return hits.assign(why=why)
