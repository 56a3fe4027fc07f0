"""Candidates for coding: stretches of an article that patterns of words point to, with the reasons.

A strong candidate is a clause that holds a word for a stage in a sentence that holds a word for a
category; a dated step of an act can take category and country from a sentence near by. A weak one
lacks one of the two; without a word for a stage it is taken for practice, but a mere penalty's
stage is left open. What no pattern shows is left empty.
"""

import itertools
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ngolib.checked import regular
from ngolib.errors import InputError, check_known, unknown
from ngolib.exchange.excerpt import anchor
from ngolib.project import Project, read_once
from ngolib.tables import LIST_SEPARATOR
from ngolib.texts import load_articles, load_lines, load_sources, read_source
from ngolib.texts.dates import FoundDate, find_dates, in_context, resolve_date
from ngolib.texts.load import SENTENCE_LABELS
from ngolib.texts.sentences import sentence_spans

NO_SIGN = "none"  # the code of words that are no sign for their column
NEAR = 2  # how many sentences back a dated step looks for its act, before the next one
ELSEWHERE = " (elsewhere in the sentence)"
NEARBY = " (in a sentence near by)"
KNOWN = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
_STRENGTH, _LEVELS = KNOWN["strength"], KNOWN["levels"]
# What parts a sentence into clauses.
_CONJUNCTIONS = "|".join(KNOWN["conjunctions"])
_BREAK = re.compile(rf"[;:]\s+|\s[–—-]\s+|,\s+(?=(?:{_CONJUNCTIONS})\b)", re.IGNORECASE)
_BOUNDS = re.compile(rf"(?<!\w)(?:{'|'.join(KNOWN['bounds'])})\s*$", re.IGNORECASE)
_BOUNDED = re.compile(rf"\s+(?:{'|'.join(KNOWN['bounded'])})\b", re.IGNORECASE)
_EDGES = " \t\xa0,;:–—-\"“”«»‘’'"


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
    """Read the patterns of a language; one that will not do is an `InputError` that names it."""
    table = project.read_table("patterns")
    own = table[table["language"] == language]
    check_known(InputError, "language of patterns.csv", language, [*table["language"].unique()])
    patterns, months = defaultdict(list), own.query("column == 'month'")[["code", "pattern"]]
    known_of = {**project.vocabularies, "scheduled": ["yes"], "penalty": ["yes"]}
    for row in own.itertuples():
        known = known_of.get(row.column)
        for month, words in months.to_numpy() if "MONTH" in row.pattern else [("", "")]:
            pattern = row.pattern.replace("MONTH", words)
            try:
                if known and row.code not in (*known, NO_SIGN):
                    raise ValueError(unknown(row.column, row.code, known))
                expression = regular(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)
            except ValueError as error:
                raise InputError(f"patterns.csv: {row.pattern_id}: {error}") from None
            patterns[row.column].append((row.code.replace("MONTH", month), expression))
    return patterns


# Blanks and hyphens at which no line is broken are others, and look the same.
_SEEN_AS = str.maketrans("\xa0\u202f\u2011", "  -")


def find(patterns: Patterns, column: str, text: str) -> list[Hit]:
    """Find what speaks for a column, in the order of the text."""
    found = [(c, m) for c, pattern in patterns.get(column, ()) for m in pattern.finditer(text)]
    barred = {at for code, m in found if code == NO_SIGN for at in range(*m.span())}
    hits = (Hit(c, m.start(), m[0]) for c, m in found if barred.isdisjoint(range(*m.span())))
    return sorted(hits, key=lambda hit: (hit.start, -len(hit.words)))


def _bare(text: str) -> tuple[int, int]:
    """Find the place of a clause without its edges; of a quotation both marks stay or none."""
    start = len(text) - len(text.lstrip(_EDGES))
    end = max(start, len(text.rstrip(_EDGES + ".")))
    for opening, closing in ("«»", "“”", '""'):
        marks = [mark for mark in text[start:end] if mark in (opening, closing)]
        if len(marks) % 2 and marks[-1] == opening and closing in text[end:]:
            end = text.index(closing, end) + 1
        elif len(marks) % 2 and marks[0] == closing and opening in text[:start]:
            start = text.rindex(opening, 0, start)
    return start, end


