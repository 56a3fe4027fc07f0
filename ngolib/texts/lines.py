"""Raw text -> lines, each with one label, the rule that gave it, and its article.

Labelling is stand-off: nothing is changed or thrown away, and the lines in order rebuild the text.
The rules of `cleaning.toml` go first; what they leave is decided by detectors that look at the
structure of the page:

`blank`
    no visible character.
`run-together-table`
    three or more lines without a blank one between them, none of which ends like a sentence, each
    with a capital letter in the middle of a word: cells of a table that lost their borders.
`article-start`
    the line before a line that a rule marks with `title_before` is a title.
`section-before-title`
    a few words before such a title name its section.
`title-by-position`
    in a page without such marks, the first line that no rule knows, if it reads like a headline.
`standfirst-by-position`
    after such a title, one short sentence with running text after it.
`repeated-line`
    the line stands further up in the same text. Equal rows, notes, references, adverts, labels of
    the site and very short lines are no duplicates.
`remaining-text`
    everything else is body.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ngolib.texts.rules import CleaningRules, Limits, Rule
from ngolib.texts.sentences import sentence_spans

if TYPE_CHECKING:
    import pandas as pd

# Only the beginning of a line is matched, so that a pattern cannot take long on a huge one. The
# mark keeps `$` from matching where the line was cut.
LONGEST_MATCHED = 2_000
CUT = "\uffff"
# White space, and characters that are not seen: zero width, byte order mark, direction marks.
INVISIBLE = (
    " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff\u200b\u200e\u200f\u2060"
)

OUTSIDE_ARTICLES = frozenset({"social_media", "navigation", "advert", "teaser", "blank"})
# A repeat of a line with one of these labels is a line of the page in its own right.
MAY_REPEAT = OUTSIDE_ARTICLES | {"section", "date", "table", "reference", "footnote"}

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_TERMINATOR = "\r\n"
_SENTENCE_END = (".", ",", ";", ":", "…", CUT)
_INNER_CAPITAL = re.compile(r"[a-zа-яёәғқңөұүһі][A-ZА-ЯЁӘҒҚҢӨҰҮҺІ]")


@dataclass(frozen=True)
class Line:
    """One line of a raw text.

    Parameters
    ----------
    start, end : int
        Its characters, without the terminator.
    end_with_terminator : int
        Where the next line starts.
    """

    start: int
    end: int
    end_with_terminator: int


def split_lines(text: str) -> list[Line]:
    """Split a text at LF, CRLF and CR, and at nothing else.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    list of Line
        Every character belongs to exactly one line. A terminator at the very end opens no further
        line; an empty text has none.
    """
    lines = []
    for match in _LINE.finditer(text):
        start, stop = match.span()
        if start < stop:
            terminator = len(match[0]) - len(match[0].rstrip(_TERMINATOR))
            lines.append(Line(start, stop - terminator, stop))
    return lines


class _Page:
    """The lines of one text while they are being labelled."""

    def __init__(self, text: str, limits: Limits) -> None:
        self.limits = limits
        self.lines = split_lines(text)
        self.words = [text[line.start : line.end].strip(INVISIBLE) for line in self.lines]
        self.heads = [
            words if len(words) <= LONGEST_MATCHED else words[:LONGEST_MATCHED] + CUT
            for words in self.words
        ]
        self.labels: list[str] = [""] * len(self.lines)
        self.rules: list[str] = [""] * len(self.lines)
        self.visible = [n for n, words in enumerate(self.words) if words]
        self.starts: list[int] = []

    def give(self, n: int, label: str, rule: str) -> None:
        """Label a line."""
        self.labels[n], self.rules[n] = label, rule

    def open_lines(self) -> list[int]:
        """Return the lines that nothing has labelled yet."""
        return [n for n in self.visible if not self.labels[n]]


def _near(patterns: tuple[re.Pattern[str], ...], heads: list[str]) -> bool:
    """Whether neighbours in the order of the page match the patterns in that order."""
    return len(heads) == len(patterns) and all(
        pattern.search(head) for pattern, head in zip(patterns, heads, strict=True)
    )


def _apply_rule(page: _Page, rule: Rule) -> list[int]:
    """Label every line that a rule fits and that is still open; return all lines it fits."""
    fitting = []
    inside = rule.after is None
    last = len(page.visible) - 1
    for i, n in enumerate(page.visible):
        head = page.heads[n]
        if rule.after is not None:
            if rule.until is not None and rule.until.search(head):
                inside = False
            if not inside:
                inside = bool(rule.after.search(head))
                continue
        if page.labels[n] or not rule.pattern.search(head):
            continue
        if (rule.position == "first" and i != 0) or (rule.position == "last" and i != last):
            continue
        before = page.visible[max(i - len(rule.previous), 0) : i] if rule.previous else []
        behind = page.visible[i + 1 : i + 1 + len(rule.next)] if rule.next else []
        if _near(rule.previous, [page.heads[m] for m in before]) and _near(
            rule.next, [page.heads[m] for m in behind]
        ):
            page.give(n, rule.label, rule.name)
            fitting.append(i)
    return fitting


def _mark_tables(page: _Page) -> None:
    """Find the rows of a table that lost its borders."""
    run: list[int] = []

    def close() -> None:
        if len(run) >= 3:
            for n in run:
                page.give(n, "table", "run-together-table")
        run.clear()

    for n, head in enumerate(page.heads):
        ends_open = bool(head) and head[-1].isalnum()
        if ends_open and not page.labels[n] and _INNER_CAPITAL.search(head):
            run.append(n)
        else:
            close()
    close()


def _mark_articles(page: _Page, marks: list[int]) -> None:
    """Find the title, and the section, before each mark (a position among the visible lines)."""
    known = set()
    for i in sorted(marks):
        if i == 0 or page.labels[page.visible[i - 1]]:
            continue
        title = page.visible[i - 1]
        if page.words[title] in known:  # the page repeats an article that it has already shown
            continue
        known.add(page.words[title])
        page.give(title, "title", "article-start")
        page.starts.append(title)
        if i > 1:
            before = page.visible[i - 2]
            words = page.words[before]
            short = len(words) <= page.limits.section and not words.endswith(
                (*_SENTENCE_END, "?", "!")
            )
            if short and page.labels[before] in ("", "section"):
                if not page.labels[before]:
                    page.give(before, "section", "section-before-title")
                page.starts[-1] = before


def _mark_head(page: _Page) -> None:
    """Find title and standfirst by their place, in a page without marks."""
    candidates = page.open_lines()
    if len(candidates) < 2:
        return
    title, *rest = candidates
    words = page.words[title]
    if len(words) > page.limits.title or words.endswith(_SENTENCE_END):
        return
    page.give(title, "title", "title-by-position")
    page.starts.append(0)
    rest = [n for n in rest if page.words[n] != words]  # the page may print the title twice
    if not rest:
        return
    first, *others = rest
    words = page.words[first]
    has_body = any(page.words[n] != words for n in others)
    if has_body and len(words) <= page.limits.standfirst and len(sentence_spans(words)) == 1:
        page.give(first, "standfirst", "standfirst-by-position")


def _mark_repeats(page: _Page) -> None:
    """Find lines that stand further up."""
    seen = set()
    for n in page.visible:
        if page.labels[n] in MAY_REPEAT:
            continue
        words = page.words[n]
        if words in seen and len(words) >= page.limits.duplicate:
            page.give(n, "duplicate", "repeated-line")
        seen.add(words)


def _articles(page: _Page) -> list[int | None]:
    """Give numbers to the articles, in the order of the page."""
    inside = [label not in OUTSIDE_ARTICLES for label in page.labels]
    starts = set(page.starts[1:])
    numbers: list[int | None] = []
    number = 1
    for n, belongs in enumerate(inside):
        number += n in starts
        numbers.append(number if belongs else None)
    return numbers


def label_lines(text: str, rules: CleaningRules, *, source_id: str = "") -> pd.DataFrame:
    """Label every line of a raw text.

    Parameters
    ----------
    text : str
        Any text; this function never fails for one.
    rules : CleaningRules
        The rules as data.
    source_id : str, optional
        Which source it is, for rules that are meant for some sources only.

    Returns
    -------
    pandas.DataFrame
        One row per line: `line` (from 1), `start`, `end` (without the terminator), `label`, `rule`
        (pattern or detector that gave the label), `article` (from 1, missing where the line belongs
        to none) and `text` (as an object column: it may hold what cannot be encoded).
    """
    import pandas as pd

    page = _Page(text, rules.limits)
    for n, words in enumerate(page.words):
        if not words:
            page.give(n, "blank", "blank")
    marks: list[int] = []
    for rule in rules.rules:
        if rule.applies_to(source_id):
            fitting = _apply_rule(page, rule)
            marks += fitting if rule.title_before else []
    _mark_tables(page)
    _mark_articles(page, marks)
    if not marks:
        _mark_head(page)
    _mark_repeats(page)
    for n in page.open_lines():
        page.give(n, "body", "remaining-text")
    columns = {
        "line": pd.Series(range(1, len(page.lines) + 1), dtype="int64"),
        "start": pd.Series([line.start for line in page.lines], dtype="int64"),
        "end": pd.Series([line.end for line in page.lines], dtype="int64"),
        "label": pd.Series(page.labels, dtype="str"),
        "rule": pd.Series(page.rules, dtype="str"),
        "article": pd.Series(_articles(page), dtype="Int64"),
        "text": pd.Series([text[a.start : a.end] for a in page.lines], dtype="object"),
    }
    return pd.DataFrame(columns)
