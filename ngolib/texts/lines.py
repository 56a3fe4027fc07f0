"""Raw text -> lines, each with one label, the rule that gave it, and its article.

Labelling is stand-off: nothing is changed, and the lines in order rebuild the text. The rules of
`cleaning.toml` go first, then the detectors below; what is left is body (`remaining-text`).
"""

import re
from fnmatch import fnmatchcase
from itertools import accumulate, groupby

import pandas as pd

from ngolib.texts.rules import CleaningRules, Rule
from ngolib.texts.sentences import sentence_spans

# Of a huge line only the beginning is matched; the mark keeps `$` from matching at the cut.
CUT = "\uffff"
# White space, and characters that are not seen: zero width, byte order mark, direction marks.
INVISIBLE = "".join(filter(str.isspace, map(chr, range(2**16)))) + "\ufeff\u200b\u200e\u200f\u2060"

OUTSIDE_ARTICLES = frozenset({"social_media", "navigation", "advert", "teaser", "blank"})
# A repeat of a line with one of these labels is a line of the page in its own right.
MAY_REPEAT = OUTSIDE_ARTICLES | {"section", "date", "table", "reference", "footnote"}

# Types of the columns in a table of lines.
LINE_TYPES = {"line": "int64", "start": "int64", "end": "int64", "label": "str", "rule": "str"}
LINE_TYPES |= {"article": "Int64", "text": "object"}

_LINE = re.compile(r"([^\r\n]*)(?:\r\n?|\n)|([^\r\n]+)")
_SENTENCE_END = (".", ",", ";", ":", "…", CUT)
_INNER_CAPITAL = re.compile(r"[a-zа-яёәғқңөұүһі][A-ZА-ЯЁӘҒҚҢӨҰҮҺІ]")


def split_lines(text: str) -> list[tuple[int, int]]:
    """Start and end of each line; a text is split at LF, CRLF and CR, and at nothing else."""
    return [line.span(line.lastindex or 0) for line in _LINE.finditer(text)]


class _Page:
    """The lines of one text while they are being labelled."""

    def __init__(self, text: str, rules: CleaningRules) -> None:
        self.limits = rules.limits
        self.lines = split_lines(text)
        self.texts = [text[start:end] for start, end in self.lines]
        self.words = [line.strip(INVISIBLE) for line in self.texts]
        most = 2_000  # characters
        self.heads = [line if len(line) <= most else line[:most] + CUT for line in self.words]
        self.labels = ["" if words else "blank" for words in self.words]
        self.rules = self.labels.copy()  # the rule of a blank line has the name of its label
        self.visible = [n for n, words in enumerate(self.words) if words]
        self.starts: list[int] = []

    def give(self, n: int, label: str, rule: str) -> None:
        self.labels[n], self.rules[n] = label, rule

    def open_lines(self) -> list[int]:
        return [n for n in self.visible if not self.labels[n]]


def _stretch(rule: Rule, heads: list[str]) -> list[bool]:
    """Which lines stand below one that matches `after` and above one that matches `until`."""
    inside, within = rule.after is None, []
    for head in heads:
        inside = inside and not (rule.until and rule.until.search(head))
        within.append(inside)
        inside = inside or bool(rule.after and rule.after.search(head))
    return within


def _fits(rule: Rule, heads: list[str], i: int) -> bool:
    """Whether pattern, position and neighbours of a line are what a rule asks for."""
    first, end = i - len(rule.previous), i + 1 + len(rule.next)
    place = {"first": 0, "last": len(heads) - 1}.get(rule.position or "", i)
    if i != place or first < 0 or end > len(heads) or not rule.pattern.search(heads[i]):
        return False
    patterns = (*rule.previous, rule.pattern, *rule.next)
    return all(p.search(head) for p, head in zip(patterns, heads[first:end], strict=True))


def _apply_rules(page: _Page, rules: CleaningRules, source_id: str) -> list[int]:
    """Label the lines that a rule fits; return before which, of the visible, a title is."""
    heads = [page.heads[n] for n in page.visible]
    wanted = [
        rule
        for rule in rules.rules
        if not rule.sources or any(fnmatchcase(source_id, glob) for glob in rule.sources)
    ]
    stretches = [_stretch(rule, heads) for rule in wanted]
    marks = []
    for i, n in enumerate(page.visible):
        for rule, stretch in zip(wanted, stretches, strict=True):
            if stretch[i] and _fits(rule, heads, i):
                page.give(n, rule.label, rule.name)
                if rule.title_before:
                    marks.append(i)
                break
    return marks


def _mark_tables(page: _Page) -> None:
    """Find cells of a table that lost their borders: three or more lines in a row."""
    # None of them ends like a sentence, and each has a capital letter in the middle of a word.
    like_cells = [
        head[-1:].isalnum() and not label and bool(_INNER_CAPITAL.search(head))
        for head, label in zip(page.heads, page.labels, strict=True)
    ]
    for is_run, run in groupby(range(len(like_cells)), key=like_cells.__getitem__):
        if is_run and len(rows := list(run)) >= 3:
            for n in rows:
                page.give(n, "table", "run-together-table")


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
        before = page.visible[i - 2] if i > 1 else title
        words = page.words[before]
        short = len(words) <= page.limits.section and not words.endswith((*_SENTENCE_END, *"?!"))
        if short and page.labels[before] in ("", "section"):
            if not page.labels[before]:
                page.give(before, "section", "section-before-title")
            page.starts[-1] = before


def _mark_head(page: _Page) -> None:
    """Find title and standfirst by their place, in a page without marks."""
    # The first line that no rule knows, if like a headline; one short sentence before the text.
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
    """Find lines that stand further up, unless such lines may repeat or are very short."""
    seen = set()
    for n in page.visible:
        words = page.words[n]
        if page.labels[n] not in MAY_REPEAT:
            if words in seen and len(words) >= page.limits.duplicate:
                page.give(n, "duplicate", "repeated-line")
            seen.add(words)


def _articles(page: _Page) -> list[int | None]:
    """Give numbers to the articles, in the order of the page."""
    starts = set(page.starts[1:])
    numbers = accumulate(n in starts for n in range(len(page.labels)))
    pairs = zip(page.labels, numbers, strict=True)
    return [None if label in OUTSIDE_ARTICLES else 1 + number for label, number in pairs]


def label_lines(text: str, rules: CleaningRules, *, source_id: str = "") -> pd.DataFrame:
    """Label every line of a raw text, as a table of `LINE_TYPES`; this never fails.

    Lines and articles count from 1; outside of articles the number is missing.
    """
    page = _Page(text, rules)
    marks = _apply_rules(page, rules, source_id)
    _mark_tables(page)
    _mark_articles(page, marks)
    if not marks:
        _mark_head(page)
    _mark_repeats(page)
    for n in page.open_lines():
        page.give(n, "body", "remaining-text")
    starts, ends = zip(*page.lines, strict=True) if page.lines else ((), ())
    columns = [range(1, len(starts) + 1), starts, ends, page.labels, page.rules, _articles(page)]
    table = dict(zip(LINE_TYPES, [*columns, page.texts], strict=True))
    return pd.DataFrame(table, dtype="object").astype(LINE_TYPES)