def _quoted(hits: Sequence[Hit]) -> str:
    return ", ".join(f'"{hit.words}"' for hit in hits)


def _first_of_each(hits: Sequence[Hit]) -> list[Hit]:
    """Keep the first hit for each code, in the order of the text."""
    return sorted({hit.code: hit for hit in reversed(hits)}.values(), key=hits.index)


def _dates(patterns: Patterns, text: str, bounds: Mapping[str, Any]) -> list[FoundDate]:
    """Find dates of a language that the library of dates does not know, through English."""
    found, taken = list[FoundDate](), set[int]()
    signs = ((english, m) for english, p in patterns.get("date", ()) for m in p.finditer(text))
    for english, match in signs:
        start, end = match.span()
        if taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            resolved = resolve_date(match.expand(english), **bounds)
            resolved = in_context(resolved, text, start, end, bounds["published_end"])
            found.append(FoundDate(start, end, match[0], resolved))
    return sorted(found, key=lambda one: one.start)


@read_once
def suggest(name: str, *, project: Project) -> list[Candidate]:
    """Find the candidates of an article, or of all articles of a source, in their order."""
    articles = load_articles(project=project)
    own = articles[(articles["article_id"] == name) | (articles["source_id"] == name)]
    known = dict.fromkeys([*articles["article_id"], *articles["source_id"]])
    check_known(InputError, "article", name, known)
    return [one for article in own.to_dict("records") for one in _of_article(project, article)]


def _of_article(project: Project, article: Mapping[str, Any]) -> list[Candidate]:
    sources = load_sources(project=project).set_index("source_id")
    path, language = sources.loc[article["source_id"], ["path", "language"]]
    raw, patterns = read_source(project.data / path), load_patterns(project, language)
    bounds = {key: article[key] for key in ("published_start", "published_end")}
    lines = load_lines(article["source_id"], project=project)
    own = (lines["article_id"] == article["article_id"]) & lines["label"].isin(SENTENCE_LABELS)
    sentences: list[_Sentence] = []
    for line in lines[own].itertuples():
        text, before = str(line.text).translate(_SEEN_AS), None
        dates = find_dates(text, **bounds) if language == "en" else _dates(patterns, text, bounds)
        dates = [d for d in dates if not _BOUNDED.match(text, d.end)]
        dates = [d for d in dates if not _BOUNDS.search(text[max(0, d.start - 20) : d.start])]
        for first, last in sentence_spans(text, language):
            inside = [d._replace(start=d.start - first) for d in dates if first <= d.start < last]
            here = int(line.start) + first, article["published_end"]
            sentences.append(_Sentence(patterns, text[first:last], inside, before, *here))
            before = sentences[-1].country
    found: list[Candidate] = []
    for n, sentence in enumerate(sentences):
        sentence.take_act([*sentences[max(n - NEAR, 0) : n][::-1], *sentences[n + 1 : n + 2]])
        for start, end, candidate in sentence.candidates():
            said = f"{'; '.join(candidate.reasons)}; open: {', '.join(candidate.open)}"
            name = f"{article['article_id']}-c{len(found) + 1:02}"
            candidate.cells |= {"article_id": article["article_id"], "statement_id": name}
            candidate.cells |= anchor(raw, sentence.at + start, sentence.at + end)
            candidate.cells["note"] = f"candidate, not yet read; {said}"
            found.append(candidate)
    return found


