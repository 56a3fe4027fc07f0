"""The rules of `data/cleaning.toml`, read and checked; that file documents their language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from ngolib.errors import CleaningError, unknown
from ngolib.project import Project
from ngolib.texts.screen import Screen

LABELS = (
    "title",
    "standfirst",
    "byline",
    "date",
    "section",
    "body",
    "subheading",
    "caption",
    "table",
    "reference",
    "footnote",
    "author_note",
    "social_media",
    "navigation",
    "advert",
    "teaser",
    "duplicate",
    "blank",
)
FILE = "cleaning.toml"


@dataclass(frozen=True)
class Rule:
    """One named pattern and the label that it gives; every condition that is set must hold."""

    name: str
    label: str
    pattern: re.Pattern[str]
    sources: tuple[str, ...] = ()
    position: Literal["first", "last"] | None = None
    previous: tuple[re.Pattern[str], ...] = ()
    next: tuple[re.Pattern[str], ...] = ()
    after: re.Pattern[str] | None = None
    until: re.Pattern[str] | None = None
    title_before: bool = False

    def applies_to(self, source_id: str) -> bool:
        """Whether the rule is meant for this source."""
        return not self.sources or any(fnmatchcase(source_id, glob) for glob in self.sources)


@dataclass(frozen=True)
class Limits:
    """Lengths in characters that the structural detectors go by."""

    title: int = 200
    standfirst: int = 200
    section: int = 40
    duplicate: int = 25


@dataclass(frozen=True)
class CleaningRules:
    """Everything that `cleaning.toml` says.

    Parameters
    ----------
    rules : tuple of Rule
        In the order in which they are tried: the first that fits gives the label.
    limits : Limits
        Lengths for the structural detectors.
    substitutions : tuple of (re.Pattern, str)
        What `normalise` replaces, in order.
    """

    rules: tuple[Rule, ...] = ()
    limits: Limits = Limits()
    substitutions: tuple[tuple[re.Pattern[str], str], ...] = field(default=())

    @cached_property
    def screen(self) -> Screen:
        """What tells which of the rules are worth trying on a line."""
        return Screen(self.rules)

    @classmethod
    def read(cls, path: str | Path) -> CleaningRules:
        """Read the rules of a file.

        Parameters
        ----------
        path : str or pathlib.Path
            A file like `data/cleaning.toml`.

        Returns
        -------
        CleaningRules

        Raises
        ------
        ngolib.errors.CleaningError
            If the file is missing or not valid; the message names file, rule and key.
        """
        path = Path(path)
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except OSError as error:
            raise CleaningError(f"{path}: cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise CleaningError(f"{path}: not UTF-8 (byte {error.start})") from error
        try:
            return cls.parse(text)
        except CleaningError as error:
            raise CleaningError(f"{path}: {error}") from error

    @classmethod
    def parse(cls, text: str) -> CleaningRules:
        """Read the rules from the text of such a file; `CleaningError` if it is not valid."""
        try:
            raw = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise CleaningError(f"not valid TOML: {error}") from error
        _known("the file", raw, ("rule", "limits", "normalise"))
        rules = tuple(_rule(number, entry) for number, entry in enumerate(_tables(raw, "rule"), 1))
        names = [rule.name for rule in rules]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise CleaningError(f"rule {doubled[0]!r}: two rules have this name; names are unique")
        return cls(rules, _limits(raw.get("limits", {})), _substitutions(raw.get("normalise", {})))


def _known(where: str, raw: Mapping[str, Any], allowed: Iterable[str]) -> None:
    """Refuse a key that the language does not have."""
    allowed = tuple(allowed)
    for key in raw:
        if key not in allowed:
            raise CleaningError(f"{where}: {unknown('key', key, allowed)}")


def _tables(raw: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """Return an array of tables, checked to be one."""
    found = raw.get(key, [])
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise CleaningError(f"{key}: must be written as [[{key}]] blocks")
    return found


def _pattern(where: str, key: str, value: Any) -> re.Pattern[str]:
    """Compile a pattern, or say which one is broken."""
    if not isinstance(value, str) or not value:
        raise CleaningError(f"{where}: {key}: found {value!r}; allowed: a regular expression")
    try:
        return re.compile(value)
    except re.error as error:
        raise CleaningError(
            f"{where}: {key}: {value!r} is no regular expression: {error}"
        ) from error


def _strings(where: str, key: str, value: Any) -> list[str]:
    """Return one string or a list of strings as a list."""
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        raise CleaningError(f"{where}: {key}: found {value!r}; allowed: a string or a list of them")
    return values


def _patterns(where: str, key: str, value: Any) -> tuple[re.Pattern[str], ...]:
    return tuple(_pattern(where, key, v) for v in _strings(where, key, value))


def _position(where: str, key: str, value: Any) -> str:
    if value not in ("first", "last"):
        raise CleaningError(f"{where}: {key}: found {value!r}; allowed: first, last")
    return value


def _flag(where: str, key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise CleaningError(f"{where}: {key}: found {value!r}; allowed: true, false")
    return value


_READERS: dict[str, Callable[[str, str, Any], Any]] = {
    "pattern": _pattern,
    "sources": lambda where, key, value: tuple(_strings(where, key, value)),
    "position": _position,
    "previous": _patterns,
    "next": _patterns,
    "after": _pattern,
    "until": _pattern,
    "title_before": _flag,
}


def _rule(number: int, raw: Mapping[str, Any]) -> Rule:
    """Read one [[rule]] block."""
    name = raw.get("name")
    if not isinstance(name, str) or not name:
        raise CleaningError(f"rule {number}: name: found {name!r}; allowed: a short unique name")
    where = f"rule {name!r}"
    _known(where, raw, (f.name for f in fields(Rule)))
    for key in ("label", "pattern"):
        if key not in raw:
            raise CleaningError(f"{where}: {key} is missing")
    if raw["label"] not in LABELS:
        raise CleaningError(f"{where}: {unknown('label', str(raw['label']), LABELS)}")
    if "until" in raw and "after" not in raw:
        raise CleaningError(f"{where}: until needs after: the pattern that opens the stretch")
    values = {key: read(where, key, raw[key]) for key, read in _READERS.items() if key in raw}
    return Rule(name=name, label=raw["label"], **values)


def _limits(raw: Any) -> Limits:
    """Read [limits]."""
    if not isinstance(raw, dict):
        raise CleaningError("limits: must be written as a [limits] block")
    _known("limits", raw, (f.name for f in fields(Limits)))
    for key, value in raw.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise CleaningError(f"limits: {key}: found {value!r}; allowed: a whole number above 0")
    return Limits(**raw)


def _substitutions(raw: Any) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Read [normalise]: whole words, longest first, then patterns."""
    if not isinstance(raw, dict):
        raise CleaningError("normalise: must be written as [normalise.words] and so on")
    _known("normalise", raw, ("words", "patterns"))
    found: list[tuple[re.Pattern[str], str]] = []
    for table in ("words", "patterns"):
        entries = raw.get(table, {})
        if not isinstance(entries, dict) or not all(isinstance(v, str) for v in entries.values()):
            raise CleaningError(f"normalise: {table}: must be lines of the form 'found' = 'wanted'")
        # A longer name goes first, so that one that is part of another does not break it.
        for key in sorted(entries, key=len, reverse=True) if table == "words" else entries:
            pattern = rf"\b{re.escape(key)}\b" if table == "words" else key
            found.append((_pattern("normalise", table, pattern), entries[key]))
    return tuple(found)


def load_cleaning_rules(project: Project | None = None) -> CleaningRules:
    """Read the project's `data/cleaning.toml`."""
    return CleaningRules.read((project or Project.find()).data / FILE)


def normalise(text: str, rules: CleaningRules | None = None) -> str:
    """Bring variant spellings of names to one form and drop stray note numbers.

    For columns that are counted or searched. A quote is never normalised, and offsets do not hold
    in what comes back.

    Parameters
    ----------
    text : str
        Any text.
    rules : CleaningRules, optional
        By default those of the project.

    Returns
    -------
    str
    """
    for pattern, wanted in (rules or load_cleaning_rules()).substitutions:
        # Doubled, a backslash stands for itself: what is put in is plain text.
        text = pattern.sub(wanted.replace("\\", r"\\"), text)
    return text
