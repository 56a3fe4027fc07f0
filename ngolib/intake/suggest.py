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
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
    """A pattern that was found."""

    code: str
    start: int
    end: int
    words: str


class Pattern(NamedTuple):
    """A row of `data/patterns.csv`: what it speaks for, and its expression."""

    column: str
    code: str
    expression: re.Pattern[str]


def load_patterns(project: Project, language: str) -> list[Pattern]:
    """Read the patterns of a language; one that will not do is an `IntakeError` that names it."""
    table = project.read_table("patterns")
    own = table[table["language"] == language]
    if own.empty:
        raise IntakeError(unknown("language of patterns.csv", language, table["language"].unique()))
    free = {"date": None, "subject": None, "scheduled": ["yes"]}
    patterns = []
    for row in own.itertuples():
        known = free[row.column] if row.column in free else project.vocabulary(row.column)
        if known is not None and row.code not in known:
            raise IntakeError(
                f"patterns.csv: {row.pattern_id}: {unknown(row.column, row.code, known)}"
            )
        try:
            expression = re.compile(rf"(?<!\w)(?:{row.pattern})(?!\w)", re.IGNORECASE)
        except re.error as error:
            raise IntakeError(f"patterns.csv: {row.pattern_id}: {error}") from None
        patterns.append(Pattern(row.column, row.code, expression))
    return patterns


def find(patterns: Sequence[Pattern], column: str, text: str) -> list[Hit]:
    """Find what speaks for a column, in the order of the text."""
    hits = [
        Hit(pattern.code, match.start(), match.end(), match[0])
        for pattern in patterns
        if pattern.column == column
        for match in pattern.expression.finditer(text)
    ]
    return sorted(hits, key=lambda hit: (hit.start, -hit.end))


def _dates(patterns: Sequence[Pattern], text: str, bounds: Mapping[str, Any]) -> list[FoundDate]:
    """Find dates of a language that the library of dates does not know, through English."""
    found: list[FoundDate] = []
    for pattern in patterns:
        for match in pattern.expression.finditer(text) if pattern.column == "date" else ():
            start, end = match.span()
            if all(end <= other.start or other.end <= start for other in found):
                resolved = resolve_date(match.expand(pattern.code), **bounds)
                found.append(FoundDate(start, end, match[0], resolved))
    return sorted(found, key=lambda one: one.start)


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
    reasons, open : list of str
        Which words speak for which code; columns that no pattern filled.
    weak : bool
        Whether no word speaks for its stage, or none for its category.
    """

    article_id: str
    start: int
    end: int
    cells: dict[str, str]
    reasons: list[str]
    open: list[str]
    weak: bool


class Suggester:
    """Finds candidates in the articles of a project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.articles = load_articles(project=project).set_index("article_id")
        self.languages = load_sources(project=project).set_index("source_id")["language"]
        lines = load_lines(project=project)
        self.lines = lines[lines["label"].isin(SENTENCE_LABELS)]

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
        own = self.articles.index[self.articles["source_id"] == name]
        if name not in self.articles.index and own.empty:
            raise IntakeError(unknown("article", name, self.articles.index))
        articles = own if name not in self.articles.index else [name]
        return [one for article_id in articles for one in self._of(article_id)]

    def _of(self, article_id: str) -> Iterator[Candidate]:
        article = self.articles.loc[article_id]
        language = str(self.languages[article["source_id"]])
        patterns = load_patterns(self.project, language)
        bounds = {key: article[key] for key in ("published_start", "published_end")}
        for row in self.lines[self.lines["article_id"] == article_id].itertuples():
            text = str(row.text)
            english = language == "en"
            dates = find_dates(text, **bounds) if english else _dates(patterns, text, bounds)
            before: Hit | None = None
            for first, last in sentence_spans(text, language):
                own = [d._replace(start=d.start - first) for d in dates if first <= d.start < last]
                sentence = _Sentence(patterns, text[first:last], own, before)
                for candidate in sentence.candidates():
                    candidate.article_id = article_id
                    candidate.start += int(row.start) + first
                    candidate.end += int(row.start) + first
                    yield candidate
                before = sentence.countries[-1] if sentence.countries else before


