"""Candidates for coding: stretches of an article that patterns of words point to, with the reasons.

A strong candidate is a clause that holds a word for a stage in a sentence that holds a word for a
category. A weak one is a clause about organisations, or of a category, that holds a word for a
direction, a kind of norm or a way of telling (feared, denied); its stage is proposed as that of
practice. What a pattern does not show is left empty: nothing is taken from the article as a whole.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ngolib.errors import IntakeError, unknown
from ngolib.exchange.excerpt import anchor
from ngolib.files import csv_text
from ngolib.project import Project
from ngolib.tables import LIST_SEPARATOR
from ngolib.texts import load_articles, load_lines, load_sources, read_source
from ngolib.texts.dates import FoundDate, find_dates, resolve_date
from ngolib.texts.load import SENTENCE_LABELS
from ngolib.texts.sentences import sentence_spans

MOST_CATEGORIES = 3
ELSEWHERE = " (elsewhere in the sentence)"
# What parts a sentence into clauses; a clause keeps its conjunction.
_BREAK = re.compile(
    r"[;:]\s+|\s[–—-]\s+|,\s+(?=(?:and|but|while|whereas|although|though|which|who|where|after"
    r"|before|because|so|as|saying|и|но|а|который|которая|которое|которые|хотя|после|когда"
    r"|поскольку|сообщил\w*|ал|және|бірақ)\b)",
    re.IGNORECASE,
)
_EDGES = " \t\xa0,;:–—-\"“”«»‘’'"
# Stages by how much they say: of two in a clause the one that says more is taken.
_STRENGTH = ["struck_down", "vetoed", "repealed", "upheld", "withdrawn", "rejected", "expired",
             "signed", "first_chamber", "decided", "adopted", "amended", "in_force", "demanded",
             "announced", "proposed", "occurred"]  # fmt: skip
_LEVELS = {"occurred": "practice", "decided": "decision", "demanded": "discourse"}


class Hit(NamedTuple):
    """A pattern that was found: what it speaks for, where it stands, its words."""

    code: str
    start: int
    words: str


# By column: code and expression of each row of `data/patterns.csv`.
Patterns = Mapping[str, Sequence[tuple[str, re.Pattern[str]]]]


@dataclass
class Candidate:
    """A stretch that may be a statement: its cells, and which words speak for which code."""

    cells: defaultdict[str, str]
    reasons: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)  # columns that no pattern filled
    weak: bool = False  # whether no word speaks for its stage, or none for its category

    def give(self, column: str, code: str, why: str) -> None:
        """Fill a cell, and say by which words."""
        self.cells[column] = code
        self.reasons.append(f"{column} {code}: {why}")


def load_patterns(project: Project, language: str) -> Patterns:
    """Read the patterns of a language; one that will not do is an `IntakeError` that names it."""
    table = project.read_table("patterns")
    own = table[table["language"] == language]
    if own.empty:
        raise IntakeError(unknown("language of patterns.csv", language, table["language"].unique()))
    patterns = defaultdict(list)
    for row in own.itertuples():
        known = ["yes"] if row.column == "scheduled" else project.vocabularies.get(row.column)
        try:
            if known and row.code not in known:
                raise ValueError(unknown(row.column, row.code, known))
            expression = re.compile(rf"(?<!\w)(?:{row.pattern})(?!\w)", re.IGNORECASE)
        except (ValueError, re.error) as error:
            raise IntakeError(f"patterns.csv: {row.pattern_id}: {error}") from None
        patterns[row.column].append((row.code, expression))
    return patterns


def find(patterns: Patterns, column: str, text: str) -> list[Hit]:
    """Find what speaks for a column, in the order of the text."""
    found = ((c, m) for c, pattern in patterns.get(column, ()) for m in pattern.finditer(text))
    hits = (Hit(code, match.start(), match[0]) for code, match in found)
    return sorted(hits, key=lambda hit: (hit.start, -len(hit.words)))


def _quoted(hits: Sequence[Hit]) -> str:
    return ", ".join(f'"{hit.words}"' for hit in hits)


def _first_of_each(hits: Sequence[Hit]) -> list[Hit]:
    """Keep the first hit for each code, in the order of the text."""
    first: dict[str, Hit] = {}
    for hit in hits:
        first.setdefault(hit.code, hit)
    return list(first.values())


def _dates(patterns: Patterns, text: str, bounds: Mapping[str, Any]) -> list[FoundDate]:
    """Find dates of a language that the library of dates does not know, through English."""
    found: list[FoundDate] = []
    for english, expression in patterns.get("date", ()):
        for match in expression.finditer(text):
            start, end = match.span()
            if all(end <= other.start or other.end <= start for other in found):
                resolved = resolve_date(match.expand(english), **bounds)
                found.append(FoundDate(start, end, match[0], resolved))
    return sorted(found, key=lambda one: one.start)


def suggest(project: Project, name: str) -> list[Candidate]:
    """Find the candidates of an article, or of all articles of a source, in their order."""
    articles = load_articles(project=project)
    own = articles[(articles["article_id"] == name) | (articles["source_id"] == name)]
    if own.empty:
        raise IntakeError(unknown("article", name, articles["article_id"]))
    return [one for article in own.to_dict("records") for one in _of_article(project, article)]


def _of_article(project: Project, article: Mapping[str, Any]) -> list[Candidate]:
    sources = load_sources(project=project).set_index("source_id")
    path, language = sources.loc[article["source_id"], ["path", "language"]]
    raw, patterns = read_source(project.data / path), load_patterns(project, language)
    bounds = {key: article[key] for key in ("published_start", "published_end")}
    lines = load_lines(article["source_id"], project=project)
    own = (lines["article_id"] == article["article_id"]) & lines["label"].isin(SENTENCE_LABELS)
    found: list[Candidate] = []
    for line in lines[own].itertuples():
        text, before = str(line.text), None
        english = language == "en"
        dates = find_dates(text, **bounds) if english else _dates(patterns, text, bounds)
        for first, last in sentence_spans(text, language):
            inside = [d._replace(start=d.start - first) for d in dates if first <= d.start < last]
            sentence = _Sentence(patterns, text[first:last], inside, before)
            for start, end, candidate in sentence.candidates():
                at = int(line.start) + first
                candidate.cells |= anchor(raw, at + start, at + end)
                found.append(candidate)
            before = sentence.countries[-1] if sentence.countries else before
    for n, candidate in enumerate(found, 1):
        said = f"{'; '.join(candidate.reasons)}; open: {', '.join(candidate.open)}"
        candidate.cells["note"] = f"candidate, not yet read; {said}"
        candidate.cells["article_id"] = article["article_id"]
        candidate.cells["statement_id"] = f"{article['article_id']}-c{n:02}"
    return found


@dataclass
class _Sentence:
    """One sentence and what patterns find in it; places count from its beginning."""

    patterns: Patterns
    text: str
    dates: Sequence[FoundDate]
    before: Hit | None  # the country that a sentence before names last

    def __post_init__(self) -> None:
        self.countries = find(self.patterns, "country", self.text)
        self.categories = find(self.patterns, "category", self.text)
        self.subject = find(self.patterns, "subject", self.text)

    def candidates(self) -> Iterator[tuple[int, int, Candidate]]:
        """Yield start, end and candidate for every clause that words point to."""
        cuts = [0, *(match.end() for match in _BREAK.finditer(self.text)), len(self.text)]
        last: tuple[str, str] | None = None
        for start, end in itertools.pairwise(cuts):
            clause = self.text[start:end]
            stages = find(self.patterns, "stage", clause)
            stage = min(stages, key=lambda hit: _STRENGTH.index(hit.code), default=None)
            if stage is None or not self.categories:
                about = [h for h in (*self.categories, *self.subject) if start <= h.start < end]
                columns = () if stage else ("direction", "level", "modality")
                tells = stage or any(find(self.patterns, column, clause) for column in columns)
                if not about or not tells:
                    continue
            candidate = self._candidate(start, end, stage)
            key = (candidate.cells["stage"], candidate.cells["categories"])
            if key != last:
                left = end - len(clause.lstrip(_EDGES))
                yield left, start + len(clause.rstrip(_EDGES + ".")), candidate
            last = key

    def _candidate(self, start: int, end: int, stage: Hit | None) -> Candidate:
        clause = self.text[start:end]
        one = Candidate(defaultdict(str, scheduled="no", modality="asserted"))
        one.weak = stage is None or not self.categories
        if stage:
            one.give("stage", stage.code, f'"{stage.words}"')
        else:
            one.cells["stage"] = "occurred"
            one.reasons.append("weak: no word for a stage")
        near = [hit for hit in self.categories if start <= hit.start < end] or self.categories
        chosen = _first_of_each(near)[:MOST_CATEGORIES]
        one.cells["categories"] = LIST_SEPARATOR.join(hit.code for hit in chosen)
        for hit in chosen:
            where = "" if start <= hit.start < end else ELSEWHERE
            one.reasons.append(f'{hit.code}: "{hit.words}"{where}')
        if self.subject:
            one.reasons.append(f"about organisations: {_quoted(self.subject[:1])}")
        self._codes(clause, one, stage is None)
        if countries := self._find("country", clause):
            codes = LIST_SEPARATOR.join(hit.code for hit in countries)
            one.give("country", codes, _quoted(countries))
        elif self.before:
            words = f"{_quoted([self.before])}, in a sentence before"
            one.give("country", self.before.code, words)
        self._date(start, end, one)
        needed = ("categories", "country", "level", "direction")
        one.open = [column for column in needed if not one.cells[column]] + ["voice", "tier"]
        return one

    def _codes(self, clause: str, one: Candidate, without_stage: bool) -> None:
        """Take level, direction, modality and schedule from the words of the clause."""
        for column in ("level", "modality", "scheduled"):
            for hit in find(self.patterns, column, clause)[:1]:
                one.give(column, hit.code, f'"{hit.words}"')
        if without_stage and one.cells["modality"] in ("feared", "promised"):
            # The only stage open to a measure that is merely feared, hoped for or promised.
            one.give("stage", "announced", f"by the way it is told, {one.cells['modality']}")
        by_stage = _LEVELS.get(one.cells["stage"])
        if by_stage and one.cells["level"] not in ("external", by_stage):
            one.give("level", by_stage, "by the stage")
        hits = self._find("direction", clause)
        if len(hits) == 1:
            one.cells["direction"] = hits[0].code
        elif hits:
            one.reasons.append("direction open: words for both")
        one.reasons += [f'{hit.code}: "{hit.words}"' for hit in hits]

    def _date(self, start: int, end: int, one: Candidate) -> None:
        one.cells["precision"] = "unresolved"
        inside = [date for date in self.dates if start <= date.start < end]
        for found in (inside or self.dates)[:1]:
            first, last, precision, basis = found.resolved
            if len(first) == len(last) == 7 and first[:4] == last[:4]:
                # The codebook does not narrow "late last year" to months.
                first, last, precision = first[:4], "", "year"
            one.cells |= {"date_stated": found.words, "date": first, "date_end": last}
            one.cells |= {"precision": precision, "date_basis": basis}
            where = "" if inside else ELSEWHERE
            one.reasons.append(f'date {first or "unresolved"}: "{found.words}"{where}')

    def _find(self, column: str, clause: str) -> list[Hit]:
        """Find the first word for each code of a column, in the clause or else the sentence."""
        hits = find(self.patterns, column, clause) or find(self.patterns, column, self.text)
        return _first_of_each(hits)


def as_csv(project: Project, candidates: Sequence[Candidate]) -> bytes:
    """Write candidates as a CSV with the columns of a coder's file, ready to be edited."""
    columns = project.table("coder_a").columns
    rows = ([one.cells[column] for column in columns] for one in candidates)
    return csv_text([columns, *rows]).encode("utf-8")
