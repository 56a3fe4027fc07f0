"""Candidates for coding: stretches of an article that patterns of words point to, with the reasons.

A strong candidate is a clause that holds a word for a stage (a verb of law-making, of decision, of
practice) in a sentence that holds a word for a category. A weak one has no word for a stage: it is
a clause about organisations, or of a category, that holds a word for a direction, a kind of norm
or a way of telling (feared, denied), and its stage is proposed as that of practice. What a pattern
does not show is left empty, and the note says so: nothing is taken from the article as a whole,
least of all the country. A candidate is no coding: it is read, mended or thrown away.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from ngolib.errors import IntakeError, unknown
from ngolib.intake.changes import csv_line
from ngolib.project import Project
from ngolib.tables import LIST_SEPARATOR
from ngolib.texts import load_articles, load_lines, load_sources, read_source
from ngolib.texts.dates import FoundDate, find_dates, resolve_date
from ngolib.texts.load import SENTENCE_LABELS
from ngolib.texts.sentences import sentence_spans

CONTEXT = 32
MOST_CATEGORIES = 3
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
    """A pattern that was found."""

    code: str
    start: int
    end: int
    words: str


@dataclass(frozen=True)
class Patterns:
    """The patterns of one language.

    Parameters
    ----------
    rows : sequence of (str, str, re.Pattern)
        Column, code and expression.
    """

    rows: Sequence[tuple[str, str, re.Pattern[str]]]

    @classmethod
    def load(cls, project: Project, language: str) -> Patterns:
        """Read `data/patterns.csv`.

        Raises
        ------
        ngolib.errors.IntakeError
            If an expression or a code will not do, naming it.
        """
        table = project.read_table("patterns")
        own = table[table["language"] == language]
        if own.empty:
            raise IntakeError(
                unknown("language of patterns.csv", language, table["language"].unique())
            )
        rows = []
        for row in own.itertuples():
            _check_code(project, row)
            try:
                rows.append((row.column, row.code, _compiled(row.pattern)))
            except re.error as error:
                raise IntakeError(f"patterns.csv: {row.pattern_id}: {error}") from None
        return cls(rows)

    def find(self, column: str, text: str) -> list[Hit]:
        """Find what speaks for a column, in the order of the text."""
        hits = [
            Hit(code, match.start(), match.end(), match[0])
            for of, code, pattern in self.rows
            if of == column
            for match in pattern.finditer(text)
        ]
        return sorted(hits, key=lambda hit: (hit.start, -hit.end))

    def dates(self, text: str, bounds: Mapping[str, Any]) -> list[FoundDate]:
        """Find dates of a language that the library of dates does not know, through English."""
        taken = bytearray(len(text))
        found = []
        for of, english, pattern in self.rows:
            if of != "date":
                continue
            for match in pattern.finditer(text):
                start, end = match.span()
                if not any(taken[start:end]):
                    taken[start:end] = b"\1" * (end - start)
                    resolved = resolve_date(match.expand(english), **bounds)
                    found.append(FoundDate(start, end, match[0], resolved))
        return sorted(found, key=lambda one: one.start)


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)


def _check_code(project: Project, row: Any) -> None:
    column, code = row.column, row.code
    if column in ("date", "subject"):
        return
    known = ["yes"] if column == "scheduled" else project.vocabulary(column)
    if code not in known:
        raise IntakeError(f"patterns.csv: {row.pattern_id}: {unknown(column, code, known)}")


@dataclass
class Candidate:
    """A stretch that may be a statement.

    Parameters
    ----------
    article_id : str
        Where it stands.
    start, end : int
        Raw offsets.
    cells : dict
        Codes by column of the coding.
    reasons : list of str
        Which words speak for which code.
    open : list of str
        Columns that no pattern filled.
    weak : bool
        Whether no word speaks for its stage.
    """

    article_id: str
    start: int
    end: int
    cells: dict[str, str]
    reasons: list[str]
    open: list[str]
    weak: bool = False


class Suggester:
    """Finds candidates in the articles of a project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._patterns: dict[str, Patterns] = {}

    @cached_property
    def articles(self) -> Any:
        """Articles by id."""
        return load_articles(project=self.project).set_index("article_id")

    @cached_property
    def sources(self) -> Any:
        """Sources by id."""
        return load_sources(project=self.project).set_index("source_id")

    @cached_property
    def lines(self) -> Any:
        """Lines of running text."""
        lines = load_lines(project=self.project)
        return lines[lines["label"].isin(SENTENCE_LABELS)]

    def patterns(self, language: str) -> Patterns:
        """Return the patterns of a language."""
        if language not in self._patterns:
            self._patterns[language] = Patterns.load(self.project, language)
        return self._patterns[language]

    def ids(self, name: str) -> list[str]:
        """Return the articles that a name means: one article, or all of a source."""
        if name in self.articles.index:
            return [name]
        own = [str(i) for i in self.articles.index[self.articles["source_id"] == name]]
        if not own:
            raise IntakeError(unknown("article", name, self.articles.index))
        return own

    def suggest(self, name: str) -> list[Candidate]:
        """Find the candidates of an article, or of all articles of a source.

        Parameters
        ----------
        name : str
            Id of the article or source.

        Returns
        -------
        list of Candidate
            In the order of the text.

        Raises
        ------
        ngolib.errors.IntakeError
            If there is no such article, or no pattern for its language.
        """
        return [one for article in self.ids(name) for one in self._of(article)]

    def _of(self, article_id: str) -> Iterator[Candidate]:
        article = self.articles.loc[article_id]
        language = str(self.sources.loc[article["source_id"], "language"])
        patterns = self.patterns(language)
        bounds = {key: article[key] for key in ("published_start", "published_end")}
        own = self.lines[self.lines["article_id"] == article_id]
        for row in own.itertuples():
            text = str(row.text)
            found = patterns.dates(text, bounds)
            dates = [*found] if language != "en" else find_dates(text, **bounds)
            before: tuple[str, str] | None = None
            for first, last in sentence_spans(text, language):
                sentence = _Sentence(patterns, text, first, last, dates, before)
                for candidate in sentence.candidates():
                    candidate.article_id = article_id
                    candidate.start += int(row.start)
                    candidate.end += int(row.start)
                    yield candidate
                before = sentence.country or before