class _Sentence:
    """One sentence and what patterns find in it; places count from its beginning."""

    def __init__(
        self,
        patterns: Sequence[Pattern],
        text: str,
        dates: Sequence[FoundDate],
        before: Hit | None,
    ) -> None:
        self.patterns, self.text, self.dates, self.before = patterns, text, dates, before
        self.countries = find(patterns, "country", text)
        self.categories = find(patterns, "category", text)
        self.subject = find(patterns, "subject", text)

    def candidates(self) -> Iterator[Candidate]:
        """Yield a candidate for every clause that words point to."""
        cuts = [0, *(match.end() for match in _BREAK.finditer(self.text)), len(self.text)]
        last: tuple[str, str] | None = None
        for start, end in itertools.pairwise(cuts):
            clause = self.text[start:end]
            stages = find(self.patterns, "stage", clause)
            stage = min(stages, key=lambda hit: _STRENGTH.index(hit.code), default=None)
            if stage is None or not self.categories:
                about = [h for h in (*self.categories, *self.subject) if start <= h.start < end]
                tells = stage or any(
                    find(self.patterns, column, clause)
                    for column in ("direction", "level", "modality")
                )
                if not about or not tells:
                    continue
            candidate = self._candidate(start, end, stage)
            key = (candidate.cells["stage"], candidate.cells["categories"])
            if key != last:
                yield candidate
            last = key

    def _candidate(self, start: int, end: int, stage: Hit | None) -> Candidate:
        clause = self.text[start:end]
        code = stage.code if stage else "occurred"
        reasons = [f'stage {code}: "{stage.words}"' if stage else "weak: no word for a stage"]
        cells = {"stage": code, "scheduled": "no", "modality": "asserted"}
        near = [hit for hit in self.categories if start <= hit.start < end] or self.categories
        chosen = _first_of_each(near)[:MOST_CATEGORIES]
        cells["categories"] = LIST_SEPARATOR.join(hit.code for hit in chosen)
        for hit in chosen:
            where = "" if start <= hit.start < end else ELSEWHERE
            reasons.append(f'{hit.code}: "{hit.words}"{where}')
        if self.subject:
            reasons.append(f'about organisations: "{self.subject[0].words}"')
        self._codes(clause, cells, reasons, stage is None)
        self._country(clause, cells, reasons)
        self._date(start, end, cells, reasons)
        needed = ("categories", "country", "level", "direction")
        open_ = [column for column in needed if not cells.get(column)] + ["voice", "tier"]
        left = end - len(clause.lstrip(_EDGES))
        right = start + len(clause.rstrip(_EDGES + "."))
        weak = stage is None or not self.categories
        return Candidate("", left, right, cells, reasons, open_, weak)

    def _codes(self, clause: str, cells: dict[str, str], reasons: list[str], weak: bool) -> None:
        """Take level, direction, modality and schedule from the words of the clause."""
        for column in ("level", "modality", "scheduled"):
            for hit in find(self.patterns, column, clause)[:1]:
                cells[column] = hit.code
                reasons.append(f'{column} {hit.code}: "{hit.words}"')
        if weak and cells["modality"] in ("feared", "promised"):
            # The only stage open to a measure that is merely feared, hoped for or promised.
            cells["stage"] = "announced"
            reasons.append(f"stage announced: by the way it is told, {cells['modality']}")
        by_stage = _LEVELS.get(cells["stage"])
        if by_stage and cells.get("level") not in ("external", by_stage):
            cells["level"] = by_stage
            reasons.append(f"level {by_stage}: by the stage")
        hits = self._find("direction", clause)
        if len(hits) == 1:
            cells["direction"] = hits[0].code
        elif hits:
            reasons.append("direction open: words for both")
        reasons += [f'{hit.code}: "{hit.words}"' for hit in hits]

    def _country(self, clause: str, cells: dict[str, str], reasons: list[str]) -> None:
        hits = self._find("country", clause)
        if hits:
            cells["country"] = LIST_SEPARATOR.join(hit.code for hit in hits)
            words = ", ".join(f'"{hit.words}"' for hit in hits)
            reasons.append(f"country {cells['country']}: {words}")
        elif self.before:
            code, *_, word = self.before
            cells["country"] = code
            reasons.append(f'country {code}: "{word}", in a sentence before')

    def _date(self, start: int, end: int, cells: dict[str, str], reasons: list[str]) -> None:
        cells["precision"] = "unresolved"
        inside = [date for date in self.dates if start <= date.start < end]
        for found in (inside or self.dates)[:1]:
            first, last, precision, basis = found.resolved
            if len(first) == len(last) == 7 and first[:4] == last[:4]:
                # The codebook does not narrow "late last year" to months.
                first, last, precision = first[:4], "", "year"
            cells |= {"date_stated": found.words, "date": first, "date_end": last}
            cells |= {"precision": precision, "date_basis": basis}
            where = "" if inside else ELSEWHERE
            reasons.append(f'date {first or "unresolved"}: "{found.words}"{where}')

    def _find(self, column: str, clause: str) -> list[Hit]:
        """Find the first word for each code of a column, in the clause or else the sentence."""
        hits = find(self.patterns, column, clause) or find(self.patterns, column, self.text)
        return _first_of_each(hits)


def _first_of_each(hits: Sequence[Hit]) -> list[Hit]:
    """Keep the first hit for each code, in the order of the text."""
    first: dict[str, Hit] = {}
    for hit in hits:
        first.setdefault(hit.code, hit)
    return list(first.values())


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
    sources = load_sources(project=project).set_index("source_id")["path"]
    source_of = project.read_table("articles").set_index("article_id")["source_id"]
    texts = {
        article_id: read_source(project.data / sources[source_of[article_id]])
        for article_id in {one.article_id for one in candidates}
    }
    numbers: Counter[str] = Counter()
    rows = []
    for one in candidates:
        raw = texts[one.article_id]
        numbers[one.article_id] += 1
        told = "; ".join(one.reasons)
        cells = one.cells | {
            "statement_id": f"{one.article_id}-c{numbers[one.article_id]:02}",
            "article_id": one.article_id,
            "exact": raw[one.start : one.end],
            "prefix": raw[max(0, one.start - CONTEXT) : one.start],
            "suffix": raw[one.end : one.end + CONTEXT],
            "start": str(one.start),
            "end": str(one.end),
            "note": f"candidate, not yet read; {told}; open: {', '.join(one.open)}",
        }
        rows.append({column: cells.get(column, "") for column in columns})
    return rows


def as_csv(project: Project, rows: Sequence[Mapping[str, str]], table: str) -> bytes:
    """Write the rows as a CSV with the columns of the table."""
    columns = project.table(table).columns
    lines = [csv_line(columns), *(csv_line([row[c] for c in columns]) for row in rows)]
    return "".join(lines).encode("utf-8")
