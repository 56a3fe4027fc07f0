"""Keyword in context and keyness, as they are taught: counts of words, and what they cannot show.

Words are cut by one rule, for English: runs of letters, with an apostrophe or hyphen inside, in
lower case; an ending 's is dropped; figures are no words. Variant spellings are joined first.
"""

import re
import tomllib
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from ngolib.checked import regular
from ngolib.errors import ParameterError
from ngolib.evidence.lookup import passage_id
from ngolib.evidence.tables import check_codes
from ngolib.texts.sentences import sentence_spans

# Pattern of a variant spelling, and what stands in its place.
Spellings = Sequence[tuple[re.Pattern[str], str]]
Array = npt.NDArray[np.float64]

UNITS = ("characters", "words")
HIT = ["row", "article_id", "label", "start", "end", "sentence"]
HIT += ["before", "hit", "after", "negator"]
_TOKEN = re.compile(r"\S+")
_KNOWN = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
_NEGATOR, _PSEUDO, _BARRIER = (re.compile(p, re.IGNORECASE) for p in _KNOWN["patterns"].values())
_REACH = _KNOWN["reach"]
# Of a rarer word nothing is said.
LEAST = 3


def join_spellings(text: str, spellings: Spellings) -> tuple[str, list[tuple[int, int]]]:
    """Put one spelling in the place of its variants; return for each character what it stands for.

    That is start and end in the given text, where a changed stretch is never cut.
    """
    marked, joined = [(char, (n, n + 1)) for n, char in enumerate(text)], text
    for pattern, wanted in (pair for pair in spellings if pair[0].search(joined)):
        new: list[tuple[str, tuple[int, int]]] = []
        done = 0
        for match in pattern.finditer(joined):
            first, last = match.span()
            if first < last:
                whole = marked[first][1][0], marked[last - 1][1][1]
                new += marked[done:first] + [(char, whole) for char in wanted]
                done = last
        marked = new + marked[done:]
        joined = "".join(char for char, _ in marked)
    return joined, [place for _, place in marked]


def negation(before: str) -> str:
    """Find the nearest word before a hit that negates it, in its sentence.

    After NegEx (Chapman, Bridewell, Hanbury, Cooper and Buchanan 2001, Journal of Biomedical
    Informatics 34, 301-310): a negating word at most five words before the hit. Here "not only"
    and the like do not count, and a semicolon, a colon or "but" ends the reach.
    """
    tokens = list(_TOKEN.finditer(before))
    begin = tokens[-_REACH].start() if len(tokens) > _REACH else 0
    begin = max([begin, *(barrier.end() for barrier in _BARRIER.finditer(before))])
    pseudo = [match.span() for match in _PSEUDO.finditer(before)]
    hits = [match for match in _NEGATOR.finditer(before) if match.start() >= begin]
    found = [hit[0] for hit in hits if not any(a <= hit.start() < b for a, b in pseudo)]
    return found[-1] if found else ""


def concordance(
    lines: pd.DataFrame,
    pattern: str,
    spellings: Spellings = (),
    window: int = 60,
    unit: str = "characters",
) -> pd.DataFrame:
    """Show a keyword in its context: every hit with the words around it.

    The keyword is a regular expression, whatever the letter case, sought after variant spellings
    are joined; one that is not valid or matches an empty text is a `ParameterError`. The window, in
    characters or words, is the context on either side, within a line of `ngolib.load_lines`.

    Returns
    -------
    pandas.DataFrame
        One row per hit, in the order of `lines`: `row` (index of its line), `article_id`, `label`
        of the line, `start, end` (raw offsets), `sentence` (spellings joined), `before, hit, after`
        (verbatim), `negator` (the word that negates it; mostly empty), `evidence` (id of the
        passage; none where the line belongs to no article).
    """
    if unit not in UNITS:
        raise ParameterError(f"window unit {unit!r} is not known (allowed: {', '.join(UNITS)})")
    if window < 0:
        raise ParameterError(f"window: found {window}; allowed: 0 or more")
    searched = _compiled(pattern)
    rows = []
    for line in lines.itertuples():
        text = line.text
        joined, places = join_spellings(text, spellings)
        hits = [match.span() for match in searched.finditer(joined) if match.group()]
        sentences = list(sentence_spans(text)) if hits else []
        for i, j in hits:
            first, last = places[i][0], places[j - 1][1]
            holders = [s for s in sentences if s[0] < last and s[1] > first]
            begin, end = (holders[0][0], holders[-1][1]) if holders else (0, len(text))
            left, right = _window(text, first, last, window, unit)
            start, stop = line.start + first, line.start + last
            sentence = join_spellings(text[begin:end], spellings)[0]
            cut = text[left:first], text[first:last], text[last:right], negation(text[begin:first])
            rows.append((line.Index, line.article_id, line.label, start, stop, sentence, *cut))
    out = pd.DataFrame(rows, columns=HIT)
    ids = zip(out["article_id"], out["start"], out["end"], strict=True)
    return out.assign(evidence=[(passage_id(*place),) if place[0] else () for place in ids])


