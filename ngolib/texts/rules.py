"""The rules of `data/cleaning.toml`, read and checked; that file documents their language."""

import re
from functools import cached_property
from typing import Annotated, Literal, Self, get_args

import pydantic

from ngolib.checked import Names, Strict, no_double, read_checked, regular, several
from ngolib.errors import ProjectError
from ngolib.project import Project

Label = Literal[
    "title", "standfirst", "byline", "date", "section", "body", "subheading", "caption", "table",
    "reference", "footnote", "author_note", "social_media", "navigation", "advert", "teaser",
    "duplicate", "blank",
]  # fmt: skip
LABELS: tuple[str, ...] = get_args(Label)
FILE = "cleaning.toml"
Pattern = Annotated[re.Pattern[str], pydantic.PlainValidator(regular)]
Patterns = Annotated[tuple[Pattern, ...], pydantic.BeforeValidator(several)]
Length = Annotated[pydantic.StrictInt, pydantic.Field(gt=0)]


class Rule(Strict):
    """One named pattern and the label that it gives; every condition that is set must hold."""

    name: str = pydantic.Field(min_length=1)
    label: Label
    pattern: Pattern
    sources: Names = ()
    position: Literal["first", "last"] | None = None
    previous: Patterns = ()
    next: Patterns = ()
    after: Pattern | None = None
    until: Pattern | None = None
    title_before: pydantic.StrictBool = False

    @pydantic.model_validator(mode="after")
    def _stretch_is_opened(self) -> Self:
        if self.until and not self.after:
            raise ValueError("'until' needs 'after': the pattern that opens the stretch")
        return self


class Limits(Strict):
    """Lengths in characters that the structural detectors go by."""

    title: Length = 200
    standfirst: Length = 200
    section: Length = 40
    duplicate: Length = 25


class Normalise(Strict):
    """What replaces variant spellings: whole words, and patterns."""

    words: dict[str, str] = pydantic.Field(default_factory=dict)
    patterns: dict[Pattern, str] = pydantic.Field(default_factory=dict)


class CleaningRules(Strict):
    """Everything that `cleaning.toml` says; the first rule that fits a line gives its label."""

    rules: tuple[Rule, ...] = pydantic.Field((), alias="rule")
    limits: Limits = Limits()
    normalise: Normalise = Normalise()

    @pydantic.model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        no_double("rule", [rule.name for rule in self.rules])
        return self

    @cached_property
    def substitutions(self) -> tuple[tuple[re.Pattern[str], str], ...]:
        """What `normalise` replaces, in order: of words, a longer one before its parts."""
        words = sorted(self.normalise.words.items(), key=lambda word: len(word[0]), reverse=True)
        whole = ((re.compile(rf"\b{re.escape(word)}\b"), wanted) for word, wanted in words)
        return (*whole, *self.normalise.patterns.items())


def load_cleaning_rules(project: Project | None = None) -> CleaningRules:
    """Read the project's `data/cleaning.toml`; `ProjectError` names the file too."""
    path = (project or Project.find()).data / FILE
    return read_checked(CleaningRules, path, str(path), ProjectError)[1]