@dataclass
class _Sentence:
    """One sentence and what patterns find in it; places count from its beginning."""

    patterns: Patterns
    text: str
    dates: Sequence[FoundDate]
    country: Hit | None  # the last that it names, else that of a sentence near by
    at: int  # where it begins in the raw text
    day: str  # the last on which the article can have been published
    elsewhere: str = ELSEWHERE  # where its categories stand, if not in the clause

    def __post_init__(self) -> None:
        self.categories = find(self.patterns, "category", self.text)
        self.subject = find(self.patterns, "subject", self.text)
        self.country = [self.country, *find(self.patterns, "country", self.text)][-1]
        stages = find(self.patterns, "stage", self.text)
        self.step = bool(self.dates) and any(hit.code not in _LEVELS for hit in stages)

    def take_act(self, others: "Sequence[_Sentence]") -> None:
        """Take what a dated step of an act does not say itself from the nearest that does."""
        if not self.step:
            return
        self.country = self.country or next((o.country for o in others if o.country), None)
        if not self.categories:
            taken = next((other.categories for other in others if other.categories), [])
            self.categories = [hit._replace(start=-1) for hit in taken]
            self.elsewhere = NEARBY

    def candidates(self) -> Iterator[tuple[int, int, Candidate]]:
        """Yield start, end and candidate for every clause that words point to."""
        cuts = [0, *(match.end() for match in _BREAK.finditer(self.text)), len(self.text)]
        last = None
        for start, end in itertools.pairwise(cuts):
            clause = self.text[start:end]
            stages = find(self.patterns, "stage", clause)
            if self.elsewhere == NEARBY:  # what the sentence near by tells of is an act
                stages = [hit for hit in stages if hit.code not in _LEVELS]
            stage = min(stages, key=lambda hit: _STRENGTH.index(hit.code), default=None)
            if stage is None or not self.categories:
                about = [h for h in (*self.categories, *self.subject) if start <= h.start < end]
                about += find(self.patterns, "level", clause) if self.step else ()
                tell = ("direction", "level", "modality", "penalty")
                if not about or not (stage or any(find(self.patterns, c, clause) for c in tell)):
                    continue
            candidate = self._candidate(start, end, stage)
            before, last = last, (candidate.cells["stage"], candidate.cells["categories"])
            if last != before:
                left, right = _bare(clause)
                yield start + left, start + right, candidate

    def _candidate(self, start: int, end: int, stage: Hit | None) -> Candidate:
        clause = self.text[start:end]
        one = Candidate(defaultdict(str, scheduled="no", modality="asserted"))
        one.weak = stage is None or not self.categories
        penalty = find(self.patterns, "penalty", clause)[:1]
        if penalty and (stage is None or stage.code == "occurred"):
            one.reasons.append(f"stage open: a penalty is no event: {_quoted(penalty)}")
        elif stage:
            one.give("stage", stage.code, f'"{stage.words}"')
        else:
            one.give("stage", "occurred", "weak, no word for a stage")
        near = [hit for hit in self.categories if start <= hit.start < end]
        chosen = _first_of_each(near or self.categories)[:3]  # at most
        one.cells["categories"] = LIST_SEPARATOR.join(hit.code for hit in chosen)
        where = "" if near else self.elsewhere
        one.reasons += [f'{hit.code}: "{hit.words}"{where}' for hit in chosen]
        if self.subject:
            one.reasons.append(f"about organisations: {_quoted(self.subject[:1])}")
        self._codes(clause, one, stage is None)
        own = self._find("country", clause)
        if countries := own or [hit for hit in [self.country] if hit]:
            codes = LIST_SEPARATOR.join(hit.code for hit in countries)
            one.give("country", codes, _quoted(countries) + ("" if own else NEARBY))
        self._date(start, end, one)
        needed = ("stage", "categories", "country", "level", "direction")
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
        if len({date.resolved for date in inside}) > 1:  # one may be that of another step
            one.reasons.append(f"date open: {' or '.join(date.words for date in inside)}")
            return
        for found in (inside or self.dates)[:1]:
            first, last, precision, basis = found.resolved
            if len(first) == len(last) == 7 and first[:4] == last[:4]:
                # The codebook does not narrow "late last year" to months.
                first, last, precision = first[:4], "", "year"
            one.cells |= {"date_stated": found.words, "date": first, "date_end": last}
            one.cells |= {"precision": precision, "date_basis": basis}
            where = "" if inside else ELSEWHERE
            one.reasons.append(f'date {first or "unresolved"}: "{found.words}"{where}')
            if inside and one.cells["scheduled"] == "no" and first > self.day[: len(first)] > "":
                one.give("scheduled", "yes", f"{first} is after the article")

    def _find(self, column: str, clause: str) -> list[Hit]:
        """Find the first word for each code of a column, in the clause or else the sentence."""
        hits = find(self.patterns, column, clause) or find(self.patterns, column, self.text)
        return _first_of_each(hits)