class _Sentence:
    """One sentence and what patterns find in it."""

    def __init__(
        self, patterns: Patterns, text: str, first: int, last: int,
        dates: Sequence[FoundDate], before: tuple[str, str] | None,
    ) -> None:  # fmt: skip
        self.patterns, self.text = patterns, text
        self.first, self.last = first, last
        self.words = text[first:last]
        self.dates = [d for d in dates if first <= d.start < last]
        self.before = before

    @cached_property
    def country(self) -> tuple[str, str] | None:
        """The last country that the sentence names, and the word."""
        hits = self.patterns.find("country", self.words)
        return (hits[-1].code, hits[-1].words) if hits else None

    def clauses(self) -> list[tuple[int, int]]:
        """Return the clauses, by their places in the sentence."""
        cuts = [0, *(match.end() for match in _BREAK.finditer(self.words)), len(self.words)]
        return [(a, b) for a, b in itertools.pairwise(cuts) if a < b]

    def candidates(self) -> Iterator[Candidate]:
        """Yield a candidate for every clause that words point to."""
        categories = self.patterns.find("category", self.words)
        subject = self.patterns.find("subject", self.words)
        last: tuple[str, str] | None = None
        for start, end in self.clauses():
            clause = self.words[start:end]
            stages = self.patterns.find("stage", clause)
            stage = min(stages, key=lambda hit: _STRENGTH.index(hit.code), default=None)
            if stage is None or not categories:
                about = [hit for hit in (*categories, *subject) if start <= hit.start < end]
                tells = stage or self.patterns.find("direction", clause)
                tells = tells or self.patterns.find("level", clause)
                tells = tells or self.patterns.find("modality", clause)
                if not about or not tells:
                    continue
            candidate = self._candidate(start, end, stage, categories, subject)
            key = (candidate.cells["stage"], candidate.cells["categories"])
            if key != last:
                yield candidate
            last = key

    def _candidate(
        self, start: int, end: int, stage: Hit | None, categories: list[Hit], subject: list[Hit]
    ) -> Candidate:
        clause = self.words[start:end]
        left = len(clause) - len(clause.lstrip(_EDGES))
        right = len(clause.rstrip(_EDGES + "."))
        code = stage.code if stage else "occurred"
        reasons = [f'stage {code}: "{stage.words}"' if stage else "weak: no word for a stage"]
        weak = stage is None or not categories
        cells = {"stage": code, "scheduled": "no", "modality": "asserted"}
        near = [hit for hit in categories if start <= hit.start < end] or categories
        chosen = list(dict.fromkeys(hit.code for hit in near))[:MOST_CATEGORIES]
        cells["categories"] = LIST_SEPARATOR.join(chosen)
        for category in chosen:
            hit = next(hit for hit in near if hit.code == category)
            where = "" if start <= hit.start < end else " (elsewhere in the sentence)"
            reasons.append(f'{category}: "{hit.words}"{where}')
        if subject:
            reasons.append(f'about organisations: "{subject[0].words}"')
        self._codes(clause, cells, reasons, stage is None)
        self._country(clause, cells, reasons)
        self._date(start, end, cells, reasons)
        needed = ("categories", "country", "level", "direction")
        open_ = [column for column in needed if not cells.get(column)] + ["voice", "tier"]
        place = self.first + start
        return Candidate("", place + left, place + right, cells, reasons, open_, weak)

    def _codes(self, clause: str, cells: dict[str, str], reasons: list[str], weak: bool) -> None:
        """Take level, direction, modality and schedule from the words of the clause."""
        for column in ("level", "modality", "scheduled"):
            hits = self.patterns.find(column, clause)
            if hits:
                cells[column] = hits[0].code
                reasons.append(f'{column} {hits[0].code}: "{hits[0].words}"')
        told = cells["modality"]
        if weak and told in ("feared", "promised"):
            # The only stage open to a measure that is merely feared, hoped for or promised.
            cells["stage"] = "announced"
            reasons.append(f"stage announced: by the way it is told, {told}")
        by_stage = _LEVELS.get(cells["stage"])
        if by_stage and cells.get("level") not in ("external", by_stage):
            cells["level"] = by_stage
            reasons.append(f"level {by_stage}: by the stage")
        hits = self.patterns.find("direction", clause) or self.patterns.find(
            "direction", self.words
        )
        found = list(dict.fromkeys(hit.code for hit in hits))
        if len(found) == 1:
            cells["direction"] = found[0]
        elif found:
            reasons.append("direction open: words for both")
        for code in found:
            hit = next(hit for hit in hits if hit.code == code)
            reasons.append(f'{code}: "{hit.words}"')

    def _country(self, clause: str, cells: dict[str, str], reasons: list[str]) -> None:
        hits = self.patterns.find("country", clause) or self.patterns.find("country", self.words)
        codes = list(dict.fromkeys(hit.code for hit in hits))
        if codes:
            cells["country"] = LIST_SEPARATOR.join(codes)
            words = ", ".join(f'"{next(h.words for h in hits if h.code == c)}"' for c in codes)
            reasons.append(f"country {cells['country']}: {words}")
        elif self.before:
            cells["country"], word = self.before
            reasons.append(f'country {cells["country"]}: "{word}", in a sentence before')

    def _date(self, start: int, end: int, cells: dict[str, str], reasons: list[str]) -> None:
        place = self.first + start
        inside = [d for d in self.dates if place <= d.start < self.first + end]
        near = inside or self.dates
        cells["precision"] = "unresolved"
        if not near:
            return
        date = near[0]
        resolved = date.resolved
        cells |= {
            "date_stated": date.words,
            "date": resolved.date,
            "date_end": resolved.date_end,
            "precision": resolved.precision,
            "date_basis": resolved.basis,
        }
        first, last = resolved.date, resolved.date_end
        if len(first) == len(last) == 7 and first[:4] == last[:4]:
            # The codebook does not narrow "late last year" to months.
            cells |= {"date": first[:4], "date_end": "", "precision": "year"}
        told = cells["date"] or "unresolved"
        where = "" if inside else " (elsewhere in the sentence)"
        reasons.append(f'date {told}: "{date.words}"{where}')