def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile a regular expression given by a user."""
    try:
        found = regular(pattern, re.IGNORECASE)
    except ValueError as error:
        raise ParameterError(f"keyword {error}") from None
    if found.search("") is not None:
        said = "also matches an empty text; give at least a word"
        raise ParameterError(f"keyword {pattern!r} {said}")
    return found


def _window(text: str, first: int, last: int, size: int, unit: str) -> tuple[int, int]:
    """Return where the window around a hit begins and ends."""
    if unit == "characters" or size == 0:
        return max(first - size, 0), min(last + size, len(text))
    left = [0] * size + [token.start() for token in _TOKEN.finditer(text, 0, first)]
    right = [token.end() for token in _TOKEN.finditer(text, last)] + [len(text)] * size
    return left[-size], right[size - 1]


def log_likelihood(a: npt.ArrayLike, b: npt.ArrayLike, c: float, d: float) -> Array:
    """Return G² of words that occur `a` and `b` times in corpora of `c` and `d` words.

    The log-likelihood of Dunning (1993, Computational Linguistics 19:1, 61-74) in the form of
    Rayson and Garside (2000, Workshop on Comparing Corpora, 1-6), which sums over the two cells of
    the word and not over those of all other words. NaN where a corpus is empty.
    """
    one, two = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if not c or not d:
        return np.full(one.shape, np.nan)
    cells = [(one, c * (one + two) / (c + d)), (two, d * (one + two) / (c + d))]
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = [np.where(seen > 0, seen * np.log(seen / hoped), 0.0) for seen, hoped in cells]
    return np.asarray(np.maximum(2 * np.sum(terms, axis=0), 0.0))


def log_odds(a: npt.ArrayLike, b: npt.ArrayLike, prior: npt.ArrayLike) -> pd.DataFrame:
    """Return the log-odds ratio of words that occur `a` and `b` times, with a Dirichlet prior.

    Monroe, Colaresi and Quinn (2008, Political Analysis 16:4, 372-403), equations 16, 18 and 21 in
    the usual approximation of the variance. The rows are the whole vocabulary; `prior`, everywhere
    above 0, says how often each word is to be expected. The columns are `log_odds` (above 0: more
    frequent in the first corpus) and `z`.
    """
    first, second = (np.asarray(own, dtype=float) + np.asarray(prior) for own in (a, b))
    odds = [np.log(own / (own.sum() - own)) for own in (first, second)]
    delta = odds[0] - odds[1]
    return pd.DataFrame({"log_odds": delta, "z": delta / np.sqrt(1 / first + 1 / second)})


def dispersion(counts: npt.ArrayLike, sizes: npt.ArrayLike) -> Array:
    """Return the deviation of proportions (DP) of words (rows) over parts of a corpus (columns).

    Gries (2008, International Journal of Corpus Linguistics 13:4, 403-437): half the sum of the
    differences between the share of the word and the share of all words (`sizes`) that each part
    holds. Near 0 = spread as the parts are long, near 1 = in one small part.
    """
    table, parts = np.asarray(counts, dtype=float), np.asarray(sizes, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = table / table.sum(axis=1, keepdims=True) - parts / parts.sum()
    return np.asarray(np.abs(apart).sum(axis=1) / 2)


def keyness(counts: pd.DataFrame, target: Collection[str]) -> pd.DataFrame:
    """Set the counts of words (rows) of some texts (columns) against those of all others.

    Words that occur less than three times in all texts are left out.

    Returns
    -------
    pandas.DataFrame
        One row per word that is more frequent, by its share, in the target: `term`, `here,
        elsewhere` (occurrences), the same per thousand words (`rate_here, rate_elsewhere`),
        `log_likelihood`, `log_odds` and `z` (the prior is the frequency in all texts, scaled to as
        many words as the target has), `texts` (in how many columns it occurs), `dispersion` (DP
        over the columns); the highest log-likelihood first, then by alphabet. Empty if target or
        reference hold no word.
    """
    check_codes("text", target, counts.columns if len(counts.columns) else target)
    counts = counts[counts.sum(axis=1) > 0]
    inside = counts.columns.isin(list(target))
    here, elsewhere = counts.loc[:, inside].sum(axis=1), counts.loc[:, ~inside].sum(axis=1)
    c, d = int(here.sum()), int(elsewhere.sum())
    if not c or not d:
        counts, here, elsewhere = counts.iloc[:0], here.iloc[:0], elsewhere.iloc[:0]
    both = here + elsewhere
    rates = {"rate_here": here * 1000 / max(c, 1), "rate_elsewhere": elsewhere * 1000 / max(d, 1)}
    out = pd.DataFrame({"here": here, "elsewhere": elsewhere, **rates})
    out["log_likelihood"] = log_likelihood(here, elsewhere, c, d)
    odds = log_odds(here, elsewhere, both * (c / max(c + d, 1))).set_index(both.index)
    out = out.join(odds).assign(texts=(counts > 0).sum(axis=1))
    out["dispersion"] = dispersion(counts, counts.sum())
    out = out[(out["rate_here"] > out["rate_elsewhere"]) & (both >= LEAST)]
    order = {"by": ["log_likelihood", "term"], "ascending": [False, True]}
    return out.rename_axis("term").reset_index().sort_values(**order, ignore_index=True)