def rows_of(project: Project, candidates: Sequence[Candidate], table: str) -> list[dict[str, str]]:
    """Return candidates as rows of a table of codings, ready to be edited.

    Parameters
    ----------
    project : ngolib.project.Project
        The project.
    candidates : sequence of Candidate
        What `Suggester.suggest` returned.
    table : {"coder_a", "statements"}
        Whose columns they are to have.
    """
    columns = project.table(table).columns
    texts: dict[str, str] = {}
    paths = load_sources(project=project).set_index("source_id")["path"]
    source_of = project.read_table("articles").set_index("article_id")["source_id"]
    numbers: dict[str, int] = {}
    rows = []
    for one in candidates:
        source = source_of[one.article_id]
        if source not in texts:
            texts[source] = read_source(project.data / paths[source])
        raw = texts[source]
        numbers[one.article_id] = numbers.get(one.article_id, 0) + 1
        said = "; ".join(one.reasons)
        row = dict.fromkeys(columns, "") | {
            key: value for key, value in one.cells.items() if key in columns
        }
        row |= {
            "statement_id": f"{one.article_id}-c{numbers[one.article_id]:02}",
            "article_id": one.article_id,
            "exact": raw[one.start : one.end],
            "prefix": raw[max(0, one.start - CONTEXT) : one.start],
            "suffix": raw[one.end : one.end + CONTEXT],
            "start": str(one.start),
            "end": str(one.end),
            "note": f"candidate, not yet read; {said}; open: {', '.join(one.open)}",
        }
        rows.append(row)
    return rows


def as_csv(project: Project, rows: Sequence[Mapping[str, str]], table: str) -> bytes:
    """Write the rows as a CSV with the columns of the table."""
    columns = project.table(table).columns
    lines = [csv_line(columns), *(csv_line([row[c] for c in columns]) for row in rows)]
    return "".join(lines).encode("utf-8")
